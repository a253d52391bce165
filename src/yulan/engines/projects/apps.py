"""Aid projects as a Django app."""

from django.apps import AppConfig

from yulan.kernel.text import _


class ProjectsConfig(AppConfig):
    """The register of aid projects."""

    name = "yulan.engines.projects"
    label = "projects"
    verbose_name = _("Aid projects")
    clauses = ("一(一)", "三(二)1", "四(二)")

    def ready(self) -> None:
        """Tell the plan how many projects serve each measure, and the funds what projects are called."""
        from yulan.engines.funds.selectors import call_projects_with
        from yulan.engines.projects.selectors import projects_by_measure, projects_called
        from yulan.plan.selectors import count_projects_with

        count_projects_with(projects_by_measure)
        call_projects_with(projects_called)
