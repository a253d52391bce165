"""Every address: those of the declared resources, then the pages that rooms make themselves."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
