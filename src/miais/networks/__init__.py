"""The networks: steg-generators, steg-classifiers and the restorer."""
