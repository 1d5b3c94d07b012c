"""Exercises on cells, recurrent layers and their wrappers."""
