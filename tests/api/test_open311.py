"""Open311 GeoReport v2: with a client that nobody here wrote, against a live server; its documents, errors and discretion."""

import io
import xml.etree.ElementTree as ET
from datetime import timedelta

import pytest
from django.test import Client
from georeport import GeoReport
from PIL import Image

from tests.api.conftest import LAT, LON, TEXT, everything
from tests.world import open_world
from tongxin.kernel import caches, clock
from tongxin.matters.models import Matter
from tongxin.packs import api as packs
from tongxin.records.models import Attachment

V2 = "/open311/v2"
CODE = "01"


@pytest.fixture
def client(world):
    return Client(SERVER_NAME="smalltown.test")


def send(client, form="json", **given):
    return client.post(
        f"{V2}/requests.{form}", {"service_code": CODE, "lat": LAT, "long": LON, "description": TEXT, **given}
    )


def error(response, status, form="json"):
    """The description of the first error, with the status expected, in the standard's form."""
    assert response.status_code == status, response.content.decode()
    if form == "json":
        assert response["Content-Type"] == "application/json; charset=utf-8"
        first = response.json()[0]
        assert first["code"] == status
        return first["description"]
    assert response["Content-Type"] == "text/xml; charset=utf-8"
    root = ET.fromstring(response.content)
    assert root.tag == "errors"
    assert root.findtext("error/code") == str(status)
    return root.findtext("error/description")


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.django_db(transaction=True)
def test_an_independent_client_works_against_it(live_server, settings, form):
    settings.ALLOWED_HOSTS = ["*"]
    caches.clear_all()
    world = open_world("livetown")
    here = Client(SERVER_NAME="livetown.test")
    public = send(here, public="true").json()[0]["service_request_id"]
    private = send(here).json()[0]["service_request_id"]

    city = GeoReport(f"{live_server.url}/open311/v2", jurisdiction="livetown", output_format=form)
    services = city.get_service_list()
    service = next(s for s in services if s["service_code"] == CODE)
    assert set(service) == {
        "service_code", "service_name", "description", "metadata", "type", "keywords", "group",
    }  # fmt: skip
    assert city.get_service_definition(CODE)["service_code"] == CODE
    found = city.get_service_requests(service_request_id=f"{public},{private}")
    assert {r["service_request_id"] for r in found} == {public, private}
    shown = {r["service_request_id"]: r for r in found}
    assert shown[public]["description"] == TEXT
    assert not shown[private]["description"]
    tomorrow = (clock.now() + timedelta(days=1)).isoformat(timespec="seconds")
    yesterday = (clock.now() - timedelta(days=1)).isoformat(timespec="seconds")
    assert (
        len(city.get_service_requests(start_date=yesterday, end_date=tomorrow, status="open", service_code=CODE)) == 2
    )
    one = city.get_service_request(private)
    assert (one["status"], one["address"]) == ("open", "横江社区第1网格")
    place = world.tree.get(Matter.objects.first().area_id)
    assert (float(one["lat"]), float(one["long"])) == (place.lat, place.lon)


def test_discovery_names_the_endpoint_in_both_forms(client):
    found = client.get("/open311/discovery.json").json()
    endpoint = found["endpoints"][0]
    assert endpoint["url"] == "http://smalltown.test/open311/v2"
    assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert endpoint["formats"] == ["text/xml", "application/json"]
    root = ET.fromstring(client.get("/open311/discovery.xml").content)
    assert root.tag == "{http://api.open311.org/discovery}discovery"
    assert [e.text for e in root.iter("{http://api.open311.org/discovery}format")] == endpoint["formats"]


def test_the_answer_carries_the_receipt_and_the_public_number(client):
    response = send(client, media_url="http://example.org/a.jpg", email="a@example.org")
    assert response.status_code == 201
    told = response.json()[0]
    matter = Matter.objects.get()
    assert set(told) == {"service_request_id", "service_notice", "account_id"}
    assert matter.receipt not in told["service_request_id"]
    assert f"{matter.receipt[:4]}-{matter.receipt[4:8]}" in told["service_notice"]
    assert "media_url 没有收取" in told["service_notice"]
    assert "没有保存" in told["service_notice"]


def test_a_token_becomes_the_number(client):
    told = send(client, token="true").json()[0]
    assert "service_request_id" not in told
    found = client.get(f"{V2}/tokens/{told['token']}.json").json()
    matter = Matter.objects.get()
    assert found == [{"service_request_id": found[0]["service_request_id"], "token": told["token"]}]
    assert found[0]["service_request_id"].endswith(f"-{matter.id}")
    error(client.get(f"{V2}/tokens/222222222222.xml"), 404, "xml")


def test_what_is_said_of_the_reporter_stays_here(client):
    send(
        client, first_name="小明", last_name="王", phone="13812345678", public="true", description="请回电 13912345678"
    )
    matter = Matter.objects.get()
    assert (matter.reporter_name, matter.reporter_phone) == ("王小明", "13812345678")
    for form in ("json", "xml"):
        shown = client.get(f"{V2}/requests.{form}").content.decode()
        for private in ("小明", "13812345678", "13912345678", matter.receipt):
            assert private not in shown


def test_one_without_consent_is_shown_by_kind_and_area_only(client, world):
    send(client, lat=LAT + 0.003, address_string="东门3号2单元501")
    (shown,) = client.get(f"{V2}/requests.json").json()
    place = world.tree.get(Matter.objects.get().area_id)
    assert (shown["lat"], shown["long"], shown["address"]) == (place.lat, place.lon, "横江社区第1网格")
    assert (shown["description"], shown["media_url"]) == (None, None)
    assert shown["requested_datetime"].endswith("+08:00")


