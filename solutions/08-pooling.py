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
# A **pooling** layer makes pictures smaller. It puts a small **window** on the picture, replaces
# all numbers under the window by one number, and moves on. With windows of 2 × 2 side by side, the
# picture that comes out is half as high and half as wide. Making a picture smaller in this way is
# called **downsampling**.
#
# A pooling layer has no weights. **MaxPool2D** takes the largest number of each window, and
# **AveragePooling2D** takes the mean. **GlobalMaxPool2D** and **GlobalAvgPool2D** use one window
# for the whole picture.
#
# The formulas are short, but the edges are difficult: almost everyone gets them wrong once. At the
# end of the unit you use most of what you have built since unit 01. A network of your own layers
# reads handwritten digits that no notebook contains.
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

from grader.data import load

# %% [markdown] id="same-padding-helper-text"
# In unit 06 you wrote `same_padding`, which says how many places `padding="same"` adds before and
# after the data. Pooling needs it, too. Copy your function into the next cell. (The cell
# has no points. If you want to know whether the function is right, run `check(same_padding)`.)


# %% nbgrader={"grade_id": "same-padding-helper", "solution": true}
def same_padding(length, kernel_size, strides=1, dilation_rate=1):
    """The places before and after the data with padding="same", as a pair (unit 06)."""
    ### BEGIN SOLUTION
    last = (math.ceil(length / strides) - 1) * strides
    reach = (kernel_size - 1) * dilation_rate + 1
    total = max(last + reach - length, 0)
    return total // 2, total - total // 2
    ### END SOLUTION


# %% [markdown] id="start-text"
# The data are the 1797 handwritten digits that you know, from thirteen writers, and 3000 more, from
# thirty other writers. Each is a picture of 8 × 8 pixels with one channel. The ink goes from 0
# (paper) to 1.

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
# **Max pooling** divides a picture into windows that lie side by side. It keeps the largest number
# of each window and drops the others.

# %% id="maxpool2d-experiment" tags=["experiment"]
pooling.draw_windows().show()

# %% [markdown] id="maxpool2d-text"
# After a convolution, a large number means that a filter has found its pattern at this place: an
# edge, a corner, a stroke. Max pooling keeps the information *that* the pattern is somewhere in the
# window, and drops *where* in the window it is.
#
# Each channel is pooled separately: a window has a height and a width, but it covers only one
# channel. How far the window moves each time is the **stride**. With $p_h \times p_w$ for the size
# of the window and $s_h, s_w$ for the strides:
#
# $$y_{b,i,j,c} = \max_{u<p_h,\; v<p_w} \; x_{b,\; i s_h + u,\; j s_w + v,\; c}$$
#
# | | |
# |---|---|
# | shape | `(batch, height, width, channels)` → `(batch, height', width', channels)` |
# | | `valid`: `height' = ⌊(height − pool) / stride⌋ + 1`; `same`: `height' = ⌈height / stride⌉` |
# | strides | if none are given, the size of the window: the windows lie side by side |
# | parameters | none |
#
# Why is it useful to drop where a pattern is? In handwriting, the same stroke is sometimes one
# pixel further to the right. If an output stays the same when its input moves, this is called
# **translation invariance**. The next cell measures how much of it max pooling gives.
#
# Eight fixed filters find edges in a digit. The digit lies on larger paper, so it can move by a few
# pixels, and all of its ink stays on the paper. The cell compares the filters' outputs before and
# after a move: without pooling (windows of 1 × 1), pooled by 2, pooled by 4, and with one window
# for the whole picture. The change is relative: 0 % means that nothing changed. The cell takes a
# few seconds.

# %% id="maxpool2d-experiment-2" tags=["experiment"]
edge = np.array([[1, 2, 1], [0, 0, 0], [-1, -2, -1]]) / 4
corner = np.array([[2, 1, 0], [1, 0, -1], [0, -1, -2]]) / 4
four = [edge, edge.T, corner, corner[:, ::-1]]
find_edges = keras.layers.Conv2D(8, 3, padding="same", activation="relu", use_bias=False)
find_edges.build((None, 16, 16, 1))
find_edges.set_weights([np.stack(four + [-one for one in four], axis=-1)[:, :, None]])


def moved(digits, right):
    """The digits on paper of 16 x 16, moved to the right. None of their ink is lost."""
    paper = np.zeros((len(digits), 16, 16, 1), "float32")
    paper[:, 4:12, 2 + right : 10 + right] = digits
    return paper


def features(digits, right, window):
    """What the filters find in the moved digits, pooled: a row of numbers for each digit."""
    maps = keras.layers.MaxPool2D(window)(find_edges(moved(digits, right)))
    return np.reshape(maps, (len(digits), -1))


