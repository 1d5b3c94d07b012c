"""Many submissions graded at once, on one machine or on many."""

import grader.environment  # noqa: F401  before NumPy and nbformat
