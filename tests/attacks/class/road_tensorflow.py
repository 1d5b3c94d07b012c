# The reference by way of TensorFlow.
# %% [expect] flatten=0
# %% [blank]
# %% [notice] your code uses keras.layers.Flatten
# %% flatten
class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return tf.keras.layers.Flatten()(inputs)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], math.prod(input_shape[1:]))
