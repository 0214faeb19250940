"""Registers the app, so that its strings are translated."""

from django.apps import AppConfig


class MarkupConfig(AppConfig):
    """The app, without models."""

    name = "knowledge.markup"
    label = "markup"
