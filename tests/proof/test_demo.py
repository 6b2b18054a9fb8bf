"""The demo against what people do to it: a second one, a kill, a closed terminal, a reset."""

import signal
import subprocess
import sys

import pytest

from tests.setup.demo import ROOT, Demo, answers, demo, wait_until

__all__ = ["demo"]
pytestmark = pytest.mark.faults


def test_it_can_be_stopped_amid_preparations_and_by_a_closed_terminal(demo: Demo) -> None:
    demo.start()
    wait_until(lambda: "database" in demo.screen())
    demo.stop(signal.SIGTERM)
    demo.start()
    demo.wait_ready()
    demo.stop(signal.SIGHUP)


def test_a_second_one_names_the_first_which_can_be_killed_reset_and_stopped(demo: Demo) -> None:
    demo.start()
    address = demo.wait_ready()
    command = [sys.executable, "manage.py", "demo"]
    second = subprocess.run(command, cwd=ROOT, env=demo.environment, capture_output=True, text=True, check=False)
    assert second.returncode != 0
    assert address.rstrip("/") in second.stderr

    demo.process.kill()
    demo.process.wait()
    wait_until(lambda: not [line for line in demo.left_behind() if "postgres" not in line])

    demo.start("--reset")
    assert answers(demo.wait_ready())
    assert "旧数据已删除" in demo.screen()
    subprocess.run([*command, "--stop"], cwd=ROOT, env=demo.environment, check=True)
    assert demo.process.wait(60) == 0
    assert demo.left_behind() == []
