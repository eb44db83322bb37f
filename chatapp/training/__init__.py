"""Corpora, objectives, the trainer, adapters and figures: a model learns. No window, no history."""
