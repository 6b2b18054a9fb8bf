"""What a pack must keep beyond its shape: one validator per concern, each adding all it finds."""

from __future__ import annotations

from pathlib import Path

from tongxin.packs.checks.cadence import check_cadence
from tongxin.packs.checks.catalogue import check_catalogue
from tongxin.packs.checks.duty import check_duty
from tongxin.packs.checks.exchange import check_exchange
from tongxin.packs.checks.lists import check_lists
from tongxin.packs.checks.opening import check_opening
from tongxin.packs.checks.places import check_places
from tongxin.packs.checks.programme import check_programme
from tongxin.packs.checks.registers import check_registers
from tongxin.packs.checks.report import Report
from tongxin.packs.checks.rules import check_rules
from tongxin.packs.checks.states import check_states
from tongxin.packs.checks.transitions import check_transitions
from tongxin.packs.checks.units import check_units
from tongxin.packs.checks.wall import check_wall
from tongxin.packs.faults import Fault
from tongxin.packs.reading import Keys, Reading
from tongxin.packs.schema import Pack


def check_pack(pack: Pack, reading: Reading, folder: Path, doubtful: frozenset[Keys] = frozenset()) -> list[Fault]:
    """Return all faults of a pack's meaning, but for those below the keys that are in doubt.

    Names of guards, effects and code schemes are those registered at this moment, so their owners must be loaded
    (Django set up).
    """
    report = Report(reading, folder.name, doubtful)
    check_units(pack, report)
    check_rules(pack, report)
    check_catalogue(pack, report)
    check_places(pack, report, folder)
    check_programme(pack, report)
    check_duty(pack, report)
    check_lists(pack, report)
    check_cadence(pack, report)
    check_registers(pack, report)
    check_exchange(pack, report)
    check_wall(pack, report)
    for key in pack.procedures:
        check_states(pack, key, report)
        check_transitions(pack, key, report)
        check_opening(pack, key, report)
    return report.faults
