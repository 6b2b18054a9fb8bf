"""Faults planted in what is exchanged and which certificates are asked for are told at their lines, with the way to mend them."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest

from tests.world import ROOT
from tongxin.packs.api import check_folder

STEP = "localities/yuhu/procedures/service_request.yaml"
FILE = "localities/yuhu/exchange.yaml"
PLANTED = [
    (FILE, "caseNo: ref, areaCode", "caseNo: reff, areaCode", "没有这个来源：reff", "ref"),
    (FILE, "        personal: 没有号码不能向发证机关核验；只送号码，不送姓名、住址\n", "", "送的是个人信息", "最小必要"),
    (FILE, "transition: platform_result", "transition: finish", "不许外来系统走", "system"),
    (FILE, "form: {result: resultText}", "form: {}", "必填项 result 没有来源", "对方的字段"),
    (FILE, "certificate: true", "certificate: false", "恰填其一", "certificate"),
    (FILE, "basis: 居民身份证法第十三条", "basis: ''", "这里是空的", ""),
    (FILE, "'[1-9]", "'([1-9]", "不是正则表达式", ""),
    (STEP, "{exchange: platform.forwarded}", "{exchange: platform.forwardd}", "没有这个消息：platform.forwardd", "platform.forwarded"),
    (STEP, "kind: id_card", "kind: id_crad", "没有这个证照种类：id_crad", "id_card"),
    (STEP, "until: $valid_until", "until: $valid_til", "没有这个表单项：valid_til", "valid_until"),
    (STEP, ", basis: 居民身份证法第十三条；国务院关于在线政务服务的若干规定第十条", "", "没有写用途和依据", "purpose"),
]  # fmt: skip


SHAPE = {"不是正则表达式", "这里是空的"}  # told before meaning is looked at


@pytest.mark.django_db
@pytest.mark.parametrize("shape", [False, True])
def test_planted_faults_are_told_at_their_lines(tmp_path: Path, shape: bool) -> None:
    """All at once, so that each shows that it does not hide another."""
    for folder in ("_base", "yuhu"):
        copytree(ROOT / "localities" / folder, tmp_path / "localities" / folder)
    planted = [fault for fault in PLANTED if (fault[3] in SHAPE) == shape]
    for file, right, wrong, *_ in planted:
        path = tmp_path / file
        text = path.read_text(encoding="utf-8")
        assert right in text
        path.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    faults = check_folder(tmp_path / "localities" / "yuhu")
    for *_, told, mend in planted:
        found = [fault for fault in faults if told in fault.what and mend in fault.what + fault.mend]
        assert found, (told, [fault.what for fault in faults])
        assert found[0].line > 0
