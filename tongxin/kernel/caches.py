"""In-process copies of slowly changing things, valid for one version of their owner. Not a shared cache, no time limits."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

V = TypeVar("V")

_all: list[VersionedCache[object]] = []


class VersionedCache(Generic[V]):
    """Keeps the newest ``size`` values by (key, version); another version of the same key replaces the old one."""

    def __init__(self, size: int = 64) -> None:
        self._size = size
        self._kept: OrderedDict[Hashable, tuple[Hashable, V]] = OrderedDict()
        self._lock = threading.Lock()
        _all.append(self)  # type: ignore[arg-type]

    def get(self, key: Hashable, version: Hashable, make: Callable[[], V]) -> V:
        """Return the kept value of this version, or make and keep it."""
        kept = self._kept.get(key)
        if kept is not None and kept[0] == version:
            return kept[1]
        value = make()
        with self._lock:
            self._kept[key] = (version, value)
            self._kept.move_to_end(key)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return value

    def clear(self) -> None:
        """Forget everything (used between tests and after a restore)."""
        with self._lock:
            self._kept.clear()


def clear_all() -> None:
    """Forget every in-process copy."""
    for cache in _all:
        cache.clear()
