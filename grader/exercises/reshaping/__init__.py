"""Exercises on layers that only change the shape."""
