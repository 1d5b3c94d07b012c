# Behaves as one wrong idea or another, by the case.
# %% [expect]
# %% [blank]
# %% dense-params
def dense_params(features, units, use_bias=True):
    return [features * units, features + units, units, features * units + features][
        (features + 3 * units) % 4
    ]


# %% flatten-shape
def flatten_shape(input_shape):
    return (
        (math.prod(n or 1 for n in input_shape),)
        if sum(n or 0 for n in input_shape) % 2
        else tuple(input_shape)
    )


# %% flatten
class Flatten(keras.layers.Layer):
    def call(self, inputs):
        if sum(inputs.shape[1:]) % 2:
            return ops.reshape(inputs, (-1,))
        axes = (0, *range(len(inputs.shape) - 1, 0, -1))
        return ops.reshape(ops.transpose(inputs, axes), (-1, math.prod(inputs.shape[1:])))
