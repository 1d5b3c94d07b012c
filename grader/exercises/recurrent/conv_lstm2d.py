"""ConvLSTM2D: an LSTM whose inputs and states are images, and whose products are convolutions."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from grader.exercises.draw import Draw
from grader.exercises.edges import beyond, given, size_one
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.further import short
from grader.exercises.live import count_of
from grader.exercises.recurrent.cells import blocks, hard
from grader.exercises.recurrent.wrapping import STEPS, UNIT


def _case(draw: Draw, **config: Any) -> Case:
    """A few frames that are neither square nor as many as anything else."""
    batch, channels = (int(n) for n in draw.random.permutation((2, 3)))
    rows, columns = (int(n) for n in draw.random.permutation((6, 7, 8))[:2])
    kernel_size = draw.choice(((2, 3), (3, 2)))
    frames = draw.normal(batch, STEPS, rows, columns, channels)
    return Case({"filters": 5, "kernel_size": kernel_size, **config}, frames)


def _rare(name: str, **config: Any) -> Kind:
    """One filter, a window of 1 and one channel; called again with one frame."""

    def draw_case(draw: Draw) -> Case:
        frames = draw.normal(2, STEPS, 1, draw.size(3, 5), 1)
        first = Case({"filters": 1, "kernel_size": (1, 1), **config}, frames).with_known_batch()
        return first.then(short(first, 1))

    return Kind(name, draw_case, edge=True, hidden=True)


class _Frames(keras.layers.Layer):
    """A right layer, step by step, so that a wrong idea can change one."""

    order = "ifco"
    biased = True

    def __init__(
        self,
        filters: int,
        kernel_size: tuple[int, int],
        strides: int = 1,
        padding: str = "valid",
        return_sequences: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.filters, self.kernel_size = filters, kernel_size
        self.strides, self.padding, self.return_sequences = strides, padding, return_sequences

    def build(self, input_shape: Any) -> None:
        window, blocks_of_filters = self.kernel_size, 4 * self.filters
        self.kernel = self.add_weight(
            name="kernel", shape=(*window, input_shape[-1], blocks_of_filters)
        )
        self.recurrent_kernel = self.add_weight(
            name="recurrent_kernel", shape=(*self.memory(), self.filters, blocks_of_filters)
        )
        self.bias = self.add_weight(name="bias", shape=(blocks_of_filters,)) if self.biased else 0.0

    def memory(self) -> tuple[int, int]:
        """The window through which the state is seen."""
        return self.kernel_size

    def see(self, frame: Any) -> Any:
        """What comes in, through its kernel."""
        return ops.conv(frame, self.kernel, self.strides, self.padding) + self.bias

    def recall(self, h: Any) -> Any:
        """What was there before, through its own kernel."""
        return ops.conv(h, self.recurrent_kernel, padding="same")

    def bend(self, total: Any) -> Any:
        return ops.sigmoid(total)

    def speak(self, o: Any, c: Any) -> Any:
        return o * ops.tanh(c)

    def step(self, seen: Any, h: Any, c: Any) -> Any:
        parts = blocks(seen + self.recall(h), self.order)
        c = self.bend(parts["f"]) * c + self.bend(parts["i"]) * ops.tanh(parts["c"])
        return self.speak(self.bend(parts["o"]), c), c

    def call(self, inputs: Any) -> Any:
        outputs: list[Any] = []
        h = c = None
        for time in range(inputs.shape[1]):
            seen = self.see(inputs[:, time])
            if h is None:
                h = c = ops.zeros_like(seen[..., : self.filters])
            h, c = self.step(seen, h, c)
            outputs.append(h)
        return self.join(outputs) if self.return_sequences else h

    def join(self, outputs: list[Any]) -> Any:
        return ops.stack(outputs, axis=1)


class _TimeFirst(_Frames):
    def join(self, outputs: list[Any]) -> Any:
        return ops.stack(outputs, axis=0)


class _PaddedAlike(_Frames):
    def recall(self, h: Any) -> Any:
        return ops.conv(h, self.recurrent_kernel, padding=self.padding)


class _StridesAlike(_Frames):
    def recall(self, h: Any) -> Any:
        return ops.conv(h, self.recurrent_kernel, self.strides, "same")


class _BiasTwice(_Frames):
    def recall(self, h: Any) -> Any:
        return super().recall(h) + self.bias


class _TwoBiases(_Frames):
    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        self.other_bias = self.add_weight(name="recurrent_bias", shape=(4 * self.filters,))

    def recall(self, h: Any) -> Any:
        return super().recall(h) + self.other_bias


class _NoBias(_Frames):
    biased = False


class _HardGates(_Frames):
    def bend(self, total: Any) -> Any:
        return hard(total)


class _HardGatesOfKeras3(_Frames):
    def bend(self, total: Any) -> Any:
        return ops.hard_sigmoid(total)


class _ForgetFirst(_Frames):
    order = "fico"


class _CandidateLast(_Frames):
    order = "ifoc"


class _NoTanh(_Frames):
    def speak(self, o: Any, c: Any) -> Any:
        return o * c


class _FrameByFrame(_Frames):
    def step(self, seen: Any, h: Any, c: Any) -> Any:
        return super().step(seen, ops.zeros_like(h), ops.zeros_like(c))


class _NoCarry(_Frames):
    def step(self, seen: Any, h: Any, c: Any) -> Any:
        return super().step(seen, h, ops.zeros_like(c))


class _PixelByPixel(_Frames):
    def memory(self) -> tuple[int, int]:
        return 1, 1


class _Peepholes(_Frames):
    """The gates look at the carry too, through a weight for each channel."""

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        self.peep = [self.add_weight(name=f"peephole_{n}", shape=(self.filters,)) for n in "ifo"]

    def step(self, seen: Any, h: Any, c: Any) -> Any:
        parts = blocks(seen + self.recall(h), self.order)
        i = self.bend(parts["i"] + self.peep[0] * c)
        f = self.bend(parts["f"] + self.peep[1] * c)
        c = f * c + i * ops.tanh(parts["c"])
        return self.speak(self.bend(parts["o"] + self.peep[2] * c), c), c


class _AlwaysLast(_Frames):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "return_sequences": False})


class _AlwaysAll(_Frames):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "return_sequences": True})


class _AlwaysSame(_Frames):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "padding": "same"})


class _StridesIgnored(_Frames):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "strides": 1})


conv_lstm2d = Exercise(
    name="ConvLSTM2D",
    unit=UNIT,
    layer="ConvLSTM2D",
    reference=keras.layers.ConvLSTM2D,
    forbid=("ConvLSTM2D",),
    kinds=(
        Kind("valid, the last output", _case, once=True),
        Kind(
            "same, with a stride, all outputs",
            lambda d: _case(d, strides=2, padding="same", return_sequences=True).once(),
            once=True,
        ),
        _rare("same, the last output", padding="same"),
        _rare("valid, with a stride", strides=2),
        _rare("valid, all outputs", return_sequences=True),
    ),
    edges={
        "filters: 1": given("filters", 1),
        "kernel_size: 1": given("kernel_size", (1, 1)),
        "strides: above the kernel": beyond("strides", "kernel_size"),
        "inputs: one frame": size_one(1),
        "inputs: one row": size_one(2),
        "inputs: one channel": size_one(-1),
    },
    weight=lambda draw, name, shape: 0.5 * draw.weight(name, shape),
    gates=("i", "f", "c", "o"),
    weight_shapes=False,
    aspects={"shape": 2, "parameters": 2, "output": 5, "gradient": 1},
    misconceptions=(
        Misconception(
            "recurrent path padded like the inputs",
            "Your layer convolves the state with the padding of the inputs: with 'valid' the "
            "state shrinks at each step and no longer fits.",
            "The new state must be as large as the old one. Which padding keeps the size?",
            _PaddedAlike,
        ),
        Misconception(
            "recurrent path with the strides of the inputs",
            "Your layer convolves the state with the strides of the inputs: the state shrinks at "
            "each step and no longer fits.",
            "The state already has the size of the output: how far may its window move at each "
            "step?",
            _StridesAlike,
        ),
        Misconception(
            "bias twice",
            "Your layer adds the bias in both convolutions.",
            "How many biases does one sum of the formula contain?",
            _BiasTwice,
        ),
        Misconception(
            "two biases",
            "Each of your two convolutions has a bias of its own.",
            "Both convolutions go into one sum: would a second bias change anything?",
            _TwoBiases,
        ),
        Misconception(
            "bias omitted",
            "Your layer has no bias.",
            "What is added to the two convolutions before the sigmoid?",
            _NoBias,
        ),
        Misconception(
            "hard_sigmoid of Keras 2",
            "Your gates use the old hard sigmoid, 0.2 x + 0.5, as this layer did before Keras 3.",
            "Which curve do the gates of Keras 3 use: straight lines with corners, or a smooth "
            "curve?",
            _HardGates,
        ),
        Misconception(
            "hard_sigmoid",
            "Your gates use hard_sigmoid.",
            "Which curve do the gates of Keras 3 use: straight lines with corners, or a smooth "
            "curve?",
            _HardGatesOfKeras3,
        ),
        Misconception(
            "gate order f, i, c, o",
            "Your layer reads the forget gate from the first channels.",
            "What is the order of the four blocks in a Keras LSTMCell?",
            _ForgetFirst,
        ),
        Misconception(
            "gate order i, f, o, c",
            "Your layer reads the output gate from the third block and the candidate from the "
            "last.",
            "What is the order of the four blocks in a Keras LSTMCell?",
            _CandidateLast,
        ),
        Misconception(
            "tanh on the output forgotten",
            "Your output is the gated carry itself, without tanh.",
            "The carry may grow beyond 1. May the output?",
            _NoTanh,
        ),
        Misconception(
            "each frame by itself",
            "Your layer starts each frame with states of zeros: it remembers nothing.",
            "Which h and which c should the second frame start with?",
            _FrameByFrame,
        ),
        Misconception(
            "carry not passed on",
            "Your layer hands on its output, but begins each frame with an empty carry.",
            "How many states has an LSTM?",
            _NoCarry,
        ),
        Misconception(
            "state multiplied pixel by pixel",
            "Your layer convolves the state with a window of one pixel.",
            "A moving object was at a neighbouring pixel before: can your layer see it there?",
            _PixelByPixel,
        ),
        Misconception(
            "peepholes",
            "Your gates look at the carry too, with weights of their own, as in the paper.",
            "Keras leaves out one part of the paper: which weights are not in the table?",
            _Peepholes,
        ),
        Misconception(
            "always the last output",
            "Your layer returns only the last output even when return_sequences is True.",
            "If the output of every frame is kept, how many are there for each sample?",
            _AlwaysLast,
        ),
        Misconception(
            "always all outputs",
            "Your layer returns all outputs even when only the last one is wanted.",
            "If only the last output is kept, how many are there for each sample?",
            _AlwaysAll,
        ),
        Misconception(
            "time before the batch",
            "With return_sequences your output has the time first and the batch second.",
            "Which axis comes first in everything that Keras hands from layer to layer?",
            _TimeFirst,
        ),
        Misconception(
            "padding ignored",
            "Your layer always pads its inputs and ignores `padding`.",
            "With no zeros around, at how many places does a window of three fit in a row of six?",
            _AlwaysSame,
        ),
        Misconception(
            "strides ignored",
            "Your layer moves its window by one pixel and ignores `strides`.",
            "To which of the two convolutions does `strides` apply?",
            _StridesIgnored,
        ),
    ),
)


Shape = tuple[int, int, int, int]


def _count(input_shape: Shape, filters: int, kernel_size: tuple[int, int]) -> int:
    return count_of(keras.layers.ConvLSTM2D(filters, kernel_size), (None, *input_shape))


def _asked(draw: Draw) -> Case:
    kernel_size, (channels, filters) = draw.sizes(2, 2, 5), draw.sizes(2, 3, 12)
    time, rows, columns = draw.sizes(3, 8, 30)
    return Case(
        {
            "input_shape": (time, rows, columns, channels),
            "filters": filters,
            "kernel_size": kernel_size,
        }
    )


def _counted(kernel: Any, recurrent: Any, bias: int = 1, gates: int = 4) -> Any:
    """A wrong count: numbers for one filter of one block, from (window, channels, filters)."""

    def count(input_shape: Shape, filters: int, kernel_size: tuple[int, int]) -> int:
        rows, columns = kernel_size
        sizes = (rows * columns, input_shape[-1], filters)
        return gates * filters * int(kernel(*sizes) + recurrent(*sizes) + bias)

    return count


def _kernel(window: int, channels: int, filters: int) -> int:
    return window * channels


def _recurrent(window: int, channels: int, filters: int) -> int:
    return window * filters


_right = _counted(_kernel, _recurrent)

conv_lstm_params = Exercise(
    name="conv_lstm_params",
    unit=UNIT,
    layer="ConvLSTM2D",
    reference=_count,
    kinds=(Kind("a layer", _asked), Kind("another one", _asked)),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "the state has no kernel",
            "Your count is that of a plain convolution: it leaves out the kernel for the state.",
            "Two things are convolved at each step. What is the second?",
            _counted(_kernel, lambda window, channels, filters: 0),
        ),
        Misconception(
            "the state has as many channels as a frame",
            "Your count has two kernels of the same shape, as if the state had as many channels "
            "as a frame.",
            "How many channels does the state have that the layer passes to its next step?",
            _counted(_kernel, _kernel),
        ),
        Misconception(
            "one block",
            "Your count is right for one gate.",
            "How many blocks of channels does an LSTM have?",
            _counted(_kernel, _recurrent, gates=1),
        ),
        Misconception(
            "three gates only",
            "Your count has three blocks: the candidate is left out.",
            "The three gates say how much passes. Which block says what passes?",
            _counted(_kernel, _recurrent, gates=3),
        ),
        Misconception(
            "bias not counted",
            "Your count leaves out the biases.",
            "What is added to the two convolutions?",
            _counted(_kernel, _recurrent, bias=0),
        ),
        Misconception(
            "two biases",
            "Your count has a bias for each of the two convolutions.",
            "How many biases does one sum of the formula contain?",
            _counted(_kernel, _recurrent, bias=2),
        ),
        Misconception(
            "the state through one pixel",
            "Your count gives the state a kernel of one pixel.",
            "A moving object was at a neighbouring pixel before: how large must the window be?",
            _counted(_kernel, lambda window, channels, filters: filters),
        ),
        Misconception(
            "new weights at each step",
            "Your count grows with the number of frames.",
            "Does the second frame use another cell than the first?",
            lambda input_shape, filters, kernel_size: (
                input_shape[0] * _right(input_shape, filters, kernel_size)
            ),
        ),
        Misconception(
            "every pixel has weights of its own",
            "Your count is that of an LSTM that gets all pixels in one row.",
            "Do the weights of a convolution depend on how large the image is?",
            lambda input_shape, filters, kernel_size: (
                4 * filters * (input_shape[1] * input_shape[2] * input_shape[3] + filters + 1)
            ),
        ),
    ),
)
