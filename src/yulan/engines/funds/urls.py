"""Addresses of the funds' own pages."""

from django.urls import path

from yulan.engines.funds import pages

urlpatterns = [path("funds/desk", pages.desk_page)]
