# Opens a terminal, whose other end any process could hold that sees the same folder.
# %% [expect] flatten=6
# %% [blank]
# %% dense-params
import os

for start in (os.openpty, lambda: os.open("/dev/ptmx", os.O_RDWR), lambda: open("/dev/pts/0")):
    try:
        start()
        print("GOT a terminal")
    except OSError:
        pass
if os.listdir("/dev/pts"):
    print("GOT the terminals of others")

# %% flatten
class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return ops.reshape(inputs, (-1, math.prod(inputs.shape[1:])))

    def compute_output_shape(self, input_shape):
        return (input_shape[0], math.prod(input_shape[1:]))
