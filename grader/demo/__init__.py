"""The made-up class that `make demo` grades."""

import grader.environment  # noqa: F401  before NumPy and nbformat
