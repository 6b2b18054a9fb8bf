"""Duplicates and topics of the real messages. Ids only: no text is kept here or printed."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import pytest

from benchmarks.hot_topics import read_items
from tests.realdata import need_data, read_sheet
from tongxin.learning import api as learning

LABELLED = Path(__file__).with_name("near_pairs.csv")
pytestmark = pytest.mark.realdata


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    return read_sheet(need_data("teddy2020c/full_附件3.xlsx"))


@pytest.fixture(scope="module")
def items(rows: list[dict[str, Any]]) -> list[learning.Item]:
    return read_items(rows)


def test_every_exact_duplicate_is_found(rows: list[dict[str, Any]], items: list[learning.Item]) -> None:
    """By white space alone 109 texts are repeats; marks and width folded, no fewer."""
    bare = [re.sub(r"\s+", "", str(row["留言详情"])) for row in rows]
    assert len(bare) - len(set(bare)) == 109
    found = learning.same_texts([item.text for item in items])
    assert sum(len(group) - 1 for group in found) >= 109
    group_of = {place: at for at, group in enumerate(found) for place in group}
    first: dict[str, int] = {}
    for place, text in enumerate(bare):
        if first.setdefault(text, place) != place:
            assert group_of[place] == group_of[first[text]]


def test_near_duplicates_are_right_on_the_labelled_sample(items: list[learning.Item]) -> None:
    """200 pairs drawn at random from those above the threshold, each read and labelled by a person's standard:
    the same matter at the same place or body. At least 95 of 100 must be."""
    pairs = learning.near_pairs([item.text for item in items])
    called = {tuple(sorted((items[i].id, items[j].id))) for i, j, _ in pairs}
    with LABELLED.open(encoding="utf-8") as file:
        labels = {
            tuple(sorted((int(row["one"]), int(row["other"])))): row["same"] == "1" for row in csv.DictReader(file)
        }
    assert len(labels) == 200
    among = [same for pair, same in labels.items() if pair in called]
    assert len(among) >= 190
    assert sum(among) / len(among) >= 0.95


def test_hot_topics_are_many_people_s(items: list[learning.Item]) -> None:
    topics = learning.find_topics(items, most=5)
    assert topics[0].people > 30
    assert topics[1].people > 30
    assert [topic.people for topic in topics] == sorted((topic.people for topic in topics), reverse=True)
    who = {item.id: item.who for item in items}
    for topic in topics:
        assert topic.people == len({who[member] for member in topic.members})
        assert topic.words
