"""The history: every conversation and message, in one SQLite file. Knows nothing about windows."""
