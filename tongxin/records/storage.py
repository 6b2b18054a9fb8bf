"""Kept files on disk, named by the hash of their content. Knows no tables; ``actions`` keeps files and rows together."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from django.conf import settings

_ENDS = {"full": ".jpg", "thumb": ".thumb.jpg", "pdf": ".pdf"}


def path_of(district_id: int, digest: str, size: str = "full") -> Path:
    """Return where the file lies; ``size`` is ``full`` or ``thumb`` of a picture, ``pdf`` of a scan that is one."""
    return Path(settings.MEDIA_ROOT) / str(district_id) / digest[:2] / f"{digest}{_ENDS[size]}"


def write(path: Path, data: bytes) -> None:
    """Put the file there whole and safe on disk, or not at all. A file that is there already has the same content."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}-{secrets.token_hex(6)}")
    try:
        with open(fresh, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def remove(path: Path) -> None:
    """Delete the file; one that is gone already is fine."""
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
