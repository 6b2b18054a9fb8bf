"""Every procedure of every locality walked from its opening to each of its ends, by the locality's own roles, through the doors.

The stories stand in ``affairs/<locality>.yaml``; how they are told is in ``telling.py``. A procedure that a pack brings without
a story, an end that is not told, a state or a step that no story shows: each fails here by name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import transaction

from tests.stories.telling import Story, Walk, read_stories
from tests.world import NOW, open_locality, pack
from tongxin.affairs import api as affairs
from tongxin.kernel import caches
from tongxin.kernel.errors import NotAllowed
from tongxin.organization import api as organization
from tongxin.packs import api as packs
from tongxin.packs.api import DistrictView
from tongxin.procedures import api as procedures

pytestmark = pytest.mark.django_db
STORIES = read_stories()
PACKS = sorted({story.pack for story in STORIES})
TOLD = [
    pytest.param(s.pack, s, marks=[pytest.mark.row(row) for row in s.proves], id=f"{s.pack}-{s.procedure}") for s in STORIES
]  # fmt: skip


@pytest.fixture(autouse=True)
def _django_db_marker() -> None:
    """In place of a transaction a test: a locality is opened once for all its stories and taken back after the last."""


@pytest.fixture(scope="module")
def district(request: Any, django_db_setup: None, django_db_blocker: Any) -> Iterator[DistrictView]:
    """The locality as its demo opens it: its own places, bodies, posts and people."""
    with django_db_blocker.unblock(), transaction.atomic():
        caches.clear_all()
        packs.forget_districts()
        yield open_locality(request.param)
        transaction.set_rollback(True)
    caches.clear_all()
    packs.forget_districts()


@pytest.mark.parametrize(("district", "story"), TOLD, indirect=["district"], scope="module")
def test_it_is_walked_from_its_opening_to_every_end(district: DistrictView, story: Story) -> None:
    spec = district.pack.procedures[story.procedure]
    assert set(story.ends) == {key for key, state in spec.states.items() if state.final}
    walks = []
    for end, steps in [*story.ends.items(), *((None, steps) for steps in story.besides)]:
        told = Walk(district, spec, NOW)
        run = told.go(steps)
        walks.append(told)
        assert spec.states[run.state].final == run.outcome, steps
        assert end in (None, run.state)
        words = procedures.timeline(district, run, audience="reporter")
        assert words[0].says
        assert not [line.says for line in words if "{" in line.says]
        assert affairs.find_by_receipt(district, told.receipt).procedure == story.procedure
    _each_state_and_step_was_shown(district, story, walks)
    for steps, why in story.gates:
        _cannot_be_skipped(Walk(district, spec, NOW), steps, why)
    _can_be_opened_by_all_it_names(district, story)


def _each_state_and_step_was_shown(district: DistrictView, story: Story, walks: list[Walk]) -> None:
    steps = district.pack.procedures[story.procedure].transitions.values()
    tasks = {call.argument["procedure"] for step in steps for call in step.do if call.name == "open_tasks"} - {
        "co_handling"
    }
    for key in {story.procedure, *tasks}:
        own = district.pack.procedures[key]
        # a task's way back is taken by its parent's cancel_tasks, under the engine's own name
        by_engine = {
            name for name, step in own.transitions.items() if key in tasks and own.states[step.to].final == "withdrawn"
        }
        assert set(own.states) - {state for told in walks for name, state in told.seen if name == key} == set()
        assert set(own.transitions) - {step for told in walks for name, step in told.taken if name == key} == by_engine
        drawn = "".join(ElementTree.fromstring(procedures.picture(own, own.start, list(own.states))).itertext())
        assert all(state.title in drawn.replace("\n", "") for state in own.states.values()), key


def _cannot_be_skipped(told: Walk, steps: str, why: str) -> None:
    *before, last = steps.split(" → ")
    seq = told.go(" → ".join(before)).seq
    with pytest.raises(NotAllowed, match=why):
        told.take(last)
    assert told.run.seq == seq, "nothing has changed"


def _can_be_opened_by_all_it_names(district: DistrictView, story: Story) -> None:
    directory = organization.directory(district)
    for opener in affairs.opening_of(district.pack.procedures[story.procedure]).by:
        if opener.role is not None:
            assert [post for post in directory.posts() if post.role == opener.role], opener.role


@pytest.mark.parametrize("key", PACKS)
def test_no_procedure_is_without_a_story(key: str) -> None:
    opened = {spec.procedure for spec in pack(key).procedures.values() if spec.open is not None}
    assert opened == {story.procedure for story in STORIES if story.pack == key}


@pytest.mark.parametrize("key", PACKS)
def test_each_step_has_a_limit_a_late_act_and_words_for_residents(key: str) -> None:
    for spec in pack(key).procedures.values():
        if spec.subject != "affair":
            continue
        assert spec.rows, spec.procedure
        assert spec.main_path[0] == spec.start
        assert spec.states[spec.main_path[-1]].final == "done"
        for name, state in spec.states.items():
            assert state.plain, (spec.procedure, name)
            assert state.final or (state.within and state.late), (spec.procedure, name)
        if spec.open is not None:
            assert any(step.says for step in spec.transitions.values()), spec.procedure
