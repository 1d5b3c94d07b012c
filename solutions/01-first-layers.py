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
# # 1 · First layers
#
# A deep network is a stack of simple parts. Each part is a **layer**: numbers in one shape go in,
# numbers in another shape come out. Some layers have numbers that they learn: their **weights**, or
# **parameters**.
#
# In this unit you write four layers yourself: **Dense**, which computes weighted sums;
# **Activation**, which applies a function to each number; **Flatten** and **Reshape**, which only
# change the shape. At the end you stack them, and the network learns to read handwriting.
#
# For each layer of this course, ask two questions first. *Which shape comes out?* *How many numbers
# does it learn?* If you can answer both before you run any code, you can read most networks.
#
# **How it works.** First you *predict*: you write a small function that answers one of the two
# questions. Then you *implement*: you write the layer. `check(...)` gives your layer the same
# weights and the same inputs as the real Keras layer and compares the outputs, so any correct
# solution passes. Cells with pictures and training are experiments: run them, look at what they
# show, and change them. Nothing that is graded depends on them. A line that begins with **Try:**
# names a change that is worth a look. A paragraph that begins with **Coming from TensorFlow 2?** is
# for readers who learned layers there: it says what has changed.
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

# %% [markdown] id="start-text"
# The data for the whole unit: 1797 handwritten digits, each a picture of 8 × 8 pixels. They are
# real data, and small enough to train on in a second or two.

# %% id="start-experiment" tags=["experiment"]
import matplotlib.pyplot as plt

from grader.data import load
from grader.pictures import first_layers, show

digits = load("digits")
order = np.random.default_rng(0).permutation(1797)
images = digits["images"][order].astype("float32") / 16  # ink, from 0 (paper) to 1
labels = digits["labels"][order].astype("int32")
train_images, test_images = images[:1500], images[1500:]
train_labels, test_labels = labels[:1500], labels[1500:]

examples = [images[labels == digit][0] for digit in range(10)]
figure, panels = plt.subplots(2, 5, figsize=(9, 4), layout="constrained")
for digit, panel in enumerate(panels.flat):
    panel.imshow(examples[digit], cmap="gray_r")
    panel.set(title=f"label {digit}", xticks=[], yticks=[])
show(figure, "One handwritten digit of each kind, 0 to 9, as pictures of 8 x 8 grey pixels.")


# %% id="start-experiment-2" tags=["experiment"]
def train(model, inputs, targets, loss="sparse_categorical_crossentropy"):
    """Train a model for 15 epochs, always in the same order, and return the loss of each epoch."""
    keras.utils.set_random_seed(7)
    model.compile(keras.optimizers.Adam(0.01), loss=loss, metrics=["accuracy"])
    return model.fit(inputs, targets, batch_size=50, epochs=15, verbose=0).history["loss"]


def accuracy(model, inputs, targets):
    """The share of test samples that the model gets right."""
    return model.evaluate(inputs, targets, verbose=0)[1]


# %% [markdown] id="about-dense"
# ## Dense
#
# A Dense layer (a **dense layer**, also called fully connected) has several **units**. Each unit
# looks at all the features of a sample and has one weight for each of them: a large positive weight
# means "this feature counts strongly", a negative one means "it counts against", and zero means "it
# does not matter". The unit multiplies each feature by its weight, adds up the products, adds one
# more number of its own (the **bias**), and so gives one number.
#
# All weights together are one matrix, the **kernel**: a row for each feature, a column for each
# unit. So the whole layer computes the outputs for a whole batch in a single matrix product.

# %% id="dense-experiment" tags=["experiment"]
first_layers.draw_dense().show()

# %% [markdown] id="dense-text"
# As a formula, with $x$ for the inputs, $W$ for the kernel, $b$ for the bias and $f$ for an
# activation (which can be left out):
#
# $$y = f(x W + b)$$
#
# | | |
# |---|---|
# | shape | `(batch, ..., features)` → `(batch, ..., units)`: only the last axis changes |
# | parameters | `features × units` for the kernel, plus `units` for the bias |
#
# What do the units learn? We train one Dense layer with ten units, one for each digit (the ten
# **classes**), and then look at its kernel. Each column holds 64 weights, one for each pixel, so we
# can draw it as a picture of 8 × 8.

# %% id="dense-experiment-2" tags=["experiment"]
keras.utils.set_random_seed(1)
flat_train, flat_test = train_images.reshape(-1, 64), test_images.reshape(-1, 64)
# From a kernel of zeros, pixels that never hold ink stay at zero: the picture is clean.
judges = keras.layers.Dense(10, activation="softmax", kernel_initializer="zeros")
model = keras.Sequential([keras.Input((64,)), judges])
train(model, flat_train, train_labels)
print(f"right on {accuracy(model, flat_test, test_labels):.1%} of the test digits")

kernel = judges.kernel.numpy()
figure, panels = plt.subplots(2, 5, figsize=(10, 4.4), layout="constrained")
for digit, panel in enumerate(panels.flat):
    image = panel.imshow(kernel[:, digit].reshape(8, 8), cmap="signed", vmin=-2, vmax=2)
    panel.set(title=f"weights of unit {digit}", xticks=[], yticks=[])
figure.colorbar(image, ax=panels, label="weight", shrink=0.9)
middle = kernel[:, 0].reshape(8, 8)[2:6, 3:5].mean()
print(f"unit 0: the weights in the middle, four rows of two, are {middle:.2f} on average")
show(
    figure,
    "The ten columns of the trained kernel as 8 x 8 pictures. Blue: ink here counts for the "
    f"digit, orange: against it. In the middle of unit 0 the weights are {middle:.2f} on average.",
)

