"""The zoo of a layer: right ones and wrong ones, among which a student's test must tell.

Right are Keras's own layer and others that do the same in another way; wrong are the layers of the
known misconceptions. A hidden check adds faults that are drawn from its seed: nobody can know them
by heart.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
from keras import ops

from grader.bench.black_box import Ask, LayerRaised
from grader.exercises.draw import Draw
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.testing.keeper import Keeper

UNIT = "17-backward-and-tests"


@dataclass(frozen=True)
class Zoo:
    """Of a layer: the `right` ways to write it, and the ideas whose layers are `wrong`."""

    right: tuple[Any, ...]
    """Keras's own layer is the first."""
    wrong: tuple[Misconception, ...]
    takes: tuple[str, ...]
    """The arguments of the constructor that the exercise names: no layer takes any other, or those
    that cannot would be known by that."""
    calls: tuple[str, ...] = ()
    """The same for the keyword arguments of a call."""


@dataclass(frozen=True)
class Member:
    """One layer of a zoo, as plain data: `module` has its `ZOO`, of which it is right way or wrong
    idea `number`; a `fault` by its name was drawn, with its `size`."""

    module: str
    is_right: bool
    number: int = 0
    fault: str = ""
    size: float = 0.0

    def made(self) -> Callable[..., Any]:
        """What makes its layers."""
        zoo = self._zoo
        if self.fault:
            return lambda *args, **kwargs: _Spoilt(
                zoo.right[0](*args, **kwargs), self.fault, self.size
            )
        return zoo.right[self.number] if self.is_right else zoo.wrong[self.number].wrong

    @property
    def idea(self) -> Misconception:
        """The wrong idea that it has; only one that is not drawn has a name."""
        found: Misconception = self._zoo.wrong[self.number]
        return found

    @property
    def _zoo(self) -> Zoo:
        found: Zoo = importlib.import_module(self.module).ZOO
        return found

    def kept(self) -> Keeper:
        """What answers questions about its layers."""
        zoo = self._zoo
        return Keeper(self.made(), zoo.right[0], zoo.takes, zoo.calls)

    def here(self) -> Ask:
        """Its layers, kept in this process: where no student's code is judged for points."""
        keeper = self.kept()

        def ask(question: dict[str, Any]) -> Any:
            try:
                return keeper(question)
            except Exception as error:
                raise LayerRaised(f"the layer raised {type(error).__name__}") from None

        return ask


class Holding:
    """Holds a layer, and lets it do all. The zoos' own ways change what it gives."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.build, self.set_weights = inner.build, inner.set_weights

    @property
    def weights(self) -> list[Any]:
        """The weights of the layer."""
        return list(self.inner.weights)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.inner(*args, **kwargs)


class _InDouble(Holding):
    """The layer computes in float64, and rounds at the end."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        output = self.inner(*args, **kwargs)
        return keras.tree.map_structure(lambda part: ops.cast(part, "float32"), output)


class _BySamples(Holding):
    """One sample after the other goes through the layer."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        count = keras.tree.flatten(args)[0].shape[0]
        parts = [self.inner(*_sample(args, n), **_sample(kwargs, n)) for n in range(count)]
        return keras.tree.map_structure(lambda *own: ops.concatenate(own, axis=0), *parts)


def in_double(layer: Callable[..., Any]) -> Callable[..., Any]:
    """A right way: the same layer in float64."""
    return lambda *args, **kwargs: _InDouble(layer(*args, **kwargs, dtype="float64"))


def by_samples(layer: Callable[..., Any]) -> Callable[..., Any]:
    """A right way for a layer that keeps samples apart."""
    return lambda *args, **kwargs: _BySamples(layer(*args, **kwargs))


def _sample(value: Any, number: int) -> Any:
    return keras.tree.map_structure(
        lambda part: part[number : number + 1] if hasattr(part, "shape") else part, value
    )


class _Spoilt(Holding):
    """A layer that does as another one, and then one thing more, which is wrong."""

    def __init__(self, inner: Any, fault: str, size: float) -> None:
        super().__init__(inner)
        self.fault, self.size = fault, size

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        output = self.inner(*args, **kwargs)
        return _on_the_first(output, lambda part: _FAULTS[self.fault](part, self.size))


def _scaled(output: Any, size: float) -> Any:
    return output * size


def _next_sample(output: Any, size: float) -> Any:
    return ops.roll(output, 1, axis=0)


def _last_column(output: Any, size: float) -> Any:
    return ops.concatenate([output[..., :-1], output[..., -1:] * size], axis=-1)


_FAULTS: Mapping[str, Callable[[Any, float], Any]] = {
    "scaled": _scaled,
    "the next sample": _next_sample,
    "one column": _last_column,
}
"""What goes wrong with an output, by a number that is drawn."""


def _on_the_first(output: Any, change: Callable[[Any], Any]) -> Any:
    """Changes an output, or the first of several."""
    if isinstance(output, list | tuple):
        return type(output)([change(output[0]), *output[1:]])
    return change(output)


def judging(
    name: str, base: Exercise, module: str, zoo: Zoo, tests: Sequence[Misconception]
) -> Exercise:
    """The exercise to write a test called `name` for the layer of `base`. `module` is where the
    `zoo` stands; `tests` are wrong tests that have a name."""
    right = tuple(
        Kind(f"right way {n}", _always(Member(module, True, n)), ("lets_through",))
        for n in range(len(zoo.right))
    )
    wrong = tuple(
        Kind(idea.name, _always(Member(module, False, n)), ("catches",))
        for n, idea in enumerate(zoo.wrong)
    )
    drawn = tuple(
        Kind(f"a drawn fault: {fault}", _drawing(module, fault), ("catches",), hidden=True)
        for fault in _FAULTS
    )
    return Exercise(
        name=name,
        unit=UNIT,
        layer=base.layer,
        reference=base.reference,
        kinds=(*right, *wrong, *drawn),
        aspects={"lets_through": 1, "catches": 4},
        misconceptions=(*_USUAL, *tests),
    )


def _always(member: Member) -> Callable[[Draw], Case]:
    return lambda draw: Case(facts={"member": member})


def _drawing(module: str, fault: str) -> Callable[[Draw], Case]:
    def draw_member(draw: Draw) -> Case:
        size = float(draw.random.choice([-1, 1]) * draw.random.uniform(1.2, 2.0))
        return Case(facts={"member": Member(module, False, 0, fault, size)})

    return draw_member


def without(ideas: Sequence[Misconception], *apart: str) -> tuple[Misconception, ...]:
    """The ideas but those of these names, such as a wrong config, which no output shows."""
    assert {idea.name for idea in ideas} >= set(apart)
    return tuple(idea for idea in ideas if idea.name not in apart)


def only(ideas: Sequence[Misconception], *names: str) -> tuple[Misconception, ...]:
    """The ideas of these names."""
    known = {idea.name: idea for idea in ideas}
    return tuple(known[name] for name in names)


_USUAL = (
    Misconception(
        "lets everything through",
        "Your test says of every layer that it is right.",
        "What does your test compare? And what becomes of the result of the comparison?",
        lambda layer: True,
    ),
    Misconception(
        "refuses everything",
        "Your test says of every layer that it is wrong, of Keras's own too.",
        "Try your test on Keras's layer first. Does it give the layer the same weights as the one "
        "that it compares with? And how much rounding does it allow?",
        lambda layer: False,
    ),
)
