"""Right answers to the exercises on the convolution family, each written in another way."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from keras import ops


def pair(value):
    return (value, value) if isinstance(value, int) else tuple(value)


def cut(inputs, size, strides, padding):
    """For each place in the window, what every window has there."""
    edges, counts = [], []
    for length, side, stride in zip(inputs.shape[1:3], size, strides, strict=True):
        if padding == "same":
            counts.append(math.ceil(length / stride))
        else:
            counts.append((length - side) // stride + 1)
        missing = max((counts[-1] - 1) * stride + side - length, 0)
        edges.append((missing // 2, missing - missing // 2))
    padded = ops.pad(inputs, ((0, 0), *edges, (0, 0)))
    (rows, columns), (down, right) = counts, strides
    return [
        padded[:, i : i + rows * down : down, j : j + columns * right : right]
        for i in range(size[0])
        for j in range(size[1])
    ]


class Depthwise(keras.layers.Layer):
    """The textbook way: place by place, each channel with its own numbers."""

    def __init__(
        self,
        kernel_size,
        strides=(1, 1),
        padding="valid",
        depth_multiplier=1,
        use_bias=True,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.kernel_size, self.strides = pair(kernel_size), pair(strides)
        self.padding, self.many, self.use_bias = padding, depth_multiplier, use_bias

    def get_config(self):
        return super().get_config() | {
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "depth_multiplier": self.many,
            "use_bias": self.use_bias,
        }

    def build(self, input_shape):
        channels = input_shape[-1]
        self.kernel = self.add_weight(name="kernel", shape=(*self.kernel_size, channels, self.many))
        if self.use_bias:
            self.bias = self.add_weight(name="bias", shape=(channels * self.many,))

    def call(self, inputs):
        outputs = self.filtered(inputs)
        return outputs + self.bias if self.use_bias else outputs

    def filtered(self, inputs):
        parts = cut(inputs, self.kernel_size, self.strides, self.padding)
        total = 0
        for place, part in enumerate(parts):
            numbers = self.kernel[place // self.kernel_size[1], place % self.kernel_size[1]]
            total = total + part[..., None] * numbers
        return ops.reshape(total, (-1, *total.shape[1:3], inputs.shape[-1] * self.many))


class DepthwiseByEinsum(Depthwise):
    def filtered(self, inputs):
        stack = ops.stack(cut(inputs, self.kernel_size, self.strides, self.padding), axis=-1)
        kernel = ops.reshape(self.kernel, (-1, inputs.shape[-1], self.many))
        outputs = ops.einsum("bijcp,pcm->bijcm", stack, kernel)
        return ops.reshape(outputs, (-1, *outputs.shape[1:3], inputs.shape[-1] * self.many))


class DepthwiseChannelByChannel(Depthwise):
    """An ordinary convolution for each channel by itself."""

    def filtered(self, inputs):
        outputs = [
            ops.conv(
                inputs[..., c : c + 1],
                self.kernel[:, :, c : c + 1],
                strides=self.strides,
                padding=self.padding,
            )
            for c in range(inputs.shape[-1])
        ]
        return ops.concatenate(outputs, axis=-1)


class DepthwiseAsOneConvolution(Depthwise):
    """A convolution whose kernel is zero wherever channels would meet."""

    def filtered(self, inputs):
        channels = inputs.shape[-1]
        apart = ops.cast(np.eye(channels)[:, :, None], self.kernel.dtype)
        whole = self.kernel[:, :, :, None, :] * ops.cast(apart, inputs.dtype)
        shape = (*self.kernel_size, channels, channels * self.many)
        return ops.conv(
            inputs, ops.reshape(whole, shape), strides=self.strides, padding=self.padding
        )


class Separable(keras.layers.Layer):
    """The textbook way: two ready-made operations, one after the other."""

    def __init__(
        self,
        filters,
        kernel_size,
        strides=(1, 1),
        padding="valid",
        depth_multiplier=1,
        use_bias=True,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.filters, self.kernel_size, self.strides = filters, pair(kernel_size), pair(strides)
        self.padding, self.many, self.use_bias = padding, depth_multiplier, use_bias

    def get_config(self):
        return super().get_config() | {
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "depth_multiplier": self.many,
            "use_bias": self.use_bias,
        }

    def build(self, input_shape):
        channels = input_shape[-1]
        self.first = self.add_weight(
            name="depthwise_kernel", shape=(*self.kernel_size, channels, self.many)
        )
        self.second = self.add_weight(
            name="pointwise_kernel", shape=(1, 1, channels * self.many, self.filters)
        )
        if self.use_bias:
            self.bias = self.add_weight(name="bias", shape=(self.filters,))

    def call(self, inputs):
        outputs = self.mixed(self.looked(inputs))
        return outputs + self.bias if self.use_bias else outputs

    def looked(self, inputs):
        return ops.depthwise_conv(inputs, self.first, strides=self.strides, padding=self.padding)

    def mixed(self, middle):
        return ops.conv(middle, self.second, padding="valid")


class SeparableByProducts(Separable):
    """Slices for the first step, one matrix product for the second."""

    def looked(self, inputs):
        stack = ops.stack(cut(inputs, self.kernel_size, self.strides, self.padding), axis=-1)
        kernel = ops.reshape(self.first, (-1, inputs.shape[-1], self.many))
        outputs = ops.einsum("bijcp,pcm->bijcm", stack, kernel)
        return ops.reshape(outputs, (-1, *outputs.shape[1:3], inputs.shape[-1] * self.many))

    def mixed(self, middle):
        return ops.matmul(middle, self.second[0, 0])


class SeparableOfLayers(keras.layers.Layer):
    """Two of Keras's layers inside."""

    def __init__(
        self,
        filters,
        kernel_size,
        strides=1,
        padding="valid",
        depth_multiplier=1,
        use_bias=True,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.looks = keras.layers.DepthwiseConv2D(
            pair(kernel_size), pair(strides), padding, depth_multiplier, use_bias=False
        )
        self.mixes = keras.layers.Conv2D(filters, 1, use_bias=use_bias)

    def build(self, input_shape):
        self.looks.build(input_shape)
        self.mixes.build(self.looks.compute_output_shape(input_shape))

    def call(self, inputs):
        return self.mixes(self.looks(inputs))


class SeparableAsOneKernel(Separable):
    """Melts the two kernels into that of one ordinary convolution."""

    def call(self, inputs):
        channels = inputs.shape[-1]
        second = ops.reshape(self.second, (channels, self.many, self.filters))
        kernel = ops.einsum("ijcm,cmf->ijcf", self.first, second)
        outputs = ops.conv(inputs, kernel, strides=self.strides, padding=self.padding)
        return outputs + self.bias if self.use_bias else outputs


class Transpose(keras.layers.Layer):
    """The textbook way: set the pixels apart, convolve with the kernel turned, cut."""

    def __init__(
        self, filters, kernel_size, strides=(1, 1), padding="valid", use_bias=True, **kwargs
    ):
        super().__init__(**kwargs)
        self.filters, self.kernel_size, self.strides = filters, pair(kernel_size), pair(strides)
        self.padding, self.use_bias = padding, use_bias

    def get_config(self):
        return super().get_config() | {
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "use_bias": self.use_bias,
        }

    def build(self, input_shape):
        shape = (*self.kernel_size, self.filters, input_shape[-1])
        self.kernel = self.add_weight(name="kernel", shape=shape)
        if self.use_bias:
            self.bias = self.add_weight(name="bias", shape=(self.filters,))

    def sizes(self, inputs):
        """For each side: where the output begins among all stamps, and its length."""
        for length, size, stride in zip(
            inputs.shape[1:3], self.kernel_size, self.strides, strict=True
        ):
            if self.padding == "same":
                yield max(size - stride, 0) // 2, length * stride
            else:
                yield 0, length * stride + max(size - stride, 0)

    def call(self, inputs):
        (top, rows), (left, columns) = self.sizes(inputs)
        outputs = self.stamped(inputs)
        missing = [
            (0, max(begin + length - there, 0))
            for (begin, length), there in zip(
                ((top, rows), (left, columns)), outputs.shape[1:3], strict=True
            )
        ]
        outputs = ops.pad(outputs, ((0, 0), *missing, (0, 0)))
        outputs = outputs[:, top : top + rows, left : left + columns]
        return outputs + self.bias if self.use_bias else outputs

    def stamped(self, inputs):
        (height, width), (down, right) = self.kernel_size, self.strides
        _, rows, columns, channels = inputs.shape
        grid = ops.pad(
            inputs[:, :, None, :, None, :],
            ((0, 0), (0, 0), (0, down - 1), (0, 0), (0, right - 1), (0, 0)),
        )
        grid = ops.reshape(grid, (-1, rows * down, columns * right, channels))
        edges = ((0, 0), (height - 1, height - 1), (width - 1, width - 1), (0, 0))
        turned = ops.transpose(ops.flip(self.kernel, axis=(0, 1)), (0, 1, 3, 2))
        return ops.conv(ops.pad(grid, edges), turned, padding="valid")


class TransposePlaceByPlace(Transpose):
    """For each place in the kernel a whole picture, moved there, and all of them added."""

    def stamped(self, inputs):
        (height, width), (down, right) = self.kernel_size, self.strides
        _, rows, columns, _ = inputs.shape
        total = 0
        for i in range(height):
            for j in range(width):
                part = ops.matmul(inputs, ops.transpose(self.kernel[i, j]))
                apart = ops.pad(
                    part[:, :, None, :, None, :],
                    ((0, 0), (0, 0), (0, down - 1), (0, 0), (0, right - 1), (0, 0)),
                )
                shape = (-1, rows * down, columns * right, self.filters)
                edges = ((0, 0), (i, height - 1 - i), (j, width - 1 - j), (0, 0))
                total = total + ops.pad(ops.reshape(apart, shape), edges)
        return total


class TransposeByMatrices(Transpose):
    """A matrix for each side says which pixel stamps where; one einsum does the rest."""

    def side(self, length, size, stride):
        grid = np.zeros((length, size, (length - 1) * stride + size), "float32")
        for pixel in range(length):
            for place in range(size):
                grid[pixel, place, pixel * stride + place] = 1
        return grid

    def stamped(self, inputs):
        sides = zip(inputs.shape[1:3], self.kernel_size, self.strides, strict=True)
        down, right = (ops.cast(self.side(*side), inputs.dtype) for side in sides)
        products = ops.einsum("byxc,ijfc->byxijf", inputs, self.kernel)
        rows = ops.einsum("byxijf,yiv->bxjvf", products, down)
        return ops.einsum("bxjvf,xjw->bvwf", rows, right)


class TransposeAsGradient(Transpose):
    """The gradient of a convolution, by a tape: the convolution takes outputs to inputs."""

    def call(self, inputs):
        (_, rows), (_, columns) = self.sizes(inputs)
        shape = tf.stack([tf.shape(inputs)[0], rows, columns, self.filters])
        kernel = tf.cast(self.kernel.value, inputs.dtype)
        with tf.GradientTape() as tape:
            outputs = tf.zeros(shape, inputs.dtype)
            tape.watch(outputs)
            seen = tf.nn.conv2d(outputs, kernel, self.strides, self.padding.upper())
        outputs = tape.gradient(seen, outputs, inputs)
        outputs = tf.ensure_shape(outputs, (None, rows, columns, self.filters))
        return outputs + tf.cast(self.bias, inputs.dtype) if self.use_bias else outputs


class Local(keras.layers.Layer):
    """The textbook way: patches, and for each window a product of its own."""

    def __init__(self, filters, kernel_size, strides=(1, 1), use_bias=True, **kwargs):
        super().__init__(**kwargs)
        self.filters, self.use_bias = filters, use_bias
        self.kernel_size, self.strides = pair(kernel_size), pair(strides)

    def get_config(self):
        return super().get_config() | {
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "use_bias": self.use_bias,
        }

    def build(self, input_shape):
        sides = zip(input_shape[1:3], self.kernel_size, self.strides, strict=True)
        self.grid = [(length - size) // stride + 1 for length, size, stride in sides]
        features = math.prod(self.kernel_size) * input_shape[-1]
        self.kernel = self.add_weight(
            name="kernel", shape=(math.prod(self.grid), features, self.filters)
        )
        if self.use_bias:
            self.bias = self.add_weight(name="bias", shape=(*self.grid, self.filters))

    def call(self, inputs):
        outputs = self.products(
            ops.concatenate(cut(inputs, self.kernel_size, self.strides, "valid"), axis=-1)
        )
        return outputs + self.bias if self.use_bias else outputs

    def products(self, patches):
        kernel = ops.reshape(self.kernel, (*self.grid, -1, self.filters))
        return ops.einsum("bijk,ijkf->bijf", patches, kernel)


class LocalByMatmul(Local):
    """The windows first, the batch second: one product for the whole pile."""

    def products(self, patches):
        pile = ops.reshape(patches, (-1, math.prod(self.grid), self.kernel.shape[1]))
        outputs = ops.matmul(ops.transpose(pile, (1, 0, 2)), self.kernel)
        return ops.reshape(ops.transpose(outputs, (1, 0, 2)), (-1, *self.grid, self.filters))


class LocalWindowByWindow(Local):
    def call(self, inputs):
        (height, width), (down, right), (rows, columns) = (
            self.kernel_size,
            self.strides,
            self.grid,
        )
        outputs = []
        for i in range(rows):
            for j in range(columns):
                window = inputs[:, i * down : i * down + height, j * right : j * right + width]
                flat = ops.reshape(window, (-1, self.kernel.shape[1]))
                outputs.append(ops.matmul(flat, self.kernel[i * columns + j]))
        whole = ops.reshape(ops.stack(outputs, axis=1), (-1, rows, columns, self.filters))
        return whole + self.bias if self.use_bias else whole


class LocalByExtractPatches(Local):
    def call(self, inputs):
        patches = tf.image.extract_patches(
            inputs, (1, *self.kernel_size, 1), (1, *self.strides, 1), (1, 1, 1, 1), "VALID"
        )
        outputs = self.products(patches)
        return tf.add(outputs, self.bias) if self.use_bias else outputs


def order_by_loops(channels, depth_multiplier):
    return [[c, q] for c in range(channels) for q in range(depth_multiplier)]


def order_by_division(channels, depth_multiplier):
    return [divmod(k, depth_multiplier) for k in range(channels * depth_multiplier)]


def order_by_indices(channels, depth_multiplier):
    return np.stack(np.indices((channels, depth_multiplier)), axis=-1).reshape(-1, 2)


def separable_by_formula(kernel_size, channels, filters, depth_multiplier=1, use_bias=True):
    middle = channels * depth_multiplier
    return middle * (math.prod(kernel_size) + filters) + filters * use_bias


def separable_by_parts(kernel_size, channels, filters, depth_multiplier=1, use_bias=True):
    height, width = kernel_size
    first = height * width * channels * depth_multiplier
    second = channels * depth_multiplier * filters
    return first + second + (filters if use_bias else 0)


def separable_by_building(kernel_size, channels, filters, depth_multiplier=1, use_bias=True):
    layer = Separable(filters, kernel_size, 1, "same", depth_multiplier, use_bias)
    layer.build((None, 9, 9, channels))
    return layer.count_params()


def transposed_by_formula(input_shape, filters, kernel_size, strides, padding="valid"):
    sides = [
        length * stride + (max(size - stride, 0) if padding == "valid" else 0)
        for length, size, stride in zip(input_shape[1:3], kernel_size, strides, strict=True)
    ]
    return (input_shape[0], *sides, filters)


def transposed_by_stamps(input_shape, filters, kernel_size, strides, padding="valid"):
    """Where does the last stamp end?"""
    batch, height, width, _ = input_shape
    if padding == "same":
        return [batch, height * strides[0], width * strides[1], filters]
    rows = (height - 1) * strides[0] + kernel_size[0]
    columns = (width - 1) * strides[1] + kernel_size[1]
    return [batch, rows, columns, filters]


def transposed_by_asking(input_shape, filters, kernel_size, strides, padding="valid"):
    layer = keras.layers.Conv2DTranspose(filters, kernel_size, strides, padding)
    return layer.compute_output_shape(input_shape)


def local_by_formula(input_shape, filters, kernel_size):
    _, height, width, channels = input_shape
    windows = (height - kernel_size[0] + 1) * (width - kernel_size[1] + 1)
    return windows * filters * (math.prod(kernel_size) * channels + 1)


def local_by_counting(input_shape, filters, kernel_size):
    """Window by window."""
    _, height, width, channels = input_shape
    total = 0
    for _ in range(height - kernel_size[0] + 1):
        for _ in range(width - kernel_size[1] + 1):
            total += kernel_size[0] * kernel_size[1] * channels * filters + filters
    return total


def local_by_building(input_shape, filters, kernel_size):
    layer = Local(filters, kernel_size)
    layer.build(input_shape)
    return np.sum([np.prod(weight.shape) for weight in layer.weights])


RIGHT: dict[str, list[Callable]] = {
    "DepthwiseConv2D": [
        Depthwise,
        DepthwiseByEinsum,
        DepthwiseChannelByChannel,
        DepthwiseAsOneConvolution,
    ],
    "depthwise_order": [order_by_loops, order_by_division, order_by_indices],
    "SeparableConv2D": [
        Separable,
        SeparableByProducts,
        SeparableAsOneKernel,
        SeparableOfLayers,
        functools.partial(Separable, name="mine"),
    ],
    "separable_params": [separable_by_formula, separable_by_parts, separable_by_building],
    "Conv2DTranspose": [
        Transpose,
        TransposePlaceByPlace,
        TransposeByMatrices,
        TransposeAsGradient,
    ],
    "transpose_shape": [transposed_by_formula, transposed_by_stamps, transposed_by_asking],
    "LocallyConnected2D": [Local, LocalByMatmul, LocalWindowByWindow, LocalByExtractPatches],
    "local_params": [local_by_formula, local_by_counting, local_by_building],
}
