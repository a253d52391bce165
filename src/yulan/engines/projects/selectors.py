"""What higher floors and the plan read of the projects."""

from django.db.models import Count

from yulan.engines.projects.models import AidProject


def projects_by_measure() -> dict[str, int]:
    """Give measure code → number of projects that serve it."""
    rows = AidProject.objects.exclude(measure=None).values_list("measure__code").annotate(n=Count("pk")).order_by()
    return dict(rows)
