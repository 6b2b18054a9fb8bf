"""The first day: a catalogue and nothing else."""

from __future__ import annotations

import pytest

from tests.unit.learning.corpus import examples
from tests.unit.learning.test_classify import retrain
from tongxin.learning import api as learning
from tongxin.learning.api import Category, Example, Starter, Text

CATALOGUE = (
    Category("road", "道路设施", ("路灯", "井盖", "坑洼"), ("市政设施",)),
    Category("noise", "噪音扰民", ("噪声", "广场舞"), ("环境保护",)),
    Category("school", "义务教育", ("学位", "补课"), ("教育",)),
    Category("animal", "动物管理", ("野猪", "流浪狗")),
)


def test_keywords_and_names_propose_but_never_choose() -> None:
    said = Starter(CATALOGUE).predict(Text("", "門口路燈不亮，井蓋也壞了，還有噪音"))
    assert [guess.code for guess in said.guesses] == ["road", "noise"]
    assert set(said.because) == {"路灯", "井盖"}
    assert said.reason == "unsure"
    assert all(guess.confidence <= 0.6 for guess in said.guesses)


def test_more_clues_are_surer() -> None:
    starter = Starter(CATALOGUE)
    one, two = starter.predict(Text("", "路灯坏了")), starter.predict(Text("路灯坏了", "井盖破损"))
    assert two.guesses[0].confidence > one.guesses[0].confidence


@pytest.mark.parametrize(
    ("text", "reason"), [("", "empty"), ("灯", "too_short"), ("hello", "too_short"), ("今天天气很好", "unfamiliar")]
)
def test_nothing_to_go_by_is_said(text: str, reason: str) -> None:
    said = Starter(CATALOGUE).predict(Text("", text))
    assert (said.guesses, said.reason) == ((), reason)


def test_an_empty_catalogue_proposes_nothing() -> None:
    assert Starter(()).predict(Text("", "路灯不亮")).guesses == ()


def test_without_a_model_the_rules_speak() -> None:
    starter, text = Starter(CATALOGUE), Text("", "路灯不亮")
    assert learning.propose(text, starter, None) == starter.predict(text)


def test_with_a_model_it_speaks(model: learning.Model) -> None:
    text = Text("", "路灯不亮，井盖破损")
    assert learning.propose(text, Starter(CATALOGUE), model) == model.predict(text)


def test_a_class_that_the_model_never_learned_is_still_proposed() -> None:
    trained = retrain([Example(Text("", f"{place}有野猪出没"), "animal") for place in ("东风", "和平", "长青")])
    said = learning.propose(Text("", "小区里有野猪，路灯不亮"), Starter(CATALOGUE), trained)
    assert said.guesses[-1].code == "animal"
    assert said.abstains


def test_a_class_taken_out_of_the_catalogue_is_not_proposed(model: learning.Model) -> None:
    said = learning.propose(examples()[0].text, Starter(CATALOGUE[1:]), model)
    assert "road" not in [guess.code for guess in said.guesses]
    assert said.abstains


def test_where_the_model_knows_nothing_the_rules_do(model: learning.Model) -> None:
    said = learning.propose(Text("", "野猪"), Starter(CATALOGUE), model)
    assert [guess.code for guess in said.guesses][-1] == "animal"


def test_nothing_written_stays_nothing(model: learning.Model) -> None:
    assert learning.propose(Text("", ""), Starter(CATALOGUE), model).reason == "empty"
