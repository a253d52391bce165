"""One table for all (一表通): statutory forms fill themselves from the record and show where each cell came from.

Clauses 三 and 四(一); requirements R003, R015, R016; forms F49 and F50 of §6. A number that no room can give yet is
typed in once, as a dated value of an indicator, and every form that needs it reads it.
Words: 报表 form · 填报单位 reporting unit · 口径 calibre · 来源 source · 缺项 missing cell.
"""
