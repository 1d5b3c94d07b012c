# The reference itself.
# %% [expect] flatten=0
# %% [blank]
# %% [notice] your code uses keras.layers.Flatten
# %% flatten
Flatten = keras.layers.Flatten
