"""Hiding numbers in words that others may read: telephone, identity card, account and plate numbers, e-mail addresses.

Patterns only. Names of persons and addresses stay: they need a person's eye before publishing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

LONGEST_CHARS = 200_000  # what is longer is cut here rather than shown unread

_ANY_DIGIT = r"[\d零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖]"
_GAP = r"[\s\-–—－_.·*、\u200b-\u200d]{0,2}"
_LETTER = r"[A-Za-zＡ-Ｚａ-ｚ]"
_PROVINCE = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
MOBILE = re.compile(
    rf"(?:(?<!\d)[+＋]?86{_GAP}|(?<!{_ANY_DIGIT}))[1１一幺壹]{_GAP}[3-9３-９三四五六七八九](?:{_GAP}{_ANY_DIGIT}){{9}}(?!{_ANY_DIGIT})"
)
_HIDDEN: Sequence[tuple[re.Pattern[str], str]] = (
    (re.compile(r"[A-Za-z0-9_.+\-]{1,64}[@＠](?:[A-Za-z0-9\-]{1,63}[.．]){1,4}[A-Za-z]{2,10}"), "〔邮箱〕"),
    (re.compile(rf"(?<!\d)\d{{6}}{_GAP}(?:19|20|１９|２０)\d{{2}}{_GAP}\d{{4}}{_GAP}\d{{3}}[\dXxＸｘ](?![\d])"), "〔证件号〕"),
    (re.compile(r"(?<!\d)\d{17}[\dXxＸｘ](?!\d)|(?<!\d)\d{15}(?!\d)"), "〔证件号〕"),
    (re.compile(rf"(?<!\d)\d{{4}}(?:{_GAP}\d{{4}}){{3}}(?:{_GAP}\d{{1,3}})?(?!\d)"), "〔账号〕"),
    (MOBILE, "〔电话〕"),
    (re.compile(r"(?<!\d)[(（]?[0０]\d{2,3}[)）]?[\s\-–—－]{0,2}\d{7,8}(?!\d)"), "〔电话〕"),
    (re.compile(r"((?:电话|座机|手机|联系方式|致电|热线)(?:号码|号)?[:：是为]?\s?)\d{3,4}[\s\-－]?\d{4}(?!\d)"), r"\1〔电话〕"),
    (
        re.compile(rf"[{_PROVINCE}]{_LETTER}[\s·・.．•\-]{{0,2}}(?:{_LETTER}|\d){{4,5}}(?:{_LETTER}|\d|[挂学警港澳])"),
        "〔车牌〕",
    ),
    (
        re.compile(r"((?:微信|薇信|威信|vx|wx|QQ)(?:号码|号)?\s?[:：是为]?\s?)[A-Za-z0-9_\-]{5,20}", re.IGNORECASE),
        r"\1〔账号〕",
    ),
)  # fmt: skip
_LONG = re.compile(r"\d{7,}[XxＸｘ]?")


def mask_public(text: str, *, cautious: bool = False) -> str:
    """The text with telephone, identity-card, account and plate numbers and e-mail addresses replaced by a word.

    Args:
        cautious: also any other run of seven digits or more, for texts that everybody may read.

    Whoever's number it is, it goes; also full-width, spaced, and in Chinese numerals (一三八…). Names of persons and
    addresses stay: they need a person's eye before publishing. Texts over 200,000 characters are cut there.
    """
    text = text[:LONGEST_CHARS]
    for pattern, word in _HIDDEN:
        text = pattern.sub(word, text)
    return _LONG.sub("〔号码〕", text) if cautious else text
