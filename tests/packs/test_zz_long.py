"""Whatever stands in a folder, checking answers with faults or a pack, never with an exception."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.packs.sample import FILES, write
from tongxin.packs.api import Fault, check_folder, load_folder
from tongxin.packs.loader import read_pack

NAMES = sorted(FILES)
WORDS = sorted({word for text in FILES.values() for word in re.findall(r"[\w]+", text)})
PIECES = st.one_of(
    st.sampled_from(
        [
            "{",
            "}",
            "[",
            "]",
            ": ",
            "- ",
            "\n",
            "\t",
            "'",
            '"',
            "&a ",
            "*a",
            "!x ",
            "#",
            "|",
            ">",
            "：",
            "null",
            "~",
            "%",
            "@",
        ]
    ),
    st.sampled_from(WORDS),
    st.text(max_size=8),
)


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, str | bytes]:
    """The sample with up to four places of its files cut, doubled, moved or overwritten."""
    files = dict(FILES)
    for _ in range(draw(st.integers(1, 4))):
        name = draw(st.sampled_from(NAMES))
        text = files[name]
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 40)))
        match draw(st.sampled_from(["cut", "put", "swap word", "double line", "drop line", "indent"])):
            case "cut":
                text = text[:start] + text[end:]
            case "put":
                text = text[:start] + draw(PIECES) + text[end:]
            case "swap word":
                words = list(re.finditer(r"\w+", text))
                if words:
                    word = draw(st.sampled_from(words))
                    text = text[: word.start()] + draw(st.sampled_from(WORDS)) + text[word.end() :]
            case kind:
                lines = text.splitlines(keepends=True)
                if lines:
                    at = draw(st.integers(0, len(lines) - 1))
                    changed = {"double line": lines[at] * 2, "drop line": "", "indent": "  " + lines[at]}[kind]
                    text = "".join([*lines[:at], changed, *lines[at + 1 :]])
        files[name] = text
    return {name: text.encode("utf-8", "surrogatepass") for name, text in files.items()}


def _well_told(faults: list[Fault]) -> None:
    for fault in faults:
        assert fault.file.startswith("sample/"), fault
        assert re.search("[一-鿿]", fault.what), fault
        assert re.search("[一-鿿]", fault.mend), fault
        assert fault.line >= 0
    assert faults == sorted(set(faults))


@settings(max_examples=2500, deadline=None)
@given(mutated())
def test_any_mutation_yields_faults_or_a_pack(files: dict[str, str | bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        top = write(Path(folder), files)
        faults = check_folder(top)
        _well_told(faults)
        if not faults:
            assert load_folder(top).key == "sample"


@settings(max_examples=800, deadline=None)
@given(st.sampled_from(NAMES), st.binary(max_size=200))
def test_any_bytes_yield_faults_or_a_pack(name: str, content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        loaded = read_pack(write(Path(folder), {name: content}))
        _well_told(loaded.faults)
        assert loaded.pack is not None or loaded.faults
