# Shapes, counts, types and values of the answers, chosen by the case.
# %% [expect]
# %% [blank]
# %% dense-params
def dense_params(features, units, use_bias=True):
    return [features, [units], str(use_bias), None, float(units), ()][(features + units) % 6]


# %% flatten-shape
def flatten_shape(input_shape):
    return (None,) * (1 + sum(n or 0 for n in input_shape) % 5)


# %% flatten
class Flatten(keras.layers.Layer):
    def call(self, inputs):
        rest = sum(inputs.shape[1:]) % 4
        flat = ops.reshape(inputs, (-1, math.prod(inputs.shape[1:])))
        if rest == 0:
            return flat[:, :-1]
        if rest == 1:
            return flat[:, ::-1]
        if rest == 2:
            return flat * float("nan")
        return ops.cast(flat, "int32")


# %% dense
class Dense(keras.layers.Layer):
    def __init__(self, units, activation=None, use_bias=True, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        self.rest = (self.units + input_shape[-1]) % 5
        for n in range(self.rest):
            self.add_weight(name=f"w{n}", shape=(n + 1,), trainable=n % 2 == 0)

    def call(self, inputs):
        return ops.zeros((*inputs.shape[:-1], self.units + 1 + self.rest))
