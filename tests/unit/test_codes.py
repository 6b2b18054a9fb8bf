"""Receipts and salts: never the same bytes twice, whoever draws them."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

from tongxin.kernel import codes


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
