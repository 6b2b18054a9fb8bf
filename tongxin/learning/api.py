"""The door of learning: what a district's model proposes, how it is trained, topics taken up, and the pure core below."""

from tongxin.learning.actions.jobs import (
    ask_training,
    begin_training,
    cancel_training,
    run_training,
    schedule_trainings,
)
from tongxin.learning.actions.topics import (
    MAY_OPEN,
    Opened,
    attach_arrivals,
    may_open,
    may_sort,
    open_topic,
    place_matter,
    sweep_topics,
)  # fmt: skip
from tongxin.learning.actions.training import train_district
from tongxin.learning.artefact import load_model, save_model
from tongxin.learning.attaching import Arrival, find_topic_of
from tongxin.learning.classify import REASONS, Card, ClassFigures, Guess, Model, Prediction
from tongxin.learning.errors import LearningError
from tongxin.learning.extract import Door, Extract, Gazetteer, KnownPlace, Mention, extract, mask_public
from tongxin.learning.models import TextModel, TopicCase, Training
from tongxin.learning.near import (
    SAME_MATTER,
    WORTH_SHOWING,
    Item,
    Near,
    NearIndex,
    likeness_rows,
    near_pairs,
    same_texts,
)  # fmt: skip
from tongxin.learning.queries.routes import Routed, UnitGuess, suggest_units
from tongxin.learning.queries.same import Same, find_same
from tongxin.learning.queries.suggesting import (
    CategoryGuess,
    Suggested,
    card_lines,
    find_model,
    newest_training,
    suggest,
    trouble_of,
)
from tongxin.learning.queries.topics import (
    MOST_MATTERS,
    SUBJECT,
    Members,
    TakenUp,
    get_topic_case,
    list_members,
    list_taken_up,
    list_topics,
    procedure_of,
    taken_up_of,
    topics_of,
)  # fmt: skip
from tongxin.learning.queries.written import Written, read_text
from tongxin.learning.route import Handled, Proposal, Routes, learn_routes
from tongxin.learning.starter import Category, Proposer, Starter, propose
from tongxin.learning.topics import Topic, find_topics
from tongxin.learning.training import Example, Recipe, train
from tongxin.learning.vectors import Text

__all__ = [
    "MAY_OPEN",
    "MOST_MATTERS",
    "REASONS",
    "SAME_MATTER",
    "SUBJECT",
    "WORTH_SHOWING",
    "Arrival",
    "Card",
    "Category",
    "CategoryGuess",
    "ClassFigures",
    "Door",
    "Example",
    "Extract",
    "Gazetteer",
    "Guess",
    "Handled",
    "Item",
    "KnownPlace",
    "LearningError",
    "Members",
    "Mention",
    "Model",
    "Near",
    "NearIndex",
    "Opened",
    "Prediction",
    "Proposal",
    "Proposer",
    "Recipe",
    "Routed",
    "Routes",
    "Same",
    "Starter",
    "Suggested",
    "TakenUp",
    "Text",
    "TextModel",
    "Topic",
    "TopicCase",
    "Training",
    "UnitGuess",
    "Written",
    "ask_training",
    "attach_arrivals",
    "begin_training",
    "cancel_training",
    "card_lines",
    "extract",
    "find_model",
    "find_same",
    "find_topic_of",
    "find_topics",
    "get_topic_case",
    "learn_routes",
    "likeness_rows",
    "list_members",
    "list_taken_up",
    "list_topics",
    "load_model",
    "mask_public",
    "may_open",
    "may_sort",
    "near_pairs",
    "newest_training",
    "open_topic",
    "place_matter",
    "procedure_of",
    "propose",
    "read_text",
    "run_training",
    "same_texts",
    "save_model",
    "schedule_trainings",
    "suggest",
    "suggest_units",
    "sweep_topics",
    "taken_up_of",
    "topics_of",
    "train",
    "train_district",
    "trouble_of",
]  # fmt: skip
