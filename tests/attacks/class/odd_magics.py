# Right: magics, prints, warnings, random numbers, and check used in their own cell.
# %% [expect] dense-params=2 own=2 flatten=6 flatten-shape=2
# %% [blank]
# %% dense-params
%matplotlib inline
import warnings

np.random.seed(3)
keras.utils.set_random_seed(5)
warnings.warn("harmless")


def dense_params(features, units, use_bias=True):
    print("counting", np.random.rand())
    return features * units + units * use_bias


from grader import check

check(dense_params)

# %% flatten-shape
%%time
def flatten_shape(input_shape):
    return (input_shape[0], math.prod(input_shape[1:]))

# %% flatten
import sys

from grader import CheckFailed, check, examine

class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return ops.reshape(inputs, (-1, math.prod(inputs.shape[1:])))

    def compute_output_shape(self, input_shape):
        return (input_shape[0], math.prod(input_shape[1:]))


check(Flatten)
report = examine(Flatten)
print("to stderr", file=sys.stderr)
Flatten()(np.zeros((2, 3, 4), "float32"))
