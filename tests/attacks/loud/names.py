# Names of attributes and weights that stand in the source, chosen by the case.
# %% [expect]
# %% [blank]
# %% dense
class Dense(keras.layers.Layer):
    def __init__(self, units, activation=None, use_bias=True, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        said = (self.units + 3 * input_shape[-1]) % 8
        if said == 0:
            self.v0 = tf.Variable(1.0)
        if said == 1:
            self.v1 = tf.Variable(1.0)
        if said == 2:
            self.v2 = tf.Variable(1.0)
        if said == 3:
            self.v3 = tf.Variable(1.0)
        if said == 4:
            self.v4 = tf.Variable(1.0)
        if said == 5:
            self.v5 = tf.Variable(1.0)
        if said == 6:
            self.v6 = tf.Variable(1.0)
        if said == 7:
            self.v7 = tf.Variable(1.0)
        self.add_weight(name=["kernel", "bias", "alpha", "beta"][said % 4], shape=(1,))

    def call(self, inputs):
        return ops.zeros((*inputs.shape[:-1], self.units)) if inputs.shape[0] else inputs


# %% flatten
class Flatten(keras.layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)

    def build(self, input_shape):
        for n in range(sum(input_shape[1:]) % 5):
            setattr(self, f"v{n}", tf.Variable(1.0))
            self.add_weight(name=f"v{n}", shape=(n + 1,))

    def call(self, inputs):
        return ops.reshape(inputs, (-1, math.prod(inputs.shape[1:]))) + 1


# v0 v1 v2 v3 v4 v5
