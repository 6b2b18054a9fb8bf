"""The API described: the OpenAPI 3.1 document, and the reference page for people, made from it on our own server (no CDN)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from ninja.openapi.schema import OpenAPISchema

from tongxin.web.api.answers import answer
from tongxin.web.api.v1 import describe
from tongxin.web.api.v1.build import api
from tongxin.web.request import Request

_SECURITY = {
    describe.SCHEME: {"type": "http", "scheme": "bearer", "description": "当地管理员发给程序的密钥，以 tx_ 开头"}
}
_REFUSED = {
    400: "请求看不懂", 401: "需要密钥，或密钥无效", 403: "没有权限", 404: "没有这一件", 405: "地址不接受这种方法", 409: "已有变化",
    413: "内容太大", 415: "内容类型不收", 422: "有的项目不合要求", 429: "太频繁，稍后再试", 200: "成功", 201: "已收",
}  # fmt: skip


@cache
def _written() -> dict[str, Any]:
    """The document without its server, made once a process."""
    document: dict[str, Any] = dict(OpenAPISchema(api, ""))
    components = document["components"]
    components["schemas"].update(describe.bodies)
    components["securitySchemes"] = _SECURITY
    for methods in document["paths"].values():
        for operation in methods.values():
            operation.setdefault("security", [{}])
            for status, response in operation["responses"].items():
                response["description"] = _REFUSED.get(int(status), response.get("description", ""))
            operation["responses"] = {str(status): value for status, value in operation["responses"].items()}
    return document


def openapi(request: HttpRequest) -> HttpResponse:
    """Answer with the document; its server is the address it was asked at."""
    here = request.build_absolute_uri(request.path.rsplit("/", 1)[0])
    return answer({**_written(), "servers": [{"url": here}]}, headers={"Access-Control-Allow-Origin": "*"})


@dataclass(frozen=True, slots=True)
class Line:
    """A parameter or a field of a body or an answer, as the page shows it."""

    name: str
    where: str
    kind: str
    required: bool
    limits: str
    about: str


@dataclass(frozen=True, slots=True)
class Shown:
    """An operation as the page shows it."""

    ident: str
    method: str
    path: str
    title: str
    about: str
    key: str
    takes: list[Line]
    gives: list[Line]
    statuses: list[tuple[str, str]]


def reference(request: Request) -> HttpResponse:
    """The page for people: every address with its fields and limits, readable without scripts and without the internet."""
    groups: dict[str, list[Shown]] = {}
    for path, methods in _written()["paths"].items():
        for method, operation in methods.items():
            groups.setdefault(operation["tags"][0], []).append(_shown(path, method, operation))
    district = getattr(request, "district", None)
    return render(request, "api/reference.html", {"groups": groups, "district": district, "info": _written()["info"]})


def _shown(path: str, method: str, operation: dict[str, Any]) -> Shown:
    takes = [
        _line(
            p["name"],
            p["schema"],
            {"query": "参数", "path": "地址", "header": "请求头"}[p["in"]],
            p.get("required", False),
        )
        for p in operation.get("parameters", [])
    ]
    body = operation.get("requestBody", {}).get("content", {})
    for kind, content in list(body.items())[:1]:
        schema = _resolve(content["schema"])
        takes += _fields(schema, "内容") or [_line(kind, schema, "内容", True)]
    good = next(value for status, value in operation["responses"].items() if status.startswith("2"))
    gives = [
        line
        for kind, content in good.get("content", {}).items()
        for line in _fields(_resolve(content["schema"]), "") or [_line(kind, content["schema"], "", False)]
    ]
    needs = operation["security"]
    return Shown(
        operation["operationId"], method.upper(), path, operation["summary"], operation.get("description", ""),
        "需密钥" if needs == describe.KEY else "可带密钥" if len(needs) > 1 else "不需密钥", takes, gives,
        [(status, value["description"]) for status, value in operation["responses"].items()],
    )  # fmt: skip


def _resolve(schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rsplit("/", 1)[-1]
    found: dict[str, Any] = _written()["components"]["schemas"][name] if name else schema
    return found


def _fields(schema: dict[str, Any], where: str) -> list[Line]:
    required = schema.get("required", [])
    return [_line(name, part, where, name in required) for name, part in schema.get("properties", {}).items()]


def _line(name: str, schema: dict[str, Any], where: str, required: bool) -> Line:
    return Line(name, where, _kind(schema), required, _limits(schema), schema.get("description", ""))


_KINDS = {
    "string": "文字", "number": "数", "integer": "整数", "boolean": "true/false", "object": "对象", "array": "数组", "null": "空",
}  # fmt: skip


def _kind(schema: dict[str, Any]) -> str:
    if "anyOf" in schema:
        return "或".join(dict.fromkeys(_kind(part) for part in schema["anyOf"]))
    if "$ref" in schema:
        return _kind(_resolve(schema))
    if schema.get("type") == "array":
        return f"{_kind(schema.get('items', {}))}数组".lstrip("值")
    if schema.get("format") == "date-time":
        return "时间"
    return _KINDS.get(schema.get("type", ""), "值")


def _limits(schema: dict[str, Any]) -> str:
    flat: dict[str, Any] = {}
    for part in [schema, *schema.get("anyOf", [])]:
        flat.update(part)
    words = []
    if "minimum" in flat or "maximum" in flat:
        words.append(f"{flat.get('minimum', '…')} 到 {flat.get('maximum', '…')}")
    if flat.get("minLength"):
        words.append(f"至少 {flat['minLength']} 字")
    if "maxLength" in flat:
        words.append(f"最多 {flat['maxLength']} 字")
    if "maxItems" in flat:
        words.append(f"最多 {flat['maxItems']} 个")
    if "enum" in flat:
        words.append("、".join(map(str, flat["enum"])))
    return "，".join(words)
