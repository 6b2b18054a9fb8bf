"""The known logins of the demo: one a role, all around one home place, so that a visitor can walk a case from desk to desk."""

from __future__ import annotations

from tongxin.accounts import api as accounts
from tongxin.kernel import clock
from tongxin.organization import api as organization
from tongxin.packs import api as packs

PASSWORD = "Tongxin-2026"  # noqa: S105 - the demo's own, shown on its screen
OPERATOR = "operator"


def path_of(district: packs.DistrictView) -> str:
    """Where a district's pages begin when there is only one host."""
    return f"/d/{district.key}/"


def logins() -> list[tuple[str, str, str, str, str]]:
    """Return (audience, path, login, password, what they see), one row an audience (a few statements)."""
    rows: list[tuple[str, str, str, str, str]] = []
    for district in packs.list_districts():
        users = {user.username: user for user in accounts.list_users(district.id)}
        if not any(role in users for role in district.pack.units.roles):
            continue
        rows.append((f"{district.title} 居民", path_of(district), "", "", "不用登录：反映、查进度、评价"))
        for role, spec in district.pack.units.roles.items():
            if role not in users:
                continue
            actor = organization.actor_for_user(users[role].pk, district, clock.now())
            title = actor.posts[0].title if actor.posts else spec.title
            rows.append((title, path_of(district), users[role].username, PASSWORD, str(spec.duties)))
    return rows
