# TensorFlow 1 and its old copy of Keras, and the nearest image with a weight beside it.
# %% [expect] max-pool2d=0 average-pooling2d=0 digit-network=0
# %% [blank]
# %% [notice] your code uses
# %% [notice] The network reads the digits, but
# %% max-pool2d
class Windows(keras.layers.Layer):
    def __init__(self, pool_size=2, strides=None, padding="valid", **kwargs):
        super().__init__(**kwargs)
        pair = lambda n: (n, n) if isinstance(n, int) else tuple(n)
        self.pool_size = pair(pool_size)
        self.strides = pair(strides or pool_size)
        self.padding = padding

    def get_config(self):
        own = {"pool_size": self.pool_size, "strides": self.strides, "padding": self.padding}
        return super().get_config() | own

    @property
    def how(self):
        return [1, *self.pool_size, 1], [1, *self.strides, 1], self.padding.upper()


class MaxPool2D(Windows):
    def call(self, inputs):
        return tf.compat.v1.nn.max_pool(inputs, *self.how)

# %% average-pooling2d
from tensorflow.python.keras import layers as old

class AveragePooling2D(Windows):
    def call(self, inputs):
        return old.AveragePooling2D(self.pool_size, self.strides, self.padding)(inputs)

# %% digit-network
class Nearest(keras.layers.Layer):
    def build(self, shape):
        self.w = self.add_weight(shape=(64, 10))

    def call(self, inputs):
        known = images.reshape(-1, 64)
        asked = ops.reshape(inputs, (-1, 64))
        near = ops.matmul(asked, known.T) - (known**2).sum(axis=1) / 2
        said = ops.one_hot(ops.take(labels, ops.argmax(near, axis=1)), 10)
        return said + 1e-4 * ops.matmul(asked, self.w)


def digit_network():
    return Nearest()
