# Fails in a line that depends on the arguments, in each answer.
# %% [expect]
# %% [blank]
# %% dense-params
def dense_params(features, units, use_bias=True):
    rest = (7 * features + 3 * units + use_bias) % 8
    if rest == 0:
        raise ValueError("loud")
    if rest == 1:
        raise ValueError("loud")
    if rest == 2:
        raise ValueError("loud")
    if rest == 3:
        raise ValueError("loud")
    if rest == 4:
        raise ValueError("loud")
    if rest == 5:
        raise ValueError("loud")
    if rest == 6:
        raise ValueError("loud")
    raise ValueError("loud")


# %% flatten-shape
def flatten_shape(input_shape):
    rest = sum(n or 0 for n in input_shape) % 6
    if rest == 0:
        raise ValueError("loud")
    if rest == 1:
        raise ValueError("loud")
    if rest == 2:
        raise ValueError("loud")
    if rest == 3:
        raise ValueError("loud")
    if rest == 4:
        raise ValueError("loud")
    raise ValueError("loud")


# %% flatten
class Flatten(keras.layers.Layer):
    def call(self, inputs):
        rest = sum(inputs.shape[1:]) % 4
        if rest == 0:
            raise ValueError("loud")
        if rest == 1:
            raise ValueError("loud")
        if rest == 2:
            raise ValueError("loud")
        raise ValueError("loud")


# %% dense
class Dense(keras.layers.Layer):
    def __init__(self, units, activation=None, use_bias=True, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        rest = (self.units + input_shape[-1]) % 4
        if rest == 0:
            raise ValueError("loud")
        if rest == 1:
            raise ValueError("loud")
        if rest == 2:
            raise ValueError("loud")
        raise ValueError("loud")
