"""Pure decisions about places: codes, coordinates, locating, names, topology. No Django, no clock, no database."""
