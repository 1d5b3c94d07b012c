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
# # 8 · Pooling
#
# Step back from a painting, and the brush strokes melt away. What stays is what matters: a face, a
# tree, a hand. You see *less*, and you understand *more*.
#
# Pooling is that step back. It learns nothing and owns no number. It looks through a small window,
# says one number about what it sees there, and moves on; a picture comes out that is half as high
# and half as wide. **MaxPool2D** says the largest number, **AveragePooling2D** the mean. Their
# global sisters, **GlobalMaxPool2D** and **GlobalAvgPool2D**, look at the whole picture at once.
#
# It is easy but for its edges, and at the edges almost everybody gets it wrong once. At the end,
# all that you have built since unit 1 comes together: a network of your own layers reads
# handwriting that no notebook has ever seen.

# %% id="imports"
# The grader comes first: it loads Keras and TensorFlow without the lines that they write meanwhile.
from grader import check

import math

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from grader.data import load

# %% [markdown] id="start-text"
# The data: the 1797 digits that you know, written by thirteen people, and 3000 more, written by
# thirty others. Each is a picture of 8 × 8 pixels with one channel; the ink goes from 0 (paper) to
# 1.

# %% id="start-code"
by_thirteen, by_thirty = load("digits"), load("more_digits")
images = np.concatenate([by_thirteen["images"], by_thirty["images"]])
images = images[..., None].astype("float32") / 16  # (4797, 8, 8, 1)
labels = np.concatenate([by_thirteen["labels"], by_thirty["labels"]]).astype("int32")

# %% id="start-experiment" tags=["experiment"]
import matplotlib.pyplot as plt

from grader.pictures import pooling, show

# %% [markdown] id="maxpool2d"
# ## MaxPool2D
#
# Lay a grid of windows over a picture, side by side. Of each window, keep the largest number and
# forget the rest.

# %% id="maxpool2d-experiment" tags=["experiment"]
pooling.draw_windows().show()

# %% [markdown] id="maxpool2d-text"
# After a convolution, a large number means: *here it is*, the edge, the corner, the stroke that
# this filter looks for. Max pooling asks of every neighbourhood: *is it somewhere in there?* And it
# no longer cares where exactly.
#
# Each channel is pooled for itself: the window has a height and a width, and no depth. With $p_h
# \times p_w$ the size of the window and $s_h, s_w$ its strides:
#
# $$y_{b,i,j,c} = \max_{u<p_h,\; v<p_w} \; x_{b,\; i s_h + u,\; j s_w + v,\; c}$$
#
# | | |
# |---|---|
# | shape | `(batch, height, width, channels)` → `(batch, height', width', channels)` |
# | | `valid`: `height' = ⌊(height − pool) / stride⌋ + 1`; `same`: `height' = ⌈height / stride⌉` |
# | strides | where none are given, those of the window: the windows lie side by side |
# | parameters | none |
#
# What is forgetting good for? Push a digit to the right by one pixel. To a Dense layer it is
# another picture now: nearly all of its numbers have changed. How much of the change is left after
# the picture was pooled?

# %% id="maxpool2d-experiment-2" tags=["experiment"]
digit = images[:1]
pushed = np.roll(digit, 1, axis=2)
figure, panels = plt.subplots(2, 3, figsize=(7.2, 4.8), layout="constrained")
for size, (above, below) in zip((1, 2, 4), panels.T, strict=True):
    pool = keras.layers.MaxPool2D(size)
    before, after = pool(digit)[0, ..., 0].numpy(), pool(pushed)[0, ..., 0].numpy()
    above.imshow(before, cmap="gray_r", vmin=0, vmax=1)
    below.imshow(after, cmap="gray_r", vmin=0, vmax=1)
    change = np.abs(after - before).mean()
    above.set_title("as it is" if size == 1 else f"pooled by {size}")
    below.set_xlabel(f"changed by {change:.2f} a pixel")
    for panel in (above, below):
        panel.set(xticks=[], yticks=[])
panels[0, 0].set_ylabel("the digit")
panels[1, 0].set_ylabel("pushed right by 1")
show(
    figure,
    "A digit, and below it the same digit pushed one pixel to the right: as they are, pooled to "
    "4 x 4 and pooled to 2 x 2. Below each pair stands how much a pixel changed on average: the "
    "coarser the picture, the smaller the change.",
)

# %% [markdown] id="maxpool2d-text-2"
# Not nothing, but less with each step back. A network with pooling in it forgives a hand that
# slips.

