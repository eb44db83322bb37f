"""Text on its way to and from token ids: templates, detokenising, stop strings, reasoning."""
