# Takes memory in ways that no limit on data counts: as a stack, as empty files.
# %% [expect] flatten=6
# %% [blank]
# %% dense-params
import ctypes
import os

libc = ctypes.CDLL(None)
libc.mmap.restype, libc.mmap.argtypes = ctypes.c_long, [ctypes.c_long] * 6
if libc.mmap(0, 1 << 20, 3, 0x122, -1, 0) != -1:
    print("GOT a stack")
if libc.semget(0, 1, 0o600) != -1:
    print("GOT a semaphore")
try:
    for number in range(25_000):
        open(f"/dev/shm/{number}", "w").close()
    print("GOT 25,000 files")
except OSError:
    pass

# %% flatten
class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return ops.reshape(inputs, (-1, math.prod(inputs.shape[1:])))

    def compute_output_shape(self, input_shape):
        return (input_shape[0], math.prod(input_shape[1:]))
