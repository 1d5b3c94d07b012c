"""Exercises on layers that drop a part of their inputs while training."""
