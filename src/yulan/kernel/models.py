"""The kernel's tables."""

from yulan.kernel.trail import TableVersion, TrailEntry, TrailTouch

__all__ = ["TableVersion", "TrailEntry", "TrailTouch"]
