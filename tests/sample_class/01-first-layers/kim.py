# Deleted a test cell: it comes back, and the answer above it counts.
# %% [delete] check-flatten
