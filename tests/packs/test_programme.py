"""The programmes of the localities against their articles: every printed figure stands in the text, every row has its place."""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.packs.sample import write
from tests.shared_data import find_data
from tests.world import pack
from tongxin.packs.api import check_folder
from tongxin.packs.schema import Programme

ROOT = Path(settings.BASE_DIR)
ARTICLES = {
    "xiuning": ("XN", "000_830432a2e5e499fb.txt"),
    "zhongshan": ("ZS", "001_4f736332da3be1de.txt"),
    "yuhu": ("YH", "002_decoded_simplified.txt"),
    "wuhan": ("WH", "003_e155603229b4f9cf.txt"),
    "xigu": ("XG", "004_cc330e4bc5d377a4.txt"),
}


def programme(key: str) -> Programme:
    found = pack(key).programme
    assert found is not None
    return found


def rows_named(found: Programme) -> set[str]:
    parts = [found, *(figure for figure, _ in found.walk_figures()), *found.initiatives]
    parts += [mechanism for initiative in found.initiatives for mechanism in initiative.mechanisms]
    return {row for part in parts for row in part.rows}


def bare(text: str) -> str:
    """Letters and digits only: the articles mix full and half width signs."""
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", text))


@pytest.mark.parametrize("key", ARTICLES)
def test_every_row_of_the_inventory_has_its_place(key: str) -> None:
    with (ROOT / "docs" / "rows.csv").open(encoding="utf-8") as lines:
        rows = {row["id"] for row in csv.DictReader(lines) if row["id"].startswith(ARTICLES[key][0])}
    assert rows_named(programme(key)) == rows


@pytest.mark.realdata
@pytest.mark.parametrize("key", ARTICLES)
def test_every_printed_figure_stands_in_the_article(key: str) -> None:
    article = bare(find_data("seeds", ARTICLES[key][1]).read_text(encoding="utf-8"))
    lines = [figure.printed.line for figure, _ in programme(key).walk_figures() if figure.printed is not None]
    assert [line for line in lines if bare(line) not in article] == []
    assert len(lines) >= 3


@pytest.mark.realdata
def test_hardly_a_figure_of_the_articles_is_left_out() -> None:
    """Numbers with a counter in the article that no printed line quotes: dates, names and the few that count nothing."""
    for key, (_, name) in ARTICLES.items():
        article = unicodedata.normalize("NFKC", find_data("seeds", name).read_text(encoding="utf-8"))
        said = "\n".join(figure.printed.line for figure, _ in programme(key).walk_figures() if figure.printed)
        missing = set(COUNTS.findall(article)) - set(COUNTS.findall(unicodedata.normalize("NFKC", said)))
        assert missing == BESIDES[key], key


COUNTS = re.compile(r"(\d[\d.]*[余多]?[万亿]?[余多]?(?:个|件|名|家|项|类|支|户|人次|元|张|套|条|起))")
# numbers that are a way of speaking or are told elsewhere in the programme in words
BESIDES: dict[str, set[str]] = {"xiuning": {"1个"}, "zhongshan": set(), "yuhu": set(), "wuhan": {"3个"}, "xigu": set()}


def wrong(tmp_path: Path, figure: dict[str, Any], **mechanism: Any) -> str:
    """What the checker says of a programme with this figure."""
    content = {
        "title": "模式",
        "source": {"title": "报道"},
        "initiatives": [
            {
                "key": "one",
                "title": "一",
                "mechanisms": [{"key": "two", "title": "二", "figures": [figure], **mechanism}],
            }
        ],
    }
    text = json.dumps(content, ensure_ascii=False)
    return "\n".join(map(str, check_folder(write(tmp_path, {"programme.yaml": text}))))


def printed(value: str = "78", line: str = "讨论78件") -> dict[str, Any]:
    return {"value": value, "line": line}


@pytest.mark.parametrize(
    ("figure", "mechanism", "said"),
    [
        ({"printed": printed("很多", "很多")}, {}, "读不成数"),
        ({"printed": printed("79")}, {}, "里没有“79”"),
        ({"printed": printed(), "derived": {"sum": "f * 2"}}, {}, "算式得 156，印出的是 78"),
        ({"derived": {"sum": "nobody * 2"}}, {}, "没有这个印出的数字：nobody"),
        ({"derived": {"sum": "'x' * 9"}}, {}, "算式里只用数"),
        ({}, {}, "至少写一样"),
        ({"counted": {"measure": "happiness"}}, {}, "没有这个量：happiness"),
        ({"counted": {"measure": "areas"}}, {}, "缺少参数 level"),
        ({"counted": {"measure": "areas", "with": {"level": "planet"}}}, {}, "没有这个级别：planet"),
        ({"counted": {"measure": "areas", "with": {"level": "grid", "colour": "red"}}}, {}, "不带参数 colour"),
        ({"printed": printed()}, {"runs": {"spells": "x"}}, "没有这个种类：spells"),
        ({"printed": printed()}, {"runs": {"procedures": "nothing"}}, "没有这个流程：nothing"),
        ({"printed": printed()}, {"runs": {"roles": ["worker", "wizard"]}}, "没有这个岗位：wizard"),
        ({"key": "two", "printed": printed()}, {}, "键 two 已经用在"),
    ],
)
def test_a_wrong_programme_is_refused_with_its_mend(
    tmp_path: Path, figure: dict[str, Any], mechanism: dict[str, Any], said: str
) -> None:
    assert said in wrong(tmp_path, {"key": "f", "title": "数", **figure}, **mechanism)
