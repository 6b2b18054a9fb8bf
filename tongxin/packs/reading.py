"""One YAML file → plain values and the line of each. Every scalar stays text (or nothing): the schema says what it is.

So ``code: 001`` keeps its zeros and ``no`` is a word. Anchors, tags and several documents in a file are refused: a pack is read
by people. Never raises on bad content; what is wrong comes back as faults.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from _ruamel_yaml import CParser
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from tongxin.kernel import limits
from tongxin.packs.faults import Fault
from tongxin.packs.yaml_words import explain

Keys = tuple[str | int, ...]
MAX_DEPTH = 30
MAX_VALUES = 100_000
_NOTHING = ("", "~", "null")


@dataclass(frozen=True, slots=True)
class Mark:
    """Where something is written."""

    file: str
    line: int


@dataclass
class Reading:
    """What a file (or several, merged) says.

    Args:
        value: dicts, lists, texts and None.
        marks: keys from the top → where that key or list item is written.
        faults: what is wrong with the writing itself.
        unread: keys of the parts whose files could not be read.
    """

    value: Any = None
    marks: dict[Keys, Mark] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    unread: set[Keys] = field(default_factory=set)


class _Stop(Exception):
    """Reading cannot go on after this fault."""

    def __init__(self, line: int, what: str, mend: str) -> None:
        super().__init__(what)
        self.line, self.what, self.mend = line, what, mend


def read_text(path: Path, name: str) -> tuple[str, Fault | None]:
    """Return the text of a file and None, or nothing and the fault (too large, unreadable, not UTF-8)."""
    try:
        size = path.stat().st_size
        if size > limits.PACK_FILE_BYTES:
            most = limits.PACK_FILE_BYTES // 1024 // 1024
            return "", Fault(
                name, 0, "", f"文件有 {size / 1024 / 1024:.1f} MB，超过 {most} MB。", "请拆小或删去多余内容。"
            )
        content = path.read_bytes()
    except OSError as error:
        return "", Fault(name, 0, "", f"文件读不出来（{error.strerror}）。", "请检查文件是否存在、是否有读取权限。")
    if content.startswith(b"\xef\xbb\xbf"):
        return "", Fault(name, 1, "", "文件开头有看不见的 BOM 标记。", "请在编辑器里另存为“UTF-8（无 BOM）”。")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "", Fault(name, 1, "", "文件是 UTF-16 编码。", "请在编辑器里另存为 UTF-8。")
    try:
        return content.decode("utf-8"), None
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        try:
            content.decode("gb18030")
        except UnicodeDecodeError:
            return "", Fault(name, line, "", "文件不是文字，或编码不是 UTF-8。", "请用文本编辑器重新保存为 UTF-8。")
        return "", Fault(name, line, "", "文件像是 GBK 编码。", "请在编辑器里另存为 UTF-8。")


def read_yaml(text: str, name: str) -> Reading:
    """Read YAML text; an empty text is an empty mapping."""
    reading = Reading()
    try:
        _Composer(_quick_events(text), name, reading).compose()
        return reading
    except (_Stop, YAMLError, ValueError, RecursionError):
        reading = Reading()  # read once more by the parser whose complaints name the place best
    try:
        _Composer(YAML(typ="safe", pure=True).parse(io.StringIO(text)), name, reading).compose()
    except _Stop as stop:
        reading.faults.append(Fault(name, stop.line, "", stop.what, stop.mend))
        reading.value = None
    except YAMLError as error:
        line, what, mend = explain(error, text, _line_of(error))
        reading.faults.append(Fault(name, line, "", what, mend))
        reading.value = None
    except (ValueError, RecursionError):  # the parser's own limits, e.g. an impossible version directive
        reading.faults.append(Fault(name, 0, "", "文件不能按 YAML 读出。", "请对照 _template 里的同名文件检查写法。"))
        reading.value = None
    return reading


def _quick_events(text: str) -> Iterator[Event]:
    """The events of libyaml's parser, a hundred times as fast as the one in Python."""
    parser = CParser(text)
    while parser.check_event():
        yield parser.get_event()


