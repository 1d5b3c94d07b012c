"""nbgrader's gradebook, and who may write to it when."""
