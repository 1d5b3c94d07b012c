"""Exercises on convolutions."""
