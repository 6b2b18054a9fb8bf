"""The door of ``lists``: lists, editions, items, the comparison of editions, what is admitted."""

from typing import TYPE_CHECKING

from tongxin.kernel.doors import open_on_demand

if TYPE_CHECKING:
    from tongxin.lists.actions.admitting import admit_for_a_time, propose_item
    from tongxin.lists.actions.editions import close_period, discard_draft, draft_edition, publish_edition
    from tongxin.lists.actions.importing import ItemsImported, RowFault, columns_of, import_items
    from tongxin.lists.actions.items import add_items, edit_item, remove_item
    from tongxin.lists.actions.seeding import set_up_lists
    from tongxin.lists.actions.writing import ITEMS, MANAGE, SUBJECT, NewItem, may_keep
    from tongxin.lists.models import SHARES, STAGES, STATUS, Admission, Edition, Item
    from tongxin.lists.queries import (
        ListRow,
        compare_editions,
        count_classes,
        count_items,
        find_draft,
        find_item_of_case,
        get_edition,
        get_item,
        late_periods,
        list_admissions,
        list_editions,
        list_items,
        list_lists,
        places_of,
        related,
        spec_of,
        standing,
    )
    from tongxin.lists.rules import Change, Comparison, Line
else:
    __getattr__ = open_on_demand(__name__)

__all__ = [
    "ITEMS", "MANAGE", "SHARES", "STAGES", "STATUS", "SUBJECT", "Admission", "Change", "Comparison", "Edition", "Item",
    "ItemsImported", "Line", "ListRow", "NewItem", "RowFault", "add_items", "admit_for_a_time", "close_period", "columns_of",
    "compare_editions", "count_classes", "count_items", "discard_draft", "draft_edition", "edit_item", "find_draft", "find_item_of_case", "get_edition",
    "get_item", "import_items", "late_periods", "list_admissions", "list_editions", "list_items", "list_lists", "may_keep",
    "places_of", "propose_item", "publish_edition", "related", "remove_item", "set_up_lists", "spec_of", "standing",
]  # fmt: skip
