"""The same list by Django REST framework: ModelSerializer, page numbers, token authentication, references by code."""

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from rest_framework import generics, pagination, serializers
from rest_framework.response import Response

from yulan.engines.projects.models import AidProject
from yulan.kernel.money import MoneyField
from yulan.kernel.records import BOOKKEEPING

FIRST = ("id", "code", "name", "year", "region", "supporter.name_zh", "sector", "total", "progress", "state")
REFERENCES = ("supporter", "owner", "pairing", "measure", "budget_line")
NAMES = [f.name for f in AidProject._meta.concrete_fields if f.name not in BOOKKEEPING]


class Yuan(serializers.Field):
    """Whole fen as yuan, exact."""

    def to_representation(self, value: int) -> str:
        return f"{value / 100:.2f}"


class ProjectSerializer(serializers.ModelSerializer):
    """Every column of a project."""

    class Meta:
        model = AidProject
        fields = [*FIRST, *(name for name in NAMES if name not in FIRST)]

    def get_fields(self) -> dict[str, Any]:
        found: dict[str, Any] = super().get_fields()
        found |= {name: serializers.SlugRelatedField("code", read_only=True) for name in REFERENCES}
        money = (f.name for f in AidProject._meta.concrete_fields if isinstance(f, MoneyField))
        return found | {name: Yuan() for name in money}

    def build_field(self, field_name: str, info: Any, model_class: Any, nested_depth: int) -> Any:
        if "." in field_name:
            return serializers.ReadOnlyField, {}
        return super().build_field(field_name, info, model_class, nested_depth)


class Pages(pagination.PageNumberPagination):
    """Yulan's envelope."""

    page_size = 50

    def get_paginated_response(self, data: Any) -> Response:
        found = self.page.paginator
        about = {"count": found.count, "page": self.page.number, "pages": found.num_pages, "size": self.page_size}
        return Response(about | {"results": data})


class Projects(generics.ListAPIView):
    """What a city officer sees: all projects."""

    serializer_class = ProjectSerializer
    pagination_class = Pages

    def get_queryset(self) -> QuerySet[AidProject]:
        return AidProject.objects.select_related(*REFERENCES).order_by("-year", "code", "pk")


urlpatterns = [path("api/v1/projects/", Projects.as_view())]
