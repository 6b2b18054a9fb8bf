"""The folder of real data beside the project: by TONGXIN_SHARED, or by walking up. Tests skip loudly where it is missing."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import pytest


def find_data(*parts: str) -> Path:
    """Return a file of the shared data, or skip the test and say why."""
    given = os.environ.get("TONGXIN_SHARED")
    roots = [Path(given)] if given else [above / "shared" for above in Path(__file__).resolve().parents]
    for root in roots:
        for base in (root / "data", root):
            path = base.joinpath(*parts)
            if path.exists():
                return path
    words = f"NOT TESTED: real data {'/'.join(parts)} not found; set TONGXIN_SHARED to the shared folder"
    warnings.warn(words, stacklevel=2)
    pytest.skip(words)
