"""A case is judged by the rules in force on the day it began, and says which they are."""

from __future__ import annotations

import json
from datetime import date, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client

from tests.domain import smalltown
from tests.statements import at_most
from tests.world import NOW, World, open_world
from tongxin.accounts.models import User
from tongxin.kernel import caches
from tongxin.packs import api as packs
from tongxin.packs.schema import Pack
from tongxin.procedures import api as procedures
from tongxin.procedures.models import Run
from tongxin.procedures.rules import values_on

RULE = "appeal.reported"


def adopt(world: World, change: Any) -> packs.PackVersion:
    """Publish the pack in force after ``change`` has worked on its rules, and let new cases begin under it."""
    plain = world.district.pack.model_dump(mode="json", by_alias=True)
    change(plain["rules"])
    version = packs.publish_pack(Pack.model_validate(plain), actor_label="测试", now=NOW)
    packs.adopt_pack(world.district.id, version)
    world.district = smalltown.seen(world.district.key)
    return version


def two_values(rules: dict[str, Any]) -> None:
    """Two working hours until today, six from tomorrow on."""
    rules[RULE] = [
        {"title": "采集", "value": 2, "unit": "work_hours", "to": "2026-03-02", "confidence": "K"},
        {
            "title": "采集",
            "value": 6,
            "unit": "work_hours",
            "from": "2026-03-03",
            "source": "某办法",
            "confidence": "S",
        },
    ]


def test_the_day_it_began_decides_and_the_run_keeps_it(world: World) -> None:
    adopt(world, two_values)
    first = world.report()
    assert world.run(first).due_at == world.now + timedelta(hours=2)
    assert world.run(first).facts["rules_on"] == "2026-03-02"
    assert "rules" not in world.run(first).facts  # its version says them all, with their days
    world.later(days=1)
    second = world.report("小区的井盖坏了，孩子差点掉下去。")
    assert world.run(second).due_at == world.now + timedelta(hours=8, minutes=30)  # 9:00 to 17:30 with the rest at noon
    basis = procedures.basis_of(world.run(first)), procedures.basis_of(world.run(second))
    assert [(one.value, one.to_check) for one in basis if one] == [("2个工作时", True), ("6个工作时", False)]


def test_a_new_version_leaves_running_cases_with_their_values(world: World) -> None:
    reported = world.report()
    basis = procedures.basis_of(world.run(reported))
    version = adopt(world, lambda rules: rules[RULE][0].update(value=7))
    procedures.migrate_run(
        district=world.district, run_id=reported.run_id, version_id=version.pk, states={},
        actor=world.actor("administrator"), now=world.now,
    )  # fmt: skip
    run = world.run(reported)
    assert run.pack_id == version.pk
    assert run.facts["rules"] == {RULE: "2 work_hours"}  # what the new version says otherwise, and nothing else
    assert procedures.basis_of(run).value == basis.value == "2个工作时"
    assert procedures.basis_of(world.run(world.report("楼道灯不亮，摔了一跤。"))).value == "7个工作时"
    back = adopt(world, lambda rules: rules[RULE][0].update(value=2))
    procedures.migrate_run(
        district=world.district, run_id=reported.run_id, version_id=back.pk, states={},
        actor=world.actor("administrator"), now=world.now,
    )  # fmt: skip
    assert "rules" not in world.run(reported).facts


def test_runs_from_before_are_brought_to_the_day_and_judged_as_they_were(world: World) -> None:
    kept, odd = world.report(), world.report("路灯又灭了，晚上看不见。")
    spec = world.district.pack.procedures[world.run(kept).procedure]
    every = values_on(date(2026, 3, 2), spec, world.district.pack.catalogue)
    for reported, written in ((kept, every), (odd, every | {RULE: "3 work_hours"})):
        run = world.run(reported)
        facts = {key: value for key, value in run.facts.items() if key != "rules_on"}
        Run.objects.filter(pk=run.pk).update(facts={**facts, "rules": written})
    migration = import_module("tongxin.procedures.migrations.0004_rules_by_day")
    with connection.schema_editor() as editor:
        migration.by_day(apps, editor)
    assert world.run(kept).facts["rules_on"] == world.run(odd).facts["rules_on"] == "2026-03-02"
    assert "rules" not in world.run(kept).facts
    assert world.run(odd).facts["rules"] == {RULE: "3 work_hours"}
    assert len(json.dumps(every)) > 400 > len(json.dumps(world.run(kept).facts))


def test_reporting_costs_no_further_statement(world: World) -> None:
    world.report()
    with at_most(1):
        world.report("路灯又灭了，晚上看不见。")


def test_windows_close_by_the_pinned_value(world: World) -> None:
    reported = world.report()
    world.act(reported, "submit", "grid_worker", "横江社区第1网格", category="01")
    run = world.run(reported)
    Run.objects.filter(pk=run.pk).update(facts={**run.facts, "rules": {"appeal.reopen": "1 days"}})
    closed = Run.objects.get(pk=run.pk)
    closed.state, closed.facts = "closed", {**closed.facts, "solved": False}
    world.later(days=2)
    reporter = closed_options(world, closed)
    assert "reopen" not in reporter


def closed_options(world: World, run: Run) -> set[str]:
    from tongxin.matters.queries import reporter_actor

    return {option.key for option in procedures.options(world.district, run, reporter_actor(world.district), world.now)}


@pytest.mark.django_db
def test_the_case_page_says_what_a_deadline_rests_on(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    caches.clear_all()
    world = open_world()
    reported = world.report()
    client = Client()
    client.force_login(User.objects.get(pk=world.actor("grid_worker", "横江社区第1网格").user_id))
    page = client.get(f"/work/cases/{reported.run_id}").content.decode()
    assert "时限依据" in page
    assert "待核" in page
    assert "没有文件依据，由本地设定" in page


@pytest.mark.django_db
def test_administrators_see_all_rules_with_their_sources(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    caches.clear_all()
    world = open_world()
    client = Client()
    client.force_login(User.objects.get(pk=world.actor("administrator").user_id))
    page = client.get("/admin/pack/rules").content.decode()
    for words in ("保定市接诉即办工作条例", "第19条", "待核", "appeal.reported", "2个工作时", "居民诉求闭环办理"):
        assert words in page
    assert date(2026, 3, 2) == world.now.date()
