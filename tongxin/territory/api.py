"""The door of ``territory``: places of a district, where a point lies, what an address means."""

from typing import TYPE_CHECKING

from tongxin.kernel.doors import open_on_demand

if TYPE_CHECKING:
    from tongxin.territory.actions.areas import add_area, end_area, redraw_area, rename_area
    from tongxin.territory.actions.importing import Imported, import_areas
    from tongxin.territory.actions.names import NamesTaken, NewPlaceName, add_place_names, import_place_names
    from tongxin.territory.actions.repairing import choose_repair, redraw_together, repair_outline, repair_slivers
    from tongxin.territory.actions.seeding import SeedArea, set_up_areas
    from tongxin.territory.actions.succession import succeed_area
    from tongxin.territory.actions.writing import NewArea
    from tongxin.territory.queries.cards import AreaCard, Heir, area_card
    from tongxin.territory.queries.copies import find_tree, load_places, load_tree, tree
    from tongxin.territory.queries.dwellings import Dwellings, list_dwellings, people_of
    from tongxin.territory.queries.sizes import count_names, count_sizes
    from tongxin.territory.queries.topology import (
        Compared,
        RepairPreview,
        SliverPlan,
        compare_topology,
        find_fault,
        has_repair,
        next_codes,
        plan_slivers,
        preview_repairs,
        topology_report,
    )  # fmt: skip
    from tongxin.territory.reading import read_areas, read_table
    from tongxin.territory.reading.osm import read_osm_lines
    from tongxin.territory.reading.rows import RawFile, RawRow
    from tongxin.territory.rules.coordinates import SYSTEMS, convert_coordinates
    from tongxin.territory.rules.importing import Columns
    from tongxin.territory.rules.names import HOW_TITLES, PlaceMatch
    from tongxin.territory.rules.points import PointRow, Points, RowFault, read_points, repeated, whole_number
    from tongxin.territory.rules.repairs import Change, Repair
    from tongxin.territory.rules.reshaping import HandOver, cut, give_piece, join, read_drawing, take_piece
    from tongxin.territory.rules.shapes import ring_fault, square_metres
    from tongxin.territory.rules.topology import FAULT_TITLES, Fault, TopologyReport
    from tongxin.territory.rules.tree import AreaTree, KnownPlace, Place
else:
    __getattr__ = open_on_demand(__name__)

__all__ = [
    "FAULT_TITLES", "HOW_TITLES", "SYSTEMS", "AreaCard", "AreaTree", "Change", "Columns", "Compared", "Dwellings", "Fault",
    "HandOver", "Heir", "Imported", "KnownPlace", "NamesTaken", "NewArea", "NewPlaceName", "Place", "PlaceMatch",
    "PointRow", "Points", "RawFile", "RawRow", "Repair", "RepairPreview", "RowFault", "SeedArea", "SliverPlan",
    "TopologyReport", "add_area", "add_place_names", "area_card", "choose_repair", "compare_topology",
    "convert_coordinates", "count_names", "count_sizes", "cut", "end_area", "find_fault", "find_tree", "give_piece",
    "has_repair", "import_areas", "import_place_names", "join", "list_dwellings", "load_places", "load_tree", "next_codes",
    "people_of", "plan_slivers", "preview_repairs", "read_areas", "read_drawing", "read_osm_lines", "read_points",
    "read_table", "redraw_area", "redraw_together", "rename_area", "repair_outline", "repair_slivers", "repeated",
    "ring_fault", "set_up_areas", "square_metres", "succeed_area", "take_piece", "topology_report", "tree", "whole_number",
]  # fmt: skip
