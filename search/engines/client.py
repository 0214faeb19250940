"""How Elasticsearch is reached: its nodes, its certificate, and as whom."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from elasticsearch import Elasticsearch

# Seconds: a person waits no longer for an answer before PostgreSQL gives it instead.
SEARCH_TIMEOUT = 2.0
WRITE_TIMEOUT = 30.0
# Seconds in which a node that failed is not asked while others are there; doubled each
# time it fails again.
DEAD_NODE_REST = 2.0
DEAD_NODE_REST_MOST = 30.0


@dataclass(frozen=True)
class Server:
    """One Elasticsearch, as the settings name it: a node, or several of one cluster."""

    urls: tuple[str, ...]
    api_key: str = ""
    username: str = ""
    password: str = ""
    ca_file: str = ""
    verify: bool = True

    @classmethod
    def from_settings(cls) -> "Server":
        """Read what the environment said."""
        urls = settings.ELASTICSEARCH_URL.split(",")
        return cls(
            urls=tuple(url.strip() for url in urls if url.strip()),
            api_key=settings.ELASTICSEARCH_API_KEY,
            username=settings.ELASTICSEARCH_USERNAME,
            password=settings.ELASTICSEARCH_PASSWORD,
            ca_file=settings.ELASTICSEARCH_CA_FILE,
            verify=settings.ELASTICSEARCH_VERIFY,
        )

    def connect(self) -> Elasticsearch:
        """Make a client. What a node refuses or drops is asked of another one, once."""
        return Elasticsearch(
            list(self.urls),
            max_retries=1 if self._has_others else 0,
            retry_on_timeout=self._has_others,
            request_timeout=WRITE_TIMEOUT,
            dead_node_backoff_factor=DEAD_NODE_REST,
            max_dead_node_backoff=DEAD_NODE_REST_MOST,
            **self._identity(),
            **self._encryption(),
        )

    def in_a_hurry(self, client: Elasticsearch) -> Elasticsearch:
        """Give the client for somebody who waits: both attempts fit into the time."""
        attempts = 2 if self._has_others else 1
        return client.options(request_timeout=SEARCH_TIMEOUT / attempts)

    @property
    def _has_others(self) -> bool:
        return len(self.urls) > 1

    def _identity(self) -> dict[str, Any]:
        if self.api_key:
            return {"api_key": self.api_key}
        if self.username:
            return {"basic_auth": (self.username, self.password)}
        return {}

    def _encryption(self) -> dict[str, Any]:
        if not any(url.startswith("https:") for url in self.urls):
            return {}
        options: dict[str, Any] = {"verify_certs": self.verify}
        if self.ca_file:
            options["ca_certs"] = self.ca_file
        if not self.verify:
            # It is what the setting says; a warning at each start tells nobody more.
            options["ssl_show_warn"] = False
        return options
