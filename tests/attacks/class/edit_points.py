# Points, checksum, locked, grade and solution of the test cells changed.
# %% [expect] flatten=3
# %% [blank]
# %% [notice] the points of the cell check-flatten was changed from 6.0 to 100
# %% [notice] the locked of the cell check-flatten was changed
# %% [notice] the solution of the cell check-dense was changed
# %% [notice] the grade of the cell check-dense-params was changed
# %% [edit] points
# %% flatten
class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return ops.reshape(inputs, (-1, math.prod(inputs.shape[1:])))[:, ::-1]

    def compute_output_shape(self, input_shape):
        return (input_shape[0], math.prod(input_shape[1:]))
