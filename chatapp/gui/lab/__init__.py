"""The Lab: runs of training, watched, stopped, resumed, and what came of them."""
