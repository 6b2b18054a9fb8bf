"""Bodies, places and demo parameters against the kinds, the levels and the map that lies in the folder."""

from __future__ import annotations

from pathlib import Path
from string import Formatter
from typing import Any

import orjson

from tongxin.packs.checks.facilities import check_facilities
from tongxin.packs.checks.report import Report
from tongxin.packs.reading import Keys, read_text
from tongxin.packs.schema import Pack, SeedBody

MAP = "map.geojson"


def check_places(pack: Pack, report: Report, folder: Path) -> None:
    """Check bodies.yaml, places.yaml, facilities.yaml, demo.yaml and map.geojson."""
    codes = _check_map(pack, report, folder / MAP) if (folder / MAP).exists() else None
    _check_bodies(pack, report, codes)
    for index, place in enumerate(pack.places):
        if codes is not None and place.area not in codes:
            report.add(
                ("places", index, "area"), f"地图里没有地域代码 {place.area}。", "请对照 map.geojson 里的 code。"
            )
    check_facilities(pack, report, codes)
    _check_demo(pack, report)


def _check_map(pack: Pack, report: Report, path: Path) -> dict[str, str] | None:
    """Return code → level of every feature, or None when the file cannot be read."""
    text, fault = read_text(path, f"{report.folder_name}/{MAP}")
    if fault is not None:
        report.faults.append(fault)
        return None
    try:
        content: Any = orjson.loads(text)
        features = [(feature["properties"], feature["geometry"]) for feature in content["features"]]
        found = [(str(p["level"]), str(p["code"]), p.get("parent"), p["name"], g["type"]) for p, g in features]
    except orjson.JSONDecodeError as error:
        report.add_in_file(MAP, "", "不是完整的 GeoJSON。", "请重新导出。", error.lineno)
        return None
    except (KeyError, TypeError, AttributeError):
        what = "不是要素集，或有的要素缺少 level、code、name 或 geometry。"
        report.add_in_file(MAP, "features", what, "每个面都要有 level、code、name、parent。")
        return None
    levels, codes = pack.units.level_keys(), {}
    for index, (level, code, _, _, kind) in enumerate(found):
        where = f"features.{index}"
        if level not in levels:
            report.add_in_file(MAP, where, f"没有级别 {level}。", f"级别有：{'、'.join(levels)}。")
        if code in codes:
            report.add_in_file(MAP, where, f"代码 {code} 出现两次。", "每个地域一个代码。")
        if kind not in ("Polygon", "MultiPolygon"):
            report.add_in_file(MAP, where, f"{code} 不是面（{kind}）。", "边界要用 Polygon 或 MultiPolygon。")
        codes[code] = level
    for index, (level, code, parent, _, _) in enumerate(found):
        above = levels[levels.index(level) - 1] if level in levels[1:] else None
        if above is not None and codes.get(str(parent)) != above:
            what = f"{code} 的上级 {parent} 不是 {above} 一级的地域。"
            report.add_in_file(MAP, f"features.{index}", what, "请改正 parent。")
    return codes


def _check_bodies(pack: Pack, report: Report, codes: dict[str, str] | None) -> None:
    kinds, by_key = pack.units.bodies, dict[str, SeedBody]()
    for index, body in enumerate(pack.bodies):
        if body.key in by_key:
            report.add(("bodies", index, "key"), f"组织的键 {body.key} 写了两次。", "键在包内唯一，请换一个。")
        by_key[body.key] = body
    for index, body in enumerate(pack.bodies):
        at: Keys = ("bodies", index)
        if not report.need(body.kind, kinds, "组织类别", (*at, "kind")):
            continue
        kind = kinds[body.kind]
        if body.parent is not None and report.need(body.parent, by_key, "组织", (*at, "parent")):
            above = by_key[body.parent].kind
            if above not in kind.parents:
                allowed = "、".join(kinds[key].title for key in kind.parents if key in kinds) or "（顶层，不写 parent）"
                what = f"{kind.title}不能隶属于{kinds[above].title if above in kinds else above}。"
                report.add((*at, "parent"), what, f"可以隶属于：{allowed}。")
            if _in_circle(body, by_key):
                report.add((*at, "parent"), f"组织 {body.key} 的隶属关系绕成了圈。", "请改正 parent。")
        for code in [*body.covers, *([body.seat] if body.seat else [])]:
            where = "seat" if code == body.seat else "covers"
            if codes is not None and code not in codes:
                report.add((*at, where), f"地图里没有地域代码 {code}。", "请对照 map.geojson 里的 code。")
            elif codes is not None and where == "covers" and kind.covers is not None and codes[code] != kind.covers:
                what = f"{kind.title}覆盖的应是 {kind.covers} 一级，{code} 是 {codes[code]} 一级。"
                report.add((*at, where), what, "请改正代码，或改 units.yaml 里的 covers。")


