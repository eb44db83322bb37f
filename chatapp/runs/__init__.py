"""What the window and the training of models agree on: recipes, and runs that are folders."""
