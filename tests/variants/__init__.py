"""Right answers written differently: a grader that fails one of them is wrong."""

from __future__ import annotations

from collections.abc import Callable

from tests.variants import (
    activation,
    attention,
    cells,
    convolution,
    convolution_family,
    decoder,
    dense,
    features,
    first_layer,
    flatten,
    gradients,
    grouped_heads,
    joining,
    judging,
    mended,
    normalization,
    pooling,
    positions,
    recurrent,
    regularize,
    reshape,
    residual,
    saving,
    seeing,
    wrappers,
    writing,
)

FILES = (
    first_layer,
    saving,
    dense,
    activation,
    flatten,
    reshape,
    joining,
    features,
    regularize,
    convolution,
    pooling,
    attention,
    cells,
    convolution_family,
    recurrent,
    wrappers,
    positions,
    grouped_heads,
    decoder,
    writing,
    mended,
    normalization,
    gradients,
    judging,
    residual,
    seeing,
)
RIGHT: dict[str, list[Callable]] = {
    name: ways for file in FILES for name, ways in file.RIGHT.items()
}
