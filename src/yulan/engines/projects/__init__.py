"""Aid projects (对口支援项目) from idea to archive, with sources of money, sites and monthly reports.

Clauses 三(二)1 and 四(二); requirements R005, R013, R016, R017, R026, R030, R057; lifecycle §5.1; forms F1, F4, F11.
Words: 储备 idea · 申报 apply · 初审 first check · 论证 appraisal · 公示 publicity · 下达 issue · 变更 change ·
竣工验收 acceptance · 审价/决算 settlement · 终期审计 final audit · 移交 handover · 评估 evaluation · 归档 closing.

Left to the next issue, as dated configuration and not assumed here: the expert draw with recusals and score sheets
(this room keeps number of experts and mean score), the search for duplicates (an officer says that it was made), the
panel of acceptance whose chair is not the executor, the number of working days of publicity and the pass mark by rule
edition, thresholds of cumulative change that decide who approves, extensions of the three months for settlement (the
deadline itself is shown, not enforced), instalment schedules, the assets one by one, conflict-of-interest checks of
evaluators, inspection in mid-course (F14) and warnings FR01–FR14.
"""
