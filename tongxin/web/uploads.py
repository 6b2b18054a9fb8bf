"""Files that wait between two pages: uploaded and looked at on the first, taken in or forgotten on the second.

Not attachments: nobody sees them again, and what is older than a day goes with the next upload. They lie outside what is served.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import orjson
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from tongxin.kernel.errors import Invalid, NotFound, Refusal
from tongxin.web.request import Request

T = TypeVar("T")
KEPT_SECONDS = 24 * 3600
_TOKEN = re.compile(r"^[A-Za-z0-9_-]{32}$")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file that waits: where it lies and what it was called."""

    token: str
    path: Path
    name: str

    def beside(self, suffix: str) -> Path:
        """A file that belongs to it and goes with it."""
        return self.path.with_name(f"{self.path.stem}.{suffix}")

    def reading(self, read: Callable[[Path], T]) -> T:
        """Read the file; a refusal speaks of it by the name that the person gave it."""
        try:
            return read(self.path)
        except Refusal as refusal:
            refusal.what = refusal.what.replace(self.path.name, self.name)
            raise

    def forget(self) -> None:
        """Delete it and what lies beside it."""
        for path in self.path.parent.glob(f"{self.path.stem}.*"):
            path.unlink(missing_ok=True)


def keep_upload(request: Request, field: str, *, kinds: tuple[str, ...], most_bytes: int) -> Waiting:
    """Keep the file of a form until the next page asks for it.

    Raises:
        Invalid: no file, of a kind that is not read here, empty, or too large.
    """
    file = request.FILES.get(field)
    if not isinstance(file, UploadedFile):
        raise Invalid("file_missing", "还没有选择文件。", "请选一个文件再上传。", field)
    name = Path(file.name or "").name[:120]
    suffix = Path(name).suffix.lower()
    if suffix not in kinds:
        raise Invalid("file_kind", f"不认识“{name[:60]}”的类型。", f"这里能收 {'、'.join(kinds)}。", field)
    if not file.size:
        raise Invalid("file_empty", f"“{name}”是空文件。", "请重新导出。", field)
    if file.size > most_bytes:
        most = most_bytes // 2**20
        raise Invalid(
            "file_too_large", f"“{name}”有 {file.size / 2**20:.1f} MB，页面上最多 {most} MB。",
            "请分成几个文件，或请运维用命令行导入。", field, limit_bytes=most_bytes,
        )  # fmt: skip
    folder = _folder(request)
    folder.mkdir(parents=True, exist_ok=True)
    _sweep(folder.parent, request.now.timestamp() - KEPT_SECONDS)
    token = secrets.token_urlsafe(24)
    path = folder / f"{token}{suffix}"
    with path.open("wb") as kept:
        for chunk in file.chunks():
            kept.write(chunk)
    path.with_name(f"{token}.name").write_bytes(orjson.dumps(name))
    return Waiting(token, path, name)


def find_upload(request: Request, token: str) -> Waiting:
    """Return a file that this person uploaded in this district. Raises NotFound when it is gone."""
    folder = _folder(request)
    named = folder / f"{token}.name" if _TOKEN.match(token) else None
    if named is None or not named.is_file():
        raise NotFound("upload_gone", "上传的文件已经不在了（只留一天）。", "请重新上传。")
    name = str(orjson.loads(named.read_bytes()))
    return Waiting(token, folder / f"{token}{Path(name).suffix.lower()}", name)


def _folder(request: Request) -> Path:
    return Path(settings.MEDIA_ROOT) / "waiting" / f"{request.district.id}-{request.actor.user_id}"


def _sweep(root: Path, oldest: float) -> None:
    for path in root.glob("*/*"):
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
