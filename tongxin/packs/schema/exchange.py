"""exchange.yaml: certificates that steps ask for by reference, and what is exchanged with which other system, why, field by field."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field, StringConstraints, field_validator

from tongxin.packs.schema.base import Key, Part, Title, Words

Reason = Annotated[str, StringConstraints(min_length=4, max_length=200)]
OuterName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,59}$")]
# what of a case may be named as the source of an outer field; form.x, fact.x: of the step and of the run
SOURCES = {
    "ref": "编号", "title": "标题", "place": "地点", "area_code": "地域代码", "procedure": "流程名称", "state": "现在的环节", "step": "这一步",
    "step_at": "这一步的时间", "started_at": "开始时间", "due_at": "到期时间", "outcome": "结果",
    "certificate.id": "证照引用号", "certificate.kind": "证照种类", "certificate.number": "证照号码", "certificate.issuer": "发证机关",
    "certificate.valid_until": "有效期至",
}  # fmt: skip
PERSONAL_SOURCES = frozenset({"title", "certificate.number"})


class CertificateKind(Part):
    """一种证照。只记引用：号码打码显示、加密存放，办结后到期删除；不留照片和复印件。"""

    title: Title = Field(description="证照名称，例如 居民身份证")
    issuer: Title = Field(description="发证机关")
    number: Annotated[str, StringConstraints(max_length=100)] = Field(
        r"[0-9A-Za-z\-（）()]{4,40}", description="号码的样子（正则表达式），填错当场指出"
    )
    shown: int = Field(4, ge=0, le=8, description="打码后露出末几位")
    purpose: Reason = Field(description="用来做什么；没有用途的不能要")
    basis: Reason = Field(description="依据的法律或文件")
    keep_days: int = Field(30, ge=0, le=1_096, description="办结后号码再留几天，之后只剩打码的")

    @field_validator("number")
    @classmethod
    def _pattern(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"号码的样子不是正则表达式：{error}") from None
        return value


class Outgoing(Part):
    """送出去的一种消息。"""

    title: Title = Field(description="消息名称，例如 受理信息")
    fields: dict[OuterName, Annotated[str, StringConstraints(max_length=60)]] = Field(
        min_length=1,
        max_length=40,
        description="对方的字段 → 取自哪里：ref、area_code、form.项目、fact.事实、certificate.number 等",
    )
    personal: Words = Field("", description="送个人信息时写为什么非送不可；不写就不许送")


class Incoming(Part):
    """收进来的一种消息：或走一步，或核验证照。只能办送出过的件。"""

    title: Title = Field(description="消息名称，例如 办理结果")
    transition: Key | None = Field(None, description="走哪一步（这一步的 by 里要有 system）")
    procedure: Key | None = Field(None, description="哪个流程的")
    form: dict[Key, OuterName] = Field(default_factory=dict, description="这一步的项目 → 对方的字段")
    certificate: bool = Field(False, description="这是证照核验的回音（certificate、valid、valid_until）")


class ExchangeLink(Part):
    """与一个系统的交换。地址和密钥由运维设定，不写在这里。"""

    title: Title = Field(description="对方系统，例如 市一体化政务服务平台")
    purpose: Reason = Field(description="为什么交换")
    basis: Reason = Field(description="依据")
    sends: dict[Key, Outgoing] = Field(default_factory=dict, description="送什么")
    takes: dict[Key, Incoming] = Field(default_factory=dict, description="收什么")


class Exchange(Part):
    """exchange.yaml 的全部内容。"""

    certificates: dict[Key, CertificateKind] = Field(default_factory=dict, max_length=40, description="证照种类")
    links: dict[Key, ExchangeLink] = Field(default_factory=dict, max_length=10, description="和哪些系统交换")

    def message(self, name: str) -> tuple[str, str, Outgoing] | None:
        """Return link, message and what is sent for ``link.message``; None where there is none."""
        link, _, key = name.partition(".")
        found = self.links[link].sends.get(key) if link in self.links else None
        return (link, key, found) if found is not None else None
