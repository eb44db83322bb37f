"""Tensors in files, brought to our networks and back."""
