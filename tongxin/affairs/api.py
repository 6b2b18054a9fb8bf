"""The door of ``affairs``: open, act by receipt, look up, boards."""

from typing import TYPE_CHECKING

from tongxin.kernel.doors import open_on_demand

if TYPE_CHECKING:
    from tongxin.affairs.actions import SUBJECT, Opened, act_as_opener, move_affairs, open_affair
    from tongxin.affairs.finding import Worded, list_containing
    from tongxin.affairs.models import Affair
    from tongxin.affairs.queries import (
        BoardPage,
        BoardRow,
        board_row,
        demand_may_open,
        demand_opener,
        find_by_receipt,
        find_parent,
        get_affair,
        list_board,
        list_boards,
        list_children,
        list_openable,
        list_procedures,
        opener_actor,
        opening_of,
        places_for,
        runs_at,
    )  # fmt: skip
    from tongxin.affairs.rules import Start, ref_of
else:
    __getattr__ = open_on_demand(__name__)

__all__ = [
    "SUBJECT", "Affair", "BoardPage", "BoardRow", "Opened", "Start", "Worded", "act_as_opener", "board_row", "demand_may_open",
    "demand_opener", "find_by_receipt", "find_parent", "get_affair", "list_board", "list_boards", "list_children", "list_containing",
    "list_openable", "list_procedures", "move_affairs", "open_affair", "opener_actor", "opening_of", "places_for", "ref_of", "runs_at",
]  # fmt: skip
