# Its own threads keep it from a core: that is no waiting.
# %% [expect] flatten=6
# %% [blank]
# %% [notice] the cell took longer than 4 seconds
# %% dense-params
import hashlib
import threading
import time


def busy():
    while True:
        hashlib.sha256(bytes(1 << 20)).digest()


start = time.monotonic()
for _ in range(60):
    threading.Thread(target=busy, daemon=True).start()
while time.monotonic() - start < 40:
    pass
print("GOT ten times as long")

# %% flatten
class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return ops.reshape(inputs, (-1, math.prod(inputs.shape[1:])))

    def compute_output_shape(self, input_shape):
        return (input_shape[0], math.prod(input_shape[1:]))
