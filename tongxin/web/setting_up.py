"""Whether a locality is set up rightly: what is so, what it means, what to do. Reads only; the pages of administrators show it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse

from tongxin.kernel.clock import local
from tongxin.organization import api as organization
from tongxin.packs import api as packs
from tongxin.packs.api import DistrictView
from tongxin.procedures import api as procedures
from tongxin.procedures.api import VersionCount
from tongxin.territory import api as territory
from tongxin.web.wording import say_span, say_when
from tongxin.web.worker import living_workers

NEXT_YEAR_DAYS = 60  # the holidays of a year are usually published early in November of the one before

CLOCK_SLACK = timedelta(minutes=5)  # what clocks of several servers may differ by


@dataclass(frozen=True, slots=True)
class Finding:
    """One line. ``tone``: ``done`` right, ``soon`` look at it, ``late`` something does not work, ``wait`` just so."""

    tone: str
    word: str
    title: str
    fact: str
    meaning: str
    todo: str = ""
    url: str = ""
    action: str = ""


@dataclass(frozen=True, slots=True)
class Size:
    """How many of something there are."""

    name: str
    count: int
    unit: str


def findings(district: DistrictView, now: datetime) -> tuple[list[Finding], list[Size]]:
    """Return the lines, the worst first, and the sizes (9 statements, whatever the size of the district)."""
    running = procedures.count_versions(district)
    found = [
        *_pack(district, running, now),
        _check(district),
        *_calendar(running, now),
        *_posts(district, now),
        *_bodies(district),
        _worker(now),
        *_clock(district, now),
    ]
    order = ("late", "soon", "wait", "done")
    return sorted(found, key=lambda line: order.index(line.tone)), _sizes(district, running)


def _pack(district: DistrictView, running: list[VersionCount], now: datetime) -> list[Finding]:
    versions = packs.list_versions(district.pack.key)
    by_id = {version.pk: version for version in versions}
    mine = by_id[district.pack_id]
    url = reverse("admin_pack")
    lines = [
        Finding(
            "done", "现行", f"资料包 {mine.key} 第 {mine.number} 版",
            f"{say_when(mine.published_at, now)}由 {mine.published_by} 发布。", "新诉求按这一版办理。", "", url, "查看",
        )
    ]  # fmt: skip
    if versions[0].number > mine.number:
        text = f"第 {versions[0].number} 版已经发布，还没有采用。"
        lines.append(
            Finding("soon", "待采用", "有更新的版本", text, "新诉求仍按旧版办理。", "看过不同之处后采用。", url, "去看")
        )
    older = Counter[int]()
    for row in running:
        if row.pack_id != district.pack_id:
            older[row.pack_id] += row.count
    if older:
        told = "、".join(f"第 {by_id[i].number} 版 {n:,} 件" if i in by_id else f"{n:,} 件" for i, n in older.items())
        lines.append(
            Finding(
                "wait", "旧版", "在办件按开始时的版本走", f"旧版在办：{told}。", "它们的环节和时限不变。",
                "等它们办完；确需改用现行版的，可以预览后迁移。", reverse("admin_pack_procedures"), "预览迁移",
            )
        )  # fmt: skip
    return lines


def _check(district: DistrictView) -> Finding:
    faults = packs.check_stored(district.pack_id)
    if not faults:
        return Finding("done", "合格", "资料包检查", "现行版没有问题。", "流程、时限、岗位和权限前后一致。")
    return Finding(
        "late", "有错", "资料包检查", f"现行版有 {len(faults)} 处问题。", "有的环节可能走不下去。", "改正文件夹里的资料包，再发布。",
        reverse("admin_pack"), "逐条看",
    )  # fmt: skip


def _calendar(running: list[VersionCount], now: datetime) -> list[Finding]:
    today, years = local(now).date(), packs.list_calendar_years()
    leaning = sum(row.provisional for row in running)
    known = f"{min(years)}—{max(years)} 年" if years else "还没有"
    shown = f"已导入放假安排：{known}。"
    how = "国务院办公厅公布后，请运维运行 manage.py calendar import。"
    lines: list[Finding] = []
    for year in (today.year, (today + timedelta(days=NEXT_YEAR_DAYS)).year):
        if year not in years and not any(str(year) in line.title for line in lines):
            tone, word = ("late", "缺少") if year == today.year else ("soon", "快到期")
            lines.append(
                Finding(tone, word, f"缺 {year} 年放假安排", shown, "跨到那时的期限暂按周一至周五推算，可能不准。", how)
            )
    if leaning:
        text = f"{leaning:,} 件在办件的期限是暂定的。"
        lines.append(Finding("soon", "暂定", "期限跨到没有公布的年份", text, "放假安排公布后可能前后移动几天。", how))
    return lines or [Finding("done", "齐全", "工作日历", shown, "期限按实际放假和调休计算。")]


def _posts(district: DistrictView, now: datetime) -> list[Finding]:
    today, url = local(now).date(), reverse("admin_people")
    known = organization.directory(district)
    held = known.held(today)
    empty = {post.id for post in known.posts() if not post.ended and post.id not in held}
    waiting = sum(count for post_id, count in procedures.count_by_post(district).items() if post_id in empty)
    lines = []
    if empty:
        lines.append(
            Finding(
                "late" if waiting else "soon", "空岗", f"{len(empty):,} 个岗位没有人",
                f"其中压着 {waiting:,} 件在办件。" if waiting else "目前没有压着在办件。",
                "新派来的会由代行岗位或上一级接；已经压着的没有人看得到。" if waiting else "派来的会由代行岗位或上一级接。",
                "任命人员，或设代岗（AB 岗）。", f"{url}?vacant=1", "去任命",
            )
        )  # fmt: skip
    else:
        lines.append(Finding("done", "齐全", "岗位", "每个岗位都有人。", "派来的都有人接。", "", url, "查看"))
    tree = territory.tree(district)
    leaf = tree.levels[-1]
    roles = [key for key, role in district.pack.units.roles.items() if role.at == leaf]
    bare = [
        place for place in tree.at_level(leaf)
        if not any(post.id in held for role in roles for post in known.posts_at(role, place.id))
    ]  # fmt: skip
    if bare and roles:
        title = district.pack.units.levels[-1].title
        lines.append(
            Finding(
                "soon", "无人", f"{len(bare):,} 个{title}没有{district.pack.units.roles[roles[0]].title}",
                "例如 " + "、".join(tree.full_name(place.id) for place in bare[:3]) + "。",
                "那里的诉求由代行岗位或上一级直接接。", "任命人员。", f"{url}?vacant=1&role={roles[0]}", "去任命",
            )
        )  # fmt: skip
    return lines


def _bodies(district: DistrictView) -> list[Finding]:
    faults = organization.check_bodies(district)
    if not faults:
        return []
    text = "；".join(fault.sentence.rstrip("。") for fault in faults[:2]) + "。"
    return [
        Finding(
            "soon", "不合", f"组织有 {len(faults):,} 处与资料包不合", text, "派给它们的诉求可能找不到收件岗。",
            "核对隶属关系和覆盖的地域。", f"{reverse('admin_people')}?view=bodies", "查看",
        )
    ]  # fmt: skip


def _worker(now: datetime) -> Finding:
    signs = [sign for sign in living_workers() if not sign.stale(now)]
    if not signs:
        return Finding(
            "late", "没有运行", "后台没有在运行", "没有一个后台进程活着。", "超时不会提醒、不会升级；启动后会补上，一件不漏。",
            "请运维启动 manage.py work。",
        )  # fmt: skip
    fact = f"{len(signs)} 个，最久的已运行 {say_span(now - signs[0].began_at)}。"
    return Finding("done", "运行中", "后台", fact, "超时提醒和升级按时进行。")


def _clock(district: DistrictView, now: datetime) -> list[Finding]:
    newest = procedures.newest_start(district)
    if newest is None or newest - now < CLOCK_SLACK:
        return []
    return [
        Finding(
            "late", "对不上", "服务器时钟比记录慢",
            f"最新一件的受理时间是 {local(newest):%Y-%m-%d %H:%M}，时钟现在是 {local(now):%Y-%m-%d %H:%M}。",
            "时钟现在慢了，或者前些时候快过：那段时间里的期限和先后会不对；记录不能改，办理不受影响。",
            "请运维用 timedatectl 核对时钟，打开自动校时。",
        )
    ]  # fmt: skip


def _sizes(district: DistrictView, running: list[VersionCount]) -> list[Size]:
    tree, counts = territory.tree(district), organization.count_sizes(district.id)
    return [
        *(Size(level.title, len(tree.at_level(level.key)), level.counter) for level in district.pack.units.levels),
        Size("组织", len(organization.directory(district).living), "个"),
        Size("岗位", counts["posts"], "个"),
        Size("人员", counts["people"], "人"),
        Size("在办件", sum(row.count for row in running), "件"),
    ]
