"""Addresses of what an organisation sets for its people's searches."""

from django.urls import path

from search import views_steering as views

urlpatterns = [
    path("", views.overview, name="organisation_search"),
    path("synonyms/<slug:synonym_id>/", views.synonym, name="synonym"),
    path(
        "synonyms/<slug:synonym_id>/delete",
        views.delete_synonyms,
        name="delete_synonym",
    ),
    path("promoted/<slug:promotion_id>/", views.promotion, name="promotion"),
    path(
        "promoted/<slug:promotion_id>/delete",
        views.delete_promoted,
        name="delete_promotion",
    ),
]
