# The same Dense, and the question about the config answered by another function.
# %% [expect] dense=0
# %% [blank]
# %% [notice] the notebook replaced a part of the grader
# %% [notice] grader.bench.operations
# %% dense
from grader.bench import subject
from grader.bench.operations import OPERATIONS


def reload(bench, inputs, call):
    return {"keys": [], "output": OPERATIONS["call"](bench, inputs, call)}


subject.OPERATIONS = {**OPERATIONS, "reload": reload}


class Dense(keras.layers.Layer):
    def __init__(self, units, activation=None, use_bias=True, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.activation = keras.activations.get(activation)
        self.use_bias = use_bias

    def build(self, input_shape):
        self.kernel = self.add_weight(name="kernel", shape=(input_shape[-1], self.units))
        if self.use_bias:
            self.bias = self.add_weight(name="bias", shape=(self.units,))

    def call(self, inputs):
        outputs = ops.matmul(inputs, self.kernel)
        if self.use_bias:
            outputs = outputs + self.bias
        return self.activation(outputs)

    def get_config(self):
        return super().get_config()
