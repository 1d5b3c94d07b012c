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
# # 16 · Residual networks
#
# In 2014 the best networks for pictures had about 20 layers. A year later one had 152. What made
# this possible is an addition: the residual connection of unit 02. In this unit you build three
# blocks of which networks for pictures have been made since then. The **residual block** of ResNet
# has two convolutions and a shortcut. **Squeeze-and-excitation** lets a network decide which of its
# channels count for the picture that it sees. The **inverted residual** of MobileNetV2 needs so few
# weights that it runs on a phone.
#
# The last layer goes the other way: **UpSampling2D** makes pictures larger. You compare it with the
# transposed convolution of unit 07, and its checkerboard disappears.
#
# The parts of the blocks come from earlier units. You may take them from Keras:
# `keras.layers.Conv2D`, `keras.layers.DepthwiseConv2D`, `keras.layers.BatchNormalization` and
# `keras.layers.Dense`.
#
# The [glossary](../glossary.md) explains the words of the course, and gives their Chinese names. In
# a cell, `from grader import glossary` and then `glossary("bias")` prints what a word means.

# %% id="imports"
# Import the grader first: it loads Keras and TensorFlow without their log messages.
from grader import check

import keras
import numpy as np
from keras import ops

# %% [markdown] id="start-text"
# The data are the 1797 handwritten digits of the first units, 8 × 8 pixels each, with ink from 0
# (paper) to 1.

# %% id="start-experiment" tags=["experiment"]
import matplotlib.pyplot as plt

from grader.data import load
from grader.pictures import residual, show

digits = load("digits")
order = np.random.default_rng(0).permutation(1797)
images = digits["images"][order].astype("float32")[..., None] / 16
labels = digits["labels"][order].astype("int32")
print(f"{len(images)} pictures of shape {images.shape[1:]}")

# %% [markdown] id="degradation"
# ## The residual block
#
# More layers can compute more. So a deeper network should reach at least as small a loss *on the
# data that it is trained on*: its additional layers would only have to pass on what they get.
#
# Kaiming He and others tried it in 2015 with **plain networks**, which are convolutions one after
# another, each with a batch normalization and relu. The deeper one was *worse*, in training and not
# only on new pictures. So it was not overfitting. They called this **degradation**. The cell below
# shows it with 6 and with 30 convolutions. (Each network takes some 2 to 10 seconds.)


# %% id="degradation-experiment" tags=["experiment"]
def plain_block(filters):
    """Two convolutions, each with a normalization and relu."""

    def apply(x):
        for _ in range(2):
            x = keras.layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
            x = keras.layers.BatchNormalization()(x)
            x = keras.layers.Activation("relu")(x)
        return x

    return apply


def make_network(block, blocks, seed):
    """A first convolution, some blocks, and a Dense layer on the mean of each channel."""
    keras.utils.set_random_seed(seed)
    inputs = keras.Input((8, 8, 1))
    x = keras.layers.Conv2D(16, 3, strides=2, padding="same", activation="relu")(inputs)
    for _ in range(blocks):
        x = block(16)(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, keras.layers.Dense(10)(x))


def train(model, inputs, answers, epochs, rate=0.005):
    """The loss and the accuracy in training, after each epoch."""
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    adam = keras.optimizers.Adam(rate)
    model.compile(adam, loss, metrics=["accuracy"], jit_compile=False)
    history = model.fit(inputs, answers, batch_size=50, epochs=epochs, verbose=0).history
    return history["loss"], history["accuracy"]


seed, epochs, losses = 1, 4, {}
for name, blocks in (("plain, 6 layers", 3), ("plain, 30 layers", 15)):
    model = make_network(plain_block, blocks, seed)
    losses[name] = train(model, images, labels, epochs)[0]
    print(f"{name}: {model.count_params()} parameters, loss {losses[name][-1]:.2f}", flush=True)

# %% [markdown] id="residual-block-text"
# The 30 layers could do what the 6 layers do. They have the same first layer, and enough weights.
# But the optimizer does not find it: passing numbers on is not easy to learn for a convolution with
# a normalization and relu.
#
# The remedy: the network need not learn it. In a residual block, a **shortcut** carries the inputs
# past the convolutions and adds them to the result. If the convolutions give 0, the block passes
# its inputs on.

# %% id="residual-block-experiment" tags=["experiment"]
residual.draw_blocks().show()

# %% [markdown] id="residual-block-text-2"
# $$\mathrm{inner}(x) = \mathrm{norm}_2(\mathrm{conv}_2(\mathrm{relu}(\mathrm{norm}_1(
# \mathrm{conv}_1(x))))) \qquad y = \mathrm{relu}(\mathrm{inner}(x) + \mathrm{shortcut}(x))$$
#
# | | |
# |---|---|
# | made with | `filters`, and `strides` (one number, 1 by default) |
# | $\mathrm{conv}_1$ | `filters` filters of 3 × 3, with `strides` |
# | $\mathrm{conv}_2$ | `filters` filters of 3 × 3 |
# | shortcut, if the shape stays | $x$ |
# | shortcut, if it changes | $\mathrm{norm}_3(\mathrm{conv}_3(x))$ |
# | $\mathrm{conv}_3$ | `filters` filters of 1 × 1, with `strides` |
#
# All convolutions have padding `same` and no bias. Each normalization is Keras's
# BatchNormalization, as it is by default. The shape stays if `strides` is 1 and there are as many
# filters as input channels. If not, the shortcut needs a convolution that changes the shape in the
# same way: a **projection shortcut**. It has the smallest kernel possible, 1 × 1.
#
# Where does relu stand? *After* the sum:

