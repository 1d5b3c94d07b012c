# The test cells exchange their grade ids: each is judged where it now stands.
# %% [expect] flatten=0
# %% [blank]
# %% [notice] check-flatten
# %% [notice] locked, but not as released
# %% [edit] swapped
# %% flatten
class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return ops.reshape(inputs, (-1, math.prod(inputs.shape[1:])))[:, ::-1]

    def compute_output_shape(self, input_shape):
        return (input_shape[0], math.prod(input_shape[1:]))
