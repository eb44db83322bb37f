"""The widgets of the Models place. They show the shelf and hand the user's wishes to it."""
