"""The plan reader: any Chinese government plan or bulletin in, one structured reading out. Pure: imports no Django.

Clauses 三(一), 三(二); rows R001, R002; requirements §2, §3. Words of the trade: 规划 plan · 章 chapter · 目标 goal ·
任务 task · 保障措施 safeguard · 口径 calibre · 其中 of which · 发文字号 document number · 专栏 box.

The floors of the package, each knowing only those before it: reading (what comes out), numerals, blocks, marks →
decode, paragraphs (broken ones joined), word, web, source (a file to its blocks) → dates, header, outline → clauses,
quantities, phrases, places, whereabouts, figures → explain, sums, lists, shares, tables, checks → cites, notes →
read → command.
"""