class _Composer:
    """Builds plain values from the parser's events and notes lines and doubled keys on the way."""

    def __init__(self, events: Iterator[Event], name: str, reading: Reading) -> None:
        self.events, self.name, self.reading, self.count = events, name, reading, 0

    def compose(self) -> None:
        documents = 0
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise _Stop(
                        _line(event), "一个文件里有两份文档（出现了第二个 ---）。", "请删去 --- 或拆成两个文件。"
                    )
            elif isinstance(event, (ScalarEvent, MappingStartEvent, SequenceStartEvent, AliasEvent)):
                self.reading.value = self.value(event, ())
        if documents == 0:
            self.reading.value = {}

    def value(self, event: Event, keys: Keys) -> Any:
        self.count += 1
        if self.count > MAX_VALUES:
            raise _Stop(_line(event), f"文件里的内容超过 {MAX_VALUES} 项。", "请拆小。")
        if len(keys) > MAX_DEPTH:
            raise _Stop(_line(event), f"嵌套超过 {MAX_DEPTH} 层。", "请检查括号或缩进。")
        if isinstance(event, AliasEvent):
            raise _Stop(
                _line(event), f"用了引用 *{event.anchor}。", "资料包不用 YAML 的锚点和引用，请把内容直接写出来。"
            )
        if isinstance(event, NodeEvent) and event.anchor:
            raise _Stop(
                _line(event), f"用了锚点 &{event.anchor}。", "资料包不用 YAML 的锚点和引用，请把内容直接写出来。"
            )
        if isinstance(event, (ScalarEvent, CollectionStartEvent)) and event.tag not in (None, "!"):
            raise _Stop(_line(event), f"用了类型标签 {event.tag}。", "请删去标签，直接写值。")
        if isinstance(event, MappingStartEvent):
            return self.mapping(keys)
        if isinstance(event, SequenceStartEvent):
            return self.sequence(keys)
        return self.scalar(event)

    def mapping(self, keys: Keys) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for event in self.events:
            if isinstance(event, MappingEndEvent):
                break
            if not isinstance(event, ScalarEvent):
                raise _Stop(
                    _line(event), "键不是一个词。", "花括号、方括号里的内容请写在冒号后面；带花括号的文字要加引号。"
                )
            key = str(event.value)
            if key == "<<":
                raise _Stop(_line(event), "用了合并键 <<。", "请把内容直接写出来；继承用 extends。")
            mark, inner = Mark(self.name, _line(event)), (*keys, key)
            value = self.value(next(self.events), inner)
            if key in made:
                where = ".".join(str(part) for part in inner)
                before = self.reading.marks[inner].line
                self.reading.faults.append(
                    Fault(self.name, mark.line, where, f"键 {key} 在第 {before} 行已经写过。", "请合并成一处。")
                )
                continue
            made[key] = value
            self.reading.marks[inner] = mark
        return made

    def sequence(self, keys: Keys) -> list[Any]:
        made: list[Any] = []
        for event in self.events:
            if isinstance(event, SequenceEndEvent):
                break
            inner = (*keys, len(made))
            self.reading.marks[inner] = Mark(self.name, _line(event))
            made.append(self.value(event, inner))
        return made

    @staticmethod
    def scalar(event: Event) -> str | None:
        assert isinstance(event, ScalarEvent)
        text = str(event.value)
        return None if event.style in (None, "") and text in _NOTHING else text


def _line_of(error: YAMLError) -> int:
    """The line a complaint is about: where a key, a quote or a bracket began, not where the search for its end stopped."""
    if not isinstance(error, MarkedYAMLError):
        return 0
    signs = ("could not find expected", "unexpected end of stream", "expected ',' or")
    begun = any(sign in str(error.problem) for sign in signs)
    mark = (error.context_mark if begun else None) or error.problem_mark or error.context_mark
    return int(mark.line) + 1 if mark is not None else 0


def _line(event: Event) -> int:
    return int(event.start_mark.line) + 1 if event.start_mark is not None else 0
