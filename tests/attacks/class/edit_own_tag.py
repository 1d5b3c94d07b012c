# A right answer in a cell that is tagged as an experiment.
# %% [expect] flatten=6
# %% [blank]
# %% [edit] own_tag
# %% flatten
class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return ops.reshape(inputs, (-1, math.prod(inputs.shape[1:])))

    def compute_output_shape(self, input_shape):
        return (input_shape[0], math.prod(input_shape[1:]))
