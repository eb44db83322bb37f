"""The Settings dialog: one section a file; every change is in force and on the disk at once."""
