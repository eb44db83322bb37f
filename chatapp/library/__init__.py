"""The shelf of models on this disk: find them, check their headers, describe them. No weights."""
