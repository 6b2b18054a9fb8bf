"""Taking in records of other systems: files become matters with their own times. Not the live report, which is ``actions``."""