def test_the_page_s_narrower_consent_does_not_publish_words(client, world):
    world.report(public=True)
    (shown,) = client.get(f"{V2}/requests.json").json()
    assert shown["description"] is None


@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_place_by_words_or_by_number(client, world, form):
    grid = world.tree.locate(LON, LAT)
    for given in ({"address_string": "横江社区第1网格"}, {"address_id": str(grid.id)}):
        response = client.post(f"{V2}/requests.{form}", {"service_code": CODE, **given})
        assert response.status_code == 201
        assert Matter.objects.latest("id").area_id == grid.id
    assert Matter.objects.latest("id").text != ""


def test_photos_come_as_media(client):
    stream = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(stream, "PNG")
    stream.seek(0)
    stream.name = "a.png"
    assert send(client, media=stream).status_code == 201
    assert Attachment.objects.get().subject_id == Matter.objects.get().id


def test_filters_and_pages(client, world):
    for _ in range(3):
        send(client)
    numbers = [r["service_request_id"] for r in client.get(f"{V2}/requests.json").json()]
    paged = [
        client.get(f"{V2}/requests.json", {"page": n, "page_size": 2}).json() for n in (1, 2, 3)
    ]  # fmt: skip
    assert [r["service_request_id"] for page in paged for r in page] == numbers
    assert client.get(f"{V2}/requests.json", {"status": "closed"}).json() == []
    assert len(client.get(f"{V2}/requests.json", {"status": "open,closed"}).json()) == 3
    assert client.get(f"{V2}/requests.json", {"service_code": "02,03"}).json() == []
    assert client.get(f"{V2}/requests.json", {"start_date": "2020-01-01T00:00:00Z"}).json() == []


BAD = [
    ({"service_code": ""}, 400),
    ({"service_code": "ZZ"}, 404),
    ({"lat": "", "long": ""}, 400),
    ({"lat": "north"}, 400),
    ({"lat": "nan"}, 400),
    ({"lat": str(LON), "long": str(LAT)}, 400),
    ({"lat": "10", "long": "10"}, 400),
    ({"description": "灯" * 4_001}, 400),
    ({"address_id": "東"}, 400),
    ({"lat": "", "long": "", "address_id": "99999999"}, 400),
    ({"phone": "call me"}, 400),
    ({"api_key": "tx_" + "x" * 43}, 403),
    ({"jurisdiction_id": "atlantis"}, 404),
    ({"attribute[colour]": "red"}, 400),
    ({"address_string": "a\x00b"}, 400),
]


@pytest.mark.parametrize("form", ["json", "xml"])
def test_bad_requests_are_told_in_the_form_asked_for(client, form):
    before = everything()
    for given, status in BAD:
        assert error(send(client, form, **given), status, form), given
    assert everything() == before


def test_wrong_bodies(client):
    before = everything()
    url = f"{V2}/requests.json"
    gbk = "description=" + "".join(f"%{b:02x}" for b in "路灯坏了".encode("gbk"))
    urlencoded = "application/x-www-form-urlencoded"
    body = f"service_code={CODE}&lat={LAT}&long={LON}&{gbk}"
    assert "UTF-8" in error(client.post(url, body, content_type=urlencoded), 400)
    error(client.post(url, b'{"service_code": "01"}', content_type="application/json"), 415)
    error(client.post(url, b"x" * 300_000, content_type=urlencoded), 413)
    error(client.post(url, "&".join(f"a{i}=1" for i in range(2_000)), content_type=urlencoded), 413)
    error(client.post(url, b"--nonsense", content_type="multipart/form-data"), 400)
    renamed = io.BytesIO(b"MZ\x90\x00")
    renamed.name = "photo.jpg"
    error(send(client, media=renamed), 400)
    assert everything() == before


def test_wrong_questions(client):
    for query in (
        {"start_date": "yesterday"},
        {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-06-01T00:00:00Z"},
        {"start_date": "2026-02-01T00:00:00Z", "end_date": "2026-01-01T00:00:00Z"},
        {"start_date": "9999-12-31T23:59:59-12:00"},
        {"status": "asleep"},
        {"page": "0"},
        {"page_size": "201"},
        {"service_request_id": "abc"},
        {"service_request_id": ",".join(["1"] * 201)},
        {"service_code": "\x00"},
    ):
        for form in ("json", "xml"):
            assert error(client.get(f"{V2}/requests.{form}", query), 400, form)
    for path in ("requests/999999999", "requests/abc", "services/ZZ", "tokens/short", "nothing"):
        for form in ("json", "xml"):
            assert error(client.get(f"{V2}/{path}.{form}"), 404, form)
    error(client.get(f"{V2}/requests.yaml"), 404, "xml")
    error(client.get("/open311/"), 404, "xml")
    error(client.delete(f"{V2}/requests.json"), 405)


def test_the_jurisdiction_is_needed_only_where_there_are_several(world):
    one = Client(SERVER_NAME="localhost")
    assert one.get(f"{V2}/services.json").status_code == 200
    open_world("othertown")
    assert "jurisdiction_id" in error(one.get(f"{V2}/services.json"), 400)
    assert one.get(f"{V2}/services.json", {"jurisdiction_id": "othertown"}).status_code == 200
    error(one.get(f"{V2}/services.json", {"jurisdiction_id": "atlantis"}), 404)
    assert send(one, jurisdiction_id="othertown").status_code == 201
    assert Matter.objects.get().district.key == "othertown"
    assert one.get(f"/d/smalltown{V2}/requests.json").json() == []
    error(one.get(f"/d/smalltown{V2}/requests.json", {"jurisdiction_id": "othertown"}), 404)
    assert packs.find_district(key="othertown") is not None
