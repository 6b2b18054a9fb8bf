"""Text becomes numbers: one normal form, and one lexicon of character and word pieces. It learns no classes by itself."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import rjieba
import scipy.sparse as sp
from opencc import OpenCC

from tongxin.kernel import limits
from tongxin.learning.pieces import BREAK, Line, PieceTable, read_piece, word_codes
from tongxin.learning.rows import count_rows, rows_of, sum_groups, unit_rows

TEXT_CHARS = limits.TEXT_CHARS  # what lies behind is not read: a report may not be longer, an import may
TITLE_CHARS = 200
_MANY = 2_048  # texts read at once, so that memory stays small
_BLANK = re.compile(r"[\s\u200b-\u200f\ufeff\x00-\x08\x0e-\x1f\x7f]+")
# Runs that NFKC may change; sending only these through it takes a fifth of the time.
_FOREIGN = re.compile(r"[^\x00-\x7f\u3001\u3002\u4e00-\u9fff\u201c\u201d]+")
_COMMON = tuple(zip("，！？：；（）", ",!?:;()", strict=True))  # as NFKC does, at a tenth of the time
_HAN = re.compile(r"[\u3400-\u9fff]")

Array = npt.NDArray[Any]


class Text(NamedTuple):
    """What somebody wrote. ``title`` may be empty (a report typed on a phone has none)."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class View:
    """One way to look at a text: ``source`` all or title, ``size`` characters (0 = words), ``weight`` in the whole."""

    source: str
    size: int
    weight: float


# Weights were chosen by 5-fold on the citizens' messages (benchmarks/classify_messages.py).
MATTER_VIEWS = (
    View("all", 1, 0.5),
    View("all", 2, 1.0),
    View("all", 3, 0.7),
    View("all", 0, 0.7),
    View("title", 2, 0.7),
    View("title", 3, 0.3),
    View("title", 0, 0.4),
)


@cache
def _traditional() -> tuple[re.Pattern[str], dict[int, int]]:
    """What finds a traditional character, and traditional → simplified one by one (OpenCC's tables, Apache-2.0)."""
    block = [chr(code) for code in (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000))]
    folded = OpenCC("t2s").convert("\n".join(block)).split("\n")
    table = {ord(old): ord(new) for old, new in zip(block, folded, strict=True) if old != new and len(new) == 1}
    table = {old: table.get(new, new) for old, new in table.items()}  # 薴 → 苧 → 苎: the end of the chain at once
    return re.compile(f"[{''.join(map(chr, table))}]"), table


def normalise(text: str, characters: int = TEXT_CHARS) -> str:
    """Normal form for comparison and learning, never for showing.

    Full-width forms are folded (NFKC), traditional characters become simplified, letters small, blanks and control
    characters go. At most ``characters`` are read; what lies behind is ignored. Anything is accepted, also "".
    """
    text = text[: 2 * characters]
    for wide, narrow in _COMMON:
        text = text.replace(wide, narrow)
    text = _FOREIGN.sub(_compatible, text).lower()
    text = _BLANK.sub("", text)[:characters]
    finder, table = _traditional()
    return text.translate(table) if finder.search(text) else text


