"""The door of ``matters``: report, look up, suggest, search."""

from typing import TYPE_CHECKING

from tongxin.kernel.doors import open_on_demand

if TYPE_CHECKING:
    from tongxin.matters.actions import (
        SUBJECT,
        Reported,
        act_as_reporter,
        category_of,
        check_answers,
        move_matters,
        place_report,
        place_report_softly,
        report_matter,
    )  # fmt: skip
    from tongxin.matters.classifying import Chosen, set_categories
    from tongxin.matters.codes import matter_code_of, read_matter_code
    from tongxin.matters.correcting import may_retime, retime_matter
    from tongxin.matters.imports import api as imports
    from tongxin.matters.models import Matter
    from tongxin.matters.placing import Placing, add_place, placing_of
    from tongxin.matters.queries import (
        PublicRow,
        count_in_outline,
        count_public,
        find_by_receipt,
        get_matter,
        list_public,
        list_spots,
        read_ref,
        reporter_actor,
        spots_of,
        suggest_categories,
    )  # fmt: skip
    from tongxin.matters.results import Result, list_results, list_sources
    from tongxin.matters.rules import (
        Report,
        clean,
        clean_text,
        consent,
        fingerprint,
        ref_of,
        title_of,
        told_time,
        words_are_public,
    )  # fmt: skip
    from tongxin.matters.suggest import Suggestion
    from tongxin.matters.texts import (
        Classified,
        Raised,
        Settled,
        Unsorted,
        count_corrected,
        list_arrived,
        list_classified,
        list_containing,
        list_newest,
        list_of,
        list_open_around,
        list_placed_saying,
        list_raised,
        list_settled,
        list_unsorted,
        newest_id,
    )  # fmt: skip
else:
    __getattr__ = open_on_demand(__name__)

__all__ = [
    "SUBJECT", "Chosen", "Classified", "Matter", "Placing", "PublicRow", "Raised", "Report", "Reported", "Result", "Settled", "Suggestion",
    "Unsorted", "act_as_reporter", "add_place", "category_of", "check_answers", "clean", "clean_text", "consent", "count_corrected",
    "count_in_outline", "count_public", "find_by_receipt", "fingerprint", "get_matter", "imports", "list_arrived",
    "list_classified", "list_containing", "list_newest", "list_of", "list_open_around", "list_placed_saying", "list_public", "list_raised",
    "list_results", "list_settled", "list_sources", "list_spots", "list_unsorted", "matter_code_of", "may_retime",
    "move_matters", "newest_id", "place_report", "place_report_softly", "placing_of", "read_matter_code", "read_ref", "ref_of",
    "report_matter", "reporter_actor", "retime_matter", "set_categories", "spots_of", "suggest_categories", "title_of",
    "told_time", "words_are_public",
]  # fmt: skip
