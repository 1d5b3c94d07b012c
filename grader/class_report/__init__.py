"""How a class did, read from the gradebook and put on a page."""

import grader.environment  # noqa: F401  before NumPy and nbformat
