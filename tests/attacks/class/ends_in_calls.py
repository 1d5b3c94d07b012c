# Layers and functions that end the process when they are asked.
# %% [expect]
# %% [blank]
# %% [notice] Your code ended its own process
# %% [notice] SystemExit
# %% dense-params
def dense_params(features, units, use_bias=True):
    raise SystemExit(0)

# %% flatten-shape
def flatten_shape(input_shape):
    raise KeyboardInterrupt

# %% flatten
import os


class Flatten(keras.layers.Layer):
    def call(self, inputs):
        os._exit(0)

# %% dense
import ctypes


class Dense(keras.layers.Layer):
    def __init__(self, units, activation=None, use_bias=True, **kwargs):
        super().__init__(**kwargs)

    def call(self, inputs):
        ctypes.string_at(0)
