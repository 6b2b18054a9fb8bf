"""Documents of the locality for everybody: what is in force, what changed, who signed, and what runs by each clause."""

from __future__ import annotations

from tongxin.kernel.clock import local
from tongxin.kernel.days import today_of
from tongxin.kernel.errors import NotFound
from tongxin.organization import api as organization
from tongxin.organization.api import access
from tongxin.records import api as records
from tongxin.registers import api as registers
from tongxin.web.page import Shown, page
from tongxin.web.programme import running
from tongxin.web.request import Request

COPIES = 1_000
PARTIES = 1_500


@page("/documents", audience="resident", title="文件和名册", icon="book", nav=55, methods=("GET",))
def documents(request: Request) -> Shown:
    """List the documents, those of one scheme under it, and the registers that are public (2 statements)."""
    pack = request.district.pack
    known = registers.documents_of(request.district)
    tops = [(key, one) for key, one in known.items() if one.under is None]
    below = {key: [(k, d) for k, d in known.items() if d.under == key] for key, _ in tops}
    today = local(request.now).date()
    return {
        "rows": [(key, one, _issuer(request, one), registers.KINDS[one.kind], below[key]) for key, one in tops],
        "kinds": registers.KINDS,
        "count": len(pack.documents),
        "registers": registers.list_registers(request.district, today, public_only=True),
        "networks": pack.units.networks,
    }


def _issuer(request: Request, one: object) -> str:
    key = getattr(one, "issuer", None)
    body = organization.directory(request.district).by_key(key) if key else None
    return body.name if body else str(getattr(one, "issued_by", ""))


@page("/documents/<slug:key>", audience="resident", title="制度文件", name="resident_document", methods=("GET",))
def document(request: Request, key: str) -> Shown:
    """Show a document: facts, clauses with what runs by them, what changed from the version before, who signed, its paper (3–5 statements)."""
    district, pack = request.district, request.district.pack
    spec = registers.document_of(district, key)
    wanted = request.GET.get("version", "")
    now_on = registers.in_force(spec, today_of(request.now))
    number = int(wanted) if wanted.isdecimal() and len(wanted) < 4 else now_on or len(spec.versions)
    if not 1 <= number <= len(spec.versions):
        raise NotFound("no_version", "这份文件没有这一版。", "请从版本里选。")
    version = spec.versions[number - 1]
    before = spec.versions[number - 2] if number > 1 else None
    changes = registers.compare(before, version) if before else []
    may_keep = registers.may_keep_documents(request.actor)
    paper = registers.papers_of(district, key).get(number)
    scans = records.list_for(registers.SCANS_OF, paper.pk) if paper and (paper.scan_public or may_keep) else []
    return {
        "key": key, "spec": spec, "kind": registers.KINDS[spec.kind], "issuer": _issuer(request, spec), "number": number, "version": version,
        "before": before, "current": number == now_on, "coming": number > now_on, "newest": number == len(spec.versions), "versions": list(enumerate(spec.versions, 1)),
        "clauses": [(clause, running(request, clause.runs)) for clause in version.clauses], "whole": running(request, spec.runs),
        "changes": [change for change in changes if change.what != "same"], "same": sum(c.what == "same" for c in changes),
        "upper": pack.documents.get(spec.under) if spec.under else None, "below": [(k, d) for k, d in pack.documents.items() if d.under == key],
        "under_it": _registers_of(request, key), "copies": _copies(request, key, number) if spec.parties.signed else None,
        "may_sign": access.may(request.actor, registers.KEEP), "may_keep": may_keep, "paper": paper, "scans": scans,
    }  # fmt: skip


def _copies(request: Request, key: str, number: int) -> dict[str, object]:
    """Who signed a version: of each copy how many, of one copy who and when (1–2 statements)."""
    rows = registers.list_copies(request.district, key, number)
    asked = request.GET.get("copy", "")
    chosen = next((row for row in rows if str(row.of) == asked), rows[0] if len(rows) == 1 else None)
    parties = registers.list_parties(request.district, key, number, chosen.of) if chosen else []
    return {
        "rows": rows[:COPIES], "signed": sum(row.signed for row in rows), "whole": sum(row.whole for row in rows),
        "each": request.district.pack.documents[key].parties.per is not None, "chosen": chosen, "parties": parties[:PARTIES],
    }  # fmt: skip


def _registers_of(request: Request, key: str) -> list[tuple[str, str, bool]]:
    """Registers that rest on the document; residents are led to public ones only."""
    found = []
    for (section, name), where in registers.grounds(request.district.pack).items():
        if section == "registers" and any(ground.document == key for ground in where):
            spec = request.district.pack.registers[name]
            found.append((name, spec.title, spec.public))
    return found
