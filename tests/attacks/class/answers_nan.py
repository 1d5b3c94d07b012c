# NaN, infinity, and words instead of numbers.
# %% [expect] flatten=0
# %% [blank]
# %% dense-params
def dense_params(features, units, use_bias=True):
    return float("nan")

# %% flatten-shape
def flatten_shape(input_shape):
    return f"({input_shape[0]}, {math.prod(input_shape[1:])})"

# %% flatten
class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return ops.reshape(inputs, (-1, math.prod(inputs.shape[1:])))* float("nan")

    def compute_output_shape(self, input_shape):
        return (input_shape[0], math.prod(input_shape[1:]))
