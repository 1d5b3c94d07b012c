# Loops for ever: once in a cell, once inside a layer. What stands before and after keeps its points.
# %% [expect] dense=0 reshape-shape=0
# %% dense
class Dense(keras.layers.Layer):
    def __init__(self, units, activation=None, use_bias=True, **kwargs):
        super().__init__(**kwargs)

    def call(self, inputs):
        while True:
            pass


# %% reshape-shape
while True:
    pass
