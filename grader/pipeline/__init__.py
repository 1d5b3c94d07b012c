"""nbgrader's seats that this course takes, and what stands around them."""
