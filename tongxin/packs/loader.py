"""Folder → pack: read the files, lay them over the pack they extend, shape and check. The door is ``api``."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from tongxin.kernel.caches import VersionedCache
from tongxin.packs.checks import check_pack
from tongxin.packs.faults import Fault, PackFaults
from tongxin.packs.folders import read_folder
from tongxin.packs.merging import merge
from tongxin.packs.queries import get_pack
from tongxin.packs.reading import Reading
from tongxin.packs.schema import Pack
from tongxin.packs.schema.pack import dump
from tongxin.packs.shape import shape
from tongxin.packs.standards import adopt_standard

MAX_ANCESTORS = 4
# what a pack says about itself and never inherits
OWN = ("pack", "title", "slogan", "extends", "region", "phone", "map")

_checked: VersionedCache[list[Fault]] = VersionedCache()


@dataclass(frozen=True)
class Loaded:
    """A folder that was read, and all that is wrong; the pack may be used only when nothing is."""

    pack: Pack | None
    faults: list[Fault]


def load_folder(folder: Path) -> Pack:
    """Return the pack that a folder says, with what it inherits.

    Args:
        folder: e.g. a folder under ``localities/``; the packs it extends lie beside it.

    Raises:
        PackFaults: with all faults of the folder at once.
    """
    loaded = read_pack(folder)
    if loaded.pack is None or loaded.faults:
        raise PackFaults(loaded.faults)
    return loaded.pack


def check_folder(folder: Path) -> list[Fault]:
    """Return all faults of a folder, none when it may be published. Never raises on bad content."""
    return read_pack(folder).faults


def read_pack(folder: Path) -> Loaded:
    """Read, merge, shape and check a folder."""
    folder = Path(folder)
    reading = adopt_standard(_with_ancestors(folder, []))
    settings = reading.value.get("settings")
    pack = None
    if isinstance(settings, dict):
        if settings.get("pack") != folder.name:
            mark = reading.marks.get(("settings", "pack"))
            line = mark.line if mark else 1
            what = f"pack 写的是“{settings.get('pack') or ''}”，与文件夹名 {folder.name} 不同。"
            fault = Fault(f"{folder.name}/pack.yaml", line, "pack", what, f"请改成 pack: {folder.name}。")
            reading.faults.append(fault)
        shaped = shape(reading)
        pack = shaped.pack
        reading.faults.extend(shaped.faults)
        if pack is not None:
            reading.faults.extend(check_pack(pack, reading, folder, shaped.doubtful))
    return Loaded(pack, sorted(set(reading.faults)))


def check_stored(version_id: int) -> list[Fault]:
    """Return all faults of a published version under today's rules, none when new cases may begin under it.

    What lay beside the YAML (the map) is not part of a version. 0–1 statements; kept, since a version never changes.
    """
    return _checked.get(version_id, 1, lambda: _check_stored(version_id))


def _check_stored(version_id: int) -> list[Fault]:
    try:
        pack = get_pack(version_id)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        return [Fault("", 0, where, "存下的内容已不合现在的写法。", "请从文件夹重新发布。")]
    return sorted(set(check_pack(pack, Reading(value=dump(pack)), Path(os.devnull) / pack.key)))


def _with_ancestors(folder: Path, below: list[str]) -> Reading:
    """Read a folder laid over those it extends."""
    own = read_folder(folder)
    settings = own.value.get("settings")
    if settings is not None and not isinstance(settings, dict):
        what, mend = "pack.yaml 不是“键: 值”的写法。", "请对照 _template/pack.yaml。"
        own.faults.append(Fault(f"{folder.name}/pack.yaml", 1, "", what, mend))
    if not isinstance(settings, dict):
        return own
    above = settings.get("extends", "_base")
    if above is None:
        return own
    mark = own.marks.get(("settings", "extends"))
    file, line = f"{folder.name}/pack.yaml", mark.line if mark else 0
    if above == folder.name or above in below or len(below) >= MAX_ANCESTORS:
        what = f"extends: {above} 绕成了圈，或继承超过 {MAX_ANCESTORS} 层。"
        own.faults.append(Fault(file, line, "extends", what, "请让资料包直接继承 _base。"))
        return own
    if (
        not isinstance(above, str)
        or "/" in above
        or "\\" in above
        or above.startswith(".")
        or not (folder.parent / above).is_dir()
    ):
        what = f"要继承的资料包 {above} 不在 {folder.name} 旁边。"
        own.faults.append(Fault(file, line, "extends", what, "一般写 extends: _base；不继承写 extends: null。"))
        return own
    base = _with_ancestors(folder.parent / above, [*below, folder.name])
    inherited = base.value.get("settings")
    if isinstance(inherited, dict):
        base.value = {**base.value, "settings": {k: v for k, v in inherited.items() if k not in OWN}}
        base.marks = {k: v for k, v in base.marks.items() if not (k[:1] == ("settings",) and k[1:2] and k[1] in OWN)}
    return merge(base, own)
