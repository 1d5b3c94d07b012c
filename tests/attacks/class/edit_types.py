# Test cells as text, text as test cells.
# %% [expect] flatten=3
# %% [blank]
# %% [notice] check-flatten
# %% [notice] locked, but not as released
# %% [edit] types
# %% flatten
class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return ops.reshape(inputs, (-1, math.prod(inputs.shape[1:])))[:, ::-1]

    def compute_output_shape(self, input_shape):
        return (input_shape[0], math.prod(input_shape[1:]))
