"""What students hand in is looked at when it arrives."""

import grader.environment  # noqa: F401  before NumPy and nbformat
