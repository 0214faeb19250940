"""Addresses of a development server."""

from kbsite.urls import urlpatterns

__all__ = ["urlpatterns"]
