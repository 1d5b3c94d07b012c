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
# # 3 · Regularize and normalize
#
# A network can learn its training data by heart and then fail on new data: this is **overfitting**.
# What we want is **generalization**: a network that works on data that it has not seen.
#
# Or a network can be so hard to train that it hardly learns at all, because the numbers inside it
# become too large or too small.
#
# In this unit you build a remedy for each problem. **Dropout** and **SpatialDropout2D** are
# **regularizers**: they work against overfitting, which is called **regularization**. In training
# they set a part of the numbers to zero, each time another part. Another kind of regularizer is a
# penalty that is added to the loss; you meet it in between. **BatchNormalization** brings the
# numbers of every channel to the same mean and spread, so that the next layers can learn.
#
# All three layers behave differently in **training** and at **inference**, which is when the
# trained network is used. Keras tells them which: `fit` calls every layer with `training=True`;
# `predict`, `evaluate`, and a plain `layer(inputs)` do not. Most mistakes with these layers mix up
# the two.
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
# The data are the 1797 handwritten digits again: pictures of 8 × 8 pixels, flattened or not.

# %% id="start-experiment" tags=["experiment"]
import matplotlib.pyplot as plt

from grader.data import load
from grader.pictures import move, regularize, show

digits = load("digits")
order = np.random.default_rng(0).permutation(1797)
images = digits["images"][order].astype("float32")  # ink, from 0 (paper) to 16
labels = digits["labels"][order].astype("int32")
flat = images.reshape(-1, 64)
train_flat, train_labels = flat[:1300], labels[:1300]
test_flat, test_labels = flat[1300:], labels[1300:]


