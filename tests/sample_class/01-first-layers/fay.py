# input_shape[1] in Dense, the hard_sigmoid of old Keras, a shape without batch, a -1 handed on.
# %% [expect] dense=5..9 activation=5..7.75 flatten=3..4 reshape=3..5
# %% dense
class Dense(keras.layers.Layer):
    def __init__(self, units, activation=None, use_bias=True, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.activation = keras.activations.get(activation)
        self.use_bias = use_bias

    def build(self, input_shape):
        self.kernel = self.add_weight(name="kernel", shape=(input_shape[1], self.units))
        if self.use_bias:
            self.bias = self.add_weight(name="bias", shape=(self.units,))

    def call(self, inputs):
        outputs = ops.matmul(inputs, self.kernel)
        if self.use_bias:
            outputs = outputs + self.bias
        return self.activation(outputs)

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
        if self.activation == "hard_sigmoid":
            return ops.clip(0.2 * inputs + 0.5, 0, 1)
        return keras.activations.get(self.activation)(inputs)


# %% flatten
class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return ops.reshape(inputs, (-1, int(np.prod(inputs.shape[1:]))))

    def compute_output_shape(self, input_shape):
        return (int(np.prod(input_shape[1:])),)


# %% reshape
class Reshape(keras.layers.Layer):
    def __init__(self, target_shape, **kwargs):
        super().__init__(**kwargs)
        self.target_shape = tuple(target_shape)

    def call(self, inputs):
        known = int(np.prod([n for n in self.target_shape if n != -1]))
        count = int(np.prod(inputs.shape[1:]))
        return ops.reshape(
            inputs, (-1, *(count // known if n == -1 else n for n in self.target_shape))
        )

    def compute_output_shape(self, input_shape):
        return (input_shape[0], *self.target_shape)
