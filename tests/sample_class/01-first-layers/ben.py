# All right, with einsum and loops, helper functions, and a warning on the way.
# %% dense
import warnings


def weighted_sums(inputs, kernel):
    return tf.einsum("...f,fu->...u", inputs, kernel)


class Dense(keras.layers.Layer):
    def __init__(self, units, activation=None, use_bias=True, **kwargs):
        super().__init__(**kwargs)
        warnings.warn("harmless")
        self.units = units
        self.use_bias = use_bias
        self.activation = activation

    def build(self, input_shape):
        self.kernel = self.add_weight(name="kernel", shape=(input_shape[-1], self.units))
        if self.use_bias:
            self.bias = self.add_weight(name="bias", shape=(self.units,))

    def call(self, inputs):
        outputs = weighted_sums(inputs, self.kernel)
        if self.use_bias:
            outputs += self.bias
        return keras.activations.get(self.activation)(outputs)

    def get_config(self):
        activation = keras.activations.serialize(keras.activations.get(self.activation))
        mine = {"units": self.units, "use_bias": self.use_bias, "activation": activation}
        return {**super().get_config(), **mine}


# %% stack-params
def stack_params(features, widths):
    sizes = [features] + list(widths)
    return sum(a * b + b for a, b in zip(sizes, sizes[1:]))


# %% activation
def stable_softmax(x):
    x = x - ops.max(x, axis=-1, keepdims=True)
    e = ops.exp(x)
    return e / ops.sum(e, axis=-1, keepdims=True)


class Activation(keras.layers.Layer):
    def __init__(self, activation, **kwargs):
        super().__init__(**kwargs)
        self.activation = activation

    def call(self, inputs):
        x = inputs
        if self.activation == "relu":
            return (x + ops.abs(x)) / 2
        if self.activation == "leaky_relu":
            return ops.maximum(x, 0.2 * x)
        if self.activation == "sigmoid":
            return 0.5 * (1 + ops.tanh(x / 2))
        if self.activation == "tanh":
            return 2 / (1 + ops.exp(-2 * x)) - 1
        if self.activation == "softmax":
            return stable_softmax(x)
        if self.activation == "hard_sigmoid":
            return ops.minimum(ops.maximum(x + 3, 0), 6) / 6
        return self.activation(x)


# %% flatten
class Flatten(keras.layers.Layer):
    def compute_output_shape(self, input_shape):
        return (input_shape[0], int(np.prod(input_shape[1:])))

    def call(self, inputs):
        while len(inputs.shape) > 2:  # join the last two axes, again and again
            *front, rows, columns = inputs.shape
            inputs = ops.reshape(inputs, (-1, *front[1:], rows * columns))
        return inputs
