"""Algorithm 1 and all that a run needs around it."""
