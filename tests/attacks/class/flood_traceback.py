# An exception whose traceback is a million lines of nothing.
# %% [expect] flatten=6
# %% [blank]
# %% dense-params
class Endless(Exception):
    def _render_traceback_(self):
        return [""] * 1_000_000


raise Endless

# %% flatten
class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return ops.reshape(inputs, (-1, math.prod(inputs.shape[1:])))

    def compute_output_shape(self, input_shape):
        return (input_shape[0], math.prod(input_shape[1:]))
