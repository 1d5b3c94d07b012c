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
            "Your layer leaves the kept values as they are: in training it is quieter than after.",
            "If three of ten voices fall silent, what must the others do to keep up the sound?",
            dropping(coins, factor=lambda rate: 1.0),
        ),
        Misconception(
            "rate taken as the share to keep",
            "Your layer keeps a share of `rate`; the rate says how much is dropped.",
            "How much is left of the inputs when the rate is 0.1?",
            dropping(coins, share=lambda rate: 1 - rate, factor=lambda rate: 1 / rate),
        ),
        Misconception(
            "keeps what it should drop",
            "Your layer has the right scale, but keeps what it should drop and drops the rest.",
            "Of dice from 0 to 1, which share falls below the rate, and what shall become of it?",
            dropping(coins, share=lambda rate: 1 - rate),
        ),
        Misconception(
            "scaled by 1 / rate",
            "Your layer divides the kept values by the rate, not by the share that is kept.",
            "With a rate of 0.1 hardly anything is dropped: should the rest grow tenfold?",
            dropping(coins, factor=lambda rate: 1 / rate),
        ),
        Misconception(
            "scaled down",
            "Your layer multiplies the kept values by 1 - rate: what is left gets quieter still.",
            "After some values are gone, must the others grow or shrink to keep the mean?",
            dropping(coins, factor=lambda rate: 1 - rate),
        ),
        Misconception(
            "active at inference",
            "Your layer drops at inference too: it does not ask whether it is training.",
            "Which argument of call() tells practice from the performance?",
            dropping(coins, at_inference=None),
        ),
        Misconception(
            "drops unless told otherwise",
            "Called without a word about training, your layer drops: its default is training.",
            "Which of its two lives should a layer lead when nobody tells it?",
            dropping(coins, by_default=True),
        ),
        Misconception(
            "scaled at test time",
            "Your layer leaves the kept values as they are and scales down at inference instead: "
            "the Dropout of 2014. Keras does all its scaling in training.",
            "What must come out at inference so that nobody can tell the layer is there?",
            dropping(coins, factor=lambda rate: 1.0, at_inference=lambda rate: 1 - rate),
        ),
        Misconception(
            "same mask each call",
            "Every training call of your layer drops the same values.",
            "Given the same seed, what does a random function answer the second time?",
            dropping(coins, seed=lambda seeds: 42),
        ),
        Misconception(
            "dice frozen in a compiled model",
            "Called by hand, your layer drops other values each time; in a compiled model, as in "
            "fit, it always drops the same ones: the seed is not drawn by Keras or TensorFlow.",
            "A compiled call() runs its Python once only: which of your lines is plain Python?",
            dropping(coins, seed=lambda seeds: int(np.random.randint(2**31))),
        ),
        Misconception(
            "never drops",
            "In training your layer drops nothing.",
            "Where do the zeros come from, and is that line reached when training is True?",
            dropping(coins, share=lambda rate: -1.0),
        ),
    )
