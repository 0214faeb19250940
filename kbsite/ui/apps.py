"""Registers the template tags."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """The interface's building blocks; no models."""

    name = "kbsite.ui"
    label = "ui"
