"""Addresses of this app."""

from django.urls import path

from knowledge.access import views

urlpatterns = [
    path("partners/", views.partners, name="partners"),
    path("<slug:address>/access", views.access, name="page_access"),
    path("<slug:address>/access/restrict", views.restrict, name="page_restrict"),
    path("<slug:address>/access/lift", views.lift, name="page_lift"),
]
