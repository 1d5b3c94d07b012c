"""What is forbidden is refused whatever calls it, and what is allowed goes on working."""

from __future__ import annotations

import threading

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from grader.bench.forbidden import FORBIDDEN, entry, not_allowed
from grader.bench.guard import guarded
from grader.bench.probe import Script, Step
from grader.bench.subject import LocalSubject

PICTURE = np.arange(70, dtype="float32").reshape(2, 5, 7, 1)
KERNEL = np.ones((2, 3, 1, 4), "float32")
SMALL = np.ones((2, 3, 1, 1), "float32")
ONES = [1, 1, 1, 1]
TWOS = [1, 2, 2, 1]


def convolve(x):
    return tf.nn.conv2d(x, KERNEL, 1, "VALID")


CONCRETE = tf.function(convolve).get_concrete_function(tf.TensorSpec((None, 5, 7, 1)))
COMPILED = tf.function(convolve, jit_compile=True)
CUTTING = tf.function(lambda x: ops.image.extract_patches(x, (2, 3), strides=1))
CUTTING(PICTURE)
COMPILED(PICTURE)


def imported(x):
    graph = CONCRETE.graph.as_graph_def()
    made = {CONCRETE.inputs[0].name: x}
    return tf.graph_util.import_graph_def(graph, made, [CONCRETE.outputs[0].name])[0]


IMPORTED = tf.compat.v1.wrap_function(imported, [tf.TensorSpec((None, 5, 7, 1))])


def in_a_session(x):
    graph = tf.Graph()
    with graph.as_default():
        inputs = tf.compat.v1.placeholder("float32", (2, 5, 7, 1))
        outputs = tf.raw_ops.Conv2D(input=inputs, filter=KERNEL, strides=ONES, padding="VALID")
    with tf.compat.v1.Session(graph=graph) as session:
        return session.run(outputs, {inputs: x})


def in_a_thread(x):
    """What it raises is raised here."""
    found = []

    def run():
        try:
            found.append(CONCRETE(tf.constant(x)))
        except Exception as error:
            found.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if isinstance(found[0], Exception):
        raise found[0]


def made_backwards(x):
    """A forward call with nothing but TensorFlow's own code between."""
    from tensorflow.python.eager import backprop

    return backprop.make_vjp(lambda value: value)(tf.constant(x)) and backprop.make_vjp(
        tf.nn.conv2d, params=[0]
    )(tf.constant(x), tf.constant(KERNEL), ONES, "VALID")


def on_a_tape(x):
    with tf.GradientTape() as tape:
        tape.watch(values := tf.constant(x))
        squares = values**2
    return tape.gradient(squares, values)


def in_a_graph(x):
    return tf.function(lambda values: tf.gradients(values**2, values))(tf.constant(x))


def _slope_on_a_tape(values):
    with tf.GradientTape() as tape:
        tape.watch(values)
        squares = values**2
    return tape.gradient(squares, values)


def _slope_forwards(values):
    with tf.autodiff.ForwardAccumulator(values, tf.ones_like(values)) as accumulator:
        squares = values**2
    return accumulator.jvp(squares)


TRACED = tf.function(_slope_on_a_tape)
TRACED_INSIDE = tf.function(lambda values: TRACED(values) + 0)
TRACED_GRADIENTS = tf.function(lambda values: tf.gradients(values**2, values)[0])
TRACED_FORWARDS = tf.function(_slope_forwards)
BY_HAND = tf.function(lambda values: tf.gather(2 * values, [0], name="gradients"))
"""Traced when they are called first, which is before anything is forbidden."""
GRADIENTS = tf.Graph()
with GRADIENTS.as_default():
    PLACE = tf.compat.v1.placeholder(tf.float32)
    SLOPE = tf.compat.v1.gradients(PLACE**2, PLACE)[0]


def slope_in_a_session(x):
    with tf.compat.v1.Session(graph=GRADIENTS) as session:
        return session.run(SLOPE, {PLACE: x})


