"""What was promised and what was counted: the plan's goals, tasks and measures, progress, figures with their calibre.

Clauses: all; requirements R001–R004, R020, R063, §2.1–§2.3, §4.14; forms F49, F56.
Words: 规划 plan · 总体目标 goal · 主要任务 task · 措施 measure · 保障措施 safeguard · 口径 calibre ·
牵头单位 lead unit.
The plan is kept as structured facts (short titles in our own words, clause numbers, figures), not as its text.
"""
