"""The names that packs may use are those registered by the real packages."""

from __future__ import annotations

import pytest

from tongxin.kernel.registry import code_schemes, effects, guards


@pytest.fixture(autouse=True, scope="session")
def _registered() -> None:
    assert effects.names()
    assert guards.names()
    if not code_schemes.names():  # territory registers its own when it is there

        def scheme() -> None:
            """Stand for a code scheme."""

        scheme.__module__ = "tongxin.territory.rules.codes"
        for name in ("gbt2260_333", "cjt213", "free"):
            code_schemes.register(name, name)(scheme)
