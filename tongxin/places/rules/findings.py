"""Refusals of the service circle: what happened, what it means, what to do."""

from __future__ import annotations

from tongxin.kernel.errors import Invalid


class PlacesError(Invalid):
    """The input cannot be used; the three sentences are Chinese, for the screen."""

    def __init__(self, what: str, means: str = "", do: str = "", field: str = "") -> None:
        super().__init__("places", f"{what}{means}", do, field)
        self.means, self.do = means, do
