"""The door of learning: what a district's model proposes, how it is trained, topics taken up, and the pure core below."""

from typing import TYPE_CHECKING

from tongxin.kernel.doors import open_on_demand

if TYPE_CHECKING:
    from tongxin.learning.actions.jobs import (
        ask_training,
        begin_training,
        cancel_training,
        run_training,
        schedule_trainings,
    )  # fmt: skip
    from tongxin.learning.actions.sorting import (
        MAY_SORT,
        Sorted,
        accept_proposals,
        may_sort_matters,
        propose_categories,
        sweep_proposals,
    )  # fmt: skip
    from tongxin.learning.actions.topics import (
        MAY_OPEN,
        attach_arrivals,
        may_open,
        may_sort,
        open_topic,
        place_matter,
        sweep_topics,
    )  # fmt: skip
    from tongxin.learning.actions.training import train_district
    from tongxin.learning.artefact import load_model, save_model
    from tongxin.learning.attaching import find_topic_of
    from tongxin.learning.classify import REASONS, ClassFigures, Model
    from tongxin.learning.errors import LearningError
    from tongxin.learning.extract import Door, Gazetteer, KnownPlace, extract, mask_public
    from tongxin.learning.models import TextModel, TopicCase, Training
    from tongxin.learning.near import WORTH_SHOWING, Item, Near, NearIndex, likeness_rows, near_pairs, same_texts
    from tongxin.learning.queries.placing import Guess, WhereIs, guess_places, place_named
    from tongxin.learning.queries.routes import suggest_units
    from tongxin.learning.queries.same import Same, find_same
    from tongxin.learning.queries.searching import search, search_affairs
    from tongxin.learning.queries.sorting import Waiting, list_waiting, surest, waits_for
    from tongxin.learning.queries.suggesting import card_lines, find_model, newest_training, suggest, trouble_of
    from tongxin.learning.queries.topics import (
        MOST_MATTERS,
        SUBJECT,
        Joined,
        find_joined,
        get_topic_case,
        list_members,
        list_taken_up,
        list_topics,
        procedure_of,
        taken_up_of,
        topics_of,
    )  # fmt: skip
    from tongxin.learning.queries.written import Written, read_text
    from tongxin.learning.route import Handled, Proposal, learn_routes
    from tongxin.learning.starter import Category, Starter, propose
    from tongxin.learning.topics import Topic, find_topics
    from tongxin.learning.training import Example, Recipe, train
    from tongxin.learning.vectors import Text
else:
    __getattr__ = open_on_demand(__name__)

__all__ = [
    "MAY_OPEN", "MAY_SORT", "MOST_MATTERS", "REASONS", "SUBJECT", "WORTH_SHOWING", "Category", "ClassFigures", "Door",
    "Example", "Gazetteer", "Guess", "Handled", "Item", "Joined", "KnownPlace", "LearningError", "Model", "Near", "NearIndex",
    "Proposal", "Recipe", "Same", "Sorted", "Starter", "Text", "TextModel", "Topic", "TopicCase", "Training", "Waiting",
    "WhereIs", "Written", "accept_proposals", "ask_training", "attach_arrivals", "begin_training", "cancel_training", "card_lines",
    "extract", "find_joined", "find_model", "find_same", "find_topic_of", "find_topics", "get_topic_case", "guess_places", "learn_routes",
    "likeness_rows", "list_members", "list_taken_up", "list_topics", "list_waiting", "load_model", "mask_public", "may_open",
    "may_sort", "may_sort_matters", "near_pairs", "newest_training", "open_topic", "place_matter", "place_named", "procedure_of", "propose", "propose_categories",
    "read_text", "run_training", "same_texts", "save_model", "schedule_trainings", "search", "search_affairs", "suggest", "suggest_units",
    "surest", "sweep_proposals", "sweep_topics", "taken_up_of", "topics_of", "train", "train_district", "trouble_of",
    "waits_for",
]  # fmt: skip
