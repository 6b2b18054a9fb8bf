"""Hot topics of 4,326 messages: seconds, the leading topics, and whether they stay when a tenth is left out.

    python -m benchmarks.hot_topics [--seed 0] [--rounds 5] [--words]

Prints figures only; with ``--words`` also the topics' own words, which can name places and firms: for the screen of
the person who runs it, not for logs.
"""

from __future__ import annotations

import argparse
import sys
import time
from datetime import datetime
from typing import Any

import numpy as np

from tests.realdata import find_data, read_sheet
from tongxin.learning.near import Item
from tongxin.learning.topics import Topic, find_topics
from tongxin.learning.vectors import Text


def read_items(rows: list[dict[str, Any]]) -> list[Item]:
    """Items of full_附件3.xlsx; the times there are text, dates or times."""
    return [
        Item(
            id=int(float(row["留言编号"])),
            text=Text(str(row["留言主题"]), str(row["留言详情"])),
            at=_when(row["留言时间"]),
            who=str(row["留言用户"]),
        )
        for row in rows
    ]


def _when(value: Any) -> datetime | None:
    if isinstance(value, str):
        for form in ("%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y/%m/%d"):
            try:
                return datetime.strptime(value.strip(), form)  # noqa: DTZ007 -- the source gives no zone
            except ValueError:
                continue
        return None
    return value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)  # noqa: DTZ001


def stays(topic: Topic, others: list[Topic]) -> bool:
    """Whether a topic is among ``others``: one of them shares half of the smaller one's members."""
    mine = set(topic.members)
    return any(len(mine & set(other.members)) >= 0.5 * min(len(mine), len(other.members)) for other in others)


def main() -> int:
    """Run and print; 1 where the data are missing."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--words", action="store_true")
    options = parser.parse_args()
    path = find_data("teddy2020c/full_附件3.xlsx")
    if path is None:
        print("data missing: set TONGXIN_SHARED")
        return 1
    items = read_items(read_sheet(path))
    begun, clock = time.process_time(), time.perf_counter()
    topics = find_topics(items, most=12, since=datetime(2019, 1, 1), until=datetime(2020, 1, 31))  # noqa: DTZ001
    print(f"{len(items)} messages: {time.process_time() - begun:.1f} s CPU, {time.perf_counter() - clock:.1f} s clock")
    for place, topic in enumerate(topics, 1):
        told = topic.name if options.words else ""
        print(f"{place:2} {topic.people:3} people {topic.messages:3} messages trend {topic.trend:+3} {told}")
    draw = np.random.default_rng(options.seed)
    for round_ in range(options.rounds):
        rest = [items[at] for at in np.sort(draw.permutation(len(items))[: int(0.9 * len(items))])]
        five = find_topics(rest, most=5)
        kept = sum(stays(topic, five) for topic in topics[:5])
        print(f"without a tenth (seed {options.seed}, round {round_}): {kept} of 5 stay in the top five")
    return 0


if __name__ == "__main__":
    sys.exit(main())
