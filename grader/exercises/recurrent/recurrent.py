"""What recurrent layers share: how sequences and masks are drawn, and what goes wrong in a loop.

A mask has holes inside. Where an initial_state is given, the step that is read first is not masked:
Keras gives zeros there, and one might as well give that state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import keras
import numpy as np
from keras import ops

from grader.exercises.draw import Draw
from grader.exercises.edges import Edge, all_shut, given, large, shut_at, size_one
from grader.exercises.exercise import Again, Case, Exercise, Kind, Misconception
from grader.exercises.further import enlarged

UNIT = "10-recurrent-layers"
ASPECTS: Mapping[str, float] = {
    "shape": 1,
    "parameters": 2,
    "output": 5,
    "mask": 1,
    "gradient": 1,
}
TIME = 4
"""Steps of a sequence: the least that shows what is carried, for each step costs time."""


def sizes(draw: Draw) -> tuple[int, int, int]:
    """Batch, time and features."""
    time = draw.size(TIME, TIME)
    batch, features = draw.sizes(2, 2, 6)
    return batch, time, features


def holes(draw: Draw, batch: int, time: int, backwards: bool = False) -> np.ndarray:
    """A mask (batch, time) with a hole inside each row; the first row also ends in padding.

    The last row begins with padding, unless the mask is for a loop that goes backwards.
    """
    mask = np.ones((batch, time), bool)
    for row in mask[1:]:
        row[int(draw.random.integers(1, time - 1))] = False
    mask[0, 1::2] = False
    mask[-1, 0] = backwards
    return mask[:, ::-1].copy() if backwards else mask


def palindrome(batch: int, time: int) -> np.ndarray:
    """A mask that is the same from both ends: nobody has to know which one the outputs begin at."""
    mask = np.ones((batch, time), bool)
    mask[0, 1:-1] = False
    mask[-1, [0, -1]] = False
    return mask


def reversed_holes(draw: Draw, batch: int, time: int) -> np.ndarray:
    """A mask for a loop that goes backwards: what it reads first is shut in one row, its last step
    in another one. Not for a case with an initial_state."""
    return holes(draw, batch, time)[:, ::-1].copy()


def shut(mask: np.ndarray) -> np.ndarray:
    """The mask with nothing open in its first row."""
    closed = mask.copy()
    closed[0] = False
    return closed


def layer_kinds(
    states: Sequence[str],
    first: Mapping[str, Any] = MappingProxyType({}),
    second: Mapping[str, Any] = MappingProxyType({}),
) -> tuple[Kind, ...]:
    """The kinds of a layer with these states; `first` and `second` are more of their config.

    Three switches of the loop, in four kinds: each pair of values occurs. Mask and initial_state
    change from call to call.
    """
    parts = ["outputs", *(f"last {name}" for name in states)]

    def begin(draw: Draw, case: Case) -> list[np.ndarray]:
        return [draw.normal(len(case.inputs), case.config["units"]) for _ in states]

    def last(draw: Draw) -> Case:
        batch, time, features = sizes(draw)
        mask = holes(draw, batch, time)
        config = {"units": draw.size(2, 6), **first}
        facts = {"arriving": mask, "traced": 2}
        case = Case(config, draw.normal(batch, time, features), {"mask": mask}, facts)
        given = {"initial_state": begin(draw, case)}
        return replace(case, again=(Again("an initial_state and no mask", case.inputs, given),))

    def everything(draw: Draw) -> Case:
        batch, time, features = sizes(draw)
        config = {"units": draw.size(2, 6), "return_sequences": True, "return_state": True}
        mask = holes(draw, batch, time)
        mask[:, 0] = True
        facts = {"parts": parts, "arriving": mask, "known_batch": True}
        case = Case({**config, **second}, draw.normal(batch, time, features), {}, facts)
        case = replace(case, call={"mask": mask, "initial_state": begin(draw, case)})
        single = Again("one step of one sample, no mask and no initial_state", case.inputs[-1:, :1])
        return replace(case, again=(single,))

    def backwards(draw: Draw) -> Case:
        batch, time, features = sizes(draw)
        config = {"units": draw.size(2, 6), "return_sequences": True, "go_backwards": True}
        mask = reversed_holes(draw, batch, time)
        facts = {"arriving": palindrome(batch, time), "known_batch": True}
        inputs = draw.normal(batch, time, features)
        case = Case({**config, **first, **second}, inputs, {"mask": mask}, facts)
        return replace(
            case,
            again=(
                Again("a mask that hides all steps of a sample", inputs, {"mask": shut(mask)}),
                Again("an initial_state", inputs, {"initial_state": begin(draw, case)}),
            ),
        )

    def last_states(draw: Draw) -> Case:
        batch, time, features = sizes(draw)
        config = {"units": 1, "return_state": True, "go_backwards": True}
        facts = {"parts": parts, "arriving": palindrome(batch, time), "known_batch": True}
        case = Case(config, draw.normal(batch, time, features), {}, facts)
        mask = holes(draw, batch, time, backwards=True)
        case = replace(case, call={"mask": mask, "initial_state": begin(draw, case)})
        return replace(case, again=(enlarged(case, 30),))

    return (
        Kind("the last output, masked", last, once=True),
        Kind("all outputs, and the states", everything, once=True),
        Kind("all outputs, from the end to the beginning", backwards, once=True),
        Kind(
            "the last output and states, from the end, one unit",
            last_states,
            once=True,
            hidden=True,
        ),
    )


EDGES: Mapping[str, Edge] = {
    "units: 1": given("units", 1),
    "inputs: one step": size_one(1),
    "inputs: large": large(40),
    "mask: a row all masked": all_shut,
    "mask: the first step masked": shut_at(0),
    "mask: the last step masked": shut_at(-1),
}


EVERYTHING: Mapping[str, Any] = {
    "return_sequences": True,
    "return_state": True,
    "go_backwards": True,
}


class Loop(keras.layers.Layer):
    """Keras's RNN with its parts laid open, so that a wrong idea can change one."""

    def __init__(
        self,
        cell: Any,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
    ) -> None:
        super().__init__()
        self.cell = self.one_cell(cell)
        self.return_sequences, self.return_state = return_sequences, return_state
        self.go_backwards = go_backwards

    def one_cell(self, cell: Any) -> Any:
        return keras.layers.StackedRNNCells(cell) if isinstance(cell, list) else cell

    def build(self, input_shape: Any) -> None:
        self.cell.build((input_shape[0], input_shape[2]))

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return mask if self.return_sequences else None

    def begin(self, inputs: Any, initial_state: Any) -> Any:
        """The states before the first step."""
        if initial_state is not None:
            return list(initial_state)
        batch = ops.shape(inputs)[0]
        if hasattr(self.cell, "get_initial_state"):
            states = self.cell.get_initial_state(batch_size=batch)
            return list(states) if isinstance(states, list | tuple) else [states]
        return self.zeros(batch)

    def zeros(self, batch: Any) -> Any:
        size = self.cell.state_size
        return [ops.zeros((batch, n)) for n in (size if isinstance(size, list) else [size])]

    def times(self, steps: int) -> Iterable[tuple[int, int]]:
        """At which time to look in the inputs and in the mask, from step to step."""
        order = range(steps)
        return [(t, t) for t in (reversed(order) if self.go_backwards else order)]

    def hand_on(self, output: Any, new: Any, old: Any) -> Any:
        """The states after a step."""
        return new

    def go_on(self, states: Any, first: Any) -> Any:
        """What the next step is given, of these states and the very first ones."""
        return states

    def masked(self, real: Any, output: Any, before: Any, new: Any, old: Any) -> Any:
        """Output and states of a step that may be masked."""
        return ops.where(real, output, before), hold(real, new, old)

    def choose(self, outputs: list[Any]) -> Any:
        return ops.stack(outputs, axis=1) if self.return_sequences else outputs[-1]

    def answer(self, output: Any, states: Any) -> Any:
        return [output, *states]

    def call(self, inputs: Any, initial_state: Any = None, mask: Any = None) -> Any:
        first = last = states = self.begin(inputs, initial_state)
        outputs: list[Any] = []
        for t, at in self.times(inputs.shape[1]):
            output, new = self.cell(inputs[:, t], states)
            new = self.hand_on(output, list(new), states)
            if mask is not None:
                before = outputs[-1] if outputs else ops.zeros_like(output)
                output, new = self.masked(mask[:, at, None], output, before, new, states)
            outputs.append(output)
            last, states = new, self.go_on(new, first)
        output = self.choose(outputs)
        return self.answer(output, last) if self.return_state else output


