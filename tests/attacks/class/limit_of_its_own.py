# Sets itself a limit of processor time and uses it up, so that the machine seems to be at fault.
# %% [expect] flatten=6
# %% [blank]
# %% [notice] TimeLimit
# %% dense-params
import ctypes
import resource

try:
    resource.setrlimit(resource.RLIMIT_CPU, (1, 1))
except (OSError, ValueError):
    pass
one = (ctypes.c_uint64 * 2)(1, 1)
ctypes.CDLL(None).prlimit64(0, 0, one, None)
while True:
    pass

# %% flatten
class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return ops.reshape(inputs, (-1, math.prod(inputs.shape[1:])))

    def compute_output_shape(self, input_shape):
        return (input_shape[0], math.prod(input_shape[1:]))
