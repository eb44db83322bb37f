"""How good a model is: figures measured on examples it has not seen, with 95 % intervals."""
