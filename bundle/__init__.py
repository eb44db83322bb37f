"""What makes the program a folder to carry away, with build.spec; no part of it itself."""
