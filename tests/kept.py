"""What many tests begin with is written once a process, through the doors; later tests get the same rows back.

The first test that asks makes it; the rows that came into empty tables are kept as the server writes them and copied in
again, with their numbers, for the next test. A test's own rows never meet them: sequences do not go back with a rollback.
Where a test has rows already (a second town), it is made as ever.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TypeVar

from django.apps import apps
from django.db import connection, transaction

from tongxin.kernel import caches
from tongxin.packs import api as packs
from tongxin.packs.queries import _packs
from tongxin.packs.schema import Pack

V = TypeVar("V")


@dataclass(frozen=True)
class _Kept:
    value: object
    rows: dict[str, bytes]
    pack: tuple[int, Pack] | None


LASTING = ("django_migrations", "django_content_type", "auth_permission")
APPEND_ONLY = ("procedures_logentry",)
_all: dict[Hashable, _Kept] = {}
_digests: dict[int, tuple[Pack, str]] = {}


def once(ask: Hashable, key: str, make: Callable[[], V]) -> V:
    """Return what ``make`` returned when it was first called for ``ask``; its rows are in the database.

    Args:
        ask: all that the rows depend on. key: of the district that ``make`` opens.
    """
    ask = (connection.settings_dict["NAME"], ask)
    kept = _all.get(ask)
    if kept is not None and not _filled(kept.rows):
        for table, rows in kept.rows.items():
            with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
                copy.write(rows)
        caches.clear_all()
        packs.forget_districts()
        if kept.pack is not None:
            number, pack = kept.pack
            _packs.get(number, 1, lambda: pack)  # half of what opening a town costs is reading its pack
        return kept.value  # type: ignore[return-value]
    tables = [model._meta.db_table for model in apps.get_models(include_auto_created=True) if _ours(model)]
    before = _filled(tables)
    value = make()
    if kept is None and not before:
        packs.forget_districts()
        view = packs.find_district(key=key)
        _all[ask] = _Kept(
            value, {table: _read(table) for table in _filled(tables)}, (view.pack_id, view.pack) if view else None
        )
    return value


def empty_database() -> None:
    """Take all rows away after a test whose writes were committed; what migrating an empty database leaves in it stays.

    In place of Django's flush, which makes the files of every table anew and its own rows of content types again: a second
    of each such test.
    """
    tables = [name for name in connection.introspection.django_table_names(only_existing=True) if name not in LASTING]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {', '.join(tables)}")  # after requests that are still being served
        for table in _filled(tables):
            cursor.execute(f"TRUNCATE {table}" if table in APPEND_ONLY else f"DELETE FROM {table}")


def of_pack(pack: Pack) -> str:
    """What tells one pack from another (worked out once for each)."""
    known = _digests.get(id(pack))
    if known is None or known[0] is not pack:
        known = _digests[id(pack)] = (pack, hashlib.sha256(pack.model_dump_json().encode()).hexdigest())
    return known[1]


def _ours(model: type) -> bool:
    return model.__module__.startswith("tongxin.")


def _filled(tables: object) -> list[str]:
    """Of these tables, those with rows."""
    asked = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})" for table in tables)  # type: ignore[attr-defined]
    with connection.cursor() as cursor:
        cursor.execute(asked)
        return [table for (table,) in cursor.fetchall()]


def _read(table: str) -> bytes:
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} TO STDOUT") as copy:
        return b"".join(copy)
