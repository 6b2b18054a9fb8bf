"""A new locality's folder, copied from the template with its key and title filled in. Nothing is left behind when it fails."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

from tongxin.kernel.errors import Conflict, Invalid
from tongxin.packs.folders import FILES

TEMPLATE = "_template"
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_REGION = re.compile(r"\d{6}")


def new_folder(localities: Path, key: str, *, title: str = "", region: str = "") -> Path:
    """Make ``localities/<key>`` from the template and return it.

    Raises:
        Invalid: the key, title or region cannot be used. Conflict: the folder is there already.
    """
    if not _KEY.fullmatch(key):
        raise Invalid(
            "pack_key", f"“{key}”不能作资料包的键。", "用小写英文字母开头，只含小写字母、数字、下划线。", "key"
        )
    if region and not _REGION.fullmatch(region):
        raise Invalid("region", f"“{region}”不是六位区划代码。", "例如 110101。", "region")
    if len(title) > 80 or any(char in title for char in "\r\n\"'\\") or not title.isprintable():
        raise Invalid("title", "名称太长或含有引号、换行。", "请写 80 字以内的名称。", "title")
    target = localities / key
    if target.exists():
        raise Conflict("pack_exists", f"localities/{key} 已经有了。", "请换一个键，或直接改那个文件夹。", "key")
    with tempfile.TemporaryDirectory(prefix=".new-", dir=localities) as workshop:
        made = Path(workshop) / key
        shutil.copytree(localities / TEMPLATE, made)
        settings = made / next(file for file, part in FILES.items() if part == "settings")
        text = re.sub(r"^pack: .*$", f"pack: {key}", settings.read_text(encoding="utf-8"), flags=re.MULTILINE)
        if title:
            text = re.sub(r"^title: .*$", f'title: "{title}"', text, flags=re.MULTILINE)
        if region:
            text = re.sub(r'^region: "\d+"', f'region: "{region}"', text, flags=re.MULTILINE)
        settings.write_text(text, encoding="utf-8")
        made.rename(target)
    return target


def list_folders(localities: Path) -> list[Path]:
    """Return the folders of packs, sorted by name."""
    if not localities.is_dir():
        return []
    return sorted(path for path in localities.iterdir() if path.is_dir() and not path.name.startswith("."))
