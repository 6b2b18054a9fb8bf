"""Areas, packs, districts and the API's own description over HTTP."""

import io
import xml.etree.ElementTree as ET

from django.test import Client
from PIL import Image

from tests.api.conftest import LAT, LON, TEXT
from tests.world import open_world
from tongxin.records.models import Attachment


def test_the_tree_of_areas_and_its_entity_tag(api, world):
    response = api.get("/api/v1/areas")
    areas = response.json()["areas"]
    ids = [area["id"] for area in areas]
    assert all(area["parent_id"] is None or ids.index(area["parent_id"]) < ids.index(area["id"]) for area in areas)
    grids = api.get("/api/v1/areas", {"level": "grid", "under": world.tree.by_code("341000001").id}).json()["areas"]
    assert {grid["level"] for grid in grids} == {"grid"}
    assert len(grids) == 8
    again = api.get("/api/v1/areas", headers={"If-None-Match": response["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_points_and_addresses_lead_to_areas(api, world):
    found = api.get("/api/v1/areas/locate", {"lon": LON, "lat": LAT}).json()
    assert (found["level"], found["full_name"]) == ("grid", "横江社区第一网格")
    matches = api.get("/api/v1/areas/find", {"address": "横江社区第一网格"}).json()["matches"]
    assert matches[0]["area_id"] == found["id"]
    assert api.get("/api/v1/areas/find", {"address": "月球"}).json() == {"matches": []}


def test_outlines_are_geojson(api, world):
    response = api.get("/api/v1/areas/geojson", {"level": "community"})
    assert response["Content-Type"] == "application/geo+json"
    assert response.json()["type"] == "FeatureCollection"
    assert len(response.json()["features"]) == 4


def test_the_pack_in_force(api, world):
    pack = api.get("/api/v1/pack").json()
    assert (pack["key"], pack["number"]) == ("xiuning", 1)
    assert [level["key"] for level in pack["levels"]] == ["county", "town", "community", "grid"]
    assert len(api.get("/api/v1/pack/categories").json()["categories"]) > 5
    assert api.get("/api/v1/pack/procedures/appeal").json()["start"] == "reported"
    picture = api.get("/api/v1/pack/procedures/appeal/picture.svg")
    assert picture["Content-Type"] == "image/svg+xml"
    assert ET.fromstring(picture.content).tag == "{http://www.w3.org/2000/svg}svg"


def test_the_districts_of_the_installation_by_host_and_by_prefix(api, world):
    open_world("othertown")
    for host in ("smalltown.test", "localhost"):
        found = Client(SERVER_NAME=host).get("/api/v1/districts").json()["districts"]
        assert {district["key"] for district in found} == {"smalltown", "othertown"}
    prefixed = Client(SERVER_NAME="localhost")
    assert prefixed.get("/d/othertown/api/v1/pack").json()["key"] == "xiuning"
    told = prefixed.get("/api/v1/pack")
    assert (told.status_code, told.json()["code"]) == (404, "no_district")
    assert prefixed.get("/d/nowhere/api/v1/pack").json()["code"] == "no_district"


def test_the_description_and_its_page_stand_alone(api, world):
    document = api.get("/api/v1/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    report = document["components"]["schemas"]["ReportIn"]
    assert report["properties"]["text"]["maxLength"] == 4_000
    assert report["additionalProperties"] is False
    page = api.get("/api/")
    html = page.content.decode()
    assert page.status_code == 200
    for path in document["paths"]:
        assert path in html
    assert "最多 4000 字" in html
    assert "//cdn" not in html
    assert '<script src="http' not in html


def test_a_photo_goes_with_a_report(api, world):
    stream = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(stream, "PNG")
    kept = api.post("/api/v1/photos", stream.getvalue(), kind="image/png")
    assert kept.status_code == 201
    reported = api.post("/api/v1/matters", {"text": TEXT, "photos": [kept.json()["id"]]})
    assert reported.status_code == 201
    assert Attachment.objects.get().subject_kind == "matter"
    photos = api.get(f"/api/v1/matters/{reported.json()['receipt']}").json()["photos"]
    assert api.client.get(photos[0]).status_code == 200
