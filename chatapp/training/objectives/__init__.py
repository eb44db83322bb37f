"""What can be learned: a file for each objective."""
