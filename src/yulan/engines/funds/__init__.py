"""Funds: one double-entry ledger for giver and recipient, from the budget to the beneficiary.

Clause 四(二) 5 (funds), rows R013, R052–R060; requirements §4.3, §4.4, §5.2; forms F8, F10. Words of the trade:
专项资金 special fund · 预算科目 budget subject · 预算 budget · 下达 allocate · 拨付 instruct a transfer ·
在途 in transit · 到账 receive · 专户 special account · 用款申请 request of use · 支付 pay · 报账/审定 verify ·
冲销 reverse · 暂停拨付 hold · 收回 recall · 结转 carry over · 结余收回 recover · 结账 close the books · 凭证 voucher.

An entry moves one amount from one account to another, so that every entry balances by its form. The database keeps
the balances, refuses to let one fall below zero, refuses a booking date in a closed period, and refuses to change or
delete an entry. What is wrong is corrected by a reversing entry. A seal gives each entry its number in the order of
commits and chains it to the one before.
"""
