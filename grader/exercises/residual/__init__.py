"""Exercises on residual blocks for pictures, and on making pictures larger."""