def nearest(rows, others):
    """For each row, which of the others is most like it."""
    return (np.square(others).sum(axis=1) - 2 * rows @ others.T).argmin(axis=1)


some, known = slice(0, 400), slice(400, 1400)
change, told = {}, {}
for window in (1, 2, 4, 16):
    still = features(images[some], 0, window)
    length = np.linalg.norm(still, axis=1)
    moves = [features(images[some], right, window) - still for right in range(5)]
    change[window] = [np.mean(np.linalg.norm(move, axis=1) / length) for move in moves]
    guess = labels[known][nearest(still, features(images[known], 0, window))]
    told[window] = np.mean(guess == labels[some])
    print(
        f"windows of {window:2d}: a move by 1 changes the features by {change[window][1]:4.0%}, "
        f"by 4 {change[window][4]:4.0%}; digits told apart: {told[window]:.0%}"
    )

# %% id="maxpool2d-experiment-2-plot" tags=["experiment"] jupyter={"source_hidden": true}
shape = {"figsize": (9.8, 3), "width_ratios": (1, 1, 1.5), "layout": "constrained"}
figure, (left, middle, curves) = plt.subplots(1, 3, **shape)
for panel, right in ((left, 0), (middle, 2)):
    panel.imshow(moved(images[:1], right)[0, ..., 0], cmap="gray_r")
    panel.set(title=f"moved by {right}", xticks=[], yticks=[])
names = {1: "no pooling", 2: "pooled by 2", 4: "pooled by 4", 16: "the whole picture"}
for (window, name), style in zip(names.items(), ("-o", "-s", "-^", "-d"), strict=True):
    curves.plot(range(5), change[window], style, lw=2, ms=5, label=name)
curves.set(title="How much the features change", xlabel="moved by pixels", xticks=range(5))
curves.set(ylim=(-0.05, 2.15))
curves.legend(frameon=False, ncols=2, fontsize=9, loc="upper left")
show(
    figure,
    "Left: a digit on its paper, and the same digit two pixels further to the right. Right: how "
    "much the features change, against the move. By one pixel: "
    + ", ".join(f"{name} {change[window][1]:.0%}" for window, name in names.items())
    + ". By four pixels: "
    + ", ".join(f"{name} {change[window][4]:.0%}" for window, name in names.items())
    + ".",
)

# %% [markdown] id="maxpool2d-text-2"
# Pooling by 2 or by 4 gives *some* translation invariance: for a move by one pixel the features
# change less than without pooling. For a move by four pixels, pooling by 2 hardly helps. Only one
# window for the whole picture is fully invariant.
#
# The last printed number shows the price. Each digit gets the label of the most similar of 1000
# other digits, all in the same place. With windows of 4, fewer digits can be told apart than
# without pooling, and with one window for the whole picture only about half of them: it is no
# longer known where the edges are.
#
# **Try:** move the digits down instead of to the right (the 4 and the 12 in `moved`), or use
# `AveragePooling2D` in `features`. Which of the two poolings changes less for a move by 1?

# %% [markdown] id="maxpool2d-change-it-text"
# ### Change it: which moves only move the map?
#
# A digit moves to the right by 1, 2, 3 or 4 pixels and is pooled by 2. After some of these moves,
# the pooled map has exactly the same numbers as before, only in other columns. **Guess first**
# which ones, and write your guess down. Then change `right` and run the cell for each of the four.

# %% id="maxpool2d-change-it" tags=["experiment"]
right = 1  # change it: 1, 2, 3 or 4

pool = keras.layers.MaxPool2D(2)
still, after = (pool(moved(images[:1], by))[0, ..., 0].numpy() for by in (0, right))
only_moved = np.array_equal(np.sort(still, axis=None), np.sort(after, axis=None))
print(f"moved by {right}: the same numbers in other columns? {'yes' if only_moved else 'no'}")
figure, panels = plt.subplots(1, 2, figsize=(5.6, 2.9), layout="constrained")
for panel, picture, by in zip(panels, (still, after), (0, right), strict=True):
    panel.imshow(picture, cmap="gray_r", vmin=0, vmax=1)
    panel.set(title=f"pooled, moved by {by}", xticks=[], yticks=[])
show(
    figure,
    f"A digit after max pooling by 2, before and after a move by {right}. The two maps "
    + ("have the same numbers." if only_moved else "do not have the same numbers."),
)

# %% [markdown] id="maxpool2d-change-it-text-2"
# The map only moves if the digit moves by a multiple of the stride, here by 2 or 4. If the output
# moves together with the input, this is called **translation equivariance**. A convolution with a
# stride of 1 has it for every move, a pooling layer only for multiples of its stride. In a network
# with several pooling layers, a move by one pixel can therefore change the answer (Zhang 2019).
#
# **Try:** pool by 4. Which moves are left? And what changes with `MaxPool2D(2, strides=1)`?

