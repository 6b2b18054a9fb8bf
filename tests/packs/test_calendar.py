"""The table of working days: published years, a district's own days, and years nobody has published."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.packs.sample import write
from tests.shared_data import find_data
from tongxin.kernel.caches import clear_all
from tongxin.kernel.clock import LOCAL
from tongxin.kernel.errors import Invalid
from tongxin.kernel.worktime import Span
from tongxin.packs import api as packs
from tongxin.packs.models import CalendarDay, CalendarYear

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.fixture
def district(db: None, tmp_path: Path) -> packs.DistrictView:
    packs.forget_districts()
    clear_all()
    version = packs.publish_pack(packs.load_folder(write(tmp_path)), actor_label="甲", now=NOW)
    packs.open_district(key="sample", title="样区", version=version, hosts=[], now=NOW)
    return _seen()


def _seen() -> packs.DistrictView:
    packs.forget_districts()
    view = packs.find_district(key="sample")
    assert view is not None
    return view


def _file(year: int, days: list[tuple[str, bool]]) -> str:
    rows = [{"name": "春节", "date": day, "isOffDay": off} for day, off in days]
    return json.dumps({"year": year, "papers": ["https://example.test/paper"], "days": rows})


def _run(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out, stderr=out, no_color=True)
    return out.getvalue()


def test_the_known_years_are_imported_once_however_often(district: packs.DistrictView) -> None:
    years = packs.import_calendar(NOW)
    assert (years[0], years[-1]) == (2004, 2026)
    before = CalendarDay.objects.count()
    assert packs.import_calendar(NOW) == years
    assert CalendarDay.objects.count() == before
    calendar = packs.working_calendar(_seen())
    assert not calendar.is_workday(date(2026, 10, 1))
    assert calendar.is_workday(date(2026, 1, 4)), "a Sunday that makes up for a holiday"
    assert CalendarDay.objects.get(day=date(2026, 10, 1)).name == "国庆节"


def test_a_published_file_replaces_its_year_and_may_name_days_of_the_year_before(district: packs.DistrictView) -> None:
    packs.import_calendar_file(_file(2029, [("2029-12-31", True)]), NOW)
    packs.import_calendar_file(_file(2030, [("2029-12-31", False), ("2030-01-01", True)]), NOW)
    assert list(CalendarDay.objects.order_by("day").values_list("day", "is_workday")) == [
        (date(2029, 12, 31), True),
        (date(2030, 1, 1), False),
    ]
    assert packs.import_calendar_file(_file(2030, [("2030-01-02", True)]), NOW) == [2030]
    assert [day.day for day in packs.list_calendar_days(2030)] == [date(2030, 1, 2)]
    assert packs.list_calendar_years() == {2029: "https://example.test/paper", 2030: "https://example.test/paper"}


@pytest.mark.parametrize(
    "text",
    [
        "", "[", "[]", "{}", "null", '{"year": "x", "days": []}', '{"year": 2030, "days": []}', '{"year": 2030, "days": [1]}',
        '{"year": 1999, "days": [{"date": "1999-01-01", "isOffDay": true}]}',
        '{"year": 2030, "days": [{"date": "2030-13-01", "isOffDay": true}]}',
        '{"year": 2030, "days": [{"date": "2030-01-01", "isOffDay": "yes"}]}',
        '{"year": 2030, "days": [{"date": "2033-01-01", "isOffDay": true}]}',
    ],
)  # fmt: skip
def test_what_is_no_calendar_is_refused_and_changes_nothing(text: str, db: None) -> None:
    with pytest.raises(Invalid) as refused:
        packs.import_calendar_file(text, NOW)
    assert "放假安排" in refused.value.what
    assert not CalendarDay.objects.exists()
    assert not CalendarYear.objects.exists()


def test_a_district_has_days_of_its_own(district: packs.DistrictView) -> None:
    packs.import_calendar(NOW)
    monday = date(2026, 4, 20)
    assert packs.working_calendar(_seen()).is_workday(monday)
    packs.set_own_day(district.id, monday, is_workday=False, name="三月三", now=NOW)
    packs.set_own_day(district.id, date(2026, 10, 1), is_workday=True, name="值守", now=NOW)
    calendar = packs.working_calendar(_seen())
    assert not calendar.is_workday(monday)
    assert calendar.is_workday(date(2026, 10, 1)), "its own day wins over the published one"
    packs.import_calendar(NOW)
    assert not packs.working_calendar(_seen()).is_workday(monday), "an import leaves own days alone"


def test_a_year_nobody_has_published_is_counted_and_marked(district: packs.DistrictView) -> None:
    packs.import_calendar(NOW)
    calendar = packs.working_calendar(_seen())
    start = datetime(2026, 12, 31, 15, 0, tzinfo=LOCAL)
    deadline = calendar.add(start, Span.parse("3 work_days"))
    assert deadline.provisional
    assert deadline.at.date() == date(2027, 1, 5), "Monday to Friday when nothing is known"
    assert not calendar.add(datetime(2026, 3, 2, 9, 0, tzinfo=LOCAL), Span.parse("3 work_days")).provisional


def test_the_command_imports_shows_and_warns(district: packs.DistrictView, tmp_path: Path) -> None:
    assert "2004—2026 年" in _run("calendar", "import")
    assert "2026-10-01 周四  休息  国庆节" in _run("calendar", "show", "2026")
    assert "还没有公布" in _run("calendar", "show", "2031")
    path = tmp_path / "2031.json"
    path.write_text(_file(2031, [("2031-01-01", True)]), encoding="utf-8-sig")
    assert "✓ 已导入 2031 年" in _run("calendar", "import", str(path))
    assert "✓ 样区 2026-03-03 休息（本地节日）" in _run("calendar", "own", "sample", "2026-03-03", "rest", "本地节日")
    assert "本地节日" in _run("calendar", "show", "2026", "--district", "sample")
    for arguments in (
        ("own", "nowhere", "2026-03-03", "rest", "x"),
        ("own", "sample", "3月3日", "rest", "x"),
        ("import", "none.json"),
    ):
        with pytest.raises(CommandError):
            _run("calendar", *arguments)


@pytest.mark.realdata
def test_the_published_files_agree_with_the_library(district: packs.DistrictView) -> None:
    packs.import_calendar(NOW)
    years = range(2010, 2027)
    library = {day: works for year in years for day, works in _days(year)}
    for year in years:
        packs.import_calendar_file(find_data("calendar", f"{year}.json").read_text(), NOW)
    calendar = packs.working_calendar(_seen())
    wrong = [day for day, works in library.items() if calendar.is_workday(day) != works]
    assert wrong == []


def _days(year: int) -> list[tuple[date, bool]]:
    return [(day.day, day.is_workday) for day in packs.list_calendar_days(year)]
