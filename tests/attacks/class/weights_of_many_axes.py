# Weights of a shape that NumPy cannot make.
# %% [expect] flatten=6
# %% [blank]
# %% dense
class Weight:
    name, trainable = "kernel", True
    value = property(id)

    def __init__(self, shape):
        self.shape = shape


class Dense(keras.layers.Layer):
    def __init__(self, units, activation=None, use_bias=True, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def call(self, inputs):
        return ops.zeros((*inputs.shape[:-1], self.units))

    @property
    def weights(self):
        return [Weight(shape) for shape in ([1] * 65, [0, 10**30])]

# %% flatten
class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return ops.reshape(inputs, (-1, math.prod(inputs.shape[1:])))

    def compute_output_shape(self, input_shape):
        return (input_shape[0], math.prod(input_shape[1:]))
