"""The door of ``territory``: places of a district, where a point lies, what an address means."""

from tongxin.territory.actions.areas import add_area, end_area, redraw_area, rename_area
from tongxin.territory.actions.importing import Imported, import_areas
from tongxin.territory.actions.names import NewPlaceName, add_place_names
from tongxin.territory.actions.seeding import SeedArea, set_up_areas
from tongxin.territory.actions.succession import succeed_area
from tongxin.territory.actions.writing import NewArea
from tongxin.territory.queries.cards import AreaCard, Heir, area_card
from tongxin.territory.queries.copies import find_tree, load_places, load_tree, tree
from tongxin.territory.queries.topology import topology_report
from tongxin.territory.reading import read_areas, read_table
from tongxin.territory.reading.rows import RawFile, RawRow
from tongxin.territory.rules.coordinates import SYSTEMS, convert_coordinates
from tongxin.territory.rules.importing import Columns
from tongxin.territory.rules.names import HOW_TITLES, PlaceMatch
from tongxin.territory.rules.shapes import ring_fault
from tongxin.territory.rules.topology import FAULT_TITLES, Fault, TopologyReport
from tongxin.territory.rules.tree import AreaTree, KnownPlace, Place

__all__ = [
    "FAULT_TITLES", "HOW_TITLES", "SYSTEMS", "AreaCard", "AreaTree", "Columns", "Fault", "Heir", "Imported",
    "KnownPlace", "NewArea", "NewPlaceName", "Place", "PlaceMatch", "RawFile", "RawRow", "SeedArea", "TopologyReport",
    "add_area", "add_place_names", "area_card", "convert_coordinates", "end_area", "find_tree", "import_areas",
    "load_places", "load_tree", "read_areas", "read_table", "redraw_area", "rename_area", "ring_fault", "set_up_areas",
    "succeed_area", "topology_report", "tree",
]  # fmt: skip
