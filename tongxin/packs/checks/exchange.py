"""exchange.yaml and the effects that use it: every source exists, personal data go out with a reason only, steps taken from outside can be."""

from __future__ import annotations

from typing import Any

from tongxin.packs.checks.report import Report
from tongxin.packs.reading import Keys
from tongxin.packs.schema import FormField, Pack, Transition
from tongxin.packs.schema.exchange import PERSONAL_SOURCES, SOURCES, Incoming, Outgoing

_PARTS = {"kind", "number", "until", "issuer", "body"}


def check_exchange(pack: Pack, report: Report) -> None:
    """Check what is sent and taken; the effects themselves are checked where they stand."""
    for link, spec in pack.exchange.links.items():
        for key, outgoing in spec.sends.items():
            _check_sources(outgoing, ("exchange", "links", link, "sends", key), report)
        for key, incoming in spec.takes.items():
            _check_incoming(pack, incoming, ("exchange", "links", link, "takes", key), report)


def _check_sources(outgoing: Outgoing, at: Keys, report: Report) -> None:
    for name, source in outgoing.fields.items():
        if not source.startswith(("form.", "fact.")):
            report.need(source, SOURCES, "来源", (*at, "fields", name), "也可以写 form.项目、fact.事实。")
        if source in PERSONAL_SOURCES and not outgoing.personal:
            what = f"{name} 送的是个人信息（{SOURCES[source]}），没有写为什么。"
            report.add((*at, "fields", name), what, "请写 personal: 理由；非必要的请去掉（最小必要）。")


def _check_incoming(pack: Pack, incoming: Incoming, at: Keys, report: Report) -> None:
    if incoming.certificate == (incoming.transition is not None):
        report.add(
            at,
            "transition、certificate 须恰填其一。",
            "走一步的写 transition 和 procedure，核验回音写 certificate: true。",
        )
        return
    if incoming.certificate:
        return
    if incoming.procedure is None:
        report.add(at, "没有写是哪个流程的动作。", "请写 procedure。")
        return
    if not report.need(incoming.procedure, pack.procedures, "流程", (*at, "procedure")):
        return
    steps = pack.procedures[incoming.procedure].transitions
    assert incoming.transition is not None
    if not report.need(incoming.transition, steps, "动作", (*at, "transition")):
        return
    step = steps[incoming.transition]
    if not any(holder.who == "system" for holder in step.by):
        report.add((*at, "transition"), f"动作 {incoming.transition} 不许外来系统走。", "请在它的 by 里加上 system。")
    for key in incoming.form:
        report.need(key, step.form, "表单项", (*at, "form", key))
    for key, field in step.form.items():
        if field.required and key not in incoming.form:
            report.add(
                (*at, "form"), f"动作 {incoming.transition} 的必填项 {key} 没有来源。", f"请写 {key}: 对方的字段。"
            )


def check_message(argument: Any, pack: Pack, step: Transition | None, at: Keys, report: Report) -> None:
    """Check ``exchange: link.message``: it is declared, and its form fields are asked for in this step."""
    if not isinstance(argument, str) or (found := pack.exchange.message(argument)) is None:
        names = [f"{link}.{key}" for link, spec in pack.exchange.links.items() for key in spec.sends]
        report.need(str(argument), names, "消息", at, "消息写在 exchange.yaml 的 links.….sends。")
        return
    form = step.form if step is not None else {}
    for name, source in found[2].fields.items():
        kind, _, key = source.partition(".")
        if kind != "form" or not report.need(key, form, "表单项", at, f"消息 {argument} 的 {name} 要用它。"):
            continue
        if form[key].purpose and not found[2].personal:
            report.add(
                at,
                f"消息 {argument} 把个人信息“{form[key].title}”送出去，没有写为什么。",
                "请在 exchange.yaml 那条消息写 personal: 理由。",
            )


def check_certificate(argument: Any, pack: Pack, step: Transition | None, at: Keys, report: Report) -> None:
    """Check ``hold_certificate: {kind, number: $field, …}``: the kind is declared, the fields are asked for with purpose and basis."""
    if not isinstance(argument, dict) or not {"kind", "number"} <= set(argument) or set(argument) - _PARTS:
        report.add(
            at,
            "hold_certificate 的参数写法不对。",
            "请写 hold_certificate: {kind: 证照种类, number: $表单项, until: $表单项}。",
        )
        return
    report.need(
        str(argument["kind"]),
        pack.exchange.certificates,
        "证照种类",
        (*at, "kind"),
        "种类写在 exchange.yaml 的 certificates。",
    )
    form: dict[str, FormField] = step.form if step is not None else {}
    for name, value in argument.items():
        if name in ("kind", "body"):
            continue
        key = str(value).removeprefix("$")
        if not report.need(key, form, "表单项", (*at, name)):
            continue
        if name == "number" and not (form[key].purpose and form[key].basis):
            report.add(
                (*at, name),
                f"“{form[key].title}”没有写用途和依据。",
                "请在表单项写 purpose 和 basis（没有依据不得要证照）。",
            )
