"""Reads of bodies, posts and people. The directory is an in-process copy; a look-up in it costs no statement."""
