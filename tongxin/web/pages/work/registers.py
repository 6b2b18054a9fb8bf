"""Registers for those who keep them: enter, move on, correct, end; a document's signatures noted as they come in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from tongxin.kernel import limits
from tongxin.kernel.clock import local
from tongxin.kernel.days import find_day, today_of
from tongxin.kernel.errors import NotFound, Refusal
from tongxin.kernel.typed import number_in
from tongxin.organization import api as organization
from tongxin.organization.api import access
from tongxin.packs.schema import Register
from tongxin.registers import api as registers
from tongxin.territory import api as territory
from tongxin.web.fields import Field, bind, read
from tongxin.web.page import Shown, page
from tongxin.web.pages.resident.registers import entry_row, money_table
from tongxin.web.request import Request

CHOICES = 400


@page(
    "/work/registers",
    audience="work",
    title="名册和文件",
    icon="book",
    nav=42,
    name="work_registers",
    methods=("GET",),
    template="work/registers.html",
)
def all_registers(request: Request) -> Shown:
    """List the registers with their counts, and the documents (1 statement)."""
    today = local(request.now).date()
    documents = request.district.pack.documents
    names = registers.may_see_names(request.actor)
    return {
        "rows": [
            (
                row,
                names or row.spec.of != "person",
                "、".join(f"{row.spec.classes[k]} {n}" for k, n in row.classes.items() if n and k in row.spec.classes),
            )
            for row in registers.list_registers(request.district, today)
        ],
        "roles": request.district.pack.units.roles,
        "documents": [(key, one, registers.KINDS[one.kind]) for key, one in documents.items()],
    }


@page(
    "/work/registers/<slug:key>",
    audience="work",
    title="名册",
    name="work_register_book",
    template="work/register.html",
)
def one_register(request: Request, key: str) -> Shown:
    """Show a register; a POST enters a line (about 6 statements). Names only to who manages people or keeps registers."""
    spec = registers.spec_of(request.district, key)
    if spec.of == "person":
        _demand_names(request)
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            made = registers.enter(
                district=request.district, key=key, entry=_entry_from(request, key, spec), actor=request.actor, now=request.now,
                ground=request.POST.get("ground", ""),
            )  # fmt: skip
            messages.success(request, f"已登记，编号 {made.key}。")
            return HttpResponseRedirect(reverse("work_register_book", args=[key]))
        except Refusal as caught:
            refusal = caught
    context = _shown(request, key, spec, refusal)
    return render(request, "work/register.html", context, status=refusal.status if refusal else 200)


def _demand_names(request: Request) -> None:
    if not registers.may_see_names(request.actor):
        raise access.refusal(registers.KEEP)


def _shown(request: Request, key: str, spec: Register, refusal: Refusal | None) -> dict[str, Any]:
    district, asked, today = request.district, request.GET, local(request.now).date()
    counts = registers.count_entries(district, today).get(key, {})
    words, after = asked.get("q", "").strip()[: limits.SEARCH_CHARS], asked.get("after", "")
    found, mark = registers.list_entries(
        district, key, today, klass=asked.get("class", ""), stage=asked.get("stage", ""), words=words, ended=asked.get("ended") == "1",
        under=number_in(asked.get("under", "")), after=number_in(after) or 0, names=spec.of == "person",
    )  # fmt: skip
    keeps = access.may(request.actor, registers.KEEP)
    return {
        "key": key, "spec": spec, "owner": district.pack.units.roles[spec.owner].title, "count": sum(counts.values()), "asked": asked, "words": words,
        "grounds": registers.grounds(district.pack).get(("registers", key), ()),
        "classes": [(k, title, sum(n for (c, _), n in counts.items() if c == k)) for k, title in spec.classes.items()],
        "stages": [(k, title, sum(n for (_, s), n in counts.items() if s == k)) for k, title in spec.stages.items()],
        "rows": [entry_row(request, spec, one, public=False) for one in found], "after": mark, "money": money_table(request, key, spec), "refusal": refusal, "keeps": keeps,
        "parts": [(k, one.title) for k, one in district.pack.registers.items() if one.under == key],
        "add": bind(entry_fields(request, key, spec), request.POST if refusal else None, refusal, prefix="add") if keeps else [],
    }  # fmt: skip


def entry_fields(request: Request, key: str, spec: Register, one: Any = None) -> list[Field]:
    """The form of a line: what every line has, then the register's own fields (0–1 statement)."""
    documents = request.district.pack.documents

    def now_in(name: str) -> Any:
        value = getattr(one, name, None)
        return str(value) if value else None

    if spec.of == "person":
        purpose = "登记招录、培养、选任的人员"
        fields = [Field("who", "姓名", required=True, max=limits.NAME_CHARS, value=now_in("who"), purpose=purpose)]
    else:
        fields = [Field("title", "名称", required=True, max=limits.TITLE_CHARS, value=now_in("title"))]
    if len(spec.classes) > 1:
        classes = list(spec.classes.items())
        fields.append(Field("klass", "分类", "choice", required=True, choices=classes, value=now_in("klass")))
    for name, title, needed, choices in _places_of(request, spec):
        fields.append(
            Field(name, title, "unit", required=needed, choices=choices[:CHOICES], value=now_in(f"{name}_id"))
        )
    given = one.fields if one is not None else {}
    for name, own in spec.fields.items():
        choices = list((own.choices or {}).items())
        fields.append(
            Field(f"x_{name}", own.title, own.type, own.required, own.help, given.get(name), choices, own.min, own.max, days=own.days)
        )  # fmt: skip
    fields.append(Field("by", "由谁授予、批准、主办", max=400, value=now_in("by")))
    if documents:
        choices = [(k, d.title) for k, d in documents.items()]
        fields.append(Field("document", "依据的文件", "unit", choices=choices, value=now_in("document")))
    return [*fields, Field("from_on", "自哪天起", "date", value=now_in("from_on"))]


