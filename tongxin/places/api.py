"""The door of ``places``: facilities near people, the walking network, service circles, norms of beds and floor area."""

from typing import TYPE_CHECKING

from tongxin.kernel.doors import open_on_demand

if TYPE_CHECKING:
    from tongxin.places.actions.facilities import (
        FacilitiesTaken,
        end_facility,
        import_facilities,
        record_facility,
        save_facility,
        set_up_facilities,
    )  # fmt: skip
    from tongxin.places.actions.networks import load_walk_map
    from tongxin.places.actions.readings import ask_reading, drop_walk_map, read_waiting, stop_reading
    from tongxin.places.actions.studies import ask_again, ask_study, run_waiting, stop_study
    from tongxin.places.models import WalkReading
    from tongxin.places.queries.facilities import FacilityRow, get_facility, list_facilities
    from tongxin.places.queries.near import Near, Nearby, list_nearby
    from tongxin.places.queries.networks import WalkMapCard, last_reading, walk_map_card, walk_network
    from tongxin.places.queries.norms import judge_facility, list_judged, usual_level
    from tongxin.places.queries.studies import StudyCard, last_asked, left_out, newest_study, out_of_date
    from tongxin.places.rules.circle import WITHIN_MINUTES, Circle, Gap, find_gaps, service_circles, share_within
    from tongxin.places.rules.cover import Siting, reach, site_more
    from tongxin.places.rules.findings import PlacesError
    from tongxin.places.rules.listing import NewFacility
    from tongxin.places.rules.network import MAX_PBF_MB, WalkNetwork, network_from_links, read_network
    from tongxin.places.rules.norms import UNITS, VERDICTS, Finding, Judged
    from tongxin.places.rules.walks import Walks, walk_to_bases
else:
    __getattr__ = open_on_demand(__name__)

__all__ = [
    "MAX_PBF_MB", "UNITS", "VERDICTS", "WITHIN_MINUTES", "Circle", "FacilitiesTaken", "FacilityRow", "Finding",
    "Gap", "Judged", "Near", "Nearby", "NewFacility", "PlacesError", "Siting", "StudyCard", "WalkMapCard", "WalkNetwork",
    "WalkReading", "Walks", "ask_again", "ask_reading", "ask_study", "drop_walk_map", "end_facility", "find_gaps",
    "get_facility", "import_facilities", "judge_facility", "last_asked", "last_reading", "left_out", "list_facilities",
    "list_judged", "list_nearby", "load_walk_map", "network_from_links", "newest_study", "out_of_date", "reach", "read_network",
    "read_waiting", "record_facility", "run_waiting", "save_facility", "service_circles", "set_up_facilities", "share_within",
    "site_more", "stop_reading", "stop_study", "usual_level", "walk_map_card", "walk_network", "walk_to_bases",
]  # fmt: skip
