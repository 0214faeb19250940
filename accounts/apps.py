"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """People and organisations."""

    name = "accounts"
    verbose_name = _("People and organisations")

    def ready(self) -> None:
        """Connect the receivers."""
        from accounts import signals as _signals  # noqa: F401