def _compatible(run: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", run.group())


def plain_key(text: str) -> str:
    """Letters, digits and characters only: two texts with one key are the same text written twice."""
    return "".join(mark for mark in normalise(text) if mark.isalnum())


def count_han(text: str, most: int) -> int:
    """Number of Chinese characters, counting no further than ``most``; 0 for English, emoji, digits."""
    return sum(1 for _ in islice(_HAN.finditer(text), most))


def words(text: str) -> list[str]:
    """Words of an already normalised text, in order, marks included."""
    return [word for word in rjieba.cut(text) if word != BREAK] if text else []


def word_lines(text: Text) -> tuple[list[str], list[str]]:
    """The words of the title and those of the body."""
    return words(normalise(text.title, TITLE_CHARS)), words(normalise(text.body))


def whole_words(lines: Sequence[Sequence[str]], piece: str) -> str:
    """The words that a piece of a text reaches into: 工噪 of 施工噪音 → 施工噪音; the piece itself where it is not found."""
    for line in lines:
        at = "".join(line).find(piece)
        if at < 0:
            continue
        place, told = 0, ""
        for word in line:
            if place + len(word) > at and place < at + len(piece):
                told += word
            place += len(word)
        return told
    return piece


def _line_up(texts: Sequence[Text]) -> Line:
    return Line([normalise(text.title, TITLE_CHARS) + BREAK + normalise(text.body) for text in texts])


class Reading(NamedTuple):
    """Texts as a model reads them. ``rows`` (texts × pieces) and ``sentences`` (sentences × pieces): float32, unit rows.

    ``first`` (texts,): the first sentence of each text, those of one text lie together; ``familiar`` (texts,): 0 to 1.
    """

    rows: sp.csr_matrix
    sentences: sp.csr_matrix
    first: Array
    familiar: Array


class Lexicon:
    """The known pieces and what each is worth. Made by :func:`fit_lexicon`; immutable afterwards.

    Attributes: ``views``; ``terms``, per view the sorted codes (int64) or the list of words; ``worth`` float32, one a
    column; columns of the views lie one after the other.
    """

    def __init__(self, views: Sequence[View], terms: Sequence[Array | list[str]], worth: Array) -> None:
        self.views, self.terms, self.worth = tuple(views), list(terms), worth.astype(np.float32)
        self.starts = np.concatenate([[0], np.cumsum([len(known) for known in terms])]).astype(np.int64)
        self._view_of = np.repeat(np.arange(len(self.views)), np.diff(self.starts))
        self._places = [PieceTable(word_codes(known) if isinstance(known, list) else known) for known in terms]

    def __len__(self) -> int:
        return int(self.starts[-1])

    def name(self, column: int) -> str:
        """The piece of text behind a column."""
        at = int(np.searchsorted(self.starts, column, side="right")) - 1
        known, place = self.terms[at], column - int(self.starts[at])
        return known[place] if isinstance(known, list) else read_piece(int(known[place]), self.views[at].size)

    def _count(self, line: Line, part: Array, parts: int) -> sp.csr_matrix:
        """(parts × pieces) how often; ``part``: to which each character of the line belongs."""
        rows, columns = [], []
        for at, view in enumerate(self.views):
            codes, begins = line.find(view.size, view.source == "title")
            which, places = self._places[at].find(codes)
            rows.append(part[begins[which]])
            columns.append(places + self.starts[at])
        return count_rows(np.concatenate(rows), np.concatenate(columns), (parts, len(self)))

    def _weigh(self, counts: sp.csr_matrix) -> sp.csr_matrix:
        """Counts as rows: each view of unit length times its weight, then each row of unit length; in place."""
        worth = (1 + np.log(counts.data)) * self.worth[counts.indices]
        block = self._view_of[counts.indices] + rows_of(counts) * len(self.views)
        lengths = np.sqrt(np.bincount(block, worth * worth, minlength=counts.shape[0] * len(self.views)))
        shares = np.tile([view.weight for view in self.views], counts.shape[0]) / np.maximum(lengths, 1e-12)
        counts.data = (worth * shares[block]).astype(np.float32)
        return unit_rows(counts)

    def transform(self, texts: Sequence[Text]) -> sp.csr_matrix:
        """(n texts × n pieces) float32, each view of unit length times its weight, then each row of unit length.

        A text without a known piece gives an empty row.
        """
        return self.look(texts)[0]

    def look(self, texts: Sequence[Text]) -> tuple[sp.csr_matrix, Array]:
        """:meth:`transform`, and how familiar each text is: the share of its pairs of characters that are known."""
        found = [self._look(texts[start : start + _MANY]) for start in range(0, max(len(texts), 1), _MANY)]
        return sp.vstack([rows for rows, _ in found], format="csr"), np.concatenate([known for _, known in found])

    def _look(self, texts: Sequence[Text]) -> tuple[sp.csr_matrix, Array]:
        line = _line_up(texts)
        counts = self._count(line, line.row, len(texts))
        familiar = self._familiar(counts, line)
        return self._weigh(counts), familiar

    def read(self, texts: Sequence[Text]) -> Reading:
        """:meth:`look`, and each sentence looked at as if it were a text; the title is the first, where there is one."""
        found = [self._read(texts[start : start + _MANY]) for start in range(0, max(len(texts), 1), _MANY)]
        before = np.cumsum([0, *(one.sentences.shape[0] for one in found)])
        return Reading(
            sp.vstack([one.rows for one in found], format="csr"),
            sp.vstack([one.sentences for one in found], format="csr"),
            np.concatenate([one.first + begin for one, begin in zip(found, before, strict=False)]),
            np.concatenate([one.familiar for one in found]),
        )

    def _read(self, texts: Sequence[Text]) -> Reading:
        line = _line_up(texts)
        sentence = line.sentences()
        first, parts = sentence[line.starts], int(sentence.max(initial=-1)) + 1
        pieces = self._count(line, sentence, parts)
        counts = sum_groups(first, parts) @ pieces
        familiar = self._familiar(counts, line)
        return Reading(self._weigh(counts), self._weigh(pieces), first, familiar)

    def _familiar(self, counts: sp.csr_matrix, line: Line) -> Array:
        """Share of the pairs of characters that are known; 1 where the views have no pairs."""
        for at, view in enumerate(self.views):
            if (view.source, view.size) == ("all", 2):
                among = self._view_of[counts.indices] == at
                known = np.bincount(rows_of(counts)[among], counts.data[among], len(line.texts))
                return np.asarray(known / np.maximum([len(text) - 2 for text in line.texts], 1))
        return np.ones(len(line.texts))

    def arrays(self) -> dict[str, Array]:
        """Plain arrays for keeping; :func:`read_lexicon` makes the lexicon again."""
        kept: dict[str, Array] = {"worth": self.worth}
        for at, known in enumerate(self.terms):
            if isinstance(known, list):
                kept[f"terms{at}"] = np.frombuffer("\n".join(known).encode(), dtype=np.uint8)
            else:
                kept[f"terms{at}"] = known
        return kept


def read_lexicon(views: Sequence[View], kept: Mapping[str, Array]) -> Lexicon:
    """The lexicon again from :meth:`Lexicon.arrays`. Raises KeyError or ValueError on arrays that do not fit."""
    terms: list[Array | list[str]] = []
    for at, view in enumerate(views):
        array = kept[f"terms{at}"]
        if view.size:
            terms.append(array)
        else:
            text = array.tobytes().decode()
            terms.append(text.split("\n") if text else [])
    lexicon = Lexicon(views, terms, kept["worth"])
    if len(lexicon) != len(lexicon.worth):
        raise ValueError("worth and terms differ in length")
    return lexicon


def fit_lexicon(
    texts: Sequence[Text], classes: Array | None = None, views: Sequence[View] = MATTER_VIEWS, keep: int = 60_000
) -> Lexicon:
    """Learn which pieces exist and what each is worth.

    Args:
        texts: the corpus; pieces seen in fewer than two texts are left out (in one text, if there is only one).
        classes: class index of each text, or None. With classes a piece is worth idf · √(0.1 + information about the
            class, in nats, smoothed), and only the ``keep`` pieces that tell most (χ²) stay.
        views: how to look at a text.
        keep: at most so many pieces; without classes the most frequent.
    """
    line = _line_up(texts)
    worth_of, tells_of, terms_of = [], [], []
    least = min(2, len(texts))
    for view in views:
        found, matrix = _all_pieces(view, line)
        seen = np.bincount(matrix.indices, minlength=matrix.shape[1])
        often = np.flatnonzero(seen >= least)
        matrix, seen = matrix[:, often], seen[often]
        worth = np.log((1 + len(texts)) / (1 + seen)) + 1
        tells = seen.astype(float)
        if classes is not None:
            worth, tells = _told_by(matrix, classes, worth)
        terms_of.append([found[place] for place in often] if isinstance(found, list) else found[often])
        worth_of.append(worth)
        tells_of.append(tells * view.weight**2)
    tells_all = np.concatenate(tells_of)
    floor = np.partition(tells_all, -keep)[-keep] if len(tells_all) > keep else -1.0
    terms: list[Array | list[str]] = []
    for at, known in enumerate(terms_of):
        stay = np.flatnonzero(tells_of[at] >= floor)
        terms.append([known[place] for place in stay] if isinstance(known, list) else known[stay])
        worth_of[at] = worth_of[at][stay]
    return Lexicon(views, terms, np.concatenate(worth_of))


def _all_pieces(view: View, line: Line) -> tuple[Array | list[str], sp.csr_matrix]:
    """Every piece of a view and how often each text has it."""
    codes, begins = line.find(view.size, view.source == "title")
    known, one, columns = np.unique(codes, return_index=True, return_inverse=True)
    counts = count_rows(line.row[begins], columns, (len(line.texts), len(known)))
    return (known if view.size else [line.word(begin) for begin in begins[one].tolist()]), counts


def _told_by(matrix: sp.csr_matrix, classes: Array, idf: Array) -> tuple[Array, Array]:
    """(worth, χ²) of each column given the class of each row."""
    table = np.eye(int(classes.max()) + 1, dtype=np.float32)[classes]
    share = table.mean(axis=0)
    have = matrix.copy()
    have.data = np.ones_like(have.data)
    smooth = 0.5 * len(share)
    chance = (have.T @ table + smooth * share) / (np.diff(have.tocsc().indptr)[:, None] + smooth)
    told = (chance * np.log(np.maximum(chance, 1e-12) / np.maximum(share, 1e-12))).sum(axis=1)
    worth = idf * np.sqrt(0.1 + np.maximum(told, 0))
    weighed = matrix.copy()
    weighed.data = (1 + np.log(weighed.data)) * worth[weighed.indices]
    weighed = unit_rows(weighed)
    observed = weighed.T @ table
    expected = observed.sum(axis=1, keepdims=True) * share
    return worth, np.asarray(((observed - expected) ** 2 / np.maximum(expected, 1e-12)).sum(axis=1))
