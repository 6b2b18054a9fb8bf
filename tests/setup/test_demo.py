"""`manage.py demo` from an empty folder to its clean end, with deaths on the way. More in tests/proof."""

import os
import signal

import pytest
from django.core.management import CommandError, call_command

from tests.setup.demo import Demo, answers, demo, wait_until
from tongxin.kernel import postgres

__all__ = ["demo"]


@pytest.mark.faults
def test_it_starts_from_nothing_survives_deaths_and_leaves_nothing_running(demo: Demo) -> None:
    demo.start()
    address = demo.wait_ready()
    assert answers(address)

    web, database = demo.web(), postgres.status(demo.data / "pg").pid
    assert database is not None
    os.kill(web, signal.SIGKILL)
    os.kill(database, signal.SIGKILL)
    wait_until(lambda: postgres.status(demo.data / "pg").pid not in {None, database})
    wait_until(lambda: any(pid != web for pid in demo.children()) and answers(address))
    demo.stop(signal.SIGINT)


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "abc"), ("PORT", "80000"), ("PORT", "０"), ("HOST", "203.0.113.9"), ("HOST", "no.such.host.invalid")],
)
def test_a_slip_in_host_or_port_is_told_at_once(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(CommandError, match=f"{name}={value}"):
        call_command("demo")
