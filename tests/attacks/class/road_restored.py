# The body of the reference put back while it is forbidden.
# %% [expect] flatten=0
# %% [blank]
# %% [notice] your code uses keras.layers.Flatten
# %% [notice] __code__
# %% flatten
real = keras.layers.Flatten.call
body = real.__code__
model = keras.layers.Flatten()
model(np.zeros((2, 3, 4)))


def restored(inputs):
    now, real.__code__ = real.__code__, body
    try:
        return real(model, inputs)
    finally:
        real.__code__ = now

class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return restored(inputs)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], math.prod(input_shape[1:]))