def _places_of(request: Request, spec: Register) -> Iterator[tuple[str, str, bool, list[tuple[str, str]]]]:
    """Where a line belongs: (field, title, needed, choices) for its upper line, its body, its place (0–1 statement)."""
    district, tree = request.district, territory.tree(request.district)
    if spec.under is not None:
        upper, _ = registers.list_entries(district, spec.under, today_of(request.now), rows=CHOICES)
        title = f"属于哪一条（{district.pack.registers[spec.under].title}）"
        yield "under", title, True, [(str(row.pk), row.title) for row in upper]
    if spec.kinds:
        units = organization.directory(district).units(spec.kinds)
        yield "body", "组织", spec.of == "body", [(str(unit.id), unit.name) for unit in units]
    if spec.level is not None:
        mine = [place for place in tree.at_level(spec.level) if registers.may_keep(request.actor, place.id)]
        yield "area", "在哪里", True, [(str(place.id), tree.full_name(place.id)) for place in mine]


def _entry_from(request: Request, key: str, spec: Register, one: Any = None) -> registers.NewEntry:
    given = read(entry_fields(request, key, spec, one), request.POST)
    who = str(given.get("who", ""))
    return registers.NewEntry(
        title=spec.title if spec.of == "person" else str(given.get("title", "")),
        klass=str(given.get("klass", "")), area_id=number_in(str(given.get("area", ""))), body_id=number_in(str(given.get("body", ""))), who=who,
        under_id=number_in(str(given.get("under", ""))), by=str(given.get("by", "")), document=str(given.get("document", "")),
        from_on=find_day(given.get("from_on"), "自哪天起", "from_on", today=today_of(request.now)), fields={name: given[f"x_{name}"] for name in spec.fields if f"x_{name}" in given},
    )  # fmt: skip


