"""Yulan beside the library that people would otherwise use, doing the same work: `make bench`.

One file per comparison; its docstring says what both sides do. Each side runs in a process of its own, the sides in
turn, three times over; figures are medians, ratios the median of the pairs' ratios. Time is CPU time, children
included, unless a line says otherwise. Sides must give the same answers, else the run fails; a target that is not
met is printed as not met. Nothing here is a test.
"""
