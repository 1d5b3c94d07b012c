"""What an exercise is, as plain data: reference, cases, what is asked, what goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from grader.exercises.draw import Draw

Arrays = Any
"""An array, or lists, tuples and dicts of them."""
TERMS = ("loss", "d_logits", "d_inputs", "d_kernel", "d_bias", "d_gamma", "d_beta")
"""What a function gives that derives gradients, by the names of its entries: a loss, and for an
array the gradient of the loss with respect to it. Each is an aspect."""


@dataclass(frozen=True)
class Again:
    """A further call of the layer that a case was tried on: the same weights, other inputs.

    `what` completes "called again with". Where the output is a matter of taste, as for a mask that
    is shut everywhere, `finite` asks for no more than its shape and finite numbers.
    """

    what: str
    inputs: Arrays
    call: Mapping[str, Any] = field(default_factory=dict)
    finite: bool = False


@dataclass(frozen=True)
class Case:
    """One thing to try on a layer, or on a function.

    A layer is made with `config`, then called with `inputs` (one array, or a list or dict of
    arrays; the first axis is the batch) and the keyword arguments `call`. A tuple holds several
    arguments, which go by position: a cell takes `(inputs, [state, ...])`. A function is called
    with the values of `config` as its arguments and has no inputs. `facts` is what an aspect has
    to know of the case besides; only an aspect's own steps take it to the student's side.
    A function of Keras stands in `config` as a `Ref`, a layer or a cell as a `Made`.
    `again` are further calls of the same layer. Where it is left out, there is one: the last sample
    by itself, which catches a batch size, or a state, that was kept from the first call.
    """

    config: Mapping[str, Any] = field(default_factory=dict)
    inputs: Arrays = None
    call: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    again: tuple[Again, ...] | None = None

    @property
    def further(self) -> tuple[Again, ...]:
        """The further calls."""
        return (self.alone(),) if self.again is None else self.again

    def alone(self) -> Again:
        """A further call with the last sample of the batch by itself."""
        inputs, call = _last((self.inputs, dict(self.call)))
        return Again("a batch of one sample", inputs, call)

    def then(self, *again: Again) -> Case:
        """The same, with more further calls."""
        return replace(self, again=(*self.further, *again))

    def once(self) -> Case:
        """The same, without a further call: a long loop takes long, and other kinds of the exercise
        ask for that."""
        return replace(self, again=())

    def with_known_batch(self) -> Case:
        """The same, but never put with symbols: a long loop takes long to trace, and other kinds of
        the exercise ask for that."""
        return replace(self, facts={**self.facts, "known_batch": True})

    @property
    def size(self) -> int:
        """Number of input values, so that a report can show the smallest case that failed."""
        return sum(np.size(leaf) for leaf in _leaves(self.inputs)) + sum(
            np.size(leaf) for leaf in _leaves(list(self.config.values()))
        )


@dataclass(frozen=True)
class Kind:
    """A kind of case that the exercise must get right, and how to draw one.

    `name` is in the field's words: the card shows it ("even input, stride 2"). `draw` gives a
    `Case`, the same for the same state of the `Draw`. `also` names the aspects that are too dear
    to try on every kind and are tried on this one; "traced" is for a `call` that is traced for a
    batch of any size, though the layer says its output shape itself (in grading every kind is, but
    for the edges). A kind at the
    `edge` has sizes of 1, zeros or the like, where the rules for sharp cases do not hold. It is
    drawn once, also where hidden cases are drawn more often, and so is one that says `once`. One
    that is `hidden` is tried where hidden cases are, and costs the student no time.
    """

    name: str
    draw: Callable[[Draw], Case]
    also: tuple[str, ...] = ()
    edge: bool = False
    once: bool = False
    hidden: bool = False

    def draws(self, most: int, *, hidden: bool) -> int:
        """How often it is drawn in an examination that draws kinds `most` times."""
        if self.hidden and not hidden:
            return 0
        return 1 if self.edge or self.once else most


@dataclass(frozen=True)
class Misconception:
    """A wrong idea: `wrong` is the layer (or function) that has it.

    `says` is what the student reads; `hint` leads on without giving the answer.
    """

    name: str
    says: str
    hint: str
    wrong: Callable[..., Any]


_KINDS = {
    "prediction": "predict",
    "distribution": "predict",
    "text": "use",
    "accuracy": "train",
    "perplexity": "train",
    "catches": "test",
}
"""By an aspect, the kind of exercise that it is judged in; all other aspects are of layers."""


@dataclass(frozen=True, eq=False)
class Exercise:
    """One thing to write, and everything needed to judge it.

    `name` is what the student's class or function is called, `unit` the file in solutions/ without
    its ending, `layer` the Keras name of the layer that it teaches. `reference` gives the live
    Keras layer for a case's config (for a *predict* exercise: the live answer). `aspects` maps
    what is judged to what it is worth; the exercise's own text asks for each of them.
    """

    name: str
    unit: str
    layer: str
    reference: Callable[..., Any]
    kinds: tuple[Kind, ...]
    aspects: Mapping[str, float]
    misconceptions: tuple[Misconception, ...] = ()
    forbid: tuple[str, ...] = ()
    """What the student's code may not use: entries of `grader.bench.forbidden.FORBIDDEN`, or dotted
    names such as "keras.layers.Dense"."""
    weight: Callable[[Draw, str, tuple[int, ...]], np.ndarray] = lambda draw, name, shape: (
        draw.weight(name, shape)
    )
    """Draws the value of the reference weight of this name and shape."""
    weight_shapes: bool = True
    """Whether the text asks for the shapes of the weights, and not only for their number."""
    gates: tuple[str, ...] = ()
    """Names of the equal blocks into which the last axis of every weight is divided."""
    edges: Mapping[str, Callable[[Case], bool]] = field(default_factory=dict)
    """The edges that its cases must reach, each by the argument and what is special there, as in
    "units: 1"; a case is at that edge where the function says so. `exercises.edges` has some."""
    tolerance: float = 1e-4
    """Largest difference allowed, relative to the largest expected value."""
    mends: Exercise | None = None
    """The exercise of which the student is given a layer with a fault: see `exercises.mend`."""
    fault: Misconception | None = None
    """The fault that is given."""

    @property
    def base(self) -> Exercise:
        """The exercise by which an answer is examined: this one, or the one that it `mends`."""
        return self.mends or self

    @property
    def kind(self) -> str:
        """One of "implement" (a layer), "predict" (a function that tells what a layer gives),
        "derive" (one that gives gradients), "test" (one that judges layers), "use" (one that does
        something with a model), "train" (a trained network) and "mend" (a layer with a fault).

        A trained network keeps its own weights: it is asked as it stands.
        """
        if self.mends:
            return "mend"
        if any(name in TERMS for name in self.aspects):
            return "derive"
        return next((kind for name, kind in _KINDS.items() if name in self.aspects), "implement")

    @property
    def is_function(self) -> bool:
        """Whether a function is asked for: a case's config holds its arguments, in their order."""
        return self.kind in ("predict", "use")

    def to_json(self) -> dict[str, Any]:
        """The exercise as a row of the catalogue."""
        given = {"mends": self.base.name, "fault": self.fault.name} if self.fault else {}
        return {
            "name": self.name,
            "unit": self.unit,
            "layer": self.layer,
            "kind": self.kind,
            **given,
            "reference": self._place_of_reference(),
            "aspects": dict(self.aspects),
            "kinds": [kind.name for kind in self.kinds],
            "forbid": list(self.forbid),
            "misconceptions": [idea.name for idea in self.misconceptions],
        }

    def _place_of_reference(self) -> str:
        """Keras's layer by its public name; where Keras has none, the dotted name of ours."""
        from keras import layers  # it loads TensorFlow

        if hasattr(layers, self.layer):
            return f"keras.layers.{self.layer}"
        ours = self.base.reference
        return f"{ours.__module__}.{ours.__qualname__}"

    def tries(self, kind: Kind, aspect: str, *, dear: bool, draw: int) -> bool:
        """Whether this aspect is tried on this draw of this kind of case."""
        if not dear:
            return True
        if draw:
            return False
        named = any(aspect in other.also for other in self.kinds)
        return aspect in kind.also or (not named and kind is self.kinds[0])


def _last(value: Any) -> Any:
    """The last sample of every array: the batch is their first axis."""
    if isinstance(value, Mapping):
        return {key: _last(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_last(item) for item in value)
    return value[-1:] if isinstance(value, np.ndarray) else value


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return [leaf for item in value.values() for leaf in _leaves(item)]
    if isinstance(value, list | tuple):
        return [leaf for item in value for leaf in _leaves(item)]
    return [] if value is None else [value]
