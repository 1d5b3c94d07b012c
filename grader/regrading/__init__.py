"""A unit that changed after it was handed in."""
