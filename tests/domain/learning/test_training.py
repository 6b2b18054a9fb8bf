"""Training from a district's matters and what pages then show, through the commands and pages that people use."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from tests.statements import at_most
from tests.world import World
from tongxin.accounts import api as accounts
from tongxin.accounts.models import User
from tongxin.kernel import limits
from tongxin.learning import api as learning
from tongxin.learning.models import TextModel, Training
from tongxin.matters import api as matters
from tongxin.organization import api as organization
from tongxin.procedures.models import Run
from tongxin.web.worker import Worker

TEXT = "东风小区门口路灯不亮好几天了"


def text_command(part: str, world: World) -> str:
    out = StringIO()
    call_command("text", part, world.district.key, stdout=out)
    return out.getvalue()


def typed(text: str = TEXT) -> str:
    response = Client().post("/report/suggest", {"text": text})
    assert response.status_code == 200
    return response.content.decode()


def member(world: World, role: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=world.actor(role).user_id))
    return client


def test_too_few_matters_are_said_and_nothing_is_changed(world: World, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="可供学习的事项太少"):
        text_command("train", world)
    assert not TextModel.objects.exists()
    assert not list(tmp_path.glob("text-models/*"))
    with pytest.raises(CommandError, match="还没有训练过"):
        text_command("card", world)


def test_a_trained_model_speaks_on_the_report_form(handled: World) -> None:
    told = text_command("train", handled)
    assert "学自 60 件" in told
    assert "公共设施完善：30 件" in told
    assert told == text_command("card", handled)
    shown = typed()
    assert shown.index("公共设施完善") < shown.index("因为写到：")
    assert "路灯" in shown
    typed()
    with at_most(1):
        found = learning.suggest(handled.district, matters.title_of(TEXT), TEXT)
    assert found.version == TextModel.objects.get(in_force=True).version
    assert found.guesses[0].title == "公共设施完善"
    assert found.chosen == found.guesses[0].code


def test_who_sorts_a_matter_sees_the_suggestion_and_why(handled: World) -> None:
    text_command("train", handled)
    reported = handled.report(TEXT)
    shown = member(handled, "grid_worker").get(f"/work/cases/{reported.run_id}").content.decode()
    box = shown[shown.index("类别建议") :]
    assert box.index("公共设施完善") < box.index("因为写到：") < box.index("只是建议，由您决定。")


def test_a_sure_suggestion_stands_in_the_form_and_an_unsure_one_does_not(handled: World) -> None:
    text = "光明路附近人行道塌陷，请尽快处理。有人吸烟、用喇叭"
    reported = handled.report(text)
    assert handled.run(reported).facts["category"] == ""  # the words of the catalogue speak for two
    client, chosen = member(handled, "grid_worker"), '<option value="02" selected>'
    assert chosen not in client.get(f"/grid/cases/{reported.run_id}").content.decode()
    text_command("train", handled)
    assert learning.suggest(handled.district, matters.title_of(text), text).chosen == "02"
    assert chosen in client.get(f"/grid/cases/{reported.run_id}").content.decode()


def test_the_machine_says_when_it_is_unsure(handled: World) -> None:
    text_command("train", handled)
    found = learning.suggest(handled.district, "", "量子纠缠退相干")
    assert found.chosen == ""
    assert found.unsure


def test_a_correction_is_learned(handled: World) -> None:
    """A grid worker puts another category in place of the guess; closed, it teaches the next model."""
    text_command("train", handled)
    before = TextModel.objects.get(in_force=True)
    reported = handled.report("广场舞音响吵闹，遛狗不牵绳，噪音扰民")
    assert handled.run(reported).facts["guessed"] is True
    handled.act(reported, "submit", "grid_worker", category="02", note="是公共音箱坏了")
    assert handled.run(reported).facts["corrected"] is True
    matters.Matter.objects.filter(id=reported.matter_id).update(closed_at=handled.now)
    found = learning.train_district(
        district=handled.district, actor=organization.system_actor(handled.district), now=handled.later(hours=1)
    )
    assert (found.card["corrections"], found.card["examples"]) == (1, 61)
    assert list(TextModel.objects.filter(in_force=True)) == [found]
    assert TextModel.objects.filter(pk=before.pk, in_force=False).exists()
    said = learning.suggest(handled.district, "广场舞音响吵闹", "广场舞音响吵闹，遛狗不牵绳，噪音扰民")
    assert said.version == found.version
    assert said.guesses[0].code == "02"


def test_half_a_file_stops_no_page_and_is_told_to_those_who_can_mend_it(handled: World, tmp_path: Path) -> None:
    text_command("train", handled)
    assert "公共设施完善" in typed()
    [file] = tmp_path.glob("text-models/*.model")
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    assert "公共设施完善" in typed()  # by the words of the catalogue
    assert learning.suggest(handled.district, "", TEXT).version == ""
    with pytest.raises(CommandError, match="写到一半就断了"):
        text_command("card", handled)
    operator = accounts.make_user(
        district=None, username="op", name="运维", password="Lamp-post-77", now=handled.now, is_operator=True
    )
    admin = Client()
    admin.force_login(operator)
    assert "写到一半就断了" in admin.get("/admin/text").content.decode()
    file.write_bytes(whole)
    assert learning.suggest(handled.district, "", TEXT).version


def admin(world: World) -> Client:
    client = Client()
    client.force_login(
        accounts.make_user(
            district=None, username="op", name="运维", password="Lamp-post-77", now=world.now, is_operator=True
        )
    )
    return client


def worker(world: World) -> Worker:
    """The worker; what it would start in a process of its own is run here, by the same command."""

    def run(asked: Training) -> None:
        call_command("text", "train", world.district.key, asked=asked.pk, verbosity=0, stdout=StringIO())

    return Worker(lambda: world.now, train=run)


def test_a_training_is_asked_for_on_the_page_and_done_by_the_worker(handled: World) -> None:
    client = admin(handled)
    assert client.post("/admin/text", {"do": "train"}).status_code == 302
    waiting = client.get("/admin/text").content.decode()
    assert "等待开始" in waiting
    assert "没有后台在运行" in waiting
    again = client.post("/admin/text", {"do": "train"})
    assert again.status_code == 409
    assert "已经有一次训练" in again.content.decode()
    worker(handled).work()
    done = client.get("/admin/text").content.decode()
    assert "已完成" in done
    assert "学自 60 件" in done
    assert TextModel.objects.filter(in_force=True).count() == 1


def test_a_training_that_waits_or_runs_can_be_given_up(handled: World) -> None:
    client = admin(handled)
    client.post("/admin/text", {"do": "train"})
    client.post("/admin/text", {"do": "cancel"})
    assert "已取消" in client.get("/admin/text").content.decode()
    worker(handled).work()
    assert not TextModel.objects.exists()
    client.post("/admin/text", {"do": "train"})
    asked = learning.begin_training(handled.now)
    assert asked is not None
    client.post("/admin/text", {"do": "cancel"})
    assert learning.run_training(asked.pk).outcome == "cancelled"
    assert not TextModel.objects.exists()


def test_a_training_with_too_little_or_whose_process_died_says_so(world: World) -> None:
    client = admin(world)
    client.post("/admin/text", {"do": "train"})
    worker(world).work()
    assert "可供学习的事项太少" in client.get("/admin/text").content.decode()
    client.post("/admin/text", {"do": "train"})
    assert learning.begin_training(world.now) is not None  # and then its process is killed
    world.later(hours=1)
    assert learning.begin_training(world.now) is None
    assert "训练中途断了" in client.get("/admin/text").content.decode()
    assert client.post("/admin/text", {"do": "train"}).status_code == 302


def test_enough_corrections_train_anew_once_a_day(handled: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "RETRAIN_CORRECTIONS", 2)
    two_days_ago = handled.now - timedelta(days=2)
    actor = organization.system_actor(handled.district)
    first = learning.train_district(district=handled.district, actor=actor, now=two_days_ago)
    for number in range(2):
        reported = handled.report(f"{number + 1}号楼前广场舞音响吵闹，遛狗不牵绳，噪音扰民")
        handled.act(reported, "submit", "grid_worker", category="02", note="是公共音箱坏了")
        matters.Matter.objects.filter(id=reported.matter_id).update(closed_at=handled.now)
        Run.objects.filter(id=reported.run_id).update(finished_at=handled.now, outcome="done")
    worker(handled).work()
    second = TextModel.objects.get(in_force=True)
    assert second.pk != first.pk
    assert second.card["corrections"] == 2
    assert Training.objects.get().why == "corrections"
    Training.objects.update(asked_at=two_days_ago)
    assert learning.schedule_trainings(handled.later(days=3)) == 0  # none since then