@page(
    "/work/registers/entries/<int:entry_id>",
    audience="work",
    title="登记",
    name="work_entry",
    template="work/entry.html",
)
def one_entry(request: Request, entry_id: int) -> Shown:
    """Show a line with its history; a POST moves, corrects or ends it (about 6 statements)."""
    district = request.district
    entry = registers.get_entry(district, entry_id)
    spec = registers.spec_of(district, entry.register)
    if spec.of == "person" and not registers.may_see_names(request.actor, entry.area_id):
        access.demand(request.actor, registers.KEEP, entry.area_id)
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            _change(request, entry, spec)
            return HttpResponseRedirect(reverse("work_entry", args=[entry_id]))
        except Refusal as caught:
            refusal = caught
    tried = request.POST.get("do", "") if refusal else ""
    keeps = registers.may_keep(request.actor, entry.area_id) and entry.until_on is None
    context = {
        "entry": entry, "spec": spec, "row": entry_row(request, spec, entry, public=False), "history": registers.history(entry), "keeps": keeps,
        "stages": [(k, title) for k, title in spec.stages.items() if k != entry.stage], "stage_titles": spec.stages, "refusal": refusal, "tried": tried,
        "parts": [(k, district.pack.registers[k], n) for k, n in registers.parts_of(entry).items() if k in district.pack.registers],
        "fields": bind(entry_fields(request, entry.register, spec, entry), request.POST if tried == "correct" else None, refusal, prefix="fix") if keeps else [],
    }  # fmt: skip
    return render(request, "work/entry.html", context, status=refusal.status if refusal else 200)


def _change(request: Request, entry: registers.Entry, spec: Register) -> None:
    asked = request.POST
    common: dict[str, Any] = {
        "district": request.district, "entry_id": entry.pk, "actor": request.actor, "now": request.now,
    }  # fmt: skip
    ground, on = asked.get("ground", ""), find_day(asked.get("on"), "哪天", "on", today=today_of(request.now))
    match asked.get("do"):
        case "move":
            moved = registers.move(**common, stage=asked.get("stage", ""), ground=ground, on=on)
            messages.success(request, f"已进到“{spec.stages[moved.stage]}”。")
        case "end":
            registers.end(**common, ground=ground, on=on)
            messages.success(request, "已销记。")
        case "correct":
            registers.correct(**common, changed=_entry_from(request, entry.register, spec, entry), ground=ground)
            messages.success(request, "已更正。")
        case _:
            raise NotFound("no_act", "没有这个操作。", "请刷新页面。")


@page(
    "/work/documents/<slug:key>",
    audience="work",
    permission=registers.KEEP,
    title="记签署",
    name="work_document",
    template="work/document.html",
)
def sign_document(request: Request, key: str) -> Shown:
    """Show who has still to sign the version in force; a POST notes a signature (about 4 statements)."""
    spec = registers.document_of(request.district, key)
    if not spec.parties.signed:
        raise NotFound("not_signed", "这份文件不用签署。", "请返回文件页面。")
    copy_of = number_in(request.POST.get("copy", "") or request.GET.get("copy", ""))
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            day = find_day(
                request.POST.get("signed_on"), "哪天签的", "signed_on", today=today_of(request.now)
            ) or today_of(request.now)
            registers.sign(
                district=request.district, document=key, copy_of=copy_of, party_id=number_in(request.POST.get("party", "")) or 0, signed_on=day,
                actor=request.actor, now=request.now,
            )  # fmt: skip
            messages.success(request, "已记下签署。")
            return HttpResponseRedirect(
                f"{reverse('work_document', args=[key])}{f'?copy={copy_of}' if copy_of else ''}"
            )
        except Refusal as caught:
            refusal = caught
    rows = registers.list_copies(request.district, key, len(spec.versions))
    chosen = next((row for row in rows if row.of == copy_of), rows[0] if rows else None)
    parties = registers.list_parties(request.district, key, len(spec.versions), chosen.of) if chosen else []
    context = {
        "key": key, "spec": spec, "rows": rows[:CHOICES], "chosen": chosen, "parties": [row for row in parties if row[2]], "refusal": refusal,
        "waiting": [row for row in parties if not row[2]], "today": local(request.now).date(), "signed": sum(r.signed for r in rows), "whole": sum(r.whole for r in rows),
    }  # fmt: skip
    return render(request, "work/document.html", context, status=refusal.status if refusal else 200)
