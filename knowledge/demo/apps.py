"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DemoConfig(AppConfig):
    """The demonstration."""

    name = "knowledge.demo"
    label = "demo"
    verbose_name = _("Demonstration")
