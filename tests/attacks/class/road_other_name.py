# The reference under another name.
# %% [expect] flatten=0
# %% [blank]
# %% [notice] your code uses keras.layers.Flatten
# %% [notice] keras.src
# %% flatten
from keras.src.layers.reshaping.flatten import Flatten as Row

class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return Row()(inputs)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], math.prod(input_shape[1:]))
