"""What an exercise may forbid, said once: by what it computes, and in the words of its text.

An exercise names entries of `FORBIDDEN`. An entry holds layers (in every copy of Keras), functions
by their dotted names, and kinds of TensorFlow operations, which are seen when they run, whatever
called them. `not_allowed` makes the sentence that stands in the exercise's text, so nothing is
forbidden that the text does not name.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """One thing to forbid. `says` names it in the text of an exercise.

    `layers` are dotted names of Keras layers, or plain names of classes that only an old copy of
    Keras has; `functions` are dotted names; `operations` are patterns of whole names of TensorFlow
    operations, as in `tf.raw_ops`. `nodes` are patterns of what TensorFlow calls the nodes that it
    puts into a graph for `functions`: by that they are known in a graph that was made before.
    """

    says: str
    layers: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()

    @functools.cached_property
    def classes(self) -> frozenset[str]:
        """Names of the layers without their modules, by which each copy of Keras knows them."""
        return frozenset(name.rpartition(".")[2] for name in self.layers)

    def computes(self, operation: str) -> bool:
        """Whether an operation of this kind is forbidden."""
        return any(re.fullmatch(pattern, operation) for pattern in self.operations)

    def puts(self, node: str) -> bool:
        """Whether a node of this name was put into a graph by what is forbidden."""
        return any(re.search(pattern, node) for pattern in self.nodes)


def _layers(*names: str) -> tuple[str, ...]:
    return tuple(f"keras.layers.{name}" for name in names)


def _layer(name: str, *alike: str, does: str = "does") -> Entry:
    """A layer, and others that do the same in one call."""
    says = f"`keras.layers.{name}`"
    if alike:
        others = " and ".join(f"`keras.layers.{other}`" for other in alike)
        says += f", nor {others}, which {does if len(alike) == 1 else 'do'} the same"
    return Entry(says, _layers(name, *alike))


_CONVOLUTIONS = (
    *(f"Conv{rank}D" for rank in (1, 2, 3)),
    *(f"Conv{rank}DTranspose" for rank in (1, 2, 3)),
    *(f"{kind}Conv{rank}D" for kind in ("Depthwise", "Separable") for rank in (1, 2)),
)
_CONVOLVING = (
    *(f"keras.ops.{name}" for name in ("conv", "depthwise_conv", "separable_conv")),
    *(f"keras.ops.{name}" for name in ("conv_transpose", "correlate")),
    *(f"tensorflow.nn.conv{rank}d" for rank in (1, 2, 3)),
    *(f"tensorflow.nn.conv{rank}d_transpose" for rank in (1, 2, 3)),
    *(f"tensorflow.nn.{name}" for name in ("conv_transpose", "convolution", "atrous_conv2d")),
    *(f"tensorflow.nn.{name}" for name in ("atrous_conv2d_transpose", "depthwise_conv2d")),
    "tensorflow.nn.separable_conv2d",
)
_DROPPING = (
    "keras.random.dropout",
    "tensorflow.nn.dropout",
    "tensorflow.compat.v1.nn.dropout",
    "tensorflow.nn.experimental.general_dropout",
    "tensorflow.nn.experimental.stateless_dropout",
    "tensorflow.python.ops.nn_ops._dropout",
)


def _pooling(kind: str, short: str, function: str, *operations: str) -> Entry:
    """Layers and functions for windows along one, two or three axes."""
    named = ", ".join(f"`tf.raw_ops.{name}`" for name in operations)
    return Entry(
        f"`keras.layers.{kind}Pooling2D` and the like for one and three axes, "
        f"`keras.ops.{function}`, `tf.nn.pool`, and TensorFlow's operations that do it, such as "
        f"{named}",
        (
            *_layers(*(f"{kind}Pooling{rank}D" for rank in (1, 2, 3))),
            *(f"Adaptive{kind}Pooling{rank}D" for rank in (1, 2, 3)),
        ),
        (f"keras.ops.{function}", "tensorflow.nn.pool"),
        (
            rf"(Quantized|Fractional)?{short}Pool\w*",
            *(f"{name}\\w*" for name in operations),
            r"XlaReduceWindow",
        ),
    )


_RECURRENT = "and TensorFlow's own (`tf.compat.v1.nn.rnn_cell`, `tf.raw_ops.{}`)"


FORBIDDEN: Mapping[str, Entry] = {
    "Dense": _layer("Dense", "EinsumDense"),
    "Activation": _layer("Activation"),
    "Flatten": _layer("Flatten", "Reshape", does="can do"),
    "Reshape": _layer("Reshape"),
    **{name: _layer(name) for name in ("Concatenate", "Add", "Subtract", "Maximum", "Minimum")},
    "dropout": Entry(
        "`keras.layers.Dropout` and Keras's spatial dropout layers, and functions that drop, such "
        "as `keras.random.dropout` and `tf.nn.dropout`",
        _layers("Dropout", *(f"SpatialDropout{rank}D" for rank in (1, 2, 3))),
        _DROPPING,
    ),
    "BatchNormalization": Entry(
        "`keras.layers.BatchNormalization`, and functions that normalize a batch, such as "
        "`keras.ops.batch_normalization`, `tf.nn.batch_normalization` and "
        "`tf.raw_ops.FusedBatchNormV3`",
        (*_layers("BatchNormalization"), "SyncBatchNormalization", "BatchNormalizationBase"),
        (
            "keras.ops.batch_normalization",
            "tensorflow.nn.batch_normalization",
            "tensorflow.compat.v1.nn.fused_batch_norm",
            "tensorflow.compat.v1.nn.batch_norm_with_global_normalization",
        ),
        (r"FusedBatchNorm(V\d)?", r"(Quantized)?BatchNormWithGlobalNormalization"),
    ),
    "autodiff": Entry(
        "`tf.GradientTape`, `tf.gradients` and what else takes gradients by itself, and "
        "TensorFlow's operations that compute the gradient of another one, such as "
        "`tf.raw_ops.ReluGrad`",
        ("tensorflow.GradientTape", "tensorflow.autodiff.ForwardAccumulator"),
        (
            *(f"tensorflow.{name}" for name in ("gradients", "hessians")),
            *(f"tensorflow.compat.v1.{name}" for name in ("gradients", "hessians")),
            "tensorflow.test.compute_gradient",
            "tensorflow.python.eager.imperative_grad.imperative_grad",  # all tapes come here
            "tensorflow.python.ops.gradients_util._GradientsHelper",  # and graphs here
        ),
        (r"\w+Grad(V\d)?", r"\w+Backprop(Input|Filter)?\w*", r"SymbolicGradient"),
        (r"(^|/)gradient_tape/", r"(^|/)gradients(_\d+)?/(.*/)?\w+_grad/"),
    ),
    "cross-entropy": Entry(
        "Keras's and TensorFlow's own cross-entropy, such as "
        "`keras.ops.sparse_categorical_crossentropy` and "
        "`tf.nn.softmax_cross_entropy_with_logits`",
        (),
        (
            "keras.ops.categorical_crossentropy",
            "keras.ops.sparse_categorical_crossentropy",
            "keras.losses.categorical_crossentropy",
            "keras.losses.sparse_categorical_crossentropy",
            "tensorflow.nn.softmax_cross_entropy_with_logits",
            "tensorflow.nn.sparse_softmax_cross_entropy_with_logits",
        ),
        (r"(Sparse)?SoftmaxCrossEntropyWithLogits",),
    ),
    "Discretization": _layer("Discretization"),
    "lookup": Entry(
        "`keras.layers.StringLookup` and `keras.layers.IntegerLookup`",
        (*_layers("StringLookup", "IntegerLookup"), "IndexLookup"),
    ),
    "DenseFeatures": Entry(
        "`keras.utils.FeatureSpace`, and the old `DenseFeatures`",
        ("keras.utils.FeatureSpace", "DenseFeatures"),
    ),
    "convolution": Entry(
        "ready-made convolutions, which are Keras's convolution layers, `keras.ops.conv` and its "
        "relatives, and TensorFlow's functions and operations that convolve, such as "
        "`tf.nn.conv1d`, `tf.nn.convolution` and `tf.raw_ops.Conv2D`",
        _layers(*_CONVOLUTIONS),
        _CONVOLVING,
        (r"_?\w*(Conv[123]D|Conv2d|Convolution)\w*", r"Conv|XlaConv(V\d)?"),
    ),
    "DepthwiseConv2D": Entry(
        "`keras.layers.DepthwiseConv2D` and its sibling for one axis, `keras.ops.depthwise_conv`, "
        "`tf.nn.depthwise_conv2d` and `tf.raw_ops.DepthwiseConv2dNative`",
        _layers("DepthwiseConv1D", "DepthwiseConv2D"),
        ("keras.ops.depthwise_conv", "tensorflow.nn.depthwise_conv2d"),
        (r"\w*DepthwiseConv2d\w*", r"\w*DepthwiseConv2D\w*"),
    ),
    "SeparableConv2D": Entry(
        "`keras.layers.SeparableConv2D` and its sibling for one axis, `keras.ops.separable_conv` "
        "and `tf.nn.separable_conv2d`",
        _layers("SeparableConv1D", "SeparableConv2D"),
        (
            "keras.ops.separable_conv",
            "tensorflow.nn.separable_conv2d",
            "tensorflow.compat.v1.nn.separable_conv2d",
        ),
    ),
    "Conv2DTranspose": Entry(
        "`keras.layers.Conv2DTranspose` and its siblings for one and three axes, "
        "`keras.ops.conv_transpose`, and TensorFlow's functions and operations that do it, such as "
        "`tf.nn.conv2d_transpose`, `tf.nn.conv_transpose` and `tf.raw_ops.Conv2DBackpropInput`",
        _layers(*(f"Conv{rank}DTranspose" for rank in (1, 2, 3))),
        (
            "keras.ops.conv_transpose",
            "tensorflow.nn.conv_transpose",
            *(f"tensorflow.nn.conv{rank}d_transpose" for rank in (1, 2, 3)),
            "tensorflow.nn.atrous_conv2d_transpose",
        ),
        (r"Conv[23]DBackpropInput\w*", r"DepthwiseConv2dNativeBackpropInput"),
    ),
    "MaxPooling2D": _pooling("Max", "Max", "max_pool", "MaxPool", "Dilation2D"),
    "AveragePooling2D": _pooling("Average", "Avg", "average_pool", "AvgPool"),
    "GlobalMaxPooling2D": _layer("GlobalMaxPooling2D"),
    "GlobalAveragePooling2D": _layer("GlobalAveragePooling2D"),
    "network": Entry(
        "Keras's own `Conv2D`, `Dense`, `EinsumDense`, `Activation`, `Flatten` and pooling layers",
        _layers(
            *("Conv2D", "Dense", "EinsumDense", "Activation", "Flatten", "MaxPooling2D"),
            *("AveragePooling2D", "GlobalMaxPooling2D", "GlobalAveragePooling2D"),
        ),
    ),
    "Embedding": _layer("Embedding"),
    "SimpleRNN": Entry(
        "`keras.layers.SimpleRNN` and `keras.layers.SimpleRNNCell`, "
        + _RECURRENT.format("CudnnRNN"),
        (*_layers("SimpleRNN", "SimpleRNNCell"), "BasicRNNCell"),
        (),
        (r"CudnnRNN(V\d)?",),
    ),
    "LSTM": Entry(
        "`keras.layers.LSTM` and `keras.layers.LSTMCell`, " + _RECURRENT.format("BlockLSTM"),
        (
            *_layers("LSTM", "LSTMCell"),
            *("BasicLSTMCell", "LSTMBlockCell", "PeepholeLSTMCell", "CuDNNLSTM"),
        ),
        ("keras.src.backend.lstm",),
        (r"LSTMBlockCell", r"BlockLSTM(V\d)?", r"CudnnRNN(V\d)?"),
    ),
    "GRU": Entry(
        "`keras.layers.GRU` and `keras.layers.GRUCell`, " + _RECURRENT.format("GRUBlockCell"),
        (*_layers("GRU", "GRUCell"), "GRUBlockCell", "CuDNNGRU"),
        ("keras.src.backend.gru",),
        (r"GRUBlockCell", r"CudnnRNN(V\d)?"),
    ),
    "RNN": Entry(
        "`keras.layers.RNN`, also through its children, and the loops that such layers are made of "
        "(inside Keras, and `tf.compat.v1.nn.dynamic_rnn`)",
        _layers("RNN"),
        (
            "keras.src.backend.rnn",
            "tensorflow.python.keras.backend.rnn",
            "tf_keras.backend.rnn",
            *(f"tensorflow.compat.v1.nn.{name}" for name in ("dynamic_rnn", "static_rnn")),
        ),
    ),
    "StackedRNNCells": Entry("`keras.layers.StackedRNNCells`", _layers("StackedRNNCells")),
    "Bidirectional": _layer("Bidirectional"),
    "TimeDistributed": _layer("TimeDistributed"),
    "ConvLSTM2D": Entry(
        "`keras.layers.ConvLSTM2D` and its siblings for one and three axes",
        (
            *_layers(*(f"ConvLSTM{rank}D" for rank in (1, 2, 3))),
            "keras.src.layers.rnn.conv_lstm.ConvLSTM",
            "keras.src.layers.rnn.conv_lstm.ConvLSTMCell",
            "ConvLSTM2DCell",
        ),
    ),
    "Attention": Entry(
        "`keras.layers.Attention` and `keras.ops.dot_product_attention`",
        (*_layers("Attention"), "BaseDenseAttention"),
        ("keras.ops.dot_product_attention",),
    ),
    "AdditiveAttention": Entry(
        "`keras.layers.AdditiveAttention` and `keras.layers.Attention`",
        (*_layers("AdditiveAttention", "Attention"), "BaseDenseAttention"),
    ),
    "MultiHeadAttention": Entry(
        "`keras.layers.MultiHeadAttention`, `keras.layers.GroupQueryAttention` and "
        "`keras.ops.dot_product_attention`",
        _layers("MultiHeadAttention", "GroupQueryAttention"),
        ("keras.ops.dot_product_attention",),
    ),
    "LayerNormalization": Entry(
        "`keras.layers.LayerNormalization`, `keras.layers.GroupNormalization` and "
        "`keras.ops.layer_normalization`",
        _layers("LayerNormalization", "GroupNormalization"),
        ("keras.ops.layer_normalization",),
    ),
    "RMSNormalization": Entry(
        "`keras.layers.RMSNormalization`, `keras.layers.UnitNormalization`, "
        "`keras.layers.LayerNormalization`, `keras.ops.rms_normalization` and "
        "`keras.ops.normalize`",
        _layers("RMSNormalization", "UnitNormalization", "LayerNormalization"),
        ("keras.ops.rms_normalization", "keras.ops.normalize", "keras.ops.layer_normalization"),
    ),
    "UpSampling2D": Entry(
        "`keras.layers.UpSampling2D` and its siblings for one and three axes, "
        "`keras.layers.Resizing`, and functions that resize pictures, such as "
        "`keras.ops.image.resize`, `tf.image.resize` and `tf.raw_ops.ResizeBilinear`",
        _layers(*(f"UpSampling{rank}D" for rank in (1, 2, 3)), "Resizing"),
        (
            "keras.ops.image.resize",
            "tensorflow.image.resize",
            "keras.ops.image.scale_and_translate",
        ),
        (r"Resize\w+|ScaleAndTranslate|CropAndResize\w*",),
    ),
    "GroupNormalization": Entry(
        "`keras.layers.GroupNormalization`, `keras.layers.LayerNormalization` and "
        "`keras.ops.layer_normalization`",
        _layers("GroupNormalization", "LayerNormalization"),
        ("keras.ops.layer_normalization",),
    ),
}
"""By the name under which an exercise forbids it."""


def entry(name: str) -> Entry:
    """The entry of this name; for a dotted name, one that holds just that class or function."""
    if name in FORBIDDEN:
        return FORBIDDEN[name]
    is_class = name.rpartition(".")[2][:1].isupper()
    return Entry(f"`{name}`", (name,)) if is_class else Entry(f"`{name}`", (), (name,))


def not_allowed(names: Sequence[str]) -> str:
    """The sentence in the text of an exercise that forbids these entries."""
    said = "; nor ".join(entry(name).says for name in names)
    return f"Not allowed, in any copy of Keras or TensorFlow: {said}."