# %% [markdown] id="pool-shape-exercise"
# ### Exercise: predict the shape after pooling
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●●○ (4 of 5) · 5 minutes · 2 points
# >
# > `input_shape` has a batch axis, which may be `None`; `pool_size` is a pair; `strides` is a pair
# > or `None`; `padding` is `"valid"` or `"same"`. Return the output shape as a tuple.
#
# <details><summary>It is right until a side cannot be divided by the stride</summary>
#
# Draw seven pixels in a row and windows of 2. How many windows are full? And if every pixel must be
# in some window, how many do you need?
# </details>
#
# <details><summary>TypeError: 'NoneType' object is not subscriptable</summary>
#
# No strides were given. Which strides does the table say to use then?
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
# With `valid`, a window is used only if it fits into the picture as a whole. With `same`, every
# pixel is in a window, so some windows reach beyond the edge and cover pixels that do not exist.
# $n$ pixels get $\lceil n/s \rceil$ windows of size $p$, and the last window ends at $(\lceil n/s
# \rceil - 1)\,s + p$. The pixels that are missing up to there are the **padding**. Half of them go
# before the picture and half after it; if their number is odd, the extra one goes after it.
#
# Which number do you put in place of a pixel that does not exist? For a convolution, zero. The
# picture shows what zero would do here:

# %% id="the-edge-experiment" tags=["experiment"]
pooling.draw_edges().show()

# %% [markdown] id="the-edge-text"
# If all numbers in a window are negative, a zero from the padding is the maximum. That is wrong: a
# pixel that does not exist must never be the maximum. So what do you put there?
#
# **How to write it without a loop over windows.** Do not move a window over the picture. Look at
# one *place* in the window at a time. Which pixels are in the upper left corner of all windows?
# They form a slice of the picture: start at row 0 and column 0, and take every pixel that is a
# whole number of strides away. The pixels one place further right form the same slice, started at
# column 1. A window of six places gives six slices, all of the same shape. Stack them; the maximum
# over the stack is the output.

# %% [markdown] id="max-pool2d-exercise"
# ### Exercise: write MaxPool2D
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●●●● (5 of 5) · 25 minutes · 10 points
# >
# > **What is asked**
# >
# > - **shape** (2): as you predicted it, also while the batch size is unknown.
# > - **parameters** (1): none.
# > - **output** (4): the largest number of every window, channel by channel. `pool_size` and
# >   `strides` are a number or a pair; `strides=None` means the size of the window; `padding` is
# >   `"valid"` or `"same"`, and pixels that do not exist are never the maximum.
# > - **gradient** (1): it reaches the pixel that was the maximum, and no other.
# > - **config** (1): `MaxPool2D.from_config(layer.get_config())` gives the same layer again.
# > - **dtype** (1): under the policy `"mixed_float16"` the output is float16.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.MaxPooling2D` and the like for
# > one and three axes, `keras.ops.max_pool`, `tf.nn.pool`, and TensorFlow's operations that do it,
# > such as `tf.raw_ops.MaxPool`, `tf.raw_ops.Dilation2D`. The exercise is about the window.
#
# <details><summary>Some outputs at the edge are 0 and should be negative</summary>
#
# There, a zero of the padding was the maximum. Which number is smaller than every other? `ops.pad`
# takes `constant_values`.
# </details>
#
# <details><summary>The shape is right, but some rows and columns are shifted</summary>
#
# Does your `same_padding` say where the missing pixels go? Count by hand for 6 pixels, a window of
# 3 and strides of 2: how many pixels are missing, and on which side are they added?
# </details>
#
# <details><summary>My slices do not all have the same shape</summary>
#
# Each of them must have as many rows as there are windows. Where does a slice of that many rows
# start and end, if it takes steps of the stride?
# </details>
#
# <details><summary>TypeError: 'int' object is not iterable</summary>
#
# `pool_size` can be one number. Make it a pair, once, in `__init__`.
# </details>
#
# <details><summary>config fails, everything else is right</summary>
#
# Keras records the arguments of `__init__` by itself if their values are plain. Does each argument
# have its own name in `__init__`, and do you pass `**kwargs` on?
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
        sides = list(zip(inputs.shape[1:3], self.pool_size, self.strides, strict=True))
        edges = [same_padding(*side) if self.padding == "same" else (0, 0) for side in sides]
        padded = ops.pad(inputs, ((0, 0), *edges, (0, 0)), constant_values=-math.inf)
        rows, columns = (
            (sum(edge) + length - size) // stride + 1
            for edge, (length, size, stride) in zip(edges, sides, strict=True)
        )
        down, right = self.strides
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

