"""Bidirectional: a layer reads from the front, a copy of it from the back, and both are joined."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from grader.bench.probe import Made
from grader.exercises.draw import Draw
from grader.exercises.edges import all_shut, shut_at, size_one
from grader.exercises.exercise import Again, Case, Exercise, Kind, Misconception
from grader.exercises.live import shape_of
from grader.exercises.recurrent.wrapping import ASPECTS, STEPS, UNIT, copy_of, holes

MODES = ("concat", "sum", "mul", "ave", None)


def _case(
    draw: Draw,
    path: str,
    more: dict[str, Any],
    masked: bool = False,
    *,
    all_steps: bool,
    **config: Any,
) -> Case:
    batch, features, units = draw.size(2, 3), draw.size(5, 6), draw.size(2, 3)
    inner = {"units": units, **more}
    if all_steps:
        inner["return_sequences"] = True
    mask = holes(draw, batch, STEPS)
    inputs = draw.normal(batch, STEPS, features)
    given = {"mask": mask} if masked else {}
    if masked:
        closed = mask.copy()
        closed[0] = False
        again = Again("a mask that hides all steps of a sample", inputs, {"mask": closed})
    elif "unroll" in more:  # Keras turns the outputs round, and not the mask that makes them zero
        again = Again("one step", inputs[:, :1])
    else:
        again = Again("a mask", inputs, {"mask": mask})
    return Case({"layer": Made(path, inner), **config}, inputs, given, again=(again,))


def _keras(draw: Draw, **config: Any) -> Case:
    # Unrolled, its few steps take little more than half as long.
    return _case(draw, "keras.layers.SimpleRNN", {"unroll": True}, **config)


def _own(draw: Draw, masked: bool = False, **config: Any) -> Case:
    return _case(draw, "grader.bench.inside.Fading", {}, masked, **config)


def _first(draw: Draw) -> Case:
    """Called again with one sample, and with one step."""
    case = _own(draw, True, all_steps=True)
    step = Again("one step and no mask", case.inputs[:, :1])
    return case.then(case.alone(), step)


def _rare(mode: str | None, *, all_steps: bool) -> Kind:
    """A way of joining that the other kinds do not try with these steps."""

    def draw_case(draw: Draw) -> Case:
        return _own(draw, True, all_steps=all_steps, merge_mode=mode).with_known_batch().once()

    steps = "all steps" if all_steps else "the last step"
    return Kind(f"{steps}, a mask, {mode}", draw_case, once=True, hidden=True)


def _merge(mode: str | None, there: Any, back: Any) -> Any:
    if mode == "concat":
        return ops.concatenate([there, back], axis=-1)
    if mode == "sum":
        return there + back
    if mode == "mul":
        return there * back
    return (there + back) / 2 if mode == "ave" else [there, back]


class _Both(keras.layers.Layer):
    """A right layer, step by step, so that a wrong idea can change one.

    It turns the inputs round itself, so that both layers inside read forwards.
    """

    turned_axis = 1

    def __init__(self, layer: Any, merge_mode: str | None = "concat", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.merge_mode, self.return_sequences = merge_mode, layer.return_sequences
        self.there, self.back = self.layers_of(layer)
        self.supports_masking = True

    def layers_of(self, layer: Any) -> tuple[Any, Any]:
        """The two layers."""
        return copy_of(layer), copy_of(layer)

    def build(self, input_shape: Any) -> None:
        for layer in (self.there, self.back):
            if not layer.built:
                layer.build(input_shape)

    def turn(self, values: Any) -> Any:
        """The other way round."""
        return ops.flip(values, axis=self.turned_axis)

    def turn_mask(self, mask: Any) -> Any:
        """The mask that suits inputs that were turned."""
        return ops.flip(mask, axis=1)

    def turn_back(self, outputs: Any) -> Any:
        """The outputs of the way back, in the order of the inputs."""
        return ops.flip(outputs, axis=1)

    def skip(self, outputs: Any, mask: Any) -> Any:
        """Zeros where a step is masked."""
        return ops.where(mask[..., None], outputs, 0.0)

    def read(self, layer: Any, inputs: Any, mask: Any) -> Any:
        """All outputs of one layer, or the last one."""
        return layer(inputs) if mask is None else layer(inputs, mask=mask)

    def merge(self, there: Any, back: Any) -> Any:
        return _merge(self.merge_mode, there, back)

    def call(self, inputs: Any, mask: Any = None) -> Any:
        turned = None if mask is None else self.turn_mask(mask)
        there = self.read(self.there, inputs, mask)
        back = self.read(self.back, self.turn(inputs), turned)
        if self.return_sequences:
            back = self.turn_back(back)
            if mask is not None:
                there, back = self.skip(there, mask), self.skip(back, mask)
        return self.merge(there, back)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        given = mask if self.return_sequences else None
        return given if self.merge_mode else [given, given]


class _NotTurnedBack(_Both):
    def turn_back(self, outputs: Any) -> Any:
        return outputs


class _Shared(_Both):
    def layers_of(self, layer: Any) -> tuple[Any, Any]:
        return layer, layer


class _BothForwards(_Both):
    def turn(self, values: Any) -> Any:
        return values

    def turn_mask(self, mask: Any) -> Any:
        return mask

    def turn_back(self, outputs: Any) -> Any:
        return outputs


class _BatchTurned(_Both):
    turned_axis = 0


class _SumForConcat(_Both):
    def merge(self, there: Any, back: Any) -> Any:
        return _merge("sum" if self.merge_mode == "concat" else self.merge_mode, there, back)


class _SumForAve(_Both):
    def merge(self, there: Any, back: Any) -> Any:
        return _merge("sum" if self.merge_mode == "ave" else self.merge_mode, there, back)


class _ConcatForNone(_Both):
    def merge(self, there: Any, back: Any) -> Any:
        return _merge(self.merge_mode or "concat", there, back)


class _BackFirst(_Both):
    def merge(self, there: Any, back: Any) -> Any:
        return super().merge(back, there)


class _AlongTime(_Both):
    def merge(self, there: Any, back: Any) -> Any:
        if self.merge_mode == "concat":
            return ops.concatenate([there, back], axis=1)
        return super().merge(there, back)


class _LastPlace(_Both):
    """Keeps all steps of both, and takes what stands at the last place in the end."""

    def layers_of(self, layer: Any) -> tuple[Any, Any]:
        one, other = (copy_of(layer, return_sequences=True) for _ in range(2))
        return one, other

    def call(self, inputs: Any, mask: Any = None) -> Any:
        if self.return_sequences:
            return super().call(inputs, mask)
        turned = None if mask is None else self.turn_mask(mask)
        there = self.read(self.there, inputs, mask)
        back = self.turn_back(self.read(self.back, self.turn(inputs), turned))
        return self.merge(there[:, -1], back[:, -1])


class _MaskNotPassed(_Both):
    def read(self, layer: Any, inputs: Any, mask: Any) -> Any:
        return layer(inputs)


class _MaskNotTurned(_Both):
    def turn_mask(self, mask: Any) -> Any:
        return mask


class _NotSkipped(_Both):
    def skip(self, outputs: Any, mask: Any) -> Any:
        return outputs


class _NoMaskOut(_Both):
    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return None


class _MaskAlways(_Both):
    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return mask


bidirectional = Exercise(
    name="Bidirectional",
    unit=UNIT,
    layer="Bidirectional",
    reference=keras.layers.Bidirectional,
    forbid=("Bidirectional",),
    kinds=(
        Kind("another layer, all steps, a mask", _first, once=True),
        Kind(
            "a Keras layer, all steps",
            lambda d: _keras(d, all_steps=True, merge_mode="mul").with_known_batch(),
            once=True,
        ),
        Kind(
            "another layer, the last step",
            lambda d: _own(d, all_steps=False, merge_mode="sum").with_known_batch(),
            once=True,
        ),
        Kind(
            "another layer, the last step, a mask",
            lambda d: _own(d, True, all_steps=False, merge_mode="ave").with_known_batch(),
            once=True,
        ),
        Kind(
            "another layer, all steps, not joined",
            lambda d: _own(d, True, all_steps=True, merge_mode=None),
            once=True,
        ),
        *(_rare(mode, all_steps=True) for mode in ("sum", "mul", "ave")),
        *(_rare(mode, all_steps=False) for mode in ("concat", "mul", None)),
    ),
    edges={
        "inputs: one step": size_one(1),
        "mask: a row all masked": all_shut,
        "mask: the first step masked": shut_at(0),
        "mask: the last step masked": shut_at(-1),
    },
    aspects=ASPECTS,
    misconceptions=(
        Misconception(
            "backward outputs not reversed",
            "Your backward outputs are in the order in which they were made: the output for the "
            "last step is joined to the first step.",
            "The backward layer begins at the end. To which step does its first output belong?",
            _NotTurnedBack,
        ),
        Misconception(
            "weights shared",
            "Your layer uses the same weights in both directions.",
            "The table shows twice as many outputs: what else is there twice?",
            _Shared,
        ),
        Misconception(
            "both directions forwards",
            "Your two layers both read from the beginning.",
            "Which step should the second layer see first?",
            _BothForwards,
        ),
        Misconception(
            "batch reversed",
            "Your layer reverses the batch axis: each sample gets the backward outputs of another "
            "sample.",
            "Which axis is time?",
            _BatchTurned,
        ),
        Misconception(
            "sum for concat",
            "With merge_mode='concat' your layer adds the two outputs.",
            "If you join two vectors of the same width end to end, how wide is the result?",
            _SumForConcat,
        ),
        Misconception(
            "ave not divided by two",
            "With merge_mode='ave' your layer gives the sum.",
            "What is the average of 4 and 6?",
            _SumForAve,
        ),
        Misconception(
            "None taken for concat",
            "With merge_mode=None your layer still joins the two outputs.",
            "If they are not joined, how many outputs are there?",
            _ConcatForNone,
        ),
        Misconception(
            "backward outputs first",
            "Your layer puts the backward outputs before the forward outputs.",
            "Which of the two comes first in the picture?",
            _BackFirst,
        ),
        Misconception(
            "joined along time",
            "Your layer appends the backward outputs as further time steps.",
            "Each step should know what came before and what comes after: along which axis should "
            "you join the two?",
            _AlongTime,
        ),
        Misconception(
            "backward output after one step",
            "When only the last output is wanted, your layer takes the backward output at the "
            "last step: at that point it has read only one step.",
            "At which step is the backward layer when it has read everything?",
            _LastPlace,
        ),
        Misconception(
            "mask not passed on",
            "Your two layers do not get the mask, so they read the padding.",
            "How do the inner layers know which steps to skip?",
            _MaskNotPassed,
        ),
        Misconception(
            "mask not reversed",
            "Your layer reverses the inputs, but not their mask.",
            "After you reverse the inputs, where is the padding?",
            _MaskNotTurned,
        ),
        Misconception(
            "masked steps not zero",
            "With a mask, your layer repeats an older output at the masked steps.",
            "At a masked step neither direction has an output: which number does Keras put there?",
            _NotSkipped,
        ),
        Misconception(
            "no mask on the output",
            "Your outputs carry no mask, although they still have all time steps.",
            "How does the next layer know which steps to skip?",
            _NoMaskOut,
        ),
        Misconception(
            "mask without steps",
            "Your output carries a mask, although only the last step is left.",
            "A mask needs a time axis: does your output have one?",
            _MaskAlways,
        ),
    ),
)


def _shape(time: int, units: int, return_sequences: bool, merge_mode: str | None = "concat") -> Any:
    inner = keras.layers.SimpleRNN(units, return_sequences=return_sequences)
    layer = keras.layers.Bidirectional(inner, merge_mode)
    if merge_mode:
        return shape_of(layer, (None, time, 2))
    return [tuple(part.shape) for part in layer(keras.KerasTensor((None, time, 2)))]


def _asked(draw: Draw, return_sequences: bool, **mode: Any) -> Case:
    time, units = draw.sizes(2, 5, 30)
    return Case({"time": time, "units": units, "return_sequences": return_sequences, **mode})


def _shaped(
    width: int = 2,
    single: int = 1,
    apart: int = 2,
    along_time: bool = False,
    always: bool | None = None,
) -> Any:
    """A shape like the right one, except for what is changed.

    `width` and `single` are what the units are multiplied with for "concat" and for the others,
    `apart` the number of outputs for None.
    """

    def wrong(
        time: int, units: int, return_sequences: bool, merge_mode: str | None = "concat"
    ) -> Any:
        everything = return_sequences if always is None else always
        factor = {"concat": width, None: 1}.get(merge_mode, single)
        if along_time and merge_mode == "concat":
            return (None, 2 * time, units) if everything else (None, 2, units)
        shape = (None, time, factor * units) if everything else (None, factor * units)
        return [shape] * apart if merge_mode is None and apart > 1 else shape

    return wrong


def _none_is_concat(
    time: int, units: int, return_sequences: bool, merge_mode: str | None = "concat"
) -> Any:
    return _shaped()(time, units, return_sequences, merge_mode or "concat")


bidirectional_shape = Exercise(
    name="bidirectional_shape",
    unit=UNIT,
    layer="Bidirectional",
    reference=_shape,
    kinds=(
        Kind("joined as it is by default, the last step", lambda d: _asked(d, False)),
        Kind("joined end to end, all steps", lambda d: _asked(d, True, merge_mode="concat")),
        Kind(
            "summed, multiplied or averaged",
            lambda d: _asked(d, d.choice((False, True)), merge_mode=d.choice(MODES[1:4])),
        ),
        Kind("not joined", lambda d: _asked(d, True, merge_mode=None)),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "never wider",
            "Your output is as wide as that of one layer, even when two outputs are joined end to "
            "end.",
            "If you join two vectors of three numbers end to end, how many numbers are there?",
            _shaped(width=1),
        ),
        Misconception(
            "always twice as wide",
            "Your output is twice as wide even when the two outputs are added or multiplied.",
            "If you add two vectors of three numbers, how many numbers are there?",
            _shaped(single=2),
        ),
        Misconception(
            "one output for None",
            "With merge_mode=None you return one output, that of a single layer.",
            "If the two outputs are not joined, how many are there?",
            _shaped(apart=1),
        ),
        Misconception(
            "None taken for concat",
            "With merge_mode=None you join the two outputs end to end.",
            "If the two outputs are not joined, how many are there?",
            _none_is_concat,
        ),
        Misconception(
            "joined along time",
            "You join the two outputs along the time axis.",
            "Each step should know what came before and what comes after: along which axis should "
            "you join the two?",
            _shaped(along_time=True),
        ),
        Misconception(
            "always all steps",
            "Your output has a time axis even when only the last step is returned.",
            "If only the last output is kept, how many are there for each sample?",
            _shaped(always=True),
        ),
        Misconception(
            "always the last step",
            "Your output has no time axis even when return_sequences is True.",
            "If the output of every step is kept, how many are there for each sample?",
            _shaped(always=False),
        ),
    ),
)
