"""How a class did, read from the gradebook and put on a page."""
