"""Refusals of the service-circle core: what happened, what it means, what to do."""

from __future__ import annotations


class PlacesError(ValueError):
    """The input cannot be used; the three sentences are Chinese, for the screen."""

    def __init__(self, what: str, means: str = "", do: str = "") -> None:
        self.what, self.means, self.do = what, means, do
        super().__init__("".join(s for s in (what, means, do) if s))
