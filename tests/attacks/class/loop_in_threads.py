# Threads that outlive their cell, and never stop.
# %% [expect] flatten=3
# %% [blank]
# %% flatten
import threading


def busy():
    while True:
        sum(range(1000))


for _ in range(3):
    threading.Thread(target=busy, daemon=False).start()


class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return ops.reshape(inputs, (-1, math.prod(inputs.shape[1:])))[:, ::-1]

    def compute_output_shape(self, input_shape):
        return (input_shape[0], math.prod(input_shape[1:]))
