"""Pure decisions about bodies, posts and who stands in for whom. No Django, no clock, no database."""
