# An output of a billion numbers, a huge integer, half a letter.
# %% [expect]
# %% [blank]
# %% [notice] half-letter
# %% dense-params
def dense_params(features, units, use_bias=True):
    return 10**5000

# %% flatten-shape
def flatten_shape(input_shape):
    raise ValueError("half-letter \ud83d")

# %% flatten
class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return ops.zeros((1, 70 << 20), "uint8")
