"""What was handed in, made fit to be graded, and nbgrader's seats for that."""

import grader.environment  # noqa: F401  before NumPy and nbformat
