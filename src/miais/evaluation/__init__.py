"""A system scored from saved files on fixed people and covers; the numbers that may be published."""
