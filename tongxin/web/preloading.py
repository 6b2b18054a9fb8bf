"""What a web process loads before its first request, so that nobody waits for it. Commands load what they use when they use it."""

from importlib import import_module

from tongxin.kernel.doors import open_wide

DOORS = (
    "accounts", "packs", "notices", "records", "territory", "organization", "places", "procedures", "matters", "callouts", "lists",
    "cadence", "affairs", "learning",
)  # fmt: skip
# Drawing, training and taking in whole files is for workers, commands and a few pages of administrators, which may wait a moment.
LATER = frozenset({
    "tongxin.learning.actions.training", "tongxin.learning.training", "tongxin.places.actions.studies", "tongxin.territory.actions.importing",
    "tongxin.territory.reading",
})  # fmt: skip
PICTURES = ("segno",)  # the code of every receipt


def preload() -> None:
    """Load the addresses with their pages, and what these use when they are asked."""
    import_module("tongxin.urls")
    for package in DOORS:
        open_wide(f"tongxin.{package}.api", but=LATER)
    for name in PICTURES:
        import_module(name)
