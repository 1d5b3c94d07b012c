# Prints, displays and raises far too much.
# %% [expect] flatten=6
# %% [blank]
# %% [notice] the limit for one cell is reached
# %% dense-params
for _ in range(20):
    print("x" * 5_000_000)
raise ValueError("y" * 50_000_000)

# %% flatten-shape
class Long:
    def __repr__(self):
        return "z" * 50_000_000


for number in range(20_000):
    display(number)
Long()

# %% flatten
class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return ops.reshape(inputs, (-1, math.prod(inputs.shape[1:])))

    def compute_output_shape(self, input_shape):
        return (input_shape[0], math.prod(input_shape[1:]))
