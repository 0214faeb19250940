"""Addresses of a development server: those of the site and the design system."""

from django.urls import path

from kbsite.styleguide import styleguide
from kbsite.urls import handler429, handler500
from kbsite.urls import urlpatterns as site_urls

__all__ = ["handler429", "handler500", "urlpatterns"]

urlpatterns = [path("styleguide/", styleguide, name="styleguide"), *site_urls]
