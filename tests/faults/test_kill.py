"""SIGKILL of web, worker and database while reports come in: no report with a receipt is lost, none appears twice."""

from __future__ import annotations

import threading
import time

import pytest

from tests.faults.ground import Ground, Reporter, open_ground
from tongxin.kernel import codes

pytestmark = pytest.mark.faults

REPORTERS = 4
BETWEEN = 12  # receipts between two kills: the platform works again before the next blow
KILLS = ("web worker", "database", "worker", "web", "database")
PATIENCE_SECONDS = 120


def await_receipts(ground: Ground, told: threading.Semaphore, reporters: list[Reporter]) -> None:
    """Tend the platform until so many more receipts have been given."""
    until = time.monotonic() + PATIENCE_SECONDS
    given = 0
    while given < BETWEEN:
        assert time.monotonic() < until, (
            given,
            [r.odd for r in reporters],
            (ground.folder / "web.log").read_text()[-3000:],
        )
        ground.tend()
        given += told.acquire(timeout=0.1)


def test_no_receipt_is_lost_and_no_report_appears_twice():
    with open_ground() as ground:
        enough, told = threading.Event(), threading.Semaphore(0)
        reporters = [
            Reporter(ground, enough, told, ground.devices[n::REPORTERS] if n % 2 else None) for n in range(REPORTERS)
        ]
        for reporter in reporters:
            reporter.start()
        await_receipts(ground, told, reporters)
        for what in KILLS:
            ground.kill(what)
            await_receipts(ground, told, reporters)
        enough.set()
        until = time.monotonic() + PATIENCE_SECONDS
        while any(reporter.is_alive() for reporter in reporters) and time.monotonic() < until:
            ground.tend()
            reporters[0].join(0.05)
        assert not any(reporter.is_alive() for reporter in reporters)
        assert [reporter.odd for reporter in reporters] == [[] for _ in reporters]

        given = {key: codes.read_receipt(code) for reporter in reporters for key, code in reporter.receipts.items()}
        kept = ground.rows("SELECT text, receipt FROM matters_matter")
        by_key = {text.rpartition(" ")[2]: receipt for text, receipt in kept}
        assert len(kept) == len(by_key)  # none twice
        assert by_key == given  # none lost, and each under the receipt that was told
        runs = ground.rows("SELECT count(*), count(DISTINCT subject_id) FROM procedures_run")
        steps = ground.rows("SELECT count(*) FROM procedures_logentry WHERE seq = 1 AND hash ~ '^[0-9a-f]{64}$'")
        assert runs == [(len(given), len(given))]
        assert steps == [(len(given),)]
        assert sum(reporter.resent for reporter in reporters) > 0  # the blows were felt
        assert len(given) >= BETWEEN * (len(KILLS) + 1)
