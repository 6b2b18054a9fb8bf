"""The door of ``registers``: documents and who signed them, registers of what there is, tags with a purpose, networks in one grid."""

from tongxin.registers.actions import (
    KEEP,
    NewEntry,
    correct,
    end,
    enter,
    enter_many,
    look_at_marks,
    mark_home,
    mark_many,
    may_keep,
    may_see_names,
    move,
    review_mark,
    set_up_registers,
    sign,
    sign_many,
    tag_grounds,
)
from tongxin.registers.models import Change, Entry, Mark, Signature
from tongxin.registers.queries import (
    CopyRow,
    RegisterRow,
    copies_of,
    count_entries,
    count_marks,
    document_of,
    elements_at,
    get_entry,
    history,
    list_copies,
    list_entries,
    list_parties,
    list_registers,
    marks_at,
    parts_of,
    signed_share,
    spec_of,
)
from tongxin.registers.rules import KINDS, Carried, ClauseChange, Ground, carried, categories_of, compare, grounds

__all__ = [
    "KEEP", "KINDS", "Carried", "Change", "ClauseChange", "CopyRow", "Entry", "Ground", "Mark", "NewEntry", "RegisterRow", "Signature",
    "carried", "categories_of", "compare", "copies_of", "correct", "count_entries", "count_marks", "document_of", "elements_at", "end",
    "enter", "enter_many", "get_entry", "grounds", "history", "list_copies", "list_entries", "list_parties", "list_registers", "look_at_marks",
    "mark_home", "mark_many", "marks_at", "may_keep", "may_see_names", "move", "parts_of", "review_mark", "set_up_registers", "sign",
    "sign_many", "signed_share", "spec_of", "tag_grounds",
]  # fmt: skip
