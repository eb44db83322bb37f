"""What textbooks say of networks, measured on small ones of one size."""
