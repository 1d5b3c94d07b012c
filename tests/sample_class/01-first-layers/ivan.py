# Crashes: Dense at every call, Activation as the cell is run; the rest is as in the solution.
# %% [expect] dense=0 activation=0
# %% dense
class Dense(keras.layers.Layer):
    def __init__(self, units, activation=None, use_bias=True, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        self.kernel = self.add_weight(name="kernel", shape=(input_shape[-1], self.units))

    def call(self, inputs):
        return ops.matmul(inputs, self.weights_of_mine)

# %% activation
class Activation(keras.layers.Layer)
    pass
