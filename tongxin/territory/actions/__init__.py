"""Writes of places: one unit of work each, with its record and the new version in one transaction.

Who may do it is decided by the caller (``organization.access``: manage_areas), because posts lie in a higher layer.
"""
