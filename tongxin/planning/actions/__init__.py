"""Writes of planning: one unit of work each, with its record in one transaction."""
