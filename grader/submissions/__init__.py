"""What was handed in, made fit to be graded, and nbgrader's seats for that."""
