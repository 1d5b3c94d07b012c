# The reference inside a Sequential model.
# %% [expect] flatten=0
# %% [blank]
# %% [notice] your code uses keras.layers.Flatten
# %% flatten
class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return keras.Sequential([keras.layers.Flatten()])(inputs)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], math.prod(input_shape[1:]))
