"""Addresses of this app. The page itself, `/<address>/`, is served by Wagtail."""

from django.urls import path

from knowledge.pages import (
    views,
    views_edit,
    views_history,
    views_structure,
    views_tags,
)

urlpatterns = [
    path("", views.home, name="home"),
    path("new/", views.new, name="new"),
    path("recent/", views.recent, name="recent"),
    path("projects/", views.projects, name="projects"),
    path("projects/new", views.project_new, name="project_new"),
    path("organisations/<slug:public_id>/", views.organisation, name="organisation"),
    path("go/<slug:public_id>", views_structure.permalink, name="permalink"),
    path("trash/", views_structure.trash, name="trash"),
    path(
        "trash/<slug:address>/restore",
        views_structure.trash_restore,
        name="trash_restore",
    ),
    path("<slug:address>/new", views_edit.new, name="page_new"),
    path("<slug:address>/edit", views_edit.edit, name="page_edit"),
    path("<slug:address>/preview", views_edit.preview, name="page_preview"),
    path("<slug:address>/discard-draft", views_edit.discard, name="page_discard"),
    path("<slug:address>/history", views_history.history, name="page_history"),
    path("<slug:address>/history/compare", views_history.compare, name="page_compare"),
    path(
        "<slug:address>/history/<slug:public_id>",
        views_history.revision,
        name="page_revision",
    ),
    path(
        "<slug:address>/history/<slug:public_id>/restore",
        views_history.restore,
        name="page_restore",
    ),
    path("<slug:address>/children", views_structure.children, name="page_children"),
    path("<slug:address>/tags", views_tags.tags, name="page_tags"),
    path("<slug:address>/move", views_structure.move, name="page_move"),
    path("<slug:address>/delete", views_structure.delete, name="page_delete"),
]
