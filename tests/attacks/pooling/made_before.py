# Graphs that were made before anybody looked, one of them imported, one in a thread.
# %% [expect] max-pool2d=0 average-pooling2d=0 digit-network=0
# %% [blank]
# %% [notice] tensorflow.raw_ops.MaxPool
# %% [notice] tensorflow.raw_ops.AvgPool
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

GRAPHS = {}


def graph(how, operation, **names):
    size, strides, padding = how
    key = (*size, *strides, padding, operation.__name__)
    if key not in GRAPHS:
        spec = tf.TensorSpec((None, None, None, None))
        make = lambda x: operation(
            ksize=size, strides=strides, padding=padding, **{names["takes"]: x}
        )
        GRAPHS[key] = tf.function(make).get_concrete_function(spec)
    return GRAPHS[key]


class MaxPool2D(Windows):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.graph = graph(self.how, tf.raw_ops.MaxPool, takes="input")

    def call(self, inputs):
        return self.graph(inputs)

# %% average-pooling2d
import threading


def imported(how):
    made = graph(how, tf.raw_ops.AvgPool, takes="value")

    def put(x):
        there = {made.inputs[0].name: x}
        text = made.graph.as_graph_def()
        return tf.graph_util.import_graph_def(text, there, [made.outputs[0].name])[0]

    return tf.compat.v1.wrap_function(put, [tf.TensorSpec((None, None, None, None))])

class AveragePooling2D(Windows):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.graph = imported(self.how)

    def call(self, inputs):
        found = []
        thread = threading.Thread(target=lambda: found.append(self.graph(inputs)))
        thread.start()
        thread.join()
        return found[0]

# %% digit-network
def digit_network():
    return None
