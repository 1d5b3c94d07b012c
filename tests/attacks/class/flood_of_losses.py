# A hundred cells that end the process, and one that takes its time.
# %% [expect] flatten=0
# %% [blank]
# %% [notice] has lost its process
# %% [edit] hundred_exits
# %% flatten
class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return ops.reshape(inputs, (-1, math.prod(inputs.shape[1:])))

    def compute_output_shape(self, input_shape):
        return (input_shape[0], math.prod(input_shape[1:]))
