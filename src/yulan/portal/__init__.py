"""What the public sees: where the money went, projects, the plan, how good the data are. No sign-in.

Clauses 一(一), 三(二)9 (综合信息), 四(六); requirements R015, R016, R122, R148; every number opens its rows.
Words: 公开 public · 资金去向 where the money went · 数据质量 data quality.
"""
