"""Records of another system become matters: upload, say which column is what, try it dry, then take it in.

Bounded so that one request can do it; larger files are for the command line.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson
from django.contrib import messages
from django.http import FileResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from tongxin.kernel.errors import Invalid, NotFound, Refusal
from tongxin.matters.api import imports
from tongxin.organization.api import access
from tongxin.records import api as records
from tongxin.web.page import Shown, page
from tongxin.web.request import Request
from tongxin.web.uploads import Waiting, find_upload, keep_upload

KINDS = (".csv", ".tsv", ".txt", ".xlsx", ".xls")
MOST_BYTES = 20 * 2**20
MOST_ROWS = 5_000
SAMPLES = 3
_NEEDED = ("text", "reported_at")


@page(
    "/work/import", audience="work", permission="import", title="导入", name="work_import", icon="file-import", nav=60,
    template="work/importing.html",
)  # fmt: skip
def imported(request: Request) -> Shown:
    """Take a file and lead to the page of its columns."""
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            waiting = keep_upload(request, "file", kinds=KINDS, most_bytes=MOST_BYTES)
            try:
                _open(waiting)
            except Refusal:
                waiting.forget()
                raise
            return HttpResponseRedirect(reverse("work_import_file", args=[waiting.token]))
        except Refusal as caught:
            refusal = caught
    context = {
        "refusal": refusal, "kinds": ",".join(KINDS), "most_rows": MOST_ROWS, "most": MOST_BYTES // 2**20,
        "everywhere": access.scope(request.actor, "import").everywhere,
    }  # fmt: skip
    return render(request, "work/importing.html", context, status=refusal.status if refusal else 200)


@dataclass(frozen=True)
class _Sheet:
    """What the first look at a file tells: its columns and a few values of each."""

    columns: tuple[str, ...]
    samples: dict[str, str]
    remarks: tuple[str, ...]
    rows: int


def _open(waiting: Waiting) -> _Sheet:
    """Read the file through once; refuse what is no table or has more rows than a page takes."""
    table = waiting.reading(imports.open_table)
    first: list[tuple[Any, ...]] = []
    count = 0
    for row in _bounded(table):
        count += 1
        if len(first) < SAMPLES and row.fault is None:
            first.append(row.values)
    if not count:
        raise Invalid("file_no_rows", f"“{waiting.name}”里没有内容行。", "列名下面要有内容；请重新导出。", "file")
    samples = {
        name: " / ".join(str(values[i])[:40] for values in first if i < len(values) and values[i] not in ("", None))
        for i, name in enumerate(table.columns)
    }
    return _Sheet(table.columns, samples, tuple(table.remarks), count)


def _bounded(table: imports.Table) -> Iterator[imports.Row]:
    for count, row in enumerate(table.rows, 1):
        if count > MOST_ROWS:
            raise Invalid(
                "too_many_rows", f"文件超过 {MOST_ROWS:,} 行，页面上一次最多导入这么多。",
                "请分成几个文件；或请运维在服务器上运行 manage.py import_messages，多少行都可以。", "file", limit=MOST_ROWS,
            )  # fmt: skip
        yield row


@page("/work/import/<str:token>", audience="work", permission="import", title="导入：核对列", name="work_import_file")
def import_file(request: Request, token: str) -> Shown:
    """Correct which column is what; a POST tries it dry or takes it in."""
    waiting = find_upload(request, token)
    sheet = _open(waiting)
    asked = request.POST if request.method == "POST" else None
    chosen = (
        {field: asked.get(f"is_{field}", "") for field in imports.TITLES}
        if asked
        else imports.guess_columns(sheet.columns)
    )
    refusal: Refusal | None = None
    outcome: imports.Outcome | None = None
    given: Mapping[str, str] = request.POST
    really = bool(asked and asked.get("do") == "take")
    if asked is not None:
        try:
            outcome = _run(request, waiting, chosen, dry_run=not really)
        except Refusal as caught:
            refusal = caught
    if outcome is not None and really:
        return _done(request, waiting, outcome)
    intake = request.district.pack.settings.intake
    context = {
        "waiting": waiting, "sheet": sheet, "refusal": refusal, "outcome": outcome,
        "sentences": outcome.sentences(dry_run=True) if outcome else [], "faults": outcome.faults if outcome else [],
        "fields": [(key, title, chosen.get(key, ""), sheet.samples.get(chosen.get(key, ""), ""), key in _NEEDED) for key, title in imports.TITLES.items()],
        "channels": list(intake.channels.items()) if intake else [], "channel": given.get("channel", "import"),
        "source": given.get("source", waiting.name.rsplit(".", 1)[0][:40]), "closed": bool(given.get("closed")),
        "keep": given.get("duplicates") == "keep", "unplaced": given.get("outside") == "unplaced",
        "report": waiting.beside("faults").is_file() and outcome is not None and outcome.refused,
    }  # fmt: skip
    return render(request, "work/import_file.html", context, status=refusal.status if refusal else 200)


def _run(request: Request, waiting: Waiting, chosen: dict[str, str], *, dry_run: bool) -> imports.Outcome:
    """Try the file, or take it in, and keep the report of all refused rows beside it."""
    asked = request.POST
    content = {
        "source": asked.get("source", "").strip()[:40], "columns": {field: column for field, column in chosen.items() if column},
        "duplicates": "keep" if asked.get("duplicates") == "keep" else "merge",
        "outside": "unplaced" if asked.get("outside") == "unplaced" else "refuse",
    }  # fmt: skip
    if not content["source"]:
        raise Invalid("source_missing", "还没有写来源。", "同一来源的同一编号只导入一次，例如：12345 热线。", "source")
    missing = [imports.TITLES[field] for field in _NEEDED if not chosen.get(field)]
    if missing:
        raise Invalid("columns_missing", f"还没有指明哪一列是{'、'.join(missing)}。", "请在下面的表里选。", "columns")
    mapping = imports.read_mapping(content, "对应")
    table, mapping = waiting.reading(lambda path: imports.open_file(path, mapping, [], None))
    table = replace(table, rows=_bounded(table))
    report = io.StringIO()
    writer = csv.writer(report)
    writer.writerow(["文件", "行", "列", "问题", "怎么改"])
    outcome = imports.import_rows(
        table, mapping, district=request.district, source=mapping.source, channel=asked.get("channel", ""), actor=request.actor,
        now=request.now, closed=asked.get("closed") == "1", dry_run=dry_run,
        on_fault=lambda fault: writer.writerow([_plain(cell) for cell in (waiting.name, fault.number, fault.column, fault.what, fault.mend)]),
    )  # fmt: skip
    waiting.beside("faults").write_text(report.getvalue(), encoding="utf-8-sig", newline="")
    return outcome


def _plain(cell: object) -> str:
    """A text that no spreadsheet runs as a formula."""
    text = str(cell)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _done(request: Request, waiting: Waiting, outcome: imports.Outcome) -> Shown:
    records.audit(
        district_id=request.district.id, user_id=request.actor.user_id, actor_label=request.actor.label, action="matters.import_rows",
        target=waiting.name, now=request.now,
        detail={"source": outcome.source, "read": outcome.read, "added": outcome.added, "known": outcome.known, "refused": outcome.refused},
    )  # fmt: skip
    waiting.beside("done").write_bytes(orjson.dumps(outcome.sentences()))
    messages.success(request, f"已导入，新增 {outcome.added:,} 件。")
    return HttpResponseRedirect(reverse("work_import_done", args=[waiting.token]))


@page(
    "/work/import/<str:token>/done",
    audience="work",
    permission="import",
    title="导入结果",
    name="work_import_done",
    methods=("GET",),
)
def import_done(request: Request, token: str) -> Shown:
    """Say what was taken in; the report of refused rows stays for a day."""
    waiting = find_upload(request, token)
    told = waiting.beside("done")
    if not told.is_file():
        raise NotFound("not_taken_in", "这个文件还没有导入。", "请先核对列，再导入。")
    report = waiting.beside("faults")
    faults = report.is_file() and len(report.read_text(encoding="utf-8-sig").splitlines()) > 1
    may_see = access.may(request.actor, "see_matters")
    return {"waiting": waiting, "sentences": orjson.loads(told.read_bytes()), "faults": faults, "may_see": may_see}


@page(
    "/work/import/<str:token>/faults.csv",
    audience="work",
    permission="import",
    title="逐行错误",
    name="work_import_faults",
    methods=("GET",),
)
def import_faults(request: Request, token: str) -> Shown:
    """Give the report of all refused rows."""
    waiting = find_upload(request, token)
    report = waiting.beside("faults")
    if not report.is_file():
        raise NotFound("no_report", "还没有检查过。", "请先试一遍。")
    return FileResponse(
        report.open("rb"), as_attachment=True, filename="import-faults.csv", content_type="text/csv; charset=utf-8"
    )
