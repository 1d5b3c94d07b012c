# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] id="start"
# # 7 · The convolution family
#
# Conv2D does two things at once: it combines neighbouring *pixels*, and it combines *channels*. And
# it uses the same weights at every place. Each of these can be done in another way.
#
# This unit shows four layers that do. **DepthwiseConv2D** combines pixels but not channels.
# **SeparableConv2D** combines pixels first and channels afterwards, which needs fewer weights.
# **Conv2DTranspose** works in the opposite direction and makes pictures larger.
# **LocallyConnected2D** has separate weights for each place; Keras 3 no longer has this layer, and
# you will write it again.
#
# The [glossary](../glossary.md) explains the words of the course, and gives their Chinese names. In
# a cell, `from grader import glossary` and then `glossary("bias")` prints what a word means.

# %% id="imports"
# Import the grader first: it loads Keras and TensorFlow without their log messages.
from grader import check

import math

import keras
import numpy as np
import tensorflow as tf
from keras import ops

# %% [markdown] id="same-padding-helper-text"
# In unit 06 you wrote `same_padding`, which says how many zeros `padding="same"` adds before and
# after the data. You need it again in this unit. Copy your function into the next cell. (The cell
# has no points. If you want to know whether the function is right, run `check(same_padding)`.)


# %% nbgrader={"grade_id": "same-padding-helper", "solution": true}
def same_padding(length, kernel_size, strides=1, dilation_rate=1):
    """The zeros before and after the data with padding="same", as a pair (unit 06)."""
    ### BEGIN SOLUTION
    last = (math.ceil(length / strides) - 1) * strides
    reach = (kernel_size - 1) * dilation_rate + 1
    total = max(last + reach - length, 0)
    return total // 2, total - total // 2
    ### END SOLUTION


# %% [markdown] id="start-text"
# The data are the 1797 handwritten digits of 8 × 8 pixels: 1500 to train with, 297 to test.

# %% id="start-experiment" tags=["experiment"]
import time

import matplotlib.pyplot as plt

from grader.data import load
from grader.pictures import convolution_family, move, show

images = load("digits")["images"][..., None].astype("float32") / 16
labels = load("digits")["labels"].astype("int32")
order = np.random.default_rng(0).permutation(len(images))
train, test = order[:1500], order[1500:]

# %% [markdown] id="depthwiseconv2d"
# ## DepthwiseConv2D
#
# In Conv2D every output channel depends on all input channels. In DepthwiseConv2D every output
# channel depends on only one, which is called a **depthwise convolution**: each input channel has
# `depth_multiplier` filters of its own (the **depth multiplier**).

# %% id="depthwiseconv2d-experiment" tags=["experiment"]
convolution_family.draw_channels().show()

# %% [markdown] id="depthwiseconv2d-text"
# As a formula, with $D$ for the depth multiplier:
#
# $$y_{b,i,j,\,cD+q} = b_{cD+q} + \sum_{u,v} x_{b,\;i s_h+u,\;j s_w+v,\;c} \; K_{u,v,c,q}$$
#
# Note the index on the left. The outputs of one channel are side by side: first all filters of
# channel 0, then all filters of channel 1.
#
# | | |
# |---|---|
# | shape | `(batch, height, width, channels)` → `(batch, height', width', channels × D)` |
# | kernel | `(kernel height, kernel width, channels, depth_multiplier)` |
# | parameters | `kernel height × kernel width × channels × D`, and `channels × D` for the bias |

# %% [markdown] id="depthwise-order-exercise"
# ### Exercise: predict the order of the output channels
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●○○ (3 of 5) · 5 minutes · 2 points
# >
# > For each output channel, in order, give the pair `[input channel, filter]` that it comes from.
# > Return them in a list. Count from 0.
#
# <details><summary>All my pairs are there, in another order</summary>
#
# Look at the numbers in the middle of the picture, from top to bottom. Which of the two changes at
# each step?
# </details>


# %% nbgrader={"grade_id": "depthwise-order", "solution": true}
def depthwise_order(channels, depth_multiplier):
    """For each output channel: [input channel, filter]."""
    ### BEGIN SOLUTION
    return [[channel, q] for channel in range(channels) for q in range(depth_multiplier)]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-depthwise-order", "grade": true, "points": 2}