def of_a_product(x):
    from tensorflow.python.eager import backprop

    return backprop.gradients_function(lambda values: values**2)(tf.constant(x))


def by_fitting(x):
    model = keras.Sequential([keras.Input(x.shape[1:]), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(1.0), loss="mse", run_eagerly=True)
    return model.train_on_batch(x, x)


def old_keras():
    import tensorflow.python.keras.layers as layers

    return layers


def old_cells():
    from tensorflow.python.keras.layers.legacy_rnn import rnn_cell_impl

    return rnn_cell_impl


def old_lstm(x):
    cell = old_cells().BasicLSTMCell(3)
    return cell(x[:, :, 0, 0], cell.zero_state(2, "float32"))


RNN = np.ones((2, 3, 4), "float32")
RAW = tf.raw_ops
ROADS = {
    "a raw convolution": ("convolution", lambda x: RAW.Conv(
        input=x, filter=KERNEL, strides=ONES, padding="VALID", batch_dims=1)),
    "a graph made before": ("convolution", lambda x: CONCRETE(tf.constant(x))),
    "a compiled graph": ("convolution", lambda x: COMPILED(tf.constant(x))),
    "an imported graph": ("convolution", lambda x: IMPORTED(tf.constant(x))),
    "a session": ("convolution", in_a_session),
    "another thread": ("convolution", in_a_thread),
    "make_vjp": ("convolution", made_backwards),
    "mapped": ("convolution", lambda x: tf.map_fn(lambda y: convolve(y[None])[0], x,
        fn_output_signature="float32")),
    "vectorized": ("convolution", lambda x: tf.vectorized_map(lambda y: convolve(y[None])[0], x)),
    "py_function": ("convolution", lambda x: tf.py_function(convolve, [x], "float32")),
    "raw depthwise": ("DepthwiseConv2D", lambda x: RAW.DepthwiseConv2dNative(
        input=x, filter=KERNEL, strides=ONES, padding="VALID")),
    "raw transposed": ("Conv2DTranspose", lambda x: RAW.Conv2DBackpropInput(
        input_sizes=[2, 6, 9, 1], filter=SMALL, out_backprop=x, strides=ONES, padding="VALID")),
    "raw max pooling": ("MaxPooling2D", lambda x: RAW.MaxPool(
        input=x, ksize=TWOS, strides=TWOS, padding="VALID")),
    "raw max pooling, the second": ("MaxPooling2D", lambda x: RAW.MaxPoolV2(
        input=x, ksize=TWOS, strides=TWOS, padding="VALID")),
    "compat max pooling": ("MaxPooling2D", lambda x: tf.compat.v1.nn.max_pool(
        x, TWOS, TWOS, "VALID")),
    "max pooling along three axes": ("MaxPooling2D", lambda x: tf.nn.max_pool3d(
        x[..., None], [1, 2, 2, 1, 1], [1, 2, 2, 1, 1], "VALID")),
    "a dilation with zeros": ("MaxPooling2D", lambda x: tf.nn.dilation2d(
        x, np.zeros((2, 2, 1), "float32"), TWOS, "VALID", "NHWC", ONES)),
    "raw average pooling": ("AveragePooling2D", lambda x: RAW.AvgPool(
        value=x, ksize=TWOS, strides=TWOS, padding="VALID")),
    "raw normalization": ("BatchNormalization", lambda x: RAW.FusedBatchNorm(
        x=x, scale=[1.0], offset=[0.0], mean=[], variance=[])),
    "EinsumDense": ("Dense", lambda x: keras.layers.EinsumDense("...x,xy->...y", 3)(x)),
    "an old Dense": ("Dense", lambda x: old_keras().Dense(3)(x)),
    "Reshape for Flatten": ("Flatten", lambda x: keras.layers.Reshape((-1,))(x)),
    "an old Flatten": ("Flatten", lambda x: old_keras().Flatten()(x)),
    "an old Add": ("Add", lambda x: old_keras().Add()([x, x])),
    "an old LSTM": ("LSTM", lambda x: old_keras().recurrent.LSTM(3)(RNN)),
    "an older LSTM": ("LSTM", old_lstm),
    "a tape": ("autodiff", on_a_tape),
    "gradients in a graph": ("autodiff", in_a_graph),
    "a tape in a graph made before": ("autodiff", lambda x: TRACED(tf.constant(x))),
    "a tape in a graph that another calls": ("autodiff", lambda x: TRACED_INSIDE(tf.constant(x))),
    "gradients in a graph made before": ("autodiff", lambda x: TRACED_GRADIENTS(tf.constant(x))),
    "forward mode made before": ("autodiff", lambda x: TRACED_FORWARDS(tf.constant(x))),
    "gradients of a session": ("autodiff", slope_in_a_session),
    "gradients of a function": ("autodiff", of_a_product),
    "a step of training": ("autodiff", by_fitting),
    "a raw slope": ("autodiff", lambda x: RAW.TanhGrad(y=x, dy=x)),
    "a raw gradient of a convolution": ("autodiff", lambda x: RAW.Conv2DBackpropFilter(
        input=x, filter_sizes=[2, 3, 1, 1], out_backprop=x[:, :4, :5], strides=ONES,
        padding="VALID")),
    "a raw cross-entropy": ("cross-entropy", lambda x: RAW.SoftmaxCrossEntropyWithLogits(
        features=x[0, :, :, 0], labels=x[0, :, :, 0])),
    "Keras's cross-entropy": ("cross-entropy", lambda x: keras.losses.SparseCategoricalCrossentropy(
        from_logits=True)(np.arange(5), x[0, :, :, 0])),
    "an operation that attends": ("Attention", lambda x: keras.src.ops.nn.DotProductAttention()(
        RNN[:, :, None], RNN[:, :, None], RNN[:, :, None])),
    "a backend that attends": (
        "MultiHeadAttention", lambda x: keras.src.backend.nn.dot_product_attention(
            *[tf.constant(RNN[:, :, None])] * 3)),
    "an operation that normalizes": ("LayerNormalization", lambda x: keras.src.ops.nn.LayerNorm()(
        x)),
    "its inner function": ("GroupNormalization", lambda x: keras.src.ops.nn._layer_normalization(
        tf.constant(x))),
    "an operation for the mean square": ("RMSNormalization", lambda x: keras.src.ops.nn.RMSNorm()(
        x)),
    "an operation for the length": ("RMSNormalization", lambda x: keras.src.ops.nn.Normalize()(x)),
    "a backend's cross-entropy": (
        "cross-entropy", lambda x: keras.src.backend.nn.categorical_crossentropy(
            tf.nn.softmax(x[..., 0]), tf.nn.softmax(x[..., 0]))),
    "an old loop": ("RNN", lambda x: old_keras().RNN(old_keras().SimpleRNNCell(3))(RNN)),
}  # fmt: skip


@pytest.mark.parametrize("road", ROADS)
def test_it_is_refused_whatever_calls_it(road):
    name, call = ROADS[road]
    call(PICTURE)  # it can be otherwise
    with guarded((name,)), pytest.raises(Exception, match="forbidden here"):
        call(PICTURE)
    call(PICTURE)


def as_gradient(x):
    """A transposed convolution is the gradient of a convolution, which is allowed there."""
    picture = tf.zeros((2, 6, 9, 1))
    with tf.GradientTape() as tape:
        tape.watch(picture)
        outputs = tf.nn.conv2d(picture, SMALL, 1, "VALID")
    return tape.gradient(outputs, picture, x)


ALLOWED = {
    "the gradient of a convolution": ("Conv2DTranspose", as_gradient),
    "a traced gradient": ("Conv2DTranspose", tf.function(as_gradient)),
    "patches in a graph made before": ("convolution", CUTTING),
    "patches of TensorFlow": ("convolution", lambda x: tf.image.extract_patches(
        x, [1, 2, 3, 1], ONES, ONES, "VALID")),
    "einsum": ("Dense", lambda x: ops.einsum("bxyc,cf->bxyf", x, np.ones((1, 3), "float32"))),
    "a convolution in groups": ("DepthwiseConv2D", lambda x: ops.conv(
        np.concatenate([x, x], -1), np.ones((2, 3, 1, 4), "float32"))),
    "a mean by a convolution": ("AveragePooling2D", lambda x: ops.depthwise_conv(x, SMALL / 6)),
    "a maximum over slices": ("MaxPooling2D", lambda x: ops.maximum(x[:, 1:], x[:, :-1])),
    "an addition": ("Add", lambda x: ops.add(x, x)),
    "a symbolic addition": ("Add", lambda x: ops.add(keras.Input((2,)), 1)),
    "a symbolic reshape": ("Flatten", lambda x: ops.reshape(keras.Input((2, 3)), (-1, 6))),
    "a slope by hand in a graph made before": ("autodiff", lambda x: BY_HAND(tf.constant(x))),
    "a slope by hand": ("autodiff", lambda x: 1 - tf.tanh(x) ** 2),
    "a logarithm of softmax": ("cross-entropy", tf.nn.log_softmax),
    "moments": ("BatchNormalization", lambda x: ops.moments(x, (0, 1, 2))),
}  # fmt: skip


@pytest.mark.parametrize("way", ALLOWED)
def test_what_is_allowed_goes_on_working(way):
    name, call = ALLOWED[way]
    call(PICTURE)
    with guarded((name,)) as turned_off:
        call(PICTURE)
        assert turned_off() == ""


def test_the_gradient_of_an_allowed_layer_is_not_held_against_it():
    class Convolves(keras.layers.Layer):
        def build(self, shape):
            self.kernel = self.add_weight(name="kernel", shape=(2, 3, 1, 1))

        def call(self, inputs):
            return ops.conv(inputs, self.kernel)

    subject = LocalSubject(Convolves, ("Conv2DTranspose",))
    steps = (Step("gradient", {"inputs": PICTURE, "call": {}}),)
    [answer] = subject.run(Script({}, steps))
    assert answer.fault is None


def test_whoever_turns_the_watch_off_is_told_of():
    from tensorflow.python.framework import op_callbacks

    with guarded(("MaxPooling2D",)) as turned_off:
        op_callbacks.clear_op_callbacks()
        assert "your code uses" in turned_off()


def test_nothing_is_left_of_the_watch():
    from tensorflow.python.eager import context, execute

    with guarded(("convolution",)):
        pass
    assert not context.context().op_callbacks
    assert execute.execute is execute.quick_execute


@pytest.mark.parametrize("name", FORBIDDEN)
def test_an_entry_names_what_there_is(name):
    one = entry(name)
    for part in (*one.layers, *one.functions):
        if part.startswith(("keras.layers", "keras.ops", "keras.random")):
            assert hasattr(getattr(keras, part.split(".")[1]), part.split(".")[2]), part
    kinds = [kind for kind in dir(RAW) if kind[0].isupper()]
    assert not one.operations or any(one.computes(kind) for kind in kinds)
    for other in ("MatMul", "Einsum", "ConvertToCooTensor", "ThreadPoolDataset", "Conv2"):
        assert not one.computes(other)


def test_a_tape_in_a_graph_made_before_is_called_a_tape():
    TRACED(tf.constant(PICTURE))
    with guarded(("autodiff",)), pytest.raises(PermissionError, match=r"tensorflow\.GradientTape$"):
        TRACED(tf.constant(PICTURE))


def test_a_dotted_name_forbids_just_that():
    assert not_allowed(("keras.ops.normalize",)).endswith("TensorFlow: `keras.ops.normalize`.")
    with guarded(("keras.ops.normalize",)), pytest.raises(Exception, match="forbidden here"):
        ops.normalize(PICTURE)
