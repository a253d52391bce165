"""Parties: organisations, persons, accounts, roles and who is paired with whom.

Clause 一(一), 三(二)1, 四(一); rows R007–R009, R013, R014; requirements §3.2, §4.1, §4.14. Words of the trade:
统一社会信用代码 unified social credit code (USCC) · 公民身份号码 identity number · 合作交流办 cooperation office ·
前方指挥部 field team · 受援地 recipient area · 结对 pairing · 对口支援 paired assistance · 不相容岗位 exclusive roles ·
委托 delegation · 脱敏 masking.
"""
