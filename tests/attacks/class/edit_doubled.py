# Test cells twice; the second one is to the taste of the student.
# %% [expect] flatten=3
# %% [blank]
# %% [notice] check-flatten
# %% [notice] there more than once
# %% [notice] locked, but not as released
# %% [edit] doubled
# %% flatten
class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return ops.reshape(inputs, (-1, math.prod(inputs.shape[1:])))[:, ::-1]

    def compute_output_shape(self, input_shape):
        return (input_shape[0], math.prod(input_shape[1:]))
