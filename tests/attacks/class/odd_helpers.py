# Right: helpers, a decorator, type hints, other letters, a base class of their own.
# %% [expect] flatten=6 flatten-shape=2 dense-params=2 own=2
# %% [blank]
# %% dense-params
from __future__ import annotations

import functools
from collections.abc import Callable, Sequence


def größe(werte: Sequence[int]) -> int:
    """Das Produkt."""
    return math.prod(werte)


def merkt(function: Callable[..., int]) -> Callable[..., int]:
    @functools.wraps(function)
    def inner(*args: int, **kwargs: bool) -> int:
        return function(*args, **kwargs)

    return inner


@merkt
def dense_params(features: int, units: int, use_bias: bool = True) -> int:
    """Zählt."""
    return größe([features, units]) + (units if use_bias else 0)

# %% flatten-shape
flatten_shape = lambda 形: (形[0], größe(形[1:]))

# %% flatten
def named(cls: type) -> type:
    cls.note = "decorated"
    return cls


class Base(keras.layers.Layer):
    """What the two have in common."""

    run = "an attribute that is called run"

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        return (input_shape[0], größe(input_shape[1:]))


@named
@keras.saving.register_keras_serializable("mine")
class Flatten(Base):
    """One row for each sample."""

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        print("called with", inputs.shape)
        return ops.reshape(inputs, (-1, größe(inputs.shape[1:])))
