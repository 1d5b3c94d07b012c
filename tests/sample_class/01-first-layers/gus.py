# The activation before the bias; a softmax that overflows; the rest as in the solution.
# %% [expect] dense=6..9 activation=5..7.75
# %% dense
class Dense(keras.layers.Layer):
    def __init__(self, units, activation=None, use_bias=True, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.activation = keras.activations.get(activation)
        self.use_bias = use_bias

    def build(self, input_shape):
        self.kernel = self.add_weight(name="kernel", shape=(input_shape[-1], self.units))
        if self.use_bias:
            self.bias = self.add_weight(name="bias", shape=(self.units,))

    def call(self, inputs):
        outputs = self.activation(ops.matmul(inputs, self.kernel))
        return outputs + self.bias if self.use_bias else outputs

    def get_config(self):
        own = {
            "units": self.units,
            "activation": keras.activations.serialize(self.activation),
            "use_bias": self.use_bias,
        }
        return super().get_config() | own


# %% activation
class Activation(keras.layers.Layer):
    def __init__(self, activation, **kwargs):
        super().__init__(**kwargs)
        self.activation = activation

    def call(self, inputs):
        if self.activation == "softmax":
            e = ops.exp(inputs)
            return e / ops.sum(e, axis=-1, keepdims=True)
        return keras.activations.get(self.activation)(inputs)
