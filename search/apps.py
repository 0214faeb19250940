"""App configuration."""

from importlib.util import find_spec

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SearchConfig(AppConfig):
    """Search across company boundaries."""

    name = "search"
    verbose_name = _("Search")

    def ready(self) -> None:
        """Listen to pages, files and access."""
        # TEMPORARY (set by the lead so that others can run): remove the test once
        # search/engines/registry.py and search/indexing.py import cleanly.
        if find_spec("search.engines.registry") is None:
            return
        from search.signals import connect

        connect()
