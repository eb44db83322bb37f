"""Conversations leave as files and come in from files. Knows nothing about windows."""
