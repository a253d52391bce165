"""What higher floors and the plan read of the projects."""

from collections.abc import Collection

from django.db.models import Count

from yulan.engines.projects.models import AidProject


def projects_by_measure() -> dict[str, int]:
    """Give measure code → number of projects that serve it."""
    rows = AidProject.objects.exclude(measure=None).values_list("measure__code").annotate(n=Count("pk")).order_by()
    return dict(rows)


def projects_called(codes: Collection[str]) -> dict[str, tuple[str, str]]:
    """Give code → (name, address of the page)."""
    rows = AidProject.objects.filter(code__in=codes).values_list("code", "name", "pk")
    return {code: (name, f"/projects/{pk}") for code, name, pk in rows}
