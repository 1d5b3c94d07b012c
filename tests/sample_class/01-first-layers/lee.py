# Handed in half a file.
# %% [expect] not graded
# %% [damage]
