"""RNN: the loop that takes a cell, or a stack of cells, along a sequence."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from grader.bench.probe import Made
from grader.exercises.draw import Draw
from grader.exercises.exercise import Again, Case, Exercise, Kind, Misconception
from grader.exercises.recurrent.recurrent import (
    EDGES,
    EVERYTHING,
    UNIT,
    Loop,
    finer_ideas,
    holes,
    palindrome,
    reversed_holes,
    shut,
    sizes,
    usual_ideas,
)


def _sum(draw: Draw) -> Case:
    batch, time, features = sizes(draw)
    mask = holes(draw, batch, time)
    cell = Made("grader.bench.inside.RunningSum", {"units": features})
    config = {"cell": cell, "return_sequences": True}
    case = Case(config, draw.normal(batch, time, features), {"mask": mask}, {"arriving": mask})
    closed = Again("a mask that hides all steps of a sample", case.inputs, {"mask": shut(mask)})
    return case.then(closed)


def _own_cell(draw: Draw) -> Case:
    batch, time, features = sizes(draw)
    units, slots = draw.sizes(2, 2, 7)
    cell = Made("grader.bench.inside.TwoSpeeds", {"units": units, "slots": slots})
    call = {
        "initial_state": [draw.normal(batch, size) for size in (units, slots)],
        "mask": holes(draw, batch, time, backwards=True),
    }
    facts = {
        "parts": ["outputs", "last fast state", "last slow state"],
        "arriving": palindrome(batch, time),
        "known_batch": True,
    }
    inputs = draw.normal(batch, time, features)
    single = Again("one step of one sample, no mask and no initial_state", inputs[-1:, :1])
    return Case({"cell": cell, **EVERYTHING}, inputs, call, facts, again=(single,))


def _last_states(draw: Draw) -> Case:
    """The last output and states of Keras's cell, once from states that are given."""
    batch, time, features = sizes(draw)
    cell = Made("keras.layers.LSTMCell", {"units": 1})
    mask = holes(draw, batch, time)
    facts = {"parts": ["output", "last h", "last c"], "arriving": mask, "known_batch": True}
    inputs = draw.normal(batch, time, features)
    begin = {"initial_state": [draw.normal(batch, 1) for _ in range(2)]}
    again = (Again("an initial_state and no mask", inputs, begin),)
    return Case({"cell": cell, "return_state": True}, inputs, {"mask": mask}, facts, again)


def _stack(draw: Draw) -> Case:
    batch, time, features = sizes(draw)
    units, slots = draw.sizes(2, 2, 7)
    cells = [
        Made("keras.layers.SimpleRNNCell", {"units": draw.size(2, 8)}),
        Made("grader.bench.inside.TwoSpeeds", {"units": units, "slots": slots}),
        Made("grader.bench.inside.RunningMean", {"units": units}),
    ]
    mask = reversed_holes(draw, batch, time)
    facts = {"arriving": palindrome(batch, time), "known_batch": True}
    inputs = draw.normal(batch, time, features)
    again = (Again("no mask", inputs),)
    return Case({"cell": cells, "go_backwards": True}, inputs, {"mask": mask}, facts, again)


class _OutputForState(Loop):
    def hand_on(self, output: Any, new: Any, old: Any) -> Any:
        return new if isinstance(new[0], list) else [output, *new[1:]]


class _OneState(Loop):
    def hand_on(self, output: Any, new: Any, old: Any) -> Any:
        return new if isinstance(new[0], list) else [new[0], *old[1:]]


class _StatesTurned(Loop):
    def answer(self, output: Any, states: Any) -> Any:
        return super().answer(output, states[::-1])


class _BeginsWithZeros(Loop):
    def begin(self, inputs: Any, initial_state: Any) -> Any:
        states = super().begin(inputs, initial_state)
        return states if initial_state is not None else keras.tree.map_structure(_nought, states)


def _nought(state: Any) -> Any:
    return ops.zeros_like(state)


class _FirstCell(Loop):
    """Its stack speaks through the first cell only."""

    def one_cell(self, cell: Any) -> Any:
        return _Ground(cell, name="stack") if isinstance(cell, list) else cell


class _Ground(keras.layers.StackedRNNCells):
    def call(self, inputs: Any, states: Any, training: bool = False, **kwargs: Any) -> Any:
        _, new = super().call(inputs, states, training=training, **kwargs)
        output, _ = self.cells[0](inputs, states[0])
        return output, new


