"""What changed between two packs, for people to read before they publish. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from tongxin.packs.schema import Pack
from tongxin.packs.schema.pack import dump

# lists whose items have a name of their own, so that an inserted one does not make all behind it look changed
_NAMES = ("key", "code", "name")
_LONG = 60


@dataclass(frozen=True, slots=True)
class Difference:
    """One change; ``before`` and ``after`` are shortened texts."""

    kind: Literal["added", "removed", "changed"]
    where: str
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        match self.kind:
            case "added":
                return f"＋ {self.where}：{self.after}"
            case "removed":
                return f"－ {self.where}：{self.before}"
        return f"～ {self.where}：{self.before} → {self.after}"


def differences(old: Pack, new: Pack) -> list[Difference]:
    """Return the changes that lead from ``old`` to ``new``, in the order of the pack's parts."""
    return list(_compare(dump(old), dump(new), ""))


def _compare(old: Any, new: Any, where: str) -> Iterator[Difference]:
    if old == new:
        return
    named_old, named_new = _named(old), _named(new)
    if named_old is not None and named_new is not None:
        for key in dict.fromkeys([*named_old, *named_new]):
            inner = f"{where}.{key}" if where else str(key)
            if key not in named_new:
                yield Difference("removed", inner, before=_short(named_old[key]))
            elif key not in named_old:
                yield Difference("added", inner, after=_short(named_new[key]))
            else:
                yield from _compare(named_old[key], named_new[key], inner)
        if list(named_old) != list(named_new) and set(named_old) == set(named_new) and isinstance(old, list):
            yield Difference("changed", where, "原来的顺序", "新的顺序")
    else:
        yield Difference("changed", where, _short(old), _short(new))


def _named(value: Any) -> dict[str, Any] | None:
    """A mapping, or a list of named things as one; None for everything else."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        for name in _NAMES:
            made = {str(item[name]): item for item in value if name in item}
            if value and len(made) == len(value):
                return made
    return None


def _short(value: Any) -> str:
    """A value in a few words: its title where it has one."""
    if isinstance(value, dict):
        title = value.get("title") or value.get("name")
        text = f"“{title}”" if isinstance(title, str) else "、".join(f"{k}: {_short(v)}" for k, v in value.items())
    elif isinstance(value, list):
        text = "、".join(_short(item) for item in value)
    elif value is None or value == "":
        text = "（空）"
    else:
        text = {True: "是", False: "否"}.get(value, str(value)) if isinstance(value, bool) else str(value)
    return text if len(text) <= _LONG else text[: _LONG - 1] + "…"
