"""Pieces of the OpenAPI document that the resources share: bodies read by hand, keys, the refusals of each status."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from tongxin.web.api.reading import KEY_CHARS, Given
from tongxin.web.api.v1.shown.base import RefusalOut

REF = "#/components/schemas/{model}"
bodies: dict[str, Any] = {}  # schemas of bodies, for the document's components

SCHEME = "ApiKey"
KEY: list[dict[str, list[str]]] = [{SCHEME: []}]
MAY_KEY: list[dict[str, list[str]]] = [{}, {SCHEME: []}]
STATUSES = (400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 500)

_IDEMPOTENCY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "description": "同一键、同一内容的重发只办一次，回答第一次的结果；换了内容就是另一个请求",
    "schema": {"type": "string", "minLength": 1, "maxLength": KEY_CHARS, "pattern": "^[!-~]+$"},
}


def answers(model: type[BaseModel], *more: int, created: bool = False) -> dict[int, type[BaseModel]]:
    """Return the answers of an operation for the document: its own, and refusals.

    Args:
        more: statuses of refusals beyond those of any request.
        created: 201 for a new thing, 200 for a repeated request.
    """
    good: dict[int, type[BaseModel]] = {200: model, 201: model} if created else {200: model}
    return {**good, **dict.fromkeys(sorted({405, 422, 429, *more}), RefusalOut)}


def posts(model: type[Given], security: list[dict[str, list[str]]] = MAY_KEY, *, resend: bool = True) -> dict[str, Any]:
    """Return the document's part for a POST whose body is read by ``reading.read_json``.

    Args:
        resend: whether an Idempotency-Key is read; False where what is sent names the thing, so that a resend is harmless.
    """
    schema = model.model_json_schema(ref_template=REF)
    bodies.update(schema.pop("$defs", {}))
    bodies[model.__name__] = schema
    return {
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": REF.format(model=model.__name__)}}},
        },
        "parameters": [_IDEMPOTENCY] if resend else [],
        "security": security,
    }
