# TensorFlow's old copy of Keras.
# %% [expect] flatten=0 dense=0
# %% [blank]
# %% [notice] your code uses keras.layers.Flatten
# %% [notice] your code uses keras.layers.Dense
# %% flatten
from tensorflow.python.keras import layers as old

class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return old.Flatten()(inputs)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], math.prod(input_shape[1:]))

# %% dense
class Dense(keras.layers.Layer):
    def __init__(self, units, activation=None, use_bias=True, **kwargs):
        super().__init__(**kwargs)
        from tensorflow.python.keras.layers import Dense as Old

        self.inner = Old(units, activation=activation, use_bias=use_bias)

    def call(self, inputs):
        return self.inner(inputs)
