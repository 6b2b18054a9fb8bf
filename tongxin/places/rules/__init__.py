"""Pure decisions: the walking network, circles, gaps, siting, norms, rows of files. No tables, no clock."""
