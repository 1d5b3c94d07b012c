"""From a unit's text to notebooks, and to the zip for students."""

import grader.environment  # noqa: F401  before NumPy and nbformat