def hold(real: Any, new: Any, old: Any) -> Any:
    """The new states where the step is real, else the old ones."""
    return keras.tree.map_structure(lambda n, o: ops.where(real, n, o), new, old)


def layer_of(cell: Callable[..., Any]) -> type:
    """A layer whose loop drives this cell; what is not an argument of the loop is the cell's."""

    class Layer(Loop):
        def __init__(
            self,
            units: int,
            return_sequences: bool = False,
            return_state: bool = False,
            go_backwards: bool = False,
            **config: Any,
        ) -> None:
            made = cell(units, name="cell", **config)
            super().__init__(made, return_sequences, return_state, go_backwards)

    return Layer


def of_the_cell(exercise: Exercise, *names: str) -> tuple[Misconception, ...]:
    """Wrong ideas of a cell, as those of a layer that loops over it."""
    ideas = {idea.name: idea for idea in exercise.misconceptions}
    return tuple(replace(ideas[name], wrong=layer_of(ideas[name].wrong)) for name in names)


def usual_ideas(base: type) -> tuple[Misconception, ...]:
    """What goes wrong in the loop of every recurrent layer."""

    class NotCarried(base):
        def go_on(self, states: Any, first: Any) -> Any:
            return first

    class MaskIgnored(base):
        def call(self, inputs: Any, initial_state: Any = None, mask: Any = None) -> Any:
            return super().call(inputs, initial_state)

    class StateReset(base):
        def masked(self, real: Any, output: Any, before: Any, new: Any, old: Any) -> Any:
            zeros = keras.tree.map_structure(ops.zeros_like, old)
            return ops.where(real, output, 0.0), hold(real, new, zeros)

    class MaskNotTurned(base):
        def times(self, steps: int) -> Any:
            return [(t, at) for at, (t, _) in enumerate(super().times(steps))]

    class NotBackwards(base):
        def times(self, steps: int) -> Any:
            return [(t, t) for t in range(steps)]

    class TurnedBack(base):
        def choose(self, outputs: list[Any]) -> Any:
            turned = self.go_backwards and self.return_sequences
            return super().choose(outputs[::-1] if turned else outputs)

    class AlwaysAll(base):
        def choose(self, outputs: list[Any]) -> Any:
            return ops.stack(outputs, axis=1)

    class AlwaysLast(base):
        def choose(self, outputs: list[Any]) -> Any:
            return outputs[-1]

    class FirstOutput(base):
        def choose(self, outputs: list[Any]) -> Any:
            return super().choose(outputs) if self.return_sequences else outputs[0]

    class TimeFirst(base):
        def choose(self, outputs: list[Any]) -> Any:
            return ops.stack(outputs, axis=0) if self.return_sequences else outputs[-1]

    class StatesFirst(base):
        def answer(self, output: Any, states: Any) -> Any:
            return [*states, output]

    class InitialIgnored(base):
        def begin(self, inputs: Any, initial_state: Any) -> Any:
            return super().begin(inputs, None)

    class MaskSwallowed(base):
        def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
            return None

    return (
        Misconception(
            "state not carried",
            "Your loop gives the first state to every step: no step knows about the one before.",
            "After each step, which variable holds the states that the next one needs?",
            NotCarried,
        ),
        Misconception(
            "mask ignored",
            "Your layer ignores the mask.",
            "What should happen to the state during padding?",
            MaskIgnored,
        ),
        Misconception(
            "masked step resets",
            "Your masked step sets output and state to zero: the layer forgets everything it has "
            "read.",
            "A running sum reads 1, 2 and a masked step. What should its outputs be: 1, 3, 0 or "
            "1, 3, 3?",
            StateReset,
        ),
        Misconception(
            "mask not reversed",
            "With go_backwards your loop reads the inputs from the end, but the mask from the "
            "beginning.",
            "Which entry of the mask belongs to the input that is read first?",
            MaskNotTurned,
        ),
        Misconception(
            "go_backwards ignored",
            "Your loop always reads forwards and ignores go_backwards.",
            "If you read from the end, which input comes first?",
            NotBackwards,
        ),
        Misconception(
            "outputs in the order of the inputs",
            "With go_backwards you put the outputs back into the order of the inputs.",
            "Keras returns the outputs in the order in which they were made. Which one was made "
            "first?",
            TurnedBack,
        ),
        Misconception(
            "always all outputs",
            "Your layer returns the outputs of all steps, even when only the last one is wanted.",
            "With return_sequences=False, which output is left?",
            AlwaysAll,
        ),
        Misconception(
            "always the last output",
            "Your layer returns only the last output, even when all are wanted.",
            "Where does call() use return_sequences?",
            AlwaysLast,
        ),
        Misconception(
            "first output returned",
            "Your layer returns the output of the first step; it should return the last one.",
            "Which output has seen the whole sequence?",
            FirstOutput,
        ),
        Misconception(
            "time before the batch",
            "With return_sequences your output has the time first and the batch second.",
            "Which axis comes first in everything that Keras hands from layer to layer?",
            TimeFirst,
        ),
        Misconception(
            "states before the output",
            "With return_state your layer returns the states first and the output after them.",
            "What comes first in the picture: the output, or the states?",
            StatesFirst,
        ),
        Misconception(
            "initial_state ignored",
            "Your loop always begins with its own states, even when it gets an initial_state.",
            "When must the layer make the first states itself, and when does it get them?",
            InitialIgnored,
        ),
        Misconception(
            "mask swallowed",
            "Your layer uses the mask, but with return_sequences its output carries no mask to "
            "the next layer.",
            "The next layer sees as many steps as yours. How does it know which ones to skip?",
            MaskSwallowed,
        ),
    )


