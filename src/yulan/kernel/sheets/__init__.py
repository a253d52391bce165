"""Workbooks in and out (工作簿), without Django.

In:  `reader.read_workbook` lets a child process with memory and CPU limits parse what a user uploaded,
     `headers.find_header` finds the header row under title lines, `annotate.annotate` writes the wrong rows
     back into the user's own workbook with a reason column.
Out: `template.write_template` makes a workbook to fill in, `writer` makes xlsx, csv and json whose text
     never becomes a formula.

Parent and child never share a module that parses: `child`, `guard`, `parse` and `patch` run in the child only,
and import nothing but the standard library, orjson and calamine, so that a child starts in some 40 ms.
"""
