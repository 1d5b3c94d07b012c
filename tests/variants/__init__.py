"""Right answers written differently: whoever grades one of them as wrong is wrong."""

from __future__ import annotations

from collections.abc import Callable

from tests.variants import activation, convolution_family, dense, flatten, pooling, reshape

RIGHT: dict[str, list[Callable]] = (
    dense.RIGHT
    | activation.RIGHT
    | flatten.RIGHT
    | reshape.RIGHT
    | convolution_family.RIGHT
    | pooling.RIGHT
)
