# nbgrader metadata that is no dict, a grade id that is a list, points that are no number.
# %% [expect] flatten=3
# %% [blank]
# %% [notice] a cell claims to be
# %% [notice] the cell check-dense was deleted
# %% [notice] the points of the cell check-flatten was changed
# %% [edit] odd_metadata
# %% flatten
class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return ops.reshape(inputs, (-1, math.prod(inputs.shape[1:])))[:, ::-1]

    def compute_output_shape(self, input_shape):
        return (input_shape[0], math.prod(input_shape[1:]))
