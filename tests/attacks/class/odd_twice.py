# Right: a name defined again later. Each test judges what stood at its place.
# %% [expect] dense-params=2 own=2 flatten-shape=2 flatten=6
# %% [blank]
# %% dense-params
def product(numbers):
    return math.prod(numbers)


def dense_params(features, units, use_bias=True):
    return product((features, units)) + units * use_bias

# %% flatten-shape
def product(numbers):
    total = 1
    for number in numbers[1:]:
        total *= number
    return (numbers[0], total)


def flatten_shape(input_shape):
    return product(input_shape)

# %% flatten
product = None
dense_params = flatten_shape = "used up"


class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return ops.reshape(inputs, (-1, math.prod(inputs.shape[1:])))

    def compute_output_shape(self, input_shape):
        return (input_shape[0], math.prod(input_shape[1:]))
