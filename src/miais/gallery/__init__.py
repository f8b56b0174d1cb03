"""Enrolled people, by embeddings of containers: no face is stored, and none could be restored from what is."""
