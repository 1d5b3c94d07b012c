# The reference of the other Keras.
# %% [expect] flatten=0
# %% [blank]
# %% [notice] tf_keras
# %% [notice] module 'tf_keras' has no attribute 'layers'
# %% flatten
import sys

sys.modules.pop("tf_keras", None)
import tf_keras

class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return tf_keras.layers.Flatten()(inputs)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], math.prod(input_shape[1:]))
