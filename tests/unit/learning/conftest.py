"""One small model for all tests of this folder."""

from __future__ import annotations

import pytest

from tests.unit.learning.corpus import examples
from tongxin.learning import api as learning

QUICK = learning.Recipe(folds=3, pieces=5_000)


@pytest.fixture(scope="session")
def model() -> learning.Model:
    """Trained on the made-up corpus."""
    return learning.train(examples(), version="1", made_at="2025-03-01T08:00:00+08:00", recipe=QUICK)
