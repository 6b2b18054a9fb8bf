"""Proposed categories after an import: stored with their confidence, accepted in bulk by a person, learned from, made anew."""

from __future__ import annotations

import csv
import shutil
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from tests import kept
from tests.domain.learning.conftest import MATTERS, at_home, take_in
from tests.statements import at_most
from tests.world import World, as_it_is
from tongxin.accounts.models import User
from tongxin.kernel import clock, limits
from tongxin.learning import api as learning
from tongxin.learning.models import CategoryProposal
from tongxin.matters.models import Matter
from tongxin.organization import api as organization
from tongxin.procedures import api as procedures
from tongxin.procedures.models import Run
from tongxin.web.worker import Worker

PUBLIC = "公共设施完善"


@pytest.fixture
def imported(db: None, settings: Any, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Thirty more messages without a category, closed long ago."""
    at_home(settings, tmp_path)

    def make() -> tuple[World, Path]:
        world = take_in(tmp_path / "handled.csv")
        take_in_more(world, tmp_path)
        models = tmp_path_factory.mktemp("models")
        return world, shutil.copytree(tmp_path / "text-models", models / "text-models")

    known, models = kept.once("imported", "smalltown", make)
    shutil.copytree(models, tmp_path / "text-models", dirs_exist_ok=True)
    world = as_it_is(known)
    world.now = clock.now()
    return world


def take_in_more(handled: World, tmp_path: Path) -> None:
    call_command("text", "train", handled.district.key, stdout=StringIO())
    path = tmp_path / "more.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["编号", "标题", "内容", "时间", "办结时间"])
        whats = [what for ones in MATTERS.values() for what in ones]
        for number in range(30):
            told = f"新安苑{number}栋旁边{whats[number % len(whats)]}，请尽快处理。"
            out.writerow([number, told[:20], told, "2026-01-07 10:00:00", "2026-01-08 10:00:00"])
    call_command("import_messages", handled.district.key, str(path), verbosity=0)
    Worker(clock.now, train=lambda asked: None).work()


def member(world: World, role: str = "county_duty") -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=world.actor(role).user_id))
    return client


def test_an_import_gets_its_proposals_once(imported: World) -> None:
    assert CategoryProposal.objects.count() == 30
    assert CategoryProposal.objects.filter(sure=True).count() >= 20
    with at_most(10):
        assert learning.propose_categories(district=imported.district, now=imported.now) == 0
    with at_most(1):  # for all districts: nothing new, nothing stale, nothing decided
        assert learning.sweep_proposals(imported.now) == 0
    CategoryProposal.objects.filter(pk=CategoryProposal.objects.first().pk).update(version="another")
    assert learning.sweep_proposals(imported.now) == 1
    page = member(imported).get("/work/sorting").content.decode()
    assert page.count('name="matter"') == 30
    assert PUBLIC in page
    assert "把握" in page


def test_a_person_accepts_what_is_sure_and_corrects_ten_and_the_next_model_learns_them(imported: World) -> None:
    client = member(imported)
    titles = {c.title: c.code for c, _ in imported.district.pack.catalogue.walk()}
    wrong = titles["文明创建"]
    ten = list(CategoryProposal.objects.filter(code=titles[PUBLIC]).order_by("id")[:10])
    sent = {"do": "ticked", "matter": [str(one.matter_id) for one in ten]}
    sent |= {f"category-{one.matter_id}": wrong for one in ten}
    said = client.post("/work/sorting", sent, follow=True).content.decode()
    assert "已归类 10 件，其中改过的 10 件" in said
    facts = list(Run.objects.filter(subject_id__in=[one.matter_id for one in ten]).values_list("facts", "card"))
    assert all(fact["corrected"] and not fact["guessed"] and card["category"] == "文明创建" for fact, card in facts)
    assert Matter.objects.filter(id__in=[one.matter_id for one in ten], category=wrong).count() == 10
    client.post("/work/sorting", {"do": "sure"})
    assert CategoryProposal.objects.filter(sure=True).count() == 0
    actor = organization.system_actor(imported.district)
    learned = learning.train_district(district=imported.district, actor=actor, now=imported.later(minutes=1))
    assert learned.card["corrections"] == 10
    Worker(lambda: imported.now, train=lambda asked: None).work()
    left = CategoryProposal.objects.all()
    assert {one.version for one in left} <= {learned.version}


def test_each_case_keeps_in_its_own_chain_who_gave_it_which_category(imported: World) -> None:
    """Thirty cost as many statements as one; staff read it on the case, the reporter is told nothing."""
    titles = {c.title: c.code for c, _ in imported.district.pack.catalogue.walk()}
    waiting = list(CategoryProposal.objects.exclude(code="").order_by("id"))
    assert imported.tree, "a process that serves has its places in hand"
    wrong = next(one for one in waiting if one.code == titles[PUBLIC])
    chosen = {one.matter_id: one.code for one in waiting} | {wrong.matter_id: titles["文明创建"]}
    actor = imported.actor("county_duty")
    with at_most(7):
        done = learning.accept_proposals(district=imported.district, chosen=chosen, actor=actor, now=imported.now)
    assert done.accepted == len(waiting) >= 25
    run = Run.objects.get(subject_kind="matter", subject_id=wrong.matter_id)
    entry = run.log.get(seq=run.seq)
    assert (entry.transition, entry.says, entry.actor_user_id) == ("sorted", "", actor.user_id)
    assert entry.actor_post_id in actor.post_ids
    assert entry.form["category"] == titles["文明创建"]
    page = member(imported).get(f"/work/cases/{run.id}").content.decode()
    assert "成批归类" in page
    assert "归为“文明创建”（改了建议的类别）" in page
    assert procedures.verify(run) is None
    assert all(procedures.verify(each) is None for each in Run.objects.filter(subject_id__in=list(chosen))[:5])


def test_what_somebody_decided_at_the_case_is_not_asked_again(imported: World) -> None:
    one = CategoryProposal.objects.order_by("id")[0]
    run = Run.objects.get(subject_kind="matter", subject_id=one.matter_id)
    run.facts = {**run.facts, "category": "01", "guessed": False}
    run.save()
    client = member(imported)
    said = client.post("/work/sorting", {"matter": str(one.matter_id), f"category-{one.matter_id}": "02"}, follow=True)
    assert "另有 1 件没有动" in said.content.decode()
    run.refresh_from_db()
    assert run.facts["category"] == "01"
    assert not CategoryProposal.objects.filter(pk=one.pk).exists()


def test_only_who_may_and_only_their_own_places(imported: World) -> None:
    """The imported ones have no place: whoever has only a community leaves them alone; a leader sorts nothing."""
    one = CategoryProposal.objects.order_by("id")[0]
    sent = {"matter": str(one.matter_id), f"category-{one.matter_id}": "02"}
    assert 'name="matter"' not in member(imported, "receptionist").get("/work/sorting").content.decode()
    member(imported, "receptionist").post("/work/sorting", sent)
    assert member(imported, "leader").post("/work/sorting", sent).status_code == 403
    assert CategoryProposal.objects.filter(pk=one.pk).exists()


@pytest.mark.parametrize("bad", [{"category": "99"}, {"many": "1"}])
def test_a_slip_changes_nothing(imported: World, bad: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    one = CategoryProposal.objects.order_by("id")[0]
    if bad.get("many"):
        monkeypatch.setattr(limits, "SORT_ROWS", 0)
    sent = {"matter": str(one.matter_id), f"category-{one.matter_id}": bad.get("category", "02")}
    answer = member(imported).post("/work/sorting", sent)
    assert answer.status_code == 422
    assert CategoryProposal.objects.filter(pk=one.pk).exists()


def test_a_guess_is_put_right_on_the_page_of_the_case(handled: World) -> None:
    """A matter went on with a guessed category: whoever may sort finds the choice there, and comes back to the case."""
    call_command("text", "train", handled.district.key, stdout=StringIO())
    reported = handled.report("广场舞音响吵闹，遛狗不牵绳，噪音扰民")
    handled.act(reported, "urgent", "grid_worker", reason="马上要出事")
    assert handled.run(reported).facts["guessed"] is True
    client, path = member(handled, "receptionist"), f"/work/cases/{reported.run_id}"
    assert "就归为这一类" not in client.get(path).content.decode()  # nothing proposed yet
    Worker(lambda: handled.now, train=lambda asked: None).work()
    assert "就归为这一类" in client.get(path).content.decode()
    wrong = {"matter": str(reported.matter_id), f"category-{reported.matter_id}": "02"}
    elsewhere = client.post("/work/sorting", wrong | {"back": "https://example.com/"})
    assert elsewhere["Location"].startswith("/work/sorting")
    facts = handled.run(reported).facts
    assert (facts["category"], facts["guessed"], facts["corrected"]) == ("02", False, True)
    page = client.get(path).content.decode()
    assert "就归为这一类" not in page
    assert PUBLIC in page
    assert client.post("/work/sorting", wrong | {"back": path})["Location"] == path
