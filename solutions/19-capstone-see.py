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
# # 19 · A network that sees
#
# In this unit your layers become a residual network that reads handwritten digits. It is a small
# ResNet: convolutions, normalizations, shortcuts, one pooling, one Dense layer, all of them
# yours.
#
# You do four things:
#
# 1. You predict how many parameters the network has, and how far it sees.
# 2. You build it, and give it weights that were learned before. Then its **logits** must be those
#    of the network that these weights come from, stage by stage.
# 3. You train a network of your own. It is tested on digits that are in none of your files.
# 4. You find out what each of its parts is good for, and write a report.
#
# You need units 01, 03, 06, 08 and 16, and their solutions. The cell that trains takes about a
# minute, the experiment for the report less for each seed.
#
# The [glossary](../glossary.md) explains the words of the course, and gives their Chinese names. In
# a cell, `from grader import glossary` and then `glossary("bias")` prints what a word means.

# %% id="imports"
# Import the grader first: it loads Keras and TensorFlow without their log messages.
from grader import check

import keras
import numpy as np
from keras import ops

from grader.data import load

# %% [markdown] id="network-text"
# ## The network
#
# The picture shows it with 16 filters, 3 blocks and 10 classes. The shapes on the arrows are those
# of one picture; below each part stands how many trainable parameters it has.

# %% id="network-experiment" tags=["experiment"]
import matplotlib.pyplot as plt

from grader.pictures import seeing, show

seeing.draw_network().show()

# %% [markdown] id="network-text-2"
# - The **stem** is a convolution, a normalization and relu.
# - The blocks are those of unit 16. Block 0 keeps the shape. Each further block has strides of 2
#   and twice as many filters as the block before, so its shortcut has a projection.
# - Global average pooling takes the mean of each channel. A Dense layer, the **head**, makes one
#   logit for each class.
#
# The first ResNets had the same plan, with more blocks (He and others 2016). They doubled the
# filters where they halved the picture, too, so that each block needs about the same number of
# multiplications.
#
# **Before you go on**, predict: which part has the most parameters? Where are the fewest numbers
# between two parts?

# %% [markdown] id="resnet-params-exercise"
# ### Exercise: predict the parameters of the network
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●○○ (3 of 5) · 8 minutes · 2 points
# >
# > How many **trainable** parameters does `ResNet(filters, blocks, classes)` have on pictures of
# > one channel? No convolution has a bias; the head has one. Each convolution is followed by a
# > BatchNormalization, those of the shortcuts as well.
#
# <details><summary>It is right for one block only</summary>
#
# What do block 1 and block 2 have that block 0 has not? How many channels do their inputs have?
# </details>
#
# <details><summary>I am off by a few filters</summary>
#
# Which weights of a BatchNormalization are trained? How many normalizations are in the stem?
# </details>


