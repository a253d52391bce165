"""Regions (行政区划): the dated register of provinces, prefectures and counties, and dated groups of them.

Clause 三(二)1 and every clause that names a place; rows R014, R109; requirements §3.1. Words of the trade: 行政区划代码
division code (GB/T 2260) · 撤县设区 county made a district · 撤地设市 prefecture made a city · 更名 renamed ·
并入 merged into · 分设 split · 随属变更 recoded with its prefecture · 当时口径 as printed · 今日区划 restated to today.
"""
