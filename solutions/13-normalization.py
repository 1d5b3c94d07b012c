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
# # 13 · Normalization
#
# BatchNormalization (unit 03) made deep networks easy to train. But it has a weak point: in
# training, the output for a sample depends on the *other* samples of its batch. So it needs large
# batches, it must remember statistics for inference, and it can fail when the data of tomorrow are
# not like those of today.
#
# In this unit you build three layers without this weak point. **LayerNormalization** takes its
# statistics from a single vector. **RMSNormalization** does the same with one step less; most large
# language models of today use it. **GroupNormalization** takes its statistics from a part of the
# channels of one sample. Then you let all of them and BatchNormalization compete, and at the end
# you find out where in a deep network a normalization should stand.
#
# The [glossary](../glossary.md) explains the words of the course, and gives their Chinese names. In
# a cell, `from grader import glossary` and then `glossary("bias")` prints what a word means.

# %% id="imports"
# Import the grader first: it loads Keras and TensorFlow without their log messages.
from grader import check

import keras
import numpy as np
import tensorflow as tf
from keras import ops

# %% [markdown] id="start-text"
# The data are the 1797 handwritten digits of the first units, 8 × 8 pixels each, with ink from 0
# (paper) to 1.

# %% id="start-experiment" tags=["experiment"]
import matplotlib.pyplot as plt

from grader.data import load
from grader.pictures import move, normalization, show

digits = load("digits")
order = np.random.default_rng(0).permutation(1797)
images = digits["images"][order].astype("float32") / 16
labels = digits["labels"][order].astype("int32")
flat = images.reshape(-1, 64)
train_flat, train_labels = flat[:1300], labels[:1300]
test_flat, test_labels = flat[1300:], labels[1300:]
print(f"{len(train_flat)} digits to learn, {len(test_flat)} to test")

# %% [markdown] id="shared"
# ## Which numbers share a mean?
#
# All layers of this unit do the same with a block of numbers: subtract their mean, divide by their
# standard deviation, multiply by a **gamma** and add a **beta**. They differ in one thing only:
# *which* numbers make up the block.
#
# Below is the same batch five times. A **place** is a pixel of a picture, a time step of a
# sequence, or a word of a text. The frame shows which numbers share their mean with the first
# number of the batch.

# %% id="shared-experiment" tags=["experiment"]
normalization.draw_shared().show()

# %% [markdown] id="shared-text"
# Only the block of BatchNormalization reaches from one sample into another. All the others end at
# the border of their sample. Everything else follows from this:
#
# - With them, the output for a sample does not depend on the rest of the batch. A batch of one is
#   as good as any other.
# - Each sample brings its own statistics with it, at inference too. So nothing has to be kept
#   between calls: there are no moving statistics.
# - Training and inference are the same. The layers need no argument `training`.

# %% [markdown] id="about-layernormalization"
# ## LayerNormalization
#
# **Layer normalization**, as Keras does it, works on *each vector along the last axis*. In a text,
# that is the vector of one word: its mean and variance come from this word's own features, and no
# other word matters. Gamma and beta have one number for each *feature*, and they are the same for
# all words.

# %% id="layernormalization-experiment" tags=["experiment"]
normalization.draw_layer_normalization().show()

# %% [markdown] id="layernormalization-text"
# With $f$ for the number of features, the sums run over the features of one vector $x$:
#
# $$y = \gamma \, \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta \qquad
# \mu = \frac{1}{f} \sum x \qquad \sigma^2 = \frac{1}{f} \sum (x - \mu)^2$$
#
# | | |
# |---|---|
# | shape | stays as it is, at any rank from 2 on |
# | parameters | gamma and beta, one of each for every feature; all of them are trained |
# | epsilon | 0.001 by default |
#
# The picture is about sequences. Other texts mean something else by the name: for pictures, some
# take one mean for all pixels and channels of a sample together. That is GroupNormalization with
# one group, the third picture above.

# %% [markdown] id="layernorm-params-exercise"
# ### Exercise: predict the parameters of LayerNormalization
#
# > Difficulty ●○○○○ (1 of 5) · Importance ●●●○○ (3 of 5) · 3 minutes · 2 points
# >
# > Given an input shape with its batch axis, such as `(None, 8, 64)`, return two numbers: how many
# > trainable parameters the layer has, and how many that are not trainable. An axis other than the
# > last may be `None`.
#
# <details><summary>Does the number of time steps count?</summary>
#
# Which letters in the formula are weights? For what is there one of each: for a step, or for a
# feature?
# </details>


# %% nbgrader={"grade_id": "layernorm-params", "solution": true}
def layernorm_params(input_shape):
    """The numbers of trainable and of non-trainable parameters, as a pair."""
    ### BEGIN SOLUTION
    return (2 * input_shape[-1], 0)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-layernorm-params", "grade": true, "points": 2}
