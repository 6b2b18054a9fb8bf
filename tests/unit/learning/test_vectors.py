"""Normal form and lexicon."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxin.learning.vectors import (
    MATTER_VIEWS,
    TEXT_CHARS,
    Text,
    View,
    count_han,
    fit_lexicon,
    normalise,
    plain_key,
    read_lexicon,
)

CORPUS = [Text("路灯不亮", "东门路灯不亮"), Text("路灯坏了", "西门路灯坏了很久"), Text("噪音", "工地噪音很大")]


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("", ""),
        ("  \n\t", ""),
        ("樓頂漏水，請問居委會", "楼顶漏水,请问居委会"),
        ("ＡＢＣ１２３", "abc123"),
        ("路\u200b灯 不\x00亮", "路灯不亮"),
        ("😀路灯", "😀路灯"),
        ("①号楼㎡", "1号楼m2"),
    ],
)
def test_normal_form(written: str, normal: str) -> None:
    assert normalise(written) == normal


def test_only_the_first_characters_of_a_huge_text_are_read() -> None:
    assert len(normalise("路" * 100_000)) == TEXT_CHARS


WRITTEN = st.text(
    st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)
    | st.characters(min_codepoint=0x20, max_codepoint=0x7E)
    | st.characters(min_codepoint=0xFF01, max_codepoint=0xFF5E)
    | st.sampled_from("\u3000\n\t\x00😀。、“”…①"),
    max_size=60,
)


@given(WRITTEN)
def test_the_normal_form_is_its_own_normal_form_and_never_raises(text: str) -> None:
    once = normalise(text)
    assert len(once) <= TEXT_CHARS
    assert normalise(once) == once
    assert plain_key(text) == plain_key(once)


@given(st.text(max_size=60))
def test_any_text_at_all_has_a_normal_form(text: str) -> None:
    assert not set(normalise(text)) & set(" \x00\x01\n")


def test_marks_and_script_do_not_make_two_texts() -> None:
    assert plain_key("路燈，不亮！") == plain_key("路灯不亮")
    assert plain_key("！？。") == ""


def test_chinese_characters_are_counted() -> None:
    assert (count_han("路灯 abc 😀", 9), count_han("路灯不亮", 3), count_han("hello", 9)) == (2, 3, 0)


def test_a_piece_can_be_read_back() -> None:
    lexicon = fit_lexicon(CORPUS)
    row = lexicon.transform([CORPUS[0]])
    names = {lexicon.name(int(column)) for column in row.indices}
    assert {"路", "路灯"} <= names
    assert all(name in "路灯不亮" or name in "东门路灯不亮" for name in names)


def test_rows_have_length_one_and_unknown_texts_are_empty() -> None:
    rows = fit_lexicon(CORPUS).transform([*CORPUS, Text("", "zzz"), Text("", "")])
    lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    assert lengths == pytest.approx([1, 1, 1, 0, 0], abs=1e-5)


def test_a_text_is_as_familiar_as_its_pairs_are_known() -> None:
    lexicon = fit_lexicon(CORPUS)
    texts = [Text("", "路灯路灯"), Text("", "路灯龘靐"), Text("", "龘靐"), Text("", "")]
    assert lexicon.look(texts)[1] == pytest.approx([2 / 3, 1 / 3, 0, 0])


def test_each_known_piece_is_found_and_no_other() -> None:
    """The open-addressed table answers as a plain dictionary would."""
    lexicon = fit_lexicon(CORPUS, views=(View("all", 2, 1.0),))
    known = {lexicon.name(column) for column in range(len(lexicon))}
    text = "路灯噪音一二三不亮"
    found = {lexicon.name(int(column)) for column in lexicon.transform([Text("", text)]).indices}
    pieces = {text[at : at + 2] for at in range(len(text) - 1)}
    assert found == known & pieces
    assert found


def test_a_kept_lexicon_reads_the_same() -> None:
    lexicon = fit_lexicon(CORPUS, np.array([0, 0, 1]), keep=20)
    again = read_lexicon(MATTER_VIEWS, lexicon.arrays())
    assert abs(lexicon.transform(CORPUS) - again.transform(CORPUS)).max() == 0
    with pytest.raises(ValueError, match="differ in length"):
        read_lexicon(MATTER_VIEWS, {**lexicon.arrays(), "worth": lexicon.worth[:-1]})


def test_sentences_are_read_as_texts_of_their_own_and_sum_to_the_whole() -> None:
    lexicon = fit_lexicon(CORPUS)
    texts = [
        Text("路灯坏了", "东门路灯不亮。西门路灯坏了！！工地噪音很大"),
        Text("", "噪音很大"),
        Text("", ""),
        Text("路灯", ""),
    ]
    read = lexicon.read(texts)
    assert read.first.tolist() == [0, 4, 5, 6]
    assert read.sentences.shape[0] == 7
    whole, familiar = lexicon.look(texts)
    assert abs(read.rows - whole).max() < 1e-6
    assert read.familiar == pytest.approx(familiar)
    alone = lexicon.transform([Text("路灯坏了", ""), Text("", "工地噪音很大"), Text("", "噪音很大")])
    assert abs(read.sentences[[0, 3, 4]] - alone).max() < 1e-6
    assert lexicon.read([]).rows.shape == lexicon.read([]).sentences.shape == (0, len(lexicon))


@given(st.lists(st.tuples(st.text(max_size=12), st.text(max_size=40)), min_size=1, max_size=4))
def test_any_texts_have_sentences_that_hold_all_their_pieces(written: list[tuple[str, str]]) -> None:
    texts = [Text(title, body) for title, body in written]
    lexicon = fit_lexicon(texts)
    read = lexicon.read(texts)
    ends = [*read.first[1:].tolist(), read.sentences.shape[0]]
    for at, (start, end) in enumerate(zip(read.first.tolist(), ends, strict=True)):
        assert start < end, "each text has one at least"
        assert set(read.sentences[start:end].indices) == set(read.rows[at].indices)


def test_words_are_found_whole_and_those_of_titles_apart() -> None:
    corpus = [Text("噪音", "工地噪音很大"), Text("噪音", "夜里工地噪音")]
    lexicon = fit_lexicon(corpus, views=(View("all", 0, 1.0), View("title", 0, 1.0)))
    assert [sorted(known) for known in lexicon.terms] == [["噪音", "工地"], ["噪音"]]
    row = lexicon.transform([Text("工地", "噪音")])
    assert sorted(lexicon.name(int(column)) for column in row.indices) == ["噪音", "工地"], "no such word in the title"
