"""Kept files on disk, named by the hash of their content. Knows no tables; ``actions`` keeps files and rows together."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import secrets
from pathlib import Path

from django.conf import settings

from tongxin.kernel.errors import Refusal

log = logging.getLogger(__name__)
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
_ENDS = {"full": ".jpg", "thumb": ".thumb.jpg", "pdf": ".pdf"}


class NoRoom(Refusal):
    """The disk for files is full, or may only be read; everything else goes on."""

    status = 503


def path_of(district_id: int, digest: str, size: str = "full") -> Path:
    """Return where the file lies; ``size`` is ``full`` or ``thumb`` of a picture, ``pdf`` of a scan that is one."""
    return Path(settings.MEDIA_ROOT) / str(district_id) / digest[:2] / f"{digest}{_ENDS[size]}"


def write(path: Path, data: bytes) -> None:
    """Put the file there whole and safe on disk, or not at all. A file that is there already has the same content.

    Raises:
        NoRoom: the disk takes no more.
    """
    if path.exists():
        return
    try:
        _write(path, data)
    except OSError as trouble:
        if trouble.errno not in _FULL:
            raise
        log.error("no room for files in %s: %s", settings.MEDIA_ROOT, trouble)
        raise NoRoom(
            "no_room", "服务器上放照片和文件的地方满了，这一份没有收下。", "请先不带照片提交，照片过后再补。"
        ) from trouble


def _write(path: Path, data: bytes) -> None:
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
