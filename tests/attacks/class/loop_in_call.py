# Loops for ever in a call, deaf to KeyboardInterrupt.
# %% [expect] flatten-shape=2 flatten=0
# %% [blank]
# %% [notice] Your code took too long
# %% flatten-shape
def flatten_shape(input_shape):
    return (input_shape[0], math.prod(input_shape[1:]))

# %% flatten
class Flatten(keras.layers.Layer):
    def call(self, inputs):
        while True:
            try:
                while True:
                    pass
            except BaseException:
                pass
