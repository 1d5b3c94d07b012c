# One wrong idea in each layer again: a Dense that flattens, the leaky slope, channels first, the -1.
# %% [expect] dense=5..9 activation=5..7.75 flatten=3..5 reshape=1..5
# %% dense
class Dense(keras.layers.Layer):
    def __init__(self, units, activation=None, use_bias=True, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.activation = keras.activations.get(activation)
        self.use_bias = use_bias

    def build(self, input_shape):
        features = int(np.prod(input_shape[1:]))
        self.kernel = self.add_weight(name="kernel", shape=(features, self.units))
        if self.use_bias:
            self.bias = self.add_weight(name="bias", shape=(self.units,))

    def call(self, inputs):
        outputs = ops.matmul(ops.reshape(inputs, (-1, self.kernel.shape[0])), self.kernel)
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
        if self.activation == "leaky_relu":
            return ops.where(inputs > 0, inputs, -0.2 * inputs)
        return keras.activations.get(self.activation)(inputs)


# %% flatten
class Flatten(keras.layers.Layer):
    def call(self, inputs):
        rank = len(inputs.shape)
        if rank > 3:
            inputs = ops.transpose(inputs, (0, rank - 1, *range(1, rank - 1)))
        return ops.reshape(inputs, (-1, int(np.prod(inputs.shape[1:]))))

    def compute_output_shape(self, input_shape):
        return (input_shape[0], int(np.prod(input_shape[1:])))


# %% reshape
class Reshape(keras.layers.Layer):
    def __init__(self, target_shape, **kwargs):
        super().__init__(**kwargs)
        self.target_shape = tuple(target_shape)

    def call(self, inputs):
        return ops.reshape(inputs, (-1, *self.compute_output_shape(inputs.shape)[1:]))

    def compute_output_shape(self, input_shape):
        return (input_shape[0], *(input_shape[1] if n == -1 else n for n in self.target_shape))
