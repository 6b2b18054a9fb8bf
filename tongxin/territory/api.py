"""The door of ``territory``: places of a district, where a point lies, what an address means."""

from tongxin.territory.queries.copies import find_tree, load_tree, tree
from tongxin.territory.rules.names import HOW_TITLES, PlaceMatch
from tongxin.territory.rules.tree import AreaTree, KnownPlace, Place

__all__ = ["HOW_TITLES", "AreaTree", "KnownPlace", "Place", "PlaceMatch", "find_tree", "load_tree", "tree"]
