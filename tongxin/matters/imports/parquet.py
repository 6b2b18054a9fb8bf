"""Reads Parquet by DuckDB, a batch at a time, only the columns that are used. Writes nothing, reaches no network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb

from tongxin.kernel import limits
from tongxin.kernel.errors import Invalid
from tongxin.matters.imports.readers import Row, Table, clean_heading, too_many_rows

_BATCH = 2_000


def open_parquet(path: Path, columns: frozenset[str] | None) -> Table:
    """Open a Parquet file."""
    with path.open("rb") as file:
        file.seek(-4, 2)
        if file.read(4) != b"PAR1":
            raise Invalid("broken_file", f"“{path.name}”不完整。", "请重新下载或重新导出。", "file")
    connection = duckdb.connect(config={"threads": 1, "memory_limit": "512MB", "autoinstall_known_extensions": False})
    try:
        relation = connection.read_parquet(_literal(path))
        names = clean_heading(list(relation.columns), path)
        total = int(
            connection.execute("SELECT sum(num_rows) FROM parquet_file_metadata(?)", [_literal(path)]).fetchall()[0][0]
        )
    except duckdb.Error:
        raise Invalid("broken_file", f"“{path.name}”打不开，可能已损坏。", "请重新导出。", "file") from None
    if total > limits.IMPORT_ROWS:
        raise too_many_rows(path)
    used = tuple(name for name in names if columns is None or name in columns) or names
    return Table("parquet", names if columns is None else used, _rows(connection, path, used), total)


def columns_of(path: Path) -> tuple[str, ...]:
    """Return the names of all columns."""
    return open_parquet(path, None).columns


def _rows(connection: duckdb.DuckDBPyConnection, path: Path, used: tuple[str, ...]) -> Iterator[Row]:
    chosen = ", ".join('"' + name.replace('"', '""') + '"' for name in used)
    result = connection.execute(f"SELECT {chosen} FROM read_parquet(?)", [_literal(path)])  # noqa: S608 - quoted names
    number = 1
    while batch := result.fetchmany(_BATCH):
        for values in batch:
            number += 1
            yield Row(number, values)
    connection.close()


def _literal(path: Path) -> str:
    """The path as DuckDB takes it: without the meaning that it gives to wildcards."""
    return "".join(f"[{char}]" if char in "*?[" else char for char in str(path.resolve()))