def train(model, inputs, targets, epochs, tests=None, rate=0.01, batch=50):
    """Train, always in the same order; return losses and accuracies of each epoch, by name."""
    keras.utils.set_random_seed(7)
    adam = keras.optimizers.Adam(rate)
    model.compile(adam, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    more = {"validation_data": tests, "validation_batch_size": 500, "verbose": 0}
    return model.fit(inputs, targets, batch, epochs, **more).history


# %% [markdown] id="about-dropout"
# ## Dropout
#
# In training, Dropout sets each number that comes in to 0 with the probability `rate`, the
# **dropout rate**. Each number is decided separately, as if by tossing a coin for it. Each call and
# each sample of the batch gets new coins. So a layer behind Dropout cannot rely on any single
# number: it has to use many of them. At inference nothing is dropped.
#
# There is one more step. If a quarter of the numbers are 0, the sum of all numbers is smaller in
# training than at inference, and the next layer would learn with inputs that are too small. So in
# training, each number that is *kept* is made larger, by just the factor that keeps the mean as it
# was.

# %% id="dropout-experiment" tags=["experiment"]
regularize.draw_dropout().show()

# %% [markdown] id="dropout-text"
# As a formula, with $p$ for the rate:
#
# $$y_i = m_i \, x_i \qquad m_i = \begin{cases} 0 & \text{with probability } p \\
# 1 / (1 - p) & \text{else} \end{cases} \qquad \text{at inference} \quad y_i = x_i$$
#
# The mean of $m_i$ is $p \cdot 0 + (1 - p) / (1 - p) = 1$: on average nothing changes. In the terms
# of statistics, Dropout *keeps the expectation*.
#
# | | |
# |---|---|
# | shape | stays as it is |
# | parameters | none; `rate` is chosen, not learned |
#
# **Try:** choose a rate yourself (drag the sliders in a running notebook). Another `call` drops
# other numbers. At which rates does the mean of the output change a lot from call to call?

# %% id="dropout-experiment-2" tags=["experiment"]
move(regularize.draw_rate, rate=(0.0, 0.95, 0.05), call=(1, 20))

# %% [markdown] id="dropout-text-2"
# What happens without the rescaling? `Quiet` below is a Dropout that leaves it out. Left: one digit
# goes through both layers a thousand times, and we add up the output each time. Right: two networks
# differ only in that layer. They train in the same way. After each epoch they are tested, at
# inference, on digits that were kept apart, the **validation data**. (This takes some 5 seconds.)


# %% id="dropout-experiment-3" tags=["experiment"]
class Quiet(keras.layers.Dropout):
    """Dropout without the rescaling."""

    def call(self, inputs, training=False):
        outputs = super().call(inputs, training=training)
        return outputs * (1 - self.rate) if training else outputs


figure, (sums, curves) = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
crowd = np.tile(test_flat[:1], (1000, 1))
few_flat, few_labels = train_flat[:650], train_labels[:650]
rescaling = {}
for layer, color in (keras.layers.Dropout, "#0072b2"), (Quiet, "#d55e00"):
    name = {"Dropout": "rescaled", "Quiet": "not rescaled"}[layer.__name__]
    ink = layer(0.8)(crowd, training=True).numpy().sum(axis=1)
    sums.hist(ink, bins=30, color=color, alpha=0.7, label=f"{name}: {ink.mean():.0f} on average")

    keras.utils.set_random_seed(1)
    hidden, answer = keras.layers.Dense(128, "relu"), keras.layers.Dense(10, "softmax")
    model = keras.Sequential([keras.Input((64,)), hidden, layer(0.8), answer])
    tests = test_flat / 16, test_labels
    history = train(model, few_flat / 16, few_labels, 10, tests, rate=0.003)
    curves.plot(range(1, 11), history["val_accuracy"], color=color, lw=2.5, label=name)
    rescaling[name] = history["val_accuracy"]
sums.axvline(crowd[0].sum(), color="black", lw=2, ls="--", label=f"the digit: {crowd[0].sum():.0f}")
sums.set(title="Sum of one digit's pixels, rate 0.8", yticks=[])
curves.set(title="Right on the test digits", xlabel="epoch", ylim=(0.5, 1))
sums.legend(frameon=False)
curves.legend(frameon=False, loc="lower right")
show(
    figure,
    "Left: histograms of the summed pixels. With rescaling they spread around the digit's own sum, "
    "without it they lie far below, at a fifth. Right: the accuracy on the test digits after each "
    "epoch. After the third it is "
    + " and ".join(f"{curve[2]:.0%} ({name})" for name, curve in rescaling.items())
    + ", after the tenth "
    + " and ".join(f"{curve[-1]:.0%} ({name})" for name, curve in rescaling.items())
    + ".",
)

# %% [markdown] id="dropout-text-3"
# A single sum is far from the true one in both cases: this noise is what makes overfitting hard.
# But the blue sums lie *around* the true one, and the orange ones lie far below it. A network that
# has learned with the orange sums gets inputs at inference that are five times as large.
#
# **Try:** a rate of 0.3, in both places. Does the missing factor still matter as much?
#
# Now to the purpose of Dropout. We take 300 digits and replace one label in five by a random one:
# real labels contain mistakes, too. A large network can learn even the wrong labels by heart. Can
# Dropout prevent that? (This takes some 10 seconds.)

# %% id="dropout-experiment-4" tags=["experiment"]
rate, seed = 0.5, 1

chance = np.random.default_rng(seed)
spoiled = train_labels[:300].copy()
chosen = chance.choice(300, 60, replace=False)
spoiled[chosen] = chance.integers(0, 10, 60)
wrong = np.flatnonzero(spoiled != train_labels[:300])

figure, axes = plt.subplots(figsize=(8, 3.6))
overfitting = {}
for name, drop, style in ("without Dropout", 0.0, "--"), (f"with Dropout({rate})", rate, "-"):
    keras.utils.set_random_seed(seed)
    stack = [keras.Input((64,))]
    for _ in range(2):
        stack += [keras.layers.Dense(256, "relu"), keras.layers.Dropout(drop)]
    model = keras.Sequential([*stack, keras.layers.Dense(10, "softmax")])
    tests = test_flat / 16, test_labels
    history = train(model, train_flat[:300] / 16, spoiled, 30, tests, rate=0.003)
    axes.plot(range(1, 31), history["val_accuracy"], style, lw=2.5, label=name)
    answers = np.argmax(model(train_flat[wrong] / 16), axis=1)
    learned = np.mean(answers == spoiled[wrong])  # the wrong labels that it gives back
    new = history["val_accuracy"]
    overfitting[drop] = {"learned": learned, "best": max(new), "last": new[-1]}
    print(
        f"{name:>17}: learned {learned:.0%} of the wrong labels; right on {max(new):.0%} of the "
        f"test digits\n{'':>17}  at best, and on {new[-1]:.0%} in the last epoch"
    )
axes.set(xlabel="epoch", ylim=(0.7, 1), title="Right on the test digits")
axes.legend(frameon=False)
show(
    figure,
    "Accuracy on the test digits against epoch. Without Dropout it reaches "
    f"{overfitting[0.0]['best']:.0%} and ends at {overfitting[0.0]['last']:.0%}; with Dropout it "
    f"reaches {overfitting[rate]['best']:.0%} and ends at {overfitting[rate]['last']:.0%}.",
)

# %% [markdown] id="dropout-text-4"
# Without Dropout, the network first learns what the digits look like, and then learns the wrong
# labels by heart, and its accuracy on new digits falls. With Dropout it learns fewer of the wrong
# labels, and its accuracy falls less.
#
# ### Change it: much more Dropout
#
# Change the first line of the cell above to `rate, seed = 0.9, 1`. How many of the wrong labels
# will the network learn then? And what will happen to its accuracy on the test digits? *Before you
# run the cell, write down both predictions here:* …
#
# Then run it. *What did you see? Write one sentence on what is lost when the rate is too high:* …

# %% [markdown] id="dropout-value-exercise"
# ### Exercise: predict what a kept value becomes
#
# > Difficulty ●○○○○ (1 of 5) · Importance ●●●●● (5 of 5) · 3 minutes · 2 points
# >
# > In training, a number `value` comes into `Dropout(rate)` and is kept. What comes out?
#
# <details><summary>Multiply or divide, and by which of the two?</summary>
#
# Take a hundred inputs, all of them 3, and a rate of 0.25. What is their sum? How many are kept, on
# average? What must each of these become for the sum to be the same again?
# </details>


# %% nbgrader={"grade_id": "dropout-value", "solution": true}
def dropout_value(value, rate):
    """What Dropout(rate) makes of a value in training, when it keeps it."""
    ### BEGIN SOLUTION
    return value / (1 - rate)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-dropout-value", "grade": true, "points": 2}
check(dropout_value)
### BEGIN HIDDEN TESTS
check(dropout_value, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="dropout-text-5"
# Where do the random numbers come from? `keras.random.uniform(shape, seed=...)` gives numbers
# between 0 and 1, evenly distributed, so a share `p` of them lies below `p`. The **seed** decides
# which: the same integer as a seed always gives the same numbers. A `keras.random.SeedGenerator()`,
# made once in `__init__` and used as the seed, gives new numbers at each call.
#
# How can a random layer be graded? Your random numbers are not compared with Keras's. What is
# checked is the structure: a kept value must be scaled *exactly*, two calls must differ, two
# samples must differ, and inference must change nothing. Only the share of dropped numbers is
# random.
#
# For $n$ coins that share may be away from the rate by $\sqrt{\ln(10^8) / 2n}$, and so the mean of
# the mask from 1 by $1 / (1 - p)$ times as much: the expectation is bounded too. By Hoeffding's
# inequality a right layer is further away less than once in 50 million times. A whole check throws
# the coins a dozen times or so, and is unjust to a right layer in less than one of a million runs.
#
# **Coming from TensorFlow 2?** `keras.backend.learning_phase` no longer exists: only the argument
# `training` of `call` tells a layer whether it is training, and Keras passes it to every layer
# whose `call` has such an argument. And in TensorFlow 1, `keep_prob` was the share that is *kept*;
# the `rate` is the share that is dropped.

# %% [markdown] id="dropout-exercise"
# ### Exercise: write Dropout
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●●● (5 of 5) · 20 minutes · 8 points
# >
# > **What is asked**
# >
# > - **shape** (1): the same as the input's, at any rank, also while the batch size is unknown.
# > - **parameters** (1): none.
# > - **dropping** (6): with `training=True` each number becomes 0 with the probability `rate`, by a
# >   coin of its own, and what is kept is scaled by $1 / (1 - \text{rate})$. Each call throws new
# >   coins, also in a compiled model, and each sample has its own. In any other mode the inputs
# >   come out as they are. `rate` is at least 0 and less than 1.
# >
# > Not tried, but Keras's Dropout does it: `self.supports_masking = True` in `__init__` lets a mask
# > of padded steps (unit 09) pass through the layer to the next one.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.Dropout` and Keras's spatial
# > dropout layers, and functions that drop, such as `keras.random.dropout` and `tf.nn.dropout`. You
# > are here to build it.
#
# <details><summary>Every training call drops the same values</summary>
#
# What is the seed of your random numbers, and does it change between calls? An int does not. Which
# object gives new numbers at each call, and where must it be made so that it is made only once?
# </details>
#
# <details><summary>TypeError or ValueError with None in it</summary>
#
# `inputs.shape` holds `None` where the batch size is not known yet, and you cannot draw `None`
# random numbers. `ops.shape(inputs)` gives the size at the moment when the layer runs.
# </details>
#
# <details><summary>Another share is dropped than rate says</summary>
#
# Your random numbers lie between 0 and 1. With a rate of 0.2, which of them mean "dropped": those
# below 0.2, or those above? And if you use `normal` instead of `uniform`, what share is below 0.2?
# </details>
#
# <details><summary>In a compiled model every step drops the same values</summary>
#
# Keras runs the Python lines of `call` once, records the operations, and repeats those. A number
# drawn by Python or NumPy is a constant in that record. Let Keras or TensorFlow draw the numbers.
# </details>
#
# <details><summary>At inference the output is not the input</summary>
#
# Does your `call` have an argument `training`? Without it, Keras cannot tell your layer anything.
# And what does your layer do when it is `False` or `None`, or not given at all?
# </details>


# %% nbgrader={"grade_id": "dropout", "solution": true}
class Dropout(keras.layers.Layer):
    """In training, zeros for a share `rate` of the numbers; the others grow to keep the mean."""

    def __init__(self, rate, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.rate = rate
        self.seeds = keras.random.SeedGenerator()
        self.supports_masking = True
        ### END SOLUTION

    def call(self, inputs, training=False):
        ### BEGIN SOLUTION
        if not training:
            return inputs
        dice = keras.random.uniform(ops.shape(inputs), seed=self.seeds)
        return ops.where(dice < self.rate, 0.0, inputs / (1 - self.rate))
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-dropout", "grade": true, "points": 8}
check(Dropout)
### BEGIN HIDDEN TESTS
check(Dropout, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="spatialdropout2d"
# ## SpatialDropout2D
#
# If you cover every third letter of a page, you can still read it: the neighbours of each gap tell
# you what is missing. Pictures are similar. A **feature map** is one channel of a convolution's
# output: each place says how much of an edge, a corner or a stroke there is. Neighbouring places
# hold nearly the same numbers, so dropping single numbers removes hardly any information.
#
# SpatialDropout2D drops whole feature maps (**spatial dropout**). It decides once for each map of
# each sample, and a map is kept or dropped as a whole. So the next layer cannot rely on any single
# map.

# %% id="spatialdropout2d-experiment" tags=["experiment"]
regularize.draw_spatial_dropout().show()

# %% [markdown] id="spatialdropout2d-text"
# The formula and the scale are the same as for Dropout, and so is the difference between training
# and inference. The only new thing is that many numbers share one random decision. With $b$ for the
# sample, $r$ and $s$ for row and column, and $c$ for the channel:
#
# $$y_{b r s c} = m_{b c} \, x_{b r s c}$$
#
# | | |
# |---|---|
# | shape | `(batch, rows, columns, channels)`, stays as it is |
# | parameters | none |
#
# Here are the feature maps of a real digit. A convolution with four kernels, written by hand, finds
# edges in four directions. Below are its maps, and then the same maps after each of the two layers.

# %% id="spatialdropout2d-experiment-2" tags=["experiment"]
edge = np.array([[1, 2, 1], [0, 0, 0], [-1, -2, -1]]) / 8
corner = np.array([[2, 1, 0], [1, 0, -1], [0, -1, -2]]) / 8
kernel = np.stack([edge, -edge.T, corner, corner[:, ::-1]], axis=-1)[:, :, None]
strokes = tf.nn.conv2d(images[..., None], kernel.astype("float32"), strides=1, padding="SAME")
maps = tf.nn.relu(strokes).numpy()

keras.utils.set_random_seed(23)
rows = {
    "the four maps": maps[:1],
    "Dropout(0.25)": keras.layers.Dropout(0.25)(maps[:1], training=True),
    "SpatialDropout2D(0.25)": keras.layers.SpatialDropout2D(0.25)(maps[:1], training=True),
}
figure, panels = plt.subplots(3, 4, figsize=(8, 6.2), layout="constrained")
for line, (name, values) in zip(panels, rows.items(), strict=True):
    for index, panel in enumerate(line):
        panel.imshow(values[0, ..., index], cmap="gray_r", vmin=0, vmax=maps[0].max())
        panel.set(xticks=[], yticks=[])
    line[0].set_ylabel(name, fontsize=11)
show(
    figure,
    "Four edge maps of a digit. Under Dropout they have holes, but the strokes can still be made "
    "out. Under SpatialDropout2D one of the maps is blank and the others are whole, only darker.",
)
neighbours = np.corrcoef(maps[:, :, 1:-1].ravel(), (maps[:, :, :-2] + maps[:, :, 2:]).ravel())
others = np.corrcoef(maps[..., 0].ravel(), maps[..., 1].ravel())
print(f"a value and its two neighbours in the map: correlation {neighbours[0, 1]:.2f}")
print(f"a value and the same place in another map: correlation {others[0, 1]:.2f}")

# %% [markdown] id="spatialdropout2d-text-2"
# In the middle row, you can still see the strokes, although many numbers are missing; the next
# convolution can, too. In the bottom row, the information of a dropped map is gone.
#
# **Try:** other seeds in `set_random_seed(23)`. How often is no map dropped at all? How often
# should that be, with four maps and a rate of 0.25?

# %% [markdown] id="spatial-mask-shape-exercise"
# ### Exercise: predict the shape of the mask
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●○○ (3 of 5) · 5 minutes · 2 points
# >
# > SpatialDropout2D multiplies its inputs by a mask. The mask holds one number for each random
# > decision and is *broadcast*: along an axis of length 1 it is repeated as often as needed. Given
# > the shape of the inputs, `(batch, rows, columns, channels)`, return the shape of that mask, as a
# > tuple of four.
#
# <details><summary>I have no idea where to begin</summary>
#
# How many decisions are made for one sample with 16 maps? And for a batch of 5 such samples? The
# product of your four numbers must be the number of decisions.
# </details>


# %% nbgrader={"grade_id": "spatial-mask-shape", "solution": true}
def spatial_mask_shape(input_shape):
    """The shape of SpatialDropout2D's mask for inputs of this shape."""
    ### BEGIN SOLUTION
    batch, _, _, channels = input_shape
    return (batch, 1, 1, channels)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-spatial-mask-shape", "grade": true, "points": 2}
check(spatial_mask_shape)
### BEGIN HIDDEN TESTS
check(spatial_mask_shape, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="spatial-dropout-exercise"
# ### Exercise: write SpatialDropout2D
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●○○ (3 of 5) · 10 minutes · 6 points
# >
# > **What is asked**
# >
# > - **shape** (1): the same as the input's, also while the batch size is unknown.
# > - **dropping** (5): with `training=True` each map of each sample becomes 0 as a whole with the
# >   probability `rate`, which may be 0, and what is kept is scaled as in Dropout. The channels are
# >   the last axis.
# >   Each call throws new coins, also in a compiled model. In any other mode the inputs come out as
# >   they are.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.Dropout` and Keras's spatial
# > dropout layers, and functions that drop, such as `keras.random.dropout` and `tf.nn.dropout`.
# > Your own Dropout is welcome to help.
#
# <details><summary>Values are dropped in other groups than they should be</summary>
#
# The card says along which axes your values were dropped together. (Rows and columns are axes 1 and
# 2.) What is the shape of your mask, and is it the shape that you predicted above?
# </details>
#
# <details><summary>Every sample of the batch loses the same values</summary>
#
# How long is the first axis of your mask? A mask with one row is repeated for all samples.
# </details>
#
# <details><summary>My mask has the shape (None, 1, 1, channels), and Keras protests</summary>
#
# Take the batch size from `ops.shape(inputs)`, not from `inputs.shape`.
# </details>


# %% nbgrader={"grade_id": "spatial-dropout", "solution": true}
class SpatialDropout2D(keras.layers.Layer):
    """In training, a share `rate` of the feature maps of each sample becomes zero."""

    def __init__(self, rate, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.rate = rate
        self.seeds = keras.random.SeedGenerator()
        self.supports_masking = True
        ### END SOLUTION

    def call(self, inputs, training=False):
        ### BEGIN SOLUTION
        if not training:
            return inputs
        batch, _, _, channels = ops.shape(inputs)
        dice = keras.random.uniform((batch, 1, 1, channels), seed=self.seeds)
        return ops.where(dice < self.rate, 0.0, inputs / (1 - self.rate))
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-spatial-dropout", "grade": true, "points": 6}
check(SpatialDropout2D)
### BEGIN HIDDEN TESTS
check(SpatialDropout2D, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="penalties"
# ## Penalties: regularizers in the loss
#
# A network that has learned wrong labels by heart usually has large weights: it must answer very
# differently to digits that look nearly the same. A second kind of regularizer works against this.
# It adds a **penalty** to the loss, a number that grows with the weights, and so large weights have
# to be worth their price. With $\lambda$ for the strength and $w$ for the weights:
#
# $$\text{L2:} \quad \text{loss} + \lambda \sum w^2 \qquad\qquad
# \text{L1:} \quad \text{loss} + \lambda \sum |w|$$
#
# L2 pulls large weights down most (it is also called **weight decay**). L1 pulls all weights with
# the same force, so that many become practically zero. In Keras it is an argument of a layer:
# `Dense(10, kernel_regularizer=keras.regularizers.L2(0.01))`.
#
# Here one Dense layer learns the same 300 digits with the same wrong labels, without a penalty,
# with L2 and with L1. We look at the weights of its first five units. (This takes some 10 seconds.)

# %% id="penalties-experiment" tags=["experiment"]
penalties = {
    "no penalty": None,
    "L2(0.01)": keras.regularizers.L2(0.01),
    "L1(0.003)": keras.regularizers.L1(0.003),
}

figure, panels = plt.subplots(3, 5, figsize=(9, 5.6), layout="constrained")
found = {}
for line, (name, penalty) in zip(panels, penalties.items(), strict=True):
    keras.utils.set_random_seed(seed)
    dense = keras.layers.Dense(10, activation="softmax", kernel_regularizer=penalty)
    model = keras.Sequential([keras.Input((64,)), dense])
    train(model, train_flat[:300] / 16, spoiled, 60, rate=0.02)
    kernel = dense.kernel.numpy()
    new = np.mean(np.argmax(model(test_flat / 16), axis=1) == test_labels)
    small = np.mean(np.abs(kernel) < 0.02)
    size = np.abs(kernel).mean()
    found[name] = {"size": size, "small": small, "new": new}
    print(
        f"{name:>10}: a weight is {size:.2f} from zero on average, {small:.0%} are below 0.02;\n"
        f"{'':>10}  right on {new:.1%} of the test digits"
    )
    for digit, panel in enumerate(line):
        panel.imshow(kernel[:, digit].reshape(8, 8), cmap="signed", vmin=-1.5, vmax=1.5)
        panel.set(xticks=[], yticks=[])
    line[0].set_ylabel(name)
for digit, panel in enumerate(panels[0]):
    panel.set_title(f"unit {digit}")
show(
    figure,
    "The weights of the units 0 to 4 as pictures of 8 x 8, blue for positive, orange for negative. "
    + " ".join(
        f"{name}: a weight is {of['size']:.2f} from zero on average, and {of['small']:.0%} of the "
        "weights are below 0.02."
        for name, of in found.items()
    ),
)

# %% [markdown] id="penalties-text"
# The penalties make the weights smaller, and the layer is right on more of the test digits. With L1
# most of the weights are practically zero, and you can see which pixels the layer still uses.
#
# **Try:** `L2(1.0)`. What becomes of the weights, and of the accuracy?
#
# ### `add_loss`: a layer with a penalty of its own
#
# How does the penalty get into the loss? Each layer has a list, `losses`. `fit` adds all numbers in
# the lists of all layers to the loss that you chose in `compile`. A layer puts a number there with
# `self.add_loss(number)`, each time it is called. So you can write a penalty of your own, and it
# may depend on anything that the layer knows: its weights, its inputs, its outputs.

# %% id="add-loss-experiment" tags=["experiment"]


class Penalized(keras.layers.Dense):
    """A Dense layer that does what `kernel_regularizer=keras.regularizers.L2(0.01)` does."""

    def call(self, inputs):
        self.add_loss(0.01 * ops.sum(ops.square(self.kernel)))
        return super().call(inputs)


mine = Penalized(3, kernel_initializer="ones")
keras_own = keras.layers.Dense(
    3, kernel_initializer="ones", kernel_regularizer=keras.regularizers.L2(0.01)
)
for dense in (mine, keras_own):
    dense(np.ones((2, 5)))
    print(f"{type(dense).__name__:>9}: losses = {[round(float(loss), 6) for loss in dense.losses]}")

# %% [markdown] id="add-loss-text"
# Both have 5 × 3 weights of 1, so the penalty is 0.01 · 15 = 0.15.
#
# **Try:** a penalty on large outputs: `self.add_loss(0.01 * ops.mean(ops.square(outputs)))`, with
# `outputs = super().call(inputs)` in the line before. Which number do you expect?
#
# ### `metrics`: numbers that are only watched
#
# With a penalty, the loss that `fit` prints is no longer only the error. So two losses with
# different penalties cannot be compared. A **metric** is a number that is measured but not
# minimized, and no penalty is added to it. You name it in `compile`. For regression,
# `metrics=["mae"]` is usual: the **mean absolute error**, in the unit of the targets.
#
# One Dense unit learns the body mass of penguins (in kg) from the length and the depth of the bill
# and the length of the flipper. Its loss is the mean squared error, `"mse"`, plus an L2 penalty of
# three strengths.

# %% id="metrics-experiment" tags=["experiment"]
birds = load("penguins")
sizes = np.stack([birds[n] for n in ("bill_length", "bill_depth", "flipper_length")], axis=-1)
sizes = (sizes - sizes.mean(axis=0)) / sizes.std(axis=0)
mass = birds["body_mass"] / 1000

watched = {}
for strength in (0.0, 0.1, 1.0):
    unit = keras.layers.Dense(
        1, kernel_initializer="zeros", kernel_regularizer=keras.regularizers.L2(strength)
    )
    model = keras.Sequential([keras.Input((3,)), unit])
    model.compile(keras.optimizers.Adam(0.2), loss="mse", metrics=["mae"])
    model.fit(sizes, mass, batch_size=342, epochs=80, verbose=0)
    values = model.evaluate(sizes, mass, batch_size=342, verbose=0, return_dict=True)
    penalty = float(sum(model.losses))
    watched[strength] = values | {"penalty": penalty}
    print(
        f"L2({strength:3}): loss {values['loss']:.3f}, of which penalty {penalty:.3f}; "
        f"mae {values['mae']:.3f} kg"
    )

# %% [markdown] id="metrics-text"
# The loss grows with the strength, also because the penalty is a part of it. The metric says what
# you want to know: by how many kilograms the answers are wrong on average.
#
# **Try:** add `"mse"` to the metrics. Which sum of two printed numbers is the loss?

# %% [markdown] id="batchnormalization"
# ## BatchNormalization
#
# In a deep network, each layer works on the output of the layer before. If each layer makes the
# numbers a little larger, they are huge after ten layers; if each makes them a little smaller, they
# are almost zero. And while the network learns, the outputs of all layers change all the time.
#
# **Batch normalization** stands between two layers and normalizes each channel: it subtracts the
# mean of the batch and divides by its standard deviation. Whatever comes in, the result has mean 0
# and standard deviation 1. Then it multiplies by a **gamma** and adds a **beta**, one of each for
# every channel. Gamma and beta are learned, so the network can still choose any mean and any
# spread.

# %% id="batchnormalization-experiment" tags=["experiment"]
regularize.draw_batch_normalization().show()

# %% [markdown] id="batchnormalization-text"
# With $\mu$ and $\sigma^2$ for the mean and the variance of a channel:
#
# $$y = \gamma \, \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta \qquad
# \mu = \frac{1}{n} \sum x \qquad \sigma^2 = \frac{1}{n} \sum (x - \mu)^2$$
#
# The sums run over all axes except the last: over the samples, and for pictures over rows and
# columns as well, so a map is treated in the same way at all places. The variance is the mean of
# the squares (divided by $n$, not by $n - 1$). The small $\epsilon$ (**epsilon**) prevents division
# by zero.
#
# At inference there may be only a single picture, whose mean says little. So the layer keeps two
# more numbers for each channel, a **moving mean** and a **moving variance**. At each training call
# they take a small step towards those of the batch; the **momentum** is the share of the old value
# that is kept. Inference uses them and does not change them:
#
# $$\text{moving} \leftarrow \text{momentum} \cdot \text{moving} +
# (1 - \text{momentum}) \cdot \text{batch}$$

# %% id="batchnormalization-experiment-2" tags=["experiment"]
regularize.draw_moving().show()

# %% [markdown] id="batchnormalization-text-2"
# | | |
# |---|---|
# | shape | stays as it is |
# | parameters | 4 for each channel, of which gamma and beta are trained |
#
# The optimizer does not change the moving mean and variance, because no gradient reaches them. The
# layer itself assigns them. Keras still counts them as weights, **non-trainable** ones, so they are
# saved with the model.
#
# **Coming from TensorFlow 2?** There, on inputs of rank 4, the layer used a fused kernel, which
# multiplied the variance for the moving variance by $n / (n - 1)$ (as PyTorch does); at other ranks
# it did not. Keras 3 uses the variance of the batch as it is, at every rank.
#
# Should it stand before the activation or after it? Ioffe and Szegedy, who introduced it in 2015,
# put it before; others put it after. We try both. The inputs are the raw values from 0 to 16, and
# the network has four hidden layers with sigmoids, which are not easy to train.

# %% id="batchnormalization-experiment-3" tags=["experiment"]
seed = 1

figure, axes = plt.subplots(figsize=(8, 3.6))
losses = {}
for place, style in ("none", ":"), ("before", "-"), ("after", "--"):
    keras.utils.set_random_seed(seed)
    stack = [keras.Input((64,))]
    for _ in range(4):
        parts = [keras.layers.Dense(32), keras.layers.Activation("sigmoid")]
        if place != "none":
            normalize = keras.layers.BatchNormalization(momentum=0.9)
            parts.insert({"before": 1, "after": 2}[place], normalize)
        stack += parts
    model = keras.Sequential([*stack, keras.layers.Dense(10, "softmax")])
    losses[place] = train(model, train_flat, train_labels, 10)["loss"]
    axes.plot(range(1, 11), losses[place], style, lw=2.5, label=place)
    print(
        f"{place:>6}: loss {losses[place][4]:.2f} after 5 epochs, {losses[place][9]:.2f} after 10"
    )
axes.set(xlabel="epoch", ylabel="loss", yscale="log", title="BatchNormalization and the sigmoid")
axes.legend(frameon=False)
show(
    figure,
    "Training loss against epoch, on a logarithmic scale. After 5 epochs it is "
    f"{losses['none'][4]:.2f} without BatchNormalization, {losses['before'][4]:.2f} with it "
    f"before the activation, and {losses['after'][4]:.2f} with it after the activation.",
)

# %% [markdown] id="batchnormalization-text-3"
# Look at the losses after 5 epochs. The difference between "before" and "after" is small, and in
# other networks it may be the other way round. The difference between either of them and "none" is
# large. (Later the losses are so small that they jump from epoch to epoch.)
#
# ### Larger learning rates
#
# Ioffe and Szegedy wrote that BatchNormalization allows much larger learning rates. We try it: a
# network with three hidden layers and relu, trained by plain gradient descent (`SGD`) with three
# learning rates, each without and with BatchNormalization. (This takes some 15 seconds.)

# %% id="learning-rates-experiment" tags=["experiment"]
rates, seed = (0.01, 0.3, 2.0), 1

figure, axes = plt.subplots(figsize=(8, 3.6))
learned = {}
for name, style in ("without", "o--"), ("with", "s-"):
    learned[name] = []
    for rate in rates:
        keras.utils.set_random_seed(seed)
        stack = [keras.Input((64,))]
        for _ in range(3):
            stack.append(keras.layers.Dense(64))
            if name == "with":
                stack.append(keras.layers.BatchNormalization(momentum=0.9))
            stack.append(keras.layers.ReLU())
        model = keras.Sequential([*stack, keras.layers.Dense(10, "softmax")])
        model.compile(keras.optimizers.SGD(rate), "sparse_categorical_crossentropy")
        model.fit(train_flat / 16, train_labels, batch_size=50, epochs=5, verbose=0)
        answers = np.argmax(model(test_flat / 16), axis=1)
        learned[name].append(np.mean(answers == test_labels))
    print(f"{name:>7} BatchNormalization:", *(f"{share:4.0%}" for share in learned[name]))
    axes.plot(rates, learned[name], style, ms=8, label=f"{name} BatchNormalization")
axes.set(xscale="log", xlabel="learning rate", ylim=(0, 1), title="Right on test digits, 5 epochs")
axes.set_xticks(rates, rates)
axes.minorticks_off()
axes.legend(loc="lower left")
show(
    figure,
    "Accuracy on the test digits against the learning rate, after 5 epochs. "
    + " ".join(
        f"{name} BatchNormalization: {', '.join(f'{x:.0%}' for x in shares)}."
        for name, shares in learned.items()
    ),
)

# %% [markdown] id="learning-rates-text"
# With a small learning rate both learn, one faster than the other. With a large one, plain gradient
# descent without BatchNormalization fails: its steps are too long, and the network ends at chance.
# With BatchNormalization it still learns. One reason: after normalization, a kernel that is twice
# as large gives the same outputs, and its gradients are half as large. So weights that have grown
# too much are changed less from then on.
#
# **Try:** `Adam` in the place of `SGD`. Is the difference as large?
#
# ### A slight regularizer
#
# BatchNormalization is also said to regularize slightly. Why should it? In training, the output for
# a digit depends on the *other* digits of its batch, which are others each time. That is noise, as
# with Dropout. Left: the same digit in 100 random batches, and by how much its outputs vary. Right:
# two networks learn the 300 digits with the wrong labels, in batches of 20. (This takes some 20
# seconds.)

# %% id="batch-noise-experiment" tags=["experiment"]
batch_sizes, seed = (4, 16, 64, 256), 1

chance = np.random.default_rng(seed)
layer = keras.layers.BatchNormalization()
noise = {}
for size in batch_sizes:
    values = []
    for _ in range(100):
        others = train_flat[chance.choice(1300, size - 1, replace=False)]
        batch = np.concatenate([test_flat[:1], others])
        values.append(np.asarray(layer(batch, training=True))[0])
    noise[size] = np.std(values, axis=0).mean()
    print(f"in batches of {size:3}, an output of the same digit varies by {noise[size]:.2f}")

figure, (spread, curves) = plt.subplots(1, 2, figsize=(10, 3.8), layout="constrained")
spread.bar([str(size) for size in batch_sizes], noise.values(), color="#0072b2")
spread.set(title="How much one digit's outputs vary", xlabel="size of the batch")
normalized = {}
for name, style in ("without", "--"), ("with", "-"):
    keras.utils.set_random_seed(seed)
    stack = [keras.Input((64,))]
    for _ in range(2):
        stack.append(keras.layers.Dense(256))
        if name == "with":
            stack.append(keras.layers.BatchNormalization(momentum=0.9))
        stack.append(keras.layers.ReLU())
    model = keras.Sequential([*stack, keras.layers.Dense(10, "softmax")])
    tests = test_flat / 16, test_labels
    history = train(model, train_flat[:300] / 16, spoiled, 30, tests, rate=0.003, batch=20)
    new = history["val_accuracy"]
    normalized[name] = {"known": history["accuracy"][-1], "best": max(new), "last": new[-1]}
    print(
        f"{name:>7} BatchNormalization: {history['accuracy'][-1]:.0%} of the training labels; of "
        f"the test digits\n{'':>7} {max(new):.0%} at best, {new[-1]:.0%} in the last epoch"
    )
    curves.plot(range(1, 31), new, style, label=f"{name} BatchNormalization")
curves.set(title="Right on the test digits", xlabel="epoch", ylim=(0.7, 1))
curves.legend(loc="lower right")
show(
    figure,
    "Left: how much the outputs of one digit vary in training: "
    + ", ".join(f"{value:.2f} in batches of {size}" for size, value in noise.items())
    + ". Right: accuracy on the test digits against epoch. "
    + " ".join(
        f"{name} BatchNormalization it reaches {of['best']:.0%} and ends at {of['last']:.0%}."
        for name, of in normalized.items()
    ),
)

# %% [markdown] id="batch-noise-text"
# The noise is there, and it is larger in small batches. Whether it helps is another question. Here
# the network with BatchNormalization falls less towards the end, but its best epoch is not better
# than that of the network without. Dropout, in the experiment above, did far more against the wrong
# labels. So "slightly" is the right word: do not use BatchNormalization *as* a regularizer.
#
# **Try:** `batch=5` and `batch=100` in this cell. Which of the two gives more noise, and does it
# show in the curves?
#
# ### Frozen layers
#
# One more fact, which often causes trouble. Suppose that you take somebody's trained network,
# **freeze** a part of it (`layer.trainable = False`), and train the rest on your own data. This is
# called **fine-tuning**. For a Dense layer this means that the optimizer does not change its
# weights. But the moving statistics are changed by a training call, not by the optimizer. So a
# frozen BatchNormalization must do even in `fit` what it does at inference. Does Keras tell it to?


# %% id="batchnormalization-experiment-4" tags=["experiment"]
class Eavesdrop(keras.layers.Layer):
    """Prints the value of `training` that it gets."""

    def call(self, inputs, training=None):
        print(f"an own layer: training={training}, self.trainable={self.trainable}")
        return inputs


spy = Eavesdrop(trainable=False)
spy(train_flat[:50], training=True)
layer = keras.layers.BatchNormalization(momentum=0.5)
for trainable in (True, False):
    layer.trainable = trainable
    outputs = layer(train_flat[:50], training=True)
    told = f"mean of the outputs {ops.mean(outputs):5.2f}"
    print(f"Keras's, trainable={trainable!s:>5}: {told}, moving mean {layer.moving_mean[20]:.2f}")

# %% [markdown] id="batchnormalization-text-4"
# No: a frozen layer gets `training=True` like any other layer. The layer itself must look at
# `self.trainable`, and Keras's own layer does: when it is frozen, its output no longer has mean 0,
# and its moving mean does not change.

# %% [markdown] id="batchnorm-params-exercise"
# ### Exercise: predict the parameters of BatchNormalization
#
# > Difficulty ●○○○○ (1 of 5) · Importance ●●●○○ (3 of 5) · 3 minutes · 2 points
# >
# > Given an input shape with its batch axis, such as `(None, 8, 8, 3)`, return two numbers: how
# > many trainable parameters the layer has, and how many that are not trainable.
#
# <details><summary>Do the rows and columns of a picture count?</summary>
#
# Over which axes do the sums in the formula run? Which axis is left?
# </details>


# %% nbgrader={"grade_id": "batchnorm-params", "solution": true}
def batchnorm_params(input_shape):
    """The numbers of trainable and of non-trainable parameters, as a pair."""
    ### BEGIN SOLUTION
    channels = input_shape[-1]
    return (2 * channels, 2 * channels)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-batchnorm-params", "grade": true, "points": 2}
check(batchnorm_params)
### BEGIN HIDDEN TESTS
check(batchnorm_params, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="moving-mean-after-exercise"
# ### Exercise: predict a moving mean
#
# > Difficulty ●○○○○ (1 of 5) · Importance ●●●●○ (4 of 5) · 3 minutes · 2 points
# >
# > The moving mean of a channel is `old`. There is one training call, with a batch in which the
# > mean of this channel is `batch_mean`. What is the moving mean after the call?
#
# <details><summary>Which of the two gets the momentum?</summary>
#
# Usual values of the momentum are 0.9 or 0.99. Should one batch out of thousands change the moving
# mean a lot, or a little?
# </details>


# %% nbgrader={"grade_id": "moving-mean-after", "solution": true}
def moving_mean_after(old, batch_mean, momentum):
    """The moving mean after one training call."""
    ### BEGIN SOLUTION
    return momentum * old + (1 - momentum) * batch_mean
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-moving-mean-after", "grade": true, "points": 2}
check(moving_mean_after)
### BEGIN HIDDEN TESTS
check(moving_mean_after, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="batchnormalization-text-5"
# You need two things that the layers before did not need. `self.add_weight(..., trainable=False)`
# makes a weight that the optimizer does not change. And each weight takes an `initializer`, such as
# `"ones"` or `"zeros"`; without one it starts with random values. To give a weight a new value,
# call `weight.assign(value)`: `self.weight = value` would only replace the attribute.
#
# You do not need `get_config` this time: Keras saves numbers that `__init__` gets by itself.

# %% [markdown] id="batch-normalization-exercise"
# ### Exercise: write BatchNormalization
#
# > Difficulty ●●●●○ (4 of 5) · Importance ●●●●● (5 of 5) · 40 minutes · 12 points
# >
# > **What is asked**
# >
# > - **shape** (1): the same as the input's, at any rank from 2 on.
# > - **parameters** (2): trainable `gamma` and `beta`, and `moving_mean` and `moving_variance`,
# >   which are not trainable; all four of shape `(channels,)`. The channels are the last axis.
# > - **output** (2): at inference, the formula above with the moving statistics.
# > - **gradient** (1): at inference, gradients reach the inputs, gamma and beta.
# > - **training** (4): with `training=True`, the formula with the statistics of the batch, over
# >   all axes but the last, and a step of the moving statistics at each call; so too in a compiled
# >   model, of unknown batch size. Gradients go through the batch's mean and variance as well. A
# >   new layer starts with gamma 1, beta 0, moving mean 0 and moving variance 1.
# > - **frozen** (1): with `trainable = False` the layer does even in training what it does at
# >   inference, and no weight changes.
# > - **config** (1): `BatchNormalization.from_config(layer.get_config())` is the same layer again.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.BatchNormalization`, and
# > functions that normalize a batch, such as `keras.ops.batch_normalization`,
# > `tf.nn.batch_normalization` and `tf.raw_ops.FusedBatchNormV3`. Functions for a mean, a variance
# > or both (`ops.mean`, `ops.var`, `ops.moments`) are welcome.
#
# <details><summary>The values differ from Keras's, with the same weights</summary>
#
# Compute one number by hand. If the moving mean is 1, the moving variance 0.003, epsilon 0.001,
# gamma 2 and beta 5, what is the output for an input of 1? And for 1.1? What is under the root?
# </details>
#
# <details><summary>The output in training mode is not that of Keras's layer</summary>
#
# Look at your outputs: is the mean of each channel beta? If not, which mean did you subtract? If it
# is, the variance is wrong: print yours and `np.var`, for a batch of four.
# </details>
#
# <details><summary>A training call leaves another value in moving_mean</summary>
#
# Is it the old value? Then nothing was assigned; where in `call` should that happen? Is it another
# value? You predicted such a value in the last exercise: does your layer compute the same?
# </details>
#
# <details><summary>It works for rank 2 and fails for pictures</summary>
#
# Print the shape of your mean. If it has more than one axis, the mean was taken over the samples
# only. How do you write "all axes except the last" when you do not know how many there are?
# </details>
#
# <details><summary>No gradient reaches the inputs in training mode, or it differs</summary>
#
# No gradient passes through `.numpy()`, `np.mean` or `ops.stop_gradient`. The mean and the variance
# depend on the inputs too, and must be computed with `ops` or `tf`.
# </details>
#
# <details><summary>TypeError with None in it</summary>
#
# In a compiled model `inputs.shape` holds `None` in the place of the batch size. Do you divide by a
# number that you counted yourself? `ops.mean` counts when the layer runs.
# </details>
#
# <details><summary>A new layer starts with other values, or my first outputs are nan</summary>
#
# Which of your four weights has no `initializer`? A random variance may be negative, and a negative
# number has no square root.
# </details>


# %% nbgrader={"grade_id": "batch-normalization", "solution": true}
class BatchNormalization(keras.layers.Layer):
    """Each channel to mean 0 and variance 1, then times gamma, plus beta."""

    def __init__(self, momentum=0.99, epsilon=0.001, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.momentum = momentum
        self.epsilon = epsilon
        self.supports_masking = True
        ### END SOLUTION

    def build(self, input_shape):
        ### BEGIN SOLUTION
        def weight(name, start, trainable=True):
            shape = (input_shape[-1],)
            return self.add_weight(name=name, shape=shape, initializer=start, trainable=trainable)

        self.gamma = weight("gamma", "ones")
        self.beta = weight("beta", "zeros")
        self.moving_mean = weight("moving_mean", "zeros", trainable=False)
        self.moving_variance = weight("moving_variance", "ones", trainable=False)
        ### END SOLUTION

    def call(self, inputs, training=False):
        ### BEGIN SOLUTION
        mean, variance = self.moving_mean, self.moving_variance
        if training and self.trainable:
            axes = tuple(range(len(inputs.shape) - 1))  # all but the last
            mean, variance = ops.mean(inputs, axis=axes), ops.var(inputs, axis=axes)
            self._move(self.moving_mean, mean)
            self._move(self.moving_variance, variance)
        normal = (inputs - mean) / ops.sqrt(variance + self.epsilon)
        return self.gamma * normal + self.beta

    def _move(self, moving, batch):
        moving.assign(self.momentum * moving + (1 - self.momentum) * batch)
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-batch-normalization", "grade": true, "points": 12}
check(BatchNormalization)
### BEGIN HIDDEN TESTS
check(BatchNormalization, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="all-three-layers-in-one-network"
# ## All three layers in one network
#
# First, a network with all three of *your* layers, in their usual places: BatchNormalization after
# a convolution, SpatialDropout2D after the feature maps, Dropout before the last Dense layer. Find
# the non-trainable parameters in the summary: where do they come from?

# %% id="all-three-layers-in-one-network-experiment" tags=["experiment"]
pictures = images[..., None]
keras.utils.clear_session()  # Keras numbers its layers; begin at the beginning again
keras.utils.set_random_seed(1)
model = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        keras.layers.Conv2D(16, 3, use_bias=False),  # its bias would be taken away again at once
        BatchNormalization(momentum=0.9),
        keras.layers.Activation("relu"),
        SpatialDropout2D(0.1),
        keras.layers.Flatten(),
        Dropout(0.4),
        keras.layers.Dense(10, activation="softmax"),
    ]
)
model.summary()
history = train(model, pictures[:1300], train_labels, 6, (pictures[1300:], test_labels))
print(f"right on {history['val_accuracy'][-1]:.1%} of the test digits")

# %% [markdown] id="all-three-layers-in-one-network-text"
# Then a last experiment. A small network with your BatchNormalization is trained three times, with
# three values of the momentum, and once more with Keras's layer. All four start from the same
# weights and get the same digits in the same order, 13 batches in each of 10 epochs. Left: the loss
# in training. Right: the loss on the test digits, after each epoch. Before you run the cell (it
# takes some 10 seconds): in which of the two panels will the momentum matter?

# %% id="all-three-layers-in-one-network-experiment-2" tags=["experiment"]
momenta = {"Keras, 0.99": 0.99, "yours, 0.99": 0.99, "yours, 0.5": 0.5, "yours, 0.999": 0.999}
styles = {
    "Keras, 0.99": {"color": "#e69f00", "lw": 8, "alpha": 0.5},
    "yours, 0.99": {"color": "black", "lw": 1.8},
    "yours, 0.5": {"color": "#0072b2", "ls": "--", "marker": "o", "ms": 4},
    "yours, 0.999": {"color": "#009e73", "ls": ":", "marker": "s", "ms": 4},
}
figure, panels = plt.subplots(1, 2, figsize=(10, 4), layout="constrained", sharey=True)
histories = {}
for name, momentum in momenta.items():
    keras.utils.set_random_seed(1)
    kind = keras.layers.BatchNormalization if "Keras" in name else BatchNormalization
    hidden, answer = keras.layers.Dense(64), keras.layers.Dense(10, "softmax")
    parts = [hidden, kind(momentum=momentum), keras.layers.Activation("relu"), answer]
    model = keras.Sequential([keras.Input((64,)), *parts])
    tests = test_flat, test_labels
    history = train(model, train_flat, train_labels, 10, tests, rate=0.003, batch=100)
    histories[name] = history
    for panel, which in zip(panels, ("loss", "val_loss"), strict=True):
        panel.plot(range(1, 11), history[which], label=name, **styles[name])
    known, new = history["accuracy"][-1], history["val_accuracy"][-1]
    print(f"{name:>12}: in the last epoch right on {known:.1%} in training, {new:.1%} in the test")
panels[0].set(xlabel="epoch", yscale="log", title="Loss in training")
panels[1].set(xlabel="epoch", title="Loss on the test digits")
panels[1].legend(frameon=False)
show(
    figure,
    "Left: the training loss of the four networks. Right: their test loss. After 10 epochs it is "
    + ", ".join(f"{of['val_loss'][-1]:.2f} ({name})" for name, of in histories.items())
    + ".",
)

# %% [markdown] id="what-do-you-see"
# ### What do you see?
#
# Look at the two panels and the numbers above them, then answer in a few sentences. (3 points, read
# by your instructor.)
#
# 1. In the left panel the momentum makes no difference at all. Why not?
# 2. In the right panel the network with momentum 0.999 does badly, although it has learned exactly
#    the same weights as the others. Which statistics does it use in the test? How far have they
#    moved after 130 training calls? Name a remedy that needs no more learning.
# 3. A friend's BatchNormalization uses the statistics of the batch even at inference. Would these
#    two panels show it? What would you do to find out?

# %% [markdown] nbgrader={"grade_id": "question-plot", "grade": true, "solution": true, "points": 3}
# ### BEGIN SOLUTION
# 1. In training the layer normalizes by the statistics of the batch, and the moving ones are only
#    updated, not used. (One point.) So outputs, gradients and weights are the same whatever the
#    momentum.
# 2. In the test it uses its moving statistics. (One point.) After 130 calls they still consist of
#    $0.999^{130} = 88\%$ of their starting values, mean 0 and variance 1, and have little to do
#    with the data; with 0.99 it is 27%, with 0.5 nothing. Remedies: call the network on training
#    data with `training=True` but without the optimizer until the moving statistics have changed
#    enough, or compute them once over the training data and assign them.
# 3. Hardly. (One point.) The left panel would be the same, and in the right one the friend's curve
#    would even look good, because a test batch of 497 digits has nearly the same statistics as the
#    training data. Give it one digit alone, then the same digit together with others: the answer
#    must not depend on the other samples. (Or compare outputs at inference with Keras's, for the
#    same weights.)
# ### END SOLUTION

# %% [markdown] id="mended-normalization-exercise"
# ### Exercise: find and mend the fault in Normalization
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●○○ (3 of 5) · 12 minutes · 3 points
# >
# > BatchNormalization learns its moving statistics during training. If mean and variance of the
# > data are known *before* training, no layer has to learn them. `keras.layers.Normalization` gets
# > them as arguments, a list with one number for each feature, and uses them from the first call
# > on, in training and at inference. It has no weights:
# >
# > $$y = \frac{x - \text{mean}}{\sqrt{\text{variance}}}$$
# >
# > Below is such a layer. **One thing in it is wrong.** Run the check first: the card shows where
# > the fault comes out. Then find the fault and mend it. Change as little as you can.
# >
# > The layer earns its points when everything is right, and nothing before: most of it is right
# > already.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.Normalization`.
#
# **How to find a fault.** Read the card first: a row that is right tells you which lines you need
# not read. Then choose numbers for which you know the answer without a computer, and print what the
# layer makes of them. What should become of an input that is equal to the mean? And of one that is
# one standard deviation above the mean?
#
# <details><summary>Which numbers should I choose?</summary>
#
# Take one feature with a mean of 10 and a variance of 4. The standard deviation is the root of the
# variance. Which input is one standard deviation above the mean?
# </details>
#
# <details><summary>The mean becomes 0, but the other number is wrong</summary>
#
# Then the subtraction is right. By what number did your layer divide, and by what number should it?
# </details>


# %% nbgrader={"grade_id": "mended-normalization", "solution": true}
class MendedNormalization(keras.layers.Layer):
    """Each feature to mean 0 and variance 1, by statistics of the data: with one fault."""

    def __init__(self, mean, variance, **kwargs):
        super().__init__(**kwargs)
        self.mean = np.array(mean, dtype="float32")
        self.variance = np.array(variance, dtype="float32")

    def call(self, inputs):
        centred = inputs - self.mean
        ### BEGIN SOLUTION
        return centred / ops.sqrt(self.variance)
        ### GIVEN
        # return centred / self.variance
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-mended-normalization", "grade": true, "points": 3}
check(MendedNormalization)
### BEGIN HIDDEN TESTS
check(MendedNormalization, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="what-you-have-now"
# ## What you have now
#
# | layer | in training | at inference | parameters |
# |---|---|---|---|
# | Dropout | drops single numbers | does nothing | none |
# | SpatialDropout2D | drops whole maps | does nothing | none |
# | BatchNormalization | statistics of the batch | moving statistics | 4 × channels, half trained |
#
# And three things that need no layer of their own: `kernel_regularizer=` adds a penalty on the
# weights to the loss, `self.add_loss(...)` adds any penalty, and `metrics=[...]` measures numbers
# that no penalty changes.
#
# If a network is good in training and bad in use, or the other way round, ask: which of its layers
# behave differently in training and at inference, and in which mode are they now?
#
# BatchNormalization needs a batch, and behaves differently in training and at inference. Unit 13
# has its relatives that do without: LayerNormalization, RMSNormalization and GroupNormalization.
#
# ## References
#
# - N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever, R. Salakhutdinov (2014), *Dropout: A
#   Simple Way to Prevent Neural Networks from Overfitting*, JMLR 15, 1929-1958.
# - J. Tompson, R. Goroshin, A. Jain, Y. LeCun, C. Bregler (2014), *Efficient Object Localization
#   Using Convolutional Networks*, arXiv:1411.4280 (spatial dropout).
# - S. Ioffe, C. Szegedy (2015), *Batch Normalization: Accelerating Deep Network Training by
#   Reducing Internal Covariate Shift*, arXiv:1502.03167.
# - A. Krogh, J. A. Hertz (1991), *A Simple Weight Decay Can Improve Generalization*, Advances in
#   Neural Information Processing Systems 4, 950-957 (L2).
# - R. Tibshirani (1996), *Regression Shrinkage and Selection via the Lasso*, Journal of the Royal
#   Statistical Society B 58(1), 267-288, doi:10.1111/j.2517-6161.1996.tb02080.x (L1).
# - P. Luo, X. Wang, W. Shao, Z. Peng (2018), *Towards Understanding Regularization in Batch
#   Normalization*, arXiv:1809.00846.
