"""What commands ask of packs: the district that an operator names. Not for pages, which know theirs by the host."""

from __future__ import annotations

from django.core.management.base import CommandError

from tongxin.packs.queries import DistrictView, find_district, list_districts


def district_named(key: str) -> DistrictView:
    """Return the district of a key; CommandError, which names those there are, where it is none of them."""
    district = find_district(key=key)
    if district is None:
        known = "、".join(view.key for view in list_districts()) or "（还没有，请先 manage.py district open）"
        raise CommandError(f"没有键为“{key}”的地方。已有：{known}。")
    return district