rnn = Exercise(
    name="RNN",
    unit=UNIT,
    layer="RNN",
    reference=keras.layers.RNN,
    forbid=("RNN", "StackedRNNCells"),
    kinds=(
        Kind("a running sum, masked", _sum, once=True),
        Kind("two states, from the end to the beginning", _own_cell),
        Kind("a stack of cells, from the end, masked", _stack, once=True),
        Kind("the last output and states of Keras's cell", _last_states, once=True, hidden=True),
    ),
    edges={name: edge for name, edge in EDGES.items() if name.startswith(("mask", "inputs: one"))},
    aspects={"shape": 1, "parameters": 1, "output": 6, "mask": 1, "gradient": 1},
    misconceptions=(
        *usual_ideas(Loop),
        *finer_ideas(Loop),
        Misconception(
            "output used as the state",
            "Your loop uses the cell's output as its first state.",
            "A cell returns two things. Which one goes to the next step?",
            _OutputForState,
        ),
        Misconception(
            "only one state carried",
            "Your loop carries only the first state; the others start again at each step.",
            "How many states does a cell return, and how many does the next step need?",
            _OneState,
        ),
        Misconception(
            "states in the other order",
            "With return_state your layer returns the last states in reverse order.",
            "In which order does the cell return its states?",
            _StatesTurned,
        ),
        Misconception(
            "begins with zeros",
            "Your loop begins with zeros, although the cell has its own initial states.",
            "Which method of a cell, if it has one, gives the states before the first step?",
            _BeginsWithZeros,
        ),
        Misconception(
            "only the first cell of a stack",
            "Your stack returns the output of its first cell.",
            "What goes into the second cell, and what comes out of the last one?",
            _FirstCell,
        ),
    ),
)

_LAYERS = {"SimpleRNN": 1, "LSTM": 2, "GRU": 1}
"""Layers by name, and how many states each has."""


def _shape(
    layer: str,
    input_shape: tuple[int, int, int],
    units: int,
    return_sequences: bool,
    return_state: bool,
) -> Any:
    made = getattr(keras.layers, layer)(
        units, return_sequences=return_sequences, return_state=return_state
    )
    answer = made(keras.KerasTensor(input_shape))
    if not return_state:
        return tuple(answer.shape)
    return [tuple(part.shape) for part in answer]


def _predicted(layer: str, return_sequences: bool, return_state: bool) -> Kind:
    def draw_case(draw: Draw) -> Case:
        batch, time, features, units = draw.sizes(4, 2, 12)
        asked = {"return_sequences": return_sequences, "return_state": return_state}
        config = {"layer": layer, "input_shape": (batch, time, features), "units": units, **asked}
        return Case(config)

    more = [
        name for name, on in (("all outputs", return_sequences), ("states", return_state)) if on
    ]
    return Kind(f"{layer}: {' and '.join(more) or 'the last output'}", draw_case)


def _told(
    layer: str,
    input_shape: tuple[int, int, int],
    units: int,
    return_sequences: bool,
    return_state: bool,
    *,
    sequences: bool | None = None,
    states: int | None = None,
    timed_states: bool = False,
    swapped: bool = False,
    features: bool = False,
) -> Any:
    """The shapes as somebody tells them who has a wrong idea."""
    batch, time, width = input_shape
    units = width if features else units
    every, last = (batch, time, units), (batch, units)
    output = every if (return_sequences if sequences is None else sequences) else last
    if swapped:
        output = (time, batch, units) if output == every else last
    if not return_state:
        return output
    state = every if timed_states and return_sequences else last
    return [output, *[state] * (_LAYERS[layer] if states is None else states)]


def _idea(**wrong: Any) -> Any:
    return lambda *arguments: _told(*arguments, **wrong)


rnn_shape = Exercise(
    name="rnn_shape",
    unit=UNIT,
    layer="RNN",
    reference=_shape,
    kinds=(
        _predicted("SimpleRNN", False, False),
        _predicted("LSTM", True, False),
        _predicted("LSTM", True, True),
        _predicted("GRU", True, True),
        _predicted("LSTM", False, True),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "always the last output",
            "Your output has no time axis even when return_sequences is True.",
            "If the output of every step is kept, how many are there for each sample?",
            _idea(sequences=False),
        ),
        Misconception(
            "always all outputs",
            "Your output has a time axis even when only the last output is returned.",
            "If only the last output is kept, how many are there for each sample?",
            _idea(sequences=True),
        ),
        Misconception(
            "states with a time axis",
            "Your states have a time axis whenever the outputs have one.",
            "Does return_sequences change the outputs or the states?",
            _idea(timed_states=True),
        ),
        Misconception(
            "one state for every layer",
            "Your LSTM has one state.",
            "What does an LSTM carry besides its output?",
            _idea(states=1),
        ),
        Misconception(
            "two states for every layer",
            "Your GRU has two states.",
            "Which of the three layers has a carry besides its state?",
            _idea(states=2),
        ),
        Misconception(
            "return_state ignored",
            "Your answer has no states even when return_state is True.",
            "With return_state=True, how many things does the layer return?",
            _idea(states=0),
        ),
        Misconception(
            "time before the batch",
            "Your outputs have the time axis first.",
            "Where does Keras put the batch axis?",
            _idea(swapped=True),
        ),
        Misconception(
            "as wide as the inputs",
            "Your outputs are as wide as the inputs.",
            "How many numbers does a layer give at each step for this many units?",
            _idea(features=True),
        ),
    ),
)
