"""Every procedure of every locality walked from its opening to each of its ends, by the locality's own roles, through the doors.

The stories stand in ``affairs/<locality>.yaml``; how they are told is in ``telling.py``. A procedure that a pack brings without
a story, an end that is not told, a state or a step that no story shows: each fails here by name.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import transaction
from django.test import Client

from tests.stories.telling import Story, Walk, read_stories, rows_of
from tests.world import NOW, open_world, pack
from tongxin.accounts.models import User
from tongxin.affairs import api as affairs
from tongxin.kernel import caches
from tongxin.kernel.errors import NotAllowed
from tongxin.notices import api as notices
from tongxin.organization import api as organization
from tongxin.packs import api as packs
from tongxin.packs.api import DistrictView
from tongxin.procedures import api as procedures
from tongxin.web.demo import opening

STORIES = read_stories()
PACKS = sorted({story.pack for story in STORIES})
ENDS = [
    pytest.param(
        story.pack, story, end, marks=[pytest.mark.row(row) for row in rows_of(story)], id=f"{story.pack}-{story.procedure}-{end}"
    )
    for story in STORIES
    for end in story.ends
]  # fmt: skip
_walked: dict[tuple[str, str], list[Walk]] = {}


@pytest.fixture(scope="module")
def district(request: Any, django_db_setup: None, django_db_blocker: Any) -> Iterator[DistrictView]:
    """The locality as its demo opens it: its own places, bodies, posts; opened once for all its stories."""
    with django_db_blocker.unblock(), transaction.atomic():
        caches.clear_all()
        packs.forget_districts()
        folder = Path(opening.settings.BASE_DIR) / "localities" / request.param
        yield opening.open_locality(opening.Locality(folder, pack(request.param)), since=date(2026, 1, 1), now=NOW)
        transaction.set_rollback(True)
    caches.clear_all()
    packs.forget_districts()


def walk(district: DistrictView, story: Story, steps: str) -> tuple[Walk, Any]:
    on_the_way = Walk(district, district.pack.procedures[story.procedure], NOW)
    run = on_the_way.go(steps)
    _walked.setdefault((story.pack, story.procedure), []).append(on_the_way)
    return on_the_way, run


@pytest.mark.parametrize(("district", "story", "end"), ENDS, indirect=["district"])
def test_it_is_walked_to_this_end(district: DistrictView, story: Story, end: str) -> None:
    told, run = walk(district, story, story.ends[end])
    spec = district.pack.procedures[story.procedure]
    assert run.state == end
    assert (run.outcome, run.finished_at is not None) == (spec.states[end].final, True)
    words = procedures.timeline(district, run, audience="reporter")
    assert words[0].says == spec.open.says if spec.open else True
    assert not [line.says for line in words if "{" in line.says]
    assert affairs.find_by_receipt(district, told.receipt).procedure == story.procedure


@pytest.mark.parametrize(
    ("district", "story"),
    [pytest.param(s.pack, s, id=f"{s.pack}-{s.procedure}") for s in STORIES],
    indirect=["district"],
)
def test_each_end_state_and_step_of_it_is_shown(district: DistrictView, story: Story) -> None:
    spec = district.pack.procedures[story.procedure]
    assert set(story.ends) == {key for key, state in spec.states.items() if state.final}
    if not _walked.get((story.pack, story.procedure)):
        for steps in story.ends.values():
            walk(district, story, steps)
    for steps in story.besides:
        walk(district, story, steps)
    tasks = {
        call.argument["procedure"]
        for step in spec.transitions.values()
        for call in step.do
        if call.name == "open_tasks"
    } - {"co_handling"}
    for key in {story.procedure, *tasks}:
        own = district.pack.procedures[key]
        seen = {state for told in _walked[story.pack, story.procedure] for name, state in told.seen if name == key}
        taken = {step for told in _walked[story.pack, story.procedure] for name, step in told.taken if name == key}
        assert set(own.states) - seen == set()
        assert set(own.transitions) - taken - {"recall"} == set()
        picture = procedures.picture(own, own.start, [own.start])
        root = ElementTree.fromstring(picture)
        drawn = "".join(root.itertext())
        assert all(state.title in drawn.replace("\n", "") for state in own.states.values())


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


@pytest.mark.parametrize(
    ("district", "story"),
    [pytest.param(s.pack, s, id=f"{s.pack}-{s.procedure}") for s in STORIES],
    indirect=["district"],
)
def test_everybody_named_as_opener_has_a_post_from_which_to_open(district: DistrictView, story: Story) -> None:
    spec = district.pack.procedures[story.procedure]
    directory = organization.directory(district)
    for opener in affairs.opening_of(spec).by:
        if opener.role is not None:
            assert [post for post in directory.posts() if post.role == opener.role], opener.role


def _refused(told: Walk, steps: str, why: str) -> None:
    before = told.go(steps.rsplit("→", 1)[0]).seq
    with pytest.raises(NotAllowed, match=why):
        told.take(steps.rsplit("→", 1)[1].strip())
    assert told.run.seq == before, "nothing has changed"


GATES = [
    ("yuhu", "four_discussions", "to_hearing → argued → propose", "监督一次", ["YH-26"]),
    ("yuhu", "four_discussions", "to_hearing → argued → supervise → propose → consult", "监督一次", ["YH-26"]),
    ("yuhu", "four_discussions", "to_hearing → argued → supervise → propose → supervise → consult → supervise → review → supervise → resolve → supervise → carry_out", "才能继续", ["YH-26"]),
    ("yuhu", "star", "consent → pass → award", "才能继续", ["YH-37"]),
    ("zhongshan", "one_three_n", "notify_all → +4d → meet{present: [branch, owners, residents]}", "还缺3 物业公司、3 社区", ["ZS-34"]),
    ("zhongshan", "admission", "allow_urgent{reason: 急}", "条件不满足", ["ZS-18"]),
    ("xigu", "three_questions", "may_discuss", "征求民意", ["XG-27"]),
    ("xigu", "three_questions", "ask_people → may_discuss → agree{present: [branch, owners, property]}", "还缺志愿者", ["XG-26"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("district", "procedure", "steps", "why"),
    [pytest.param(*gate[:4], marks=[pytest.mark.row(row) for row in gate[4]]) for gate in GATES],
    indirect=["district"],
)
def test_a_gate_cannot_be_skipped(district: DistrictView, procedure: str, steps: str, why: str) -> None:
    form = "open{urgent: no} → " if procedure == "admission" else "open → "
    told = Walk(district, district.pack.procedures[procedure], NOW)
    _refused(told, form + steps, why)


@pytest.mark.django_db
@pytest.mark.row("XN-56")
def test_a_matter_gives_rise_to_an_affair_and_hears_of_its_end() -> None:
    caches.clear_all()
    world = open_world()
    reported = world.report("楼上楼下为漏水吵起来了。")
    world.act(reported, "submit", "grid_worker", "横江社区第1网格", category="03")
    world.act(reported, "ask_to_step_in", "grid_head", "横江社区第1网格")
    world.act(reported, "to_mediation", "branch_secretary", "横江", dispute="楼上漏水")
    origin = world.run(reported)
    (child,) = affairs.list_children(world.district, "matter", reported.matter_id)
    assert (child.procedure, child.card["title"], child.area_id) == ("mediation", "楼上漏水", origin.area_id)
    assert origin.facts["gave_rise_to"] == [child.card["ref"]]
    affair = affairs.get_affair(world.district, child.subject_id)
    parent = affairs.find_parent(world.district, affair)
    assert parent is not None
    assert parent.run_id == origin.id
    mediator = world.actor("community_mediator", "横江")
    procedures.act(
        district=world.district,
        run_id=child.run_id,
        transition="not_willing",
        form={"note": "对方不来"},
        actor=mediator,
        now=NOW,
    )
    told = [note.title for note in notices.list_unread(world.actor("branch_secretary", "横江"))]
    assert "不愿调解：楼上漏水" in told
    page = Client()
    page.force_login(User.objects.get(pk=world.actor("branch_secretary", "横江").user_id))
    assert "引出了这件" in page.get(f"/work/cases/{origin.id}").content.decode()
    assert "由这件而来" in page.get(f"/work/cases/{child.run_id}").content.decode()