def finer_ideas(base: type) -> tuple[Misconception, ...]:
    """What goes wrong with masks, where the mask is not ignored altogether."""

    class OutputZero(base):
        def masked(self, real: Any, output: Any, before: Any, new: Any, old: Any) -> Any:
            return ops.where(real, output, 0.0), hold(real, new, old)

    class OutputRunsOn(base):
        def masked(self, real: Any, output: Any, before: Any, new: Any, old: Any) -> Any:
            return output, hold(real, new, old)

    class StateRunsOn(base):
        def masked(self, real: Any, output: Any, before: Any, new: Any, old: Any) -> Any:
            return ops.where(real, output, before), new

    class FirstStepRead(base):
        def call(self, inputs: Any, initial_state: Any = None, mask: Any = None) -> Any:
            if mask is not None and not self.go_backwards:
                mask = ops.concatenate([ops.ones_like(mask[:, :1]), mask[:, 1:]], axis=1)
            return super().call(inputs, initial_state, mask)

    class MaskAlways(base):
        def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
            return mask

    return (
        Misconception(
            "zero for a masked output",
            "In a masked step your state stays the same, but the output is zero.",
            "A running sum reads 1, 2 and a masked step. What should its third output be?",
            OutputZero,
        ),
        Misconception(
            "masked output not held",
            "In a masked step your state stays the same, but the output is computed from the "
            "masked inputs.",
            "If a step is skipped, which output takes its place?",
            OutputRunsOn,
        ),
        Misconception(
            "masked state not held",
            "In a masked step your output stays the same, but the state is computed from the "
            "masked inputs.",
            "What must the step after the padding know, and what must it not know?",
            StateRunsOn,
        ),
        Misconception(
            "first step always read",
            "Your loop skips masked steps, but not the first step: there it reads masked inputs.",
            "If a sequence begins with padding, which state should stay the same?",
            FirstStepRead,
        ),
        Misconception(
            "mask kept with one output",
            "Your layer passes the mask on even when it returns only the last output.",
            "The mask says which steps to skip. Does an output without a time axis have steps?",
            MaskAlways,
        ),
    )