# %% [markdown] id="pool-shape-exercise"
# ### Exercise: predict the shape after pooling
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●●○ (4 of 5) · 5 minutes · 2 points
# >
# > `input_shape` has a batch axis, which may be `None`; `pool_size` is a pair; `strides` is a pair
# > or `None`; `padding` is `"valid"` or `"same"`. Return the output shape as a tuple.
#
# <details><summary>It is right until a side cannot be divided</summary>
#
# Draw seven pixels in a row and windows of 2. How many windows are full? And if every pixel must be
# in some window, how many do you need?
# </details>
#
# <details><summary>TypeError: 'NoneType' object is not subscriptable</summary>
#
# No strides were given. What are they then? The table knows.
# </details>


# %% nbgrader={"grade_id": "pool-shape", "solution": true}
def pool_shape(input_shape, pool_size, strides=None, padding="valid"):
    """The shape after MaxPool2D(pool_size, strides, padding), with its batch axis."""
    ### BEGIN SOLUTION
    batch, *lengths, channels = input_shape
    sides = []
    for length, size, stride in zip(lengths, pool_size, strides or pool_size, strict=True):
        same, valid = math.ceil(length / stride), (length - size) // stride + 1
        sides.append(same if padding == "same" else valid)
    return (batch, *sides, channels)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-pool-shape", "grade": true, "points": 2}
