"""The one exception of sheets, and what it says for each code.

The texts are English msgids; callers translate `message` and fill in `params`. The child process sends codes
and params only, so a message never carries text made by a hostile file except a sheet's or a file's name.
"""

from __future__ import annotations


def _(msgid: str) -> str:
    """Mark a msgid for the catalogue; the caller translates it when it is shown."""
    return msgid


MESSAGES = {
    "empty": _("The file is empty."),
    "too_large": _("The file has %(size)s MB; at most %(limit)s MB can be read. Split it."),
    "unpacks_too_large": _(
        "The workbook unpacks to far more than its own size (over %(limit)s MB) and was not opened. "
        "Copy the table into a new workbook."
    ),
    "too_many_rows": _("The sheet has more than %(limit)s rows. Split it, or delete the unused rows below the table."),
    "too_many_columns": _("The sheet has more than %(limit)s columns. Delete the unused columns right of the table."),
    "too_many_cells": _("The sheet has more than %(limit)s cells. Split it."),
    "not_a_workbook": _("This is not a workbook. Save it as .xlsx, .xls, .ods or .csv and upload that."),
    "binary_workbook": _("A binary workbook (.xlsb) cannot be read. Save it as .xlsx."),
    "encrypted": _("The workbook is protected by a password. Remove the password and upload it again."),
    "damaged": _("The workbook is damaged or incomplete. Open it, save it as .xlsx and try again."),
    "encoding": _("The characters of this text file cannot be read. Save it as CSV in UTF-8."),
    "bad_quotes": _("Near line %(line)s a quotation mark is not closed, or other text follows it."),
    "timeout": _("The workbook takes too long to read. Copy the table into a new workbook, values only."),
    "memory": _(
        "The workbook needs too much memory. Something may stand far below or right of the table: "
        "copy the table into a new workbook."
    ),
    "no_rows": _("The workbook has no filled-in sheet."),
    "no_sheet": _("The workbook has no sheet named “%(sheet)s”."),
    "no_header": _("No header row was found in the first %(rows)s rows. Expected columns: %(expected)s"),
    "failed": _("The workbook could not be read. Save it as .xlsx and try again."),
}


class SheetError(Exception):
    """A workbook that cannot be used. `code` is a key of MESSAGES, `params` fill `message`."""

    def __init__(self, code: str, **params: object) -> None:
        self.code = code
        self.message = MESSAGES.get(code, MESSAGES["failed"])
        self.params = params
        super().__init__(code)

    def __str__(self) -> str:
        try:
            return self.message % self.params
        except KeyError:
            return self.message
