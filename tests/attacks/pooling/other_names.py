# What does the same by another name.
# %% [expect] max-pool2d=0 average-pooling2d=0 digit-network=0
# %% [blank]
# %% [notice] tensorflow.raw_ops.Dilation2D
# %% [notice] your code uses
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
        zeros = tf.zeros((*self.pool_size, inputs.shape[-1]))
        _, strides, padding = self.how
        return tf.nn.dilation2d(inputs, zeros, strides, padding, "NHWC", [1, 1, 1, 1])

# %% average-pooling2d
class AveragePooling2D(Windows):
    def call(self, inputs):
        size, strides, padding = self.how
        return tf.nn.avg_pool3d(inputs[..., None], [*size, 1], [*strides, 1], padding)[..., 0]

# %% digit-network
def digit_network():
    return keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(10)])
