"""The identifier of a component of city management (manhole cover, lamp, tree): 17 digits of GB/T 47678.5. Pure; no register of them.

Region 6, class 2, kind 3, serial 6. The first eleven digits name the kind of component in a region; kinds 01001 … 05009 are those
of the matter ``component + 异常``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tongxin.kernel.errors import Invalid
from tongxin.kernel.registry import identifiers

LENGTH = 17
CLASSES = ("01", "02", "03", "04", "05")


@dataclass(frozen=True, slots=True)
class ComponentId:
    """One component.

    Args:
        region: six digits of GB/T 2260; kind: class and kind, five digits; serial: 1 … 999999 within them.
    """

    region: str
    kind: str
    serial: int

    def __str__(self) -> str:
        return f"{self.region}{self.kind}{self.serial:06d}"

    @property
    def class_code(self) -> str:
        """The class: 01 公用设施 … 05 其他."""
        return self.kind[:2]


@identifiers.register("gb47678_component", "管理部件标识码，17 位：区划 6 + 大类 2 + 小类 3 + 顺序 6")
def read_component_id(text: str) -> ComponentId:
    """Read an identifier; spaces and hyphens between its digits do not matter. Invalid says which part is wrong."""
    digits = re.sub(r"[\s-]", "", text)
    if not re.fullmatch(r"[0-9]+", digits):
        raise Invalid(
            "component_id", f"部件标识码“{text[:40]}”应全为数字。", "请照部件牌上的 17 位数字填写。", "component"
        )
    if len(digits) != LENGTH:
        what = f"部件标识码“{digits[:40]}”有 {len(digits)} 位，应为 {LENGTH} 位。"
        raise Invalid(
            "component_id", what, "区划 6 位、大类 2 位、小类 3 位、顺序号 6 位，中间的 0 不能省。", "component"
        )
    region, kind, serial = digits[:6], digits[6:11], int(digits[11:])
    if region[:2] < "11" or region[:2] > "82":
        raise Invalid("component_id", f"“{region}”不是区划代码。", "前 6 位是所在区县的代码。", "component")
    if kind[:2] not in CLASSES or kind[2:] == "000":
        raise Invalid(
            "component_id", f"“{kind}”不是部件的大类和小类。", "大类为 01 到 05，小类从 001 起。", "component"
        )
    if serial == 0:
        raise Invalid("component_id", "顺序号不能全为 0。", "顺序号从 000001 起。", "component")
    return ComponentId(region, kind, serial)
