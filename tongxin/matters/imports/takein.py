"""Takes a file in: in pieces of one transaction each, so that a run that was killed goes on where it stopped, without doubles.

A row is known by its source and its number there. A row that says what an earlier one said becomes that one's duplicate:
it is kept, marked and closed as merged, never dropped.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.db import connection

from tongxin.kernel.errors import Conflict, Invalid, NotFound
from tongxin.matters.imports import readers
from tongxin.matters.imports.mapping import FileMapping, with_words
from tongxin.matters.imports.rows import RowFault, RowReader, Taken
from tongxin.matters.imports.writing import Target, write_piece
from tongxin.organization import api as organization
from tongxin.organization.api import Actor
from tongxin.packs.api import DistrictView
from tongxin.packs.schema import Intake

PIECE_ROWS = 2_000
SHOWN_FAULTS = 20


@dataclass
class Outcome:
    """What an import did; the counts add up: read = added + known + refused, and merged is part of added."""

    source: str
    read: int = 0
    added: int = 0
    known: int = 0
    merged: int = 0
    merged_exact: int = 0  # of these, equal in every character but spaces
    refused: int = 0
    imprecise: int = 0
    unplaced: int = 0
    closed: int = 0
    remarks: Counter[str] = field(default_factory=Counter)
    faults: list[RowFault] = field(default_factory=list)  # the first few; all go to ``on_fault``

    def sentences(self, *, dry_run: bool = False) -> list[str]:
        """Say it in Chinese, the whole first."""
        would = "将会" if dry_run else ""
        head = (
            f"读了 {self.read:,} 行，{would}新增 {self.added:,} 件，已有 {self.known:,} 件，未收 {self.refused:,} 行。"
        )
        if self.read and self.known == self.read:
            head = f"读了 {self.read:,} 行，全部都已经导入过，没有新增。"
        lines = [head]
        if self.merged:
            lines.append(
                f"内容重复 {self.merged:,} 件，已并入先来的一件并标明；其中一字不差的 {self.merged_exact:,} 件。"
            )
        if self.closed:
            lines.append(f"已办结的历史件 {self.closed:,} 件，按各自的时间归档。")
        if self.imprecise:
            lines.append(f"坐标不准的 {self.imprecise:,} 件，只记到区域，不在地图上画点。")
        if self.unplaced:
            lines.append(f"没有定位的 {self.unplaced:,} 件。")
        return lines + [f"{text}：{count:,} 行。" for text, count in self.remarks.most_common()]


def open_file(
    path: Path, mapping: FileMapping | None, words: Iterable[str], sheet: str | None
) -> tuple[readers.Table, FileMapping]:
    """Open a file and settle its mapping, before a row is read.

    Raises:
        Invalid: as of the readers and of the mapping.
    """
    words = list(words)
    sheet = sheet or (mapping.sheet if mapping is not None else None)
    used = mapping.used() if mapping is not None and not words else None
    if used is not None and readers.kind_of(path) == "parquet":
        from tongxin.matters.imports.parquet import columns_of

        assert mapping is not None
        mapping.check(columns_of(path), path.name)
    named = {*(mapping.used() if mapping is not None else ()), *(word.partition("=")[2] for word in words)}
    table = readers.open_table(path, sheet=sheet, columns=used, named=named)
    settled = with_words(mapping, words, table.columns)
    settled.check(table.columns, path.name)
    return table, settled


def import_rows(
    table: readers.Table,
    mapping: FileMapping,
    *,
    district: DistrictView,
    source: str,
    channel: str,
    actor: Actor,
    now: datetime,
    closed: bool = False,
    dry_run: bool = False,
    piece_rows: int = PIECE_ROWS,
    on_fault: Callable[[RowFault], None] = lambda fault: None,
    on_rows: Callable[[int], None] = lambda count: None,
) -> Outcome:
    """Take the rows of a table in.

    Args:
        source: name under which a row's number is known; the same number of the same source is taken once.
        closed: rows without a closing time of their own are archived too.
        dry_run: check everything, write nothing.
        on_fault: called for each row that is not taken; on_rows: after each piece, with the rows read so far.

    Raises:
        NotAllowed: the actor may import nowhere; rows beyond the places where they may are refused one by one. NotFound: no intake. Invalid: no such channel, or no such level.
        Conflict: another import of this source is running.
    """
    organization.demand(actor, "import")
    intake = _intake(district, mapping, channel)
    outcome = Outcome(source)
    reader = RowReader(mapping, table.columns)
    target = Target(district, mapping, source, channel, intake, actor, now, closed=closed)
    seen: set[str] = set()

    def refuse(fault: RowFault) -> None:
        if len(outcome.faults) < SHOWN_FAULTS:
            outcome.faults.append(fault)
        on_fault(fault)

    with _alone(district, source):
        for piece in _pieces(table.rows, piece_rows):
            taken, amiss = _read_piece(reader, piece, seen, now)
            for row_faults in amiss:
                outcome.refused += 1
                for fault in row_faults:
                    refuse(fault)
            for row_faults in write_piece(target, taken, outcome, dry_run=dry_run):
                outcome.refused += 1
                for fault in row_faults:
                    refuse(fault)
            outcome.read += len(piece)
            on_rows(outcome.read)
    return outcome


def _read_piece(
    reader: RowReader, piece: Sequence[readers.Row], seen: set[str], now: datetime
) -> tuple[list[Taken], list[list[RowFault]]]:
    """The rows that can become matters, each with a key that ``seen`` has not got, and what is wrong with the others."""
    column = reader.mapping.columns.get("key")
    taken: list[Taken] = []
    amiss: list[list[RowFault]] = []
    for row in piece:
        found = reader.read(row, now)
        if not isinstance(found, Taken):
            amiss.append(found)
            continue
        if column is None:
            found.key = _next_key(found.key, seen)
        elif found.key in seen:
            what = f"编号“{found.key}”在文件里出现过。"
            amiss.append([RowFault(row.number, column, what, "同一编号只收第一行，请核对。")])
            continue
        seen.add(found.key)
        taken.append(found)
    return taken, amiss


def _intake(district: DistrictView, mapping: FileMapping, channel: str) -> Intake:
    """The district's intake, when it has the channel and the level that the file names."""
    intake = district.pack.settings.intake
    if intake is None:
        raise NotFound("no_intake", "本地还没有开通反映渠道。", "请在资料包里写明受理（intake）。")
    if channel not in intake.channels:
        raise Invalid(
            "unknown_channel", f"没有“{channel[:20]}”这个渠道。", f"有：{'、'.join(intake.channels)}。", "channel"
        )
    if mapping.imprecise.level is not None and mapping.imprecise.level not in district.pack.units.level_keys():
        raise Invalid(
            "unknown_level",
            f"没有“{mapping.imprecise.level}”这一级地域。",
            f"有：{'、'.join(district.pack.units.level_keys())}。",
            "mapping",
        )
    return intake


def _next_key(key: str, seen: set[str]) -> str:
    """A row without a number that stands twice in a file is two rows, in every run of the same file."""
    if key not in seen:
        return key
    return next(f"{key}-{count}" for count in itertools.count(2) if f"{key}-{count}" not in seen)


def _pieces(rows: Iterator[readers.Row], size: int) -> Iterator[list[readers.Row]]:
    while piece := list(itertools.islice(rows, size)):
        yield piece


@contextmanager
def _alone(district: DistrictView, source: str) -> Iterator[None]:
    """Hold the source for this import; the database lets it go when the process dies."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 6201))", [f"{district.id}/{source}"])
        if not cursor.fetchone()[0]:
            raise Conflict("busy", f"另一个导入正在写入来源“{source}”。", "请等它结束，再运行一次即可。")
    try:
        yield
    finally:
        if not connection.needs_rollback and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 6201))", [f"{district.id}/{source}"])


def source_of(mapping: FileMapping, path: Path) -> str:
    """The source's name: the mapping's, else the file's own."""
    return (mapping.source or path.stem)[:40]
