"""What packages the program, and is no part of it."""
