"""What the tests of the administrator's pages share: who signs in, and what a page says."""

from __future__ import annotations

import html
import re
from typing import Any

from django.test import Client

from tests.domain import smalltown
from tongxin.packs import api as packs
from tongxin.packs.api import PackVersion


def said(response: Any) -> str:
    """The words of a page without its tags."""
    text = re.sub(r"<(script|style).*?</\1>", "", response.content.decode(), flags=re.S)
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text)))


def new_version(district: packs.DistrictView, **changes: Any) -> PackVersion:
    """Publish the pack in force with something changed, and do not adopt it."""
    pack = district.pack.model_copy(update=changes or {"labels": {**district.pack.labels, "another": "另一个"}})
    return packs.publish_pack(pack, actor_label="测试", now=smalltown.NOW, note="改了一处")


def refused(client: Client, path: str, data: dict[str, Any]) -> Any:
    """Send what may not be done and return the refusal."""
    response = client.post(path, data)
    assert response.status_code in (403, 404, 409, 422), response.status_code
    return response
