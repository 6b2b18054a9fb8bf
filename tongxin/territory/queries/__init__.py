"""Reads of places. The tree is an in-process copy; a look-up in it costs no statement."""
