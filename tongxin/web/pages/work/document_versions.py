"""A document's versions for the office that keeps it: add the next one over the text before, add the sealed paper as scans, take one back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from tongxin.kernel import limits
from tongxin.kernel.days import find_day, read_day, today_of
from tongxin.kernel.errors import Invalid, NotFound, Refusal
from tongxin.packs.schema import Document
from tongxin.records import api as records
from tongxin.registers import api as registers
from tongxin.web.fields import Field, bind, read
from tongxin.web.page import Shown, page
from tongxin.web.request import Request

KINDS = ".pdf,image/*"


@page("/work/documents/<slug:key>/versions", audience="work", title="文件的各版和原件", name="work_document_versions")
def document_versions(request: Request, key: str) -> Shown:
    """Show the versions with their papers; a POST adds one, adds a paper, or takes one back (about 4 statements)."""
    if not registers.may_keep_documents(request.actor):
        raise NotFound("no_document", "没有这份文件，或者不归您管。", "请从制度文件里重新打开。")
    spec = registers.document_of(request.district, key)
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            messages.success(request, _act(request, key))
            return HttpResponseRedirect(reverse("work_document_versions", args=[key]))
        except Refusal as caught:
            refusal = caught
    tried = request.POST.get("do", "") if refusal else ""
    papers = registers.papers_of(request.district, key)
    rows = [(row.pk, number) for number, row in papers.items()]
    scans = records.list_for_many(registers.SCANS_OF, [pk for pk, _ in rows])
    context = {
        "key": key, "spec": spec, "refusal": refusal, "tried": tried, "kinds": KINDS, "most": limits.SCAN_BYTES // 2**20, "scans": limits.SCANS,
        "rows": [(n, one, papers.get(n), scans.get(papers[n].pk, []) if n in papers else []) for n, one in enumerate(spec.versions, 1)][::-1],
        "in_force": registers.in_force(spec, today_of(request.now)),
        "from_pack": len(request.district.pack.documents[key].versions),
        "add": bind(_add_fields(request, spec), request.POST if tried == "add" else None, refusal, prefix="add"),
        "paper": bind(_paper_fields(spec), request.POST if tried == "paper" else None, refusal, prefix="paper"),
    }  # fmt: skip
    return render(request, "work/document_versions.html", context, status=refusal.status if refusal else 200)


def _add_fields(request: Request, spec: Document) -> list[Field]:
    last = spec.current
    begins = max(today_of(request.now), last.from_ + timedelta(days=1) if last.from_ else today_of(request.now))
    return [
        Field("title", "版本名称", required=True, max=80, help=f"例如：{begins.year}年修订。"),
        Field("from_on", "自哪天起施行", "date", required=True, value=begins.isoformat()),
        Field("about", "改了什么", max=400, help="一句话，居民看得到。"),
        Field("text", "条文", "longtext", required=True, max=limits.DOCUMENT_CHARS, value=registers.text_of(last), help="已填上一版，改哪条改哪条。每条写作“第一条 条旨：条文”；存好以后逐条与上一版比较。"),
        *_seal_fields(),
    ]  # fmt: skip


def _paper_fields(spec: Document) -> list[Field]:
    versions = [(str(n), one.title) for n, one in enumerate(spec.versions, 1)][::-1]
    return [
        Field(
            "number",
            "哪一版",
            "unit",
            required=True,
            choices=versions,
            help="下面不填的保持原样，扫描件添在原有的后面。",
        ),
        *_seal_fields(),
    ]


def _seal_fields() -> list[Field]:
    return [
        Field("ref", "文号", max=80),
        Field("signed_by", "由谁签发", max=80, help="写职务，不写姓名。"),
        Field("sealed_by", "用印单位", max=80),
        Field("sealed_on", "用印日期", "date", days="past"),
        Field("scan_public", "扫描件对居民公开", "yesno", value=False, help="上面有个人签名、电话的，选“否”。"),
    ]


def _act(request: Request, key: str) -> str:
    common: dict[str, Any] = {"district": request.district, "document": key, "actor": request.actor, "now": request.now}
    match request.POST.get("do", ""):
        case "add":
            given = read(_add_fields(request, registers.document_of(request.district, key)), request.POST)
            registers.add_version(
                **common, title=given.get("title", ""), text=given.get("text", ""), about=given.get("about", ""), paper=_paper(request, given),
                from_on=read_day(given.get("from_on", ""), "自哪天起施行", "from_on", today=today_of(request.now)), scans=_scans(request),
            )  # fmt: skip
            return "已加一版。"
        case "paper":
            given = read([Field("number", ""), *_seal_fields()], request.POST)
            registers.keep_paper(
                **common, number=_number(given.get("number", "")), paper=_paper(request, given), scans=_scans(request)
            )
            return "已登记原件。"
        case "withdraw":
            registers.withdraw_version(**common, number=_number(request.POST.get("number", "")))
            return "已撤回这一版，记录留着。"
        case _:
            raise Invalid("unknown_act", "不知道要做什么。", "请从页面上的按钮办理。")


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 4 else 0


def _paper(request: Request, given: dict[str, Any]) -> registers.Paper:
    sealed_on = find_day(given.get("sealed_on"), "用印日期", "sealed_on", today=today_of(request.now), days="past")
    return registers.Paper(
        ref=given.get("ref", ""), signed_by=given.get("signed_by", ""), sealed_by=given.get("sealed_by", ""), sealed_on=sealed_on,
        scan_public=given.get("scan_public") == "yes",
    )  # fmt: skip


def _scans(request: Request) -> list[str]:
    """Keep the files that came with the form; what they are their content says."""
    files = [file for file in request.FILES.getlist("scans") if isinstance(file, UploadedFile)]
    if len(files) > limits.SCANS:
        raise Invalid(
            "too_many_scans",
            f"一次最多 {limits.SCANS} 个文件。",
            "请合成一个 PDF 再上传。",
            "scans",
            limit=limits.SCANS,
        )
    kept = [
        records.keep_scan(request.district.id, file, user_id=request.actor.user_id, now=request.now) for file in files
    ]
    return [str(one.pk) for one in kept]
