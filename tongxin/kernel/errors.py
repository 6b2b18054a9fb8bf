"""Refusals: what happened, what it means, what to do. Not for programming errors, which stay exceptions."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """A clear no, told to the person who asked.

    Args:
        code: stable machine word, e.g. ``text_too_long``.
        what: what happened and what it means, one Chinese sentence.
        mend: what to do about it, one Chinese sentence.
        field: the input it belongs to, empty for the whole request.
        details: plain values for programs (limits, fresh state).
    """

    status = 400

    def __init__(self, code: str, what: str, mend: str = "", field: str = "", **details: Any) -> None:
        super().__init__(what)
        self.code, self.what, self.mend, self.field, self.details = code, what, mend, field, details

    @property
    def sentence(self) -> str:
        """Both sentences as one text."""
        return f"{self.what}{self.mend}"

    def as_dict(self) -> dict[str, Any]:
        """The JSON form used by the HTTP API."""
        return {"code": self.code, "what": self.what, "mend": self.mend, "field": self.field, **self.details}


class Invalid(Refusal):
    """An input is not acceptable; ``field`` names it."""

    status = 422


class NotAllowed(Refusal):
    """The actor may not do or see this."""

    status = 403


class NotFound(Refusal):
    """There is no such thing, or the actor may not know that there is."""

    status = 404


class Conflict(Refusal):
    """Somebody else was first, or the thing has moved on."""

    status = 409


class TooMany(Refusal):
    """Too many requests; ``details['retry_after_seconds']`` says when again."""

    status = 429


class Invalids(Invalid):
    """Several fields at once, so that a person mends all of them in one go."""

    def __init__(self, faults: list[Invalid]) -> None:
        first = faults[0]
        super().__init__(
            first.code, first.what, first.mend, first.field, **first.details, faults=[f.as_dict() for f in faults]
        )
        self.faults = faults


class Cancelled(Exception):
    """Somebody called off what was under way; not a refusal, for nobody is waiting for an answer."""
