"""Tables that leave the house as Excel files: bold heads, real dates and numbers, a filter, the first line fixed. What stands in them the pages say."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse

from tongxin.kernel.clock import local
from tongxin.web.request import Request

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TITLE_CHARS = 31  # Excel takes no more in the name of a sheet


@dataclass(frozen=True)
class Sheet:
    """One table. ``heads``: each with its width in characters; ``rows``: times, numbers and texts, empty ones left out."""

    title: str
    heads: Sequence[tuple[str, int]]
    rows: Iterable[Sequence[Any]]
    moments: str = "yyyy-mm-dd hh:mm"


def excel_answer(request: Request, name: str, *sheets: Sheet) -> HttpResponse:
    """Return the file for download, its name ending with the minute it was made."""
    return file_answer(request, workbook(*sheets), name, "xlsx", EXCEL)


def file_answer(request: Request, body: bytes, name: str, suffix: str, kind: str) -> HttpResponse:
    """Return any file for download, its name ending with the minute it was made."""
    response = HttpResponse(body, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}-{local(request.now):%Y%m%d-%H%M}.{suffix}"'
    return response


def workbook(*sheets: Sheet) -> bytes:
    """Return the Excel file; a text that begins with = stays a text: nobody's words are run as a formula."""
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    bold = book.add_format({"bold": True})
    for one in sheets:
        sheet, moment = book.add_worksheet(one.title[:TITLE_CHARS]), book.add_format({"num_format": one.moments})
        for column, (head, width) in enumerate(one.heads):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, head, bold)
        line = 0
        for line, row in enumerate(one.rows, start=1):
            for column, value in enumerate(row):
                if isinstance(value, datetime):
                    sheet.write_datetime(line, column, local(value).replace(tzinfo=None), moment)
                elif isinstance(value, int | float):
                    sheet.write_number(line, column, value)
                elif value:
                    sheet.write_string(line, column, str(value))
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(line, 1), len(one.heads) - 1)
    book.close()
    return buffer.getvalue()