def _in_circle(body: SeedBody, by_key: dict[str, SeedBody]) -> bool:
    seen, parent = {body.key}, body.parent
    while parent is not None and parent in by_key:
        if parent in seen:
            return True
        seen.add(parent)
        parent = by_key[parent].parent
    return False


def _check_demo(pack: Pack, report: Report) -> None:
    if pack.demo is None:
        return
    codes = [category.code for category, _ in pack.catalogue.walk()]
    for part, texts in (("texts", pack.demo.texts), ("answers", pack.demo.answers)):
        for code, sentences in texts.items():
            report.need(code, codes, "类别代码", ("demo", part, code))
            for index, sentence in enumerate(sentences):
                check_words(sentence, ["place"], report, ("demo", part, code, index))
    opened = [key for key, spec in pack.procedures.items() if spec.open is not None]
    for key in pack.demo.affairs:
        report.need(key, opened, "可以开的流程", ("demo", "affairs", key))
    channels = pack.settings.intake.channels if pack.settings.intake else {}
    for channel in pack.demo.channels:
        report.need(channel, channels, "渠道", ("demo", "channels", channel))
    for index, made in enumerate(pack.demo.bodies):
        at: Keys = ("demo", "bodies", index)
        report.need(made.kind, pack.units.bodies, "组织类别", (*at, "kind"))
        kind = pack.units.bodies.get(made.kind)
        bodies, levels = pack.units.bodies, pack.units.level_keys()
        under = made.under if made.under and report.need(made.under, bodies, "组织类别", (*at, "under")) else None
        over = made.over if made.over and report.need(made.over, levels, "级别", (*at, "over")) else None
        if kind is not None and under is not None and under not in kind.parents:
            report.add((*at, "under"), f"{kind.title}不能隶属于 {under}。", "请对照 units.yaml 里的 parents。")
        if kind is not None and over is not None and kind.covers != over:
            what = f"{kind.title}覆盖的应是 {kind.covers} 一级。"
            report.add((*at, "over"), what, "请对照 units.yaml 里的 covers。")
        check_words(made.name, ["parent", "area", "n"], report, (*at, "name"))
    _check_areas(pack, report)


def _check_areas(pack: Pack, report: Report) -> None:
    """The generated areas: levels that exist, downwards, the first named, codes that are named above."""
    assert pack.demo is not None
    levels, known, last = pack.units.level_keys(), set[str](), -1
    for index, made in enumerate(pack.demo.areas):
        at: Keys = ("demo", "areas", index)
        if report.need(made.level, levels, "级别", (*at, "level")):
            here = levels.index(made.level)
            if here not in (last, last + 1):
                report.add((*at, "level"), f"{made.level} 写的次序不对。", "请从最上一级起逐级往下写，不跳级。")
            last = here
        if index == 0 and not made.named:
            report.add(at, "最上一级地域要写代码和名称。", "请用 named。")
        for name in ("within", "outside"):
            for code in getattr(made, name):
                if code not in known:
                    report.add((*at, name), f"上面没有地域代码 {code}。", "只能写 named 里写过的代码。")
        known |= made.named.keys()
        check_words(made.name, ["parent", "n"], report, (*at, "name"))
    if pack.demo.areas and pack.demo.centre is None:
        report.add(("demo", "areas"), "没有写画在哪里。", "请写 centre: [经度, 纬度]。")


def check_words(text: str, known: list[str], report: Report, keys: Keys) -> None:
    """Check that every {word} of a sentence is one that can be put in."""
    try:
        words = [word for _, word, _, _ in Formatter().parse(text) if word is not None]
    except ValueError:
        report.add(keys, "花括号 { } 没有成对。", "代入的词写成 {词}，不代入时不用花括号。")
        return
    for word in words:
        if word not in known:
            usable = "、".join(f"{{{name}}}" for name in known) or "（没有可代入的词）"
            report.add(keys, f"{{{word}}} 代入不了。", f"这里可用：{usable}。")
