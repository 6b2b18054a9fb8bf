"""The national code of a kind of matter: 11 digits of GB/T 47678.5, region 6 + class 2 + kind 3. A kind, not the number of a case."""

from __future__ import annotations

import re

from tongxin.kernel.errors import Invalid
from tongxin.kernel.registry import identifiers
from tongxin.packs.schema import Pack

_CODE = re.compile(r"^(\d{6})(\d{5})$")


@identifiers.register("gb47678_matter", "管理事项代码，11 位：区划 6 + 大类 2 + 小类 3")
def read_code(text: str) -> tuple[str, str]:
    """Return (region, kind) of a matter code; Invalid says how long it should be."""
    match = _CODE.match(text.strip())
    if match is None or not "11" <= text.strip()[:2] <= "82":
        what = f"事项代码“{text[:40]}”不对，应为 11 位数字。"
        raise Invalid("matter_code", what, "区划 6 位、大类 2 位、小类 3 位。", "category")
    return match[1], match[2]


def read_matter_code(pack: Pack, said: str) -> str | None:
    """Return the category that a national matter code of this region means, None when it is not such a code (0 statements).

    A code of the city that the district lies in is taken as well: its region ends in zeros.
    """
    match = _CODE.match(said.strip())
    if match is None or pack.catalogue.adopts is None:
        return None
    region, here = match[1], pack.settings.region
    if region not in (here, f"{here[:4]}00", f"{here[:2]}0000"):
        raise Invalid(
            "matter_code", f"事项代码“{said}”是区划 {region} 的，不是本地（{here}）的。", "请核对前 6 位。", "category"
        )
    return match[2]


def matter_code_of(pack: Pack, category: str) -> str:
    """Return the national code of a category, 11 digits; empty where the locality has adopted none for it (0 statements)."""
    found = next((one.standard for one, _ in pack.catalogue.walk() if one.code == category), None)
    return f"{pack.settings.region}{found}" if found else ""
