"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PagesConfig(AppConfig):
    """Projects and articles."""

    name = "knowledge.pages"
    label = "pages"
    verbose_name = _("Pages")

    def ready(self) -> None:
        """Put Wagtail's own checks behind the access rule, and listen to Wagtail."""
        from knowledge.pages import receivers as _receivers  # noqa: F401
        from knowledge.pages.admin_policy import register

        register()