# %% [markdown] id="dense-text-2"
# Blue means "ink here counts for this digit", orange means "ink here counts against it", white
# means "this pixel does not matter". (All plots of this course show signed numbers in this way.)
# Unit 0 has learned that the middle of a zero is empty.
#
# **Try:** delete `kernel_initializer="zeros"`. Which pixels change most in the pictures? Why does
# the accuracy hardly change?
#
# One more fact before you write it: Dense works only on the *last* axis. If you give it whole
# pictures instead of flat ones, it treats each of the 8 rows separately, with the same few weights:

# %% id="dense-experiment-3" tags=["experiment"]
for inputs in (flat_test[:5], test_images[:5]):
    layer = keras.layers.Dense(3)
    outputs = layer(inputs)
    print(f"{inputs.shape} -> {tuple(outputs.shape)}, {layer.count_params()} parameters")

# %% [markdown] id="dense-try"
# **Try:** add a third kind of inputs, `test_images[:5, :, :, None]`. Before you run the cell: which
# shape comes out, and how many parameters does the layer have then?

# %% [markdown] id="dense-params-exercise"
# ### Exercise: predict the parameters of Dense
#
# > Difficulty ●○○○○ (1 of 5) · Importance ●●●●○ (4 of 5) · 3 minutes · 2 points
# >
# > How many numbers does `Dense(units)` learn on inputs with this many features? Count the bias
# > only if there is one.
#
# <details><summary>I have no idea where to begin</summary>
#
# Go back to the picture and count the cells of the kernel and of the bias. Which two sizes does the
# block on the left of the `+` have, and which size does the block on its right have?
# </details>


# %% nbgrader={"grade_id": "dense-params", "solution": true}
def dense_params(features, units, use_bias=True):
    """The number of parameters of Dense(units, use_bias=use_bias) on this many features."""
    ### BEGIN SOLUTION
    return features * units + (units if use_bias else 0)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-dense-params", "grade": true, "points": 2}
