"""Addresses of files."""

from django.urls import path

from knowledge.files import views

urlpatterns = [
    path("files/<slug:public_id>/thumb/<int:spec>", views.thumb, name="file_thumb"),
    path("files/<slug:public_id>/<str:name>", views.original, name="file_original"),
    path("<slug:address>/files", views.panel, name="page_files"),
    path("<slug:address>/files/", views.upload, name="file_upload"),
    path(
        "<slug:address>/files/<slug:public_id>/rename", views.rename, name="file_rename"
    ),
    path(
        "<slug:address>/files/<slug:public_id>/replace",
        views.replace,
        name="file_replace",
    ),
    path(
        "<slug:address>/files/<slug:public_id>/delete", views.delete, name="file_delete"
    ),
    path(
        "<slug:address>/files/<slug:public_id>/restore",
        views.restore,
        name="file_restore",
    ),
]
