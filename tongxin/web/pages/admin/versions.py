"""Versions of the pack: what differs, publish the folder on the server, adopt a published version, move running cases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from tongxin.kernel.errors import Conflict, Invalid, NotFound, Refusal
from tongxin.organization import api as organization
from tongxin.packs import api as packs
from tongxin.packs.api import PackVersion
from tongxin.procedures import api as procedures
from tongxin.registers import api as registers
from tongxin.web.page import Shown, page
from tongxin.web.pages.admin.pack import MANAGE, version_in_force
from tongxin.web.request import Request

MOST_DIFFERENCES = 300
NOTE_CHARS = 400


def folder_of(request: Request) -> Path:
    """The folder on the server from which this district's pack is published."""
    return Path(settings.BASE_DIR) / "localities" / request.district.pack.key


@page("/admin/pack/publish", audience="admin", permission=MANAGE, title="发布新版")
def pack_publish(request: Request) -> Shown:
    """Compare the folder on the server with the version in force; a POST publishes and adopts what was shown."""
    folder, refusal = folder_of(request), None
    there = folder.is_dir()
    faults = packs.check_folder(folder) if there else []
    fresh = packs.load_folder(folder) if there and not faults else None
    digest = packs.digest_of(fresh) if fresh else ""
    if request.method == "POST":
        try:
            version = _publish(request, fresh, digest)
            messages.success(request, f"已发布第 {version.number} 版，新诉求从现在起按它办理；在办的照旧。")
            return HttpResponseRedirect(reverse("admin_pack"))
        except Refusal as caught:
            refusal = caught
    mine, _ = version_in_force(request)
    changes = packs.differences(request.district.pack, fresh) if fresh else []
    context = {
        "tab": "publish", "mine": mine, "there": there, "faults": faults, "fresh": fresh, "digest": digest, "folder": f"localities/{folder.name}",
        "changes": changes[:MOST_DIFFERENCES], "count": len(changes), "refusal": refusal, "note": request.POST.get("note", ""),
    }  # fmt: skip
    return render(request, "admin/pack_publish.html", context, status=refusal.status if refusal else 200)


def _publish(request: Request, fresh: packs.Pack | None, digest: str) -> PackVersion:
    if fresh is None:
        raise Invalid("pack_faults", "文件夹里的资料包还有问题，不能发布。", "请先逐条改正。")
    if request.POST.get("digest") != digest:
        raise Conflict("folder_changed", "文件夹刚才又变了，和您看到的不一样。", "请看过下面新的不同之处再发布。")
    note = request.POST.get("note", "").strip()
    if not note or len(note) > NOTE_CHARS:
        raise Invalid("note_missing", "请写一句这次改了什么。", f"{NOTE_CHARS} 字以内。", "note")
    made = procedures.publish_version(
        district=request.district, pack=fresh, note=note, actor=request.actor, now=request.now
    )
    _enter_new_lines(request)
    return made


def _enter_new_lines(request: Request) -> None:
    """Enter the lines of registers that the adopted version names and the district has not (1 statement a register)."""
    packs.forget_districts()
    district = packs.find_district(key=request.district.key)
    if district is not None:
        registers.set_up_registers(district, actor=organization.system_actor(district), now=request.now)


@page("/admin/pack/versions/<int:number>", audience="admin", permission=MANAGE, title="版本比较")
def pack_version(request: Request, number: int) -> Shown:
    """Show how a published version differs from the one in force and from the one before it; a POST adopts it (4 statements)."""
    mine, versions = version_in_force(request)
    chosen = _numbered(versions, number)
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            procedures.adopt_version(district=request.district, version=chosen, actor=request.actor, now=request.now)
            _enter_new_lines(request)
            messages.success(request, f"已采用第 {number} 版，在办的照旧。")
            return HttpResponseRedirect(reverse("admin_pack"))
        except Refusal as caught:
            refusal = caught
    other = mine if chosen.pk != mine.pk else next((v for v in versions if v.number < number), None)
    changes = packs.differences(packs.get_pack(other.pk), packs.get_pack(chosen.pk)) if other else []
    context = {
        "tab": "pack", "mine": mine, "chosen": chosen, "other": other, "changes": changes[:MOST_DIFFERENCES], "count": len(changes),
        "refusal": refusal, "faults": packs.check_stored(chosen.pk),
    }  # fmt: skip
    return render(request, "admin/pack_version.html", context, status=refusal.status if refusal else 200)


def _numbered(versions: list[PackVersion], number: int) -> PackVersion:
    found = next((version for version in versions if version.number == number), None)
    if found is None:
        raise NotFound("no_version", f"没有第 {number} 版。", "请从版本列表里选。")
    return found


@page("/admin/pack/procedures/<slug:key>/move", audience="admin", permission=MANAGE, title="迁移在办件")
def pack_move(request: Request, key: str) -> Shown:
    """Preview what becomes of the cases under older versions; a POST moves some of them, each with an entry in its chain."""
    district = request.district
    spec = district.pack.procedures.get(key)
    if spec is None:
        raise NotFound(
            "no_procedure", "现行资料包里没有这个流程，这些在办件只能按旧版办完。", "请从流程列表里重新打开。"
        )
    refusal: Refusal | None = None
    if request.method == "POST":
        states = {
            name.removeprefix("to_"): to
            for name in request.POST
            if name.startswith("to_") and (to := request.POST[name])
        }
        try:
            done = procedures.move_cases(
                district=district, procedure=key, version_id=district.pack_id, states=states, actor=request.actor, now=request.now
            )  # fmt: skip
            _tell(request, done)
            return HttpResponseRedirect(reverse("admin_pack_move", args=[key]))
        except Refusal as caught:
            refusal = caught
    moves = procedures.preview_migration(district, key, district.pack_id)
    open_states: list[Any] = [(state, one.title) for state, one in spec.states.items() if not one.final]
    context = {
        "tab": "procedures", "key": key, "spec": spec, "mine": version_in_force(request)[0], "states": open_states, "refusal": refusal,
        "moves": [(move, request.POST.get(f"to_{move.state}") or move.target) for move in moves],
        "total": sum(move.count for move in moves),
    }  # fmt: skip
    return render(request, "admin/pack_move.html", context, status=refusal.status if refusal else 200)


def _tell(request: Request, done: procedures.Moved) -> None:
    left = f"还有 {done.left} 件，请再点一次。" if done.left and done.moved else ""
    if done.moved:
        messages.success(request, f"已迁移 {done.moved} 件。{left}")
    if done.refused:
        messages.warning(request, f"{len(done.refused)} 件没有迁移：{'；'.join(done.refused[:3])}")
