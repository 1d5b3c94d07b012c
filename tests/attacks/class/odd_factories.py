# Right: classes kept in a global, given by a function, by partial, made in two cells.
# %% [expect] dense-params=2 own=2 flatten=6 flatten-shape=2
# %% [blank]
# %% dense-params
class Counter:
    def __call__(self, features, units, use_bias=True):
        return features * units + units * use_bias


dense_params = Counter()

# %% flatten-shape
import functools


def _shape(exponent, input_shape):
    return [input_shape[0], math.prod(input_shape[1:]) ** exponent]


flatten_shape = functools.partial(_shape, 1)
KINDS = {}


class Half(keras.layers.Layer):
    def compute_output_shape(self, input_shape):
        return flatten_shape(input_shape)

# %% flatten
class Whole(Half):
    def call(self, inputs):
        return ops.reshape(inputs, (-1, math.prod(inputs.shape[1:])))


KINDS["row"] = Whole


def Flatten(**kwargs):
    return KINDS["row"](**kwargs)
