"""Hash chain over the log of one case: a changed past is provable, private contents stay private.

An entry's public part holds times, states and titles, and a *commitment* to the private part (form and reason): the hash of
a salt and the private JSON. Whoever holds the receipt can recompute the chain from public parts alone; whoever may read the
private part can check it against its commitment. Not a signature: it proves change, not authorship.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

GENESIS = "0" * 64
ALGORITHMS = ("sha256", "sm3")


def canonical(value: Any) -> bytes:
    """Return the one byte form of a JSON value: sorted keys, no spaces, UTF-8, times in UTC with ``Z``."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z)


def commitment(salt: bytes, private: Mapping[str, Any], algorithm: str = "sha256") -> str:
    """Return the hash that stands for a private part without telling it."""
    return _hashed(salt + canonical(dict(private)), algorithm)


def link(previous: str, public: Mapping[str, Any], algorithm: str = "sha256") -> str:
    """Return the hash of an entry over the hash of the one before."""
    return _hashed(previous.encode() + b"\n" + canonical(dict(public)), algorithm)


def _hashed(data: bytes, algorithm: str) -> str:
    """The hash as hexadecimal; the usual one by its own function, which is not looked up by name first."""
    return (hashlib.sha256(data) if algorithm == "sha256" else hashlib.new(algorithm, data)).hexdigest()


def first_broken(entries: Iterable[tuple[Mapping[str, Any], str]], algorithm: str = "sha256") -> int | None:
    """Return the index of the first entry whose stored hash is not what the chain gives, or None when all agree.

    Args:
        entries: (public part, stored hash) in order, from the beginning of the case.
    """
    previous = GENESIS
    for index, (public, stored) in enumerate(entries):
        if link(previous, public, algorithm) != stored:
            return index
        previous = stored
    return None
