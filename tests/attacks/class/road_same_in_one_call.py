# Layers that do the same in one call.
# %% [expect] flatten=0 dense=0
# %% [blank]
# %% [notice] your code uses keras.layers.Reshape
# %% [notice] your code uses keras.layers.EinsumDense
# %% flatten
class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return keras.layers.Reshape((-1,))(inputs)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], math.prod(input_shape[1:]))

# %% dense
class Dense(keras.layers.Layer):
    def __init__(self, units, activation=None, use_bias=True, **kwargs):
        super().__init__(**kwargs)
        bias_axes = "y" if use_bias else None
        self.inner = keras.layers.EinsumDense("...x,xy->...y", units, activation, bias_axes)

    def call(self, inputs):
        return self.inner(inputs)