check(layernorm_params)
### BEGIN HIDDEN TESTS
check(layernorm_params, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="layer-normalization-exercise"
# ### Exercise: write LayerNormalization
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●●●● (5 of 5) · 20 minutes · 10 points
# >
# > **What is asked**
# >
# > - **shape** (1): the same as the input's, at any rank from 2 on.
# > - **parameters** (2): `gamma` and `beta`, both of shape `(features,)` and trainable; nothing
# >   else. The features are the last axis.
# > - **output** (4): the formula above, with the epsilon that `__init__` gets. A sequence of
# >   another length may follow in the next call.
# > - **gradient** (1): gradients reach the inputs, also through the mean and the variance, and
# >   gamma and beta.
# > - **start** (1): a new layer starts with gamma 1 and beta 0.
# > - **config** (1): `LayerNormalization.from_config(layer.get_config())` is the same layer again.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.LayerNormalization`,
# > `keras.layers.GroupNormalization` and `keras.ops.layer_normalization`. Functions for a mean, a
# > variance or both (`ops.mean`, `ops.var`, `ops.moments`) are welcome.
#
# <details><summary>The shapes do not fit when I subtract the mean</summary>
#
# For inputs of shape (2, 5, 3), what shape does `ops.mean(inputs, axis=-1)` have? What shape must
# it have to be subtracted from each vector? Look for the argument `keepdims`.
# </details>
#
# <details><summary>It is right for rank 2 and wrong for sequences</summary>
#
# How many means does your layer compute for a batch of 2 sequences with 5 steps? There should be
# one for each step of each sequence.
# </details>
#
# <details><summary>My output is nan where all inputs are equal</summary>
#
# What is the variance of such a vector, and by what do you divide then?
# </details>
#
# <details><summary>A new layer starts with other values</summary>
#
# Which initializer does a weight get if you name none? Which of your two weights must be 1 at
# first, and which 0?
# </details>


# %% nbgrader={"grade_id": "layer-normalization", "solution": true}
class LayerNormalization(keras.layers.Layer):
    """Each vector to mean 0 and variance 1, then times gamma, plus beta."""

    def __init__(self, epsilon=0.001, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.epsilon = epsilon
        ### END SOLUTION

    def build(self, input_shape):
        ### BEGIN SOLUTION
        features = (input_shape[-1],)
        self.gamma = self.add_weight(name="gamma", shape=features, initializer="ones")
        self.beta = self.add_weight(name="beta", shape=features, initializer="zeros")
        ### END SOLUTION

    def call(self, inputs):
        ### BEGIN SOLUTION
        mean = ops.mean(inputs, axis=-1, keepdims=True)
        variance = ops.var(inputs, axis=-1, keepdims=True)
        normal = (inputs - mean) / ops.sqrt(variance + self.epsilon)
        return self.gamma * normal + self.beta
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-layer-normalization", "grade": true, "points": 10}
check(LayerNormalization)
### BEGIN HIDDEN TESTS
check(LayerNormalization, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="pale-ink"
# ### A pale pen
#
# Two networks learn the digits: one with Keras's BatchNormalization, one with your
# LayerNormalization, each before the activation. Then somebody writes with a pale pen: in the test,
# all ink is multiplied by 0.3. A person reads such digits without effort. Before you run the cell:
# which network will suffer, and why?

# %% id="pale-ink-experiment" tags=["experiment"]
seed, paleness = 1, 0.3


def make_model(make_normalization, seed, width=64):
    """Two hidden layers, each with a normalization before its activation."""
    keras.utils.set_random_seed(seed)
    stack = [keras.Input((64,))]
    for _ in range(2):
        stack += [keras.layers.Dense(width, use_bias=False), make_normalization()]
        stack.append(keras.layers.ReLU())
    return keras.Sequential([*stack, keras.layers.Dense(10)])


def train(model, batch, epochs, rate):
    """Train with Adam; the losses of the epochs."""
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(rate), loss, jit_compile=False)
    return model.fit(train_flat, train_labels, batch, epochs, verbose=0).history["loss"]


def right_on(model, inputs):
    """The share of the test digits that are recognized."""
    return float(np.mean(np.argmax(model(inputs), axis=1) == test_labels))


def batch_normalization():
    """Keras's layer, with a momentum for short trainings."""
    return keras.layers.BatchNormalization(momentum=0.9)


pale = {}
for name, make in {
    "BatchNormalization": batch_normalization,
    "LayerNormalization": LayerNormalization,
}.items():
    model = make_model(make, seed)
    train(model, 50, 6, 0.003)
    pale[name] = right_on(model, test_flat), right_on(model, paleness * test_flat)
    print(f"{name}: {pale[name][0]:.0%} right on the test digits, {pale[name][1]:.0%} on pale ones")

figure, panels = plt.subplots(1, 4, figsize=(6, 1.8), layout="constrained")
for index, panel in enumerate(panels):
    factor = paleness if index % 2 else 1.0
    panel.imshow(factor * images[1300 + index // 2], cmap="gray_r", vmin=0, vmax=1)
    panel.set(xticks=[], yticks=[], title="pale" if index % 2 else "as before")
show(
    figure,
    "Two digits as they were, and with pale ink. Right on the test digits and on pale ones: "
    + "; ".join(f"{name} {a:.0%} and {b:.0%}" for name, (a, b) in pale.items())
    + ".",
)

# %% [markdown] id="pale-ink-text"
# BatchNormalization subtracts the mean of the *training* data and divides by their deviation. For
# pale ink both are wrong, and the next layers get numbers that they have never seen.
#
# LayerNormalization takes both from the pale digit itself. If all numbers of a vector are
# multiplied by 0.3, so are its mean and its standard deviation, and the factor is gone. Only
# epsilon makes a small difference.
#
# **Try:** `paleness = 0.6`, and then paper that is not white: `0.3 + 0.7 * test_flat` in the place
# of `paleness * test_flat`. Is LayerNormalization safe from every change?

# %% [markdown] id="about-rmsnormalization"
# ## RMSNormalization
#
# Is it necessary to subtract the mean? Biao Zhang and Rico Sennrich tried in 2019 to leave it out,
# and their networks learned just as well. What remains is a division. By what? By the root of the
# mean of the squares: the **root mean square**, or RMS. There is no beta either: a single weight,
# `scale`, is left. This is **RMS normalization**.

# %% id="rmsnormalization-experiment" tags=["experiment"]
normalization.draw_rms_normalization().show()

# %% [markdown] id="rmsnormalization-text"
# $$y = s \, \frac{x}{\sqrt{\frac{1}{f} \sum x^2 + \epsilon}}$$
#
# | | |
# |---|---|
# | shape | stays as it is |
# | parameters | `scale`, one number for each feature |
# | epsilon | 0.000001 by default: a thousand times smaller than in the other layers |
#
# One mean less to compute, one subtraction less, half as many weights: that saves a little time in
# each of the many layers of a large model.
#
# ### Change it: move and stretch a vector
#
# The next cell shows a vector of five numbers and what two layers make of it (in a running
# notebook: drag the sliders). `times` multiplies all numbers, `plus` is added to them. **Before you
# move a slider**, predict: which of the four combinations of layer and slider change the outputs?

# %% id="rmsnormalization-experiment-2" tags=["experiment"]
move(normalization.draw_moved, plus=(-8.0, 8.0, 1.0), times=(0.5, 2.0, 0.25))

# %% [markdown] id="rmsnormalization-text-2"
# Neither layer notices `times`. LayerNormalization does not notice `plus` either, because it takes
# the mean away. RMSNormalization does: with a large `plus`, all of its outputs come close to 1.
#
# **Try:** `plus = 8` and `times = 2`, then `plus = 4` and `times = 1`. Why are the outputs of both
# layers the same?

# %% [markdown] id="rms-length-exercise"
# ### Exercise: predict the length of an output
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●○○ (3 of 5) · 5 minutes · 2 points
# >
# > A vector with `features` numbers goes through an RMSNormalization in which all entries of the
# > weight are equal to the number `scale`, which is positive. The vector is not zero, and epsilon
# > is so small that you may ignore it. How **long** is the output? The length of a vector is the
# > root of the sum of its squares, as in $\sqrt{3^2 + 4^2} = 5$. `features` is a square number.
#
# <details><summary>But I do not know the vector</summary>
#
# You need not know it. After the division, what is the mean of the squares? And their sum?
# </details>


# %% nbgrader={"grade_id": "rms-length", "solution": true}
def rms_length(features, scale):
    """The length of a normalized vector, for a weight whose entries all are `scale`."""
    ### BEGIN SOLUTION
    return scale * features**0.5
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-rms-length", "grade": true, "points": 2}
check(rms_length)
### BEGIN HIDDEN TESTS
check(rms_length, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="rms-normalization-exercise"
# ### Exercise: write RMSNormalization
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●●● (5 of 5) · 12 minutes · 8 points
# >
# > **What is asked**
# >
# > - **shape** (1): the same as the input's, at any rank from 2 on.
# > - **parameters** (1): `scale` of shape `(features,)`, and nothing else. The features are the
# >   last axis.
# > - **output** (4): the formula above. If `epsilon` is not given, it is $10^{-6}$; some inputs are
# >   so small that this matters.
# > - **gradient** (1): gradients reach the inputs, also through the mean square, and the scale.
# > - **start** (1): a new layer starts with a scale of 1.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.RMSNormalization`,
# > `keras.layers.UnitNormalization`, `keras.layers.LayerNormalization`,
# > `keras.ops.rms_normalization` and `keras.ops.normalize`.
#
# <details><summary>All of my numbers are too small by the same factor</summary>
#
# Take the vector (1, 1, 1, 1). What is its root mean square? What does your layer divide by?
# </details>
#
# <details><summary>Only the case with tiny numbers fails</summary>
#
# Which epsilon does your layer use when it gets none, and is it under the root?
# </details>


# %% nbgrader={"grade_id": "rms-normalization", "solution": true}
class RMSNormalization(keras.layers.Layer):
    """Each vector divided by its root mean square, then times scale."""

    def __init__(self, epsilon=1e-6, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.epsilon = epsilon
        ### END SOLUTION

    def build(self, input_shape):
        ### BEGIN SOLUTION
        self.scale = self.add_weight(name="scale", shape=(input_shape[-1],), initializer="ones")
        ### END SOLUTION

    def call(self, inputs):
        ### BEGIN SOLUTION
        square = ops.mean(ops.square(inputs), axis=-1, keepdims=True)
        return self.scale * inputs / ops.sqrt(square + self.epsilon)
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-rms-normalization", "grade": true, "points": 8}
check(RMSNormalization)
### BEGIN HIDDEN TESTS
check(RMSNormalization, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="about-groupnormalization"
# ## GroupNormalization
#
# In a network for pictures, a vector along the last axis holds the channels of one pixel: an edge
# here, a corner there. One pixel says little about how bright or how sharp the whole picture is. So
# for pictures the statistics should run over all places of a sample.
#
# **Group normalization** divides the channels into `groups` blocks of neighbours. The numbers of
# one block, at **all places of one sample**, share a mean and a variance. Gamma and beta still have
# one number for each *channel*.

# %% id="groupnormalization-experiment" tags=["experiment"]
normalization.draw_group_normalization().show()

# %% [markdown] id="groupnormalization-text"
# With $n$ for the numbers of a group, which is places times channels of the group:
#
# $$y = \gamma \, \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta \qquad
# \mu = \frac{1}{n} \sum_{\text{group}} x \qquad
# \sigma^2 = \frac{1}{n} \sum_{\text{group}} (x - \mu)^2$$
#
# | | |
# |---|---|
# | shape | `(batch, places ..., channels)`, stays as it is |
# | parameters | gamma and beta, one of each for every channel; all of them are trained |
# | groups | 32 by default; the number of channels must be a multiple of it |
# | epsilon | 0.001 by default |
#
# `groups` has two extreme values. With `groups=1`, all numbers of a sample share a mean. With as
# many groups as channels, each channel of each sample is normalized by itself; this is also called
# **instance normalization**. (In Keras, `groups=-1` stands for it.)
#
# What is the difference good for? Below are a photograph and the same photograph in the evening:
# the light is redder and weaker. Both go through both kinds of layer.

# %% id="groupnormalization-experiment-2" tags=["experiment"]
photograph = load("pagoda")["image"].astype("float32")[None] / 255
evening = photograph * np.array([0.8, 0.45, 0.25], "float32")
rows = {"inputs": lambda pictures: pictures}
rows["groups=1"] = keras.layers.GroupNormalization(1)
rows["groups=3"] = keras.layers.GroupNormalization(3)

figure, panels = plt.subplots(2, 3, figsize=(8, 6.2), layout="constrained")
apart = {}
for column, (name, layer) in zip(panels.T, rows.items(), strict=True):
    both = [np.array(layer(picture))[0] for picture in (photograph, evening)]
    apart[name] = float(np.abs(both[0] - both[1]).mean() / both[0].std())
    print(f"{name:>8}: the two pictures are {apart[name]:.2f} standard deviations apart on average")
    for panel, picture in zip(column, both, strict=True):
        shown = picture if name == "inputs" else 0.5 + picture / 5
        panel.imshow(np.clip(shown, 0, 1))
        panel.set(xticks=[], yticks=[])
    column[0].set_title(name)
panels[0, 0].set_ylabel("day")
panels[1, 0].set_ylabel("evening")
show(
    figure,
    "A photograph of a pagoda by day and in red evening light, and what GroupNormalization makes "
    "of it. How far apart the two are on average, in standard deviations: "
    + ", ".join(f"{name} {value:.2f}" for name, value in apart.items())
    + ".",
)

# %% [markdown] id="groupnormalization-text-2"
# With one group, the evening becomes as bright as the day, but the red light stays: the three
# channels share their statistics, and red is still stronger than blue. With three groups, each
# channel is normalized by itself, and the two pictures are practically the same. That is what
# instance normalization is used for: it takes away the style of a picture and leaves its content.
# But what if the colour was what mattered? Then it is lost.
#
# **Try:** a grey mist, `evening = 0.5 + 0.3 * photograph`. Is one group enough for it?

# %% [markdown] id="group-statistics-exercise"
# ### Exercise: predict the statistics of GroupNormalization
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●○○ (3 of 5) · 6 minutes · 2 points
# >
# > Given the shape of a batch, such as `(4, 8, 8, 6)`, and the number of groups, return three
# > numbers: how many means the layer computes for this batch, how many numbers share a mean, and
# > how many parameters the layer has. There may be any number of axes between the first and the
# > last.
#
# <details><summary>Two of my three numbers are right</summary>
#
# The first two must fit together: what is their product?
# </details>


# %% nbgrader={"grade_id": "group-statistics", "solution": true}
def group_statistics(input_shape, groups):
    """The number of means, the numbers that share one, and the number of parameters."""
    ### BEGIN SOLUTION
    means = input_shape[0] * groups
    everything = 1
    for length in input_shape:
        everything *= length
    return (means, everything // means, 2 * input_shape[-1])
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-group-statistics", "grade": true, "points": 2}
check(group_statistics)
### BEGIN HIDDEN TESTS
check(group_statistics, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="group-normalization-exercise"
# ### Exercise: write GroupNormalization
#
# > Difficulty ●●●●○ (4 of 5) · Importance ●●●○○ (3 of 5) · 25 minutes · 10 points
# >
# > **What is asked**
# >
# > - **shape** (1): the same as the input's, at any rank from 2 on.
# > - **parameters** (2): `gamma` and `beta`, both of shape `(channels,)`. The channels are the last
# >   axis.
# > - **output** (5): the formula above, for any number of groups that divides the number of
# >   channels: also for 1, and for as many groups as there are channels. If nothing is given,
# >   `groups` is 32 and `epsilon` 0.001. A sequence of another length may follow in the next call.
# > - **gradient** (1): gradients reach the inputs, also through the mean and the variance, and
# >   gamma and beta.
# > - **start** (1): a new layer starts with gamma 1 and beta 0.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.GroupNormalization`,
# > `keras.layers.LayerNormalization` and `keras.ops.layer_normalization`.
#
# <details><summary>How do I get at the groups?</summary>
#
# `ops.reshape` can divide the last axis into two: six channels become two groups of three. Which of
# the two new axes comes first, so that neighbours stay together? Try it on `ops.arange(6)`.
# </details>
#
# <details><summary>The rank is not the same each time</summary>
#
# For the statistics it does not matter where a place is. Can you put all places into one axis? One
# length of a new shape may be -1.
# </details>
#
# <details><summary>The batch size is None</summary>
#
# `ops.shape(inputs)` gives lengths that you may use in `ops.reshape` while the batch size is not
# known yet. In the end, the same shape brings the outputs into the form of the inputs.
# </details>
#
# <details><summary>It is right for one group and wrong for several</summary>
#
# Print which channels are in your first group. Then look at gamma: is it multiplied by the right
# channel? It is easiest to do that when the groups are already joined again.
# </details>


# %% nbgrader={"grade_id": "group-normalization", "solution": true}
class GroupNormalization(keras.layers.Layer):
    """Each group of channels of each sample to mean 0 and variance 1, then gamma and beta."""

    def __init__(self, groups=32, epsilon=0.001, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.groups = groups
        self.epsilon = epsilon
        ### END SOLUTION

    def build(self, input_shape):
        ### BEGIN SOLUTION
        channels = (input_shape[-1],)
        self.gamma = self.add_weight(name="gamma", shape=channels, initializer="ones")
        self.beta = self.add_weight(name="beta", shape=channels, initializer="zeros")
        ### END SOLUTION

    def call(self, inputs):
        ### BEGIN SOLUTION
        shape = ops.shape(inputs)
        # batch, all places, groups, the channels of a group
        parts = ops.reshape(inputs, (shape[0], -1, self.groups, shape[-1] // self.groups))
        mean = ops.mean(parts, axis=(1, 3), keepdims=True)
        variance = ops.var(parts, axis=(1, 3), keepdims=True)
        normal = (parts - mean) / ops.sqrt(variance + self.epsilon)
        return self.gamma * ops.reshape(normal, shape) + self.beta
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-group-normalization", "grade": true, "points": 10}
check(GroupNormalization)
### BEGIN HIDDEN TESTS
check(GroupNormalization, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="side-by-side"
# ## Side by side
#
# Now all four layers meet the same four questions. The inputs are sequences: a digit is read row by
# row, so it has 8 steps of 8 features. We look at the outputs for *one* digit. By how much do they
# change if ...
#
# - the **other samples** of the batch are replaced?
# - the digit comes in a **batch of one**?
# - the sequence is made **longer**, by four empty steps at its end?
# - the layer is called at **inference** and not in training?
#
# Before you run the cell, fill in a table of four rows and four columns: change, or no change?

# %% id="side-by-side-experiment" tags=["experiment"]
makers = {
    "BatchNormalization": batch_normalization,
    "LayerNormalization": LayerNormalization,
    "RMSNormalization": RMSNormalization,
    "GroupNormalization": lambda: GroupNormalization(2),
}
others = np.concatenate([images[:1], 1 - images[1:16]])
longer = np.pad(images[:16], ((0, 0), (0, 4), (0, 0)))
situations = {
    "other samples": (others, True),
    "batch of one": (images[:1], True),
    "longer": (longer, True),
    "inference": (images[:16], False),
}
print(f"{'':>18}", *(f"{name:>13}" for name in situations), f"{'kept weights':>13}")
changes = {}
for name, make in makers.items():
    layer = make()
    before = layer(images[:16], training=True)[0]
    changes[name] = {
        what: float(np.abs(layer(inputs, training=training)[0, :8] - before).max())
        for what, (inputs, training) in situations.items()
    }
    kept = sum(weight.shape[0] for weight in layer.non_trainable_weights)
    print(f"{name:>18}", *(f"{change:13.2f}" for change in changes[name].values()), f"{kept:13}")

# %% [markdown] id="side-by-side-text"
# BatchNormalization changes in all four situations, and it is the only layer that keeps something
# between calls. LayerNormalization and RMSNormalization change in none: they look at one step at a
# time, so the length of the sequence does not matter.
#
# GroupNormalization looks at a whole sample. It does not care about other samples, but it does care
# about the empty steps: they are part of the sample, and so they are part of its mean. For texts of
# different lengths, which are filled up with empty steps, that is a bad property. It is one of the
# reasons why Transformers use LayerNormalization or RMSNormalization.
#
# **Try:** `GroupNormalization(1)` and `GroupNormalization(8)`. Do the two extremes behave
# differently here?

# %% [markdown] id="small-batches"
# ### A batch of two
#
# Large pictures and long texts need much memory, so sometimes only two samples fit into a batch.
# What does BatchNormalization do with a batch of two? The two numbers of a channel have their mean
# exactly in the middle, and their standard deviation is half of their distance. So one becomes 1
# and the other −1, whatever they were. (Epsilon makes it a little less.) All that is left is which
# of the two was larger.
#
# Four networks learn the digits in batches of two, for one epoch. They are tested at inference.
# (This takes some 10 seconds.)

# %% id="small-batches-experiment" tags=["experiment"]
seed, batch = 1, 2
makers["GroupNormalization"] = lambda: GroupNormalization(4)

two = keras.layers.BatchNormalization(epsilon=1e-7)(5 * images[:2, :, 3], training=True)
print("a column of two digits after BatchNormalization:", *np.round(np.array(two), 1), sep="\n")

small = {}
for name, make in makers.items():
    model = make_model(make, seed)
    loss = train(model, batch, 1, 0.001)[-1]
    small[name] = {"loss": loss, "right": right_on(model, test_flat)}
    print(
        f"{name:>18}: loss {loss:.2f} in training, {small[name]['right']:.0%} of the test digits",
        flush=True,
    )
figure, axes = plt.subplots(figsize=(7, 3))
axes.barh(list(small), [of["right"] for of in small.values()], color="#0072b2")
axes.set(xlim=(0, 1), title=f"Right on test digits, after training in batches of {batch}")
axes.invert_yaxis()
show(
    figure,
    f"Right on the test digits after one epoch in batches of {batch}: "
    + ", ".join(f"{name} {of['right']:.0%}" for name, of in small.items())
    + ".",
)

# %% [markdown] id="small-batches-text"
# The three layers of this unit learn with two samples as with any other number. BatchNormalization
# is far behind, in two ways. In training it destroys most of what the inputs say. And at inference
# it uses moving statistics, so the network gets numbers between those signs, which it has never
# seen in training.
#
# **Try:** `batch = 32`, with 12 epochs in the place of 1 in `train(model, batch, 1, 0.001)`. Is
# BatchNormalization still the worst?

# %% [markdown] id="places"
# ## Before or after: pre-norm and post-norm
#
# Transformers are made of **residual blocks**: some layers, and an addition that carries the inputs
# past them. Where does the normalization stand? In the paper of 2017 (unit 12) it stood *after* the
# addition: **post-norm**. Nearly all large models of today have it *before* the layers, and leave
# the addition alone: **pre-norm**.

# %% id="places-experiment" tags=["experiment"]
normalization.draw_places().show()

# %% [markdown] id="places-text"
# $$\text{post-norm:} \quad y = \mathrm{norm}(x + \mathrm{layers}(x)) \qquad\qquad
# \text{pre-norm:} \quad y = x + \mathrm{layers}(\mathrm{norm}(x))$$
#
# Follow the blue line through many blocks. In pre-norm it never meets a layer: the inputs of the
# first block arrive at the end as they came, and gradients come back on the same way. In post-norm
# each block normalizes the sum, and so the line too.
#
# We stack 24 blocks, each with two Dense layers and your LayerNormalization. For each block we
# measure the **gradient norm**: the root of the sum of the squares of all gradients of the block's
# weights, for 200 digits, before any training.

# %% id="gradient-norms-experiment" tags=["experiment"]
seed, depth = 1, 24
cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def make_deep(place, seed, depth):
    """A model of residual blocks with two Dense layers each, and the layers of each block."""
    keras.utils.set_random_seed(seed)
    inputs = keras.Input((64,))
    x, blocks = keras.layers.Dense(32)(inputs), []
    for _ in range(depth):
        norm = LayerNormalization()
        widen, narrow = keras.layers.Dense(64, "relu"), keras.layers.Dense(32)
        x = norm(x + narrow(widen(x))) if place == "post-norm" else x + narrow(widen(norm(x)))
        blocks.append([norm, widen, narrow])
    if place == "pre-norm":
        x = LayerNormalization()(x)  # the sum has grown: once more, at the end
    return keras.Model(inputs, keras.layers.Dense(10)(x)), blocks


def gradient_norms(model, blocks):
    """The norm of the loss's gradient by the weights of each block."""
    weights = [[w.value for layer in block for w in layer.trainable_weights] for block in blocks]
    with tf.GradientTape() as tape:
        loss = cross_entropy(train_labels[:200], model(train_flat[:200]))
    return [float(tf.linalg.global_norm(block)) for block in tape.gradient(loss, weights)]


figure, axes = plt.subplots(figsize=(8, 3.4))
gradients = {}
for place, style in ("post-norm", "o--"), ("pre-norm", "s-"):
    gradients[place] = gradient_norms(*make_deep(place, seed, depth))
    first, last = np.mean(gradients[place][:3]), np.mean(gradients[place][-3:])
    print(
        f"{place:>9}: gradient norm {first:.2f} in the first three blocks, {last:.2f} in the last"
    )
    axes.plot(range(1, depth + 1), gradients[place], style, label=place)
axes.set(title="Gradient norms before training", xlabel="block", ylim=(0, None))
axes.legend()
show(
    figure,
    "The gradient norm of each block before training. "
    + " ".join(
        f"{place}: {', '.join(f'{norm:.2f}' for norm in norms)}."
        for place, norms in gradients.items()
    ),
)

# %% [markdown] id="gradient-norms-text"
# In pre-norm the first blocks have the largest gradients, and towards the end the norms fall to
# about half: the sum grows from block to block, and each block sees it divided by a larger and
# larger deviation. In post-norm they do not fall like this. With most seeds the last blocks have
# larger gradients than the first.
#
# Ruibin Xiong and others found in Transformers, too, that post-norm leaves large gradients to the
# last blocks (2020). Their explanation of an old trouble: at the start, the steps there are too
# long for the network. That is why post-norm networks are trained with a **warm-up**, which begins
# with tiny steps.
#
# What does that mean for training? Two networks with eight blocks learn the digits with a learning
# rate that is rather large, and no warm-up. (This takes some 15 seconds.)

# %% id="places-experiment-2" tags=["experiment"]
seed, depth, rate, epochs = 1, 8, 0.02, 3

figure, axes = plt.subplots(figsize=(7, 3.4))
learned = {}
for place, style in ("post-norm", "o--"), ("pre-norm", "s-"):
    model, _ = make_deep(place, seed, depth)
    losses = train(model, 50, epochs, rate)
    learned[place] = {"losses": losses, "right": right_on(model, test_flat)}
    print(
        f"{place:>9}: loss {losses[-1]:.2f} after {epochs} epochs, "
        f"{learned[place]['right']:.0%} of the test digits",
        flush=True,
    )
    axes.plot(range(1, epochs + 1), losses, style, label=place)
axes.set(title="Loss in training", xlabel="epoch", ylim=(0, None), xticks=range(1, epochs + 1))
axes.legend()
show(
    figure,
    "The loss after each epoch. "
    + " ".join(
        f"{place}: {', '.join(f'{loss:.2f}' for loss in of['losses'])}."
        for place, of in learned.items()
    ),
)

# %% [markdown] id="places-text-2"
# With this learning rate the pre-norm network learns, and the post-norm network hardly does, or not
# at all: chance would be a loss of 2.3.
#
# **Try:** `rate = 0.002`, with 6 epochs. Does post-norm learn now?

# %% [markdown] id="what-do-you-see"
# ### What do you see?
#
# Look at the numbers and the curves of this unit, and answer in a few sentences. (3 points, read by
# your instructor.)
#
# 1. A friend trained a network with BatchNormalization in batches of 64, and it was good. In use,
#    it gets one picture at a time. Does a batch of one do any harm there? And in training?
# 2. In a language model, why would it be wrong to take the mean over the words of a sentence too?
#    Name two things that would depend on what they should not depend on.
# 3. In a pre-norm network there is one more normalization after the last block. What would the last
#    Dense layer get without it?

# %% [markdown] nbgrader={"grade_id": "question", "grade": true, "solution": true, "points": 3}
# ### BEGIN SOLUTION
# 1. At inference it does no harm: the layer uses its moving statistics, which come from training,
#    and the batch does not matter. In training it would do harm: the variance of a batch of one is
#    0 (for vectors), and all outputs would be beta. (One point.)
# 2. Any two of these: the output for a word would depend on the length of the sentence, or on the
#    empty steps that fill it up; on later words, which a causal mask hides; a text could not be
#    written word by word, because each new word would change all the earlier ones. (One point.)
# 3. A sum of all blocks, which grows with their number. Its size depends on the depth and differs
#    from sample to sample; the logits would be too large or too different in size. (One point.)
# ### END SOLUTION

# %% [markdown] id="mended-pre-norm-exercise"
# ### Exercise: find and mend the fault in a pre-norm block
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●●○ (4 of 5) · 10 minutes · 3 points
# >
# > Below is one residual block of the pre-norm kind: a normalization, a Dense layer with `units`
# > outputs and relu, a Dense layer that leads back to the width of the inputs, and the addition:
# >
# > $$y = x + \mathrm{narrow}(\mathrm{widen}(\mathrm{norm}(x)))$$
# >
# > **One thing in it is wrong.** Run the check first: the card shows where the fault comes out.
# > Then find the fault and mend it. Change as little as you can.
# >
# > The block earns its points when everything is right, and nothing before: its shape and its
# > weights are right already.
#
# **How to find a fault.** Read the card first: which rows are right, and which lines can you
# therefore skip? Then make a part of the block harmless and see whether the rest is right. If both
# Dense layers give 0, what should the block give out?
#
# <details><summary>How do I make a Dense layer give 0?</summary>
#
# Build the block by calling it. Then set its weights to zero:
# `block.narrow.set_weights([0 * w for w in block.narrow.get_weights()])`. Call it again, with
# inputs that you can recognize.
# </details>
#
# <details><summary>The block does not give out its inputs</summary>
#
# What does it give out? Which line made that of the inputs, and which name does the result have?
# </details>


# %% nbgrader={"grade_id": "mended-pre-norm", "solution": true}
class MendedPreNorm(keras.layers.Layer):
    """inputs + narrow(widen(norm(inputs))): with one fault."""

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.norm = keras.layers.LayerNormalization()
        self.widen = keras.layers.Dense(units, activation="relu")

    def build(self, input_shape):
        self.narrow = keras.layers.Dense(input_shape[-1])
        self.norm.build(input_shape)
        self.widen.build(input_shape)
        self.narrow.build((*input_shape[:-1], self.units))

    def call(self, inputs):
        ### BEGIN SOLUTION
        normal = self.norm(inputs)
        return inputs + self.narrow(self.widen(normal))
        ### GIVEN
        # inputs = self.norm(inputs)
        # return inputs + self.narrow(self.widen(inputs))
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-mended-pre-norm", "grade": true, "points": 3}
check(MendedPreNorm)
### BEGIN HIDDEN TESTS
check(MendedPreNorm, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="stretch"
# ### Stretch: a layer without statistics
#
# > Difficulty ●●●○○ (3 of 5) · 15 minutes · no points: for those who want more
#
# Is a normalization needed at all? In 2025 Jiachen Zhu and others replaced it by a curve that
# squeezes large numbers, and takes no mean of anything. They call it **Dynamic Tanh**:
#
# $$y = \gamma \tanh(\alpha x) + \beta$$
#
# $\alpha$ is one trainable number for the whole layer, which starts at 0.5. Gamma and beta are as
# in LayerNormalization. Write it. The cell below trains it in batches of two, as the layers above,
# and gives it pale ink. Before you run it: will it mind one of the two?


# %% nbgrader={"grade_id": "dynamic-tanh", "solution": true}
class DynamicTanh(keras.layers.Layer):
    """gamma * tanh(alpha * inputs) + beta, where alpha is a single number."""

    def build(self, input_shape):
        ### BEGIN SOLUTION
        features = (input_shape[-1],)
        half = keras.initializers.Constant(0.5)
        self.alpha = self.add_weight(name="alpha", shape=(), initializer=half)
        self.gamma = self.add_weight(name="gamma", shape=features, initializer="ones")
        self.beta = self.add_weight(name="beta", shape=features, initializer="zeros")
        ### END SOLUTION

    def call(self, inputs):
        ### BEGIN SOLUTION
        return self.gamma * ops.tanh(self.alpha * inputs) + self.beta
        ### END SOLUTION


# %% id="stretch-experiment" tags=["experiment"]
seed, squeezed = 1, {}
try:
    model = make_model(DynamicTanh, seed)
    train(model, 2, 1, 0.001)
except NotImplementedError:
    print("DynamicTanh is not written yet")
else:
    squeezed = {"right": right_on(model, test_flat), "pale": right_on(model, 0.3 * test_flat)}
    print(f"DynamicTanh: {squeezed['right']:.0%} right, {squeezed['pale']:.0%} on pale digits")

# %% [markdown] id="stretch-text"
# It does not mind a batch of two: no sample looks at another. Pale ink hardly harms it either,
# although nothing in the layer takes the factor away. For small numbers tanh is nearly a straight
# line, so a pale digit gives the same pattern in smaller numbers. Very strong ink is another
# matter, because tanh cuts it off: try `10 * test_flat`.

# %% [markdown] id="what-you-have-now"
# ## What you have now
#
# | layer | which numbers share statistics | kept | parameters |
# |---|---|---|---|
# | BatchNormalization | a channel, of all samples | means, variances | 4 × channels, half trained |
# | LayerNormalization | the features of one place | nothing | 2 × features |
# | RMSNormalization | the features of one place; no mean | nothing | 1 × features |
# | GroupNormalization | a group of channels, of all places of one sample | nothing | 2 × channels |
#
# A rule of thumb: BatchNormalization for pictures in large batches, GroupNormalization for pictures
# in small ones, LayerNormalization or RMSNormalization for sequences, and in a residual block
# before the layers.
#
# ## References
#
# - J. L. Ba, J. R. Kiros, G. E. Hinton (2016), *Layer Normalization*, arXiv:1607.06450.
# - D. Ulyanov, A. Vedaldi, V. Lempitsky (2016), *Instance Normalization: The Missing Ingredient for
#   Fast Stylization*, arXiv:1607.08022.
# - Y. Wu, K. He (2018), *Group Normalization*, arXiv:1803.08494.
# - B. Zhang, R. Sennrich (2019), *Root Mean Square Layer Normalization*, arXiv:1910.07467.
# - R. Xiong and others (2020), *On Layer Normalization in the Transformer Architecture*,
#   arXiv:2002.04745 (pre-norm and post-norm).
# - J. Zhu, X. Chen, K. He, Y. LeCun, Z. Liu (2025), *Transformers without Normalization*,
#   arXiv:2503.10622 (Dynamic Tanh).
