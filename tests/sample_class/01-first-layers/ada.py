# All right, written in raw TensorFlow and with other names for the weights.
# %% dense-params
def dense_params(features, units, use_bias=True):
    return (features + int(use_bias)) * units


# %% dense
class Dense(keras.layers.Layer):
    def __init__(self, units, activation=None, use_bias=True, **kwargs):
        super().__init__(**kwargs)
        self.units, self.use_bias = units, use_bias
        self.activation = keras.activations.get(activation)

    def build(self, input_shape):
        # The bias comes first here, and neither is called what Keras calls it.
        if self.use_bias:
            self.b = self.add_weight(shape=(self.units,), initializer="zeros", name="b")
        self.w = self.add_weight(shape=(input_shape[-1], self.units), name="w")

    def call(self, inputs):
        y = tf.tensordot(inputs, self.w, axes=1)
        if self.use_bias:
            y = tf.nn.bias_add(y, self.b)
        return self.activation(y)

    def get_config(self):
        config = super().get_config()
        config.update(
            units=self.units,
            use_bias=self.use_bias,
            activation=keras.activations.serialize(self.activation),
        )
        return config


# %% activation
class Activation(keras.layers.Layer):
    def __init__(self, activation, **kwargs):
        super().__init__(**kwargs)
        self.activation = activation

    def call(self, x):
        if callable(self.activation):
            return self.activation(x)
        return {
            "relu": tf.nn.relu,
            "leaky_relu": lambda x: tf.nn.leaky_relu(x, alpha=0.2),
            "sigmoid": tf.math.sigmoid,
            "tanh": tf.math.tanh,
            "softmax": tf.nn.softmax,
            "hard_sigmoid": lambda x: tf.clip_by_value(x / 6 + 0.5, 0, 1),
        }[self.activation](x)


# %% flatten
class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return tf.reshape(inputs, (tf.shape(inputs)[0], -1))

    def compute_output_shape(self, input_shape):
        length = 1
        for axis in input_shape[1:]:
            length *= axis
        return (input_shape[0], length)


# %% reshape
class Reshape(keras.layers.Layer):
    def __init__(self, target_shape, **kwargs):
        super().__init__(**kwargs)
        self.target_shape = tuple(target_shape)

    def call(self, inputs):
        return tf.reshape(inputs, tf.concat([tf.shape(inputs)[:1], self.target_shape], axis=0))

    def compute_output_shape(self, input_shape):
        count = int(np.prod(input_shape[1:]))
        known = int(np.prod([n for n in self.target_shape if n != -1]))
        return (input_shape[0],) + tuple(
            count // known if n == -1 else n for n in self.target_shape
        )
