"""Many report in the same moment: one statement may write them all, and each has their own receipt, run, chain and note."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from tests.world import World, open_world
from tongxin.kernel import caches, clock
from tongxin.kernel.errors import Invalids
from tongxin.matters import api as matters
from tongxin.matters.models import Matter
from tongxin.notices.models import Notice
from tongxin.organization import api as organization
from tongxin.packs import api as packs
from tongxin.procedures import api as procedures
from tongxin.procedures.models import LogEntry, Run

PEOPLE = 24


@pytest.fixture
def world(transactional_db: None) -> World:
    caches.clear_all()
    packs.forget_districts()
    return open_world()


def test_each_gets_their_own_and_a_resend_gets_the_first(world: World) -> None:
    leaf = world.tree.at_level(world.tree.levels[-1])[0]
    together = threading.Barrier(PEOPLE)

    def report(number: int) -> matters.Reported | None:
        try:
            together.wait(30)
            return matters.report_matter(
                district=world.district, actor=organization.resident_actor(world.district), now=clock.now(),
                # every third sends what their neighbour sends, every fourth writes nothing
                request_key=f"key-{number // 3}" if number % 3 < 2 else None,
                report=matters.Report(
                    channel="web", text=f"第 {number // 3 if number % 3 < 2 else number + 100} 栋的路灯不亮" if number % 4 else "",
                    area_id=leaf.id, reporter_phone="13800001234",
                ),
            )  # fmt: skip
        except Invalids:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(PEOPLE) as pool:
        told = list(pool.map(report, range(PEOPLE)))

    for number, one in enumerate(told):
        assert (one is None) == (number % 4 == 0)
        if one is None:
            continue
        kept, run = Matter.objects.get(id=one.matter_id), Run.objects.get(id=one.run_id)
        assert kept.receipt == one.receipt
        assert kept.text == f"第 {number // 3 if number % 3 < 2 else number + 100} 栋的路灯不亮"
        assert (run.subject_kind, run.subject_id, run.card["ref"]) == ("matter", kept.id, one.ref)
        assert LogEntry.objects.filter(run=run).values_list("seq", "hash").get() == (1, run.head)
        assert Notice.objects.filter(subject_kind="matter", subject_id=kept.id).count() == 1
        assert procedures.verify(run) is None
    news = [one for one in told if one is not None and not one.replayed]
    assert len({one.receipt for one in news}) == len(news) == Matter.objects.count() == Run.objects.count()
    for number in range(0, PEOPLE, 3):
        first, second = told[number], told[number + 1]
        if first and second:
            assert first.receipt == second.receipt
            assert first.replayed != second.replayed
