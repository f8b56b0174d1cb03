"""Secrets, covers, how batches are drawn from them, and the fixed protocol."""
