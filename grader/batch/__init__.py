"""Many submissions graded at once, on one machine or on many."""