# %% [markdown] id="explain-card-text"
# ### Explain a failing card
#
# A student has written MaxPool2D, and this is the card. You do not see the code, only what the card
# tells you. (`examine` makes the same card as `check`.)

# %% id="explain-card-experiment" tags=["experiment"]
from grader import examine
from grader.exercises.pooling.square_window import StudentPool

examine(StudentPool, "MaxPool2D")

# %% [markdown] id="explain-card-text-2"
# Answer in a few sentences. (3 points, read by your instructor.)
#
# 1. Which aspects are wrong on the card? It says that *output* is right for some kinds of cases,
#    and shows one in which it is wrong. How does its window differ from a window of 2 × 2?
# 2. Compare some numbers of `expected` and `yours`. Where they differ, which one is smaller? What
#    does this tell you about the pixels that the layer looks at, and what is probably wrong in the
#    code?
# 3. Why is *shape* right although *output* is wrong? Give one row of pixels, a `pool_size` and
#    `strides` for which this layer gives a wrong number.
#
# **Try:** test your explanation in the cell above, with `StudentPool((1, 3))` on small pictures of
# your own.

# %% [markdown] nbgrader={"grade_id": "explain-card", "grade": true, "solution": true, "points": 3}
# ### BEGIN SOLUTION
# 1. *output* and *gradient*. (One point.) In the case on the card the two sides of the window
#    differ: `pool_size=(2, 3)`. Square windows are right, with any strides and padding.
# 2. The layer's number is smaller wherever the two differ, so it is the maximum of fewer pixels.
#    (One point.) Some pixels of the window are not looked at: the code uses the same side for rows
#    and columns, for example 2 × 2 places of a window of 2 × 3.
# 3. The shape depends only on the number of windows, and the layer computes that from both sides
#    of the window and the strides. (One point, with the example.) For example the row 1, 2, 3 with
#    `pool_size=(1, 3)` and `strides=(1, 3)`: the layer gives 1, right is 3.
# ### END SOLUTION

# %% [markdown] id="averagepooling2d"
# ## AveragePooling2D
#
# **Average pooling** uses the same windows and takes the mean of each. Max pooling keeps whether a
# pattern is in the window; average pooling keeps how much of it there is. Every pixel counts, and
# no single pixel decides.
#
# $$y_{b,i,j,c} = \frac{1}{|W_{i,j}|} \sum_{(r,\,t)\, \in\, W_{i,j}} x_{b,r,t,c}$$
#
# Here $W_{i,j}$ are the pixels of window $(i, j)$ *that exist*, and $|W_{i,j}|$ is their number.
# Inside the picture this is the size of the window; at the edge it is smaller. So the mean of ones
# is 1, even in the corner.
#
# | | |
# |---|---|
# | shape | as for MaxPool2D |
# | parameters | none |
#
# Libraries differ here. Keras and TensorFlow do not count the padding. PyTorch counts it, unless
# you say `count_include_pad=False`. If you copy the weights of a network from one library to
# another, its outputs then differ near the edges:

# %% id="averagepooling2d-experiment" tags=["experiment"]
paper = np.ones((1, 8, 8, 1), "float32")
kept = keras.layers.AveragePooling2D(3, strides=1, padding="same")(paper)[0, ..., 0]
framed = np.pad(paper, ((0, 0), (1, 1), (1, 1), (0, 0)))
counted = keras.layers.AveragePooling2D(3, strides=1)(framed)[0, ..., 0]
figure, panels = plt.subplots(1, 2, figsize=(6.4, 3.2), layout="constrained")
for panel, picture, title in zip(
    panels, (kept, counted), ("padding not counted", "padding counted"), strict=True
):
    panel.imshow(picture, cmap="gray", vmin=0, vmax=1.2)
    panel.set(title=title, xticks=[], yticks=[])
    for place in ((0, 0), (0, 3), (3, 3)):
        ink = "black" if picture[place] > 0.7 else "white"
        number = f"{picture[place]:.2f}"
        panel.text(*place[::-1], number, color=ink, ha="center", va="center", fontsize=9)
show(
    figure,
    f"A picture of ones, averaged by windows of 3 with padding same. If the padding is not "
    f"counted, as in Keras, all outputs are {kept[0, 0]:.0f}. If it is counted, the edges are "
    f"{counted[0, 3]:.2f} and the corners {counted[0, 0]:.2f}.",
)

