# A frame that promises four gigabytes.
# %% [expect] flatten-shape=2 flatten=0
# %% [blank]
# %% [notice] Your code ended its own process
# %% flatten-shape
import json
import os
import stat
import sys

channels = []
for number in range(3, 256):
    try:
        if stat.S_ISSOCK(os.fstat(number).st_mode):
            channels.append(number)
    except OSError:
        pass


def send(header, more=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    for number in channels[:1]:
        os.write(number, len(text).to_bytes(4, "big") + text + more)


def flatten_shape(input_shape):
    return (input_shape[0], math.prod(input_shape[1:]))

# %% flatten
class Flatten(keras.layers.Layer):
    def call(self, inputs):
        os.write(channels[0], b"\xff" * 4096)
        return ops.reshape(inputs, (-1, math.prod(inputs.shape[1:])))
