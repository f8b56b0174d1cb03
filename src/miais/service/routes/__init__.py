"""The verbs of the service, a file for each kind."""
