"""Canvas, Moodle and the exchange: class lists, what was handed in, grades, feedback."""

import grader.environment  # noqa: F401  before NumPy and nbformat
