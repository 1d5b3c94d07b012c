# Handed in untouched.
# %% [blank]