check(dense_params)
### BEGIN HIDDEN TESTS
check(dense_params, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="dense-text-3"
# A Keras layer has three main methods. Two of them you know from unit 00: `build(input_shape)`
# makes the weights, once, and `call(inputs)` computes the output, each time. Dense also has
# arguments, and `__init__` stores them.
#
# > **What is `get_config`?** A fourth method. It returns the arguments of `__init__` as a
# > dictionary, the **config**, so that `Dense.from_config(layer.get_config())` makes the same layer
# > again. Keras needs it to save a model (unit 05).
#
# Keras 3 finds simple arguments (numbers, strings) by itself, but not functions, and an activation
# can be a function. So write the config yourself. `keras.activations.get` turns a name, a function
# or `None` into a function; `keras.activations.serialize` turns a function back into something that
# can be saved in a file.
#
# **Coming from TensorFlow 2?** `add_weight("w", ...)` is an error now: use keywords,
# `add_weight(name="w", shape=...)`. Do not put `@tf.function` on `call`: Keras compiles the whole
# training step itself. And `build` no longer needs to call `super().build(input_shape)`.
#
# A last word before you write it. A layer can compute with 16-bit numbers, which is faster on many
# graphics cards, and keep its weights in 32 bits. This is **mixed precision**, and the **dtype
# policy** `"mixed_float16"` asks for it. One row of the card tries it.

# %% [markdown] id="dense-exercise"
# ### Exercise: write Dense
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●●● (5 of 5) · 20 minutes · 10 points
# >
# > **What is asked**
# >
# > - **shape** (1): `(batch, ..., features)` becomes `(batch, ..., units)`, also while the batch
# >   size is unknown.
# > - **parameters** (2): trainable weights `kernel` of shape `(features, units)` and, unless
# >   `use_bias=False`, `bias` of shape `(units,)`.
# > - **output** (3): the formula above at any rank, along the last axis. `activation` is `None`, a
# >   name, or a function, and comes after the bias.
# > - **gradient** (1): gradients reach the inputs and every weight.
# > - **config** (1): `Dense.from_config(layer.get_config())` is the same layer again, also when
# >   `activation` is a function.
# > - **dtype** (1): under the policy `"mixed_float16"` the output is float16 and the weights stay
# >   float32. Keras does this for you, as long as you cast nothing by hand.
# > - **model** (1): the layer works in Sequential and in the Functional API, and learns in a step
# >   of `fit`.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.Dense`, nor
# > `keras.layers.EinsumDense`, which does the same. You are here to build it.
#
# <details><summary>My output is right for (2, 3) but fails for (2, 4, 3)</summary>
#
# How do you find the number of features in `input_shape`? Which axis do you take for each of the
# two inputs? It is easier to count from the other end.
# </details>
#
# <details><summary>The card says my parameters are 0</summary>
#
# Keras counts the weights that `self.add_weight(...)` makes. A `tf.Variable` in an attribute works
# in the formula, but Keras 3 does not count, train or save it. If you did use `add_weight`, check
# the spelling of `build`.
# </details>
#
# <details><summary>ValueError: `name` must be passed as a keyword argument</summary>
#
# In Keras 3 the first argument of `add_weight` is the shape. Use keywords: `name=...`, `shape=...`.
# </details>
#
# <details><summary>Shapes and parameters are right, the values are not</summary>
#
# There are three steps: product, bias, activation. Do the sum for the framed cells of the picture
# on paper. Then try your layer with `activation="relu"` and a bias of −100 in each unit: what must
# come out?
# </details>
#
# <details><summary>Object Dense was created by passing non-serializable argument values</summary>
#
# Keras cannot save a function for you. Start with the result of `super().get_config()`, and add one
# entry for each argument of `__init__` that is your own. The entry must be something that can be
# saved in a file.
# </details>
#
# <details><summary>Error when deserializing class 'Dense'</summary>
#
# `from_config` passes each entry of the config to `__init__`. Are the names in your config the
# names of the arguments?
# </details>


# %% nbgrader={"grade_id": "dense", "solution": true}
class Dense(keras.layers.Layer):
    """Weighted sums along the last axis: activation(inputs @ kernel + bias)."""

    def __init__(self, units, activation=None, use_bias=True, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.units = units
        self.activation = keras.activations.get(activation)
        self.use_bias = use_bias
        ### END SOLUTION

    def build(self, input_shape):
        """Make the weights, now that the number of features is known."""
        ### BEGIN SOLUTION
        shape = (input_shape[-1], self.units)
        self.kernel = self.add_weight(name="kernel", shape=shape, initializer="glorot_uniform")
        if self.use_bias:
            self.bias = self.add_weight(name="bias", shape=(self.units,), initializer="zeros")
        ### END SOLUTION

    def call(self, inputs):
        ### BEGIN SOLUTION
        outputs = ops.matmul(inputs, self.kernel)
        if self.use_bias:
            outputs = outputs + self.bias
        return self.activation(outputs)
        ### END SOLUTION

    def get_config(self):
        """The arguments that make the same layer again."""
        ### BEGIN SOLUTION
        own = {
            "units": self.units,
            "activation": keras.activations.serialize(self.activation),
            "use_bias": self.use_bias,
        }
        return super().get_config() | own
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-dense", "grade": true, "points": 10}
check(Dense)
### BEGIN HIDDEN TESTS
check(Dense, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="about-activation"
# ## Activation
#
# Two Dense layers in a row can do no more than one: a weighted sum of weighted sums is a weighted
# sum. $(x W_1) W_2 = x (W_1 W_2)$, and that is one Dense layer with the kernel $W_1 W_2$.
#
# To gain something, apply a **nonlinearity** between the two: a function whose graph is not a
# straight line. It may set negative numbers to zero, or press all numbers into a range. Then the
# two layers can no longer be replaced by one.
#
# This is what the Activation layer does; such a function is called an **activation**. It learns
# nothing. `Dense(10, activation="relu")` is the same as `Dense(10)` followed by
# `Activation("relu")`.

# %% id="activation-experiment" tags=["experiment"]
first_layers.draw_activation().show()

# %% [markdown] id="activation-text"
# | name | formula | range |
# |---|---|---|
# | **`relu`** | $\max(x, 0)$ | 0 and up |
# | `leaky_relu` | $x$ above zero, $0.2\,x$ below | all numbers |
# | **`sigmoid`** | $1 / (1 + e^{-x})$ | 0 to 1 |
# | `hard_sigmoid` | $\mathrm{relu6}(x + 3) / 6$; relu6 clips numbers to 0 to 6 | 0 to 1 |
# | **`tanh`** | $(e^{x} - e^{-x}) / (e^{x} + e^{-x})$ | −1 to 1 |
# | **`softmax`** | $e^{x_i} / \sum_j e^{x_j}$, along the last axis | 0 to 1, each row sums to 1 |
#
# | | |
# |---|---|
# | shape | stays as it is |
# | parameters | none |
#
# Five of them work on one number at a time. Softmax is different: it works on a whole row and turns
# it into shares that sum to 1. That is why it is the last layer of a network that must choose among
# classes. The numbers that go into it are called **logits**.
#
# **Coming from TensorFlow 2?** There, `hard_sigmoid` was $0.2x + 0.5$ clipped to 0 to 1, so
# `hard_sigmoid(1)` was 0.7. In Keras 3 it is 0.667, as in the picture.
#
# Now we try it on real data, with a question that a single Dense layer does not answer well: is the
# digit *odd*? Two networks learn it, with exactly the same number of parameters. Only one of them
# has a nonlinearity. (The cell takes some 5 seconds.)

# %% id="activation-experiment-2" tags=["experiment"]
units = 32

figure, axes = plt.subplots(figsize=(8, 3.6))
curves, shares = {}, {}
for bend, style in ("linear", "--"), ("relu", "-"):
    keras.utils.set_random_seed(1)
    hidden, answer = keras.layers.Dense(units), keras.layers.Dense(1, activation="sigmoid")
    bent = keras.layers.Activation(bend)
    model = keras.Sequential([keras.Input((64,)), hidden, bent, answer])
    losses = train(model, flat_train, train_labels % 2, loss="binary_crossentropy")
    right = accuracy(model, flat_test, test_labels % 2)
    print(f"{bend:>6}: {model.count_params()} parameters, right on {right:.1%} of the test digits")
    curves[bend], shares[bend] = losses, right
    axes.plot(range(1, 16), losses, style, lw=2.5)
    axes.annotate(bend, (12, losses[11]), xytext=(0, 8), textcoords="offset points", fontsize=12)
axes.set(xlabel="epoch", ylabel="loss", ylim=(0, None), title="Is it odd?")
show(
    figure,
    "Loss against epoch for the question whether a digit is odd. After 15 epochs the loss is "
    f"{curves['linear'][-1]:.2f} for the network without a nonlinearity and "
    f"{curves['relu'][-1]:.2f} for the one with relu.",
)

# %% [markdown] id="activation-text-2"
# The loss of the network without a nonlinearity hardly falls any more in the last epochs, and it is
# several times as large as that of the other one. The relu between the layers is the only
# difference between the two.
#
# ### Change it: only two units
#
# Change the first line of the cell above to `units = 2`. How many parameters do the networks have
# then? And will relu still help? *Before you run the cell, write down both predictions here:* …
#
# Then run it. *What did you see? Write one sentence:* …

# %% [markdown] id="activation-slopes-text"
# The activation matters for training, too. Training sends **gradients** backwards through the
# network (**backpropagation**), and each activation multiplies them by its slope.
# `tf.GradientTape` shows the slopes:

# %% id="activation-experiment-3" tags=["experiment"]
points = tf.constant([-6.0, -1.0, 1.0, 6.0])
print(f"{'slope at':>12}", *(f"{x:7.0f}" for x in points.numpy()))
for name in ("relu", "leaky_relu", "sigmoid", "hard_sigmoid", "tanh"):
    with tf.GradientTape() as tape:
        tape.watch(points)
        bent = keras.activations.get(name)(points)
    print(f"{name:>12}", *(f"{slope:7.3f}" for slope in tape.gradient(bent, points).numpy()))

# %% [markdown] id="activation-text-3"
# Far from zero, the slope of sigmoid and tanh is almost zero, so almost no gradient passes: they
# *saturate*, and this flat part is called **saturation**. Relu has a slope of zero on one side
# only, and leaky_relu on neither side.
#
# **Try:** put the points 0, 2.9 and 3.1 into the list. Where is the edge of hard_sigmoid, and what
# is the slope of relu at exactly 0?

# %% [markdown] id="stack-params-exercise"
# ### Exercise: predict the parameters of a stack
#
# > Difficulty ●○○○○ (1 of 5) · Importance ●●●●○ (4 of 5) · 5 minutes · 2 points
# >
# > The inputs have this many features. The stack has `Dense(w)` and `Activation("relu")` for each
# > `w` in the list `widths`, in this order. How many parameters does the stack have? (Your
# > `dense_params` counts those of one Dense layer: call it.)
#
# <details><summary>My answer is right for one width and wrong for two</summary>
#
# The second Dense does not get the inputs of the stack. What does it get instead, and how many
# features does that have?
# </details>


# %% nbgrader={"grade_id": "stack-params", "solution": true}
def stack_params(features, widths):
    """The number of parameters of Dense(w) and Activation("relu") for each w in widths."""
    ### BEGIN SOLUTION
    total = 0
    for width in widths:
        total += features * width + width
        features = width  # what the next layer sees
    return total
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-stack-params", "grade": true, "points": 2}
check(stack_params)
### BEGIN HIDDEN TESTS
check(stack_params, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="activation-exercise"
# ### Exercise: write Activation
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●●○ (4 of 5) · 20 minutes · 8 points
# >
# > Build each of the six from its formula, with `ops.exp`, `ops.maximum`, `ops.where`, `ops.tanh`
# > and similar functions. (Keras has all six ready-made, but the point is to see how they work.)
# >
# > **What is asked**
# >
# > - **shape** (1): the same as the input's, at any rank.
# > - **parameters** (1): none.
# > - **output** (5): `activation` is one of the six names `"relu"`, `"leaky_relu"` (slope 0.2),
# >   `"sigmoid"`, `"tanh"`, `"softmax"` (over the last axis), `"hard_sigmoid"` (the formula of
# >   Keras 3), or any function. Softmax must survive large numbers: logits of 1000 come out as
# >   shares that sum to 1. So must the others: at 100 and at -100 they give numbers, never NaN.
# > - **gradient** (1): gradients reach the inputs, with the right slopes.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.Activation`. You are here to
# > build it.
#
# <details><summary>softmax gives nan</summary>
#
# $e^{1000}$ is too large for a float32, so it becomes infinity, and infinity divided by infinity is
# not a number. But add the same constant to all logits of a row: which factor appears above and
# below the fraction bar? Now choose the constant so that the largest exponent is 0.
# </details>
#
# <details><summary>softmax is right for one row and wrong for a batch</summary>
#
# Each row must sum to 1, not the whole batch and not each column. Print the shape of your sum: if
# it has lost its last axis, you cannot divide row by row. Look up `keepdims`.
# </details>
#
# <details><summary>leaky_relu is right above zero and wrong below</summary>
#
# Below zero the output is still negative, only smaller. What does your formula give for −1? It
# should be −0.2.
# </details>
#
# <details><summary>hard_sigmoid(1) should be 0.667 and I get 0.7</summary>
#
# You have the slope of TensorFlow 2 (one fifth). The ramp of Keras 3 goes from −3 to 3: which slope
# takes it from 0 to 1?
# </details>
#
# <details><summary>It fails when activation is a function</summary>
#
# `callable(thing)` tells functions from names.
# </details>


# %% nbgrader={"grade_id": "activation", "solution": true}
class Activation(keras.layers.Layer):
    """Applies one of six formulas, or any function, to its inputs."""

    def __init__(self, activation, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.activation = activation
        ### END SOLUTION

    def call(self, inputs):
        ### BEGIN SOLUTION
        match self.activation:
            case "relu":
                return ops.maximum(inputs, 0)
            case "leaky_relu":
                return ops.where(inputs > 0, inputs, 0.2 * inputs)
            case "sigmoid":
                # 1 / (1 + exp(-x)), written so that nothing can overflow on the way forth or back.
                return (1 + ops.tanh(inputs / 2)) / 2
            case "hard_sigmoid":
                return ops.clip(inputs + 3, 0, 6) / 6
            case "tanh":
                return ops.tanh(inputs)
            case "softmax":
                powers = ops.exp(inputs - ops.max(inputs, axis=-1, keepdims=True))
                return powers / ops.sum(powers, axis=-1, keepdims=True)
            case function:
                return function(inputs)
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-activation", "grade": true, "points": 8}
check(Activation)
### BEGIN HIDDEN TESTS
check(Activation, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="about-flatten"
# ## Flatten
#
# A picture is a grid, and a video is a series of grids, but a Dense layer needs one row of features
# for each sample. Flatten takes the rows of a sample and puts them one after the other. It computes
# nothing and learns nothing.
#
# Flatten never changes the first axis, the batch. Each sample of a batch keeps a row of its own.
# You will often read that Flatten makes a tensor one-dimensional: that is true of *each sample*,
# not of the batch.

# %% id="flatten-experiment" tags=["experiment"]
first_layers.draw_flatten().show()

# %% [markdown] id="flatten-text"
# | | |
# |---|---|
# | shape | `(batch, a, b, ...)` → `(batch, a × b × ...)` |
# | parameters | none |
#
# After flattening, pixels that were above each other are far apart. Does that make it harder for
# Dense? We go much further: we shuffle the 64 pixels of every picture, always in the same way, so
# that no human can read the digits.

# %% id="flatten-experiment-2" tags=["experiment"]
shuffle = np.random.default_rng(5).permutation(64)
by_order = {}
flatten = keras.layers.Flatten()
for name, pixels in ("in order", np.arange(64)), ("shuffled", shuffle):
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(10, activation="softmax")])
    train(model, flatten(train_images).numpy()[:, pixels], train_labels)
    right = by_order[name] = accuracy(model, flatten(test_images).numpy()[:, pixels], test_labels)
    print(f"{name}: right on {right:.1%} of the test digits")

figure, panels = plt.subplots(2, 10, figsize=(9, 2))
for digit, (above, below) in zip(examples, panels.T, strict=True):
    above.imshow(digit, cmap="gray_r")
    below.imshow(digit.reshape(64)[shuffle].reshape(8, 8), cmap="gray_r")
    above.axis("off")
    below.axis("off")
show(figure, "Ten digits, and below each the same pixels shuffled: speckles without any form.")

# %% [markdown] id="flatten-text-2"
# Dense learns the shuffled pictures as well as the original ones. It does not know which pixels are
# neighbours; it only needs each feature to stay in the same place. (So it also cannot use the fact
# that some pixels are neighbours. Convolutions can; they come in unit 06.)
#
# **Try:** train on the pictures in order, and test on the shuffled ones. What do you expect?

# %% [markdown] id="flatten-shape-exercise"
# ### Exercise: predict the shape after Flatten
#
# > Difficulty ●○○○○ (1 of 5) · Importance ●●●○○ (3 of 5) · 3 minutes · 2 points
# >
# > Given an input shape with its batch axis, such as `(32, 8, 8)`, return the output shape as a
# > tuple, with its batch axis. The batch size may be unknown: `(None, 8, 8)`.
#
# <details><summary>TypeError: unsupported operand type(s) for *: 'int' and 'NoneType'</summary>
#
# Your product includes the unknown batch size. Which entries of the shape should it include?
# </details>


# %% nbgrader={"grade_id": "flatten-shape", "solution": true}
def flatten_shape(input_shape):
    """The shape after Flatten. Both shapes include the batch axis, which may be None."""
    ### BEGIN SOLUTION
    return (input_shape[0], math.prod(input_shape[1:]))
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-flatten-shape", "grade": true, "points": 2}
check(flatten_shape)
### BEGIN HIDDEN TESTS
check(flatten_shape, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="flatten-text-3"
# You know the output shape, so Keras can know it, too: `compute_output_shape(input_shape)` is a
# method that gets one shape and returns another, without computing anything.
#
# **Coming from TensorFlow 2?** There, Keras guessed `compute_output_shape` for your own layers.
# Keras 3 finds shapes inside a model by tracing `call`, but if you call `compute_output_shape`
# yourself, you get an error until you write the method. And `layer.output_shape` no longer exists.

# %% [markdown] id="flatten-exercise"
# ### Exercise: write Flatten
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●○○ (3 of 5) · 10 minutes · 6 points
# >
# > **What is asked**
# >
# > - **shape** (2): `(batch, a, b, ...)` becomes `(batch, a × b × ...)`, also while the batch size
# >   is unknown (`keras.Input`).
# > - **compute_output_shape** (1): the same answer, from a shape alone. The batch entry may be
# >   `None`. (Your function `flatten_shape` gives it: call it.)
# > - **output** (3): the numbers of each sample, row by row as in the picture.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.Flatten`, nor
# > `keras.layers.Reshape`, which can do the same. You are here to build it.
#
# <details><summary>My output has lost the batch: its shape is (24,)</summary>
#
# You flattened the batch axis as well. Give `ops.reshape` two sizes: one for the samples, one for
# the rest.
# </details>
#
# <details><summary>It works on arrays and fails in a model</summary>
#
# In a model the batch size is still `None`, and a reshape cannot make `None` rows. You can give
# `ops.reshape` a −1 for one size, which it then computes itself. Which of your two sizes is the
# unknown one?
# </details>
#
# <details><summary>In a model my output shape is (None, None)</summary>
#
# You used −1 for the number of features, and while the batch size is unknown, Keras cannot compute
# it. But you can: every size except the first is known. (Once you have written
# `compute_output_shape`, Keras uses it.)
# </details>
#
# <details><summary>Layer Flatten does not have a compute_output_shape method</summary>
#
# You have written this as a function already, in the last exercise.
# </details>


# %% nbgrader={"grade_id": "flatten", "solution": true}
class Flatten(keras.layers.Layer):
    """Puts all numbers of each sample into one row."""

    def compute_output_shape(self, input_shape):
        ### BEGIN SOLUTION
        return (input_shape[0], math.prod(input_shape[1:]))
        ### END SOLUTION

    def call(self, inputs):
        ### BEGIN SOLUTION
        return ops.reshape(inputs, (-1, math.prod(inputs.shape[1:])))
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-flatten", "grade": true, "points": 6}
check(Flatten)
### BEGIN HIDDEN TESTS
check(Flatten, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="about-reshape"
# ## Reshape
#
# Flatten makes one row of each sample. Reshape makes any other shape: it reads the numbers of a
# sample in their order and fills them into the new shape. 64 numbers become 8 rows of 8, or 16 rows
# of 4, or a picture with one colour channel, `(8, 8, 1)`, which convolutions need.
#
# One size can be −1: Keras then computes it from the others. The target shape never includes the
# batch axis.
#
# The picture shows Reshape, and the operation that is most often confused with it: the transpose.

# %% id="reshape-experiment" tags=["experiment"]
first_layers.draw_reshape().show()

# %% [markdown] id="reshape-text"
# | | |
# |---|---|
# | shape | `(batch, ...)` → `(batch, *target_shape)`, with as many numbers in a sample as before |
# | parameters | none |
#
# The difference is easy to see on a digit. Below, one sample is reshaped to `(4, 16)`, and next to
# it, transposed. Before you run the cell: what will the reshaped digit look like?

# %% id="reshape-experiment-2" tags=["experiment"]
digit = test_images[:1]
forms = {
    "the sample, (8, 8)": digit,
    "Reshape((4, 16))": keras.layers.Reshape((4, 16))(digit),
    "transposed, (8, 8)": ops.transpose(digit, (0, 2, 1)),
}
figure, panels = plt.subplots(1, 3, figsize=(9, 2.8), width_ratios=(1, 2, 1))
for panel, (name, form) in zip(panels, forms.items(), strict=True):
    panel.imshow(form[0], cmap="gray_r")
    panel.set(title=name, xticks=[], yticks=[])
show(
    figure,
    "A digit of 8 x 8 pixels; reshaped to (4, 16) it appears twice side by side at half the "
    "height; transposed it lies mirrored along its diagonal.",
)
print("with -1:", keras.layers.Reshape((-1, 16))(digit).shape)

# %% [markdown] id="reshape-text-2"
# Each row of 16 holds two old rows side by side. So the even rows make one flat digit on the left,
# and the odd rows make a second one on the right. Reshape kept the order of the numbers and changed
# the shape. Transposing kept the shape (8 × 8) and changed the order.
#
# **Try:** `Reshape((16, 4))`. How many small digits will there be now, and which way will they be
# stretched?

# %% [markdown] id="reshape-shape-exercise"
# ### Exercise: predict the shape after Reshape
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●○○ (3 of 5) · 5 minutes · 2 points
# >
# > Given an input shape with its batch axis (which may be `None`) and a target shape without one,
# > return the output shape as a tuple, with its batch axis. One entry of `target_shape` may be −1;
# > your answer must contain the number that it stands for.
#
# <details><summary>It is right until there is a −1</summary>
#
# How many numbers does a sample have? What is the product of the known entries of the target? The
# −1 itself must not be in that product.
# </details>


# %% nbgrader={"grade_id": "reshape-shape", "solution": true}
def reshape_shape(input_shape, target_shape):
    """The shape after Reshape(target_shape), with the batch axis, and with -1 filled in."""
    ### BEGIN SOLUTION
    batch, *sample = input_shape
    known = math.prod(size for size in target_shape if size != -1)
    missing = math.prod(sample) // known
    return (batch, *(missing if size == -1 else size for size in target_shape))
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-reshape-shape", "grade": true, "points": 2}
check(reshape_shape)
### BEGIN HIDDEN TESTS
check(reshape_shape, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="reshape-exercise"
# ### Exercise: write Reshape
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●○○ (3 of 5) · 10 minutes · 6 points
# >
# > **What is asked**
# >
# > - **shape** (2): `(batch, ...)` becomes `(batch, *target_shape)`, with −1 filled in, also while
# >   the batch size is unknown.
# > - **compute_output_shape** (1): the same answer, from a shape alone. The batch entry may be
# >   `None`. (Your function `reshape_shape` gives it: call it.)
# > - **output** (3): the numbers of each sample in their old order. `target_shape` may be a tuple
# >   or a list.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.Reshape`. You are here to build
# > it.
#
# <details><summary>There must be at most one unknown dimension (-1) in `newshape`</summary>
#
# You used −1 for the batch, and the target contains another −1. You can compute one of the two
# before you reshape. Which one?
# </details>
#
# <details><summary>It works for one sample and fails, or mixes samples, for a batch</summary>
#
# Where is the batch axis in the shape that you give to `ops.reshape`? The target shape is the shape
# of one sample.
# </details>
#
# <details><summary>The shape is right, the numbers are in the wrong places</summary>
#
# Is there a transpose somewhere? Look at the lower half of the picture.
# </details>


# %% nbgrader={"grade_id": "reshape", "solution": true}
class Reshape(keras.layers.Layer):
    """Fills the numbers of each sample, in their order, into another form."""

    def __init__(self, target_shape, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.target_shape = tuple(target_shape)
        ### END SOLUTION

    def compute_output_shape(self, input_shape):
        ### BEGIN SOLUTION
        batch, *sample = input_shape
        known = math.prod(size for size in self.target_shape if size != -1)
        missing = math.prod(sample) // known
        return (batch, *(missing if size == -1 else size for size in self.target_shape))
        ### END SOLUTION

    def call(self, inputs):
        ### BEGIN SOLUTION
        sample = self.compute_output_shape(inputs.shape)[1:]
        return ops.reshape(inputs, (-1, *sample))
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-reshape", "grade": true, "points": 6}
check(Reshape)
### BEGIN HIDDEN TESTS
check(Reshape, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="four-layers-one-network"
# ## Four layers, one network
#
# Now stack them. The digits come in flat, as 64 numbers. `Reshape` makes them pictures, `Flatten`
# makes them flat again (a detour, so that each of your layers is used), and two `Dense` layers with
# their `Activation` classify them.
#
# Next to your network we build the same network from Keras's own layers, and copy its starting
# weights into yours. Then both train on the same digits in the same order. If your layers are
# right, both must learn in the same way, up to rounding.
#
# Two more networks of *your* layers train along with them: one starts from other weights, and one
# has a deliberate fault: it has no biases. Training the four takes some 10 seconds.
#
# **Coming from TensorFlow 2?** A model begins with `keras.Input(...)`. The argument `input_shape=`
# of the first layer still works, but Keras 3 warns about it.


# %% id="four-layers-one-network-experiment" tags=["experiment"]
def network(Reshape, Flatten, Dense, Activation, use_bias=True):
    """A network made of these layers."""
    return keras.Sequential(
        [
            keras.Input((64,)),
            Reshape((8, 8)),
            Flatten(),
            Dense(32, use_bias=use_bias),
            Activation("relu"),
            Dense(10, use_bias=use_bias),
            Activation("softmax"),
        ]
    )


def copy_weights(source, target):
    """Give each weight of the target the value of the source's weight of the same shape."""
    for old, new in zip(source.layers, target.layers, strict=True):
        values = {tuple(weight.shape): weight for weight in old.weights}
        for weight in new.weights:
            weight.assign(values[tuple(weight.shape)])


layers = keras.layers
keras_layers = (layers.Reshape, layers.Flatten, layers.Dense, layers.Activation)
your_layers = (Reshape, Flatten, Dense, Activation)
keras.utils.clear_session()  # Keras numbers its layers; begin at the beginning again
keras.utils.set_random_seed(1)
start, other_start = network(*keras_layers), network(*keras_layers)
networks = {
    "yours, same start": network(*your_layers),
    "yours, other start": network(*your_layers),
    "yours, without biases": network(*your_layers, use_bias=False),
}
for name, model in networks.items():
    copy_weights(other_start if "other" in name else start, model)
networks["yours, same start"].summary()

# %% id="four-layers-one-network-experiment-2" tags=["experiment"]
networks = {"Keras": start} | networks
losses = {name: train(model, flat_train, train_labels) for name, model in networks.items()}
shares = {name: accuracy(model, flat_test, test_labels) for name, model in networks.items()}
for name, right in shares.items():
    print(f"{name:>22}: right on {right:.1%} of the test digits")

# %% id="four-layers-one-network-experiment-3" tags=["experiment"]
figure, (curves, gaps) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
styles = {
    "Keras": {"color": "#e69f00", "lw": 7, "alpha": 0.6},
    "yours, same start": {"color": "black", "lw": 1.8},
    "yours, other start": {"color": "#0072b2", "ls": "--", "marker": "o", "ms": 4},
    "yours, without biases": {"color": "#009e73", "ls": ":", "marker": "s", "ms": 4},
}
distances = {}
for name, style in styles.items():
    curves.plot(range(1, 16), losses[name], label=name, **style)
    if name != "Keras":
        gap = distances[name] = np.abs(np.subtract(losses[name], losses["Keras"]))
        gaps.plot(range(1, 16), np.maximum(gap, 1e-9), **style)
        print(f"{name:>22}: at most {gap.max():.1e} away from Keras's curve")
curves.set(xlabel="epoch", ylabel="loss", yscale="log", title="Loss")
gaps.set(xlabel="epoch", ylabel="0 is drawn at 10⁻⁹", yscale="log", ylim=(3e-10, 1))
gaps.set_title("Distance from Keras's curve")
curves.legend(frameon=False)
show(
    figure,
    "Left: loss against epoch for the four networks. Right: the distance of your three curves from "
    "Keras's curve, on a logarithmic scale. The largest distances are printed above the picture.",
)

# %% [markdown] id="what-do-you-see"
# ### What do you see?
#
# Look at the two panels and at the accuracies printed above them, then answer in a few sentences.
# (3 points, read by your instructor.)
#
# 1. Which curves lie on top of each other, and what had to be *equal* for that to happen? Name at
#    least three things.
# 2. One network has a fault: it has no biases. Could you have found the fault from the test
#    accuracies alone? What in the plot shows it?
# 3. So if you wanted to find out whether somebody's layer is right, what would you compare?

# %% [markdown] nbgrader={"grade_id": "question-plot", "grade": true, "solution": true, "points": 3}
# ### BEGIN SOLUTION
# 1. "Keras" and "yours, same start" lie on top of each other in all epochs; they differ only by
#    rounding. (One point.) These had to be equal: the formulas of all layers, the starting weights,
#    the data, the order of the batches, and the optimizer with its learning rate. Other starting
#    weights alone lead to another curve.
# 2. No. (One point.) All four networks are right on nearly the same share of the 297 test digits,
#    and the one without biases does not stand out; its loss even ends a little lower than Keras's.
#    But in the right panel its distance from Keras's curve is thousands of times larger than
#    rounding, from the first epoch on, although it started from the same kernels.
# 3. Outputs (or losses, or gradients) for the same weights and the same inputs, not accuracies
#    after training. (One point.) A network can learn in spite of a wrong layer, so accuracies hide
#    the fault. A comparison in which everything else is equal shows it.
# ### END SOLUTION

# %% [markdown] id="mended-prelu-exercise"
# ### Exercise: find and mend the fault in PReLU
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●○○○ (2 of 5) · 8 minutes · 2 points
# >
# > `keras.layers.PReLU` is a ReLU that learns. A positive number stays as it is. A negative number
# > is multiplied by a slope $\alpha$, and each feature has a slope of its own (He and others,
# > 2015):
# >
# > $$f(x) = \max(x, 0) + \alpha \cdot \min(x, 0)$$
# >
# > Below is such a layer. **One thing in it is wrong.** Run the check first: the card shows where
# > the fault comes out. Then find the fault and mend it. Change as little as you can.
# >
# > The layer earns its points when everything is right, and nothing before: most of it is right
# > already.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.PReLU`.
#
# **How to find a fault.** Read the card first: a row that is right tells you which lines you need
# not read. Then look at the picture of the differences. Which numbers are right, and which are
# wrong? Take one number of each sort and follow it through `call` by hand.
#
# <details><summary>Some numbers of the output are right. Which ones?</summary>
#
# Run the lines that the card offers, and print the inputs beside the outputs. Look at the signs.
# </details>
#
# <details><summary>I know which numbers are wrong, but not why</summary>
#
# Take $x = -2$ and $\alpha = 0.5$. What does the formula give? What does each half of the line in
# `call` give?
# </details>


# %% nbgrader={"grade_id": "mended-prelu", "solution": true}
class MendedPReLU(keras.layers.Layer):
    """A ReLU with a slope for negative numbers, which is learned: with one fault."""

    def build(self, input_shape):
        self.alpha = self.add_weight(name="alpha", shape=input_shape[1:], initializer="zeros")

    def call(self, inputs):
        positive = ops.maximum(inputs, 0.0)
        ### BEGIN SOLUTION
        negative = ops.minimum(inputs, 0.0)
        ### GIVEN
        # negative = ops.maximum(-inputs, 0.0)
        ### END SOLUTION
        return positive + self.alpha * negative


# %% nbgrader={"grade_id": "check-mended-prelu", "grade": true, "points": 2}
check(MendedPReLU)
### BEGIN HIDDEN TESTS
check(MendedPReLU, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="what-you-have-now"
# ## What you have now
#
# | layer | shape | parameters |
# |---|---|---|
# | Dense | the last axis becomes `units` | `features × units + units` |
# | Activation | stays | none |
# | Flatten | each sample becomes one row | none |
# | Reshape | each sample takes the target shape, in the same order | none |
#
# You can now read the first and last lines of almost any network. And you know how to test a layer:
# give it the same weights and the same inputs as the reference, and look at the difference.
#
# ## References
#
# - D. E. Rumelhart, G. E. Hinton, R. J. Williams (1986), *Learning representations by
#   back-propagating errors*, Nature 323, 533-536, doi:10.1038/323533a0.
# - J. S. Bridle (1990), *Probabilistic Interpretation of Feedforward Classification Network
#   Outputs, with Relationships to Statistical Pattern Recognition*, in: Neurocomputing, Springer,
#   227-236, doi:10.1007/978-3-642-76153-9_28 (softmax).
# - X. Glorot, Y. Bengio (2010), *Understanding the difficulty of training deep feedforward neural
#   networks*, Proceedings of Machine Learning Research 9, 249-256 (sigmoids that saturate, and
#   `glorot_uniform`).
# - V. Nair, G. E. Hinton (2010), *Rectified Linear Units Improve Restricted Boltzmann Machines*,
#   ICML 2010, 807-814 (relu).
# - A. L. Maas, A. Y. Hannun, A. Y. Ng (2013), *Rectifier Nonlinearities Improve Neural Network
#   Acoustic Models*, ICML Workshop on Deep Learning for Audio, Speech and Language Processing
#   (leaky_relu).
# - K. He, X. Zhang, S. Ren, J. Sun (2015), *Delving Deep into Rectifiers: Surpassing Human-Level
#   Performance on ImageNet Classification*, arXiv:1502.01852 (PReLU).
# - E. Alpaydin, C. Kaynak (1998), *Optical Recognition of Handwritten Digits*, UCI Machine Learning
#   Repository, doi:10.24432/C50P49 (the digits).
