# Takes all the memory that it can get, in each way that there is.
# %% [expect] flatten=3
# %% [blank]
# %% flatten
import ctypes
import mmap
import os

hoard = []
zeros = bytes(64 << 20)


def take():
    hoard.append(bytearray(64 << 20))


def share():
    hoard.append(mmap.mmap(-1, 64 << 20))
    hoard[-1].write(zeros)


def hide():
    file = os.memfd_create("hidden")
    os.write(file, zeros)
    hoard.append(file)


def zero():
    hoard.append(mmap.mmap(os.open("/dev/zero", os.O_RDWR), 64 << 20))
    hoard[-1].write(zeros)


for way in (share, hide, zero, take):
    try:
        for _ in range(100):
            way()
        print("GOT 6.4 GB by", way.__name__)
    except (MemoryError, OSError):
        hoard.clear()


class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return ops.reshape(inputs, (-1, math.prod(inputs.shape[1:])))[:, ::-1]

    def compute_output_shape(self, input_shape):
        return (input_shape[0], math.prod(input_shape[1:]))
