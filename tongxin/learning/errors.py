"""The one refusal of this package: learning cannot be done, the pages go on without suggestions."""

from __future__ import annotations

from tongxin.kernel.errors import Refusal


class LearningError(Refusal):
    """Training or a kept model is not usable; the sentence says why and what to do. Nothing else was changed."""
