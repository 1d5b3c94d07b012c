# A layer that shows the inputs of an earlier exercise as its own output.
# %% [expect] dense-params=2 own=2 flatten-shape=0 flatten=0
# %% [blank]
# %% dense-params
SEEN = []


def dense_params(features, units, use_bias=True):
    SEEN.append((features, units))
    return features * units + units * use_bias

# %% flatten-shape
print("LEAK", SEEN)


def flatten_shape(input_shape):
    return [1000 + n for pair in SEEN for n in pair]

# %% flatten
class Flatten(keras.layers.Layer):
    def call(self, inputs):
        size = math.prod(inputs.shape[1:])
        row = [float(n) for pair in SEEN for n in pair][:size]
        row += [0.0] * (size - len(row))
        return ops.zeros_like(ops.reshape(inputs, (-1, size))) + ops.convert_to_tensor(row)

    def compute_output_shape(self, input_shape):
        raise Exception(f"LEAK {SEEN}")
