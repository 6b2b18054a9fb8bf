"""Seven classes of citizens' messages, 5-fold, no text (and, unless told otherwise, no near-duplicate) in two folds.

    python -m benchmarks.classify_messages [--split near|same] [--folds 5] [--seed 0]

Prints split, seed and figures; no text. Needs ``shared/data`` (see tests/realdata.py).
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from sklearn.model_selection import StratifiedGroupKFold
from threadpoolctl import threadpool_limits

from tests.realdata import find_data, read_csv
from tongxin.learning.figures import expected_calibration_error, macro_f1
from tongxin.learning.near import near_pairs
from tongxin.learning.training import Example, Recipe, train
from tongxin.learning.vectors import Text


def main() -> int:
    """Run and print; 1 where the data are missing."""
    threadpool_limits(1)  # the figures are those of one core
    parser = argparse.ArgumentParser()
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--split", choices=["near", "same"], default="near")
    options = parser.parse_args()
    path = find_data("teddy2020c/dev_annex2_train.csv")
    if path is None:
        print("data missing: set TONGXIN_SHARED")
        return 1
    rows = read_csv(path)
    examples = [Example(Text(row["title"], row["detail"]), row["label"]) for row in rows]
    codes = sorted({example.code for example in examples})
    truth = np.array([codes.index(example.code) for example in examples])
    groups = _groups([example.text for example in examples], alike=0.5 if options.split == "near" else 1.1)
    print(
        f"split: StratifiedGroupKFold({options.folds}, shuffle, seed {options.seed}), {len(examples)} messages, "
        f"{len(set(groups.tolist()))} groups ({'same text or likeness ≥ 0.5' if options.split == 'near' else 'same text'})"
    )
    found = np.zeros((len(examples), len(codes)))
    spent, speeds = [], []
    splitter = StratifiedGroupKFold(options.folds, shuffle=True, random_state=options.seed)
    for fold, (seen, unseen) in enumerate(splitter.split(truth, truth, groups)):
        begun = time.process_time()
        recipe = Recipe(seed=options.seed)
        model = train([examples[at] for at in seen], version="bench", made_at="", recipe=recipe)
        spent.append(time.process_time() - begun)
        begun = time.process_time()
        model.predict_many([examples[at].text for at in unseen])
        speeds.append(len(unseen) / (time.process_time() - begun))
        found[unseen] = model.confidences([examples[at].text for at in unseen])
        said = found[unseen].argmax(axis=1)
        print(
            f"fold {fold}: macro-F1 {macro_f1(truth[unseen], said, len(codes)):.4f}, card {model.card.macro_f1:.4f}, "
            f"trained in {spent[-1]:.1f} s CPU, {speeds[-1]:.0f} messages/s",
            flush=True,
        )
    said, best = found.argmax(axis=1), found.max(axis=1)
    covered = best >= np.quantile(best, 0.1)
    print(f"macro-F1                 {macro_f1(truth, said, len(codes)):.4f}")
    print(f"macro-F1, 90 % coverage  {macro_f1(truth[covered], said[covered], len(codes)):.4f}")
    print(f"calibration error (15)   {expected_calibration_error(best, said == truth):.4f}")
    print(f"training, CPU seconds    {max(spent):.1f} (largest of {options.folds}, {len(seen)} messages)")
    print(f"messages/s/core          {np.median(speeds):.0f} (median)")
    return 0


def _groups(texts: list[Text], alike: float) -> np.ndarray:
    """Return the number of the group each text belongs to; chains of near pairs are one group."""
    pairs = near_pairs(texts, alike)
    left, right = [i for i, _, _ in pairs], [j for _, j, _ in pairs]
    links = coo_matrix((np.ones(len(pairs)), (left, right)), shape=(len(texts), len(texts)))
    return np.asarray(connected_components(links, directed=False)[1])


if __name__ == "__main__":
    sys.exit(main())
