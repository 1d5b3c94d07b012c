# One wrong idea in each layer.
# %% [expect] dense-params=0 dense=8 stack-params=0 activation=5..7.75 flatten-shape=0 flatten=0 reshape-shape=0 reshape=0
# %% dense-params
def dense_params(features, units, use_bias=True):
    return features * units


# %% dense
class Dense(keras.layers.Layer):
    def __init__(self, units, activation=None, use_bias=True, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.activation = keras.activations.get(activation)
        self.use_bias = use_bias

    def build(self, input_shape):
        self.kernel = self.add_weight(name="kernel", shape=(self.units, input_shape[-1]))
        if self.use_bias:
            self.bias = self.add_weight(name="bias", shape=(self.units,))

    def call(self, inputs):
        outputs = ops.matmul(inputs, ops.transpose(self.kernel))
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


# %% stack-params
def stack_params(features, widths):
    return sum(features * width + width for width in widths)


# %% activation
class Activation(keras.layers.Layer):
    def __init__(self, activation, **kwargs):
        super().__init__(**kwargs)
        self.activation = activation

    def call(self, inputs):
        if self.activation == "softmax":
            e = ops.exp(inputs - ops.max(inputs, axis=0, keepdims=True))
            return e / ops.sum(e, axis=0, keepdims=True)
        return keras.activations.get(self.activation)(inputs)


# %% flatten-shape
def flatten_shape(input_shape):
    return (int(np.prod(input_shape[1:])),)


# %% flatten
class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return ops.reshape(inputs, (-1,))

    def compute_output_shape(self, input_shape):
        return (None if None in input_shape else int(np.prod(input_shape)),)


# %% reshape-shape
def reshape_shape(input_shape, target_shape):
    return (input_shape[0], *target_shape)


# %% reshape
class Reshape(keras.layers.Layer):
    def __init__(self, target_shape, **kwargs):
        super().__init__(**kwargs)
        self.target_shape = tuple(target_shape)

    def call(self, inputs):
        return ops.reshape(inputs, self.target_shape)
