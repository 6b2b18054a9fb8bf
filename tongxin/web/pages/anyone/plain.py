"""Help, about, and the answers for machines: health, robots, web app manifest."""

from __future__ import annotations

from django.db import connection
from django.http import HttpResponse, JsonResponse
from django.templatetags.static import static
from django.urls import reverse

from tongxin.kernel import limits
from tongxin.web.page import Shown, page
from tongxin.web.request import Request


@page("/help", audience="anyone", title="使用帮助", name="help", template="anyone/help.html")
def help_page(request: Request) -> Shown:
    """How to do the few things that there are to do."""
    return {"limits": limits}


@page("/about", audience="anyone", title="关于与隐私")
def about(request: Request) -> Shown:
    """Who runs this, which personal data it keeps and why."""
    return {"version": request.district.pack.settings}


@page("/healthz", audience="anyone", title="健康检查", in_district=False, methods=("GET",))
def healthz(request: Request) -> Shown:
    """Whether web and database answer (1 statement); for supervisors and proxies."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain")


@page("/robots.txt", audience="anyone", title="爬虫", name="robots", in_district=False, methods=("GET",))
def robots(request: Request) -> Shown:
    """What search machines should leave alone."""
    closed = "".join(
        f"Disallow: {path}\n" for path in ("/work/", "/grid/", "/admin/", "/lead/", "/photos", "/sign-in", "/d/*/work/")
    )
    return HttpResponse(f"User-agent: *\n{closed}", content_type="text/plain")


@page("/manifest.webmanifest", audience="anyone", title="清单", name="manifest", methods=("GET",))
def manifest(request: Request) -> Shown:
    """Lets a phone put the district's page on its home screen; nothing has to be installed."""
    return JsonResponse(
        {
            "name": f"{request.district.title} · 同心",
            "short_name": request.district.title[:12],
            "lang": "zh-Hans",
            "start_url": reverse("resident_home"),
            "scope": reverse("resident_home"),
            "display": "standalone",
            "background_color": "#f6f5f1",
            "theme_color": "#f6f5f1",
            "icons": [{"src": static("web/icon.svg"), "sizes": "any", "type": "image/svg+xml"}],
        },
        content_type="application/manifest+json",
        json_dumps_params={"ensure_ascii": False},
    )
