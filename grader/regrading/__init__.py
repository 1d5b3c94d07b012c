"""A unit that changed after it was handed in."""

import grader.environment  # noqa: F401  before NumPy and nbformat
