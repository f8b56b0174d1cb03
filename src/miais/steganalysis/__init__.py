"""Finding out whether a picture hides something."""
