# What was seen in one exercise is told by another; and times.
# %% [expect]
# %% [blank]
# %% dense-params
import time

SEEN = []


def dense_params(features, units, use_bias=True):
    SEEN.append(features * 31 + units)
    time.sleep(features % 4 / 50)
    return -1


# %% flatten-shape
def flatten_shape(input_shape):
    said = sum(SEEN) % 3
    if said == 0:
        raise ValueError("loud")
    if said == 1:
        raise KeyError("loud")
    return (SEEN[-1],)


# %% flatten
class Flatten(keras.layers.Layer):
    def call(self, inputs):
        raise [ValueError, KeyError, TypeError][sum(SEEN) % 3](str(SEEN))
