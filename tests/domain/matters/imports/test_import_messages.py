"""`manage.py import_messages` on small files: what it takes, what it refuses and how it says so, and that a repeat adds nothing."""

from __future__ import annotations

import csv

import pytest
from django.core.management import CommandError

from tests.domain.matters.imports.city import NOW, open_city, run, seen
from tests.statements import at_most
from tongxin.matters.imports import api as imports
from tongxin.matters.models import Matter
from tongxin.notices.models import Notice
from tongxin.organization import api as organization
from tongxin.procedures import api as procedures
from tongxin.procedures.models import LogEntry, Run

pytestmark = pytest.mark.django_db

HEAD = "编号,标题,内容,时间,办结时间,经度,纬度,社区\n"
ROWS = (
    "1,路灯,路灯不亮,2024-01-02 10:00:00,2024-01-03 09:00:00,111.05,30.1,\n"
    "2,停车,停车位不够,2024/1/5,,111.15,30.1,\n"
    "3,噪音,夜里吵,2024年2月1日 21时30分,,,,西街二号社区\n"
)


@pytest.fixture
def city():
    return open_city(squares=True)


def write(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


def matter(key):
    return Matter.objects.get(source_key=key)


def test_rows_become_matters_with_their_own_times_places_and_holders(city, tmp_path):
    out, _ = run(write(tmp_path / "a.csv", HEAD + ROWS))
    assert "新增 3 件，已有 0 件，未收 0 行" in out
    first, second, third = matter("1"), matter("2"), matter("3")
    assert first.reported_at.isoformat() == "2024-01-02T02:00:00+00:00"
    assert first.closed_at.isoformat() == "2024-01-03T01:00:00+00:00"
    assert (first.area.name, first.precision, first.source) == ("东街一号社区", "exact", "a")
    assert (third.area.name, third.precision, third.lon) == ("西街二号社区", "area", None)
    run_1, run_2 = Run.objects.get(subject_id=first.pk), Run.objects.get(subject_id=second.pk)
    assert (run_1.state, run_1.outcome, run_1.finished_at) == ("closed", "done", first.closed_at)
    assert (run_2.state, run_2.finished_at) == ("reported", None)
    assert run_2.holder_post.title == "东街二号社区worker"
    assert run_2.due_at is not None
    assert len({m.receipt for m in (first, second, third)}) == 3


def test_history_sets_no_timers_and_leaves_no_notes_and_its_chain_holds(city, tmp_path):
    run(write(tmp_path / "a.csv", HEAD + ROWS))
    assert Run.objects.filter(next_timer_at__isnull=False).count() == 0
    assert Notice.objects.count() == 0
    assert procedures.sweep(NOW) == 0
    for found in Run.objects.all():
        assert procedures.verify(found) is None
    done = Run.objects.get(subject_id=matter("1").pk)
    steps = procedures.timeline(seen(), done, audience="reporter")
    assert [step.says for step in steps] == ["由历史记录导入", "历史记录，当时已办结"]


def test_a_changed_entry_of_an_imported_case_is_found(city, tmp_path):
    from django.db import connection

    run(write(tmp_path / "a.csv", HEAD + ROWS))
    found = Run.objects.get(subject_id=matter("1").pk)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE procedures_logentry DISABLE TRIGGER procedures_log_append_only")
        cursor.execute("UPDATE procedures_logentry SET says = '改过' WHERE run_id = %s AND seq = 2", [found.pk])
    assert procedures.verify(found) == 1


def test_a_second_run_adds_nothing_and_says_so(city, tmp_path):
    path = write(tmp_path / "a.csv", HEAD + ROWS)
    run(path)
    before = list(Matter.objects.order_by("id").values_list("id", "receipt"))
    out, _ = run(path)
    assert "读了 3 行，全部都已经导入过，没有新增。" in out
    assert list(Matter.objects.order_by("id").values_list("id", "receipt")) == before
    assert LogEntry.objects.count() == 4


def test_a_file_that_has_grown_adds_only_what_is_new(city, tmp_path):
    run(write(tmp_path / "a.csv", HEAD + ROWS))
    out, _ = run(write(tmp_path / "a.csv", HEAD + ROWS + "4,新,新的一件,2024-03-01,,111.05,30.1,\n"))
    assert "新增 1 件，已有 3 件" in out


def test_each_bad_row_is_told_and_stops_no_other(city, tmp_path):
    bad = (
        "11,,,2024-01-02,,111.05,30.1,\n"
        "12,x,没有时间,,,111.05,30.1,\n"
        "13,x,日期不对,2024-02-30,,111.05,30.1,\n"
        "14,x,在外面,2024-01-02,,120.0,31.0,\n"
        "15,x,反了,2024-01-02,,30.1,111.05,\n"
        f"16,x,{'长' * 20_001},2024-01-02,,111.05,30.1,\n"
        "17,x,社区不对,2024-01-02,,,,哪里社区\n"
        "1,x,编号重复,2024-01-02,,111.05,30.1,\n"
        "18,x,明天的事,2099-01-02,,111.05,30.1,\n"
        "19,短行\n"
        "20,x,后天办好,2024-01-02,2099-01-02,111.05,30.1,\n"
    )
    report = tmp_path / "errors.csv"
    out, err = run(write(tmp_path / "a.csv", HEAD + ROWS + bad), "--report", report)
    assert "新增 3 件，已有 0 件，未收 11 行" in out
    with report.open(encoding="utf-8-sig", newline="") as file:
        told = list(csv.DictReader(file))
    by_row = {int(row["行"]): row for row in told}
    said = {number: row["列"] + "｜" + row["问题"] for number, row in by_row.items()}
    assert all(row["文件"] == "a.csv" and row["怎么改"].endswith("。") for row in told)
    assert said[5].startswith("内容｜没有内容")
    assert said[6].startswith("时间｜没有时间")
    assert "“2024-02-30”不是真实的日期" in said[7]
    assert "不在本区域内" in said[8]
    assert "填反" in said[9]
    assert "20,001 个字，最多 20,000 个字" in said[10]
    assert said[11].startswith("社区｜没有区域“哪里社区”")
    assert "编号“1”在文件里出现过" in said[12]
    assert "在将来" in said[13]
    assert "只有 2 列，表头有 8 列" in said[14]
    assert said[15].startswith("办结时间｜时间 2099-01-02 在将来")
    assert "第 6 行（时间）" in err


def test_a_dry_run_says_the_same_and_writes_nothing(city, tmp_path):
    path = write(tmp_path / "a.csv", HEAD + ROWS + "1,x,重,2024-01-02,,111.05,30.1,\n")
    out, _ = run(path, "--dry-run")
    assert "将会新增 3 件，已有 0 件，未收 1 行" in out
    assert Matter.objects.count() == 0


def test_same_words_are_merged_under_the_first_and_marked(city, tmp_path):
    rows = "1,a,小区门口 路灯不亮,2024-01-02,,,,\n2,b,小区门口路灯不亮,2024-01-03,,,,\n3,c,小区门口，路灯不亮！,2024-01-04,,,,\n"
    out, _ = run(write(tmp_path / "a.csv", HEAD + rows))
    assert "内容重复 2 件，已并入先来的一件并标明；其中一字不差的 1 件" in out
    first, second, third = matter("1"), matter("2"), matter("3")
    assert (first.master_id, second.master_id, third.master_id) == (None, first.pk, first.pk)
    assert Run.objects.get(subject_id=second.pk).outcome == "merged"
    assert Run.objects.get(subject_id=first.pk).outcome == ""
    out, _ = run(write(tmp_path / "a.csv", HEAD + "4,d,小区门口路灯不亮,2024-02-01,,,,\n"))
    assert matter("4").master_id == first.pk


def test_the_same_row_twice_without_numbers_is_two_rows_in_every_run(city, tmp_path):
    path = write(tmp_path / "a.csv", "内容,时间\n路灯,2024-01-02\n路灯,2024-01-02\n停车,2024-01-02\n")
    assert "新增 3 件" in run(path)[0]
    assert "没有新增" in run(path)[0]
    assert Matter.objects.count() == 3


def test_closed_archives_what_has_no_closing_time_and_says_that_it_is_unknown(city, tmp_path):
    run(write(tmp_path / "a.csv", HEAD + ROWS), "--closed")
    assert Run.objects.filter(finished_at=None).count() == 0
    assert matter("2").extra == {"closed_at_unknown": True}
    assert matter("1").closed_at.isoformat() == "2024-01-03T01:00:00+00:00"


def test_imprecise_points_are_kept_aside_and_never_become_points(city, tmp_path):
    mapping = write(
        tmp_path / "m.yaml",
        "source: s\ncolumns: {key: 编号, text: 内容, reported_at: 时间, lon: 经度, lat: 纬度}\n"
        "imprecise: {points: [[111.05, 30.1]], level: street}\n",
    )
    run(write(tmp_path / "a.csv", HEAD + ROWS), "--mapping", mapping)
    doubtful, sure = matter("1"), matter("2")
    assert (doubtful.lon, doubtful.precision, doubtful.area.name) == (None, "area", "东街街道")
    assert doubtful.extra["imprecise_point"] == [111.05, 30.1]
    assert (sure.precision, sure.lon) == ("exact", 111.15)


def test_a_killed_import_goes_on_without_doubles(city, tmp_path):
    text = "编号,内容,时间\n" + "".join(f"{n},事情{n},2024-01-02\n" for n in range(50))
    path = write(tmp_path / "a.csv", text)

    class Killed(BaseException):
        pass

    def kill(rows):
        if rows >= 20:
            raise Killed

    table, mapping = imports.open_file(path, None, (), None)
    actor = organization.system_actor(city)
    with pytest.raises(Killed):
        imports.import_rows(
            table,
            mapping,
            district=city,
            source="a",
            channel="import",
            actor=actor,
            now=NOW,
            piece_rows=10,
            on_rows=kill,
        )
    assert Matter.objects.count() == 20
    assert "新增 30 件，已有 20 件" in run(path)[0]
    assert Matter.objects.count() == Run.objects.count() == 50
    assert Matter.objects.values("source_key").distinct().count() == 50


def test_a_piece_costs_the_same_statements_whatever_its_size(city, tmp_path):
    actor = organization.system_actor(city)
    text = "编号,内容,时间\n" + "".join(f"{n},事情{n},2024-01-02\n" for n in range(500))
    table, mapping = imports.open_file(write(tmp_path / "a.csv", text), None, (), None)
    run(write(tmp_path / "warm.csv", HEAD + ROWS))
    with at_most(11):  # lock, unlock, known, repeats, 2 × numbers, 3 × copy, and two for the district's copies
        done = imports.import_rows(table, mapping, district=city, source="a", channel="import", actor=actor, now=NOW)
    assert done.added == 500


def test_only_who_may_import_imports(city, tmp_path):
    from tongxin.kernel.errors import NotAllowed

    table, mapping = imports.open_file(write(tmp_path / "a.csv", HEAD + ROWS), None, (), None)
    resident = organization.resident_actor(city)
    with pytest.raises(NotAllowed):
        imports.import_rows(table, mapping, district=city, source="a", channel="import", actor=resident, now=NOW)
    assert Matter.objects.count() == 0


def test_unknown_district_channel_and_level_are_told_with_what_there_is(city, tmp_path):
    path = write(tmp_path / "a.csv", HEAD + ROWS)
    with pytest.raises(CommandError, match="没有键为“nowhere”的地方。已有：city"):
        run(path, key="nowhere")
    with pytest.raises(CommandError, match=r"没有“fax”这个渠道。有：.*import"):
        run(path, "--channel", "fax")
    mapping = write(tmp_path / "m.yaml", "columns: {text: 内容, reported_at: 时间}\nimprecise: {level: grid}\n")
    with pytest.raises(CommandError, match=r"没有“grid”这一级地域。有：city、street、community"):
        run(path, "--mapping", mapping)
    assert Matter.objects.count() == 0
