"""What the YAML parser's complaints mean in plain Chinese, with the likely mend. Not a parser."""

from __future__ import annotations

import re

from ruamel.yaml.error import YAMLError


def explain(error: YAMLError, text: str, line: int) -> tuple[int, str, str]:
    """Return (line, what, mend) for a complaint of the parser about ``text``."""
    problem = str(getattr(error, "problem", "") or error)
    lines = text.splitlines()
    shown = lines[line - 1] if 0 < line <= len(lines) else ""
    indent = shown[: len(shown) - len(shown.lstrip())]
    if "\t" in indent or r"'\t'" in problem or "\\t" in problem:
        return _tab_line(lines, line), "用了制表符（Tab）缩进。", "YAML 只认空格，请把 Tab 换成两个空格。"
    if "special characters are not allowed" in problem or "unacceptable character" in problem:
        return _control_line(lines), "文件里有看不见的控制字符。", "请删去这一行的特殊字符后重新保存。"
    wide = _wide_colon(lines, line)
    if wide:
        return wide, "冒号是中文全角“：”。", "键后面的冒号要用英文半角“:”，并在后面空一格。"
    if _AFTER_CLOSING.search(shown):
        return line, "括号或引号后面还有文字。", "请把整段文字用单引号括起来，例如 '{unit}已办理'。"
    for sign, what, mend in _KNOWN:
        if sign in problem:
            return line, what, mend
    return line, "这里的写法不合 YAML 的规矩。", "请检查缩进、冒号后的空格、成对的引号和括号。"


_AFTER_CLOSING = re.compile(r""":\s+(\{[^{}]*\}|"[^"]*"|'[^']*')\s*[^\s,#\]}]""")
_KNOWN = (
    (
        "mapping values are not allowed",
        "一行里有两个“: ”，或缩进不对。",
        "文字里含有“: ”时整段加引号；否则对齐上一行的缩进。",
    ),
    ("while scanning a quoted scalar", "引号没有成对。", "请补上结尾的引号。"),
    ("found unexpected end of stream", "引号或括号没有成对，一直到文件末尾。", "请补上结尾的引号或括号。"),
    ("expected ',' or '}'", "花括号 { } 没有成对，或少了逗号。", "请补上 } 或英文逗号。"),
    ("expected ',' or ']'", "方括号 [ ] 没有成对，或少了逗号。", "请补上 ] 或英文逗号。"),
    ("could not find expected ':'", "这一行少了冒号。", "请写成“键: 值”，冒号用英文半角，后面空一格。"),
    ("expected <block end>", "缩进与上下行对不齐。", "同一层的键要左对齐，每深一层多空两格。"),
    ("did not find expected", "缩进或符号不对。", "请检查这一行和上一行的缩进、引号和括号。"),
    ("cannot start any token", "这一行的开头是 YAML 的特殊符号（@ ` % 等）。", "请给这段文字加上引号。"),
    ("found undefined tag", "感叹号开头的文字被当成了标签。", "请给这段文字加上引号。"),
    ("found unknown escape", "双引号里有反斜线 \\。", "请改用单引号，或把 \\ 写成 \\\\。"),
)


def _tab_line(lines: list[str], line: int) -> int:
    for number, text in enumerate(lines, 1):
        if "\t" in text[: len(text) - len(text.lstrip())]:
            return number
    return line


def _control_line(lines: list[str]) -> int:
    for number, text in enumerate(lines, 1):
        if any((ord(char) < 32 and char != "\t") or 0x7F <= ord(char) < 0xA0 for char in text):
            return number
    return 0


def _wide_colon(lines: list[str], line: int) -> int:
    """The complaint often names the line after the one with the wide colon."""
    for number in (line, line - 1):
        if 0 < number <= len(lines):
            text = lines[number - 1].strip()
            if "：" in text and ": " not in text and not text.endswith(":") and not text.startswith(("#", "'", '"')):
                return number
    return 0
