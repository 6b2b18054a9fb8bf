"""Receipt codes as people type and paste them; and bytes that are never drawn twice."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from tongxin.kernel.codes import ALPHABET, new_receipt, random_bytes, read_receipt, show_receipt

CODE = "YFN59P54YZKF"
SHOWN = show_receipt(CODE)


@pytest.mark.parametrize(
    "typed",
    [
        CODE, SHOWN.lower(), SHOWN.replace("-", " "), SHOWN.replace("-", "——"), f" {SHOWN}。",
        "".join(chr(ord(letter) + 0xFEE0) for letter in SHOWN),
        f"回执码：{SHOWN}，请保存",
        f"我反映的：https://xx.example.gov.cn/d/xiuning/receipt/{CODE}?new=1",
    ],
)  # fmt: skip
def test_a_code_is_read_out_of_what_people_type(typed: str) -> None:
    assert read_receipt(typed) == CODE


@pytest.mark.parametrize(
    "typed", ["", CODE[:-1], f"A{CODE}", CODE[:-1] + ("2" if CODE[-1] != "2" else "3"), "无", "①" * 12]
)
def test_what_is_none_is_not_taken_for_one(typed: str) -> None:
    assert read_receipt(typed) is None


def test_threads_and_split_processes_never_draw_the_same() -> None:
    with ThreadPoolExecutor(8) as threads:
        drawn = list(threads.map(lambda _: random_bytes(16), range(5_000)))
    assert len(set(drawn)) == 5_000
    assert {len(one) for one in drawn} == {16}
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, random_bytes(64))
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(read, 64) != random_bytes(64)


def test_new_receipts_read_back() -> None:
    made = [new_receipt() for _ in range(2_000)]
    assert len(set(made)) == 2_000
    assert all(read_receipt(show_receipt(one).lower()) == one for one in made)
    assert set("".join(made)) == set(ALPHABET)
