"""One submission graded: its cells run, its test cells judged."""
