"""The administrator's first page tells what is wrong, what it means, and where to mend it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.pages.admin_site import new_version, said
from tests.pages.conftest import SignedIn
from tests.statements import at_most
from tests.world import World
from tongxin.organization.models import Term
from tongxin.packs import api as packs
from tongxin.packs.models import CalendarYear
from tongxin.procedures.models import Run
from tongxin.web.setting_up import findings


def empty_post(world: World, role: str) -> None:
    Term.objects.filter(post__role=role).order_by("pk").first().delete()  # type: ignore[union-attr]
    packs.bump_organization(world.district.id)


def test_a_vacant_post_with_cases_is_the_first_thing_to_see(world: World, signed_in: SignedIn) -> None:
    world.report()
    empty_post(world, "grid_worker")
    page = said(signed_in("administrator").get("/admin/"))
    assert "1 个岗位没有人" in page
    assert "压着 1 件在办件" in page
    assert page.index("要处理") < page.index("正常")


def test_cases_under_an_older_version_are_counted(world: World, signed_in: SignedIn) -> None:
    world.report()
    packs.adopt_pack(world.district.id, new_version(world.district))
    page = said(signed_in("administrator").get("/admin/"))
    assert "第 2 版" in page
    assert "旧版在办：第 1 版 1 件" in page


def test_a_published_version_that_waits_is_told(world: World, signed_in: SignedIn) -> None:
    new_version(world.district)
    assert "第 2 版已经发布，还没有采用" in said(signed_in("administrator").get("/admin/"))


def test_a_missing_year_is_told_sixty_days_before(world: World) -> None:
    CalendarYear.objects.filter(year__gte=2027).delete()

    def titles(month: int, day: int) -> list[str]:
        lines, _ = findings(world.district, datetime(2026, month, day, 4, tzinfo=UTC))
        return [line.title for line in lines]

    assert "缺 2027 年放假安排" not in titles(10, 1)
    assert "缺 2027 年放假安排" in titles(11, 10)


def test_no_worker_is_a_fault(world: World, signed_in: SignedIn) -> None:
    assert "后台没有在运行" in said(signed_in("administrator").get("/admin/"))


def test_a_clock_behind_the_newest_case_is_told(world: World, signed_in: SignedIn) -> None:
    world.report()
    began = Run.objects.get().started_at
    titles = [line.title for line in findings(world.district, began - timedelta(days=1))[0]]
    assert "服务器时钟比记录慢" in titles
    assert "服务器时钟比记录慢" not in [line.title for line in findings(world.district, began)[0]]


def test_the_first_page_costs_the_same_with_more_cases(world: World, signed_in: SignedIn) -> None:
    client = signed_in("administrator")
    client.get("/admin/")
    for number in range(5):
        world.report(f"第{number}盏路灯不亮了，请来看看。")
    with at_most(16):
        client.get("/admin/")


def test_a_grid_worker_does_not_get_in(world: World, signed_in: SignedIn) -> None:
    assert signed_in("grid_worker").get("/admin/").status_code == 403
