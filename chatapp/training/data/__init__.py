"""What a model learns from: examples read from files, split, and turned into ids."""
