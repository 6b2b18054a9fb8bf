"""The door of learning: what a district's model proposes, how it is trained, and the pure core below."""

from tongxin.learning.actions import train_district
from tongxin.learning.artefact import load_model, save_model
from tongxin.learning.classify import REASONS, Card, ClassFigures, Guess, Model, Prediction
from tongxin.learning.errors import LearningError
from tongxin.learning.extract import Door, Extract, Gazetteer, KnownPlace, Mention, extract, mask_public
from tongxin.learning.models import TextModel
from tongxin.learning.near import SAME_MATTER, Item, Near, NearIndex, near_pairs, same_texts
from tongxin.learning.queries import (
    MOST_MATTERS,
    CategoryGuess,
    Suggested,
    card_lines,
    find_model,
    list_topics,
    suggest,
    trouble_of,
)
from tongxin.learning.route import Handled, Proposal, Routes, learn_routes
from tongxin.learning.starter import Category, Proposer, Starter, propose
from tongxin.learning.topics import Topic, find_topics
from tongxin.learning.training import Example, Recipe, train
from tongxin.learning.vectors import Text

__all__ = [
    "MOST_MATTERS", "REASONS", "SAME_MATTER", "Card", "Category", "CategoryGuess", "ClassFigures", "Door", "Example", "Extract",
    "Gazetteer", "Guess", "Handled", "Item", "KnownPlace", "LearningError", "Mention", "Model", "Near", "NearIndex",
    "Prediction", "Proposal", "Proposer", "Recipe", "Routes", "Starter", "Suggested", "Text", "TextModel", "Topic",
    "card_lines", "extract", "find_model", "find_topics", "learn_routes", "list_topics", "load_model", "mask_public", "near_pairs",
    "propose", "same_texts", "save_model", "suggest", "train", "train_district", "trouble_of",
]  # fmt: skip