# %% [markdown] id="averagepooling2d-text"
# **Try:** windows of 5 instead of 3 (the second picture then needs two rows and columns of padding
# on each side). How wide is the dark frame now?

# %% [markdown] id="window-counts-exercise"
# ### Exercise: predict how many pixels a window has
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●○○ (3 of 5) · 10 minutes · 3 points
# >
# > A row of `length` pixels is pooled by windows of `pool_size` with these `strides`. For each
# > window, in order: how many of its pixels exist? Return a list.
#
# <details><summary>My list is right except at its ends</summary>
#
# How many pixels are missing in total? Half of them, rounded down, are before the first pixel. So
# at which pixel does window 0 start? The number can be negative.
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
# > - **output** (4): for every window the mean of the pixels that exist. The arguments are as
# >   before, but `pool_size` must be given.
# > - **gradient** (1): every pixel of a window gets an equal share.
# > - **config** (1): `AveragePooling2D.from_config(layer.get_config())` gives the same layer again.
# > - **dtype** (1): under the policy `"mixed_float16"` the output is float16.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.AveragePooling2D` and the like
# > for one and three axes, `keras.ops.average_pool`, `tf.nn.pool`, and TensorFlow's operations that
# > do it, such as `tf.raw_ops.AvgPool`.
#
# <details><summary>It is right inside and too small at the edge</summary>
#
# You divide by the size of the window everywhere. Take a picture of ones, pad it with zeros, and
# sum it up in the same windows: what do you get?
# </details>
#
# <details><summary>It is right inside and nan at the edge</summary>
#
# For the maximum you used a padding that is never the maximum. What does this number do to a sum?
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
        sides = list(zip(inputs.shape[1:3], self.pool_size, self.strides, strict=True))
        edges = [same_padding(*side) if self.padding == "same" else (0, 0) for side in sides]
        padded = ops.pad(inputs, ((0, 0), *edges, (0, 0)))
        rows, columns = (
            (sum(edge) + length - size) // stride + 1
            for edge, (length, size, stride) in zip(edges, sides, strict=True)
        )
        down, right = self.strides
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
# ## The receptive field
#
# A number after one convolution of 3 × 3 depends on nine pixels. Each further layer makes this part
# of the picture larger. The pixels that a number depends on are its **receptive field**. A network
# can only recognize a face if the receptive field of its last numbers is as large as a face.

# %% id="how-far-does-a-number-see-experiment" tags=["experiment"]
pooling.draw_receptive_field().show()

# %% [markdown] id="how-far-does-a-number-see-text"
# Read the picture from the bottom to the top. A convolution of 3 makes the receptive field larger
# by 2. The pooling makes it larger by 1, *and* it increases the distance between neighbouring
# numbers: after it, they are two pixels apart. So the next convolution of 3 makes the field larger
# by $2 \cdot 2$ pixels. After each pooling by 2, every layer adds twice as many pixels as before.
#
# We can also measure the receptive field: the gradient of one output is not zero exactly at the
# pixels that the output depends on. (Here all weights are positive, so nothing cancels out.)

