"""What the convolutions share: what is forbidden, how cases are drawn, and what goes wrong.

`Plain` is a convolution written out: it cuts the window under each place of the kernel and makes
one product. A wrong idea changes one of its steps.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import keras
from keras import ops

from grader.exercises.draw import Draw
from grader.exercises.exercise import Case, Kind, Misconception

UNIT = "06-convolution"

FORBIDDEN = ("convolution",)
"""Every ready-made convolution. To cut out patches is allowed."""

Shape = tuple[int | None, ...]
Pads = tuple[int, int]


def convolution_case(
    draw: Draw, kernel: Sequence[int], sides: Sequence[Sequence[int]], **config: Any
) -> Case:
    """Inputs whose sides are drawn from these choices, all different, for a kernel of this size."""
    lengths = _different(draw, sides)
    # Few numbers are free below the sides: a check must stay quick.
    batch, channels = (int(n) for n in draw.random.permutation((2, 3, 4))[:2])
    filters = draw.choice((2, 3, 5))
    if "groups" in config:
        batch, channels, filters = 3, 2 * config["groups"], 3 * config["groups"]
    size = kernel[0] if len(sides) == 1 else tuple(kernel)
    inputs = draw.normal(batch, *lengths, channels)
    return Case({"filters": filters, "kernel_size": size, **config}, inputs)


def convolution_kind(
    name: str,
    kernel: Sequence[int],
    sides: Sequence[Sequence[int]],
    also: tuple[str, ...] = (),
    **config: Any,
) -> Kind:
    """A kind of such cases. Those whose call is traced are called again too: for a student it takes
    too long to do so with all."""

    def draw(d: Draw) -> Case:
        case = convolution_case(d, kernel, sides, **config)
        return case if "traced" in also else case.once()

    return Kind(name, draw, also)


def tiny_case(draw: Draw, *sides: int, channels: int = 1, **config: Any) -> Case:
    """Inputs with sides that may be 1, of one channel; with one filter, if not otherwise asked."""
    inputs = draw.normal(draw.size(2, 3), *sides, channels)
    return Case({"filters": 1, **config}, inputs).with_known_batch()


def _different(draw: Draw, sides: Sequence[Sequence[int]]) -> tuple[int, ...]:
    fits = [way for way in itertools.product(*sides) if len(set(way)) == len(way)]
    return draw.choice(fits)


def same_pads(length: int, size: int, stride: int, reach: int) -> Pads:
    """Zeros before and after, so that there are ceil(length / stride) windows; `reach` is the
    length that a window spans."""
    total = max((math.ceil(length / stride) - 1) * stride + reach - length, 0)
    return total // 2, total - total // 2


def causal_pads(length: int, size: int, stride: int, reach: int) -> Pads:
    """Zeros before only, so that no window looks ahead."""
    return reach - 1, 0


def no_pads(length: int, size: int, stride: int, reach: int) -> Pads:
    """None at all."""
    return 0, 0


def _tuple(value: Any, rank: int) -> tuple[int, ...]:
    return (value,) * rank if isinstance(value, int) else tuple(value)


class Plain(keras.layers.Layer):
    """A right convolution. `rank` is the number of sides, and `paddings` are the ways to pad."""

    rank = 2
    paddings: ClassVar = {"valid": no_pads, "same": same_pads, "causal": causal_pads}

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        dilation_rate: Any = 1,
        groups: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.filters = filters
        self.kernel_size = _tuple(kernel_size, self.rank)
        self.strides = _tuple(strides, self.rank)
        self.padding = padding
        self.dilation_rate = _tuple(dilation_rate, self.rank)
        self.groups = groups
        self.activation = keras.activations.get(activation)
        self.use_bias = use_bias

    def build(self, input_shape: Any) -> None:
        self.kernel = self.add_weight(name="kernel", shape=self.kernel_shape(input_shape[-1]))
        if self.use_bias:
            self.bias = self.add_weight(name="bias", shape=(self.filters,))

    def kernel_shape(self, channels: int) -> tuple[int, ...]:
        """Shape of the kernel."""
        return (*self.kernel_size, channels // self.groups, self.filters)

    def reach(self) -> list[int]:
        """The length that a window spans along each side."""
        pairs = zip(self.kernel_size, self.dilation_rate, strict=True)
        return [(size - 1) * rate + 1 for size, rate in pairs]

    def pads(self, sides: Sequence[int]) -> list[Pads]:
        """Zeros before and after along each side."""
        pad = self.paddings[self.padding]
        rows = zip(sides, self.kernel_size, self.strides, self.reach(), strict=True)
        return [pad(*row) for row in rows]

    def places(self) -> list[tuple[int, ...]]:
        """Where in a window the entries of the kernel lie."""
        pairs = zip(self.kernel_size, self.dilation_rate, strict=True)
        return list(itertools.product(*(range(0, size * rate, rate) for size, rate in pairs)))

    def padded(self, inputs: Any) -> Any:
        """The inputs with their margin."""
        pads = self.pads(inputs.shape[1:-1])
        return ops.pad(inputs, ((0, 0), *pads, (0, 0))) if any(map(any, pads)) else inputs

    def cut(self, inputs: Any) -> list[Any]:
        """For each place in the window, the inputs that meet it: one for every output."""
        sides = zip(inputs.shape[1:-1], self.strides, self.reach(), strict=True)
        ends = [((length - reach) // stride) * stride + 1 for length, stride, reach in sides]
        windows = []
        for place in self.places():
            starts = zip(place, ends, self.strides, strict=True)
            slices = (slice(first, first + end, stride) for first, end, stride in starts)
            windows.append(inputs[(slice(None), *slices)])
        return windows

    def product(self, windows: list[Any]) -> Any:
        """Windows times kernel, group by group."""
        if self.groups == 1:
            flat = ops.reshape(self.kernel, (-1, self.filters))
            return ops.matmul(ops.concatenate(windows, axis=-1), flat)
        kernels = ops.split(self.kernel, self.groups, axis=-1)
        parts = zip(*(ops.split(w, self.groups, axis=-1) for w in windows), strict=True)
        return ops.concatenate(
            [
                ops.matmul(
                    ops.concatenate(part, axis=-1), ops.reshape(kernel, (-1, kernel.shape[-1]))
                )
                for part, kernel in zip(parts, kernels, strict=True)
            ],
            axis=-1,
        )

    def biased(self, outputs: Any) -> Any:
        """The outputs and the bias."""
        return outputs + self.bias if self.use_bias else outputs

    def call(self, inputs: Any) -> Any:
        return self.activation(self.biased(self.product(self.cut(self.padded(inputs)))))

    def compute_output_shape(self, input_shape: Any) -> Any:
        batch, *sides, _ = input_shape
        rows = zip(sides, self.pads(sides), self.strides, self.reach(), strict=True)
        lengths = [(n + sum(pads) - reach) // stride + 1 for n, pads, stride, reach in rows]
        return (batch, *lengths, self.filters)

    def get_config(self) -> dict[str, Any]:
        own = {
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "dilation_rate": self.dilation_rate,
            "groups": self.groups,
            "activation": keras.activations.serialize(self.activation),
            "use_bias": self.use_bias,
        }
        return {**super().get_config(), **own}


def padding_by(rank: int, **how: Callable[[int, int, int, int], Pads]) -> type[Plain]:
    """A convolution that pads in another way, by the name of the padding."""

    class Padding(Plain):
        paddings: ClassVar = {**Plain.paddings, **how}

    Padding.rank = rank
    return Padding


def reading(rank: int, change: Callable[[dict[str, Any]], dict[str, Any]]) -> type[Plain]:
    """A convolution that takes some of its arguments for others."""

    class Reading(Plain):
        def __init__(self, **config: Any) -> None:
            read = change(config)
            super().__init__(**read)
            self.told = {key: value for key, value in config.items() if read[key] != value}

        def get_config(self) -> dict[str, Any]:
            return super().get_config() | self.told

    Reading.rank = rank
    return Reading


def left_heavy(length: int, size: int, stride: int, reach: int) -> Pads:
    """The odd zero comes first."""
    after, before = same_pads(length, size, stride, reach)
    return before, after


def as_for_stride_1(length: int, size: int, stride: int, reach: int) -> Pads:
    """What would be right if the window moved by one."""
    return same_pads(length, size, 1, reach)


def on_both_sides(length: int, size: int, stride: int, reach: int) -> Pads:
    """Half a window on both sides, as some other libraries do."""
    return reach // 2, reach // 2


def without_dilation(length: int, size: int, stride: int, reach: int) -> Pads:
    """As for a kernel without holes."""
    return same_pads(length, size, stride, size)


def over_the_edge(length: int, size: int, stride: int, reach: int) -> Pads:
    """So many zeros after the end that the last window, which hangs over it, counts."""
    return 0, max((math.ceil((length - reach) / stride)) * stride + reach - length, 0)


class _Flipped(Plain):
    def places(self) -> list[tuple[int, ...]]:
        return super().places()[::-1]


class _NoBias(Plain):
    def __init__(self, **config: Any) -> None:
        super().__init__(**{**config, "use_bias": False})


class _AlwaysBias(Plain):
    def __init__(self, **config: Any) -> None:
        super().__init__(**{**config, "use_bias": True})


class _FirstChannel(Plain):
    """A colour picture taken for a grey one."""

    def product(self, windows: list[Any]) -> Any:
        kernel = ops.reshape(self.kernel, (-1, self.kernel.shape[-2], self.filters))
        return ops.matmul(ops.stack([w[..., 0] for w in windows], axis=-1), kernel[:, 0])


class _Edge(Plain):
    def padded(self, inputs: Any) -> Any:
        pads = self.pads(inputs.shape[1:-1])
        if not any(map(any, pads)):
            return inputs
        for axis, (before, after) in enumerate(pads, 1):
            last = inputs.shape[axis] - 1
            index = [0] * before + list(range(last + 1)) + [last] * after
            inputs = ops.take(inputs, index, axis=axis)
        return inputs


class _Floor(Plain):
    """One window less where the stride does not divide the length."""

    def call(self, inputs: Any) -> Any:
        outputs = super().call(inputs)
        if self.padding != "same":
            return outputs
        lengths = self.compute_output_shape(inputs.shape)[1:-1]
        return outputs[(slice(None), *(slice(length) for length in lengths))]

    def compute_output_shape(self, input_shape: Any) -> Any:
        if self.padding != "same":
            return super().compute_output_shape(input_shape)
        pairs = zip(input_shape[1:-1], self.strides, strict=True)
        return (input_shape[0], *(length // stride for length, stride in pairs), self.filters)


class _NoDilation(Plain):
    def __init__(self, **config: Any) -> None:
        super().__init__(**{**config, "dilation_rate": 1})


class _NoStride(Plain):
    def __init__(self, **config: Any) -> None:
        super().__init__(**{**config, "strides": 1})


def _as_stride(config: dict[str, Any]) -> dict[str, Any]:
    rate = config.get("dilation_rate", 1)
    spread = rate != 1 if isinstance(rate, int) else max(rate) > 1
    return {**config, "dilation_rate": 1, "strides": rate} if spread else config


def of_rank(rank: int, wrong: type[Plain]) -> type[Plain]:
    """The same wrong idea on inputs with so many sides."""
    return type(wrong.__name__, (wrong,), {"rank": rank})


def usual_ideas(rank: int) -> tuple[Misconception, ...]:
    """What goes wrong with every convolution: its kernel, its bias, its strides."""
    return (
        Misconception(
            "flipped kernel",
            "Your layer flips the kernel before it multiplies, as a convolution in mathematics "
            "does. Keras does not flip it.",
            "Which entry of the kernel multiplies the first number of a window?",
            of_rank(rank, _Flipped),
        ),
        Misconception(
            "bias omitted",
            "Your layer never adds a bias, although use_bias is True.",
            "How many filters are there, and what does each of them add to its sums?",
            of_rank(rank, _NoBias),
        ),
        Misconception(
            "use_bias ignored",
            "Your layer makes a bias even when use_bias is False.",
            "What should build() leave out when use_bias is False?",
            of_rank(rank, _AlwaysBias),
        ),
        Misconception(
            "only the first channel",
            "Your layer looks at the first channel only.",
            "When there are three channels, how many numbers does a window hold?",
            of_rank(rank, _FirstChannel),
        ),
        Misconception(
            "strides ignored",
            "Your window moves by one and ignores strides.",
            "After the first window, where does the next one begin?",
            of_rank(rank, _NoStride),
        ),
        Misconception(
            "last window over the edge",
            "With padding='valid', when the stride does not divide the length, your layer counts "
            "a last window that reaches over the edge.",
            "May a window of a valid convolution reach outside the input?",
            padding_by(rank, valid=over_the_edge),
        ),
    )


def same_ideas(rank: int) -> tuple[Misconception, ...]:
    """What goes wrong with padding='same'."""
    return (
        Misconception(
            "same padded left-heavy",
            "With padding='same', when the number of zeros is odd, your extra zero comes before "
            "the data.",
            "Keras puts the extra zero at one of the two ends: try four ones, a kernel of three "
            "ones and a stride of two. Which end is it?",
            padding_by(rank, same=left_heavy),
        ),
        Misconception(
            "same padded as for stride 1",
            "With padding='same' your layer adds the zeros that a stride of 1 would need and "
            "ignores the stride.",
            "Count the windows and place them one stride apart: how far does the last one reach "
            "beyond the end?",
            padding_by(rank, same=as_for_stride_1),
        ),
        Misconception(
            "same padded on both sides alike",
            "With padding='same' your layer always adds half a window of zeros at both ends, even "
            "if the stride is not 1 or the kernel size is even.",
            "A kernel of two fits at three places on four numbers: how many zeros does a fourth "
            "window need?",
            padding_by(rank, same=on_both_sides),
        ),
        Misconception(
            "floor for ceil",
            "With padding='same' you lose the last window when the stride does not divide the "
            "length.",
            "Seven numbers, a stride of two, and every number is in some window: how many windows "
            "are there?",
            of_rank(rank, _Floor),
        ),
        Misconception(
            "same repeats the border",
            "With padding='same' your layer repeats the outermost values beyond the edge.",
            "What does Keras put around the input: copies of the edge, or something else?",
            of_rank(rank, _Edge),
        ),
        Misconception(
            "same taken for valid",
            "With padding='same' your layer adds nothing around the input.",
            "With a stride of one, what must be the same before and after the layer?",
            padding_by(rank, same=no_pads),
        ),
    )


def dilation_ideas(rank: int) -> tuple[Misconception, ...]:
    """What goes wrong with dilation."""
    return (
        Misconception(
            "dilation taken as stride",
            "Your layer moves its window by dilation_rate, but takes neighbouring entries in it.",
            "Does dilation spread the windows, or the entries of one window?",
            reading(rank, _as_stride),
        ),
        Misconception(
            "dilation ignored",
            "Your layer takes neighbouring entries in each window and ignores dilation_rate.",
            "When dilation_rate is 2, how far apart are two neighbours in a window?",
            of_rank(rank, _NoDilation),
        ),
        Misconception(
            "same without the dilation",
            "With padding='same' you add the zeros that a kernel without gaps needs, but "
            "dilation_rate spreads the kernel.",
            "A kernel of three has dilation_rate 2: how long is it from its first entry to its "
            "last?",
            padding_by(rank, same=without_dilation),
        ),
    )
