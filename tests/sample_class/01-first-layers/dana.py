# One wrong idea in each layer, others than cho's.
# %% [expect] dense=4..7 activation=5..7.75 flatten=3..4 reshape=3..5
# %% dense
class Dense(keras.layers.Layer):
    def __init__(self, units, activation=None, use_bias=True, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.activation = keras.activations.get(activation)
        self.use_bias = use_bias

    def build(self, input_shape):
        self.kernel = self.add_weight(name="kernel", shape=(input_shape[-1], self.units))

    def call(self, inputs):
        return self.activation(ops.matmul(inputs, self.kernel))

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
            return 1 / (1 + ops.exp(-inputs))
        return keras.activations.get(self.activation)(inputs)


# %% flatten
class Flatten(keras.layers.Layer):
    def call(self, inputs):
        axes = [0] + list(range(len(inputs.shape) - 1, 0, -1))
        return ops.reshape(ops.transpose(inputs, axes), (-1, int(np.prod(inputs.shape[1:]))))

    def compute_output_shape(self, input_shape):
        return (input_shape[0], int(np.prod(input_shape[1:])))


# %% reshape
class Reshape(keras.layers.Layer):
    def __init__(self, target_shape, **kwargs):
        super().__init__(**kwargs)
        self.target_shape = tuple(target_shape)

    def call(self, inputs):
        axes = [0] + list(range(len(inputs.shape) - 1, 0, -1))
        return ops.reshape(
            ops.transpose(inputs, axes), (-1, *self.compute_output_shape(inputs.shape)[1:])
        )

    def compute_output_shape(self, input_shape):
        count = int(np.prod(input_shape[1:]))
        known = abs(int(np.prod(self.target_shape)))
        return (input_shape[0], *(count // known if n == -1 else n for n in self.target_shape))
