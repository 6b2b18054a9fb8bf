"""What can be counted of registers and documents. Each measure answers all that is asked of it at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from tongxin.kernel.clock import local
from tongxin.kernel.figures import Measured
from tongxin.kernel.registry import measures
from tongxin.packs.api import DistrictView
from tongxin.registers.queries import count_entries, networks_cover, running, signed_share
from tongxin.territory import api as territory


@measures.register("entries", "名册现有的登记", takes="register class? stage?", nothing="在名册里登记后才数得出")
def entries(district: DistrictView, asked: Sequence[Mapping[str, Any]], now: datetime) -> list[Measured]:
    """Lines that run of a register, all or of one class or stage (1 statement)."""
    found = count_entries(district, local(now).date())
    return [
        Measured(
            sum(
                n
                for (klass, stage), n in found.get(given["register"], {}).items()
                if given.get("class") in (None, klass) and given.get("stage") in (None, stage)
            )
        )
        for given in asked
    ]


@measures.register(
    "entries_amount", "名册登记的金额合计（元）", takes="register class?", nothing="在名册里登记后才数得出"
)
def entries_amount(district: DistrictView, asked: Sequence[Mapping[str, Any]], now: datetime) -> list[Measured]:
    """Money of the lines that run of registers that state an amount (1 statement a register)."""
    out = []
    for given in asked:
        spec = district.pack.registers.get(given["register"])
        if spec is None or spec.amount is None:
            out.append(Measured(0))
            continue
        lines = running(district, local(now).date()).filter(register=given["register"])
        if given.get("class"):
            lines = lines.filter(klass=given["class"])
        total = lines.aggregate(total=Sum(Cast(KT(f"fields__{spec.amount}"), BigIntegerField())))["total"]
        out.append(Measured(total or 0))
    return out


@measures.register("documents", "登记的制度文件", takes="")
def documents(district: DistrictView, asked: Sequence[Mapping[str, Any]], now: datetime) -> list[Measured]:
    """Documents of the pack that are in force as wholes: schemes, measures, opinions, standards (0 statements)."""
    n = sum(one.kind in ("scheme", "measure", "opinion", "standard") for one in district.pack.documents.values())
    return [Measured(n) for _ in asked]


@measures.register("clauses", "一份文件现行版的条数", takes="document")
def clauses(district: DistrictView, asked: Sequence[Mapping[str, Any]], now: datetime) -> list[Measured]:
    """Clauses of the version in force (0 statements)."""
    known = district.pack.documents
    return [
        Measured(len(known[given["document"]].current.clauses) if given["document"] in known else 0) for given in asked
    ]


@measures.register("signed", "已经签署的各方", takes="document")
def signed(district: DistrictView, asked: Sequence[Mapping[str, Any]], now: datetime) -> list[Measured]:
    """Parties that signed the version in force, of all who have to (1 statement a document)."""
    return [Measured(*signed_share(district, given["document"]), "percent") for given in asked]


@measures.register("networks_merged", "各条线都有人承担的网格", takes="level")
def networks_merged(district: DistrictView, asked: Sequence[Mapping[str, Any]], now: datetime) -> list[Measured]:
    """Places of a level in which every network laid into it is carried, of all of that level (0 statements when copies are kept)."""
    found, tree = networks_cover(district, local(now).date()), territory.tree(district)
    networks = district.pack.units.networks
    out = []
    for given in asked:
        mine = [found[key] for key, network in networks.items() if network.level == given["level"]]
        whole = len(tree.at_level(given["level"]))
        out.append(Measured(len(frozenset.intersection(*mine)) if mine else 0, whole, "percent"))
    return out
