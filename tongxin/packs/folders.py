"""A pack's folder: which files it may have, and all of them read. Not their meaning."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from tongxin.kernel.caches import VersionedCache
from tongxin.packs.faults import Fault, nearest
from tongxin.packs.reading import Keys, Reading, read_text, read_yaml

# file name → the part of the pack that it says
FILES = {
    "pack.yaml": "settings",
    "units.yaml": "units",
    "catalogue.yaml": "catalogue",
    "bodies.yaml": "bodies",
    "places.yaml": "places",
    "facilities.yaml": "facilities",
    "labels.yaml": "labels",
    "rules.yaml": "rules",
    "programme.yaml": "programme",
    "lists.yaml": "lists",
    "cadence.yaml": "cadence",
    "documents.yaml": "documents",
    "registers.yaml": "registers",
    "tags.yaml": "tags",
    "exchange.yaml": "exchange",
    "wall.yaml": "wall",
    "demo.yaml": "demo",
}
OTHER_FILES = ("map.geojson", "README.md")
PROCEDURES = "procedures"
# folders of a pack → the most files each may have
MANY = {PROCEDURES: 60, "catalogues": 10}

_read: VersionedCache[Reading] = VersionedCache(256)


def read_folder(folder: Path) -> Reading:
    """Read all files of a pack's folder into one value: part → what its file says. Nothing is inherited yet."""
    reading = Reading(value={})
    if not folder.is_dir():
        what = f"找不到资料包文件夹 {folder.name}。"
        reading.faults.append(Fault(folder.name, 0, "", what, "请检查名称；新建用 make locality NAME=名称。"))
        return reading
    for path in sorted(folder.iterdir()):
        name = f"{folder.name}/{path.name}"
        if path.name.startswith(".") or (path.name in OTHER_FILES and not _outside(path, folder, name, reading)):
            continue
        if path.name in MANY and path.is_dir():
            _read_many(path, folder, reading)
        elif path.name in FILES:
            if not _outside(path, folder, name, reading):
                _take(reading, read_cached(path, name), (FILES[path.name],))
        elif path.name not in OTHER_FILES:
            known = [*FILES, *OTHER_FILES, *MANY]
            mend = f"{nearest(path.name, known)}不属于资料包的文件请移走。"
            reading.faults.append(Fault(name, 0, "", f"不认识的文件 {path.name}。", mend))
    if "settings" not in reading.value and not any(
        fault.file == f"{folder.name}/pack.yaml" for fault in reading.faults
    ):
        mend = "请从 _template 复制一份。"
        reading.faults.append(Fault(f"{folder.name}/pack.yaml", 0, "", "缺少文件 pack.yaml。", mend))
    return reading


def read_cached(path: Path, name: str) -> Reading:
    """Read a YAML file, or return what was read before when its text is the same. The answer must not be changed."""
    text, fault = read_text(path, name)
    if fault is not None:
        return Reading(faults=[fault])
    return _read.get((str(path), name), hashlib.sha256(text.encode()).digest(), lambda: read_yaml(text, name))


def _read_many(folder: Path, top: Path, reading: Reading) -> None:
    """Read a folder of a pack in which every file is one thing: a procedure, a table of codes."""
    part, most = folder.name, MANY[folder.name]
    title = "流程" if part == PROCEDURES else "代码表"
    if _outside(folder, top, f"{top.name}/{part}", reading):
        return
    found = [path for path in sorted(folder.iterdir()) if not path.name.startswith(".")]
    for path in found[:most]:
        name = f"{top.name}/{part}/{path.name}"
        if path.suffix != ".yaml" or not path.is_file():
            mend = f"{title}文件请以 .yaml 结尾；其他文件请移走。"
            reading.faults.append(Fault(name, 0, "", f"不认识的文件 {path.name}。", mend))
        elif not _outside(path, top, name, reading):
            _take(reading, read_cached(path, name), (part, path.stem))
    if len(found) > most:
        what = f"{title}文件有 {len(found)} 个，超过 {most} 个。"
        reading.faults.append(Fault(f"{top.name}/{part}", 0, "", what, f"请合并或删去不用的{title}。"))


def _outside(path: Path, folder: Path, name: str, reading: Reading) -> bool:
    """Whether a link leads out of the pack's folder; then it is a fault and is not read."""
    if not path.is_symlink() or path.resolve().is_relative_to(folder.resolve()):
        return False
    reading.faults.append(Fault(name, 0, "", "这是指向资料包文件夹以外的链接。", "请换成文件本身。"))
    return True


def _take(reading: Reading, file: Reading, keys: Keys) -> None:
    reading.faults.extend(file.faults)
    value: Any = file.value
    if value is None and file.faults:
        reading.unread.add(keys)
    if value is None or value == {}:
        return
    if len(keys) == 1:
        reading.value[keys[0]] = value
    else:
        reading.value.setdefault(keys[0], {})[keys[1]] = value
    for found, mark in file.marks.items():
        reading.marks[(*keys, *found)] = mark
    first = min(file.marks.values(), key=lambda mark: mark.line, default=None)
    if first is not None:
        reading.marks.setdefault(keys, first)
