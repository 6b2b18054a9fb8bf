"""One hour for a city: a call-out to 25,000 neighbour leads and their 25,000 confirmations, against the single-row-insert ceiling.

    python -m benchmarks.mobilise

The ground is the city-size pack (``localities/wuhan_city``: 33,164 places, 25,000 leads). The fan-out is the procedure's own step
``send``; the confirmations come over HTTP by each lead's link, 16 connections, two granian processes; coverage is read before and
after. The web processes start cold, so the worst latency holds the reading of the district. Exit code 1 when something was lost.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import date

from benchmarks.ground import CEILING_TABLE, CONNECTIONS, FOLDER, ROOT, ceiling, open_ground, serve


def main() -> int:
    """Measure and print."""
    with open_ground() as url:
        return measure(url)


def measure(url: str) -> int:
    """Run on an open ground."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from benchmarks import load
    from tongxin.callouts import api as callouts
    from tongxin.callouts.models import Recipient
    from tongxin.kernel import clock
    from tongxin.organization import api as organization
    from tongxin.procedures import api as procedures
    from tongxin.territory import api as territory
    from tongxin.web.demo import opening
    from tongxin.web.demo.cast import Cast

    began = time.perf_counter()
    locality = next(one for one in opening.find_localities() if one.pack.key == "wuhan_city")
    district = opening.open_locality(locality, since=date(2026, 1, 1), now=clock.now())
    tree = territory.tree(district)
    print(f"city opened in {time.perf_counter() - began:.0f} s: {len(tree)} places", flush=True)
    with connection.cursor() as cursor:
        cursor.execute(CEILING_TABLE)

    cast, now = Cast(district), clock.now()
    where = tree.by_code("420106")
    assert where is not None
    post = organization.directory(district).posts_at("county_duty", where.id)[0]
    caller = cast.of_post(post.id, now)
    assert caller is not None
    run = callouts.prepare_call_out(
        district=district, procedure="mobilisation", area_id=where.id, title="明早停水", text="请各户提前储水。", drill=True,
        actor=caller, now=now,
    )  # fmt: skip
    with CaptureQueriesContext(connection) as seen:
        began = time.perf_counter()
        procedures.act(district=district, run_id=run.id, transition="send", form={}, actor=caller, now=clock.now())
        fan_out = time.perf_counter() - began
    idents = list(Recipient.objects.values_list("id", flat=True).order_by("?"))
    call_out = callouts.get_call_out(district, run.subject_id)
    began = time.perf_counter()
    whole, _ = callouts.coverage(district, call_out, where.id)
    read_before = time.perf_counter() - began

    top = ceiling(url, 5)
    path = FOLDER / "confirmations"
    load.write_requests(path, [_request(district.key, callouts.token_of(ident)) for ident in idents])
    with serve() as (port, _):
        told = json.loads(
            subprocess.check_output(
                [sys.executable, "-m", "benchmarks.load", str(port), "once", str(CONNECTIONS), str(path)], cwd=ROOT
            )
        )
    top = (top + ceiling(url, 5)) / 2
    after, _ = callouts.coverage(district, call_out, where.id)
    rate = len(idents) / told["seconds"]
    print(
        f"fan-out: {len(idents)} recipients and as many notes in {fan_out:.2f} s, {len(seen)} statements; confirmations over HTTP: "
        f"{len(idents)} in {told['seconds']:.1f} s ({rate:.0f}/s), median {told['median_ms']:.1f} ms, worst {told['worst_ms']:.0f} ms; "
        f"ceiling {top:.0f} inserts/s, ratio {rate / top:.1%}; coverage read in {read_before * 1000:.0f} ms: "
        f"{whole.answered}/{whole.called} before, {after.answered}/{after.called} after, {after.reached}/{after.households} "
        f"households; statuses {told['statuses']}; load average {os.getloadavg()[0]:.1f}"
    )
    return int(after.answered != after.called)


def _request(key: str, token: str) -> bytes:
    body = b"reached=20"
    csrf = "b" * 32
    head = (
        f"POST /d/{key}/c/{token} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: csrftoken={csrf}\r\nX-CSRFToken: {csrf}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


if __name__ == "__main__":
    raise SystemExit(main())
