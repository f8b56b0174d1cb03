"""Experiments: tables and figures that take long, row by row, so that a stopped one goes on where it was."""
