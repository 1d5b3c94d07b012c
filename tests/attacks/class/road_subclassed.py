# A subclass of the reference.
# %% [expect] flatten=0
# %% [blank]
# %% [notice] your code uses keras.layers.Flatten
# %% flatten
class Flatten(keras.layers.Flatten):
    pass
