"""The demonstration world: ten years, 2001 to 2010, of paired assistance as it might have been.

Fictional, and labelled so. Real are the regions, the authorities by name, the plan, its pairings, and for 2001–2005
the published sums by block of areas (一(一), F01–F14): 4.13 / 1.6 / 4.29 / 1.25 亿元, and 259 / 388 / 625 / 218
projects, so that the register itself shows which printed figure is off (C2, C3), with 884 villages (F03). The year 2005
has the 448 projects and 3.29 亿元 that the central government's site reports (C4). Everything else is invented: towns
and villages bear names no place has, firms and persons 演示, codes begin with YS, document numbers with 演示.

One seed gives the same world each time; it ends on HORIZON and does not look at the clock, except where people act
through the real moves (journeys), whose bookkeeping bears the day of loading.
"""
