"""Wagtail's permission policy for pages, answered by the access rule."""


def register() -> None:
    """Register the policy with Wagtail."""
