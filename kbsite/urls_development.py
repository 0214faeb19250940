"""Addresses of a development server: those of the site and the design system."""

from django.urls import path

from kbsite.styleguide import styleguide
from kbsite.urls import urlpatterns as site_urls

urlpatterns = [path("styleguide/", styleguide, name="styleguide"), *site_urls]
