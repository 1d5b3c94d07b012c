"""Right answers to the exercises on convolutions, each written in another way."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from keras import ops


def as_tuple(value, rank):
    """One number stands for all sides."""
    return (value,) * rank if isinstance(value, int) else tuple(value)


def pads_of(padding, lengths, sizes, strides, rates):
    """Zeros before and after, along each side."""
    pads = []
    for length, size, stride, rate in zip(lengths, sizes, strides, rates, strict=True):
        reach = (size - 1) * rate + 1
        if padding == "same":
            total = max((-(-length // stride) - 1) * stride + reach - length, 0)
            pads.append((total // 2, total - total // 2))
        else:
            pads.append((reach - 1 if padding == "causal" else 0, 0))
    return pads


class Base(keras.layers.Layer):
    """All but the product of windows and kernel, which the variants below write."""

    rank = 2

    def __init__(
        self,
        filters,
        kernel_size,
        strides=1,
        padding="valid",
        dilation_rate=1,
        groups=1,
        activation=None,
        use_bias=True,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.filters = filters
        self.kernel_size = as_tuple(kernel_size, self.rank)
        self.strides = as_tuple(strides, self.rank)
        self.padding = padding
        self.dilation_rate = as_tuple(dilation_rate, self.rank)
        self.groups = groups
        self.activation = keras.activations.get(activation)
        self.use_bias = use_bias

    def build(self, input_shape):
        shape = (*self.kernel_size, input_shape[-1] // self.groups, self.filters)
        self.kernel = self.add_weight(name="kernel", shape=shape)
        if self.use_bias:
            self.bias = self.add_weight(name="bias", shape=(self.filters,))

    def pads(self, lengths):
        rest = self.kernel_size, self.strides, self.dilation_rate
        return pads_of(self.padding, lengths, *rest)

    def call(self, inputs):
        pads = self.pads(inputs.shape[1:-1])
        outputs = self.convolve(ops.pad(inputs, ((0, 0), *pads, (0, 0))))
        return self.activation(outputs + self.bias if self.use_bias else outputs)

    def counts(self, lengths):
        """How many windows there are along each side of the padded inputs."""
        sides = zip(lengths, self.kernel_size, self.strides, self.dilation_rate, strict=True)
        return [(n - (k - 1) * d - 1) // s + 1 for n, k, s, d in sides]

    def compute_output_shape(self, input_shape):
        lengths = input_shape[1:-1]
        padded = [n + sum(pads) for n, pads in zip(lengths, self.pads(lengths), strict=True)]
        return (input_shape[0], *self.counts(padded), self.filters)

    def get_config(self):
        own = {
            name: getattr(self, name)
            for name in (
                "filters",
                "kernel_size",
                "strides",
                "padding",
                "dilation_rate",
                "groups",
                "use_bias",
            )
        }
        act = keras.activations.serialize(self.activation)
        return super().get_config() | own | {"activation": act}

    def full_kernel(self):
        """The kernel of a layer without groups that does the same: zeros between the groups."""
        if self.groups == 1:
            return self.kernel
        parts = ops.split(self.kernel, self.groups, axis=-1)
        rows = [
            ops.concatenate([part if i == j else part * 0 for j, part in enumerate(parts)], axis=-1)
            for i in range(self.groups)
        ]
        return ops.concatenate(rows, axis=-2)


def each_group(product):
    """A product of windows (..., places, channels) and a kernel (places, channels, filters), once
    for each group."""

    @functools.wraps(product)
    def grouped(self, windows):
        kernel = ops.reshape(self.kernel, (-1, *self.kernel.shape[-2:]))
        if self.groups == 1:
            return product(self, windows, kernel)
        parts = zip(
            ops.split(windows, self.groups, axis=-1),
            ops.split(kernel, self.groups, axis=-1),
            strict=True,
        )
        return ops.concatenate([product(self, *part) for part in parts], axis=-1)

    return grouped


class ByGather(Base):
    """Takes the windows by their indices, side by side, and makes one product."""

    def convolve(self, inputs):
        places, channels = math.prod(self.kernel_size), inputs.shape[-1]
        counts = self.counts(inputs.shape[1:-1])
        axis = 1
        sides = zip(counts, self.kernel_size, self.strides, self.dilation_rate, strict=True)
        for count, size, stride, rate in sides:
            index = np.arange(count)[:, None] * stride + np.arange(size) * rate
            inputs = ops.take(inputs, index, axis=axis)
            axis += 2
        # (batch, rows, i, columns, j, channels) becomes (batch, rows, columns, i, j, channels)
        rank = self.rank
        order = (0, *range(1, 2 * rank, 2), *range(2, 2 * rank + 1, 2), 2 * rank + 1)
        windows = ops.transpose(inputs, order)
        return self.product(ops.reshape(windows, (-1, *counts, places, channels)))

    @each_group
    def product(self, windows, kernel):
        flat = ops.reshape(windows, (-1, *windows.shape[1:-2], kernel.shape[0] * kernel.shape[1]))
        return ops.matmul(flat, ops.reshape(kernel, (-1, kernel.shape[-1])))


class ByTensordot(ByGather):
    @each_group
    def product(self, windows, kernel):
        return tf.tensordot(windows, kernel, axes=2)


class LoopOverKernel(Base):
    """Adds up: each entry of the kernel times the inputs that it meets, taken by a slice."""

    def convolve(self, inputs):
        counts = self.counts(inputs.shape[1:-1])
        kernel, total = self.full_kernel(), 0
        for place in itertools.product(*map(range, self.kernel_size)):
            slices = []
            sides = zip(place, counts, self.strides, self.dilation_rate, strict=True)
            for entry, count, stride, rate in sides:
                first = entry * rate
                slices.append(slice(first, first + (count - 1) * stride + 1, stride))
            cut = inputs[(slice(None), *slices)]
            total = total + ops.matmul(cut, kernel[place])
        return total


class LoopOverOutputs(Base):
    """As by hand: one window after the other."""

    def convolve(self, inputs):
        counts = self.counts(inputs.shape[1:-1])
        kernel = self.full_kernel()
        axes = list(range(1, self.rank + 2))
        outputs = []
        for place in itertools.product(*map(range, counts)):
            window = inputs[(slice(None), *self.under(place))]
            outputs.append(ops.tensordot(window, kernel, axes=(axes, list(range(self.rank + 1)))))
        return ops.reshape(ops.stack(outputs, axis=1), (-1, *counts, self.filters))

    def under(self, place):
        sides = zip(place, self.kernel_size, self.strides, self.dilation_rate, strict=True)
        for at, size, stride, rate in sides:
            yield slice(at * stride, at * stride + (size - 1) * rate + 1, rate)


class TensorFlowPatches(Base):
    """tf.image.extract_patches and einsum; it pads by itself, as it knows the word SAME."""

    def call(self, inputs):
        if self.padding == "causal":
            inputs = tf.pad(inputs, ((0, 0), *self.pads(inputs.shape[1:-1]), (0, 0)))
        outputs = self.convolve(inputs)
        if self.use_bias:
            outputs = tf.nn.bias_add(outputs, self.bias)
        return self.activation(outputs)

    def convolve(self, inputs):
        ones = (1,) * (2 - self.rank)
        if ones:
            inputs = inputs[:, None]
        patches = tf.image.extract_patches(
            inputs,
            sizes=(1, *ones, *self.kernel_size, 1),
            strides=(1, *ones, *self.strides, 1),
            rates=(1, *ones, *self.dilation_rate, 1),
            padding="SAME" if self.padding == "same" else "VALID",
        )
        windows = tf.reshape(
            patches,
            (-1, *patches.shape[1:3], math.prod(self.kernel_size), self.groups, self.inner),
        )
        kernel = tf.reshape(self.kernel, (-1, self.inner, self.groups, self.filters // self.groups))
        outputs = tf.einsum("bhwpgc,pcgf->bhwgf", windows, kernel)
        outputs = tf.reshape(outputs, (-1, *patches.shape[1:3], self.filters))
        return outputs[:, 0] if ones else outputs

    @property
    def inner(self):
        return self.kernel.shape[-2]


class KerasPatches(Base):
    """keras.ops.image.extract_patches and a Dense layer's product. Other names for the weights."""

    def build(self, input_shape):
        shape = (*self.kernel_size, input_shape[-1] // self.groups, self.filters)
        if self.use_bias:
            self.b = self.add_weight(name="offset", shape=(self.filters,), initializer="zeros")
        self.kernel = self.add_weight(name="w", shape=shape)
        super(Base, self).build(input_shape)

    def call(self, inputs):
        # Keras cuts no patches with strides and dilation at once, and need not here.
        padded = ops.pad(inputs, ((0, 0), *self.pads(inputs.shape[1:-1]), (0, 0)))
        lacking = max(2 - self.rank, 0)
        for _ in range(lacking):
            padded = ops.expand_dims(padded, 1)
        ones = (1,) * lacking
        cut = ops.image.extract_patches_3d if self.rank == 3 else ops.image.extract_patches
        patches = cut(
            padded,
            (*ones, *self.kernel_size),
            strides=(*ones, *self.strides),
            dilation_rate=(*ones, *self.dilation_rate),
        )
        kernel = ops.reshape(self.full_kernel(), (-1, self.filters))
        outputs = ops.dot(patches, kernel)
        for _ in range(lacking):
            outputs = ops.squeeze(outputs, axis=1)
        return self.activation(outputs + self.b if self.use_bias else outputs)


class ByFrames(Base):
    """tf.signal.frame cuts a sequence into windows; the holes are left out of each."""

    def convolve(self, inputs):
        (size,), (stride,), (rate,) = self.kernel_size, self.strides, self.dilation_rate
        frames = tf.signal.frame(inputs, (size - 1) * rate + 1, stride, axis=1)
        return tf.einsum("btkc,kcf->btf", frames[:, :, ::rate], self.kernel)


class ByMatrix(Base):
    """The whole layer as one large matrix: a Dense layer with shared weights."""

    def convolve(self, inputs):
        (count,) = self.counts(inputs.shape[1:-1])
        steps, (size,) = inputs.shape[1], self.kernel_size
        grid = np.zeros((count, size, steps), "float32")
        for t in range(count):
            for k in range(size):
                grid[t, k, t * self.strides[0] + k * self.dilation_rate[0]] = 1
        return ops.einsum("tks,bsc,kcf->btf", ops.cast(grid, inputs.dtype), inputs, self.kernel)


class RowByRow(Base):
    """Slides down by itself and leaves sliding across to a product with a matrix of ones."""

    def convolve(self, inputs):
        rows, columns = self.counts(inputs.shape[1:-1])
        down, across = self.strides
        kernel, total = self.full_kernel(), 0
        grid = np.zeros((columns, self.kernel_size[1], inputs.shape[2]), "float32")
        for x in range(columns):
            for j in range(self.kernel_size[1]):
                grid[x, j, x * across + j * self.dilation_rate[1]] = 1
        grid = ops.cast(grid, inputs.dtype)
        for i in range(self.kernel_size[0]):
            first = i * self.dilation_rate[0]
            cut = inputs[:, first : first + (rows - 1) * down + 1 : down]
            total = total + ops.einsum("xjw,bhwc,jcf->bhxf", grid, cut, kernel[i])
        return total


class SliceBySlice(Base):
    """A convolution in two dimensions for each depth of the kernel, added up."""

    def convolve(self, inputs):
        slices, *counts = self.counts(inputs.shape[1:-1])
        deep = self.strides[0]
        total = 0
        for depth in range(self.kernel_size[0]):
            cut = inputs[:, depth : depth + (slices - 1) * deep + 1 : deep]
            flat = tf.reshape(cut, (-1, *cut.shape[2:]))
            patches = tf.image.extract_patches(
                flat,
                (1, *self.kernel_size[1:], 1),
                (1, *self.strides[1:], 1),
                (1, 1, 1, 1),
                padding="VALID",
            )
            total += patches @ tf.reshape(self.kernel[depth], (-1, self.filters))
        return tf.reshape(total, (-1, slices, *counts, self.filters))


def of_rank(rank, *variants):
    """The variants for inputs with so many sides."""
    return [type(variant.__name__, (variant,), {"rank": rank}) for variant in variants]


def slide_by_loops(image, kernel):
    rows = image.shape[0] - kernel.shape[0] + 1
    columns = image.shape[1] - kernel.shape[1] + 1
    outputs = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            for k in range(kernel.shape[0]):
                for m in range(kernel.shape[1]):
                    outputs[i, j] += image[i + k, j + m] * kernel[k, m]
    return outputs


def slide_by_views(image, kernel):
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return np.einsum("ijkm,km->ij", windows, kernel)


def slide_in_lists(image, kernel):
    height, width = len(kernel), len(kernel[0])
    return [
        [
            int(
                sum(image[i + k][j + m] * kernel[k][m] for k in range(height) for m in range(width))
            )
            for j in range(len(image[0]) - width + 1)
        ]
        for i in range(len(image) - height + 1)
    ]


def length_by_formula(length, kernel_size, strides=1, padding="valid", dilation_rate=1):
    if padding == "valid":
        length = length - (kernel_size - 1) * dilation_rate
    return math.ceil(length / strides)


def length_by_counting(length, kernel_size, strides=1, padding="valid", dilation_rate=1):
    reach = 1 + (kernel_size - 1) * dilation_rate if padding == "valid" else 1
    return len([start for start in range(0, length, strides) if start + reach <= length])


def length_by_floor(length, kernel_size, strides=1, padding="valid", dilation_rate=1):
    if padding in ("same", "causal"):
        return np.int64((length - 1) // strides + 1)
    return np.int64((length - dilation_rate * (kernel_size - 1) - 1) // strides + 1)


def padding_by_formula(length, kernel_size, strides=1, dilation_rate=1):
    (pads,) = pads_of("same", [length], [kernel_size], [strides], [dilation_rate])
    return pads


def padding_by_rest(length, kernel_size, strides=1, dilation_rate=1):
    total = max((kernel_size - 1) * dilation_rate + 1 - (length % strides or strides), 0)
    return [total // 2, (total + 1) // 2]


def padding_by_trying(length, kernel_size, strides=1, dilation_rate=1):
    reach, count = (kernel_size - 1) * dilation_rate + 1, math.ceil(length / strides)
    before = after = 0
    while length + before + after < (count - 1) * strides + reach:
        before, after = (before + 1, after) if after > before else (before, after + 1)
    return np.array([before, after])


def params_by_product(channels, filters, kernel_size, groups=1, use_bias=True):
    return math.prod(kernel_size) * channels * filters // groups + filters * use_bias


def params_by_filter(channels, filters, kernel_size, groups=1, use_bias=True):
    one = int(np.prod(kernel_size)) * (channels // groups) + int(use_bias)
    return sum(one for _ in range(filters))


def params_by_array(channels, filters, kernel_size, groups=1, use_bias=True):
    kernel = np.zeros((*kernel_size, channels // groups, filters))
    return kernel.size + (filters if use_bias else 0)


def shape_by_formula(
    input_shape, filters, kernel_size, strides=(1, 1), padding="valid", dilation_rate=(1, 1)
):
    rows = zip(input_shape[1:3], kernel_size, strides, dilation_rate, strict=True)
    return (
        input_shape[0],
        *(length_by_formula(n, k, s, padding, d) for n, k, s, d in rows),
        filters,
    )


def shape_in_steps(
    input_shape, filters, kernel_size, strides=(1, 1), padding="valid", dilation_rate=(1, 1)
):
    batch, height, width, _ = input_shape
    if padding == "valid":
        height -= (kernel_size[0] - 1) * dilation_rate[0]
        width -= (kernel_size[1] - 1) * dilation_rate[1]
    return [batch, -(-height // strides[0]), -(-width // strides[1]), filters]


def shape_by_counting(
    input_shape, filters, kernel_size, strides=(1, 1), padding="valid", dilation_rate=(1, 1)
):
    shape = list(input_shape[:1])
    for axis in (0, 1):
        arguments = kernel_size[axis], strides[axis], padding, dilation_rate[axis]
        shape.append(length_by_counting(input_shape[axis + 1], *arguments))
    return (*shape, filters)


def block_by_product(input_shape, filters, kernel_size, use_bias=True):
    return params_by_product(input_shape[-1], filters, as_tuple(kernel_size, 3), 1, use_bias)


def block_by_array(input_shape, filters, kernel_size, use_bias=True):
    return params_by_array(input_shape[4], filters, as_tuple(kernel_size, 3), 1, use_bias)


def block_by_axes(input_shape, filters, kernel_size, use_bias=True):
    if isinstance(kernel_size, int):
        kernel_size = [kernel_size] * 3
    depth, height, width = kernel_size
    weights = depth * height * width * input_shape[-1] * filters
    return weights + filters if use_bias else weights


RIGHT: dict[str, list[Callable]] = {
    "slide": [slide_by_loops, slide_by_views, slide_in_lists],
    "conv_length": [length_by_formula, length_by_counting, length_by_floor],
    "same_padding": [padding_by_formula, padding_by_rest, padding_by_trying],
    "Conv1D": of_rank(
        1,
        ByGather,
        ByTensordot,
        LoopOverKernel,
        LoopOverOutputs,
        TensorFlowPatches,
        KerasPatches,
        ByFrames,
        ByMatrix,
    ),
    "conv_params": [params_by_product, params_by_filter, params_by_array],
    "conv_shape": [shape_by_formula, shape_in_steps, shape_by_counting],
    "Conv2D": of_rank(
        2,
        ByGather,
        ByTensordot,
        LoopOverKernel,
        LoopOverOutputs,
        TensorFlowPatches,
        KerasPatches,
        RowByRow,
    ),
    "conv3d_params": [block_by_product, block_by_array, block_by_axes],
    "Conv3D": of_rank(3, ByGather, ByTensordot, LoopOverKernel, KerasPatches, SliceBySlice),
}
