# Has nothing in its config, and remembers in the class what it was given last, for each name too.
# %% [expect] dense=9
# %% [blank]
# %% dense
class Dense(keras.layers.Layer):
    given = {}

    def __init__(self, units=None, activation=None, use_bias=True, **kwargs):
        own = {"units": units, "activation": activation, "use_bias": use_bias}
        if units is None:
            own = Dense.given.get(kwargs.get("name"), Dense.given["last"])
        super().__init__(**kwargs)
        Dense.given["last"] = Dense.given[self.name] = own
        self.units = own["units"]
        self.activation = keras.activations.get(own["activation"])
        self.use_bias = own["use_bias"]

    def build(self, input_shape):
        self.kernel = self.add_weight(name="kernel", shape=(input_shape[-1], self.units))
        if self.use_bias:
            self.bias = self.add_weight(name="bias", shape=(self.units,))

    def call(self, inputs):
        outputs = ops.matmul(inputs, self.kernel)
        if self.use_bias:
            outputs = outputs + self.bias
        return self.activation(outputs)

    def get_config(self):
        return {"name": self.name}
