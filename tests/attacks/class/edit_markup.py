# Scripts in text cells, in their attachments and in raw cells.
# %% [expect] flatten=3
# %% [blank]
# %% [notice] a text contains what a browser would run
# %% [edit] markup
# %% flatten
class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return ops.reshape(inputs, (-1, math.prod(inputs.shape[1:])))[:, ::-1]

    def compute_output_shape(self, input_shape):
        return (input_shape[0], math.prod(input_shape[1:]))
