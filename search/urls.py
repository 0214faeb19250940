"""Addresses of this app."""

from django.urls import path

from search import views, views_saved

app_name = "search"
urlpatterns = [
    path("", views.results, name="results"),
    path("suggest", views.suggestions, name="suggestions"),
    path("export.csv", views_saved.export, name="export"),
    path("recent/forget", views_saved.forget, name="forget_recent"),
    path("saved/", views_saved.saved, name="saved"),
    path("saved/new", views_saved.save, name="save"),
    path("saved/<slug:public_id>/", views_saved.change, name="saved_search"),
    path("saved/<slug:public_id>/delete", views_saved.delete, name="delete_saved"),
    # Open to strangers (accounts.middleware): the link in a mail.
    path("alerts/off/<str:token>/", views_saved.stop, name="stop_alert"),
]
