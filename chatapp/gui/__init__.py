"""The window. Knows nothing about weights: it speaks to an engine process and to the history."""
