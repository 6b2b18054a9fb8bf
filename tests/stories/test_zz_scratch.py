import os, time
from datetime import timedelta
import pytest
from django.conf import settings as djs
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer
from tongxin.kernel import caches, clock
from tongxin.packs import api as packs
from tongxin.web.demo.opening import Locality, open_locality
from tongxin.web.demo import PASSWORD, logins
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OUT = "/tmp/reg_shots"
def test_shots(chromium: Browser, live_server: LiveServer, transactional_db, settings):
    settings.ALLOWED_HOSTS = ["*"]
    os.makedirs(OUT, exist_ok=True)
    key = os.environ["LOC"]
    caches.clear_all()
    folder = djs.BASE_DIR / "localities" / key
    now = clock.now()
    t = time.process_time()
    open_locality(Locality(folder, packs.load_folder(folder)), since=(now - timedelta(days=100)).date(), now=now)
    print("opened cpu", time.process_time() - t)
    from tongxin.registers.models import Entry, Signature, Mark
    from collections import Counter
    print(Counter(Entry.objects.values_list("register", flat=True)), Signature.objects.count(), Mark.objects.count())
    for width, name in ((360, "p"), (1440, "d")):
        ctx = chromium.new_context(viewport={"width": width, "height": 800}, locale="zh-CN")
        page = ctx.new_page()
        role = os.environ.get("ROLE")
        if role:
            page.goto(f"{live_server.url}/d/{key}/sign-in")
            page.fill("input[name=username]", role); page.fill("input[name=password]", PASSWORD); page.click("main button[type=submit], main button")
        for path in os.environ["PATHS"].split(","):
            t = time.time()
            r = page.goto(f"{live_server.url}/d/{key}{path}")
            wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
            print(width, path, r.status, "WIDE" if wide else "", round(time.time() - t, 2))
            page.screenshot(path=f"{OUT}/{key}_{name}_{path.strip('/').replace('/', '_').split('?')[0]}.png", full_page=True)
        ctx.close()
