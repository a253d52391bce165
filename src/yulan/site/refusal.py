"""A command that cannot be done."""


class Refusal(Exception):
    """The command stops with exit status 1; the text says what to do."""
