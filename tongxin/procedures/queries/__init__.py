"""Reads of the engine, by what they answer: lists, open steps, one case."""
