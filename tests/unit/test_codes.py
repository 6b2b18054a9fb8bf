"""Receipts and salts: never the same bytes twice, whoever draws them; and codes as people type and paste them."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from tongxin.kernel import codes

CODE = "YFN59P54YZKF"
SHOWN = codes.show_receipt(CODE)


def test_threads_and_split_processes_never_draw_the_same() -> None:
    with ThreadPoolExecutor(8) as threads:
        drawn = list(threads.map(lambda _: codes.random_bytes(16), range(5_000)))
    assert len(set(drawn)) == 5_000
    assert {len(one) for one in drawn} == {16}
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, codes.random_bytes(64))
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(read, 64) != codes.random_bytes(64)


def test_receipts_read_back() -> None:
    made = [codes.new_receipt() for _ in range(2_000)]
    assert len(set(made)) == 2_000
    assert all(codes.read_receipt(codes.show_receipt(one).lower()) == one for one in made)
    assert set("".join(made)) == set(codes.ALPHABET)


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
    assert codes.read_receipt(typed) == CODE


@pytest.mark.parametrize(
    "typed", ["", CODE[:-1], f"A{CODE}", CODE[:-1] + ("2" if CODE[-1] != "2" else "3"), "无", "①" * 12]
)
def test_what_is_none_is_not_taken_for_one(typed: str) -> None:
    assert codes.read_receipt(typed) is None


def test_a_new_code_is_one() -> None:
    code = codes.new_receipt()
    assert codes.read_receipt(code) == code
