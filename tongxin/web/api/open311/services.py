"""Open311's discovery, list of services and service definitions: the categories of the pack in force."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from tongxin.kernel.errors import NotFound
from tongxin.packs.schema import Category, Pack
from tongxin.web.api.open311.documents import Format, document
from tongxin.web.api.open311.views import in_jurisdiction
from tongxin.web.request import Request

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
CHANGESET = "2026-01-01T00:00:00+08:00"  # when these addresses last changed their form


def discover(request: Request, form: Format) -> HttpResponse:
    """Tell what is offered and where (0 statements)."""
    district = getattr(request, "district", None)
    phone = district.pack.settings.phone if district else ""
    here = request.build_absolute_uri(request.path.rsplit("/", 1)[0] + "/v2")
    data = {
        "changeset": CHANGESET,
        "contact": f"{district.title}，电话 {phone}"
        if district and phone
        else (district.title if district else "同心"),
        "key_service": "提交和查询都不需要密钥；程序可向当地管理员申请密钥，以 api_key 提交，按密钥的额度计数。",
        "endpoints": [
            {
                "specification": SPECIFICATION,
                "url": here,
                "changeset": CHANGESET,
                "type": "production",
                "formats": ["text/xml", "application/json"],
            }
        ],
    }
    return document(form, data, "discovery")


@in_jurisdiction
def list_services(request: Request, form: Format) -> HttpResponse:
    """List what may be reported (0 statements)."""
    data = [
        {
            "service_code": category.code,
            "service_name": category.title,
            "description": category.hint or category.title,
            "metadata": bool(category.asks),
            "type": "realtime",
            "keywords": ",".join(category.keywords),
            "group": above[0] if above else category.title,
        }
        for category, above in offered(request.district.pack)
    ]
    return document(form, data, "services", item="service")


def offered(pack: Pack) -> list[tuple[Category, tuple[str, ...]]]:
    """Return the categories that can be reported: those with nothing below them, with the titles above."""
    return [(category, above) for category, above in pack.catalogue.walk() if not category.children]


def get_service(pack: Pack, code: str) -> Category:
    """Return the category of a service code."""
    category = pack.catalogue.by_code.get(code)
    if category is not None and not category.children:
        return category
    raise NotFound("no_service", f"没有 service_code“{code[:20]}”。", "可用的见 services.json。", "service_code")


_DATATYPES = {
    "text": "string", "longtext": "text", "choice": "singlevaluelist", "yesno": "singlevaluelist", "number": "number",
    "rating": "number", "date": "datetime",
}  # fmt: skip


@in_jurisdiction
def define_service(request: Request, form: Format, code: str) -> HttpResponse:
    """Tell what more is asked for a service (0 statements)."""
    category = get_service(request.district.pack, code)
    attributes: list[dict[str, Any]] = []
    for order, (key, field) in enumerate(category.asks.items(), 1):
        choices = field.choices or ({"true": "是", "false": "否"} if field.type == "yesno" else {})
        attributes.append(
            {
                "variable": True,
                "code": key,
                "datatype": _DATATYPES.get(field.type, "string"),
                "required": field.required,
                "datatype_description": field.help,
                "order": order,
                "description": field.title,
                "values": [{"key": value, "name": title} for value, title in choices.items()],
            }
        )
    return document(form, {"service_code": code, "attributes": attributes}, "service_definition")
