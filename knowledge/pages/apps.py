"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PagesConfig(AppConfig):
    """Projects and articles."""

    name = "knowledge.pages"
    label = "pages"
    verbose_name = _("Pages")

    def ready(self) -> None:
        """Put Wagtail's own checks behind the access rule."""
        from knowledge.pages.admin_policy import register

        register()
