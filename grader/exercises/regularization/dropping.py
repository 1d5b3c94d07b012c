"""What the layers that drop at random share: one wrong layer with many knobs, and its wrong ideas.

The inputs must hold no zero, and enough coins that the share of what falls can be told from its
opposite: see `grader.aspects.dropping`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from grader.exercises.exercise import Misconception

UNIT = "03-regularize-normalize"
LOW, HIGH = (0.2, 0.3), (0.7, 0.8)
"""Rates to choose from: far from 0.5, where dropping and keeping are alike."""
Coins = Callable[[Any], Any]
"""From the shape of the inputs to that of the mask, with 1 where one coin falls for all."""
Number = Callable[[float], float]


def rescaled(rate: float) -> float:
    """What keeps the expectation."""
    return 1 / (1 - rate)


def dropping(
    coins: Coins,
    *,
    share: Number = lambda rate: rate,
    factor: Number = rescaled,
    at_inference: Number | None = lambda rate: 1.0,
    by_default: bool = False,
    seed: Callable[[Any], Any] = lambda seeds: seeds,
) -> Callable[..., keras.layers.Layer]:
    """A layer that drops `share` of its inputs and scales the rest by `factor`, both of the rate.

    `at_inference` is the factor there; None: it drops there too. `by_default` is what `training` is
    when nobody says. `seed` gives the dice's seed.
    """

    class Dropping(keras.layers.Layer):
        def __init__(self, rate: float, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.rate = rate
            self.seeds = keras.random.SeedGenerator()

        def call(self, inputs: Any, training: bool = by_default) -> Any:
            if not training and at_inference:
                return inputs * at_inference(self.rate)
            dice = keras.random.uniform(coins(ops.shape(inputs)), seed=seed(self.seeds))
            return ops.where(dice < share(self.rate), 0.0, inputs * factor(self.rate))

    return Dropping


def usual_ideas(coins: Coins) -> tuple[Misconception, ...]:
    """What goes wrong with every layer that drops, whatever falls together."""
    return (
        Misconception(
            "not rescaled",
            "Your layer does not scale the kept values: in training its outputs are too small on "
            "average.",
            "If three of ten values become zero, how must the others change to keep the mean?",
            dropping(coins, factor=lambda rate: 1.0),
        ),
        Misconception(
            "rate taken as the share to keep",
            "Your layer keeps a share of `rate`, but the rate says how much is dropped.",
            "When the rate is 0.1, how much of the inputs is kept?",
            dropping(coins, share=lambda rate: 1 - rate, factor=lambda rate: 1 / rate),
        ),
        Misconception(
            "keeps what it should drop",
            "Your layer has the right scale, but keeps what it should drop and drops the rest.",
            "Of random numbers between 0 and 1, which share is below the rate, and what should "
            "happen to those values?",
            dropping(coins, share=lambda rate: 1 - rate),
        ),
        Misconception(
            "scaled by 1 / rate",
            "Your layer divides the kept values by the rate, not by the share that is kept.",
            "With a rate of 0.1 little is dropped: should the kept values become ten times as "
            "large?",
            dropping(coins, factor=lambda rate: 1 / rate),
        ),
        Misconception(
            "scaled down",
            "Your layer multiplies the kept values by 1 - rate, so the mean gets even smaller.",
            "When some values are gone, must the others grow or shrink to keep the mean?",
            dropping(coins, factor=lambda rate: 1 - rate),
        ),
        Misconception(
            "active at inference",
            "Your layer drops values at inference too: it does not look at training.",
            "Which argument of call() says whether the layer is training?",
            dropping(coins, at_inference=None),
        ),
        Misconception(
            "drops unless told otherwise",
            "When training is not given, your layer drops values: its default is training.",
            "When training is not given, should a layer behave as in training or as at inference?",
            dropping(coins, by_default=True),
        ),
        Misconception(
            "scaled at test time",
            "Your layer does not scale the kept values, and scales down at inference instead, as "
            "the Dropout paper of 2014 did. Keras scales only in training.",
            "At inference the layer should change nothing: what must come out?",
            dropping(coins, factor=lambda rate: 1.0, at_inference=lambda rate: 1 - rate),
        ),
        Misconception(
            "same mask each call",
            "Every training call of your layer drops the same values.",
            "With the same seed, what does a random function return the second time?",
            dropping(coins, seed=lambda seeds: 42),
        ),
        Misconception(
            "random numbers frozen in a compiled model",
            "When you call your layer directly, it drops other values each time; in a compiled "
            "model, as in fit, it always drops the same ones, because the random numbers do not "
            "come from Keras or TensorFlow.",
            "In a compiled model the Python code of call() runs only once: which of your lines is "
            "plain Python?",
            dropping(coins, seed=lambda seeds: int(np.random.randint(2**31))),
        ),
        Misconception(
            "never drops",
            "In training your layer drops nothing.",
            "Which line makes the zeros, and does it run when training is True?",
            dropping(coins, share=lambda rate: -1.0),
        ),
    )