check(depthwise_order)
### BEGIN HIDDEN TESTS
check(depthwise_order, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="depthwiseconv2d-text-2"
# Build it from slices. For one place $(u, v)$ in the window, the pixels of all windows together are
# a slice of the padded picture, of shape `(batch, height', width', channels)`. At that place the
# kernel has a small table of shape `(channels, depth_multiplier)`. Multiply channel by channel, add
# up over the places, and join the last two axes into one.
#
# With `same`, your `same_padding` says how many zeros go before the rows and the columns, and how
# many after. On the padded picture, count windows as for `valid`.

# %% [markdown] id="depthwise-conv2d-exercise"
# ### Exercise: write DepthwiseConv2D
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●●○○ (3 of 5) · 25 minutes · 10 points
# >
# > **What is asked**
# >
# > - **shape** (1): as in the table, also while the batch size is unknown.
# > - **parameters** (2): `kernel` as in the table and, unless `use_bias=False`, `bias` of shape
# >   `(channels × depth_multiplier,)`.
# > - **output** (4): the formula. `kernel_size` and `strides` are a number or a pair; `padding` is
# >   `"valid"` or `"same"`.
# > - **gradient** (1): it reaches the inputs and every weight.
# > - **config** (1): `from_config(layer.get_config())` is the same layer again.
# > - **dtype** (1): under the policy `"mixed_float16"` the output is float16.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.DepthwiseConv2D` and its sibling
# > for one axis, `keras.ops.depthwise_conv`, `tf.nn.depthwise_conv2d` and
# > `tf.raw_ops.DepthwiseConv2dNative`. `ops.conv` is allowed, should you see a way.
#
# <details><summary>The right numbers come out in the wrong channels</summary>
#
# Before the last reshape your array has two axes at the end. Is it `(channels, filters)` or
# `(filters, channels)`? In a reshape, the last axis changes fastest.
# </details>
#
# <details><summary>Incompatible shapes in the product</summary>
#
# The slice ends with `channels`, the table with `(channels, filters)`. Which axis is missing in the
# slice?
# </details>


# %% nbgrader={"grade_id": "depthwise-conv2d", "solution": true}
class DepthwiseConv2D(keras.layers.Layer):
    """Each input channel has filters of its own."""

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
        ### BEGIN SOLUTION
        self.size = (kernel_size,) * 2 if isinstance(kernel_size, int) else kernel_size
        self.strides = (strides,) * 2 if isinstance(strides, int) else strides
        self.padding = padding
        self.depth_multiplier = depth_multiplier
        self.use_bias = use_bias
        ### END SOLUTION

    def build(self, input_shape):
        ### BEGIN SOLUTION
        channels = input_shape[-1]
        shape = (*self.size, channels, self.depth_multiplier)
        self.kernel = self.add_weight(name="kernel", shape=shape)
        if self.use_bias:
            shape = (channels * self.depth_multiplier,)
            self.bias = self.add_weight(name="bias", shape=shape, initializer="zeros")
        ### END SOLUTION

    def call(self, inputs):
        ### BEGIN SOLUTION
        edges = [(0, 0), (0, 0)]
        if self.padding == "same":
            edges = [
                same_padding(inputs.shape[1 + k], self.size[k], self.strides[k]) for k in (0, 1)
            ]
        padded = ops.pad(inputs, ((0, 0), *edges, (0, 0)))
        rows, columns = (
            (padded.shape[1 + k] - self.size[k]) // self.strides[k] + 1 for k in (0, 1)
        )
        down, right = self.strides
        outputs = 0
        for i in range(self.size[0]):
            for j in range(self.size[1]):
                seen = padded[:, i : i + rows * down : down, j : j + columns * right : right]
                outputs = outputs + seen[..., None] * self.kernel[i, j]
        channels = inputs.shape[-1] * self.depth_multiplier
        outputs = ops.reshape(outputs, (-1, rows, columns, channels))
        return outputs + self.bias if self.use_bias else outputs
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-depthwise-conv2d", "grade": true, "points": 10}
check(DepthwiseConv2D)
### BEGIN HIDDEN TESTS
check(DepthwiseConv2D, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="separableconv2d"
# ## SeparableConv2D
#
# SeparableConv2D, a **separable convolution**, is a depthwise convolution followed by a Dense layer
# on the channels of each pixel, which is called a **pointwise convolution** or 1 × 1 convolution.
# It is the right third of the picture above. With numbers, at one place:

# %% id="separable-steps-experiment" tags=["experiment"]
convolution_family.draw_two_steps().show()

# %% [markdown] id="separable-steps-text"
# Compare this with Conv2D in unit 06: there, the two numbers would be added at once, and each
# filter would need tables of its own for that. Between the two steps there is no bias and no
# activation; there is one bias at the end.
#
# $$y_{b,i,j,f} = b_f + \sum_{k} \Big( \sum_{u,v} x_{b,\;i s_h+u,\;j s_w+v,\;c}\; K_{u,v,c,q} \Big)
# P_{k,f} \qquad k = cD + q$$
#
# | | |
# |---|---|
# | depthwise kernel | `(kernel height, kernel width, channels, depth_multiplier)` |
# | pointwise kernel | `(1, 1, channels × depth_multiplier, filters)` |
# | bias | `(filters,)` |
#
# The reason is cost. We count the products. And because fewer products do not always take less
# time, we measure the time, too. (This cell takes some 5 seconds.)

# %% id="separableconv2d-experiment" tags=["experiment"]
channels, filters = 64, 64
pictures = np.random.default_rng(0).normal(size=(8, 32, 32, channels)).astype("float32")
kinds = {"Conv2D": keras.layers.Conv2D, "SeparableConv2D": keras.layers.SeparableConv2D}
costs = {}
for name, kind in kinds.items():
    layer = kind(filters, 3, padding="same")
    run = tf.function(layer)
    run(pictures)
    began = time.perf_counter()
    for _ in range(5):
        run(pictures)
    milliseconds = 200 * (time.perf_counter() - began)
    area = 9 * channels
    products = area * filters if name == "Conv2D" else area + channels * filters
    costs[name] = (layer.count_params(), products, milliseconds)
    print(
        f"{name:>16}: {costs[name][0]:6} parameters, {products:6} products a pixel, "
        f"{milliseconds:6.1f} ms"
    )

# %% [markdown] id="separableconv2d-text"
# There are eight times fewer products. The time usually falls by less: a processor also needs time
# to fetch the numbers from memory, and for small products this takes most of the time. So count
# *and* measure.
#
# And the accuracy? The chapter on which this course is based says that separable convolutions have
# far fewer parameters and that their results are "usually better". We try it: three networks that
# differ only in their two middle layers. The first has Conv2D, the second SeparableConv2D with as
# many filters, the third SeparableConv2D with so many filters that it has about as many parameters
# as the first. Each is trained twice, from different starting weights. This takes some 25 seconds.

# %% id="separable-accuracy-experiment" tags=["experiment"]
middles = {
    "Conv2D, 16 filters": (keras.layers.Conv2D, 16),
    "SeparableConv2D, 16 filters": (keras.layers.SeparableConv2D, 16),
    "SeparableConv2D, 56 filters": (keras.layers.SeparableConv2D, 56),
}
seeds = 1, 2

figure, axes = plt.subplots(figsize=(8, 3.2))
shares = {}
for name, (kind, filters) in middles.items():
    shares[name] = []
    for seed in seeds:
        keras.utils.set_random_seed(seed)
        middle = [kind(filters, 3, padding="same", activation="relu") for _ in range(2)]
        begin = keras.layers.Conv2D(16, 3, padding="same", activation="relu")
        end = [keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(10, activation="softmax")]
        model = keras.Sequential([keras.Input((8, 8, 1)), begin, *middle, *end])
        model.compile(
            keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"]
        )
        model.fit(images[train], labels[train], batch_size=50, epochs=8, verbose=0)
        shares[name].append(model.evaluate(images[test], labels[test], verbose=0)[1])
    count = sum(layer.count_params() for layer in middle)
    print(f"{name:>27}: {count} parameters,", *(f"{share:.1%}" for share in shares[name]))
    axes.plot([count] * len(seeds), shares[name], "o", ms=9, label=name)
axes.set(xlabel="parameters of the two middle layers", xlim=(0, 6000), title="Right on test digits")
axes.legend(loc="center")
show(
    figure,
    "Accuracy on the test digits against the number of parameters, a dot for each training: "
    + "; ".join(f"{name}: {', '.join(f'{x:.1%}' for x in s)}" for name, s in shares.items())
    + ".",
)

# %% [markdown] id="separable-accuracy-text"
# Before you compare the colours, look at the dots of one colour: they differ only by their starting
# weights. A difference between two kinds of layer that is no larger than this says nothing.
#
# **Try:** more seeds, such as `seeds = 1, 2, 3, 4`, and fewer filters. Write down a sentence about
# "better" that your numbers carry. You need it in the last question of this unit.

# %% [markdown] id="separable-params-exercise"
# ### Exercise: predict the parameters of SeparableConv2D
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●●○ (4 of 5) · 5 minutes · 2 points
# >
# > `kernel_size` is a pair. How many numbers does the layer learn on inputs with this many
# > channels?
#
# <details><summary>It is right only while depth_multiplier is 1</summary>
#
# How many channels does the first step give to the second?
# </details>


# %% nbgrader={"grade_id": "separable-params", "solution": true}
def separable_params(kernel_size, channels, filters, depth_multiplier=1, use_bias=True):
    """The number of parameters of SeparableConv2D."""
    ### BEGIN SOLUTION
    middle = channels * depth_multiplier
    return math.prod(kernel_size) * middle + middle * filters + (filters if use_bias else 0)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-separable-params", "grade": true, "points": 2}
check(separable_params)
### BEGIN HIDDEN TESTS
check(separable_params, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="separable-conv2d-exercise"
# ### Exercise: write SeparableConv2D
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●●○ (4 of 5) · 15 minutes · 9 points
# >
# > Here you combine two steps that you know. `ops.depthwise_conv` and `ops.conv` are allowed, with
# > their arguments `strides` and `padding`.
# >
# > **What is asked**
# >
# > - **shape** (1): that of a Conv2D with the same arguments.
# > - **parameters** (2): the three weights of the table; no bias where `use_bias=False`.
# > - **output** (3): the formula. Strides and padding belong to the first step.
# > - **gradient** (1): it reaches the inputs and every weight.
# > - **config** (1): `from_config(layer.get_config())` is the same layer again.
# > - **dtype** (1): under the policy `"mixed_float16"` the output is float16.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.SeparableConv2D` and its sibling
# > for one axis, `keras.ops.separable_conv` and `tf.nn.separable_conv2d`.
#
# <details><summary>I have one weight too many</summary>
#
# Is one of them a bias between the two steps? Could it do anything that the last bias cannot do?
# </details>


# %% nbgrader={"grade_id": "separable-conv2d", "solution": true}
class SeparableConv2D(keras.layers.Layer):
    """A depthwise convolution, then a pointwise one."""

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
        ### BEGIN SOLUTION
        self.filters = filters
        self.size = (kernel_size,) * 2 if isinstance(kernel_size, int) else kernel_size
        self.strides = strides
        self.padding = padding
        self.depth_multiplier = depth_multiplier
        self.use_bias = use_bias
        ### END SOLUTION

    def build(self, input_shape):
        ### BEGIN SOLUTION
        channels = input_shape[-1]
        middle = channels * self.depth_multiplier
        looks = (*self.size, channels, self.depth_multiplier)
        self.depthwise_kernel = self.add_weight(name="depthwise_kernel", shape=looks)
        mixes = (1, 1, middle, self.filters)
        self.pointwise_kernel = self.add_weight(name="pointwise_kernel", shape=mixes)
        if self.use_bias:
            self.bias = self.add_weight(name="bias", shape=(self.filters,), initializer="zeros")
        ### END SOLUTION

    def call(self, inputs):
        ### BEGIN SOLUTION
        looked = ops.depthwise_conv(
            inputs, self.depthwise_kernel, strides=self.strides, padding=self.padding
        )
        mixed = ops.conv(looked, self.pointwise_kernel, padding="valid")
        return mixed + self.bias if self.use_bias else mixed
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-separable-conv2d", "grade": true, "points": 9}
check(SeparableConv2D)
### BEGIN HIDDEN TESTS
check(SeparableConv2D, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="conv2dtranspose"
# ## Conv2DTranspose
#
# In a convolution, many pixels give one number. A **transposed convolution** goes in the opposite
# direction: one number is spread over many pixels. Each input pixel is multiplied by the whole
# kernel, and the result is added to the output at that place. Where two of these results overlap,
# they add up. (It is also called **deconvolution**, although it does not invert a convolution.)

# %% id="conv2dtranspose-experiment" tags=["experiment"]
convolution_family.draw_stamps().show()

# %% [markdown] id="conv2dtranspose-stamp-text"
# On a picture the same happens in two directions. **Try:** move the slider from pixel to pixel, and
# compute one of the red numbers on paper. Then change the strides. With which strides do the
# results no longer overlap?

# %% id="conv2dtranspose-stamp-experiment" tags=["experiment"]
move(convolution_family.draw_stamp, pixel=(0, 5), strides=(1, 3))

# %% [markdown] id="conv2dtranspose-text"
# $$y_{b,\;i s_h+u,\;j s_w+v,\;f} \mathrel{+}= \sum_c x_{b,i,j,c}\; K_{u,v,f,c}
# \qquad\text{for all } i, j, u, v$$
#
# | | |
# |---|---|
# | kernel | `(kernel height, kernel width, filters, channels)`: **out** before **in** |
# | `valid` | all results whole: `length × stride + max(kernel − stride, 0)` |
# | `same` | cropped to `length × stride`; half of what is cropped (rounded down) is in front |
#
# The kernel has this order because it is the kernel of the Conv2D in the opposite direction, which
# goes from `filters` to `channels`.
#
# You will often read that this layer *inverts* a convolution. It does not. It restores neither the
# numbers nor, in general, the shape: a Conv2D with a kernel of 3 and strides of 2 turns 6 pixels
# into 2, and the transposed convolution turns these 2 into 5, because no window had covered the
# last pixel.

# %% id="conv2dtranspose-experiment-2" tags=["experiment"]
row = np.arange(6.0, dtype="float32").reshape(1, 6, 1, 1) + 1
forth = keras.layers.Conv2D(1, (3, 1), strides=(2, 1), kernel_initializer="ones")
back = keras.layers.Conv2DTranspose(1, (3, 1), strides=(2, 1), kernel_initializer="ones")
small = forth(row)
for name, numbers in ("a row", row), ("convolved", small), ("and back", back(small)):
    values = np.ravel(numbers)
    print(f"{name:>10}: {len(values)} numbers,", *(f"{value:g}" for value in values))

# %% [markdown] id="conv2dtranspose-text-2"
# Where the results overlap, the sums are larger. With a kernel of 3 and strides of 2, every second
# row and column gets more than the others, and even a uniform grey picture becomes a
# **checkerboard**. If the kernel size is a multiple of the stride, all pixels get the same, except
# at the border:

# %% id="conv2dtranspose-experiment-3" tags=["experiment"]
strides, sizes = 2, (2, 3, 4)

grey = np.ones((1, 6, 6, 1), "float32")
figure, panels = plt.subplots(1, len(sizes), figsize=(8.4, 3), layout="constrained")
plain = []
for panel, size in zip(panels, sizes, strict=True):
    layer = keras.layers.Conv2DTranspose(1, size, strides=strides, kernel_initializer="ones")
    picture = np.asarray(layer(grey))[0, ..., 0]
    inside = picture[size:-size, size:-size]  # without the border
    if inside.min() == inside.max():
        plain.append(size)
    panel.imshow(picture, cmap="gray", vmin=0, vmax=1.1 * picture.max())
    panel.set(title=f"kernel {size}, strides {strides}", xticks=[], yticks=[])
print("plain inside, with a kernel of:", *plain)
show(
    figure,
    f"A plain grey picture under transposed convolutions with strides of {strides} and kernels of "
    f"ones of the sizes {', '.join(map(str, sizes))}. With these sizes it stays plain inside: "
    f"{', '.join(map(str, plain))}. With the others it becomes a checkerboard.",
)

# %% [markdown] id="change-the-strides"
# ### Change it: other strides
#
# Change the first line of the cell above to `strides, sizes = 3, (3, 4, 5, 6)`. For which of the
# four kernel sizes does the picture stay plain inside? *Before you run the cell, write down your
# prediction here:* …
#
# Then run it. *What did you see? Write one sentence that gives the reason, with the word
# "overlap":* …

# %% [markdown] id="transpose-shape-exercise"
# ### Exercise: predict the shape after Conv2DTranspose
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●●○ (4 of 5) · 5 minutes · 2 points
# >
# > `kernel_size` and `strides` are pairs, and no stride is larger than its kernel. Return the shape
# > with its batch axis, which may be `None`.
#
# <details><summary>My valid sides are too small</summary>
#
# Where does the result of the last pixel begin, and how far does it reach?
# </details>


# %% nbgrader={"grade_id": "transpose-shape", "solution": true}
def transpose_shape(input_shape, filters, kernel_size, strides, padding="valid"):
    """The shape after Conv2DTranspose(filters, kernel_size, strides, padding)."""
    ### BEGIN SOLUTION
    batch, *lengths, _ = input_shape
    sides = [length * stride for length, stride in zip(lengths, strides, strict=True)]
    if padding == "valid":
        more = [size - stride for size, stride in zip(kernel_size, strides, strict=True)]
        sides = [side + extra for side, extra in zip(sides, more, strict=True)]
    return (batch, *sides, filters)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-transpose-shape", "grade": true, "points": 2}
check(transpose_shape)
### BEGIN HIDDEN TESTS
check(transpose_shape, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="conv2dtranspose-text-3"
# You can build it without a loop over pixels. Put `stride − 1` zeros after each pixel, and surround
# everything with `kernel − 1` zeros. Then an ordinary convolution with strides of 1 and a kernel
# that is flipped along both axes gives the result. To see why, take one pixel of the output: which
# input pixels contribute to it, and with which entries of the kernel?

# %% [markdown] id="conv2d-transpose-exercise"
# ### Exercise: write Conv2DTranspose
#
# > Difficulty ●●●●○ (4 of 5) · Importance ●●●●○ (4 of 5) · 35 minutes · 11 points
# >
# > `ops.conv` is allowed here: you built it in unit 06.
# >
# > **What is asked**
# >
# > - **shape** (2): as in the table, also where strides are larger than the kernel and leave gaps.
# > - **parameters** (2): `kernel` in the order of the table and, unless `use_bias=False`, `bias` of
# >   shape `(filters,)`.
# > - **output** (4): the sum in the formula. `kernel_size` and `strides` are a number or a pair.
# > - **gradient** (1): it reaches the inputs and every weight.
# > - **config** (1): `from_config(layer.get_config())` is the same layer again.
# > - **dtype** (1): under the policy `"mixed_float16"` the output is float16.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.Conv2DTranspose` and its siblings
# > for one and three axes, `keras.ops.conv_transpose`, and TensorFlow's functions and operations
# > that do it, such as `tf.nn.conv2d_transpose`, `tf.nn.conv_transpose` and
# > `tf.raw_ops.Conv2DBackpropInput`.
#
# <details><summary>For an input with a single 1, my output is the kernel, flipped</summary>
#
# `ops.conv` does not flip its kernel, so you must do it: `ops.flip` takes an `axis`, and there are
# two of them.
# </details>
#
# <details><summary>How do I put zeros between pixels?</summary>
#
# Add an axis of length 1 after the row axis. `ops.pad` makes it as long as the stride. Then join
# the two axes into one with a reshape.
# </details>
#
# <details><summary>same is shifted by one pixel</summary>
#
# There are `kernel − stride` rows too many. How many of them must you remove at the front?
# </details>


# %% nbgrader={"grade_id": "conv2d-transpose", "solution": true}
class Conv2DTranspose(keras.layers.Layer):
    """Every pixel times the kernel, added up on a larger picture."""

    def __init__(
        self, filters, kernel_size, strides=(1, 1), padding="valid", use_bias=True, **kwargs
    ):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.filters = filters
        self.size = (kernel_size,) * 2 if isinstance(kernel_size, int) else kernel_size
        self.strides = (strides,) * 2 if isinstance(strides, int) else strides
        self.padding = padding
        self.use_bias = use_bias
        ### END SOLUTION

    def build(self, input_shape):
        ### BEGIN SOLUTION
        shape = (*self.size, self.filters, input_shape[-1])
        self.kernel = self.add_weight(name="kernel", shape=shape)
        if self.use_bias:
            self.bias = self.add_weight(name="bias", shape=(self.filters,), initializer="zeros")
        ### END SOLUTION

    def call(self, inputs):
        ### BEGIN SOLUTION
        (height, width), (down, right) = self.size, self.strides
        _, rows, columns, channels = inputs.shape
        behind = ((0, 0), (0, 0), (0, down - 1), (0, 0), (0, right - 1), (0, 0))
        apart = ops.pad(inputs[:, :, None, :, None, :], behind)
        apart = ops.reshape(apart, (-1, rows * down, columns * right, channels))
        around = ((0, 0), (height - 1, height - 1), (width - 1, width - 1), (0, 0))
        turned = ops.transpose(ops.flip(self.kernel, axis=(0, 1)), (0, 1, 3, 2))
        stamped = ops.conv(ops.pad(apart, around), turned, padding="valid")
        begins, ends = [], []
        for length, size, stride in zip((rows, columns), self.size, self.strides, strict=True):
            more = max(size - stride, 0)
            begins.append(more // 2 if self.padding == "same" else 0)
            ends.append(begins[-1] + length * stride + (0 if self.padding == "same" else more))
        outputs = stamped[:, begins[0] : ends[0], begins[1] : ends[1]]
        return outputs + self.bias if self.use_bias else outputs
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-conv2d-transpose", "grade": true, "points": 11}
check(Conv2DTranspose)
### BEGIN HIDDEN TESTS
check(Conv2DTranspose, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="locallyconnected2d"
# ## LocallyConnected2D
#
# A convolution uses the same filters at every place. For most pictures this is useful. But in
# passport photographs, for example, the eyes are always above the mouth, so different places could
# use different filters. LocallyConnected2D is **locally connected**: it has a separate kernel for
# each window, and a separate bias for each place.

# %% id="locallyconnected2d-experiment" tags=["experiment"]
convolution_family.draw_local().show()

# %% [markdown] id="locallyconnected2d-text"
# $$y_{b,i,j,f} = b_{i,j,f} + \sum_{k} \mathrm{patch}_{b,i,j,k} \; K_{iW'+j,\;k,\;f}$$
#
# where $\mathrm{patch}_{b,i,j}$ are the numbers in window $(i, j)$, row by row, in a row pixel by
# pixel, in a pixel channel by channel, and $W'$ is the number of windows in a row.
#
# | | |
# |---|---|
# | shape | that of Conv2D with padding `valid` |
# | kernel | `(windows, kernel height × kernel width × channels, filters)` |
# | bias | `(height', width', filters)` |
#
# This needs many weights. On pictures of `(8, 8, 2)` a Conv2D with 4 filters of 3 × 3 learns 76
# numbers; this layer learns 2736. Keras 3 no longer has it.

# %% [markdown] id="local-params-exercise"
# ### Exercise: predict the parameters of LocallyConnected2D
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●○○○ (2 of 5) · 5 minutes · 2 points
# >
# > `input_shape` has a batch axis, `kernel_size` is a pair, strides are 1, and there is a bias.
#
# <details><summary>I get 2592 or 2596 for the example above</summary>
#
# 36 windows have 36 kernels. How many biases do they have, if each place has its own for each
# filter?
# </details>


# %% nbgrader={"grade_id": "local-params", "solution": true}
def local_params(input_shape, filters, kernel_size):
    """The number of parameters of LocallyConnected2D(filters, kernel_size)."""
    ### BEGIN SOLUTION
    _, height, width, channels = input_shape
    windows = (height - kernel_size[0] + 1) * (width - kernel_size[1] + 1)
    return windows * (math.prod(kernel_size) * channels * filters + filters)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-local-params", "grade": true, "points": 2}
check(local_params)
### BEGIN HIDDEN TESTS
check(local_params, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="locally-connected2d-exercise"
# ### Exercise: write LocallyConnected2D
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●○○○ (2 of 5) · 25 minutes · 9 points
# >
# > Keras 3 has no such layer, so your layer is compared with the layer of Keras 2, from the package
# > `tf_keras`.
# >
# > **What is asked**
# >
# > - **shape** (1): that of a Conv2D with padding `valid`.
# > - **parameters** (2): `kernel` and, unless `use_bias=False`, `bias`, as in the table.
# > - **output** (4): the formula. `kernel_size` and `strides` are a number or a pair.
# > - **gradient** (1): it reaches the inputs and every weight.
# > - **config** (1): `from_config(layer.get_config())` is the same layer again.
#
# <details><summary>The shape is right, the numbers are not</summary>
#
# Either the numbers in your patches or your windows are in another order. Try pictures with one
# channel, and then a kernel of one pixel: which of the two makes it right?
# </details>
#
# <details><summary>Which product do I need?</summary>
#
# Each window has a row of numbers and a matrix of its own. Write down a letter for each axis of the
# inputs and of the output: `ops.einsum` takes these letters.
# </details>


# %% nbgrader={"grade_id": "locally-connected2d", "solution": true}
class LocallyConnected2D(keras.layers.Layer):
    """Like Conv2D, but with a separate kernel for each window."""

    def __init__(self, filters, kernel_size, strides=(1, 1), use_bias=True, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.filters = filters
        self.size = (kernel_size,) * 2 if isinstance(kernel_size, int) else kernel_size
        self.strides = (strides,) * 2 if isinstance(strides, int) else strides
        self.use_bias = use_bias
        ### END SOLUTION

    def build(self, input_shape):
        ### BEGIN SOLUTION
        sides = zip(input_shape[1:3], self.size, self.strides, strict=True)
        self.grid = [(length - size) // stride + 1 for length, size, stride in sides]
        features = math.prod(self.size) * input_shape[-1]
        shape = (math.prod(self.grid), features, self.filters)
        self.kernel = self.add_weight(name="kernel", shape=shape)
        if self.use_bias:
            shape = (*self.grid, self.filters)
            self.bias = self.add_weight(name="bias", shape=shape, initializer="zeros")
        ### END SOLUTION

    def call(self, inputs):
        ### BEGIN SOLUTION
        (rows, columns), (down, right) = self.grid, self.strides
        seen = [
            inputs[:, i : i + rows * down : down, j : j + columns * right : right]
            for i in range(self.size[0])
            for j in range(self.size[1])
        ]
        patches = ops.concatenate(seen, axis=-1)
        kernel = ops.reshape(self.kernel, (rows, columns, -1, self.filters))
        outputs = ops.einsum("bijk,ijkf->bijf", patches, kernel)
        return outputs + self.bias if self.use_bias else outputs
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-locally-connected2d", "grade": true, "points": 9}
check(LocallyConnected2D)
### BEGIN HIDDEN TESTS
check(LocallyConnected2D, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="locallyconnected2d-text-2"
# Do separate kernels help? Two small networks, one with Conv2D and one with *your*
# LocallyConnected2D, learn to classify the digits. Then both get digits that are shifted by one
# pixel, which neither has seen in training. The cell takes some 10 seconds.

# %% id="locallyconnected2d-experiment-2" tags=["experiment"]
seed = 1

moved = np.roll(images[test], 1, axis=2)
right = {}
for kind in (keras.layers.Conv2D, LocallyConnected2D):
    keras.utils.set_random_seed(seed)
    first = kind(4, 3)
    flat, last = keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")
    bend = keras.layers.Activation("relu")
    model = keras.Sequential([keras.Input((8, 8, 1)), first, bend, flat, last])
    model.compile(
        keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    model.fit(images[train], labels[train], batch_size=50, epochs=5, verbose=0)
    right[kind.__name__] = [
        model.evaluate(pictures, labels[test], verbose=0)[1] for pictures in (images[test], moved)
    ]
    usual, shifted = right[kind.__name__]
    print(
        f"{kind.__name__:>18}: {first.count_params():4} parameters in the first layer\n"
        f"{'':>18}  right on {usual:.1%} of the test digits, {shifted:.1%} of them moved"
    )

# %% [markdown] id="locallyconnected2d-text-3"
# LocallyConnected2D has thirty-six times the parameters, and on these digits it is no better. (With
# other seeds the two differ by one or two percent, now one way and now the other; 297 test digits
# do not tell them apart.) Digits that are moved by one pixel are hard for both: here the Dense
# layer behind them has a weight for each place, too.
#
# What Conv2D learns at one place, it can use at all places; LocallyConnected2D must learn it for
# each place separately.
#
# **Try:** only 200 digits for training (`train[:200]`, twice). Which of the two suffers more?

# %% [markdown] id="mended-conv1d-exercise"
# ### Exercise: find and mend the fault in Conv1D
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●●○ (4 of 5) · 12 minutes · 3 points
# >
# > Below is the Conv1D of unit 06. **One thing in it is wrong.** Run the check first: the card
# > shows where the fault comes out. Then find the fault and mend it. Change as little as you can.
# >
# > The layer is examined like your `Conv1D` in unit 06. It earns its points when everything is
# > right, and nothing before: most of it is right already.
# >
# > Not allowed, in any copy of Keras or TensorFlow: ready-made convolutions, which are Keras's
# > convolution layers, `keras.ops.conv` and its relatives, and TensorFlow's functions and
# > operations that convolve, such as `tf.nn.conv1d`, `tf.nn.convolution` and `tf.raw_ops.Conv2D`.
# > The check notices them when they run, and says so. Functions that only cut out windows, such as
# > `keras.ops.image.extract_patches`, are allowed.
#
# **How to find a fault.** Read the card first. Some cases fail and others do not: what do those
# that fail have in common? Then take a sequence of five numbers with a kernel of ones, and compute
# the first and the last output by hand. Windows go wrong at the ends, and there you see most.
#
# <details><summary>Which cases fail?</summary>
#
# Look at `padding` in the case on the card. Which lines of `call` run for this padding only?
# </details>
#
# <details><summary>I know the line. What is wrong with it?</summary>
#
# A causal layer must not look ahead. The first output depends on the first step alone. Where must
# the zeros be, so that the first window ends at the first step?
# </details>


# %% nbgrader={"grade_id": "mended-conv1d", "solution": true}
class MendedConv1D(keras.layers.Layer):
    """A window slides along a sequence; each filter gives one number for each window: one fault."""

    def __init__(
        self,
        filters,
        kernel_size,
        strides=1,
        padding="valid",
        dilation_rate=1,
        use_bias=True,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.filters = filters
        self.kernel_size = kernel_size
        self.strides = strides
        self.padding = padding
        self.dilation_rate = dilation_rate
        self.use_bias = use_bias

    def build(self, input_shape):
        channels, filters = input_shape[-1], self.filters
        self.kernel = self.add_weight(name="kernel", shape=(self.kernel_size, channels, filters))
        if self.use_bias:
            self.bias = self.add_weight(name="bias", shape=(self.filters,), initializer="zeros")

    def call(self, inputs):
        length = inputs.shape[1]
        reach = (self.kernel_size - 1) * self.dilation_rate + 1
        before = after = 0
        if self.padding == "causal":
            ### BEGIN SOLUTION
            before = reach - 1
            ### GIVEN
            # after = reach - 1
            ### END SOLUTION
        if self.padding == "same":
            last = (math.ceil(length / self.strides) - 1) * self.strides
            total = max(last + reach - length, 0)
            before, after = total // 2, total - total // 2
        padded = ops.pad(inputs, ((0, 0), (before, after), (0, 0)))
        starts = np.arange(0, length + before + after - reach + 1, self.strides)
        entries = np.arange(self.kernel_size) * self.dilation_rate
        windows = ops.take(padded, starts[:, None] + entries, axis=1)
        outputs = ops.einsum("bwec,ecf->bwf", windows, self.kernel)
        return outputs + self.bias if self.use_bias else outputs


# %% nbgrader={"grade_id": "check-mended-conv1d", "grade": true, "points": 3}
check(MendedConv1D)
### BEGIN HIDDEN TESTS
check(MendedConv1D, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="what-do-you-see"
# ### What do you see?
#
# Look again at the experiments of this unit, then answer in a few sentences. (3 points, read by
# your instructor.)
#
# 1. "SeparableConv2D is better than Conv2D." What did you measure about parameters, products, time
#    and accuracy? Write a sentence that your numbers carry.
# 2. A network that makes pictures ends with `Conv2DTranspose(3, 5, strides=2)`, and its pictures
#    show a fine grid. Where does it come from? Name a change that prevents it.
# 3. Somebody counts the parameters of a layer on pictures of 8 × 8 and again on pictures of
#    16 × 16. For which layers of this unit does the number change, and why?

# %% [markdown] nbgrader={"grade_id": "question", "grade": true, "solution": true, "points": 3}
# ### BEGIN SOLUTION
# 1. For example: "With as many filters, SeparableConv2D has less than a fifth of the parameters
#    (832 against 4640 in the two layers) and an eighth of the products at 64 channels; it takes
#    less time, but more than an eighth. The test digits do not show that it is better." No point
#    for "better" without a number, or for a difference that is smaller than the one between two
#    seeds. (One point.)
# 2. 5 is not a multiple of 2, so the results overlap unevenly: some rows and columns of the output
#    get contributions from three rows or columns of the kernel, their neighbours from two. A kernel
#    of 4 or 6 prevents it; so does making the picture larger by repeating its pixels, with an
#    ordinary Conv2D after that. (One point.)
# 3. Only for LocallyConnected2D: it has a kernel and a bias for each window, and a larger picture
#    has more windows. The others use the same weights at every place, so the size of the picture
#    does not matter. (One point.)
# ### END SOLUTION

# %% [markdown] id="what-you-have-now"
# ## What you have now
#
# | layer | combines pixels | combines channels | same weights at every place |
# |---|---|---|---|
# | Conv2D | yes | yes, at once | yes |
# | DepthwiseConv2D | yes | no | yes |
# | SeparableConv2D | yes | afterwards | yes |
# | Conv2DTranspose | in the opposite direction | yes | yes |
# | LocallyConnected2D | yes | yes | no |
#
# When you read about a new kind of convolution, ask these three questions about it.
#
# ## References
#
# - F. Chollet (2016), *Xception: Deep Learning with Depthwise Separable Convolutions*,
#   arXiv:1610.02357.
# - V. Dumoulin, F. Visin (2016), *A guide to convolution arithmetic for deep learning*,
#   arXiv:1603.07285 (transposed convolution).
# - A. Odena, V. Dumoulin, C. Olah (2016), *Deconvolution and Checkerboard Artifacts*, Distill,
#   doi:10.23915/distill.00003.