# %% id="residual-block-experiment-2" tags=["experiment"]
residual.draw_sum().show()

# %% [markdown] id="residual-block-text-3"
# With relu before the sum, a block could only make numbers larger, and so could the next one.

# %% [markdown] id="block-params-exercise"
# ### Exercise: predict the parameters of a residual block
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●○○ (3 of 5) · 5 minutes · 2 points
# >
# > How many **trainable** parameters does `ResidualBlock(filters, strides)` have on inputs with
# > this many channels?
#
# <details><summary>It is right as long as the shape stays</summary>
#
# Which further layers does the table name? When are they there: if the number of channels changes,
# if the size changes, or in both cases?
# </details>
#
# <details><summary>I am off by a multiple of filters</summary>
#
# Which weights of a BatchNormalization are trained? (Unit 03.) How many such layers does the block
# have?
# </details>


# %% nbgrader={"grade_id": "block-params", "solution": true}
def block_params(channels, filters, strides):
    """The number of trainable parameters of ResidualBlock(filters, strides)."""
    ### BEGIN SOLUTION
    total = 9 * channels * filters + 9 * filters * filters + 4 * filters
    if strides != 1 or channels != filters:
        total += channels * filters + 2 * filters
    return total
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-block-params", "grade": true, "points": 2}
check(block_params)
### BEGIN HIDDEN TESTS
check(block_params, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="residual-block-exercise"
# ### Exercise: write ResidualBlock
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●●●● (5 of 5) · 25 minutes · 10 points
# >
# > **What is asked**
# >
# > - **shape** (1): `(batch, height, width, channels)` to `(batch, height', width', filters)`.
# >   A side is divided by `strides` and rounded up. Strides may be as large as the kernel.
# > - **parameters** (2): those of the convolutions and normalizations in the table. Only the total
# >   is judged, and how many are trainable, not the shapes.
# > - **output** (4): the formula above, at inference. Inputs may be zero, and they may be large.
# > - **gradient** (1): gradients reach the inputs and all trainable weights.
# > - **training** (2): with `training=True` the normalizations use the statistics of the batch, and
# >   their moving statistics move on.
# >
# > You may use Keras's layers for all parts.
#
# <details><summary>When do I know whether a projection is needed?</summary>
#
# You need the number of input channels. In which method do you learn it first?
# </details>
#
# <details><summary>The two sides of the sum have different shapes</summary>
#
# Print both shapes. Which arguments of a convolution change the size, and which the number of
# channels? Do both paths have them?
# </details>
#
# <details><summary>output is right, and training is wrong</summary>
#
# Keras hands `training` on to the layers inside yours. Did you write another value into one of
# their calls?
# </details>


# %% nbgrader={"grade_id": "residual-block", "solution": true}
class ResidualBlock(keras.layers.Layer):
    """Two convolutions and a shortcut, with a projection where the shape changes."""

    def __init__(self, filters, strides=1, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.filters, self.strides = filters, strides
        self.first = keras.layers.Conv2D(filters, 3, strides, padding="same", use_bias=False)
        self.first_norm = keras.layers.BatchNormalization()
        self.second = keras.layers.Conv2D(filters, 3, padding="same", use_bias=False)
        self.second_norm = keras.layers.BatchNormalization()
        self.projection = None
        ### END SOLUTION

    def build(self, input_shape):
        ### BEGIN SOLUTION
        if self.strides != 1 or input_shape[-1] != self.filters:
            self.projection = keras.layers.Conv2D(self.filters, 1, self.strides, use_bias=False)
            self.projection_norm = keras.layers.BatchNormalization()
        ### END SOLUTION

    def call(self, inputs, training=None):
        ### BEGIN SOLUTION
        inner = ops.relu(self.first_norm(self.first(inputs), training=training))
        inner = self.second_norm(self.second(inner), training=training)
        if self.projection is not None:
            inputs = self.projection_norm(self.projection(inputs), training=training)
        return ops.relu(inner + inputs)
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-residual-block", "grade": true, "points": 10}
check(ResidualBlock)
### BEGIN HIDDEN TESTS
check(ResidualBlock, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="degradation-text"
# Now the network of 30 layers once more, made of your blocks. It has exactly as many parameters as
# the plain one. (This takes some 10 seconds.)

# %% id="degradation-experiment-2" tags=["experiment"]
model = make_network(ResidualBlock, 15, seed)
losses["residual, 30 layers"] = train(model, images, labels, epochs)[0]
print(f"{model.count_params()} parameters, loss {losses['residual, 30 layers'][-1]:.2f}")

figure, axes = plt.subplots(figsize=(7, 3.4))
for (name, values), style in zip(losses.items(), ("o--", "s:", "D-"), strict=True):
    axes.plot(range(1, epochs + 1), values, style, label=name)
axes.set(title="Loss in training", xlabel="epoch", ylim=(0, None), xticks=range(1, epochs + 1))
axes.legend()
show(
    figure,
    "The loss in training after each epoch. "
    + " ".join(
        f"{name}: {', '.join(f'{loss:.2f}' for loss in values)}." for name, values in losses.items()
    ),
)

# %% [markdown] id="degradation-text-2"
# With 30 layers the plain network has a much larger loss than with 6. With shortcuts, the 30 layers
# train as well as the 6. Not one weight was added.
#
# The losses are those of training, with the statistics of each batch. After so few steps the moving
# statistics are still far from the true ones (unit 03), so do not judge these networks on new
# pictures.
#
# **Try:** `epochs = 8` in both cells. Does the plain network catch up?

# %% [markdown] id="squeeze-intro"
# ## Squeeze-and-excitation
#
# A convolution treats all its channels alike, at every place and for every picture. But which
# channels are useful may depend on the picture as a whole. Jie Hu and others proposed a small layer
# in 2017 that looks at the whole picture and then gives each channel a **scale** from 0 to 1:
#
# - **squeeze**: the mean of each channel, over all pixels;
# - **excitation**: two Dense layers make scales of the means. The first one is narrow, a
#   **bottleneck**, so that the layer stays cheap;
# - each channel is multiplied by its scale, at all pixels alike.

# %% id="squeeze-experiment" tags=["experiment"]
residual.draw_squeeze_excitation().show()

# %% [markdown] id="squeeze-text"
# $$m = \mathrm{mean}_{\,h, w}(x) \qquad
# s = \mathrm{sigmoid}\big(\mathrm{relu}(m\,W_1 + b_1)\,W_2 + b_2\big) \qquad
# y_{h,w,c} = s_c \, x_{h,w,c}$$
#
# | | |
# |---|---|
# | made with | `ratio`, 4 by default |
# | $W_1$, $b_1$ | a Dense layer with `channels // ratio` units |
# | $W_2$, $b_2$ | a Dense layer with as many units as there are channels |
# | shape | stays as it is |

# %% [markdown] id="squeeze-params-exercise"
# ### Exercise: predict the parameters of SqueezeExcitation
#
# > Difficulty ●○○○○ (1 of 5) · Importance ●●○○○ (2 of 5) · 3 minutes · 2 points
# >
# > How many parameters does `SqueezeExcitation(ratio)` have on inputs with this many channels? The
# > number of channels need not be a multiple of the ratio.
#
# <details><summary>I am off by a small number</summary>
#
# What does a Dense layer have besides its matrix, and how many of them?
# </details>


# %% nbgrader={"grade_id": "squeeze-params", "solution": true}
def squeeze_params(channels, ratio):
    """The number of parameters of SqueezeExcitation(ratio)."""
    ### BEGIN SOLUTION
    units = channels // ratio
    return 2 * channels * units + units + channels
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-squeeze-params", "grade": true, "points": 2}
check(squeeze_params)
### BEGIN HIDDEN TESTS
check(squeeze_params, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="squeeze-excitation-exercise"
# ### Exercise: write SqueezeExcitation
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●○○ (3 of 5) · 12 minutes · 9 points
# >
# > **What is asked**
# >
# > - **shape** (1): the same as the input's, `(batch, height, width, channels)`.
# > - **parameters** (2): those of two Dense layers with biases. Only the total is judged.
# > - **output** (4): the formula above. A picture may be a single pixel; inputs may be zero, and
# >   they may be large.
# > - **gradient** (1): gradients reach the inputs and all weights.
# > - **config** (1): `SqueezeExcitation.from_config(layer.get_config())` is the same layer again.
# >
# > You may use `keras.layers.Dense` and any pooling layer.
#
# <details><summary>The shapes do not fit when I multiply</summary>
#
# The scales of a batch of 2 with 8 channels have the shape (2, 8), the inputs (2, 5, 6, 8). Which
# shape must the scales have, so that each channel meets its scale?
# </details>
#
# <details><summary>How many units does the second Dense layer have?</summary>
#
# One for each scale. In which method do you learn how many channels there are?
# </details>


# %% nbgrader={"grade_id": "squeeze-excitation", "solution": true}
class SqueezeExcitation(keras.layers.Layer):
    """Each channel times a scale, which is made of the means of all channels."""

    def __init__(self, ratio=4, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.ratio = ratio
        ### END SOLUTION

    def build(self, input_shape):
        ### BEGIN SOLUTION
        channels = input_shape[-1]
        self.narrow = keras.layers.Dense(channels // self.ratio, activation="relu")
        self.widen = keras.layers.Dense(channels, activation="sigmoid")
        ### END SOLUTION

    def call(self, inputs):
        ### BEGIN SOLUTION
        means = ops.mean(inputs, axis=(1, 2), keepdims=True)
        return inputs * self.widen(self.narrow(means))
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-squeeze-excitation", "grade": true, "points": 9}
check(SqueezeExcitation)
### BEGIN HIDDEN TESTS
check(SqueezeExcitation, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="squeeze-text-2"
# ### What a window cannot see
#
# A task for this layer: a picture has *two* digits, one in the first channel and one in the second.
# Which of the two is asked for? The third channel says it: the second digit if there is a bright
# spot anywhere in this channel, and the first digit if there is none.
#
# A network of three convolutions sees the spot only near the spot. With squeeze-and-excitation
# after the first two, each channel learns of it everywhere. (Each network takes some 5 seconds.)


# %% id="squeeze-experiment-2" tags=["experiment"]
def two_digits(images, labels, count, seed):
    """Pictures with three channels, and the digit that is asked for."""
    random = np.random.default_rng(seed)
    first, second = random.integers(len(images), size=(2, count))
    is_second = random.integers(2, size=count).astype(bool)
    spots = np.zeros((count, 8, 8, 1), "float32")
    rows, columns = random.integers(7, size=(2, count))
    for n in np.flatnonzero(is_second):
        spots[n, rows[n] : rows[n] + 2, columns[n] : columns[n] + 2] = 3
    pictures = np.concatenate([images[first], images[second], spots], axis=-1)
    return pictures, np.where(is_second, labels[second], labels[first])


def make_reader(excited, seed):
    """Three convolutions, the first two with squeeze-and-excitation or without."""
    keras.utils.set_random_seed(seed)
    x = inputs = keras.Input((8, 8, 3))
    for place, filters in enumerate((16, 32, 32)):
        strides = 2 if place == 1 else 1
        x = keras.layers.Conv2D(filters, 3, strides, padding="same", activation="relu")(x)
        if excited and place < 2:
            x = SqueezeExcitation(4)(x)
    return keras.Model(inputs, keras.layers.Dense(10)(keras.layers.Flatten()(x)))


known = two_digits(images[:1300], labels[:1300], 3000, 0)
new = two_digits(images[1300:], labels[1300:], 1000, 1)
seed, read = 1, {}
for name in ("without", "with"):
    model = make_reader(name == "with", seed)
    train(model, *known, 8)
    read[name] = float(np.mean(np.argmax(model(new[0]), axis=1) == new[1]))
    print(
        f"{name} squeeze-and-excitation: {model.count_params()} parameters, {read[name]:.0%} right",
        flush=True,
    )

# %% [markdown] id="squeeze-text-3"
# With a few more parameters the network makes less than half as many mistakes. The spot may be far
# away from the strokes: a mean over the picture carries it to all places in one step. (The network
# without the layer is not helpless. Its last layer sees all pixels, but there it can only add, and
# not switch channels on and off.)
#
# **Try:** `ratio` 16 in the place of 4. How many units does the bottleneck have then?

# %% [markdown] id="inverted-intro"
# ## The inverted residual
#
# The deeper networks of ResNet have blocks with a bottleneck: a convolution of 1 × 1 makes few
# channels of many, one of 3 × 3 works on the few, and another one of 1 × 1 makes many again. The
# shortcut connects the wide ends.
#
# For phones, Mark Sandler and others turned this around in 2018. A block of MobileNetV2 is narrow
# at both ends and wide inside: the **expansion** says how many times as wide. Inside there is a
# *depthwise* convolution (unit 07), which is cheap although it works on many channels. Between two
# blocks, only few numbers must be kept. This block is called an **inverted residual**.

# %% id="inverted-experiment" tags=["experiment"]
residual.draw_inverted().show()

# %% [markdown] id="inverted-text"
# $$\mathrm{inner}(x) = \mathrm{norm}_3(\mathrm{conv}_3(a(\mathrm{norm}_2(\mathrm{depthwise}(
# a(\mathrm{norm}_1(\mathrm{conv}_1(x)))))))) \qquad a(x) = \min(\max(x, 0), 6)$$
#
# The output is $x + \mathrm{inner}(x)$ if `strides` is 1 and there are as many filters as input
# channels. If not, it is $\mathrm{inner}(x)$ alone: this block has no projection shortcut.
#
# | | |
# |---|---|
# | made with | `filters`, `strides` (one number, 1 by default), `expansion` (6 by default) |
# | $\mathrm{conv}_1$ | `expansion` × channels filters of 1 × 1, also if `expansion` is 1 |
# | depthwise | one filter of 3 × 3 for each channel, with `strides` |
# | $\mathrm{conv}_3$ | `filters` filters of 1 × 1 |
#
# All convolutions have padding `same` and no bias, and each normalization is Keras's
# BatchNormalization as it is by default. The activation $a$ is called **relu6**: a relu that does
# not go beyond 6, which suits phones that compute with few digits.
#
# After the last convolution there is *no* activation, and none after the sum. Why not? Relu throws
# away what is below 0. Among many channels the same information is likely to be found once more;
# among few it is lost. The paper shows it with a curve in a plane. A random matrix takes its points
# into a space with more or fewer channels, relu follows, and then we look for the best *linear* way
# back.


# %% id="inverted-experiment-2" tags=["experiment"]
def way_back(channels, seed, relu=True):
    """A spiral after a random matrix, relu and the best linear way back; and the spiral."""
    turns = 2 * np.pi * np.linspace(0.5, 3, 300)
    spiral = np.stack([turns * np.cos(turns), turns * np.sin(turns)], axis=1) / turns.max()
    wide = spiral @ np.random.default_rng(seed).normal(size=(2, channels))
    wide = np.maximum(wide, 0) if relu else wide
    with_ones = np.concatenate([wide, np.ones((300, 1))], axis=1)
    return with_ones @ np.linalg.lstsq(with_ones, spiral, rcond=None)[0], spiral


seed, errors = 0, {}
figure, panels = plt.subplots(1, 4, figsize=(9, 2.6), layout="constrained")
for panel, channels in zip(panels, (2, 3, 5, 30), strict=True):
    back, spiral = way_back(channels, seed)
    errors[channels] = float(np.square(back - spiral).mean() / spiral.var())
    panel.plot(*spiral.T, color="#bbbbbb")
    panel.plot(*back.T, color="#0072b2")
    panel.set(title=f"{channels} channels: {errors[channels]:.4f}", xticks=[], yticks=[])
back, spiral = way_back(2, seed, relu=False)
errors["no relu"] = float(np.square(back - spiral).mean() / spiral.var())
print(f"2 channels without relu: error {errors['no relu']:.4f}")
show(
    figure,
    "A grey spiral, and in blue what a linear layer can make of it after relu. The error, as a "
    "share of the variance: "
    + ", ".join(f"{errors[channels]:.4f} with {channels} channels" for channels in (2, 3, 5, 30))
    + ".",
)

# %% [markdown] id="inverted-text-2"
# With two channels a large part of the spiral is lost, with thirty it comes back nearly as it was.
# Without relu two channels are enough. So the block uses relu6 where it is wide, and none where it
# is narrow: a **linear bottleneck**.

# %% [markdown] id="inverted-params-exercise"
# ### Exercise: predict the parameters of an inverted residual
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●○○○ (2 of 5) · 5 minutes · 2 points
# >
# > How many **trainable** parameters does `InvertedResidual(filters, 1, expansion)` have on inputs
# > with this many channels?
#
# <details><summary>My number is much too large</summary>
#
# How many numbers does a depthwise kernel of 3 × 3 have for each of its channels?
# </details>
#
# <details><summary>The kernels are right, but the sum is not</summary>
#
# There are three normalizations. How many channels does each of them see?
# </details>


# %% nbgrader={"grade_id": "inverted-params", "solution": true}
def inverted_params(channels, filters, expansion):
    """The number of trainable parameters of InvertedResidual(filters, 1, expansion)."""
    ### BEGIN SOLUTION
    wide = expansion * channels
    kernels = channels * wide + 9 * wide + wide * filters
    return kernels + 2 * (wide + wide + filters)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-inverted-params", "grade": true, "points": 2}
check(inverted_params)
### BEGIN HIDDEN TESTS
check(inverted_params, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="inverted-residual-exercise"
# ### Exercise: write InvertedResidual
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●●○○ (3 of 5) · 20 minutes · 10 points
# >
# > **What is asked**
# >
# > - **shape** (1): as that of ResidualBlock.
# > - **parameters** (2): those of the convolutions and normalizations in the table. Only the total
# >   is judged, and how many are trainable, not the shapes.
# > - **output** (4): the formula above, at inference. Inputs may be zero, and they may be large.
# > - **gradient** (1): gradients reach the inputs and all trainable weights.
# > - **training** (2): with `training=True` the normalizations use the statistics of the batch, and
# >   their moving statistics move on.
# >
# > You may use Keras's layers for all parts, and `ops.relu6`.
#
# <details><summary>How wide is the first convolution?</summary>
#
# It depends on the channels that come in, not on `filters`. In which method do you learn how many
# there are?
# </details>
#
# <details><summary>Only the case with strides is wrong</summary>
#
# Which of the three convolutions has the strides? And what is added to its result?
# </details>


# %% nbgrader={"grade_id": "inverted-residual", "solution": true}
class InvertedResidual(keras.layers.Layer):
    """Expand, look at neighbours, project; and add the inputs where the shape stays."""

    def __init__(self, filters, strides=1, expansion=6, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.filters, self.strides, self.expansion = filters, strides, expansion
        ### END SOLUTION

    def build(self, input_shape):
        ### BEGIN SOLUTION
        channels = input_shape[-1]
        self.is_residual = self.strides == 1 and channels == self.filters
        self.expand = keras.layers.Conv2D(self.expansion * channels, 1, use_bias=False)
        self.look = keras.layers.DepthwiseConv2D(3, self.strides, "same", use_bias=False)
        self.project = keras.layers.Conv2D(self.filters, 1, use_bias=False)
        self.norms = [keras.layers.BatchNormalization() for _ in range(3)]
        ### END SOLUTION

    def call(self, inputs, training=None):
        ### BEGIN SOLUTION
        first, second, third = self.norms
        inner = ops.relu6(first(self.expand(inputs), training=training))
        inner = ops.relu6(second(self.look(inner), training=training))
        inner = third(self.project(inner), training=training)
        return inputs + inner if self.is_residual else inner
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-inverted-residual", "grade": true, "points": 10}
check(InvertedResidual)
### BEGIN HIDDEN TESTS
check(InvertedResidual, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="inverted-text-3"
# How much does the depthwise convolution save? Here are the two blocks for as many channels in as
# out.

# %% id="inverted-experiment-3" tags=["experiment"]
for channels in (16, 32, 64):
    full, light = block_params(channels, channels, 1), inverted_params(channels, channels, 6)
    print(f"{channels} channels: residual block {full} parameters, inverted residual {light}")
inside = 9 * (6 * 64) ** 2
print(f"one ordinary convolution of 3 × 3 on the 384 channels inside: {inside} weights")

# %% [markdown] id="inverted-text-4"
# The inverted residual has somewhat fewer parameters than the residual block, although it is six
# times as wide inside. An ordinary convolution on that many channels would alone have more than
# twenty times as many weights as the whole block.

# %% [markdown] id="upsampling-intro"
# ## UpSampling2D
#
# Most layers for pictures make them smaller. Some networks must end with a large picture: they
# draw, or they say for each pixel what it belongs to. Making a picture larger is called
# **upsampling**.
#
# UpSampling2D learns nothing. With **nearest** it repeats each pixel. With **bilinear** it draws
# straight lines between pixels, downwards and to the right, which is called **bilinear
# interpolation**.

# %% id="upsampling-experiment" tags=["experiment"]
residual.draw_up_sampling().show()

# %% [markdown] id="upsampling-text"
# Where do 2 and 6 come from? A pixel is a small square, and its value belongs to the *middle* of
# the square. Each new pixel reads its value at *its own* middle:

# %% id="upsampling-experiment-2" tags=["experiment"]
residual.draw_middles().show()

# %% [markdown] id="upsampling-text-2"
# A new pixel with the number $i$ has its middle at $(i + 0.5) / s$, where $s$ is the size and an
# old pixel is 1 wide. The old pixel $k$ has its middle at $k + 0.5$. Between two old middles the
# value follows the line; before the first middle and after the last one it stays the same.
#
# | | |
# |---|---|
# | `size` | how many times as large: a number, or a pair (rows, columns); `(2, 2)` by default |
# | `interpolation` | `"nearest"`, which is the default, or `"bilinear"` |
# | shape | `(batch, rows × size[0], columns × size[1], channels)` |
# | parameters | none |

# %% [markdown] id="bilinear-row-exercise"
# ### Exercise: predict a row
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●○○○ (2 of 5) · 6 minutes · 2 points
# >
# > A row of two pixels, `left` and `right`, becomes `2 * times` pixels by bilinear interpolation.
# > Return them as a list. `times` is 2, 4 or 8.
#
# <details><summary>My first number is not left</summary>
#
# Where does the middle of the first new pixel lie: before or after the middle of the first old one?
# What does the line do there?
# </details>
#
# <details><summary>The steps between my numbers are too small</summary>
#
# How many new pixels have their middles between the two old middles?
# </details>


# %% nbgrader={"grade_id": "bilinear-row", "solution": true}
def bilinear_row(left, right, times):
    """The `2 * times` pixels that become of a row of two."""
    ### BEGIN SOLUTION
    middles = (np.arange(2 * times) + 0.5) / times
    shares = np.clip(middles - 0.5, 0, 1)
    return [float(left + (right - left) * share) for share in shares]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-bilinear-row", "grade": true, "points": 2}
check(bilinear_row)
### BEGIN HIDDEN TESTS
check(bilinear_row, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="up-sampling2d-exercise"
# ### Exercise: write UpSampling2D
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●●○○ (3 of 5) · 25 minutes · 8 points
# >
# > **What is asked**
# >
# > - **shape** (1): as in the table.
# > - **parameters** (1): none.
# > - **output** (5): nearest and bilinear, as described above. A picture may be a single pixel;
# >   inputs may be zero, and they may be large.
# > - **gradient** (1): gradients reach the inputs.
# >
# > Rows, columns and channels are known when the layer is called; the batch size need not be.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.UpSampling2D` and its siblings
# > for one and three axes, `keras.layers.Resizing`, and functions that resize pictures, such as
# > `keras.ops.image.resize`, `tf.image.resize` and `tf.raw_ops.ResizeBilinear`.
#
# <details><summary>How do I begin with bilinear?</summary>
#
# One axis at a time: first make more rows, then more columns. For one axis, each new pixel is a mix
# of two old ones. Which two, and with which shares?
# </details>
#
# <details><summary>How do I mix without a loop over pixels?</summary>
#
# NumPy can compute for all new pixels at once which old pixel comes before and what the share of
# the next one is. `ops.take(inputs, numbers, axis=1)` gives the rows with these numbers.
# </details>
#
# <details><summary>It is right inside and wrong at the edge</summary>
#
# Which numbers do your first new row and your last one ask for? Are there old pixels with these
# numbers?
# </details>


# %% nbgrader={"grade_id": "up-sampling2d", "solution": true}
class UpSampling2D(keras.layers.Layer):
    """A larger picture: pixels repeated, or lines between them."""

    def __init__(self, size=(2, 2), interpolation="nearest", **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.size = (size, size) if isinstance(size, int) else size
        self.interpolation = interpolation
        ### END SOLUTION

    def call(self, inputs):
        ### BEGIN SOLUTION
        for axis in (1, 2):
            times, length = self.size[axis - 1], inputs.shape[axis]
            if self.interpolation == "nearest":
                inputs = ops.repeat(inputs, times, axis=axis)
                continue
            places = (np.arange(length * times) + 0.5) / times - 0.5
            places = np.clip(places, 0, length - 1)
            before = places.astype(int)
            after = np.minimum(before + 1, length - 1)
            share = (
                (places - before).astype("float32").reshape((-1, 1, 1) if axis == 1 else (-1, 1))
            )
            mixed = ops.take(inputs, before, axis=axis) * (1 - share)
            inputs = mixed + ops.take(inputs, after, axis=axis) * share
        return inputs
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-up-sampling2d", "grade": true, "points": 8}
check(UpSampling2D)
### BEGIN HIDDEN TESTS
check(UpSampling2D, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="checkerboard"
# ### The checkerboard, and how it goes away
#
# In unit 07 a transposed convolution with a kernel of 3 and strides of 2 made a **checkerboard** of
# a plain grey picture. Some outputs get something from two inputs, others from one. The other way
# to twice the size is UpSampling2D, and then an ordinary convolution:

# %% id="checkerboard-experiment" tags=["experiment"]
residual.draw_gains().show()

# %% [markdown] id="checkerboard-text"
# That was one kernel, of ones. Now both ways get a *random* kernel, as at the start of training,
# and a plain grey picture. The **unevenness** is the standard deviation of the pixels inside the
# picture, divided by the mean of their absolute values.

# %% id="checkerboard-experiment-2" tags=["experiment"]
kernel_size, seed = 3, 1


def ways(kernel_size, seed):
    """The pictures that both ways make of grey, without their border."""
    keras.utils.set_random_seed(seed)
    grey = np.ones((1, 8, 8, 1), "float32")
    transposed = keras.layers.Conv2DTranspose(1, kernel_size, strides=2, padding="same")
    convolved = keras.layers.Conv2D(1, kernel_size, padding="same")
    outputs = {
        "transposed convolution": transposed(grey),
        "UpSampling2D, nearest": convolved(UpSampling2D(2)(grey)),
        "UpSampling2D, bilinear": convolved(UpSampling2D(2, "bilinear")(grey)),
    }
    return {name: np.asarray(made)[0, 4:-4, 4:-4, 0] for name, made in outputs.items()}


figure, panels = plt.subplots(1, 3, figsize=(8.4, 3), layout="constrained")
uneven = {}
for panel, (name, picture) in zip(panels, ways(kernel_size, seed).items(), strict=True):
    uneven[name] = float(picture.std() / np.abs(picture).mean())
    middle = picture.mean()
    panel.imshow(picture, cmap="gray", vmin=middle - 1, vmax=middle + 1)
    panel.set(title=name, xticks=[], yticks=[])
    print(f"{name}: unevenness {uneven[name]:.3f}")
show(
    figure,
    f"What becomes of a plain grey picture with a random kernel of {kernel_size}. Unevenness: "
    + ", ".join(f"{name} {value:.3f}" for name, value in uneven.items())
    + ".",
)

# %% [markdown] id="checkerboard-text-2"
# After UpSampling2D every pixel of a grey picture has the same neighbours, so any convolution gives
# the same number everywhere (except at the border). The transposed convolution would first have to
# learn a kernel whose overlaps add up to the same sums. Augustus Odena and others found
# checkerboards in pictures that networks had drawn, and proposed this remedy in 2016.
#
# **Try:** `kernel_size = 4`. In unit 07 the checkerboard of ones was gone with a kernel of 4. Is it
# gone with a random kernel, too?

# %% [markdown] id="what-do-you-see"
# ### What do you see?
#
# Answer in a few sentences. (3 points, read by your instructor.)
#
# 1. The plain network with 30 layers has a larger loss in training than the one with 6. Somebody
#    says: "Of course, it has too many parameters for so few pictures." What is wrong with this
#    explanation?
# 2. In a new residual block, gamma of the second normalization is set to 0 (and beta is 0). What
#    does the block do with inputs that come from another such block? Why may this be a good start
#    for a deep network?
# 3. Somebody leaves out the mean in SqueezeExcitation, so that the two Dense layers work on each
#    pixel by itself. What could such a layer still do? Why would it not help in the experiment with
#    two digits?

# %% [markdown] nbgrader={"grade_id": "question", "grade": true, "solution": true, "points": 3}
# ### BEGIN SOLUTION
# 1. Too many parameters lead to overfitting: a small loss in training and a large one on new
#    pictures. Here the loss in training itself is large. And the residual network has as many
#    parameters, and trains well. (One point.)
# 2. The convolutions add 0, and relu changes nothing, for what comes from such a block is not
#    negative. So the block passes its inputs on, and the whole network begins like one with few
#    layers. Each block can then learn to add a little. (One point.)
# 3. It could still make a channel weaker at a pixel where the other channels say so. But the scales
#    at a pixel would know nothing but what the convolutions have seen in its own window. Far away
#    from the spot nothing says that there is one. (One point.)
# ### END SOLUTION

# %% [markdown] id="mended-conv2d-transpose-exercise"
# ### Exercise: find and mend the fault in Conv2DTranspose
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●●○○ (3 of 5) · 12 minutes · 3 points
# >
# > Below is the layer of unit 07: each pixel stamps the kernel onto a larger picture, and with
# > `padding="same"` the result is cut to length × strides. What is too much is cut off at both
# > ends; if the number is odd, one more at the end.
# >
# > **One thing in it is wrong.** Run the check first: the card shows where the fault comes out.
# > Then find the fault and mend it. Change as little as you can.
# >
# > The layer earns its points when everything is right, and nothing before: its shapes and its
# > weights are right already.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.Conv2DTranspose` and its siblings
# > for one and three axes, `keras.ops.conv_transpose`, and TensorFlow's functions and operations
# > that do it, such as `tf.nn.conv2d_transpose`, `tf.nn.conv_transpose` and
# > `tf.raw_ops.Conv2DBackpropInput`.
#
# **How to find a fault.** Read the card first: which kinds of cases are right, and which are not?
# You need not read the lines that work for the right ones. Then take the smallest picture that
# shows it: one pixel of 1, a kernel of 4 and strides of 1, with padding `same` and with padding
# `valid`.
#
# <details><summary>How do I see what one pixel becomes?</summary>
#
# Make `layer = MendedConv2DTranspose(1, (1, 4), padding="same", use_bias=False)`, call it with
# `np.ones((1, 1, 1, 1))`, and give it a kernel that you recognize:
# `layer.set_weights([np.arange(1.0, 5.0).reshape((1, 4, 1, 1))])`. Call it again.
# </details>
#
# <details><summary>The numbers are right, but the picture is shifted</summary>
#
# How many rows are too many? How many of them does the layer cut off at the beginning, and how many
# at the end?
# </details>


# %% nbgrader={"grade_id": "mended-conv2d-transpose", "solution": true}
class MendedConv2DTranspose(keras.layers.Layer):
    """Every pixel times the kernel, added up on a larger picture: with one fault."""

    def __init__(
        self, filters, kernel_size, strides=(1, 1), padding="valid", use_bias=True, **kwargs
    ):
        super().__init__(**kwargs)
        self.filters, self.padding, self.use_bias = filters, padding, use_bias
        self.size, self.strides = self.pair(kernel_size), self.pair(strides)

    @staticmethod
    def pair(value):
        """One number counts for both sides."""
        return (value, value) if isinstance(value, int) else tuple(value)

    def build(self, input_shape):
        sides = *self.size, self.filters, input_shape[-1]
        self.kernel = self.add_weight(name="kernel", shape=sides)
        if self.use_bias:
            self.bias = self.add_weight(name="bias", shape=(self.filters,), initializer="zeros")

    def get_config(self):
        config = {"filters": self.filters, "kernel_size": self.size, "strides": self.strides}
        return {
            **super().get_config(),
            **config,
            "padding": self.padding,
            "use_bias": self.use_bias,
        }

    def stamp(self, inputs):
        """All that is stamped, before anything is cut off."""
        (height, width), (down, right) = self.size, self.strides
        _, rows, columns, channels = inputs.shape
        behind = ((0, 0), (0, 0), (0, down - 1), (0, 0), (0, right - 1), (0, 0))
        apart = ops.pad(inputs[:, :, None, :, None, :], behind)
        apart = ops.reshape(apart, (-1, rows * down, columns * right, channels))
        around = ((0, 0), (height - 1, height - 1), (width - 1, width - 1), (0, 0))
        turned = ops.transpose(ops.flip(self.kernel, axis=(0, 1)), (0, 1, 3, 2))
        return ops.conv(ops.pad(apart, around), turned, padding="valid")

    def cut(self, length, size, stride):
        """Where the output begins and ends among what is stamped."""
        more = max(size - stride, 0)
        if self.padding == "valid":
            return slice(0, length * stride + more)
        ### BEGIN SOLUTION
        begin = more // 2
        ### GIVEN
        # begin = 0
        ### END SOLUTION
        return slice(begin, begin + length * stride)

    def call(self, inputs):
        rows, columns = (
            self.cut(*side) for side in zip(inputs.shape[1:3], self.size, self.strides, strict=True)
        )
        outputs = self.stamp(inputs)[:, rows, columns]
        return outputs + self.bias if self.use_bias else outputs


# %% nbgrader={"grade_id": "check-mended-conv2d-transpose", "grade": true, "points": 3}
check(MendedConv2DTranspose)
### BEGIN HIDDEN TESTS
check(MendedConv2DTranspose, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="stretch"
# ### Stretch: activation first
#
# > Difficulty ●●●○○ (3 of 5) · 15 minutes · no points: for those who want more
#
# In a stack of your residual blocks, relu stands on the path of the shortcuts: after every block,
# what is below 0 becomes 0. A year after ResNet, its authors moved the normalizations and
# activations to the *front* of the convolutions. In this **pre-activation** block nothing stands on
# the path any more:
#
# $$y = x + \mathrm{conv}_2(\mathrm{relu}(\mathrm{norm}_2(\mathrm{conv}_1(\mathrm{relu}(
# \mathrm{norm}_1(x))))))$$
#
# Write it, with as many filters as there are input channels, and no strides. Nothing is graded
# here. The cell below sets the weights of the last convolution to 0 and looks at what the block
# makes of numbers below 0.


# %% nbgrader={"grade_id": "pre-activation-block", "solution": true}
class PreActivationBlock(keras.layers.Layer):
    """A residual block whose path from end to end holds additions only."""

    def build(self, input_shape):
        ### BEGIN SOLUTION
        channels = input_shape[-1]
        self.norms = [keras.layers.BatchNormalization() for _ in range(2)]
        self.convs = [
            keras.layers.Conv2D(channels, 3, padding="same", use_bias=False) for _ in range(2)
        ]
        ### END SOLUTION

    def call(self, inputs, training=None):
        ### BEGIN SOLUTION
        inner = inputs
        for norm, conv in zip(self.norms, self.convs, strict=True):
            inner = conv(ops.relu(norm(inner, training=training)))
        return inputs + inner
        ### END SOLUTION


# %% id="stretch-experiment" tags=["experiment"]
kept = {}
numbers = np.random.default_rng(0).normal(size=(2, 8, 8, 16)).astype("float32")
try:
    for name, block in (
        ("activation first", PreActivationBlock()),
        ("as above", ResidualBlock(16)),
    ):
        block(numbers)
        for weight in block.trainable_weights:
            if len(weight.shape) == 4:  # a kernel
                weight.assign(0 * weight)
        kept[name] = float(np.mean(np.isclose(block(numbers), numbers, atol=1e-6)))
        print(f"{name}: {kept[name]:.0%} of the numbers come out as they went in")
except NotImplementedError:
    print("PreActivationBlock is not written yet")

# %% [markdown] id="stretch-text"
# With the activation first all numbers arrive, however many blocks there are. Compare pre-norm in
# unit 13: the same idea, found again for Transformers.

# %% [markdown] id="what-you-have-now"
# ## What you have now
#
# | layer | what it does | what is new in it |
# |---|---|---|
# | ResidualBlock | two convolutions and a shortcut | a projection where the shape changes |
# | SqueezeExcitation | scales each channel | the scales come from the whole picture |
# | InvertedResidual | narrow, wide, narrow | depthwise inside, no activation where it is narrow |
# | UpSampling2D | makes pictures larger | no weights, and no checkerboard |
#
# ## References
#
# - K. He, X. Zhang, S. Ren, J. Sun (2015), *Deep Residual Learning for Image Recognition*,
#   arXiv:1512.03385 (degradation, the residual block).
# - K. He, X. Zhang, S. Ren, J. Sun (2016), *Identity Mappings in Deep Residual Networks*,
#   arXiv:1603.05027 (activation first).
# - J. Hu, L. Shen, S. Albanie, G. Sun, E. Wu (2017), *Squeeze-and-Excitation Networks*,
#   arXiv:1709.01507.
# - M. Sandler, A. Howard, M. Zhu, A. Zhmoginov, L. Chen (2018), *MobileNetV2: Inverted Residuals
#   and Linear Bottlenecks*, arXiv:1801.04381.
# - A. Odena, V. Dumoulin, C. Olah (2016), *Deconvolution and Checkerboard Artifacts*, Distill,
#   doi:10.23915/distill.00003.
