"""The door of packs: what other packages may use."""

from typing import TYPE_CHECKING

from tongxin.kernel.doors import open_on_demand

if TYPE_CHECKING:
    from tongxin.packs.actions import (
        adopt_pack,
        bump_calendar,
        bump_lists,
        bump_organization,
        bump_territory,
        digest_of,
        import_calendar,
        import_calendar_file,
        open_district,
        publish_pack,
        set_own_day,
    )
    from tongxin.packs.commanding import district_named
    from tongxin.packs.differences import Difference, differences
    from tongxin.packs.faults import Fault, PackFaults
    from tongxin.packs.loader import check_folder, check_stored, load_folder
    from tongxin.packs.models import District, PackVersion
    from tongxin.packs.new_folder import list_folders, new_folder
    from tongxin.packs.queries import (
        DistrictView,
        count_figures,
        find_district,
        find_version,
        forget_districts,
        get_pack,
        list_calendar_days,
        list_calendar_years,
        list_districts,
        list_versions,
        working_calendar,
    )
    from tongxin.packs.schema import Pack
    from tongxin.packs.schema.permissions import PERMISSIONS
else:
    __getattr__ = open_on_demand(__name__)

__all__ = [
    "PERMISSIONS", "Difference", "District", "DistrictView", "Fault", "Pack", "PackFaults", "PackVersion", "adopt_pack", "bump_calendar", "bump_lists",
    "bump_organization", "bump_territory", "check_folder", "check_stored", "count_figures", "differences", "digest_of", "district_named", "find_district", "find_version", "forget_districts", "get_pack",
    "import_calendar", "import_calendar_file", "list_calendar_days", "list_calendar_years", "list_districts", "list_folders",
    "list_versions", "load_folder", "new_folder", "open_district", "publish_pack", "set_own_day", "working_calendar",
]  # fmt: skip
