"""The door of ``screens``: the picture that walls show, and the links by which they open."""

from typing import TYPE_CHECKING

from tongxin.kernel.doors import open_on_demand

if TYPE_CHECKING:
    from tongxin.screens.links import end_link, list_links, make_link, open_link
    from tongxin.screens.models import Picture, ScreenLink
    from tongxin.screens.pictures import show_picture
    from tongxin.screens.rules import day_of, tone_of
else:
    __getattr__ = open_on_demand(__name__)

__all__ = [
    "Picture", "ScreenLink", "day_of", "end_link", "list_links", "make_link", "open_link", "show_picture", "tone_of",
]  # fmt: skip
