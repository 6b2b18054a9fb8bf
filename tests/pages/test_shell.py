"""What every page has: the way to complain about formalism, safe headers, words for every refusal, no inline code."""

from __future__ import annotations

import io
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import OperationalError
from django.template import Context, Template
from django.test import Client
from PIL import Image

from tests.pages.conftest import SignedIn
from tests.statements import at_most
from tests.world import World
from tongxin.accounts.models import User
from tongxin.kernel import limits
from tongxin.kernel.errors import Conflict, Invalid, Invalids, TooMany
from tongxin.matters.models import Matter
from tongxin.records.models import Attachment, Complaint
from tongxin.web import errors
from tongxin.web.middleware.headers import content_policy
from tongxin.web.page import load_pages

OPEN = sorted(
    page.path
    for page in load_pages().values()
    if page.in_district and not page.signed_in and not page.takes_arguments and "GET" in page.methods
    and not page.path.endswith((".geojson", ".webmanifest", "first-page"))
)  # fmt: skip


class Inline(HTMLParser):
    """Collects what the content policy would block."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self._in_script = tag == "script" and "src" not in named
        self.found += [f"<{tag} {name}>" for name in named if name == "style" or name.startswith("on")]
        self.found += [f"<{tag} {value}>" for value in named.values() if value and value.startswith("javascript:")]
        if tag == "style":
            self.found.append("<style>")

    def handle_data(self, data: str) -> None:
        if self._in_script and data.strip():
            self.found.append("<script> with a body")
        self._in_script = False


@pytest.mark.parametrize("path", OPEN)
def test_no_page_needs_inline_code_and_each_has_its_headers(world: World, path: str) -> None:
    response = Client().get(path)
    if response.status_code != 200 or not response.get("Content-Type", "").startswith("text/html"):
        return
    inline = Inline()
    inline.feed(response.content.decode())
    assert inline.found == []
    assert "script-src 'self';" in response["Content-Security-Policy"]
    assert "unsafe" not in response["Content-Security-Policy"]
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "我要反映形式主义" in response.content.decode()


def test_a_tile_server_is_let_in_only_when_set() -> None:
    assert "img-src 'self' data: blob:;" in content_policy("")
    assert " https://*.tianditu.test;" in content_policy("https://{s}.tianditu.test/{z}/{x}/{y}?tk=1")


@pytest.mark.row("B-05")
def test_anybody_can_complain_about_formalism_and_twice_is_once(world: World) -> None:
    client = Client()
    page = client.get("/complaint?from=/work/").content.decode()
    key = re.search(r'name="request_key" value="([^"]+)"', page)
    assert key is not None
    sent = {"text": "同一张表每周填三遍", "request_key": key[1], "from": "/work/"}
    for _ in range(2):
        response = client.post("/complaint", sent)
        assert response.status_code == 302
        assert response.cookies["accepted"].value == key[1]
    assert [(found.text, found.page) for found in Complaint.objects.all()] == [("同一张表每周填三遍", "/work/")]


def test_a_refused_form_comes_back_with_what_was_typed_and_its_key(world: World) -> None:
    response = Client().post("/complaint", {"text": "", "contact": "13800001111", "request_key": "key-12345678"})
    page = response.content.decode()
    assert response.status_code == 422
    assert 'value="13800001111"' in page
    assert 'value="key-12345678"' in page
    assert 'aria-invalid="true"' in page
    assert "accepted" not in response.cookies
    assert not Complaint.objects.exists()


def test_supervisors_read_and_answer_complaints(world: World, signed_in: SignedIn) -> None:
    Client().post("/complaint", {"text": "同一张表每周填三遍", "request_key": "key-12345678"})
    role = next(r for r, spec in world.district.pack.units.roles.items() if "supervise" in spec.may)
    client = signed_in(role)
    assert "同一张表每周填三遍" in client.get("/admin/complaints").content.decode()
    ident = Complaint.objects.get().pk
    assert client.post("/admin/complaints", {"id": ident, "answer": ""}).status_code == 422
    client.post("/admin/complaints", {"id": ident, "answer": "已停填"})
    client.post("/admin/complaints", {"id": ident, "answer": "第二次"})
    assert Complaint.objects.get().answer == "已停填"


@pytest.mark.usefixtures("steady_clock")
def test_a_flooder_next_door_does_not_stop_the_office(world: World) -> None:
    flooder, colleague = Client(), Client()
    colleague.get("/help")  # the first page gives a device its cookie
    answers = [flooder.post("/complaint", {"text": "x", "request_key": f"key-{i:08}"}).status_code for i in range(40)]
    assert answers[:30] == [302] * 30
    assert set(answers[30:]) == {429}
    assert colleague.post("/complaint", {"text": "重复填表", "request_key": "key-colleague"}).status_code == 302


@pytest.mark.usefixtures("steady_clock")
def test_a_refusal_for_flooding_says_when_again(world: World) -> None:
    client = Client()
    client.get("/help")
    for i in range(6):
        response = client.post("/complaint", {"text": "x", "request_key": f"key-{i:08}"})
    assert response.status_code == 429
    assert "再试" in response.content.decode()
    assert Complaint.objects.count() == 5


@pytest.mark.usefixtures("steady_clock")
def test_a_forged_device_cookie_is_no_device(world: World) -> None:
    for i in range(31):
        client = Client()
        client.cookies["device"] = f"{i:016}.1:forged"
        response = client.post("/complaint", {"text": "x", "request_key": f"key-{i:08}"})
    assert response.status_code == 429


def test_large_type_stays_with_the_device_and_the_account(world: World, staff: User, signed_in: SignedIn) -> None:
    client = signed_in(staff)
    assert " data-elder" not in client.get("/help").content.decode()
    assert client.post("/elder-view", {"on": "1", "next": "/help"})["Location"] == "/help"
    assert " data-elder" in client.get("/help").content.decode()
    staff.refresh_from_db()
    assert staff.elder_view


def test_english_when_chosen_and_chinese_otherwise(world: World) -> None:
    client = Client(headers={"accept-language": "en"})
    assert '<html lang="zh-hans"' in client.get("/sign-in").content.decode()
    client.post("/language", {"language": "en"})
    page = client.get("/sign-in").content.decode()
    assert '<html lang="en"' in page
    assert "Staff sign-in" in page
    client.post("/language", {"language": "xx"})
    assert "Staff sign-in" in client.get("/sign-in").content.decode()


def test_a_missing_page_is_told_in_the_form_the_asker_understands(world: World) -> None:
    page = Client().get("/no/such/page")
    assert page.status_code == 404
    assert "没有这个页面" in page.content.decode()
    told = Client().get("/no/such/page", headers={"accept": "application/json"})
    assert told.json()["code"] == "page_not_found"
    part = Client().get("/no/such/page", headers={"HX-Request": "true"})
    assert part["HX-Retarget"] == "#says"
    assert "<html" not in part.content.decode()


def test_the_page_of_a_fault_of_ours_needs_neither_database_nor_session(rf: Any) -> None:
    response = errors.server_error(rf.get("/"))  # a test without a database: touching it would raise
    assert response.status_code == 500
    assert "不是您的操作有误" in response.content.decode()


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/board", "暂时连不上，这次可能没有办成"),
        ("/api/v1/matters", '"code":"away"'),
        ("/d/xiuning/api/v1/matters", '"code":"away"'),
        ("/open311/v2/requests.json", '[{"code":503'),
        ("/d/xiuning/open311/v2/requests.xml", "<errors><error><code>503"),
    ],
)
def test_a_database_that_is_away_is_a_pause_told_in_the_form_the_asker_understands(
    rf: Any, path: str, said: str
) -> None:
    try:
        raise OperationalError("connection refused")
    except OperationalError:
        response = errors.server_error(rf.get(path))
    assert (response.status_code, response["Retry-After"]) == (503, "15")
    assert said in response.content.decode()


def test_a_name_that_is_not_ours_is_told_in_words(world: World, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["xx.example.gov.cn"]
    page = Client(HTTP_HOST="else.example").get("/board")
    assert (page.status_code, "这个网址不是本系统的" in page.content.decode()) == (400, True)
    told = Client(HTTP_HOST="else.example").get("/api/v1/areas")
    assert (told.status_code, told.json()["code"]) == (400, "not_our_name")


def test_a_body_beyond_all_limits_is_refused_before_it_is_read(world: World) -> None:
    response = Client().post("/complaint", {"text": "x"}, headers={"content-length": str(limits.REQUEST_BYTES + 1)})
    assert response.status_code == 413


def test_anonymous_pages_cost_no_statement_for_the_frame(world: World) -> None:
    client = Client()
    client.get("/help")
    with at_most(1):  # at most the look whether the district changed
        client.get("/help")


def picture(kind: str = "PNG") -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (20, 20), "teal").save(out, kind)
    out.seek(0)
    out.name = "holiday.exe"
    return out


def test_a_picture_is_kept_and_shown_by_its_link(world: World) -> None:
    told = Client().post("/photos", {"photo": picture()})
    assert told.status_code == 201
    assert Attachment.objects.get().pk.hex == told.json()["id"].replace("-", "")
    shown = Client().get(told.json()["thumb"])
    assert shown["Content-Type"] == "image/jpeg"


def test_what_is_no_picture_is_refused_in_words(world: World) -> None:
    program = io.BytesIO(b"MZ" + b"\0" * 500)
    program.name = "holiday.jpg"
    for sent in ({"photo": program}, {}):
        told = Client().post("/photos", sent)
        assert told.status_code == 422
        assert told.json()["mend"]
    assert not Attachment.objects.exists()


def test_several_faults_stand_beside_their_fields(world: World) -> None:
    faults = Invalids([Invalid("a", "甲不对。", "改。", "one"), Invalid("b", "乙不对。", "改。", "two")])
    assert set(faults.as_dict()["faults"][0]) >= {"code", "what", "field"}
    assert Conflict("c", "别人先办了。").status == 409
    assert TooMany("d", "太多。").status == 429


def test_the_parts_escape_what_people_type() -> None:
    evil = '"><script>alert(1)</script>'
    text = '{% pill word "busy" %}{% number 3 word %}{% icon word %}{% request_key word %}'
    assert "<script>" not in Template(text).render(Context({"word": evil}))


def test_letters_that_nobody_sees_reach_no_page(world: World, signed_in: SignedIn) -> None:
    visitor = Client(raise_request_exception=True)
    assert visitor.post("/complaint", {"text": "\x00", "request_key": "k" * 12}).status_code == 422
    assert (
        visitor.post("/complaint", {"text": "天天\x00填表", "contact": "a\x00", "request_key": "k" * 12}).status_code
        == 302
    )
    assert Complaint.objects.get().text == "天天填表"
    assert visitor.post("/report", {"text": "\u200b\u2060", "request_key": "r" * 12}).status_code == 422
    sent = {"text": "\u202e灯坏了", "reporter_phone": "１３８ ００１３ ８０００", "request_key": "s" * 12}
    assert visitor.post("/report", sent).status_code == 302
    matter = Matter.objects.get()
    assert (matter.text, matter.reporter_phone) == ("灯坏了", "138 0013 8000")
    assert visitor.get("/receipt/%00%00").status_code == 404
    for path in ("/work/matters?q=a%00b", "/work/affairs?q=%00&procedure=%00", "/work/sorting?category=%00"):
        assert signed_in("county_duty").get(path).status_code == 200


@pytest.mark.usefixtures("steady_clock")
def test_numbers_that_no_row_has_and_pictures_that_are_none_are_no_fault_of_ours(
    world: World, signed_in: SignedIn
) -> None:
    visitor, desk, most = Client(), signed_in("county_duty"), "1" * 4_301  # Python refuses to read more digits
    for path in ("/map/grid.geojson?under=", "/work/matters?area=", "/work/?post="):
        assert desk.get(path + most).status_code == 200, path
    for photos in ("0", most, "../../x"):
        response = visitor.post("/report", {"photos": photos, "text": ""})
        assert (response.status_code, "还没有写要反映什么" in response.content.decode()) == (422, True)
    kept = visitor.post("/photos", {"photo": picture()}).json()["id"]
    visitor.get("/")  # now it is a device of its own
    refused = [visitor.post("/report", {"photos": kept, "text": ""}) for _ in range(21)][-1]
    assert refused.status_code == 429
    assert f'name="photos" value="{kept}"' in refused.content.decode()  # sent too often, and still on the form
