"""The imports on real data: citizens' messages with their duplicates, a year of hotline tickets on the city's own polygons."""

from __future__ import annotations

import time

import pytest
from django.core.management import call_command
from django.db.models import Count

from tests.domain.matters.imports.city import MAPPINGS, fill_posts, open_city, run, seen
from tests.shared_data import find_data
from tongxin.matters.models import Matter
from tongxin.procedures import api as procedures
from tongxin.procedures.models import LogEntry, Run
from tongxin.territory import api as territory

pytestmark = [pytest.mark.realdata, pytest.mark.django_db]

MESSAGES, EXACT, ALIKE = 4_326, 109, 119
TICKETS, IMPRECISE = 12_709, 5_055


def test_all_citizens_messages_with_their_duplicates(db):
    path = find_data("teddy2020c", "full_附件3.xlsx")
    open_city()
    out, err = run(path, "--mapping", MAPPINGS / "citizen_messages.yaml")
    assert f"新增 {MESSAGES:,} 件，已有 0 件，未收 0 行" in out, err
    assert f"内容重复 {ALIKE} 件" in out
    assert f"一字不差的 {EXACT} 件" in out
    assert Matter.objects.count() == Run.objects.count() == MESSAGES
    assert Matter.objects.filter(master__isnull=False).count() == ALIKE
    assert Run.objects.filter(outcome="merged").count() == ALIKE
    assert not Matter.objects.filter(master__master__isnull=False).exists()
    first = Matter.objects.get(source_key="188006")
    assert first.reported_at.isoformat() == "2019-02-28T03:25:05+00:00"
    assert {"likes", "dislikes"} == set(first.extra)
    assert all(isinstance(m.extra["likes"], int) for m in Matter.objects.all()[:200])
    assert Matter.objects.order_by("-id").first().category in {"", "1", "2", "3", "4", "5", "6", "9"}
    longest = max(Matter.objects.values_list("text", flat=True), key=len)
    assert len(longest) > 6_000  # kept whole, over the limit of a live report
    out, _ = run(path, "--mapping", MAPPINGS / "citizen_messages.yaml")
    assert "没有新增" in out
    assert Matter.objects.count() == MESSAGES


@pytest.fixture
def yichang(db):
    open_city("yichang")
    root = territory.tree(seen("yichang")).roots()[0]
    streets, communities = find_data("yichang", "streets_22.geojson"), find_data("yichang", "communities_193.geojson")
    call_command("import_areas", "yichang", streets, level="street", name="JDMC", verbosity=0)
    call_command(
        "import_areas", "yichang", communities, level="community", name="SQMC", parent_name="SSJD", verbosity=0
    )
    fill_posts("yichang")
    assert len(territory.tree(seen("yichang")).at_level("community")) == 193
    return root


def test_a_year_of_tickets_on_real_polygons(yichang):
    path = find_data("yichang", "yichang_12345_2024.csv")
    began = time.perf_counter()
    out, err = run(path, "--mapping", MAPPINGS / "hotline_tickets.yaml", key="yichang")
    print(f"{TICKETS / (time.perf_counter() - began):,.0f} rows/s")
    assert f"新增 {TICKETS:,} 件，已有 0 件，未收 0 行" in out, err
    assert f"坐标不准的 {IMPRECISE:,} 件" in out
    rough = Matter.objects.filter(precision="area")
    assert rough.count() == IMPRECISE
    assert not rough.exclude(lon=None, lat=None).exists()  # never a point
    assert set(rough.values_list("area_id", flat=True)) == {yichang.id}  # only the city is known of them
    located = Matter.objects.filter(precision="exact").values_list("area__name", "extra__sjoin")
    assert located.count() == TICKETS - IMPRECISE
    assert [pair for pair in located if pair[0] != pair[1]] == []
    assert not Matter.objects.filter(category="").exists()
    held = Run.objects.values("holder_post__role").annotate(count=Count("id"))
    assert {row["holder_post__role"]: row["count"] for row in held} == {
        "worker": TICKETS - IMPRECISE,
        "duty": IMPRECISE,
    }
    for found in Run.objects.order_by("?")[:25]:
        assert procedures.verify(found) is None
    assert "没有新增" in run(path, "--mapping", MAPPINGS / "hotline_tickets.yaml", key="yichang")[0]
    assert LogEntry.objects.count() == TICKETS
