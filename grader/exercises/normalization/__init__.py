"""Exercises on layers that normalize."""
