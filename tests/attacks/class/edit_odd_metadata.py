# nbgrader metadata that is no dict, a grade id that is a list, points that are no number.
# %% [expect] flatten=3
# %% [blank]
# %% [notice] check-dense
# %% [notice] without nbgrader's metadata
# %% [notice] check-flatten: points 'all of them', not 6.0
# %% [edit] odd_metadata
# %% flatten
class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return ops.reshape(inputs, (-1, math.prod(inputs.shape[1:])))[:, ::-1]

    def compute_output_shape(self, input_shape):
        return (input_shape[0], math.prod(input_shape[1:]))
