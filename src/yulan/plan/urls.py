"""Addresses of the plan's own pages."""

from django.urls import path

from yulan.plan import pages

urlpatterns = [
    path("plan", pages.tree_page),
    path("plan/document", pages.document_page),
    path("plan/gaps", pages.gaps_page),
    path("plan/figures", pages.figures_page),
    path("plan/consistency", pages.consistency_page),
]
