# Cells that end the process: what stands before and after them is graded.
# %% [expect] dense-params=2 own=2 flatten=6
# %% [blank]
# %% [notice] ProcessLost
# %% dense-params
import os
import sys


def dense_params(features, units, use_bias=True):
    return features * units + units * use_bias


sys.exit(0)

# %% flatten-shape
def flatten_shape(input_shape):
    return (input_shape[0], math.prod(input_shape[1:]))


os._exit(0)

# %% flatten
class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return ops.reshape(inputs, (-1, math.prod(inputs.shape[1:])))

    def compute_output_shape(self, input_shape):
        return (input_shape[0], math.prod(input_shape[1:]))
