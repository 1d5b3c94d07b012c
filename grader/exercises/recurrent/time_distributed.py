"""TimeDistributed: one layer, applied to each step of a sequence by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from grader.bench.probe import Made
from grader.exercises.draw import Draw
from grader.exercises.edges import all_shut, size_one, zeros
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.further import other, zeroed
from grader.exercises.live import shape_of
from grader.exercises.recurrent.wrapping import ASPECTS, STEPS, UNIT, copy_of, holes


def _strips(draw: Draw) -> Case:
    length, channels = draw.sizes(2, 5, 7)
    inner = {"filters": 2, "kernel_size": 3, "activation": "tanh"}
    return Case(
        {"layer": Made("keras.layers.Conv1D", inner)},
        draw.normal(draw.size(2, 3), STEPS, length, channels),
    )


def _vectors(draw: Draw, path: str) -> Case:
    batch, features, units = draw.size(2, 3), draw.size(5, 7), draw.size(5, 7)
    mask = holes(draw, batch, STEPS)
    case = Case(
        {"layer": Made(path, {"units": units})}, draw.normal(batch, STEPS, features), {"mask": mask}
    )
    closed = mask.copy()
    closed[0] = False
    return case.then(
        other(case, "a mask that hides all steps of a sample", case.inputs, mask=closed),
        other(case, "one step", case.inputs[:, :1], mask=mask[:, :1]),
        zeroed(case),
    )


def _built(draw: Draw) -> Case:
    features, units = draw.sizes(2, 5, 7)
    inner = Made("grader.bench.inside.BuiltDense", {"units": units, "features": features})
    return Case({"layer": inner}, draw.normal(draw.size(2, 3), STEPS, features))


class _StepByStep(keras.layers.Layer):
    """A right layer, step by step, so that a wrong idea can change one."""

    def __init__(self, layer: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.layer = layer
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        if not self.layer.built:
            self.layer.build((input_shape[0], *input_shape[2:]))

    def at(self, time: int) -> Any:
        """The layer of this step."""
        return self.layer

    def apply(self, inputs: Any, mask: Any, time: int) -> Any:
        """The output of one step."""
        layer = self.at(time)
        if mask is not None and layer._call_has_mask_arg:
            return layer(inputs[:, time], mask=mask[:, time])
        return layer(inputs[:, time])

    def join(self, outputs: list[Any], mask: Any) -> Any:
        return ops.stack(outputs, axis=1)

    def call(self, inputs: Any, mask: Any = None) -> Any:
        outputs = [self.apply(inputs, mask, time) for time in range(inputs.shape[1])]
        return self.join(outputs, mask)


class _ALayerForEach(_StepByStep):
    def build(self, input_shape: Any) -> None:
        self.each = [self.layer, *(copy_of(self.layer) for _ in range(input_shape[1] - 1))]
        for layer in self.each:
            if not layer.built:
                layer.build((input_shape[0], *input_shape[2:]))

    def at(self, time: int) -> Any:
        return self.each[time]


class _IntoFeatures(_StepByStep):
    def build(self, input_shape: Any) -> None:
        batch, steps, *middle, features = input_shape
        if not self.layer.built:
            self.layer.build((batch, *middle, steps * features))

    def call(self, inputs: Any, mask: Any = None) -> Any:
        _, steps, *middle, features = inputs.shape
        axes = (0, *range(2, len(inputs.shape) - 1), 1, len(inputs.shape) - 1)
        folded = ops.reshape(ops.transpose(inputs, axes), (-1, *middle, steps * features))
        return self.layer(folded)


class _Folded(_StepByStep):
    """All steps of all samples in one batch."""

    def fold(self, values: Any) -> Any:
        return ops.reshape(values, (-1, *values.shape[2:]))

    def unfold(self, outputs: Any, steps: int) -> Any:
        return ops.reshape(outputs, (-1, steps, *outputs.shape[1:]))

    def call(self, inputs: Any, mask: Any = None) -> Any:
        if mask is not None and self.layer._call_has_mask_arg:
            outputs = self.layer(self.fold(inputs), mask=self.fold(mask))
        else:
            outputs = self.layer(self.fold(inputs))
        return self.unfold(outputs, inputs.shape[1])


class _NotUnfolded(_Folded):
    def unfold(self, outputs: Any, steps: int) -> Any:
        return outputs


class _FoldedByTime(_Folded):
    def fold(self, values: Any) -> Any:
        return super().fold(ops.swapaxes(values, 0, 1))


class _AtOnce(_StepByStep):
    def build(self, input_shape: Any) -> None:
        if not self.layer.built:
            self.layer.build(input_shape)

    def call(self, inputs: Any, mask: Any = None) -> Any:
        if mask is not None and self.layer._call_has_mask_arg:
            return self.layer(inputs, mask=mask)
        return self.layer(inputs)


class _LastStep(_StepByStep):
    def join(self, outputs: list[Any], mask: Any) -> Any:
        return outputs[-1]


class _Mean(_StepByStep):
    def join(self, outputs: list[Any], mask: Any) -> Any:
        return ops.mean(ops.stack(outputs, axis=1), axis=1)


class _EndToEnd(_StepByStep):
    def join(self, outputs: list[Any], mask: Any) -> Any:
        return ops.concatenate(outputs, axis=-1)


class _TimeFirst(_StepByStep):
    def join(self, outputs: list[Any], mask: Any) -> Any:
        return ops.stack(outputs, axis=0)


class _MaskNotPassed(_StepByStep):
    def apply(self, inputs: Any, mask: Any, time: int) -> Any:
        return super().apply(inputs, None, time)


class _MaskAlwaysPassed(_StepByStep):
    def apply(self, inputs: Any, mask: Any, time: int) -> Any:
        if mask is None:
            return self.layer(inputs[:, time])
        return self.layer(inputs[:, time], mask=mask[:, time])


class _MaskedAreZero(_StepByStep):
    def join(self, outputs: list[Any], mask: Any) -> Any:
        joined = super().join(outputs, mask)
        return joined if mask is None else ops.where(mask[..., None], joined, 0.0)


class _NoMaskOut(_StepByStep):
    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return None


time_distributed = Exercise(
    name="TimeDistributed",
    unit=UNIT,
    layer="TimeDistributed",
    reference=keras.layers.TimeDistributed,
    forbid=("TimeDistributed",),
    kinds=(
        Kind("a Keras layer on strips", _strips),
        Kind(
            "another layer, which takes the mask",
            lambda d: _vectors(d, "grader.bench.inside.Distances"),
        ),
        Kind(
            "a Keras layer, which takes no mask",
            lambda d: _vectors(d, "keras.layers.Dense").with_known_batch(),
        ),
        Kind("a layer that is built already", _built, edge=True),
    ),
    edges={
        "inputs: one step": size_one(1),
        "inputs: zero": zeros,
        "mask: a row all masked": all_shut,
    },
    aspects=ASPECTS,
    misconceptions=(
        Misconception(
            "other weights at each step",
            "Your layer has a layer of its own for each step.",
            "If the same input comes at noon and at night, should the layer treat it differently?",
            _ALayerForEach,
        ),
        Misconception(
            "time folded into the features",
            "Your layer joins the steps, as if they were features of one step.",
            "How many features does a single step of the input have?",
            _IntoFeatures,
        ),
        Misconception(
            "time left in the batch",
            "Your layer turns each step into a sample of its own, and does not turn it back.",
            "How many samples came in? How many should come out?",
            _NotUnfolded,
        ),
        Misconception(
            "samples and steps mixed up",
            "Your layer separates samples and steps in another order than it joined them.",
            "A reshape keeps the order of the numbers: which of the two axes came first before?",
            _FoldedByTime,
        ),
        Misconception(
            "the whole sequence at once",
            "Your layer gives the whole sequence to the inner layer.",
            "How many axes does the inner layer expect?",
            _AtOnce,
        ),
        Misconception(
            "only the last step",
            "Your layer keeps the output of the last step only.",
            "How many steps went in? How many should come out?",
            _LastStep,
        ),
        Misconception(
            "mean over the steps",
            "Your layer takes the mean over the steps.",
            "How many steps went in? How many should come out?",
            _Mean,
        ),
        Misconception(
            "steps joined end to end",
            "Your layer joins the outputs end to end, so time no longer has an axis of its own.",
            "Is there a function that joins tensors along a new axis?",
            _EndToEnd,
        ),
        Misconception(
            "time before the batch",
            "Your output has time as its first axis.",
            "Which axis comes first in the inputs and outputs of every Keras layer?",
            _TimeFirst,
        ),
        Misconception(
            "mask not passed on",
            "Your layer does not pass the mask of each step to the inner layer.",
            "How does the inner layer know which samples to skip at this step?",
            _MaskNotPassed,
        ),
        Misconception(
            "mask passed to all",
            "Your layer passes the mask to a layer whose call() does not take one.",
            "How can you find out which arguments a function takes?",
            _MaskAlwaysPassed,
        ),
        Misconception(
            "masked steps made zero",
            "Your layer sets the output to zero at masked steps.",
            "What decides about a masked step: the wrapper, or the inner layer?",
            _MaskedAreZero,
        ),
        Misconception(
            "no mask on the output",
            "Your output carries no mask, although it still has all steps.",
            "How does the next layer know which steps to skip?",
            _NoMaskOut,
        ),
    ),
)


def _shape(frames: int, rows: int, columns: int, filters: int, kernel_size: int) -> Any:
    layer = keras.layers.TimeDistributed(keras.layers.Conv2D(filters, kernel_size))
    return shape_of(layer, (None, frames, rows, columns, 1))


def _asked(draw: Draw) -> Case:
    frames, filters, rows, columns = draw.sizes(4, 6, 30)
    return Case(
        {
            "frames": frames,
            "rows": rows,
            "columns": columns,
            "filters": filters,
            "kernel_size": draw.size(2, 5),
        }
    )


def _shaped(
    answer: Callable[[int, int, int, int, int], tuple[int | None, ...]],
) -> Callable[..., Any]:
    """A wrong shape, from the numbers of frames, rows, columns and filters, and the window."""

    def wrong(frames: int, rows: int, columns: int, filters: int, kernel_size: int) -> Any:
        lost = kernel_size - 1
        return (None, *answer(frames, rows - lost, columns - lost, filters, lost))

    return wrong


time_distributed_shape = Exercise(
    name="time_distributed_shape",
    unit=UNIT,
    layer="TimeDistributed",
    reference=_shape,
    kinds=(Kind("a film", _asked), Kind("another one", _asked)),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "no time axis",
            "Your output has no time axis, as if there were one answer for the whole film.",
            "How often is the inner layer applied, and what happens to each of its outputs?",
            _shaped(lambda frames, rows, columns, filters, lost: (rows, columns, filters)),
        ),
        Misconception(
            "the window moves through time too",
            "Your output has fewer frames than the film, as after Conv3D.",
            "Does the inner layer ever see two frames at once?",
            _shaped(
                lambda frames, rows, columns, filters, lost: (frames - lost, rows, columns, filters)
            ),
        ),
        Misconception(
            "frames become channels",
            "Your output has the results for all frames end to end, as channels.",
            "Which axis of the input holds the frames?",
            _shaped(lambda frames, rows, columns, filters, lost: (rows, columns, frames * filters)),
        ),
        Misconception(
            "the image keeps its size",
            "Your output has all rows and columns of the frame.",
            "What does Conv2D do at the border when padding is not given?",
            _shaped(
                lambda frames, rows, columns, filters, lost: (
                    frames,
                    rows + lost,
                    columns + lost,
                    filters,
                )
            ),
        ),
        Misconception(
            "still one channel",
            "Your output has as many channels as the film.",
            "How many channels does the inner layer make from one frame?",
            _shaped(lambda frames, rows, columns, filters, lost: (frames, rows, columns, 1)),
        ),
    ),
)
