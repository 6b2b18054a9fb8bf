"""A hot topic becomes somebody's case (WH-30): taken up over HTTP, later matters join by the worker, a person sorts them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from tests.domain import smalltown
from tests.domain.learning.test_topics_page import HERE, THERE
from tests.statements import at_most
from tests.world import World
from tongxin.accounts.models import User
from tongxin.kernel.errors import Conflict, NotAllowed
from tongxin.learning import api as learning
from tongxin.learning.models import TopicCase, TopicMatter
from tongxin.matters.models import Matter
from tongxin.procedures import api as procedures
from tongxin.web.worker import Worker


@pytest.fixture
def planted(world: World) -> World:
    world.later(hours=-2)
    for number, text in enumerate(HERE):
        world.report(text, reporter_phone=f"1390000000{number}")
    lon, lat = smalltown.centre(6, 0)
    for number, text in enumerate(THERE):
        world.report(text, reporter_phone=f"1380000000{number}", lon=lon, lat=lat)
    return world


def member(world: World, role: str, where: str = "") -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=world.actor(role, where).user_id))
    return client


def receipt_of(matter_id: int) -> str:
    return Client().get(f"/receipt/{Matter.objects.get(pk=matter_id).receipt}").content.decode()


def take_up(world: World, role: str = "receptionist", where: str = "横江社区", **given: str) -> TopicCase:
    """Open the first topic of the page as a case, led by the first housing department."""
    client = member(world, role, where)
    page = client.get("/work/topics").content.decode()
    link = re.search(r'href="(/work/topics/take\?[^"]+)"', page)
    assert link
    form = client.get(link[1].replace("&amp;", "&")).content.decode()
    assert "油烟" in form
    hidden = dict(re.findall(r'name="(days|matter|request_key)" value="([^"]*)"', form))
    sent = {
        **hidden,
        "title": "滨江花园烧烤店油烟，电话13912345678",
        "main_unit": str(world.bodies["city"].id),
        **given,
    }
    answer = client.post("/work/topics/take", sent)
    assert answer.status_code == 302, answer.content.decode()
    again = client.post("/work/topics/take", sent)  # the page was sent twice
    assert (again.status_code, again["Location"]) == (302, answer["Location"])
    return TopicCase.objects.get()


@pytest.mark.row("WH-30")
def test_a_topic_is_taken_up_and_led_to_its_answer(planted: World) -> None:
    """3 674 problems become 20 答案: collect, sort, tackle, spread; the answer is found beside the topics afterwards."""
    topic = take_up(planted)
    assert "13912345678" not in topic.title
    assert (topic.people, topic.matters.count()) == (4, 4)
    run = procedures.find_run(planted.district, learning.SUBJECT, topic.id)
    assert run is not None
    assert run.state == "collected"
    desk = next(user for (_, title), user in planted.users.items() if title.startswith("城管局"))
    client = Client()
    client.force_login(User.objects.get(pk=desk))
    inbox = client.get("/work/").content.decode()
    assert topic.title in inbox
    case = f"/work/cases/{run.id}"
    assert client.get(f"/work/topics/{topic.id}")["Location"] == case
    first = topic.matters.order_by("id")[0].matter_id
    behind = procedures.find_run(planted.district, "matter", first)
    assert behind is not None
    page = member(planted, "supervisor").get(f"/work/cases/{behind.id}").content.decode()
    assert f"/work/topics/{topic.id}" in page
    steps = [
        ("sort_out", {"problem": "烧烤店油烟直排"}, "sorted"),
        (
            "tackle",
            {"cause": "没有净化器", "plan": "装净化器", "tackled_on": f"{planted.now.date() + timedelta(days=30)}"},
            "tackling",
        ),
        ("answer", {"answer": "街道补一半，店家装净化器", "evidence": "一个月无人再反映"}, "spreading"),
        ("spread", {"places": "全区夜市"}, "closed"),
    ]
    assert receipt_of(first).count("同类反映多，已合起来治理") == 1
    for transition, form, state in steps:
        run.refresh_from_db()
        answer = client.post(case, {"transition": transition, "seen": run.seq, **form})
        assert answer.status_code == 302, answer.content.decode()
        run.refresh_from_db()
        assert run.state == state
    topic.refresh_from_db()
    assert topic.closed_at is not None
    assert "店家装净化器" in member(planted, "supervisor").get("/work/topics").content.decode()
    page, code = receipt_of(first), Matter.objects.get(pk=first).receipt
    assert "和您反映同类情况的还有 3 件" in page
    assert "由城管局牵头" in page
    assert "已形成社区答案" in page
    assert "已推广到全区夜市" in page
    others = Matter.objects.filter(pk__in=topic.matters.values("matter_id")).exclude(pk=first)
    assert not any(one.text in page or one.reporter_phone in page or one.receipt in page for one in others)
    told = Client().get(f"/api/v1/matters/{code}").json()["topic"]
    assert (told["title"], told["others"], told["outcome"]) == (topic.title, 3, "done")
    apart = Matter.objects.exclude(pk__in=topic.matters.values("matter_id"))[0]
    assert "合起来治理" not in receipt_of(apart.id)


def test_what_is_taken_up_is_not_taken_up_twice(planted: World) -> None:
    topic = take_up(planted)
    page = member(planted, "supervisor").get("/work/topics").content.decode()
    assert "已立项：" in page
    rows = list(topic.matters.values_list("matter_id", flat=True))
    with pytest.raises(Conflict, match="正在治理"):
        learning.open_topic(
            district=planted.district, title="又一次", words=[], matter_ids=rows, since=topic.since_at, until=topic.until_at,
            owner_id=planted.bodies["city"].id, actor=planted.actor("receptionist", "横江社区"), now=planted.now,
        )  # fmt: skip
    assert TopicCase.objects.count() == 1


def test_nobody_takes_up_what_lies_outside_their_places(planted: World) -> None:
    far = planted.actor("receptionist", "梅林社区")
    rows = [row.id for row in _matters("油烟")]
    with pytest.raises(NotAllowed):
        learning.open_topic(
            district=planted.district, title="别处的", words=[], matter_ids=rows, since=planted.now, until=planted.now,
            owner_id=planted.bodies["city"].id, actor=far, now=planted.now,
        )  # fmt: skip
    leader = planted.actor("department_desk", "住建局")
    assert not learning.may_open(leader, None)
    assert not TopicCase.objects.exists()


def _matters(word: str) -> list:
    return list(Matter.objects.filter(text__contains=word).order_by("id"))


def test_later_matters_join_once_and_what_was_taken_away_stays_away(planted: World) -> None:
    topic = take_up(planted)
    planted.later(hours=1)
    planted.report("滨江花园烧烤店油烟扰民，半夜还在烤，开不了窗", reporter_phone="13600000001")
    planted.report("东风小区电梯坏了三天没人修，老人下不了楼", reporter_phone="13600000002")
    Worker(lambda: planted.now).work()
    joined = topic.matters.get(how="arrived")
    assert "半夜" in joined.matter.text
    assert topic.matters.exclude(how="opened").count() == 1
    with at_most(8):
        assert learning.attach_arrivals(district=planted.district, now=planted.now) == 0
    client = member(planted, "receptionist", "横江社区")
    run = procedures.find_run(planted.district, learning.SUBJECT, topic.id)
    assert run is not None
    page = client.get(f"/work/cases/{run.id}").content.decode()
    assert "后来自动归入" in page
    sent = {"matter": str(joined.matter_id), "do": "remove"}
    assert client.post(f"/work/topics/{topic.id}/matters", sent).status_code == 302
    assert learning.attach_arrivals(district=planted.district, now=planted.now) == 0
    joined.refresh_from_db()
    assert joined.how == "removed"
    assert client.post(f"/work/topics/{topic.id}/matters", {**sent, "do": "add"}).status_code == 302
    joined.refresh_from_db()
    assert joined.how == "added"


def test_a_number_written_late_is_still_read(planted: World) -> None:
    """An import reserves numbers early and writes them late: the pass in between must not lose them."""
    topic = take_up(planted)
    planted.later(minutes=10)
    early = planted.report("滨江花园烧烤店油烟呛人，半夜还在烤", reporter_phone="13600000003")
    learning.attach_arrivals(district=planted.district, now=planted.now)
    TopicMatter.objects.filter(matter_id=early.matter_id).delete()  # as if it had not been visible to that pass
    learning.attach_arrivals(district=planted.district, now=planted.now)
    assert topic.matters.filter(matter_id=early.matter_id, how="arrived").exists()


def test_a_stranger_sorts_nothing(planted: World) -> None:
    topic = take_up(planted)
    first = topic.matters.order_by("id").first()
    assert first is not None
    client = member(planted, "receptionist", "梅林社区")
    answer = client.post(f"/work/topics/{topic.id}/matters", {"matter": str(first.matter_id), "do": "remove"})
    assert answer.status_code == 403
    first.refresh_from_db()
    assert first.how == "opened"
