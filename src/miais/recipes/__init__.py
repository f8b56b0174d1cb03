"""Whole runs, as functions that return settings."""
