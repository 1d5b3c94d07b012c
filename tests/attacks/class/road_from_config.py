# The reference from the config of an instance.
# %% [expect] flatten=0
# %% [blank]
# %% [notice] your code uses keras.layers.Flatten
# %% flatten
kind = type(keras.layers.Flatten())

class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return kind.from_config({"name": "row"})(inputs)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], math.prod(input_shape[1:]))
