"""The door of packs: what other packages may use."""

from tongxin.packs.faults import Fault, PackFaults
from tongxin.packs.loader import check_folder, load_folder

__all__ = ["Fault", "PackFaults", "check_folder", "load_folder"]
