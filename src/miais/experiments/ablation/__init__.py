"""What each idea of the strong recipes is worth: the recipe without it, at the same budget."""
