"""Headless Chromium for tests that walk pages. Uses the system's browser; downloads none."""

import os
import shutil
from collections.abc import Iterator

import pytest
from django.db import DEFAULT_DB_ALIAS, connections
from playwright.sync_api import Browser, Page, sync_playwright

ARGUMENTS = [
    "--headless=new",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    *(["--no-sandbox"] if os.geteuid() == 0 else []),
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for the whole run of this process. Without Chromium: a loud skip, in CI a failure."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        missing = (
            "没有 Chromium, 页面测试未运行: apt-get install chromium fonts-wqy-microhei · NO CHROMIUM, PAGES NOT TESTED"
        )
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    from tongxin.kernel.lines import own  # settings are there now

    # Playwright keeps an event loop in this thread, which Django takes for asynchronous code; the tests are not.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        own.line = connections[DEFAULT_DB_ALIAS]  # beside a running loop Django keeps another one for this thread
        yield browser
        browser.close()
    own.line = connections[DEFAULT_DB_ALIAS]


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A fresh page in Chinese and Beijing time; the test fails if a script on the page throws."""
    context = chromium.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")
    page = context.new_page()
    thrown: list[str] = []
    page.on("pageerror", lambda error: thrown.append(str(error)))
    yield page
    context.close()
    assert not thrown, f"脚本出错 · scripts threw: {thrown}"
