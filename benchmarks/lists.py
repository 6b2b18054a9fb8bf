"""A holder's inbox with 10,000 and with 1,000,000 matters in the database, page of 50; and what a step costs in statements.

    python -m benchmarks.lists [--small 10000] [--large 1000000] [--rounds 7] [--most 1.3]

Two databases on one scratch server, alike but for the number of matters (made by SQL, one log entry each, one in twenty open,
spread over all posts; the measured holder has 300 open ones more), asked in turns so that a busy machine weighs on both. Measured
are the query and the whole page over HTTP, session and all. Exit code 1 when a figure is missed.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from benchmarks.ground import open_ground

PAGE_STATEMENTS, STEP_STATEMENTS = 6, 8
LARGE = "bench_large"
OWN = 300  # open cases of the measured holder, besides its share of the others
_FRAMES = ("BEGIN", "COMMIT")


def main() -> int:
    """Measure and print; 1 when a figure is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--small", type=int, default=10_000)
    parser.add_argument("--large", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--most", type=float, default=1.3)
    options = parser.parse_args()
    with open_ground() as url:
        return measure(options, url)


def measure(options: argparse.Namespace, url: str) -> int:
    """Fill both databases and ask them in turns."""
    import psycopg
    from django.conf import settings
    from django.db import connection
    from django.test import Client

    from tests.world import open_world
    from tongxin.accounts.models import User
    from tongxin.kernel import clock
    from tongxin.kernel.statements import _line
    from tongxin.organization import api as organization
    from tongxin.procedures import api as procedures

    settings.ALLOWED_HOSTS = ["*"]
    settings.STORAGES["staticfiles"]["BACKEND"] = (
        "django.contrib.staticfiles.storage.StaticFilesStorage"  # none collected
    )
    world = open_world()
    steps = count_steps(world)
    user = next(user for (role, _), user in world.users.items() if role == "grid_worker")
    actor = organization.actor_for_user(user, world.district, clock.now())
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(User.objects.get(pk=user))
    small = connection.settings_dict["NAME"]
    connection.close()
    _line.close()  # the one that threads share: a database in use cannot be copied
    with psycopg.connect(url, user="postgres", dbname="postgres", autocommit=True) as server:
        server.execute(f"CREATE DATABASE {LARGE} TEMPLATE {small} OWNER tongxin")
    for name, matters in ((small, options.small), (LARGE, options.large)):
        begun = time.monotonic()
        with psycopg.connect(url, user="postgres", dbname=name, autocommit=True) as server:
            fill(server, world.district, actor.post_ids[0], matters)
        print(f"{name}: {matters:,} matters made in {time.monotonic() - begun:.0f} s", flush=True)

    def query() -> None:
        assert len(procedures.inbox(actor, world.district).rows) == 50

    def page() -> None:
        response = client.get("/grid/")
        assert response.status_code == 200, response.content.decode()

    missed = False
    for title, ask in (("inbox query", query), ("inbox page", page)):
        spans: dict[str, list[float]] = {small: [], LARGE: []}
        for _ in range(options.rounds):
            for name in spans:
                spans[name].append(time_in(name, ask))
        statements = count(ask)
        quick, slow = (statistics.median(spans[name]) * 1000 for name in (small, LARGE))
        print(
            f"{title}: {quick:.2f} ms with {options.small:,}, {slow:.2f} ms with {options.large:,} matters; "
            f"ratio {slow / quick:.2f} (reach ≤ {options.most}); {statements} statements (reach ≤ {PAGE_STATEMENTS})",
            flush=True,
        )
        missed |= slow / quick > options.most or statements > PAGE_STATEMENTS
    print("a step: " + ", ".join(f"{name} {number}" for name, number in steps.items()) + " statements with BEGIN and COMMIT "
          f"(reach ≤ {STEP_STATEMENTS}); load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")  # fmt: skip
    return int(missed or max(steps.values()) > STEP_STATEMENTS)


def time_in(name: str, ask: Callable[[], None], times: int = 15) -> float:
    """Return the median seconds of asking one of the databases, warm."""
    from django.db import connection

    connection.close()
    connection.settings_dict["NAME"] = name
    spans = []
    for number in range(times + 5):
        begun = time.perf_counter()
        ask()
        if number >= 5:
            spans.append(time.perf_counter() - begun)
    return statistics.median(spans)


def count(ask: Callable[[], None]) -> int:
    """Return how many statements it sends, transaction frames included."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as caught:
        ask()
    return len(caught.captured_queries)


def count_steps(world: Any) -> dict[str, int]:
    """Walk a matter through the loop and return what each step sends."""
    reported = world.report()
    body = world.bodies["city"]
    return {
        step: count(lambda: world.act(reported, step, role, where, **form))  # noqa: B023  called at once
        for step, role, where, form in (
            ("submit", "grid_worker", "", {"category": "01"}),
            ("ask_to_step_in", "grid_head", "", {}),
            ("ask_to_dispatch", "branch_secretary", "", {"note": "需要城管局来办"}),
            ("dispatch", "receptionist", "", {"main_unit": body.id}),
            ("respond", "department_desk", "城管局", {}),
            ("finish", "department_desk", "城管局", {"result": "已经清理"}),
            ("pass_check", "supervisor", "", {"finding": "到现场看过"}),
        )
    }


def fill(server: Any, district: Any, holder: int, matters: int) -> None:
    """Make matters with their runs and first entries by SQL, without what a real one would check."""
    values = {"district": district.id, "pack": district.pack_id, "holder": holder, "own": OWN, "count": matters}
    server.execute("SET session_replication_role = replica")  # no foreign keys are looked up
    server.execute("DROP INDEX matter_words")  # the index of words is not asked here and takes longest to fill
    server.execute(_MATTERS, values)
    server.execute(_RUNS, values)
    server.execute(_ENTRIES, values)
    server.execute("VACUUM ANALYZE")


_MATTERS = """
WITH places AS (SELECT array_agg(id ORDER BY id) AS ids FROM territory_area WHERE level = 'grid')
INSERT INTO matters_matter (district_id, receipt, channel, category, title, text, area_id, lon, lat, precision, address,
    reporter_name, reporter_phone, public, reported_at, source, source_key, extra)
SELECT %(district)s, lpad(i::text, 12, 'X'), 'api', '01', '第' || i || '件：路灯不亮', '小区门口的路灯不亮了', ids[1 + i %% array_length(ids, 1)],
    118.001, 29.001, 'exact', '', '', '', i %% 3 = 0, now() - i * interval '37 seconds', 'bench', i::text, '{}'
FROM places, generate_series(1, %(count)s) i
"""
_RUNS = """
WITH desks AS (SELECT array_agg(id ORDER BY id) AS ids FROM organization_post)
INSERT INTO procedures_run (district_id, pack_id, procedure, subject_kind, subject_id, area_id, state, entered_at, came_from,
    holder_post_id, due_at, limit_at, provisional, next_timer_at, timer_step, paused_seconds, parts, facts, card, seq, head, salt,
    started_at, finished_at, outcome)
SELECT %(district)s, %(pack)s, 'appeal', 'matter', m.id, m.area_id, CASE WHEN open THEN 'reported' ELSE 'closed' END, m.reported_at,
    '', CASE WHEN i <= %(own)s THEN %(holder)s WHEN open THEN ids[1 + i %% array_length(ids, 1)] END,
    CASE WHEN open THEN m.reported_at + interval '1 day' END, NULL, false, NULL, 0, 0, '{}', '{"category": "01", "grade": "short"}',
    jsonb_build_object('ref', '260101-' || m.id, 'title', m.title, 'place', '横江社区第1网格', 'category', '文明创建', 'photos', 0),
    1, repeat('0', 64), '\\x00', m.reported_at, CASE WHEN open THEN NULL ELSE m.reported_at END, CASE WHEN open THEN '' ELSE 'done' END
FROM desks, (SELECT *, source_key::int AS i, source_key::int <= %(own)s OR source_key::int %% 20 = 0 AS open
    FROM matters_matter WHERE source = 'bench') m
"""
_ENTRIES = """
INSERT INTO procedures_logentry (run_id, seq, at, transition, from_state, to_state, actor_label, form, says, commitment, hash)
SELECT id, 1, started_at, 'start', '', state, '反映人', '{}', '已收到您的反映。', repeat('0', 64), repeat('0', 64)
FROM procedures_run WHERE subject_kind = 'matter' AND head = repeat('0', 64)
"""


if __name__ == "__main__":
    sys.exit(main())
