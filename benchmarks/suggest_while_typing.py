"""What one typed text costs: proposing classes with reasons, and looking for open matters like it.

    python -m benchmarks.suggest_while_typing [--texts 300] [--seed 0]

A model trained on all 6,076 messages is kept and read back; 300 messages of another year's set are typed one by one
against an index of 4,326 open matters. Prints figures only.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.hot_topics import read_items
from tests.realdata import find_data, read_csv, read_sheet
from tongxin.learning import api as learning


def milliseconds(call: Callable[[Any], object], asked: Iterable[Any]) -> str:
    """Median and 95th percentile of one call: clock time, and the CPU time that it takes on an idle machine."""
    spent = []
    for one in asked:
        clock, begun = time.perf_counter(), time.process_time()
        call(one)
        spent.append((1_000 * (time.perf_counter() - clock), 1_000 * (time.process_time() - begun)))
    (wait, work), (wait_95, work_95) = np.median(spent, axis=0), np.quantile(spent, 0.95, axis=0)
    return f"median {work:.1f} ms CPU, {wait:.1f} ms clock; at 95 % {work_95:.1f} ms CPU, {wait_95:.1f} ms clock"


def main() -> int:
    """Run and print; 1 where the data are missing."""
    threadpool_limits(1)  # the figures are those of one core
    parser = argparse.ArgumentParser()
    parser.add_argument("--texts", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    handled, open_ = find_data("teddy2020c/dev_annex2_train.csv"), find_data("teddy2020c/full_附件3.xlsx")
    typed = find_data("teddy2020c/full_附件4.xlsx")
    if handled is None or open_ is None or typed is None:
        print("data missing: set TONGXIN_SHARED")
        return 1
    examples = [learning.Example(learning.Text(row["title"], row["detail"]), row["label"]) for row in read_csv(handled)]
    begun = time.process_time()
    model = learning.train(examples, version="bench", made_at="")
    print(f"training on {len(examples)}: {time.process_time() - begun:.1f} s CPU; card macro-F1 {model.card.macro_f1}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model"
        learning.save_model(model, path)
        begun = time.perf_counter()
        model = learning.load_model(path)
        size = path.stat().st_size / 1e6
        print(f"kept model {size:.1f} MB, read and checked in {1_000 * (time.perf_counter() - begun):.0f} ms")
    begun = time.perf_counter()
    index = learning.NearIndex(read_items(read_sheet(open_)))
    print(f"index of {len(index.items)} open matters built in {time.perf_counter() - begun:.1f} s")
    rows = read_sheet(typed)
    chosen = np.random.default_rng(options.seed).choice(len(rows), options.texts, replace=False)
    texts = [learning.Text(str(rows[at]["留言主题"]), str(rows[at]["留言详情"])) for at in chosen]
    print(f"classes with reasons: {milliseconds(model.predict, texts)} ({len(texts)} texts, seed {options.seed})")
    print(f"near open matters:    {milliseconds(index.ask, [learning.Item(-1, text) for text in texts])}")
    begun = time.process_time()
    model.predict_many([example.text for example in examples])
    print(f"in bulk: {len(examples) / (time.process_time() - begun):.0f} messages/s/core")
    return 0


if __name__ == "__main__":
    sys.exit(main())
