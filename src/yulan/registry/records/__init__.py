"""Dictionaries and regulations: the named sets and code lists of the work, and the documents it rests on.

Every clause names a set, a list or a document; rows R012, R034, R069, R080, R098, R100, R114–R123; requirements
§3.3, §3.4 and the list counts of §2.1. Words of the trade: 字典 dictionary · 词条 term · 三个能 three-can criteria ·
六个一批 six batches · 发文字号 document number · 现行 in force · 拟修订 to be revised · 修订 revised · 废止 repealed.
"""