# %% nbgrader={"grade_id": "resnet-params", "solution": true}
def resnet_params(filters, blocks, classes):
    """The number of trainable parameters of ResNet(filters, blocks, classes)."""
    ### BEGIN SOLUTION
    total, channels = 9 * filters + 2 * filters, filters
    for number in range(blocks):
        wide = filters * 2**number
        total += 9 * channels * wide + 9 * wide * wide + 4 * wide
        if number > 0:
            total += channels * wide + 2 * wide
        channels = wide
    return total + channels * classes + classes
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-resnet-params", "grade": true, "points": 2}
check(resnet_params)
### BEGIN HIDDEN TESTS
check(resnet_params, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="resnet-field-exercise"
# ### Exercise: predict how far the network sees
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●●○○ (3 of 5) · 8 minutes · 2 points
# >
# > How many pixels of a row can influence one number in the output of the last block? This is its
# > receptive field (unit 08). The picture is so large that its edges play no part.
#
# <details><summary>Do I count along the shortcut or along the convolutions?</summary>
#
# The two are added. Which of them brings news from further away?
# </details>
#
# <details><summary>It is right for one block only</summary>
#
# After a stride of 2, two neighbours lie two pixels of the picture apart. By how many pixels does a
# window of 3 reach further then?
# </details>


# %% nbgrader={"grade_id": "resnet-field", "solution": true}
def resnet_field(blocks):
    """How many pixels of a row a number behind so many blocks depends on."""
    ### BEGIN SOLUTION
    field, apart = 3, 1
    for number in range(blocks):
        field += 2 * apart
        if number > 0:
            apart *= 2
        field += 2 * apart
    return field
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-resnet-field", "grade": true, "points": 2}
check(resnet_field)
### BEGIN HIDDEN TESTS
check(resnet_field, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="parts-text"
# ## Your parts
#
# Four layers come from earlier units: Dense of unit 01, BatchNormalization of unit 03, Conv2D of
# unit 06 and GlobalAvgPool2D of unit 08. Copy your classes into the next cell. If one of them is
# missing, write a short version: this network has only square kernels, padding `same`, and
# convolutions without biases. The cell has no points. The cell after it compares your parts with
# those of Keras.


# %% nbgrader={"grade_id": "parts", "solution": true}
### BEGIN SOLUTION
class Conv2D(keras.layers.Layer):
    """Convolution with a square kernel, padding `same` and no bias, from patches (unit 06)."""

    def __init__(self, filters, kernel_size, strides=1, padding="same", use_bias=False, **kwargs):
        super().__init__(**kwargs)
        self.filters, self.kernel_size, self.strides = filters, kernel_size, strides

    def build(self, input_shape):
        shape = (self.kernel_size, self.kernel_size, input_shape[-1], self.filters)
        self.kernel = self.add_weight(name="kernel", shape=shape, initializer="glorot_uniform")

    def call(self, inputs):
        size, step = self.kernel_size, self.strides
        lasts, pads = [], []
        for length in inputs.shape[1:3]:
            last = (-(-length // step) - 1) * step
            missing = max(last + size - length, 0)
            lasts.append(last)
            pads.append((missing // 2, missing - missing // 2))
        padded = ops.pad(inputs, ((0, 0), *pads, (0, 0)))
        down, right = lasts
        patches = [
            padded[:, i : i + down + 1 : step, j : j + right + 1 : step]
            for i in range(size)
            for j in range(size)
        ]
        kernel = ops.reshape(self.kernel, (-1, self.filters))
        return ops.matmul(ops.concatenate(patches, axis=-1), kernel)


class BatchNormalization(keras.layers.Layer):
    """Each channel to mean 0 and variance 1, then times gamma, plus beta (unit 03)."""

    def __init__(self, momentum=0.99, epsilon=0.001, **kwargs):
        super().__init__(**kwargs)
        self.momentum, self.epsilon = momentum, epsilon

    def build(self, input_shape):
        shape = input_shape[-1:]
        self.gamma = self.add_weight(name="gamma", shape=shape, initializer="ones")
        self.beta = self.add_weight(name="beta", shape=shape, initializer="zeros")
        self.moving_mean = self.add_weight(
            name="moving_mean", shape=shape, initializer="zeros", trainable=False
        )
        self.moving_variance = self.add_weight(
            name="moving_variance", shape=shape, initializer="ones", trainable=False
        )

    def call(self, inputs, training=False):
        mean, variance = self.moving_mean, self.moving_variance
        if training:
            axes = tuple(range(len(inputs.shape) - 1))
            mean, variance = ops.mean(inputs, axis=axes), ops.var(inputs, axis=axes)
            for moving, batch in ((self.moving_mean, mean), (self.moving_variance, variance)):
                moving.assign(self.momentum * moving + (1 - self.momentum) * batch)
        factor = self.gamma / ops.sqrt(variance + self.epsilon)
        return inputs * factor + (self.beta - mean * factor)


class GlobalAvgPool2D(keras.layers.Layer):
    """The mean of each channel (unit 08)."""

    def call(self, inputs):
        return ops.mean(inputs, axis=(1, 2))


class Dense(keras.layers.Layer):
    """Weighted sums along the last axis (unit 01)."""

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        shape = (input_shape[-1], self.units)
        self.kernel = self.add_weight(name="kernel", shape=shape, initializer="glorot_uniform")
        self.bias = self.add_weight(name="bias", shape=(self.units,), initializer="zeros")

    def call(self, inputs):
        return ops.matmul(inputs, self.kernel) + self.bias


### END SOLUTION

# %% id="parts-experiment" tags=["experiment"]
like_a_picture = np.random.default_rng(0).normal(size=(2, 8, 6, 3)).astype("float32")
for name, kind in (
    ("Conv2D", {"filters": 4, "kernel_size": 3, "padding": "same", "use_bias": False}),
    ("Conv2D", {"filters": 4, "kernel_size": 1, "strides": 2, "use_bias": False}),
    ("BatchNormalization", {}),
    ("GlobalAvgPool2D", {}),
    ("Dense", {"units": 5}),
):
    own, of_keras = globals()[name](**kind), getattr(keras.layers, name)(**kind)
    options = {"training": True} if name == "BatchNormalization" else {}
    of_keras(like_a_picture), own(like_a_picture)
    own.set_weights(of_keras.get_weights())
    gap = np.abs(own(like_a_picture, **options) - of_keras(like_a_picture, **options)).max()
    print(f"{name:>18}: largest difference {gap:.1g}")

# %% [markdown] id="resnet-text"
# ## Weights by name
#
# The file `digits_model.npz` in `data/` holds the weights of such a network. They were learned from
# the 1797 digits of `digits.npz`, by the script `data/train.py`. You **port** this network, as you
# may have done with the model of unit 18: the same formulas, written once more, must give the same
# logits. Weights in a file have names, and that is all that tells you where they belong.

# %% id="resnet-code"
SIZES = {"filters": 16, "blocks": 3, "classes": 10}
weights = load("digits_model")

by_thirteen, by_thirty = load("digits"), load("more_digits")
images = np.concatenate([by_thirteen["images"], by_thirty["images"]])
images = images[..., None].astype("float32") / 16  # (4797, 8, 8, 1)
labels = np.concatenate([by_thirteen["labels"], by_thirty["labels"]]).astype("int32")

# %% id="resnet-experiment" tags=["experiment"]
for name, value in weights.items():
    if not name.startswith(("block_0.norm", "block_2.")):
        print(f"{name:24} {value.shape}")
print("and so on:", len(weights), "arrays,", sum(v.size for v in weights.values()), "numbers")

# %% [markdown] id="resnet-text-2"
# | name | belongs to |
# |---|---|
# | `stem.conv` | the convolution of the stem, 3 × 3 |
# | `stem.norm.gamma`, `.beta` | scale and shift of its normalization |
# | `stem.norm.mean`, `.variance` | the moving statistics of its normalization |
# | `block_0.conv_1` | the first convolution of block 0, 3 × 3: the one with strides |
# | `block_0.norm_1.gamma` and so on | the normalization after it |
# | `block_0.conv_2`, `block_0.norm_2.gamma` and so on | the second pair, 3 × 3 |
# | `block_1.conv_3`, `block_1.norm_3.gamma` and so on | the projection, 1 × 1: from block 1 on |
# | `head.kernel`, `head.bias` | the last Dense layer |
#
# Kernels have the shape `(height, width, channels, filters)`, as in Keras. The normalizations have
# the epsilon of Keras's BatchNormalization, 0.001. All convolutions have padding `same` and no
# bias. The momentum is up to you: for a training of a few hundred steps, 0.9 suits better than
# 0.99.
#
# If the logits are wrong, you compare both networks part by part, from the picture on. All that
# comes before the first difference is right. For this your network has a method that gives *all*
# of its **stages**:
#
# | stage | |
# |---|---|
# | stem | after its relu |
# | inner 0 | what comes out of the convolutions of block 0, *before* the sum |
# | shortcut 0 | the other side of the sum: the inputs of block 0, or their projection |
# | block 0 | after the sum and its relu |
# | inner 1, shortcut 1, block 1 and so on | three stages for each block |
# | means | after pooling, `(batch, channels)` |
# | logits | `(batch, classes)` |

# %% [markdown] id="resnet-exercise"
# ### Exercise: write ResNet
#
# > Difficulty ●●●●○ (4 of 5) · Importance ●●●●● (5 of 5) · 45 minutes · 12 points
# >
# > It is made with `filters`, `blocks` and `classes`. Pictures are
# > `(batch, height, width, channels)`.
# >
# > - `model(images)` gives logits, `(batch, classes)`.
# > - `model.load(weights)` gives each weight the value of its name. It is called after a first call
# >   of the network, and its argument is a dict of arrays, named as above.
# > - `model.stages(images)` gives the list of all stages, at inference.
# >
# > **What is asked**
# >
# > - **shape** (1): that of the logits. A picture may have several channels, or a single row.
# > - **parameters** (1): those in the table. Only the total is judged, and how many are trainable.
# > - **loading** (2): after `load`, your weights hold the given numbers, in any form and order.
# > - **output** (4): the logits at inference, with random weights and with those of the file.
# > - **stages** (4): each stage. The card names the first one that differs.
# >
# > Use your own layers. (Those of Keras pass here, but not in the exercise on training.) You may
# > begin with your ResidualBlock of unit 16.
#
# <details><summary>The first stage that differs: inner 1, and all before it are right</summary>
#
# What is new in block 1? On which side does `same` pad, if 8 pixels meet a window of 3 with strides
# of 2? (Unit 06.)
# </details>
#
# <details><summary>All stages differ a little, from the stem on</summary>
#
# A normalization has four weights and one number that is not in the file. Which one?
# </details>
#
# <details><summary>One picture by itself gives other logits than in a batch</summary>
#
# Which statistics do your normalizations use, if nobody says `training`?
# </details>


# %% nbgrader={"grade_id": "resnet", "solution": true}
### BEGIN SOLUTION
class Block(keras.layers.Layer):
    """A residual block of own layers, which gives its three stages."""

    def __init__(self, filters, strides):
        super().__init__()
        options = {"padding": "same", "use_bias": False}
        self.conv_1 = Conv2D(filters, 3, strides=strides, **options)
        self.conv_2 = Conv2D(filters, 3, **options)
        self.norm_1, self.norm_2 = (BatchNormalization(momentum=0.9) for _ in range(2))
        self.is_projected = strides != 1
        if self.is_projected:
            self.conv_3 = Conv2D(filters, 1, strides=strides, **options)
            self.norm_3 = BatchNormalization(momentum=0.9)

    def call(self, inputs, training=False):
        inner = ops.relu(self.norm_1(self.conv_1(inputs), training=training))
        inner = self.norm_2(self.conv_2(inner), training=training)
        if self.is_projected:
            inputs = self.norm_3(self.conv_3(inputs), training=training)
        return inner, inputs, ops.relu(inner + inputs)


### END SOLUTION
class ResNet(keras.Model):
    """A residual network: from pictures to logits."""

    def __init__(self, filters, blocks, classes, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.stem_conv = Conv2D(filters, 3, padding="same", use_bias=False)
        self.stem_norm = BatchNormalization(momentum=0.9)
        self.blocks = [Block(filters * 2**n, 2 if n else 1) for n in range(blocks)]
        self.pool, self.head = GlobalAvgPool2D(), Dense(classes)
        ### END SOLUTION

    def call(self, images, training=False):
        """Logits for each picture."""
        ### BEGIN SOLUTION
        return self.run(images, training)[-1]
        ### END SOLUTION

    def stages(self, images):
        """The list of all stages."""
        ### BEGIN SOLUTION
        return self.run(images, False)

    def run(self, images, training):
        """All stages, in training or at inference."""
        found = [ops.relu(self.stem_norm(self.stem_conv(images), training=training))]
        for block in self.blocks:
            found += block(found[-1], training=training)
        found.append(self.pool(found[-1]))
        return [*found, self.head(found[-1])]
        ### END SOLUTION

    def load(self, weights):
        """Give each weight the value of its name."""
        ### BEGIN SOLUTION
        places = {"stem.conv": self.stem_conv, "stem.norm": self.stem_norm}
        for number, block in enumerate(self.blocks):
            for part in ("conv_1", "norm_1", "conv_2", "norm_2", "conv_3", "norm_3"):
                if hasattr(block, part):
                    places[f"block_{number}.{part}"] = getattr(block, part)
        for name, layer in places.items():
            if "conv" in name:
                layer.kernel.assign(weights[name])
            else:
                layer.gamma.assign(weights[f"{name}.gamma"])
                layer.beta.assign(weights[f"{name}.beta"])
                layer.moving_mean.assign(weights[f"{name}.mean"])
                layer.moving_variance.assign(weights[f"{name}.variance"])
        self.head.kernel.assign(weights["head.kernel"])
        self.head.bias.assign(weights["head.bias"])
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-resnet", "grade": true, "points": 12}
check(ResNet)
### BEGIN HIDDEN TESTS
check(ResNet, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="resnet-text-3"
# Now your network reads. The weights have seen the digits of thirteen writers. How well do they
# read those of the thirty others? And what do you see in the stages if a single thing is wrong? In
# the next cell a second network gets the same weights, except that the moving mean and the moving
# variance of `block_1.norm_3` stay as in a new layer, 0 and 1.
#
# **Before you run it**, predict: which stages of the two networks are the same?

# %% id="resnet-experiment-2" tags=["experiment"]


def loaded(weights):
    """A ResNet with these weights."""
    model = ResNet(**SIZES)
    model(np.zeros((1, 8, 8, 1), "float32"))  # makes the weights
    model.load(weights)
    return model


def share_right(model, images, labels):
    """The share of the pictures that a model reads rightly, in parts of 500."""
    parts = [model(images[start : start + 500]) for start in range(0, len(images), 500)]
    return float(np.mean(np.concatenate(parts).argmax(axis=1) == labels))


ported = loaded(weights)
known = share_right(ported, images[:1000], labels[:1000])
others = share_right(ported, images[1797:2797], labels[1797:2797])
print(f"right: {known:.1%} of digits it has seen, {others:.1%} of digits by others")

incomplete = weights | {
    "block_1.norm_3.mean": np.zeros(32, "float32"),
    "block_1.norm_3.variance": np.ones(32, "float32"),
}
STAGES = ["stem"]
STAGES += [f"{part} {n}" for n in range(3) for part in ("inner", "shortcut", "block")]
STAGES += ["means", "logits"]
broken = loaded(incomplete)
both = zip(ported.stages(images[:100]), broken.stages(images[:100]), strict=True)
gaps = [float(np.abs(one - other).max()) for one, other in both]
for name, gap in zip(STAGES, gaps, strict=True):
    print(f"{name:>12}: largest difference {gap:.2g}")
print(f"right with the second network: {share_right(broken, images[:1000], labels[:1000]):.1%}")

# %% [markdown] id="resnet-text-4"
# The stages before the incomplete normalization are the same, and so is inner 1, which does not
# pass it. From shortcut 1 on all others differ. You see the place. The accuracy would have told you
# nothing: the network still reads nearly all of these digits.
#
# **Try:** exchange `block_0.norm_1.gamma` and `block_0.norm_1.beta`. Which is the first stage that
# differs?

# %% [markdown] id="varied-text"
# ## A network of your own
#
# You have 4797 digits to learn from. From each of them you can make others that a writer might
# have written as well: turned a little, a little larger or smaller, moved by part of a pixel. This
# is called **data augmentation**. The labels stay as they are.

# %% id="varied-code"


def varied(images, random, turn=10, zoom=0.1, shift=0.7):
    """Each picture turned (degrees), zoomed and moved (pixels) a little, all by chance."""
    count, side = len(images), images.shape[1]
    angle = np.deg2rad(random.uniform(-turn, turn, (count, 1, 1)))
    scale = random.uniform(1 - zoom, 1 + zoom, (count, 1, 1))
    down, right = random.uniform(-shift, shift, (2, count, 1, 1))
    rows, columns = np.mgrid[:side, :side] - (side - 1) / 2
    # for each new pixel, the place in the old picture that it is taken from
    y = scale * (np.cos(angle) * rows - np.sin(angle) * columns) + down
    x = scale * (np.sin(angle) * rows + np.cos(angle) * columns) + right
    paper = np.pad(images[..., 0], ((0, 0), (3, 3), (3, 3)))
    y, x = (np.clip(part + (side + 5) / 2, 0, side + 4.99) for part in (y, x))
    top, left = y.astype(int), x.astype(int)
    low, far, number = y - top, x - left, np.arange(count)[:, None, None]
    mixed = (1 - low) * (1 - far) * paper[number, top, left]
    mixed += (1 - low) * far * paper[number, top, left + 1]
    mixed += low * (1 - far) * paper[number, top + 1, left]
    mixed += low * far * paper[number, top + 1, left + 1]
    return mixed[..., None].astype("float32")


# %% id="varied-experiment" tags=["experiment"] jupyter={"source_hidden": true}
figure, panels = plt.subplots(3, 8, figsize=(8, 3.3), layout="constrained")
random = np.random.default_rng(0)
for row, number in zip(panels, (16, 2, 9), strict=True):
    one = images[[number]]
    for column, panel in enumerate(row):
        panel.imshow((one if column == 0 else varied(one, random))[0, ..., 0], cmap="gray_r")
        panel.set(xticks=[], yticks=[])
panels[0, 0].set_title("as written", fontsize=10)
panels[0, 4].set_title("varied", fontsize=10)
show(
    figure,
    f"Three digits, {labels[16]}, {labels[2]} and {labels[9]}, each as it was written and in "
    "seven versions that are turned, zoomed and moved a little.",
)

# %% [markdown] id="varied-text-2"
# **Try:** `varied(one, random, turn=60)`. Which digits become others? An augmentation must not
# change what the right answer is.

# %% [markdown] id="digit-reader-exercise"
# ### Exercise: train a network that reads
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●●●● (5 of 5) · 40 minutes · 8 points
# >
# > Train your ResNet, in any size, on `images` and `labels`. `digit_reader()` returns the trained
# > network; train it outside of the function, so that it is trained only once.
# >
# > **What is asked**
# >
# > - **accuracy** (8): for images of shape `(batch, 8, 8, 1)` with ink from 0 to 1, the network
# >   gives ten scores for each (probabilities or logits). The largest score belongs to the right
# >   digit for at least 98.5 % of 823 images that are not in this notebook. They come from the
# >   thirty writers of `more_digits`. Only a network that has learned counts: it has trainable
# >   weights in layers of your own, and its answers depend on them. (The check shuffles the numbers
# >   within each weight and then restores them.)
# >
# > The cell is run once more when your work is graded, and is stopped there after two minutes.
# > Aim at less than a minute on your machine: the other may be slower. The check does not train.
# > Not allowed, in any copy of Keras or TensorFlow: Keras's own `Conv2D`, `Dense`, `EinsumDense`,
# > `Activation`, `Flatten` and pooling layers; nor `keras.layers.BatchNormalization`, and functions
# > that normalize a batch, such as `keras.ops.batch_normalization`, `tf.nn.batch_normalization` and
# > `tf.raw_ops.FusedBatchNormV3`.
#
# <details><summary>The loss is nan, or does not fall</summary>
#
# The network gives logits. Does your loss know that (`from_logits=True`)? Try a learning rate
# between 0.001 and 0.01.
# </details>
#
# <details><summary>Right on all digits in training, and not often enough here</summary>
#
# This is overfitting. Does the learning rate fall towards the end (`keras.optimizers.schedules`)?
# Is there a `weight_decay`? Have you tried varied digits, other ones in each round? Are the last
# rounds for the digits as they were written?
#
# You can also smooth the labels. With
# `keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)`, the network should
# give the right digit a probability of 91 %, not of 100 %. This loss needs each label as a row of
# ten numbers: `np.eye(10)[labels]`.
# </details>
#
# <details><summary>Right in training, and at inference it guesses</summary>
#
# At inference the moving statistics count. How many steps do they need to arrive, with a momentum
# of 0.99? (Unit 03.)
# </details>
#
# <details><summary>It takes too long</summary>
#
# 12 filters and 3 blocks are enough, and so are twelve rounds through all digits, in batches of 50.
# The first round takes longest, since TensorFlow prepares the training in it: do not call `compile`
# again in each round.
# `jit_compile=False` in `compile` saves the time of compiling. If your Conv2D takes windows with
# `ops.take`, try slices instead: each of the nine patches is one slice of the padded picture.
# </details>
#
# <details><summary>How do I know, without the hidden digits?</summary>
#
# Keep some of `more_digits` for yourself while you try things. Train on all of them at the end.
# </details>


# %% nbgrader={"grade_id": "digit-reader", "solution": true}
def digit_reader():
    """The network, trained already."""
    ### BEGIN SOLUTION
    return own_network
    ### END SOLUTION


### BEGIN SOLUTION
keras.utils.set_random_seed(1)
own_network = ResNet(12, 3, 10)
random, rounds, batch = np.random.default_rng(1), 12, 50
falling = keras.optimizers.schedules.CosineDecay(0.01, rounds * len(images) // batch)
own_network.compile(
    keras.optimizers.AdamW(falling, weight_decay=0.05),
    loss=keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1),
    jit_compile=False,
)
for number in range(rounds):
    # seven of ten digits are varied, anew in each round; in the last two rounds none
    share = 0.7 if number < rounds - 2 else 0
    is_varied = random.random((len(images), 1, 1, 1)) < share
    seen = np.where(is_varied, varied(images, random), images)
    own_network.fit(seen, np.eye(10)[labels], batch_size=batch, verbose=0)
### END SOLUTION

# %% nbgrader={"grade_id": "check-digit-reader", "grade": true, "points": 8}
check(digit_reader)
### BEGIN HIDDEN TESTS
check(digit_reader, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="ablation-text"
# ## What is each part good for?
#
# In an **ablation** you leave out one part of a model at a time, train it again, and see what that
# costs. The next cell does it with your layers, in a network of 8 filters. It learns from 2000
# digits by the thirty writers, and is tested on 1000 others of theirs. Each network takes a few
# seconds. As it stands, the cell trains two networks, each once.
#
# One training is one throw of the dice: another seed, another result. So repeat it, and compare
# each difference with the **spread** between seeds. Another limit is the number of digits. If 970
# of 1000 are right, the share has a standard error of $\sqrt{0.97 \cdot 0.03 / 1000} = 0.5$ %.
#
# **Before you run it**, write down what you expect of each change.

# %% id="ablation-experiment" tags=["experiment"]
SEEDS = (1,)  # for the report: (1, 2, 3)
MORE = False  # for the report: True
CHANGES = {"all of it": {}, "no normalization": {"normalized": False}}
if MORE:
    CHANGES |= {"no shortcuts": {"shortcuts": False}, "no augmentation": {"augmented": False}}
learn, test = slice(1797, 3797), slice(3797, None)


def small_network(normalized=True, shortcuts=True, filters=8, blocks=3):
    """A ResNet of your layers, from which parts can be left out."""

    def conv_norm(maps, wide, size, strides=1):
        maps = Conv2D(wide, size, strides=strides, padding="same", use_bias=False)(maps)
        return BatchNormalization(momentum=0.9)(maps) if normalized else maps

    inputs = keras.Input((8, 8, 1))
    maps = ops.relu(conv_norm(inputs, filters, 3))
    for number in range(blocks):
        wide, strides = filters * 2**number, 2 if number else 1
        inner = conv_norm(ops.relu(conv_norm(maps, wide, 3, strides)), wide, 3)
        if shortcuts:
            inner = inner + (conv_norm(maps, wide, 1, strides) if number else maps)
        maps = ops.relu(inner)
    return keras.Model(inputs, Dense(10)(GlobalAvgPool2D()(maps)))


def trained(seed, augmented=True, epochs=3, rate=0.01, **parts):
    """Its loss in training at the end, and the share of the test that it reads rightly."""
    keras.utils.set_random_seed(seed)
    random = np.random.default_rng(seed)
    rounds = [varied(images[learn], random) if augmented else images[learn] for _ in range(epochs)]
    many, batch = np.concatenate(rounds), 80
    falling = keras.optimizers.schedules.CosineDecay(rate, len(many) // batch)
    model = small_network(**parts)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(falling), loss, jit_compile=False)
    model.fit(many, np.tile(labels[learn], epochs), batch_size=batch, verbose=0)
    logits = model.predict(images[test], verbose=0)
    return float(loss(labels[test], logits)), float(np.mean(logits.argmax(1) == labels[test]))


table = {name: [trained(seed, **change) for seed in SEEDS] for name, change in CHANGES.items()}
print(f"{'':17} loss on the test    right on the test, by seed")
for name, results in table.items():
    losses, shares = zip(*results, strict=True)
    each = ", ".join(f"{share:.1%}" for share in shares)
    print(f"{name:17} {np.mean(losses):16.3f}    {np.mean(shares):.1%} ({each})")

# %% [markdown] id="report-text"
# ### Report: what each change brought
#
# Repeat the experiment with at least three seeds and `MORE = True`, and add one change of your own
# to `CHANGES` (another number of `filters` or `blocks`, other `epochs`, another `rate`). Before you
# run it, predict what it does. Then write a report of about 150 words. (5 points, read by your
# instructor.)
#
# - **A table** with a row for each of the five settings: the share that is right with each seed,
#   the mean, and the difference of the mean from "all of it". (1 point)
# - **Which differences count?** Compare each with the spread between seeds and with the standard
#   error. Which are larger, and which could be chance? (1 point)
# - **One reason.** Take a change that has an effect, or one that has none, and explain it by what
#   the layer does. (1 point)
# - **Your own change**: what you predicted, what came out, and what you say now. (1 point)
# - **Limits.** Which statement about large networks would this experiment *not* support, and why?
#   (1 point)
#
# ```
# | setting          | seed 1 | seed 2 | seed 3 | mean | difference |
# |------------------|--------|--------|--------|------|------------|
# | all of it        |        |        |        |      | -          |
# | no normalization |        |        |        |      |            |
# ```

# %% [markdown] nbgrader={"grade_id": "report", "grade": true, "solution": true, "points": 5}
# ### BEGIN SOLUTION
# Seeds 1, 2, 3; my change is `"16 filters": {"filters": 16}`.
#
# | setting | seed 1 | seed 2 | seed 3 | mean | difference |
# |---|---|---|---|---|---|
# | all of it | 96.4 % | 96.6 % | 96.6 % | 96.5 % | - |
# | no normalization | 90.4 % | 93.7 % | 93.5 % | 92.5 % | −4.0 |
# | no shortcuts | 96.2 % | 97.9 % | 97.4 % | 97.2 % | +0.7 |
# | no augmentation | 96.8 % | 97.4 % | 97.7 % | 97.3 % | +0.8 |
# | 16 filters | 97.5 % | 97.4 % | 96.4 % | 97.1 % | +0.6 |
#
# (One point for five complete rows of at least three seeds. The numbers vary with the machine.)
#
# Only the normalization counts for sure: its difference is larger than all spreads and several
# standard errors. Shortcuts and augmentation change less than 1 %, and the seeds of one setting
# lie as far apart: that could be chance. (One point.)
#
# Why normalization: without it, the sizes of the numbers drift from layer to layer, and in so few
# steps the optimizer cannot set them right. Or: why augmentation brings nothing here: in three
# rounds the network does not yet learn its digits by heart, and varied ones are harder. Or: why
# shortcuts bring nothing: seven convolutions train without them, too; unit 16 needed thirty to
# show the degradation. (One point for one reason that names what the layer does.)
#
# My change: I expected more filters to help. The mean is 0.6 % better, but the seeds lie 1.1 %
# apart: that could be chance, so I know no more than before. (One point for a prediction, its
# comparison with the numbers, and a conclusion no stronger than they allow. A wrong prediction
# costs nothing.)
#
# The experiment does not show that large networks need no shortcuts, or that augmentation is of no
# use: the network is shallow, training is short, and 1000 digits cannot show less than about 1 %.
# (One point.)
# ### END SOLUTION

# %% [markdown] id="what-do-you-see"
# ### What do you see?
#
# Answer in a few sentences. (3 points, read by your instructor.)
#
# 1. Somebody ports a ResNet from PyTorch, with all weights in their places. Stem and block 0 are
#    right; inner 1 is the first stage that differs, and shortcut 1 is right. Strides are 2 in both.
#    What may be wrong, and why is the shortcut right?
# 2. Somebody else's network gives nearly the right logits for a batch of 500 pictures, and quite
#    different ones for a single picture. What is wrong? Which stage is the first that differs?
# 3. A number in the output of block 2 could see 25 pixels of a row, but the picture has only 8. Is
#    block 2 useless then? What else does it do, and what would you change for pictures of 64 × 64?

# %% [markdown] nbgrader={"grade_id": "question", "grade": true, "solution": true, "points": 3}
# ### BEGIN SOLUTION
# 1. The padding. On an even side, `same` in Keras puts its only zero behind the picture; PyTorch's
#    padding of 1 puts one on each side, so all windows of a stride of 2 begin one pixel earlier. A
#    window of 1 × 1 needs no padding: the shortcut is right. (One point.)
# 2. The normalizations use the statistics of the batch, not the moving ones. With 500 pictures the
#    two are close to each other; with one picture they are not. It is the stem: its normalization
#    is the first. (One point.)
# 3. No. Its numbers see the whole picture, and it adds two convolutions and twice the channels: it
#    combines what was found into more complex patterns. For 64 × 64 pixels a field of 25 is too
#    small to see the whole: more blocks with strides, or larger strides in the stem. (One point.)
# ### END SOLUTION

# %% [markdown] id="mended-residual-block-exercise"
# ### Exercise: find and mend the fault in ResidualBlock
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●●○○ (3 of 5) · 10 minutes · 3 points
# >
# > Somebody has written the residual block of unit 16. **One thing in it is wrong.** Run the check
# > first: the card shows where the fault comes out. Then find the fault and mend it. Change as
# > little as you can.
# >
# > The layer earns its points when everything is right, and nothing before: its shape and its
# > parameters are right already.
#
# **How to find a fault.** Do what you did with the stages: compute inner and shortcut by yourself,
# from the parts of the layer, and compare with what the formula of unit 16 says.
#
# <details><summary>All parts are right, each by itself</summary>
#
# Then the fault is in how they are joined. In which order do the sum, the normalization and relu
# come?
# </details>
#
# <details><summary>How do I look at the sum alone?</summary>
#
# Set gamma and beta of the last normalization to zero. What should the block give then?
# </details>


# %% nbgrader={"grade_id": "mended-residual-block", "solution": true}
class MendedResidualBlock(keras.layers.Layer):
    """Two convolutions and a shortcut: with one fault."""

    def __init__(self, filters, strides=1, **kwargs):
        super().__init__(**kwargs)
        self.filters, self.strides = filters, strides
        self.conv1 = keras.layers.Conv2D(filters, 3, strides, padding="same", use_bias=False)
        self.norm1 = keras.layers.BatchNormalization()
        self.conv2 = keras.layers.Conv2D(filters, 3, padding="same", use_bias=False)
        self.norm2 = keras.layers.BatchNormalization()
        self.shortcut = None

    def build(self, input_shape):
        if self.strides != 1 or input_shape[-1] != self.filters:
            self.shortcut = keras.layers.Conv2D(self.filters, 1, self.strides, use_bias=False)
            self.shortcut_norm = keras.layers.BatchNormalization()

    def call(self, inputs, training=None):
        inner = ops.relu(self.norm1(self.conv1(inputs), training=training))
        inner = self.conv2(inner)
        if self.shortcut is not None:
            inputs = self.shortcut_norm(self.shortcut(inputs), training=training)
        ### BEGIN SOLUTION
        return ops.relu(self.norm2(inner, training=training) + inputs)
        ### GIVEN
        # return ops.relu(self.norm2(inner + inputs, training=training))
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-mended-residual-block", "grade": true, "points": 3}
check(MendedResidualBlock)
### BEGIN HIDDEN TESTS
check(MendedResidualBlock, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="folded-exercise"
# ### Stretch: fold the normalizations into the convolutions
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●○○○ (2 of 5) · 15 minutes · no points
# >
# > At inference a normalization only multiplies each channel by a number and adds another one. The
# > convolution before it can do both: multiply its filters by the first number, and let its bias be
# > the second. When a network is put to use, its normalizations often disappear in the kernels.
# > This is called **folding**.
# >
# > Write `folded(kernel, gamma, beta, mean, variance)`. It returns the kernel and the bias of a
# > convolution that does alone what the convolution and the normalization did together. Nothing is
# > graded here. The cell below your function tries it on the stem.
#
# <details><summary>Along which axis of the kernel do I multiply?</summary>
#
# Gamma has one number for each output channel. Which axis of `(3, 3, channels, filters)` is that?
# </details>


# %% nbgrader={"grade_id": "folded", "solution": true}
def folded(kernel, gamma, beta, mean, variance, epsilon=0.001):
    """A kernel and a bias that do what the convolution and its normalization did."""
    ### BEGIN SOLUTION
    factor = gamma / np.sqrt(variance + epsilon)
    return kernel * factor, beta - mean * factor
    ### END SOLUTION


# %% id="folded-experiment" tags=["experiment"]
try:
    parts = [weights[f"stem.norm.{part}"] for part in ("gamma", "beta", "mean", "variance")]
    kernel, bias = folded(weights["stem.conv"], *parts)
except NotImplementedError:
    print("folded is not written yet")
else:
    alone = ops.relu(ops.conv(images[:100], kernel, padding="same") + bias)
    gap = float(np.abs(alone - ported.stages(images[:100])[0]).max())
    print(f"the stem, folded: largest difference {gap:.1g}")

# %% [markdown] id="what-you-have-now"
# ## What you have now
#
# | | |
# |---|---|
# | resnet_params, resnet_field | what is known of a network before it has seen anything |
# | ResNet | a network of your own layers, stage by stage the same as the one whose weights it has |
# | digit_reader | a network that you have trained yourself |
# | a report | which part brought what, measured against chance |
#
# The networks that won competitions on photographs have the same parts as yours. They have more
# blocks, larger pictures and a thousand classes.
#
# ## References
#
# - K. He, X. Zhang, S. Ren, J. Sun (2016), *Deep Residual Learning for Image Recognition*,
#   arXiv:1512.03385 (the network; its section 4.2 has small pictures).
# - S. Ioffe, C. Szegedy (2015), *Batch Normalization: Accelerating Deep Network Training by
#   Reducing Internal Covariate Shift*, arXiv:1502.03167.
# - P. Simard, D. Steinkraus, J. Platt (2003), *Best Practices for Convolutional Neural Networks
#   Applied to Visual Document Analysis* (varied digits).
# - R. Meyes and others (2019), *Ablation Studies in Artificial Neural Networks*, arXiv:1901.08644.
# - E. Alpaydin, C. Kaynak (1998), *Optical Recognition of Handwritten Digits* (the digits).
