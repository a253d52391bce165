"""The other side of the comparisons."""


def tables() -> None:
    """Make the peers' own tables beside Yulan's."""
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0, run_syncdb=True)
