"""The networks, one architecture a file, written out in torch."""
