"""One submission graded: its cells run, its test cells judged."""

import grader.environment  # noqa: F401  before NumPy and nbformat
