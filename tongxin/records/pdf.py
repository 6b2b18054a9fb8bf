"""What a PDF must be to be kept: whole, readable without a password, and with nothing in it that acts. Pure: bytes in, a refusal out.

A scan is kept as it came, so that its hash proves it; therefore nothing is taken out of it, and what acts is refused. It is also
offered for download only (``serving``), so that no browser runs it on our pages.
"""

from __future__ import annotations

import io
from typing import Any

from tongxin.kernel import limits
from tongxin.kernel.errors import Invalid

# keys and names by which a document does something when it is opened or clicked, or carries other files
ACTING = frozenset(
    [
        "/JavaScript",
        "/JS",
        "/Launch",
        "/EmbeddedFile",
        "/EmbeddedFiles",
        "/RichMedia",
        "/XFA",
        "/SubmitForm",
        "/ImportData",
        "/GoToE",
        "/GoToR",
        "/Movie",
        "/Sound",
        "/Rendition",
    ]
)
OBJECTS = 50_000
_DEPTH = 40


def is_pdf(data: bytes) -> bool:
    """Whether the content says that it is a PDF, whatever the name says."""
    return b"%PDF-" in data[:1024]


def check_pdf(data: bytes) -> int:
    """Look a PDF through; return its number of pages.

    Raises:
        Invalid: too large, not whole, locked, or with scripts, attachments, forms that send, or links that start programs.
    """
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError
    from pypdf.generic import IndirectObject

    if len(data) > limits.SCAN_BYTES:
        what = f"PDF 有 {len(data) / 2**20:.1f} MB，最多 {limits.SCAN_BYTES // 2**20} MB。"
        mend = "请用 150 至 200 dpi 重新扫描，或分成几份。"
        raise Invalid("scan_too_large", what, mend, "scans", limit_bytes=limits.SCAN_BYTES)
    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted:
            raise Invalid("scan_locked", "PDF 有密码或限制。", "请另存为没有密码的 PDF 再上传。", "scans")
        pages = len(reader.pages)
        named = {(number, generation) for generation, table in reader.xref.items() for number in table}
        named |= {(number, 0) for number in reader.xref_objStm}
        if pages > limits.SCAN_PAGES or len(named) > OBJECTS:
            what = f"PDF 太长，最多 {limits.SCAN_PAGES} 页。"
            raise Invalid("scan_too_long", what, "请分成几份。", "scans", limit=limits.SCAN_PAGES)
        if not pages:
            raise _damaged()
        objects = (
            reader.get_object(IndirectObject(number, generation, reader)) for number, generation in sorted(named)
        )
        if any(_acts(one) for one in (reader.trailer, *objects)):
            raise _refused()
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, OSError, RecursionError):
        raise _damaged() from None
    return pages


def _acts(value: Any, depth: int = 0) -> bool:
    """Whether an object, without what it points to, holds one of the names."""
    if depth > _DEPTH:
        return True
    if isinstance(value, dict):  # its own items, for those of pypdf follow references
        return any(key in ACTING or _acts(dict.__getitem__(value, key), depth + 1) for key in value)
    if isinstance(value, list):
        return any(_acts(one, depth + 1) for one in list.__iter__(value))
    return isinstance(value, str) and value in ACTING


def _damaged() -> Invalid:
    return Invalid("scan_damaged", "PDF 不完整，打不开。", "可能没有传完，请重新导出再选一次。", "scans")


def _refused() -> Invalid:
    return Invalid(
        "scan_acts", "PDF 里有脚本、附件或会自己打开别的东西的内容，不能收。", "请把它“打印”成新的 PDF，或上传扫描的图片。", "scans",
    )  # fmt: skip
