# Exceptions, messages and limits, chosen by the case; one of them says that nothing was written.
# %% [expect]
# %% [blank]
# %% dense-params
KINDS = [ValueError, TypeError, KeyError, IndexError, ZeroDivisionError, OSError, RuntimeError]


def dense_params(features, units, use_bias=True):
    raise KINDS[(5 * features + units) % 7](f"{features} {units}")


# %% flatten-shape
def flatten_shape(input_shape):
    rest = sum(n or 0 for n in input_shape) % 3
    if rest == 0:
        return None
    if rest == 1:
        raise LookupError(str(input_shape))
    return "loud"


# %% flatten
class Flatten(keras.layers.Layer):
    def call(self, inputs):
        raise KINDS[sum(inputs.shape[1:]) % 7](str(inputs.shape))


# %% dense
class Dense(keras.layers.Layer):
    def __init__(self, units, activation=None, use_bias=True, **kwargs):
        super().__init__(**kwargs)
        if units % 2:
            raise NotImplementedError
        raise MemoryError
