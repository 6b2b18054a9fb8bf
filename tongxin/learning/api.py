"""The door of learning's pure core: values in, values out, no table and no clock."""

from tongxin.learning.artefact import load_model, save_model
from tongxin.learning.classify import REASONS, Card, ClassFigures, Guess, Model, Prediction
from tongxin.learning.errors import LearningError
from tongxin.learning.extract import Door, Extract, Gazetteer, KnownPlace, Mention, extract, mask_public
from tongxin.learning.near import SAME_MATTER, Item, Near, NearIndex, near_pairs, same_texts
from tongxin.learning.route import Handled, Proposal, Routes, learn_routes
from tongxin.learning.starter import Category, Proposer, Starter, propose
from tongxin.learning.topics import Topic, find_topics
from tongxin.learning.training import Example, Recipe, train
from tongxin.learning.vectors import Text

__all__ = [
    "REASONS",
    "SAME_MATTER",
    "Card",
    "Category",
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
    "Mention",
    "Model",
    "Near",
    "NearIndex",
    "Prediction",
    "Proposal",
    "Proposer",
    "Recipe",
    "Routes",
    "Starter",
    "Text",
    "Topic",
    "extract",
    "find_topics",
    "learn_routes",
    "load_model",
    "mask_public",
    "near_pairs",
    "propose",
    "same_texts",
    "save_model",
    "train",
]