check(pool_shape)
### BEGIN HIDDEN TESTS
check(pool_shape, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="the-edge"
# ### The edge
#
# With `valid`, a window that would stick out is not laid at all. With `same`, every pixel gets into
# a window, so some windows stick out: they see pixels that do not exist. If $n$ pixels get
# $\lceil n/s \rceil$ windows, the last of them ends at $(\lceil n/s \rceil - 1)\,s + p$, and what
# is missing up to there is shared between both ends. The odd pixel goes to the far end.
#
# What do you write into a pixel that does not exist? For a convolution, zero. Look what zero would
# do here:

# %% id="the-edge-experiment" tags=["experiment"]
pooling.draw_edges().show()

# %% [markdown] id="the-edge-text"
# Where all numbers are negative, a zero from nowhere wins every maximum. The pixels that do not
# exist must never win. So what do you write there?
#
# **How to build it without a loop over windows.** Instead of walking a window over the picture,
# look at one *place* in the window at a time. What do all the windows have in their upper left
# corner? A slice of the picture: begin at row 0 and column 0, and go on in steps of the strides.
# What do they have one place further right? The same slice, begun at column 1. Six places, six
# slices, all of the same shape: lay them one upon the other, and the maximum over the pile is the
# answer.

# %% [markdown] id="max-pool2d-exercise"
# ### Exercise: write MaxPool2D
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●●●● (5 of 5) · 25 minutes · 10 points
# >
# > **What is asked**
# >
# > - **shape** (2): as you predicted it, also while the batch size is unknown.
# > - **parameters** (1): none.
# > - **output** (4): of every window the largest number, channel by channel. `pool_size` and
# >   `strides` are a number or a pair; `strides=None` means those of the window; `padding` is
# >   `"valid"` or `"same"`, and pixels that are not there never win.
# > - **gradient** (1): it reaches the pixel that won, and no other.
# > - **config** (1): `MaxPool2D.from_config(layer.get_config())` is the same layer again.
# > - **dtype** (1): under the policy `"mixed_float16"` the output is float16.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.MaxPooling2D` and the like for
# > one and three axes, `keras.ops.max_pool`, `tf.nn.pool`, and TensorFlow's operations that do it,
# > such as `tf.raw_ops.MaxPool`, `tf.raw_ops.Dilation2D`. The point is the window.
#
# <details><summary>Some outputs at the edge are 0, and should be negative</summary>
#
# A zero won there. Which number loses against every other? `ops.pad` takes `constant_values`.
# </details>
#
# <details><summary>The shape is right, and a few rows and columns are shifted</summary>
#
# Count by hand for 6 pixels, a window of 3 and strides of 2: how many pixels are missing, and on
# which side are they added?
# </details>
#
# <details><summary>My slices do not all have the same shape</summary>
#
# A slice ends where you tell it to end. All of them must have as many rows as there are windows:
# from where to where does a slice of that many rows go, in steps of the stride?
# </details>
#
# <details><summary>TypeError: 'int' object is not iterable</summary>
#
# `pool_size` may be one number. Make a pair of it, once, in `__init__`.
# </details>
#
# <details><summary>config fails, all else is right</summary>
#
# Keras takes down the arguments of `__init__` by itself where they are plain. Do they all have
# their names, and do you hand `**kwargs` on?
# </details>


# %% nbgrader={"grade_id": "max-pool2d", "solution": true}
class MaxPool2D(keras.layers.Layer):
    """Of every window, the largest number."""

    def __init__(self, pool_size=(2, 2), strides=None, padding="valid", **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        strides = pool_size if strides is None else strides
        self.pool_size = (pool_size, pool_size) if isinstance(pool_size, int) else pool_size
        self.strides = (strides, strides) if isinstance(strides, int) else strides
        self.padding = padding
        ### END SOLUTION

    def call(self, inputs):
        ### BEGIN SOLUTION
        counts, edges = [], []
        sides = zip(inputs.shape[1:3], self.pool_size, self.strides, strict=True)
        for length, size, stride in sides:
            if self.padding == "same":
                counts.append(math.ceil(length / stride))
            else:
                counts.append((length - size) // stride + 1)
            missing = max((counts[-1] - 1) * stride + size - length, 0)
            edges.append((missing // 2, missing - missing // 2))
        padded = ops.pad(inputs, ((0, 0), *edges, (0, 0)), constant_values=-math.inf)
        (rows, columns), (down, right) = counts, self.strides
        places = [
            padded[:, i : i + rows * down : down, j : j + columns * right : right]
            for i in range(self.pool_size[0])
            for j in range(self.pool_size[1])
        ]
        return ops.max(ops.stack(places), axis=0)
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-max-pool2d", "grade": true, "points": 10}
check(MaxPool2D)
### BEGIN HIDDEN TESTS
check(MaxPool2D, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="averagepooling2d"
# ## AveragePooling2D
#
# The same windows, another question: not *is it somewhere in there?* but *how much of it is in
# there?* A mean listens to every pixel and lets none of them shout.
#
# $$y_{b,i,j,c} = \frac{1}{|W_{i,j}|} \sum_{(r,\,t)\, \in\, W_{i,j}} x_{b,r,t,c}$$
#
# where $W_{i,j}$ are the pixels of window $(i, j)$ *that exist*. That is the whole trick. Inside
# the picture $|W|$ is the size of the window; at the edge it is smaller. A mean of ones is 1, in
# the corner too.
#
# | | |
# |---|---|
# | shape | as MaxPool2D |
# | parameters | none |
#
# Frameworks do not agree here. In Keras and TensorFlow padding is never counted; in PyTorch it is,
# unless one says `count_include_pad=False`. Whoever carries a network over finds a faint dark frame
# around every feature map and does not know where it came from:

# %% id="averagepooling2d-experiment" tags=["experiment"]
paper = np.ones((1, 8, 8, 1), "float32")
kept = keras.layers.AveragePooling2D(3, strides=1, padding="same")(paper)[0, ..., 0]
framed = np.pad(paper, ((0, 0), (1, 1), (1, 1), (0, 0)))
counted = keras.layers.AveragePooling2D(3, strides=1)(framed)[0, ..., 0]
figure, panels = plt.subplots(1, 2, figsize=(6.4, 3.2), layout="constrained")
for panel, picture, title in zip(
    panels, (kept, counted), ("Keras", "padding counted"), strict=True
):
    panel.imshow(picture, cmap="gray", vmin=0, vmax=1.2)
    panel.set(title=title, xticks=[], yticks=[])
    for place in ((0, 0), (0, 3), (3, 3)):
        panel.text(*place[::-1], f"{picture[place]:.2f}", ha="center", va="center", fontsize=8)
show(
    figure,
    "A picture of ones, averaged by windows of 3 under padding same. Keras gives ones everywhere. "
    "Where padding is counted, the edges fall to 0.67 and the corners to 0.44: a dark frame.",
)

# %% [markdown] id="window-counts-exercise"
# ### Exercise: predict how many pixels a window has
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●○○ (3 of 5) · 10 minutes · 3 points
# >
# > A row of `length` pixels is pooled by windows of `pool_size` with these `strides`. For each
# > window, in their order: how many of its pixels exist? Return a list.
#
# <details><summary>My list is right but for its ends</summary>
#
# How many pixels are missing in all? Half of them, rounded down, lie before the first pixel. So at
# which pixel does window 0 begin? It may be a negative one.
# </details>


# %% nbgrader={"grade_id": "window-counts", "solution": true}
def window_counts(length, pool_size, strides, padding):
    """How many pixels of each window exist, as a list with an entry for each window."""
    ### BEGIN SOLUTION
    if padding == "valid":
        return [pool_size] * ((length - pool_size) // strides + 1)
    count = math.ceil(length / strides)
    before = max((count - 1) * strides + pool_size - length, 0) // 2
    starts = [index * strides - before for index in range(count)]
    return [min(start + pool_size, length) - max(start, 0) for start in starts]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-window-counts", "grade": true, "points": 3}
check(window_counts)
### BEGIN HIDDEN TESTS
check(window_counts, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="average-pooling2d-exercise"
# ### Exercise: write AveragePooling2D
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●●○○ (3 of 5) · 15 minutes · 10 points
# >
# > **What is asked**
# >
# > - **shape** (2): as for MaxPool2D.
# > - **parameters** (1): none.
# > - **output** (4): of every window the mean of the pixels that exist. Arguments as before, but
# >   `pool_size` must be given.
# > - **gradient** (1): every pixel of a window gets an equal share.
# > - **config** (1): `AveragePooling2D.from_config(layer.get_config())` is the same layer again.
# > - **dtype** (1): under the policy `"mixed_float16"` the output is float16.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.AveragePooling2D` and the like
# > for one and three axes, `keras.ops.average_pool`, `tf.nn.pool`, and TensorFlow's operations that
# > do it, such as `tf.raw_ops.AvgPool`.
#
# <details><summary>It is right inside and too small at the edge</summary>
#
# You divide by the size of the window everywhere. How would a picture of nothing but ones, padded
# with zeros and summed up by your windows, help you?
# </details>
#
# <details><summary>It is right inside and nan at the edge</summary>
#
# For the maximum you padded with a number that never wins. What does it do to a sum?
# </details>


# %% nbgrader={"grade_id": "average-pooling2d", "solution": true}
class AveragePooling2D(keras.layers.Layer):
    """Of every window, the mean of the pixels that exist."""

    def __init__(self, pool_size, strides=None, padding="valid", **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        strides = pool_size if strides is None else strides
        self.pool_size = (pool_size, pool_size) if isinstance(pool_size, int) else pool_size
        self.strides = (strides, strides) if isinstance(strides, int) else strides
        self.padding = padding
        ### END SOLUTION

    def call(self, inputs):
        ### BEGIN SOLUTION
        return self.sums(inputs) / self.sums(ops.ones_like(inputs[:1, :, :, :1]))
        ### END SOLUTION

    ### BEGIN SOLUTION
    def sums(self, inputs):
        counts, edges = [], []
        sides = zip(inputs.shape[1:3], self.pool_size, self.strides, strict=True)
        for length, size, stride in sides:
            if self.padding == "same":
                counts.append(math.ceil(length / stride))
            else:
                counts.append((length - size) // stride + 1)
            missing = max((counts[-1] - 1) * stride + size - length, 0)
            edges.append((missing // 2, missing - missing // 2))
        padded = ops.pad(inputs, ((0, 0), *edges, (0, 0)))
        (rows, columns), (down, right) = counts, self.strides
        return sum(
            padded[:, i : i + rows * down : down, j : j + columns * right : right]
            for i in range(self.pool_size[0])
            for j in range(self.pool_size[1])
        )

    ### END SOLUTION


# %% nbgrader={"grade_id": "check-average-pooling2d", "grade": true, "points": 10}
check(AveragePooling2D)
### BEGIN HIDDEN TESTS
check(AveragePooling2D, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="how-far-does-a-number-see"
# ## How far does a number see?
#
# A number behind one convolution of 3 × 3 has seen nine pixels. Stack layers, and each number has
# seen a larger part of the picture: its *receptive field*. Nobody can recognize a face through a
# keyhole, so a deep network had better make sure that its last numbers see enough.

# %% id="how-far-does-a-number-see-experiment" tags=["experiment"]
pooling.draw_receptive_field().show()

# %% [markdown] id="how-far-does-a-number-see-text"
# Read the pyramid from below. A convolution of 3 makes the field grow by 2. The pooling makes it
# grow by 1 more, *and* it moves the numbers apart: from now on, neighbours stand two pixels apart
# from each other. So the next convolution of 3 reaches out by $2 \cdot 2$ pixels. This is the quiet
# power of pooling: every layer behind it sees twice as far.
#
# We need not believe the drawing, we can ask. The gradient of one output number is not zero exactly
# at those pixels that it depends on:

# %% id="how-far-does-a-number-see-experiment-2" tags=["experiment"]
stacks = {
    "two convolutions": (3, 3),
    "with a pooling between": (3, "pool", 3),
    "and again": (3, "pool", 3, "pool", 3),
}
figure, panels = plt.subplots(1, 3, figsize=(8.4, 3.1), layout="constrained")
for panel, (name, stack) in zip(panels, stacks.items(), strict=True):
    picture = tf.ones((1, 24, 24, 1))
    with tf.GradientTape() as tape:
        tape.watch(picture)
        outputs = picture
        for size in stack:
            if size == "pool":
                outputs = keras.layers.AveragePooling2D(2)(outputs)
            else:
                outputs = keras.layers.Conv2D(1, size, kernel_initializer="ones")(outputs)
        middle = outputs[0, outputs.shape[1] // 2, outputs.shape[2] // 2, 0]
    slope = tape.gradient(middle, picture)[0, ..., 0].numpy()
    panel.imshow(slope / slope.max(), cmap="Blues", vmin=0, vmax=1)
    side = int(np.any(slope != 0, axis=0).sum())
    panel.set(title=name, xlabel=f"sees {side} × {side} pixels", xticks=[], yticks=[])
show(
    figure,
    "Which pixels of a 24 x 24 picture one number depends on: 5 x 5 after two convolutions of 3, "
    "8 x 8 with a pooling between them, 18 x 18 with a further pooling and convolution. In the "
    "middle of the field the dependence is strongest.",
)

# %% [markdown] id="how-far-does-a-number-see-text-2"
# Look at the shades too: the middle counts most, because many paths lead there.

# %% [markdown] id="receptive-field-exercise"
# ### Exercise: predict the receptive field
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●●●○ (4 of 5) · 10 minutes · 3 points
# >
# > `windows` lists the layers from the picture upwards, each as `[size, stride]`; a convolution and
# > a pooling count alike. No stride is larger than its window. How many pixels of a row does one
# > number behind the last layer see?
#
# <details><summary>It is right while all strides are 1</summary>
#
# Keep a second number beside the field: how many pixels apart do two neighbours stand by now? Which
# of the two changes first, at a layer with a stride?
# </details>


# %% nbgrader={"grade_id": "receptive-field", "solution": true}
def receptive_field(windows):
    """How many pixels of a row one number sees behind layers of [size, stride]."""
    ### BEGIN SOLUTION
    field, apart = 1, 1
    for size, stride in windows:
        field += (size - 1) * apart
        apart *= stride
    return field
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-receptive-field", "grade": true, "points": 3}
check(receptive_field)
### BEGIN HIDDEN TESTS
check(receptive_field, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="globalmaxpool2d-and-globalavgpool2d"
# ## GlobalMaxPool2D and GlobalAvgPool2D
#
# Now step back so far that each channel is one dot. One number a channel: the largest it has, or
# its mean.

# %% id="globalmaxpool2d-and-globalavgpool2d-experiment" tags=["experiment"]
pooling.draw_global().show()

# %% [markdown] id="globalmaxpool2d-and-globalavgpool2d-text"
# $$y_{b,c} = \max_{i,j}\; x_{b,i,j,c} \qquad\text{or}\qquad
# y_{b,c} = \frac{1}{HW} \sum_{i,j} x_{b,i,j,c}$$
#
# | | |
# |---|---|
# | shape | `(batch, height, width, channels)` → `(batch, channels)` |
# | | with `keepdims=True`: `(batch, 1, 1, channels)` |
# | parameters | none |
#
# The height and the width are gone. So a network with such a layer takes pictures of *any* size,
# and whatever comes after it need not know where anything was. In many networks it stands where
# Flatten used to stand.

# %% [markdown] id="global-shape-exercise"
# ### Exercise: predict the shape after global pooling
#
# > Difficulty ●○○○○ (1 of 5) · Importance ●●●○○ (3 of 5) · 3 minutes · 1 points
# >
# > `input_shape` has a batch axis, which may be `None`. Return the output shape as a tuple.
#
# <details><summary>It is right without keepdims only</summary>
#
# An axis that is kept all the same has a length. Which?
# </details>


# %% nbgrader={"grade_id": "global-shape", "solution": true}
def global_shape(input_shape, keepdims=False):
    """The shape after GlobalMaxPool2D(keepdims=keepdims), with its batch axis."""
    ### BEGIN SOLUTION
    batch, _, _, channels = input_shape
    return (batch, 1, 1, channels) if keepdims else (batch, channels)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-global-shape", "grade": true, "points": 1}
check(global_shape)
### BEGIN HIDDEN TESTS
check(global_shape, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="global-max-pool2d-exercise"
# ### Exercise: write GlobalMaxPool2D
#
# > Difficulty ●○○○○ (1 of 5) · Importance ●●●○○ (3 of 5) · 5 minutes · 6 points
# >
# > **What is asked**
# >
# > - **shape** (1): as you predicted it, also while the batch size is unknown.
# > - **parameters** (1): none.
# > - **output** (2): of every channel of every picture, the largest number.
# > - **gradient** (1): it reaches the pixel that won.
# > - **config** (1): `from_config(layer.get_config())` is the same layer again.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.GlobalMaxPooling2D`.
#
# <details><summary>My output has one number for each picture</summary>
#
# You took the maximum over everything. `ops.max` takes an `axis`, and that may be more than one.
# </details>


# %% nbgrader={"grade_id": "global-max-pool2d", "solution": true}
class GlobalMaxPool2D(keras.layers.Layer):
    """Of every channel, the largest number of the whole picture."""

    def __init__(self, keepdims=False, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.keepdims = keepdims
        ### END SOLUTION

    def call(self, inputs):
        ### BEGIN SOLUTION
        return ops.max(inputs, axis=(1, 2), keepdims=self.keepdims)
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-global-max-pool2d", "grade": true, "points": 6}
check(GlobalMaxPool2D)
### BEGIN HIDDEN TESTS
check(GlobalMaxPool2D, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="globalmaxpool2d-and-globalavgpool2d-text-2"
# And what does it save? Take a feature map of 7 × 7 with 512 channels and a Dense of 1000 units
# behind it. Flattened, the Dense has 25 million
# parameters. Pooled, it has half a million.

# %% [markdown] id="head-params-exercise"
# ### Exercise: predict what the head costs
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●●○ (4 of 5) · 5 minutes · 2 points
# >
# > A feature map of `input_shape` (its batch axis is `None`) goes through Flatten
# > (`head="flatten"`), GlobalAvgPool2D (`"average"`) or GlobalMaxPool2D (`"max"`), and then into
# > `Dense(units)`. How many parameters is that?
#
# <details><summary>I get the same number for all three</summary>
#
# How many features does the Dense see after each of them? You wrote all three, and know their
# shapes.
# </details>


# %% nbgrader={"grade_id": "head-params", "solution": true}
def head_params(input_shape, units, head):
    """The parameters of Dense(units) behind "flatten", "average" or "max"."""
    ### BEGIN SOLUTION
    _, height, width, channels = input_shape
    features = height * width * channels if head == "flatten" else channels
    return features * units + units
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-head-params", "grade": true, "points": 2}
check(head_params)
### BEGIN HIDDEN TESTS
check(head_params, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="global-avg-pool2d-exercise"
# ### Exercise: write GlobalAvgPool2D
#
# > Difficulty ●○○○○ (1 of 5) · Importance ●●●●○ (4 of 5) · 5 minutes · 6 points
# >
# > **What is asked**
# >
# > - **shape** (1): as for GlobalMaxPool2D.
# > - **parameters** (1): none.
# > - **output** (2): of every channel of every picture, the mean.
# > - **gradient** (1): every pixel gets an equal share.
# > - **config** (1): `from_config(layer.get_config())` is the same layer again.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.GlobalAveragePooling2D`.
#
# <details><summary>My numbers are far too large, always by the same factor</summary>
#
# Is the factor the number of pixels?
# </details>


# %% nbgrader={"grade_id": "global-avg-pool2d", "solution": true}
class GlobalAvgPool2D(keras.layers.Layer):
    """Of every channel, the mean of the whole picture."""

    def __init__(self, keepdims=False, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.keepdims = keepdims
        ### END SOLUTION

    def call(self, inputs):
        ### BEGIN SOLUTION
        return ops.mean(inputs, axis=(1, 2), keepdims=self.keepdims)
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-global-avg-pool2d", "grade": true, "points": 6}
check(GlobalAvgPool2D)
### BEGIN HIDDEN TESTS
check(GlobalAvgPool2D, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="a-network-of-your-own"
# ## A network of your own
#
# You have a Dense, an Activation and a Flatten from unit 1, a Conv2D from unit 6, and the pooling
# layers from above. That is all one needs to read handwriting, and nothing of it is a black box any
# more.
#
# Bring them here. Paste the classes that you wrote into the next cell. (Should one of them be
# missing, write it anew, as small as you like: this cell is not graded.)


# %% nbgrader={"grade_id": "your-layers", "solution": true}
### BEGIN SOLUTION
class Conv2D(keras.layers.Layer):
    """Convolution with a square kernel and padding `same`, from patches and one product."""

    def __init__(self, filters, kernel_size, **kwargs):
        super().__init__(**kwargs)
        self.filters, self.size = filters, kernel_size

    def build(self, input_shape):
        shape = (self.size, self.size, input_shape[-1], self.filters)
        self.kernel = self.add_weight(name="kernel", shape=shape, initializer="glorot_uniform")
        self.bias = self.add_weight(name="bias", shape=(self.filters,), initializer="zeros")

    def call(self, inputs):
        _, height, width, _ = inputs.shape
        edge = ((self.size - 1) // 2, self.size // 2)
        padded = ops.pad(inputs, ((0, 0), edge, edge, (0, 0)))
        places = [(i, j) for i in range(self.size) for j in range(self.size)]
        patches = [padded[:, i : i + height, j : j + width] for i, j in places]
        kernel = ops.reshape(self.kernel, (-1, self.filters))
        return ops.matmul(ops.concatenate(patches, axis=-1), kernel) + self.bias


class Dense(keras.layers.Layer):
    """Weighted sums along the last axis."""

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        shape = (input_shape[-1], self.units)
        self.kernel = self.add_weight(name="kernel", shape=shape, initializer="glorot_uniform")
        self.bias = self.add_weight(name="bias", shape=(self.units,), initializer="zeros")

    def call(self, inputs):
        return ops.matmul(inputs, self.kernel) + self.bias


class Activation(keras.layers.Layer):
    """Bends its inputs by a function."""

    def __init__(self, activation, **kwargs):
        super().__init__(**kwargs)
        self.activation = keras.activations.get(activation)

    def call(self, inputs):
        return self.activation(inputs)


class Flatten(keras.layers.Layer):
    """One row for each sample."""

    def call(self, inputs):
        return ops.reshape(inputs, (-1, math.prod(inputs.shape[1:])))


### END SOLUTION

# %% [markdown] id="a-network-of-your-own-text"
# A network for pictures mostly goes like this: convolution, bend, pooling; convolution, bend,
# pooling; and a Dense at the end. From stage to stage there are fewer pixels and more channels:
# less *where*, more *what*.
#
# Your network will be judged on 823 digits that are in none of your files. They were written by the
# same thirty people, they lie with the grader, and your network sees them once. 97 of 100 must be
# right.

# %% [markdown] id="digit-network-exercise"
# ### Exercise: train a network of your own layers
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●●●● (5 of 5) · 30 minutes · 8 points
# >
# > Below the function, build `network` from *your* layers and train it on `images` and `labels`.
# > `digit_network()` gives the trained network back; train outside of it, so that it is done once.
# >
# > **What is asked**
# >
# > - **accuracy** (8): for a batch of images of shape `(batch, 8, 8, 1)` with ink from 0 to 1 the
# >   network gives ten scores each (shares or logits), and the largest is that of the right digit
# >   for at least 97 % of images that this notebook does not hold. It counts only for a network
# >   that learned: it has trainable weights, they belong to layers of your own, and it reads the
# >   digits by them. (The check shuffles the numbers within each weight, and puts them back: a
# >   network that learned cannot read any more then.)
# >
# > The cell is run once more when your work is graded, and is stopped there after 30 seconds: aim
# > at ten on your own machine. Not allowed, in any copy of Keras or TensorFlow: Keras's own
# > `Conv2D`, `Dense`, `EinsumDense`, `Activation`, `Flatten` and pooling layers. Whatever else you
# > wrote in this course is welcome.
#
# <details><summary>The loss does not fall at all, or is nan</summary>
#
# Do the last layer and the loss agree on what comes out, shares or logits? Then try a step that is
# ten times smaller.
# </details>
#
# <details><summary>It is right on 99.9 % in training and on 96 % here</summary>
#
# It begins to learn by heart. Take fewer epochs, or let the steps become smaller towards the end
# (`keras.optimizers.schedules`): large steps find the valley, small ones its floor.
# </details>
#
# <details><summary>With global average pooling I do not get beyond 95 %</summary>
#
# What does a mean over the whole picture forget? For a digit, *where* a stroke is matters: a 6 is a
# 9 that stands on its head. Global pooling wants many channels, and some patience.
# </details>
#
# <details><summary>It takes minutes</summary>
#
# How many products does a convolution do in all? Pool early, and begin with few filters: some
# twenty, then twice as many are enough, and so are four or five epochs.
# </details>


# %% nbgrader={"grade_id": "digit-network", "solution": true}
def digit_network():
    """The network, trained already."""
    ### BEGIN SOLUTION
    return network
    ### END SOLUTION


### BEGIN SOLUTION
keras.utils.set_random_seed(1)
network = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        Conv2D(24, 3),
        Activation("relu"),
        MaxPool2D(),
        Conv2D(48, 3),
        Activation("relu"),
        MaxPool2D(),
        Flatten(),
        Dense(10),
    ]
)
epochs, batch_size = 4, 50
steps = epochs * math.ceil(len(images) / batch_size)
network.compile(
    keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.007, steps)),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
)
network.fit(images, labels, batch_size=batch_size, epochs=epochs, verbose=0)
### END SOLUTION

# %% nbgrader={"grade_id": "check-digit-network", "grade": true, "points": 8}
check(digit_network)
### BEGIN HIDDEN TESTS
check(digit_network, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="a-network-of-your-own-text-2"
# Which digits does it get wrong, even of those that it learned from? They are worth a look: would
# you have known?

# %% id="a-network-of-your-own-experiment" tags=["experiment"]
network = digit_network()
some = (images[first : first + 500] for first in range(0, len(images), 500))
scores = np.concatenate([network(batch) for batch in some])
wrong = np.flatnonzero(scores.argmax(axis=1) != labels)
print(f"wrong on {len(wrong)} of the {len(images)} digits that it learned from")
figure, panels = plt.subplots(1, 8, figsize=(9, 1.8))
for panel in panels:
    panel.axis("off")
for index, panel in zip(wrong, panels, strict=False):
    panel.imshow(images[index, ..., 0], cmap="gray_r")
    panel.set_title(f"{labels[index]}, read {scores[index].argmax()}", fontsize=9)
show(
    figure,
    "Up to eight digits that the network reads wrongly, each with the digit that was meant and the "
    "one that was read. Most of them are hard to read for people too.",
)

# %% [markdown] id="a-network-of-your-own-text-3"
# And what do its layers see on the way? Here is one digit as it walks through your network.


# %% id="a-network-of-your-own-experiment-2" tags=["experiment"]
def maps_inside(network, image):
    """What is behind each activation and pooling, if the network was made from Inputs."""
    layers = network.layers if hasattr(network, "inputs") else []
    kinds = ("Activation", "MaxPool2D", "AveragePooling2D")
    outputs = [layer.output for layer in layers if type(layer).__name__ in kinds]
    outputs = [output for output in outputs if len(output.shape) == 4]
    spoken = keras.Model(network.inputs, outputs)([image]) if outputs else []
    return [maps[0].numpy() for maps in spoken]


def draw_maps(stages):
    """The first eight channels of each stage, a row for each."""
    figure, panels = plt.subplots(len(stages), 8, figsize=(8, 1.08 * len(stages)), squeeze=False)
    for maps, row in zip(stages, panels, strict=True):
        for channel, panel in enumerate(row):
            panel.set(xticks=[], yticks=[])
            if channel < maps.shape[-1]:
                panel.imshow(maps[..., channel], cmap="gray_r", vmin=0)
        row[0].set_ylabel(f"{maps.shape[0]} × {maps.shape[1]}", fontsize=9)
    return figure


if stages := maps_inside(network, images[16:17]):
    show(
        draw_maps(stages),
        "A digit inside the network: the first eight channels behind each activation and each "
        "pooling. At first one still sees the strokes, each channel its own; after the poolings "
        "only a few dots are left, which say what was found.",
    )
else:
    print("Your network has no activation or pooling layer that the Functional API knows of.")

# %% [markdown] id="what-you-have-now"
# ## What you have now
#
# | layer | of each window | at the edge | parameters |
# |---|---|---|---|
# | MaxPool2D | the largest number | what is not there never wins | none |
# | AveragePooling2D | the mean | what is not there is not counted | none |
# | GlobalMaxPool2D | the window is the whole picture | no edge | none |
# | GlobalAvgPool2D | the same, the mean | no edge | none |
#
# And you have a network, built from nothing but what you wrote yourself, that reads the handwriting
# of strangers. There is no magic left in it. Isn't it wonderful all the same?
