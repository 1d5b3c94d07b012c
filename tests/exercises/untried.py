"""What is not tried, with the reason: exercises and arguments without an edge, and switches that
do not meet."""

from __future__ import annotations

NO_EDGE: dict[str, tuple[str, ...]] = {
    # Ten scores for each row of features, as many units as the text says: nothing to make smaller.
    "first_model": ("features", "units", "inputs"),
    # Columns are descriptions, each with its own numbers; a case is called with one sample again.
    "DenseFeatures": ("columns", "inputs"),
    # An axis is any of the inputs' own, and every one of them is tried.
    "Concatenate": ("axis",),
    # With an epsilon of 0 a channel without variance would be divided by 0.
    "BatchNormalization": ("epsilon",),
    "LayerNormalization": ("epsilon",),
    "RMSNormalization": ("epsilon",),
    "GroupNormalization": ("epsilon",),
    # The inputs hold no zero, by which a value that fell is known.
    "Dropout": ("inputs",),
    "SpatialDropout2D": ("inputs",),
    # With every number 1, nobody could tell by their shapes which weight is which.
    "MultiHeadAttention": ("value_dim",),
    "DecoderBlock": ("num_query_heads", "hidden"),
    # Of them the heads of keys are the narrow part: one head of keys, one pair in each.
    "RotaryAttention": ("num_query_heads",),
    "Decoder": ("vocabulary", "width", "num_query_heads"),
    "Conv1D": ("dilation_rate",),  # a window of 1 has nothing to spread: "kernel_size: 1"
    "SeparableConv2D": ("depth_multiplier",),  # 1 is the default, and is tried
}
"""By exercise, the arguments that have no edge."""

NO_DEFAULT: dict[str, tuple[str, ...]] = {
    # The exercise gives it no default, unlike Keras.
    "MultiHeadAttention": ("value_dim",),
    "MendedMultiHeadAttention": ("value_dim",),
    # The line with the default is given, and nothing is to be mended in it.
    "MendedCropping1D": ("cropping",),
    "MendedZeroPadding2D": ("padding",),
    "MendedMasking": ("mask_value",),
    # Without them the layer must see data first.
    "MendedNormalization": ("mean", "variance"),
}
"""By exercise, the arguments that each case gives, though the reference has a default for them."""

_LOOP = ("go_backwards", "return_sequences", "return_state")
_CELL = ("activation", "reset_after", "use_bias")
_APART = frozenset(frozenset((loop, cell)) for loop in _LOOP for cell in _CELL)
"""The loop's switches and the cell's work on different things: the loop never asks what is in the
cell. The cell's own exercise tries those in pairs, and this one the loop's."""

APART: dict[str, frozenset[frozenset[str]]] = {
    # Keras refuses strides and dilation at once.
    "Conv1D": frozenset({frozenset(("dilation_rate", "strides"))}),
    "Conv2D": frozenset({frozenset(("dilation_rate", "strides"))}),
    "SimpleRNN": _APART,
    "GRU": _APART,
}
"""By exercise, the pairs of arguments that are not tried together."""