# %% id="how-far-does-a-number-see-experiment-2" tags=["experiment"]
stacks = {
    "two convolutions": (3, 3),
    "one pooling between": (3, "pool", 3),
    "two poolings": (3, "pool", 3, "pool", 3),
}
seen = {}
figure, panels = plt.subplots(1, 3, figsize=(8.4, 3.1), layout="constrained")
for panel, (name, stack) in zip(panels, stacks.items(), strict=True):
    picture = tf.ones((1, 24, 24, 1))
    with tf.GradientTape() as tape:
        tape.watch(picture)
        outputs = picture
        for layer in stack:
            if layer == "pool":
                outputs = keras.layers.AveragePooling2D(2)(outputs)
            else:
                outputs = keras.layers.Conv2D(1, layer, kernel_initializer="ones")(outputs)
        middle = outputs[0, outputs.shape[1] // 2, outputs.shape[2] // 2, 0]
    slope = tape.gradient(middle, picture)[0, ..., 0].numpy()
    panel.imshow(slope / slope.max(), cmap="Blues", vmin=0, vmax=1)
    seen[name] = int(np.any(slope != 0, axis=0).sum())
    panel.set(title=name, xlabel=f"{seen[name]} × {seen[name]} pixels", xticks=[], yticks=[])
show(
    figure,
    "The pixels of a 24 x 24 picture that one output depends on: "
    + ", ".join(f"{side} x {side} for {name}" for name, side in seen.items())
    + ". The gradient is largest in the middle of the receptive field.",
)

# %% [markdown] id="how-far-does-a-number-see-text-2"
# The shades show that the pixels in the middle count most, because more paths lead from them to the
# output. The part that counts noticeably is called the **effective receptive field** (Luo and
# others 2016).
#
# **Try:** replace a pooling by a convolution with a larger kernel. How large must the kernel be to
# see as far as with the pooling?

# %% [markdown] id="receptive-field-exercise"
# ### Exercise: predict the receptive field
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●●●○ (4 of 5) · 10 minutes · 3 points
# >
# > `windows` lists the layers from the picture upwards, each as `[size, stride]`. Convolutions and
# > pooling layers are treated alike. No stride is larger than its window. On how many pixels of a
# > row does one number after the last layer depend?
#
# <details><summary>It is right as long as all strides are 1</summary>
#
# Keep a second number beside the size of the field: how many pixels apart are two neighbouring
# numbers at this point? Which of the two numbers changes first at a layer with a stride?
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
# **Global pooling**, by the maximum or by the mean, uses one window for the whole picture. Each
# channel becomes one number: its largest number, or its mean.

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
# Height and width are gone. So a network with such a layer accepts pictures of *any* size, and the
# layers after it do not depend on where in the picture a pattern was. Many networks use global
# average pooling instead of Flatten (Lin and others 2013).

# %% [markdown] id="global-shape-exercise"
# ### Exercise: predict the shape after global pooling
#
# > Difficulty ●○○○○ (1 of 5) · Importance ●●●○○ (3 of 5) · 3 minutes · 1 point
# >
# > `input_shape` has a batch axis, which may be `None`. Return the output shape as a tuple.
#
# <details><summary>It is right only without keepdims</summary>
#
# An axis that is kept still has a length. Which one?
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
# > - **output** (2): for every channel of every picture, the largest number.
# > - **gradient** (1): it reaches the pixel that was the maximum.
# > - **config** (1): `from_config(layer.get_config())` gives the same layer again.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.GlobalMaxPooling2D`.
#
# <details><summary>My output has one number for each picture</summary>
#
# You took the maximum over all axes. `ops.max` has an argument `axis`, which can be more than one
# axis.
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
# How many parameters does this save? Take feature maps of 7 × 7 with 512 channels, and a Dense
# layer of 1000 units after them. After Flatten, the Dense layer has 25 million parameters. After
# global pooling, it has half a million.

# %% [markdown] id="head-params-exercise"
# ### Exercise: predict the parameters after Flatten or global pooling
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●●○ (4 of 5) · 5 minutes · 2 points
# >
# > Feature maps of `input_shape` (the batch axis is `None`) go through Flatten (`head="flatten"`),
# > GlobalAvgPool2D (`"average"`) or GlobalMaxPool2D (`"max"`), and then into `Dense(units)`. How
# > many parameters are there in total?
#
# <details><summary>I get the same number for all three</summary>
#
# How many features does each of the three layers pass to the Dense layer? You know their output
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
# > - **output** (2): for every channel of every picture, the mean.
# > - **gradient** (1): every pixel gets an equal share.
# > - **config** (1): `from_config(layer.get_config())` gives the same layer again.
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
# You have written Dense, Activation and Flatten in unit 01, Conv2D in unit 06, and the pooling
# layers above. These are all the layers that you need to read handwritten digits.
#
# Paste the classes that you wrote into the next cell. If one of them is missing, write a short
# version of it. This cell is not graded.


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
# A typical network for pictures repeats three layers: a convolution, an activation, a pooling. At
# the end there is a Dense layer. From stage to stage there are fewer pixels and more channels: the
# network knows less about *where* and more about *what*.
#
# Your network is tested on 823 digits that are in none of your files. They come from the same
# thirty writers, the grader keeps them, and your network sees them only in the test. It must read
# 97 % of them correctly.

# %% [markdown] id="digit-network-exercise"
# ### Exercise: train a network of your own layers
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●●●● (5 of 5) · 30 minutes · 8 points
# >
# > Below the function, build `network` from *your* layers and train it on `images` and `labels`.
# > `digit_network()` returns the trained network; train it outside of the function, so that it is
# > trained only once.
# >
# > **What is asked**
# >
# > - **accuracy** (8): for a batch of images of shape `(batch, 8, 8, 1)` with ink from 0 to 1, the
# >   network gives ten scores for each image (probabilities or logits). The largest score belongs
# >   to the right digit for at least 97 % of images that are not in this notebook. Only a network
# >   that has learned counts: it has trainable weights, the weights belong to layers of your own,
# >   and its answers depend on them. (The check shuffles the numbers within each weight and then
# >   restores them: with shuffled weights, a network that has learned can no longer read.)
# >
# > The cell is run once more when your work is graded, and is stopped there after two minutes.
# > Aim at ten seconds on your own machine: the other one may be slower. Not allowed, in any copy of
# > Keras or TensorFlow: Keras's own `Conv2D`, `Dense`, `EinsumDense`, `Activation`, `Flatten` and
# > pooling layers. You may use everything else that you wrote in this course.
#
# <details><summary>The loss does not fall at all, or is nan</summary>
#
# Does the loss expect what the last layer gives, probabilities or logits? If so, try a learning
# rate that is ten times smaller.
# </details>
#
# <details><summary>It is right on 99.9 % in training and on 96 % here</summary>
#
# This is overfitting. Use fewer epochs, or make the learning rate smaller towards the end
# (`keras.optimizers.schedules`).
# </details>
#
# <details><summary>With global average pooling I do not get beyond 95 %</summary>
#
# What does the mean over the whole picture no longer know? For a digit, *where* a stroke is
# matters. With global pooling you need more channels and more epochs.
# </details>
#
# <details><summary>It takes minutes</summary>
#
# How many products does a convolution compute in total? Pool early, and start with few filters:
# about twenty, then twice as many, are enough. Four or five epochs are enough, too.
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
history = network.fit(images, labels, batch_size=batch_size, epochs=epochs, verbose=0)
### END SOLUTION

# %% nbgrader={"grade_id": "check-digit-network", "grade": true, "points": 8}
check(digit_network)
### BEGIN HIDDEN TESTS
check(digit_network, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="a-network-of-your-own-text-2"
# Which of the training digits does your network still get wrong? Look at them: would you have read
# them correctly?

# %% id="a-network-of-your-own-experiment" tags=["experiment"]
network = digit_network()
some = (images[first : first + 500] for first in range(0, len(images), 500))
scores = np.concatenate([network(batch) for batch in some])
wrong = np.flatnonzero(scores.argmax(axis=1) != labels)
print(f"wrong on {len(wrong)} of the {len(images)} digits that it was trained on")
figure, panels = plt.subplots(1, 8, figsize=(9, 1.8))
for panel in panels:
    panel.axis("off")
for index, panel in zip(wrong, panels, strict=False):
    panel.imshow(images[index, ..., 0], cmap="gray_r")
    panel.set_title(f"{labels[index]}, read {scores[index].argmax()}", fontsize=9)
pairs = [f"{labels[index]} read as {scores[index].argmax()}" for index in wrong[:8]]
show(
    figure,
    "The first digits that the network reads wrongly, up to eight: "
    + (", ".join(pairs) or "there are none")
    + ".",
)

# %% [markdown] id="a-network-of-your-own-text-3"
# **Try:** take the digits with the smallest difference between the two largest scores instead of
# the wrong ones. Are they hard to read, too?
#
# What happens to a digit inside your network? The next cell shows the **feature maps** of one
# digit: the channels after each activation and each pooling.


# %% id="a-network-of-your-own-experiment-2" tags=["experiment"] jupyter={"source_hidden": true}
def maps_inside(network, image):
    """The outputs of each activation and pooling, if the network was made from Inputs."""
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
        "A digit inside the network: the first eight channels after each activation and each "
        f"pooling. Their sizes: {', '.join(f'{m.shape[0]} x {m.shape[1]}' for m in stages)}.",
    )
else:
    print("Your network has no activation or pooling layer that the Functional API knows of.")

# %% [markdown] id="a-network-of-your-own-text-4"
# In the first rows you can still see the strokes, and each channel shows others. In the last row
# only a few numbers are left for each channel: how strongly its pattern was found in each part of
# the picture.
#
# **Try:** another digit (the 16 in `images[16:17]`). Which channels stay dark for both?

# %% [markdown] id="what-do-you-see"
# ### What do you see?
#
# Look again at the curves of the section on MaxPool2D and at the numbers printed above them, then
# answer in a few sentences. (3 points, read by your instructor.)
#
# 1. For a move by one pixel, pooling by 4 helps more than pooling by 2. For a move by four pixels,
#    pooling by 2 hardly helps. Why?
# 2. With one window for the whole picture, a move changes nothing. But only about half of the
#    digits can still be told apart. What do the features no longer contain? For which task would
#    that not matter?
# 3. In your network you replace Flatten by GlobalAvgPool2D and train it again. What changes in the
#    number of parameters of the Dense layer, and in the sizes of pictures that the network accepts?

# %% [markdown] nbgrader={"grade_id": "question", "grade": true, "solution": true, "points": 3}
# ### BEGIN SOLUTION
# 1. A maximum stays the same as long as it stays in its window. (One point.) With a window of 4,
#    more pixels stay in their window after a move by 1 than with a window of 2. After a move by 4,
#    every pixel has left its window of 2.
# 2. Where in the picture an edge is; only how strongly each kind of edge occurs anywhere is left.
#    (One point.) It would not matter where only the presence of something counts and not its place:
#    is there a cat in the photograph, is there a scratch on the surface, which texture is it.
# 3. The Dense layer has (channels + 1) × units parameters. Before, it had units times
#    (height × width × channels + 1). (One point for both parts.) The network then accepts pictures
#    of any size (as long as the layers before accept them).
# ### END SOLUTION

# %% [markdown] id="mended-zero-padding2d-exercise"
# ### Exercise: find and mend the fault in ZeroPadding2D
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●○○ (3 of 5) · 10 minutes · 2 points
# >
# > Pooling makes pictures smaller. `keras.layers.ZeroPadding2D(padding=(h, w))` makes them a little
# > larger: it puts $h$ rows of zeros above each picture and as many below, and $w$ columns of zeros
# > to its left and as many to its right. Some networks do this before a layer with padding `valid`,
# > to decide for themselves what lies beyond the edge. For `padding=(1, 1)`:
# >
# > $$\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix} \quad \rightarrow \quad
# > \begin{bmatrix} 0 & 0 & 0 & 0 \\ 0 & 1 & 2 & 0 \\ 0 & 3 & 4 & 0 \\ 0 & 0 & 0 & 0 \end{bmatrix}$$
# >
# > Below is such a layer. **One thing in it is wrong.** Run the check first: the card shows where
# > the fault comes out. Then find the fault and mend it. Change as little as you can.
# >
# > The layer earns its points when everything is right, and nothing before: the shape is right
# > already.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.ZeroPadding2D`.
#
# **How to find a fault.** Read the card first: a row that is right tells you which lines you need
# not read. Then take the smallest picture that shows it, such as the one above, with four different
# numbers. Call the layer with it and look at the whole output.
#
# <details><summary>How do I see a small picture come out?</summary>
#
# `MendedZeroPadding2D(padding=(1, 1))(np.array([[1.0, 2.0], [3.0, 4.0]])[None, ..., None])[0, ...,
# 0]` gives the output for the picture above.
# </details>
#
# <details><summary>There are enough zeros, but the picture is in the wrong place</summary>
#
# `ops.pad` takes a pair for each axis: how many numbers come before, and how many come after. Which
# pairs does the layer give it?
# </details>


# %% nbgrader={"grade_id": "mended-zero-padding2d", "solution": true}
class MendedZeroPadding2D(keras.layers.Layer):
    """A frame of zeros around each picture: with one fault."""

    def __init__(self, padding=(1, 1), **kwargs):
        super().__init__(**kwargs)
        self.padding = padding

    def call(self, inputs):
        height, width = self.padding
        ### BEGIN SOLUTION
        return ops.pad(inputs, ((0, 0), (height, height), (width, width), (0, 0)))
        ### GIVEN
        # return ops.pad(inputs, ((0, 0), (0, 2 * height), (0, 2 * width), (0, 0)))
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-mended-zero-padding2d", "grade": true, "points": 2}
check(MendedZeroPadding2D)
### BEGIN HIDDEN TESTS
check(MendedZeroPadding2D, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="what-you-have-now"
# ## What you have now
#
# | layer | of each window | at the edge | parameters |
# |---|---|---|---|
# | MaxPool2D | the largest number | missing pixels are never the maximum | none |
# | AveragePooling2D | the mean | missing pixels are not counted | none |
# | GlobalMaxPool2D | the largest number of the whole picture | no edge | none |
# | GlobalAvgPool2D | the mean of the whole picture | no edge | none |
#
# You know what pooling is for: downsampling, a larger receptive field, and a little translation
# invariance. And you have a network, built only from layers that you wrote yourself, that reads the
# handwriting of strangers.
#
# ## References
#
# - M. Lin, Q. Chen, S. Yan (2013), *Network In Network*, arXiv:1312.4400 (global average pooling).
# - D. Scherer, A. Müller, S. Behnke (2010), *Evaluation of Pooling Operations in Convolutional
#   Architectures for Object Recognition*, doi:10.1007/978-3-642-15825-4_10 (max pooling compared
#   with other ways of downsampling).
# - W. Luo, Y. Li, R. Urtasun, R. Zemel (2016), *Understanding the Effective Receptive Field in Deep
#   Convolutional Neural Networks*, arXiv:1701.04128.
# - R. Zhang (2019), *Making Convolutional Networks Shift-Invariant Again*, arXiv:1904.11486.
# - E. Alpaydin, C. Kaynak (1998), *Optical Recognition of Handwritten Digits*, UCI Machine Learning
#   Repository, doi:10.24432/C50P49 (the data).
