"""The page components fetched at set-up: whole, loadable by a browser, pinned, and naming no registry."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[2]
LIST = json.loads((ROOT / "tools" / "assets.json").read_text())


@pytest.mark.browser
def test_the_components_load_and_run(live_server, page: Page) -> None:
    page.goto(f"{live_server.url}/static/vendor/icons.svg")
    assert page.locator("symbol").count() == len(LIST["icons"])
    page.goto(f"{live_server.url}/nowhere")
    for name in LIST["files"]:
        if name.endswith(".js"):
            page.add_script_tag(url=f"{live_server.url}/static/vendor/{name}")
        elif name.endswith(".css"):
            page.add_style_tag(url=f"{live_server.url}/static/vendor/{name}")
    names = ["htmx", "Alpine", "tabler", "echarts", "L"]
    assert page.evaluate("names => names.filter(name => !(name in window))", names) == []


@pytest.mark.browser
def test_chinese_is_drawn_with_a_chinese_font(page: Page) -> None:
    page.set_content("<span id=a>\u8def\u706f</span><span id=b>\U0010fffd\U0010fffd</span>")
    shots = [page.locator(f"#{name}").screenshot() for name in "ab"]
    assert shots[0] != shots[1], "no Chinese font: apt-get install fonts-wqy-microhei"


def test_icons_are_listed_once() -> None:
    assert len(LIST["icons"]) == len(set(LIST["icons"]))


def test_versions_are_pinned_and_no_lock_names_a_registry() -> None:
    wanted = json.loads((ROOT / "package.json").read_text())["dependencies"]
    assert [version for version in wanted.values() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert [name for name, entry in packages.items() if name and "integrity" not in entry] == []
    assert [name for name, entry in packages.items() if "resolved" in entry] == []
    for lock in (ROOT / "requirements").glob("*.txt"):
        assert "index-url" not in lock.read_text()
        assert "--hash=sha256:" in lock.read_text()
    assert not (ROOT / "uv.lock").exists()
