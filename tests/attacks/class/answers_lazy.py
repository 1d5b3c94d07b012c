# Right on the first calls, wrong on the later ones.
# %% [expect] flatten=3 dense-params=0
# %% [blank]
# %% dense-params
calls = [0]


def dense_params(features, units, use_bias=True):
    calls[0] += 1
    return (features * units + units * use_bias) * (calls[0] < 3)

# %% flatten
class Flatten(keras.layers.Layer):
    seen = 0

    def call(self, inputs):
        Flatten.seen += 1
        row = ops.reshape(inputs, (-1, math.prod(inputs.shape[1:])))
        return row if Flatten.seen < 4 else row[:, ::-1]

    def compute_output_shape(self, input_shape):
        return (input_shape[0], math.prod(input_shape[1:]))
