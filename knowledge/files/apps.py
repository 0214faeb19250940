"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FilesConfig(AppConfig):
    """Files of pages."""

    name = "knowledge.files"
    label = "files"
    verbose_name = _("Files")

    def ready(self) -> None:
        """Listen for rows that go."""
        from knowledge.files import receivers as _receivers  # noqa: F401
