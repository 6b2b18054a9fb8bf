"""Every performance figure that the README states, each reproducible by one command. Ratios within one run, never a timed test."""
