"""nbgrader's gradebook, and who may write to it when."""

import grader.environment  # noqa: F401  before NumPy and nbformat
