"""A locality that adopted the national table: other systems report by its codes and get its codes back."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from tests.stories.hotline import adopting
from tests.world import World, open_world
from tongxin.kernel import caches
from tongxin.matters import api as matters
from tongxin.matters.models import Matter
from tongxin.packs.schema import Category, Pack

pytestmark = [pytest.mark.django_db, pytest.mark.row("D-06")]


def with_table() -> Pack:
    """What the line ``adopts: gb47678_5`` with a mapping makes of the county's catalogue."""
    found = adopting("seven_steps")
    litter = Category(code="06010", title="暴露垃圾", standard="06010", keywords=["暴露垃圾"])
    first, *rest = found.catalogue.categories
    categories = [first.model_copy(update={"children": [*first.children, litter]}), *rest]
    catalogue = found.catalogue.model_copy(update={"adopts": "gb47678_5", "categories": categories})
    return found.model_copy(update={"catalogue": catalogue})


@pytest.fixture
def world(db: None, settings: Any) -> World:
    settings.ALLOWED_HOSTS = ["*"]
    caches.clear_all()
    return open_world(with_pack=with_table())


def test_a_program_reports_by_the_eleven_digits_of_this_region(world: World) -> None:
    region = world.district.pack.settings.region
    client = Client()
    report = {"text": "楼下垃圾堆了三天。", "category": f"{region}06010"}
    assert client.post("/api/v1/matters", report, content_type="application/json").status_code == 201
    assert Matter.objects.get().category == "06010"
    assert matters.matter_code_of(world.district.pack, "06010") == f"{region}06010"
    elsewhere = client.post("/api/v1/matters", {**report, "category": "11010106010"}, content_type="application/json")
    assert elsewhere.status_code == 422
    assert "不是本地" in elsewhere.json()["what"]


def test_tickets_with_national_codes_are_sorted_by_them(world: World, tmp_path: Any) -> None:
    region = world.district.pack.settings.region
    (tmp_path / "t.csv").write_text(f"编号,时间,内容,类别\nA1,2026-03-01 08:00,垃圾没人清,{region}06010\n")
    (tmp_path / "m.yaml").write_text(
        "source: city\nlive: true\ncolumns: {key: 编号, reported_at: 时间, text: 内容, category: 类别}\n"
    )
    call_command("import_messages", world.district.key, tmp_path / "t.csv", mapping=tmp_path / "m.yaml")
    assert Matter.objects.get().category == "06010"
    (row,) = matters.list_results(world.district, "city", rows=10).rows
    assert row.matter_code == f"{region}06010"
