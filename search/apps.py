"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SearchConfig(AppConfig):
    """Search across company boundaries."""

    name = "search"
    verbose_name = _("Search")

    def ready(self) -> None:
        """Listen to pages, files and access."""
        from search.signals import connect

        connect()
