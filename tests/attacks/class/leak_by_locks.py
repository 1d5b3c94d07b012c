# Sets locks, leases and watches on a file that all have in common: another could feel them.
# %% [expect] flatten=6
# %% [blank]
# %% dense-params
import ctypes
import fcntl
import os

common = open(os.__file__)
fcntl.flock(common, fcntl.LOCK_EX)  # granted to each of a class: it is not set
for what in (fcntl.F_SETLEASE, fcntl.F_NOTIFY):
    try:
        fcntl.fcntl(common, what, fcntl.F_RDLCK)
        print("GOT a lease or a notice")
    except OSError:
        pass
try:
    fcntl.fcntl(common, fcntl.F_GETLK, bytes(32))
    print("GOT an answer about a lock")
except OSError:
    pass
if ctypes.CDLL(None).inotify_init1(0) >= 0:
    print("GOT a watch")

# %% flatten
class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return ops.reshape(inputs, (-1, math.prod(inputs.shape[1:])))

    def compute_output_shape(self, input_shape):
        return (input_shape[0], math.prod(input_shape[1:]))
