"""Addresses of the forms."""

from django.urls import path

from yulan.insight.forms import pages

urlpatterns = [
    path("forms/", pages.list_page),
    path("forms/<str:code>.xlsx", pages.form_file),
    path("forms/<str:code>", pages.form_page),
]
