"""Addresses of this app."""

from django.urls import path

from knowledge.audit import views

urlpatterns = [
    path("organisation/<slug:organisation_id>/log", views.log, name="organisation_log"),
]
