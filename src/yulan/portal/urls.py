"""Addresses of the public pages."""

from django.urls import path

from yulan.portal import pages

urlpatterns = [path("", pages.money_page), path("quality", pages.quality_page)]
