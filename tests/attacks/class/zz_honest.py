# Honest: all as in the solution. Nobody may cost them a point.
# %% [expect]
