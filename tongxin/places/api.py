"""The door of the service-circle core: read a walking network, measure circles, find gaps, site one more."""

from tongxin.places.circle import WITHIN_MINUTES, Circle, Gap, find_gaps, service_circles, share_within
from tongxin.places.cover import Siting, reach, site_more
from tongxin.places.findings import PlacesError
from tongxin.places.network import WalkNetwork, network_from_links, read_network

__all__ = [
    "WITHIN_MINUTES", "Circle", "Gap", "PlacesError", "Siting", "WalkNetwork", "find_gaps", "network_from_links",
    "reach", "read_network", "service_circles", "share_within", "site_more",
]  # fmt: skip
