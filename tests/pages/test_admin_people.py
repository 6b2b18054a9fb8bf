"""People and posts by those who manage them: appoint, end, cover, accounts; refusals change nothing."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client

from tests.domain import smalltown
from tests.pages.admin_site import refused, said
from tests.pages.conftest import SignedIn
from tests.statements import at_most
from tests.world import World
from tongxin.accounts.models import User
from tongxin.organization.models import Cover, Person, Post, Term
from tongxin.packs import api as packs
from tongxin.records.models import AuditEntry


def a_post(role: str = "grid_worker", number: int = 0) -> Post:
    return Post.objects.filter(role=role).order_by("pk")[number]


def vacate(world: World, post: Post) -> None:
    Term.objects.filter(post=post).delete()
    packs.bump_organization(world.district.id)
    packs.forget_districts()


def address(post: Post) -> str:
    return f"/admin/people/posts/{post.pk}"


def test_posts_are_listed_by_place_role_vacancy_and_name(world: World, signed_in: SignedIn) -> None:
    post = a_post()
    vacate(world, post)
    client = signed_in("administrator")
    assert post.title in said(client.get("/admin/people"))
    assert said(client.get("/admin/people?vacant=1")).count("空岗") >= 2
    assert post.title not in said(client.get("/admin/people?role=leader"))
    other = Term.objects.select_related("person", "post").order_by("pk")[3]
    found = said(client.get(f"/admin/people?q={other.person.name}"))
    assert other.post.title in found
    assert "没有符合的岗位" in said(client.get("/admin/people?q=没有这样的岗位"))


def test_bodies_show_their_own_posts(world: World, signed_in: SignedIn) -> None:
    client = signed_in("administrator")
    page = said(client.get("/admin/people?view=bodies"))
    assert "住建局部门经办岗" in page
    assert "第1网格员" not in page
    only = said(client.get(f"/admin/people?view=bodies&body={world.bodies['city'].pk}"))
    assert "城管局部门经办岗" in only
    assert "住建局部门经办岗" not in only


def test_paging_goes_on_where_it_stopped_and_shows_each_post_once(world: World, signed_in: SignedIn) -> None:
    client = signed_in("administrator")
    seen: list[str] = []
    mark = ""
    while True:
        page = client.get(f"/admin/people?after={mark}").content.decode()
        seen += re.findall(r"/admin/people/posts/(\d+)", page)
        more = re.search(r'rel="next" href="\?after=(\d+)"', page)
        if more is None:
            break
        mark = more[1]
    assert len(seen) == len(set(seen)) == Post.objects.count()


def test_four_thousand_posts_cost_no_statement_more(world: World, signed_in: SignedIn) -> None:
    client = signed_in("administrator")
    grid = smalltown.Area.objects.filter(level="grid").first()
    assert grid is not None
    posts = (
        Post(
            district_id=world.district.id, role="grid_head", title=f"岗位{n}", area=grid, grounds=[grid.pk], seat=n + 2
        )
        for n in range(4_000)
    )
    Post.objects.bulk_create(posts)
    people = (Person(district_id=world.district.id, name=f"演示人{n}") for n in range(4_000))
    Person.objects.bulk_create(people)
    packs.bump_organization(world.district.id)
    packs.forget_districts()
    for path in ("/admin/people", "/admin/people?view=persons", "/admin/people?view=bodies"):
        client.get(path)
        with at_most(8):
            client.get(path)


def test_somebody_found_by_name_is_appointed_from_a_day(world: World, signed_in: SignedIn) -> None:
    post = a_post()
    vacate(world, post)
    client = signed_in("administrator")
    person = Person.objects.get(name="演示20")
    assert f'value="{person.pk}"' in client.get(f"{address(post)}?who=演示20").content.decode()
    sent = {"do": "appoint", "person_id": person.pk, "from_on": "2026-01-05", "to_on": "2027-01-04"}
    assert client.post(address(post), sent).status_code == 302
    term = Term.objects.get(post=post)
    assert (term.person, term.from_on, term.to_on) == (person, date(2026, 1, 5), date(2027, 1, 4))
    assert AuditEntry.objects.filter(action="organization.appoint").count() == 1


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"do": "appoint"}, "还没有选择人员"),
        ({"do": "appoint", "person_id": "999999"}, "没有这个人员"),
        ({"do": "appoint", "person_id": "x" * 40}, "还没有选择人员"),
        ({"do": "appoint", "person_id": "1", "from_on": "昨天"}, "请写成 2026-01-31 的样子"),
        ({"do": "appoint", "person_id": "1", "from_on": "2026-02-31"}, "不是日期"),
        ({"do": "appoint", "person_id": "1", "from_on": "9999-12-31"}, "请核对年份"),
        ({"do": "appoint_new", "name": "王小明", "to_on": "2999-01-01"}, "太远了"),
        ({"do": "appoint_new", "name": "", "phone": ""}, "姓名应为"),
        ({"do": "appoint_new", "name": "王小明", "phone": "abc"}, "电话应为"),
        ({"do": "appoint_new", "name": "王小明", "from_on": "2026-05-01", "to_on": "2026-04-01"}, "早于开始日期"),
        ({"do": "set_cover"}, "还没有选择代岗"),
        ({"do": "end_term", "term_id": "0"}, "没有这一任职"),
        ({"do": "fly"}, "不知道要做什么"),
    ],
)
def test_bad_input_is_told_and_changes_nothing(
    world: World, signed_in: SignedIn, sent: dict[str, Any], sentence: str
) -> None:
    post = a_post()
    vacate(world, post)
    before = (Person.objects.count(), Term.objects.count(), Cover.objects.count(), AuditEntry.objects.count())
    assert sentence in said(refused(signed_in("administrator"), address(post), sent))
    after = (Person.objects.count(), Term.objects.count(), Cover.objects.count(), AuditEntry.objects.count())
    assert before == after


def test_a_held_post_is_given_over_only_when_asked(world: World, signed_in: SignedIn) -> None:
    post, client = a_post(), signed_in("administrator")
    sent = {"do": "appoint_new", "name": "王小明", "phone": ""}
    page = said(refused(client, address(post), sent))
    assert "接替" in page
    assert not Person.objects.filter(name="王小明").exists()
    assert client.post(address(post), {**sent, "replace": "yes"}).status_code == 302
    assert [term.person.name for term in Term.objects.filter(post=post, to_on=None)] == ["王小明"]


def test_a_term_ends_and_a_cover_begins_and_ends(world: World, signed_in: SignedIn) -> None:
    post, client = a_post(), signed_in("administrator")
    term = Term.objects.get(post=post)
    client.post(address(post), {"do": "end_term", "term_id": term.pk})
    assert Term.objects.get(pk=term.pk).to_on is not None
    neighbour = Post.objects.filter(role="grid_head", area=post.area).get()
    assert f'value="{neighbour.pk}"' in client.get(address(post)).content.decode()
    assert client.post(address(post), {"do": "set_cover", "by_id": neighbour.pk, "reason": "休假"}).status_code == 302
    cover = Cover.objects.get()
    assert neighbour.title in said(client.get(address(post)))
    client.post(address(post), {"do": "end_cover", "cover_id": cover.pk})
    assert not Cover.objects.exists()


def test_an_account_gets_a_password_that_only_leads_to_a_new_one(world: World, signed_in: SignedIn) -> None:
    client = signed_in("administrator")
    made = client.post("/admin/people?view=persons", {"name": "王小明", "phone": "13800001111"})
    page = client.post(made["Location"], {"do": "open", "username": "wang.xm"})
    word = re.search(r'class="secret-word"[^>]*>([^<]+)<', page.content.decode())
    assert word is not None
    assert word[1] not in client.get(made["Location"]).content.decode()
    assert word[1] not in str(list(AuditEntry.objects.values()))
    new = Client()
    assert new.post("/sign-in", {"username": "wang.xm", "password": word[1]}).status_code == 302
    assert new.get("/work/")["Location"] == "/change-password"
    sent = {"old": word[1], "password": "Quiet-river-5", "again": "Quiet-river-5"}
    assert new.post("/change-password", sent).status_code == 302
    assert new.get("/work/").status_code == 200


def test_a_second_account_and_a_taken_name_are_refused(world: World, signed_in: SignedIn) -> None:
    client = signed_in("administrator")
    person = Person.objects.get(name="演示3")
    assert "已有账号" in said(refused(client, f"/admin/people/{person.pk}", {"do": "open", "username": "neu"}))
    free = Person.objects.create(district_id=world.district.id, name="没账号")
    assert "已有人用" in said(refused(client, f"/admin/people/{free.pk}", {"do": "open", "username": "u1"}))
    assert "用户名只能用" in said(refused(client, f"/admin/people/{free.pk}", {"do": "open", "username": "王"}))
    free.refresh_from_db()
    assert free.user_id is None


def test_a_switched_off_account_is_out_with_its_next_request(world: World, signed_in: SignedIn) -> None:
    admin, worker = signed_in("administrator"), signed_in("grid_worker")
    person = Person.objects.get(user_id=world.actor("grid_worker").user_id)
    assert worker.get("/grid/").status_code == 200
    admin.post(f"/admin/people/{person.pk}", {"do": "off"})
    assert worker.get("/grid/").status_code == 302
    admin.post(f"/admin/people/{person.pk}", {"do": "on"})
    assert User.objects.get(pk=person.user_id).is_active


def test_nobody_switches_themselves_off(world: World, signed_in: SignedIn) -> None:
    me = Person.objects.get(user_id=world.actor("administrator").user_id)
    assert "自己的账号" in said(refused(signed_in("administrator"), f"/admin/people/{me.pk}", {"do": "off"}))


@pytest.mark.parametrize("path", ["/admin/people", "/admin/people/1", "/admin/people/posts/1", "/admin/keys"])
def test_a_desk_without_the_permission_changes_nothing(world: World, signed_in: SignedIn, path: str) -> None:
    before = AuditEntry.objects.count()
    for role in ("grid_worker", "receptionist", "leader"):
        client = signed_in(role)
        assert client.get(path).status_code == 403
        assert client.post(path, {"do": "open", "username": "mine", "name": "x"}).status_code == 403
    assert AuditEntry.objects.count() == before
