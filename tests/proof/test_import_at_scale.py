"""Half a year of a large city's requests, 104,240 rows with their own opened and closed times, on 255 precinct polygons."""

from __future__ import annotations

import time

import pytest
from django.core.management import call_command
from django.db.models import F

from tests.domain.matters.imports.city import MAPPINGS, fill_posts, open_city, run, seen
from tests.shared_data import find_data
from tongxin.matters.models import Matter
from tongxin.procedures import api as procedures
from tongxin.procedures.models import LogEntry, Run
from tongxin.territory import api as territory

pytestmark = [pytest.mark.realdata, pytest.mark.django_db]

ROWS, CLOSED, DEFAULT_POINT = 104_240, 88_059, 14_671


def test_every_request_keeps_its_times_and_finds_its_precinct():
    path = find_data("boston311", "boston311_2015_jan_oct.parquet")
    open_city("boston")
    precincts = find_data("boston311", "boston_precincts_wgs84.geojson")
    call_command("import_areas", "boston", precincts, level="community", name="ward_precinct", verbosity=0)
    fill_posts("boston")
    assert len(territory.tree(seen("boston")).at_level("community")) == 255
    began = time.perf_counter()
    out, err = run(path, "--mapping", MAPPINGS / "service_requests.yaml", key="boston")
    print(f"{ROWS / (time.perf_counter() - began):,.0f} rows/s")
    assert f"新增 {ROWS:,} 件，已有 0 件，未收 0 行" in out, err
    assert f"已办结的历史件 {CLOSED:,} 件" in out
    assert f"坐标不准的 {DEFAULT_POINT:,} 件" in out
    assert Matter.objects.count() == Run.objects.count() == ROWS
    assert LogEntry.objects.count() == ROWS + CLOSED
    done = Run.objects.filter(finished_at__isnull=False)
    assert done.count() == CLOSED == Matter.objects.filter(closed_at__isnull=False).count()
    one = Matter.objects.get(source_key="101001242404")
    assert one.reported_at.isoformat() == "2015-01-05T17:40:41+00:00"  # 12:40:41 PM in New York
    assert one.closed_at.isoformat() == "2015-01-06T18:46:56+00:00"
    assert Run.objects.get(subject_id=one.pk).finished_at == one.closed_at
    assert not Run.objects.filter(next_timer_at__isnull=False).exists()
    # against the city's own record: precincts are "1C"-like wards with numbers there, "WWPP" in the polygons
    known = Matter.objects.filter(precision="exact", extra__has_key="ward").exclude(extra__ward="")
    agree = total = 0
    for area, ward in known.values_list("area__name", "extra__ward"):
        said = "".join(char for char in str(ward).partition(".")[0] if char.isdigit())
        total += 1
        agree += said.zfill(2) == area[:2]
    assert total > 80_000
    assert agree / total > 0.98
    assert done.filter(finished_at__lt=F("started_at")).count() == 176  # as the file says it
    for found in done.order_by("?")[:25]:
        assert procedures.verify(found) is None
    assert "没有新增" in run(path, "--mapping", MAPPINGS / "service_requests.yaml", key="boston")[0]
