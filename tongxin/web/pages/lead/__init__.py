"""Pages of leaders: the wall, and the cases behind its figures."""
