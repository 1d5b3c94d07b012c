"""A max pooling with a fault that no wrong idea names: unit 08 asks to explain its card."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from grader.exercises.pooling.pooling import Slices


class StudentPool(Slices, keras.layers.Layer):
    """Takes every window for a square: of its longer side, the last pixels are not looked at."""

    def __init__(
        self, pool_size: Any = (2, 2), strides: Any = None, padding: str = "valid", **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        strides = pool_size if strides is None else strides
        self.pool_size, self.strides = (
            (sides, sides) if isinstance(sides, int) else tuple(sides)
            for sides in (pool_size, strides)
        )
        self.padding = padding

    def join(self, values: Any, present: Any) -> Any:
        """The largest number of the square in the corner of each window."""
        columns, side = self.pool_size[1], range(min(self.pool_size))
        places = [row * columns + column for row in side for column in side]
        return ops.max(ops.take(values, places, axis=0), axis=0)
