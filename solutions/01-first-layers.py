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

# %% [markdown]
# # 1 · First layers
#
# A deep network looks like a cathedral from afar. Come closer, and it is a stack of simple stones.
# Each stone is a *layer*: numbers in one shape go in, numbers in another shape come out, and some
# layers own a few numbers that they learn.
#
# In this unit you cut the first four stones yourself: **Dense**, which weighs; **Activation**,
# which bends; **Flatten** and **Reshape**, which rearrange. At the end you stack them, and they
# learn to read handwriting.
#
# Of every layer, in this unit and in all that follow, ask the same two questions first. *Which
# shape comes out?* *How many numbers does it learn?* Whoever can answer both before running any
# code will rarely be lost in a network.
#
# **How it works.** You *predict* (a small function that answers one of the two questions), then you
# *implement* (a layer of your own). `check(...)` gives your layer the same weights and the same
# inputs as the live Keras layer and compares what comes out, so there is no magic number to hit:
# any right way is right. Cells with pictures and training are locked; run them, look, and wonder.
# In what follows, a line that begins with **Coming from TensorFlow 2?** is for readers who learned
# layers there: it marks the places that changed.

# %%
# The grader comes first: it loads Keras and TensorFlow without the lines that they write meanwhile.
from grader import check

import math

import keras
import numpy as np
import tensorflow as tf
from keras import ops

# %% [markdown]
# Our data for the whole unit: 1797 digits written by hand, each a picture of 8 × 8 pixels. Small
# enough to train on in a second or two, and real enough to surprise.

# %% tags=["experiment"]
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
figure, panels = plt.subplots(1, 10, figsize=(9, 1.3))
for digit, panel in enumerate(panels):
    panel.imshow(examples[digit], cmap="gray_r")
    panel.set_title(digit)
    panel.axis("off")
show(figure, "One handwritten digit of each kind, 0 to 9, as pictures of 8 x 8 grey pixels.")


# %% tags=["experiment"]
def train(model, inputs, targets, loss="sparse_categorical_crossentropy"):
    """Train a model for 15 epochs, always in the same order; gives its loss in each epoch."""
    keras.utils.set_random_seed(7)
    model.compile(keras.optimizers.Adam(0.01), loss=loss, metrics=["accuracy"])
    return model.fit(inputs, targets, batch_size=50, epochs=15, verbose=0).history["loss"]


def accuracy(model, inputs, targets):
    """The share of test samples that the model gets right."""
    return model.evaluate(inputs, targets, verbose=0)[1]


# %% [markdown]
# ## Dense
#
# A Dense layer is a panel of judges. Each judge, a *unit*, looks at all the features of a sample
# and has an opinion on each: this one speaks strongly for, that one a little against, that one does
# not matter. The judge multiplies, sums up, adds a prejudice of its own (the *bias*), and calls out
# one number.
#
# All opinions together are one matrix, the *kernel*: a row for each feature, a column for each
# unit. So a whole panel judges a whole batch in a single matrix product.

# %% tags=["experiment"]
first_layers.draw_dense().show()

# %% [markdown]
# In a formula, with $x$ the inputs, $W$ the kernel, $b$ the bias and $f$ an activation (or nothing
# at all):
#
# $$y = f(x W + b)$$
#
# | | |
# |---|---|
# | shape | `(batch, ..., features)` → `(batch, ..., units)`: only the last axis changes |
# | parameters | `features × units` for the kernel, and `units` more for the bias |
#
# What do the judges look for? We train one Dense layer with ten units, one for each digit, and then
# look at its kernel. Each column holds 64 opinions, one for each pixel: drawn as 8 × 8 pictures,
# they show themselves.

# %% tags=["experiment"]
keras.utils.set_random_seed(1)
flat_train, flat_test = train_images.reshape(-1, 64), test_images.reshape(-1, 64)
# From a kernel of zeros, pixels that never hold ink stay at zero: the picture is clean.
judges = keras.layers.Dense(10, activation="softmax", kernel_initializer="zeros")
model = keras.Sequential([keras.Input((64,)), judges])
train(model, flat_train, train_labels)
print(f"right on {accuracy(model, flat_test, test_labels):.1%} of the test digits")

kernel = judges.kernel.numpy()
figure, panels = plt.subplots(2, 5, figsize=(9, 4.1))
for digit, panel in enumerate(panels.flat):
    panel.imshow(kernel[:, digit].reshape(8, 8), cmap="gray", vmin=-2, vmax=2)
    panel.set_title(f"unit {digit}")
    panel.axis("off")
show(
    figure,
    "The ten columns of the trained kernel as 8 x 8 pictures. Light: ink here speaks for the "
    "digit, dark: against it. Unit 0 is light on a ring and dark in the middle.",
)

# %% [markdown]
# Light means "ink here speaks for my digit", dark means "ink here speaks against it", middle grey
# means "I do not care". Unit 0 is firm about one thing: the middle of a zero is empty.
#
# One more look before you write it. Dense minds only the *last* axis. Give it whole pictures
# instead of flat ones, and it judges each of the 8 rows by itself, with the same few weights:

# %% tags=["experiment"]
for inputs in (flat_test[:5], test_images[:5]):
    layer = keras.layers.Dense(3)
    outputs = layer(inputs)
    print(f"{inputs.shape} -> {tuple(outputs.shape)}, {layer.count_params()} parameters")

# %% [markdown]
# > ### Exercise: predict the parameters of Dense
# > Difficulty ●○○○○ (1 of 5) · Importance ●●●●○ (4 of 5) · 3 minutes · 2 points
# >
# > How many numbers does `Dense(units)` learn on inputs with this many features? Count the bias
# > only where there is one.
#
# <details><summary>I have no idea where to begin</summary>
#
# Go back to the picture and count the cells of kernel and bias. Which two sizes make the block on
# the left of the `+`, and which one makes the block on its right?
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

# %% [markdown]
# A Keras layer has three moments in its life. `__init__` only remembers what was asked for.
# `build(input_shape)` is called once, when the first inputs arrive and the number of features is
# known at last: here the weights are made. `call(inputs)` does the work, each time.
#
# A fourth method, `get_config`, says how to make the layer again. Keras 3 takes down plain
# constructor arguments (numbers, strings) by itself, but not functions, and an activation may be
# one: so write the config yourself. `keras.activations.get` turns a name, a function or `None` into
# a function; `keras.activations.serialize` turns a function back into something that can be written
# to a file.
#
# **Coming from TensorFlow 2?** `add_weight("w", ...)` is an error now: write `add_weight(name="w",
# shape=...)`, all by keyword. No `@tf.function` on `call`: Keras compiles a whole training step by
# itself. And `build` need not call `super().build(input_shape)` any more.
#
# > ### Exercise: write Dense
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
# >   float32. Keras sees to it, as long as you cast nothing by hand.
# > - **model** (1): the layer works in Sequential and in the Functional API, and learns in a step
# >   of `fit`.
# >
# > Not allowed: `keras.layers.Dense` itself, by whatever road. You are here to build it.
#
# <details><summary>My output is right for (2, 3) but fails for (2, 4, 3)</summary>
#
# How do you find the number of features in `input_shape`? Say aloud which axis you take for each of
# the two inputs. It is easier to count from the other end.
# </details>
#
# <details><summary>The card says my parameters are 0</summary>
#
# Keras counts what `self.add_weight(...)` makes. A `tf.Variable` kept in an attribute works in the
# formula, but Keras 3 does not see it: it is neither counted, nor trained, nor saved. If you did
# use `add_weight`, look at the spelling of `build`.
# </details>
#
# <details><summary>ValueError: `name` must be passed as a keyword argument</summary>
#
# In Keras 3 the first argument of `add_weight` is the shape. Name both: `name=...`, `shape=...`.
# </details>
#
# <details><summary>Shapes and parameters are right, the values are not</summary>
#
# Three things happen to a number on its way: product, bias, activation. Follow the framed cells of
# the picture with a pen. Then try your layer with `activation="relu"` and a bias of −100 in each
# unit: what must come out?
# </details>
#
# <details><summary>Object Dense was created by passing non-serializable argument values</summary>
#
# That is Keras saying that it cannot take down a function for you. Begin with what
# `super().get_config()` gives, and add one entry for each argument of `__init__` that is your own.
# The entry must be something that can be written down.
# </details>
#
# <details><summary>Error when deserializing class 'Dense'</summary>
#
# `from_config` passes each entry of the config to `__init__`. Are the names in your config those of
# the arguments?
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

# %% [markdown]
# ## Activation
#
# Here is a disappointment. Stack two Dense layers, and you have gained nothing: a weighted sum of
# weighted sums is a weighted sum. $(x W_1) W_2 = x (W_1 W_2)$, and that is one Dense layer in a
# costume.
#
# The cure is tiny. Between the two, bend each number a little: cut it off at zero, or press it into
# a range. After the bend the two layers cannot be melted into one any more, and depth begins to
# pay.
#
# That bend is the Activation layer. It learns nothing. `Dense(10, activation="relu")` is the same
# as `Dense(10)` followed by `Activation("relu")`.

# %% tags=["experiment"]
first_layers.draw_activation().show()

# %% [markdown]
# | name | formula | range |
# |---|---|---|
# | `relu` | $\max(x, 0)$ | 0 and up |
# | `leaky_relu` | $x$ above zero, $0.2\,x$ below | all numbers |
# | `sigmoid` | $1 / (1 + e^{-x})$ | 0 to 1 |
# | `hard_sigmoid` | $\mathrm{relu6}(x + 3) / 6$; relu6 holds numbers between 0 and 6 | 0 to 1 |
# | `tanh` | $(e^{x} - e^{-x}) / (e^{x} + e^{-x})$ | −1 to 1 |
# | `softmax` | $e^{x_i} / \sum_j e^{x_j}$, along the last axis | 0 to 1, each row sums to 1 |
#
# | | |
# |---|---|
# | shape | stays as it is |
# | parameters | none |
#
# Five of them look at one number at a time. Softmax is the odd one out: it looks at a whole row and
# shares out 1 among its entries, which is why it stands at the end of a network that must choose.
#
# **Coming from TensorFlow 2?** There, `hard_sigmoid` was $0.2x + 0.5$ held between 0 and 1, so that
# `hard_sigmoid(1)` was 0.7. In Keras 3 it is 0.667, as in the picture.
#
# Now the disappointment, on real data. The question is one that no single panel of judges answers
# well: is the digit *odd*? Two networks try, with exactly the same number of parameters. One of
# them bends.

# %% tags=["experiment"]
figure, axes = plt.subplots(figsize=(8, 3.6))
for bend, style in ("linear", "--"), ("relu", "-"):
    keras.utils.set_random_seed(1)
    hidden, answer = keras.layers.Dense(32), keras.layers.Dense(1, activation="sigmoid")
    bent = keras.layers.Activation(bend)
    model = keras.Sequential([keras.Input((64,)), hidden, bent, answer])
    losses = train(model, flat_train, train_labels % 2, loss="binary_crossentropy")
    right = accuracy(model, flat_test, test_labels % 2)
    print(f"{bend:>6}: {model.count_params()} parameters, right on {right:.1%} of the test digits")
    axes.plot(range(1, 16), losses, style, lw=2.5)
    axes.annotate(bend, (12, losses[11]), xytext=(0, 8), textcoords="offset points", fontsize=12)
axes.set(xlabel="epoch", ylabel="loss", ylim=(0, None), title="Is it odd?")
show(
    figure,
    "Loss against epoch for the question whether a digit is odd. Without a bend the loss stops "
    "falling at about 0.17; with relu it goes on down to about 0.03.",
)

# %% [markdown]
# The straight one gets stuck early, and no amount of patience helps it. The bend is all the
# difference.
#
# A bend also decides what comes *back*. Training sends gradients through the network in reverse,
# and each activation multiplies them by its own slope. TensorFlow's tape shows the slopes:

# %% tags=["experiment"]
points = tf.constant([-6.0, -1.0, 1.0, 6.0])
print(f"{'slope at':>12}", *(f"{x:7.0f}" for x in points.numpy()))
for name in ("relu", "leaky_relu", "sigmoid", "hard_sigmoid", "tanh"):
    with tf.GradientTape() as tape:
        tape.watch(points)
        bent = keras.activations.get(name)(points)
    print(f"{name:>12}", *(f"{slope:7.3f}" for slope in tape.gradient(bent, points).numpy()))

# %% [markdown]
# Far from zero, sigmoid and tanh let almost nothing back: the network falls asleep there. Relu
# sleeps on one side only, and leaky_relu never sleeps. Much of the history of deep learning is in
# this little table.
#
# > ### Exercise: predict the parameters of a stack
# > Difficulty ●○○○○ (1 of 5) · Importance ●●●●○ (4 of 5) · 5 minutes · 2 points
# >
# > For inputs with this many features, a stack holds `Dense(w)` and `Activation("relu")` for each
# > `w` in the list `widths`, in this order. How many parameters are there in all?
#
# <details><summary>My answer is right for one width and wrong for two</summary>
#
# The second Dense never sees the inputs of the stack. What does it see instead, and how many
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

# %% [markdown]
# > ### Exercise: write Activation
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●●○ (4 of 5) · 20 minutes · 8 points
# >
# > Build each of the six from its formula, with `ops.exp`, `ops.maximum`, `ops.where`, `ops.tanh`
# > and their like. (Keras has them ready-made; but you are here to see inside.)
# >
# > **What is asked**
# >
# > - **shape** (1): the same as the input's, at any rank.
# > - **parameters** (1): none.
# > - **output** (5): `activation` is one of the six names `"relu"`, `"leaky_relu"` (slope 0.2),
# >   `"sigmoid"`, `"tanh"`, `"softmax"` (over the last axis), `"hard_sigmoid"` (the formula of
# >   Keras 3), or any function. Softmax must survive large numbers: logits of 1000 come out as
# >   shares that sum to 1.
# > - **gradient** (1): gradients reach the inputs, with the right slopes.
# >
# > Not allowed: `keras.layers.Activation` itself, by whatever road. You are here to build it.
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
# it has lost its last axis, it cannot be divided row by row. Look for `keepdims`.
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
    """Bends its inputs: by one of six formulas, or by any function."""

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

# %% [markdown]
# ## Flatten
#
# A picture is a grid, a film is a stack of grids, but a Dense layer wants one plain row of features
# for each sample. Flatten takes the sample apart, row by row, and lays its numbers side by side.
# Nothing is computed and nothing is learned.
#
# One axis is sacred: the first. The samples of a batch stay apart, each in a row of its own. One
# often reads that Flatten makes a tensor one-dimensional; what is meant is *each sample*.

# %% tags=["experiment"]
first_layers.draw_flatten().show()

# %% [markdown]
# | | |
# |---|---|
# | shape | `(batch, a, b, ...)` → `(batch, a × b × ...)` |
# | parameters | none |
#
# Flattening looks like violence: neighbours above and below are torn apart. Does Dense suffer? We
# can go much further and shuffle the 64 pixels of every picture, always by the same shuffle, until
# no human could read a digit.

# %% tags=["experiment"]
shuffle = np.random.default_rng(5).permutation(64)
flatten = keras.layers.Flatten()
for name, pixels in ("in order", np.arange(64)), ("shuffled", shuffle):
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(10, activation="softmax")])
    train(model, flatten(train_images).numpy()[:, pixels], train_labels)
    right = accuracy(model, flatten(test_images).numpy()[:, pixels], test_labels)
    print(f"{name}: right on {right:.1%} of the test digits")

figure, panels = plt.subplots(2, 10, figsize=(9, 2))
for digit, (above, below) in zip(examples, panels.T, strict=True):
    above.imshow(digit, cmap="gray_r")
    below.imshow(digit.reshape(64)[shuffle].reshape(8, 8), cmap="gray_r")
    above.axis("off")
    below.axis("off")
show(figure, "Ten digits, and below each the same pixels shuffled: speckles without any form.")

# %% [markdown]
# Dense does as well on the speckles as on the digits. It never knew which pixels are neighbours; it
# only needs each feature to keep its place. (This blindness is also a waste, and convolutions are
# the answer to it. They come in a later unit.)
#
# > ### Exercise: predict the shape after Flatten
# > Difficulty ●○○○○ (1 of 5) · Importance ●●●○○ (3 of 5) · 3 minutes · 2 points
# >
# > Given an input shape with its batch axis, such as `(32, 8, 8)`, return the output shape as a
# > tuple, with its batch axis. The batch size may be unknown: `(None, 8, 8)`.
#
# <details><summary>TypeError: unsupported operand type(s) for *: 'int' and 'NoneType'</summary>
#
# The unknown batch size got into your product. It does not belong there: which entries do?
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

# %% [markdown]
# **Coming from TensorFlow 2?** There, Keras guessed `compute_output_shape` for your own layers.
# Keras 3 works out shapes inside a model by tracing `call`, but whoever asks the layer directly
# gets an error until you write the method. And `layer.output_shape` is gone.
#
# > ### Exercise: write Flatten
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●○○ (3 of 5) · 10 minutes · 6 points
# >
# > **What is asked**
# >
# > - **shape** (2): `(batch, a, b, ...)` becomes `(batch, a × b × ...)`, also while the batch size
# >   is unknown (`keras.Input`).
# > - **compute_output_shape** (1): the same answer, from a shape alone. The batch entry may be
# >   `None`.
# > - **output** (3): the numbers of each sample, row by row as in the picture.
# >
# > Not allowed: `keras.layers.Flatten` itself, by whatever road. You are here to build it.
#
# <details><summary>My output has lost the batch: its shape is (24,)</summary>
#
# You took everything apart, samples included. Tell `ops.reshape` two sizes: one for the samples,
# one for the rest.
# </details>
#
# <details><summary>It works on arrays and fails in a model</summary>
#
# In a model the batch size is still `None`, and no reshape can be told to make `None` rows.
# `ops.reshape` may be given −1 for one size that it should find out for itself. Which of your two
# sizes is the unknown one?
# </details>
#
# <details><summary>In a model my output shape is (None, None)</summary>
#
# You left the number of features to be found out, and while the batch size is unknown it cannot be.
# But it can be computed: every size but the first is known. (Once you have written
# `compute_output_shape`, Keras believes it.)
# </details>
#
# <details><summary>Layer Flatten does not have a compute_output_shape method</summary>
#
# You know the answer already: you wrote it as a function, one exercise ago.
# </details>


# %% nbgrader={"grade_id": "flatten", "solution": true}
class Flatten(keras.layers.Layer):
    """Lays the numbers of each sample side by side in one row."""

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

# %% [markdown]
# ## Reshape
#
# Flatten has one form to offer. Reshape has all the others: it reads the numbers of a sample in
# their order and fills them into a grid of another form. 64 numbers become 8 rows of 8, or 16 of 4,
# or a picture with one colour channel, `(8, 8, 1)`, as convolutions like it.
#
# One size may be −1, which means "whatever is left". And as ever, the batch axis is not Reshape's
# business.
#
# The picture shows what Reshape is, and what it is most often mistaken for.

# %% tags=["experiment"]
first_layers.draw_reshape().show()

# %% [markdown]
# | | |
# |---|---|
# | shape | `(batch, ...)` → `(batch, *target_shape)`, with as many numbers in a sample as before |
# | parameters | none |
#
# A digit makes the difference plain. Below, one sample is reshaped to `(4, 16)`, and beside it
# transposed. Before you run the cell: what will the reshaped digit look like?

# %% tags=["experiment"]
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

# %% [markdown]
# Each row of 16 holds two old rows in a line, so the even rows make one squat digit on the left and
# the odd rows make its twin on the right. No number changed its place in the order. The transposed
# digit has the form that it had; all that changed is the order.
#
# > ### Exercise: predict the shape after Reshape
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●○○ (3 of 5) · 5 minutes · 2 points
# >
# > Given an input shape with its batch axis (which may be `None`) and a target shape without one,
# > return the output shape as a tuple, with its batch axis. One entry of `target_shape` may be −1;
# > your answer holds the number that it stands for.
#
# <details><summary>It is right until there is a −1</summary>
#
# How many numbers does a sample hold? How many do the known entries of the target account for?
# Beware: the −1 itself must not get into that product.
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

# %% [markdown]
# > ### Exercise: write Reshape
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●○○ (3 of 5) · 10 minutes · 6 points
# >
# > **What is asked**
# >
# > - **shape** (2): `(batch, ...)` becomes `(batch, *target_shape)`, with −1 filled in, also while
# >   the batch size is unknown.
# > - **compute_output_shape** (1): the same answer, from a shape alone. The batch entry may be
# >   `None`.
# > - **output** (3): the numbers of each sample in their old order. `target_shape` may be a tuple
# >   or a list.
# >
# > Not allowed: `keras.layers.Reshape` itself, by whatever road. You are here to build it.
#
# <details><summary>There must be at most one unknown dimension (-1) in `newshape`</summary>
#
# You gave −1 for the batch, and the target has a −1 of its own. One of the two can be computed
# before you reshape. Which one?
# </details>
#
# <details><summary>It works for one sample and fails, or mixes samples, for a batch</summary>
#
# Where is the batch axis in what you give to `ops.reshape`? The target shape is that of one sample.
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

# %% [markdown]
# ## Four stones, one network
#
# Now stack them. The digits come in flat, as 64 numbers; `Reshape` makes them pictures, `Flatten`
# makes them flat again (a scenic route, but each of your layers shall have its turn), and two
# `Dense` layers with their `Activation` read them.
#
# Beside your network we build the same one of Keras's own layers, and we copy its starting weights
# into yours. Then both train on the same digits in the same order. If your layers are right, there
# is nothing left that could make a difference.
#
# Two more networks of *your* layers run along: one starts from other weights, and one has a fault
# put in on purpose: it goes without its biases.
#
# **Coming from TensorFlow 2?** A model begins with `keras.Input(...)`. The argument `input_shape=`
# of the first layer still works, but Keras 3 warns you off.


# %% tags=["experiment"]
def network(Reshape, Flatten, Dense, Activation, use_bias=True):
    """One network, of whichever layers it is given."""
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

# %% tags=["experiment"]
networks = {"Keras": start} | networks
losses = {name: train(model, flat_train, train_labels) for name, model in networks.items()}
for name, model in networks.items():
    print(f"{name:>22}: right on {accuracy(model, flat_test, test_labels):.1%} of the test digits")

# %% tags=["experiment"]
figure, (curves, gaps) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
styles = {
    "Keras": {"color": "#e69f00", "lw": 7, "alpha": 0.6},
    "yours, same start": {"color": "black", "lw": 1.8},
    "yours, other start": {"color": "#0072b2", "ls": "--", "marker": "o", "ms": 4},
    "yours, without biases": {"color": "#009e73", "ls": ":", "marker": "s", "ms": 4},
}
for name, style in styles.items():
    curves.plot(range(1, 16), losses[name], label=name, **style)
    if name != "Keras":
        gap = np.abs(np.subtract(losses[name], losses["Keras"]))
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

# %% [markdown]
# ### What do you see?
#
# Take your time with the two panels and with the accuracies printed above them, then answer in a
# few sentences. (3 points, read by your instructor.)
#
# 1. Which curves lie on each other, and what had to be *equal* for that to happen? Name at least
#    three things.
# 2. One network was built with a fault: it has no biases. Could you have found the fault from the
#    test accuracies alone? What in the plot gives it away?
# 3. So if you had to find out whether somebody's layer is right, what would you compare?

# %% [markdown] nbgrader={"grade_id": "question-plot", "grade": true, "solution": true, "points": 3}
# ### BEGIN SOLUTION
# 1. "Keras" and "yours, same start" lie on each other in all epochs; their distance is only
#    rounding. (One point.) Equal had to be: the formulas of all layers, the starting weights, the
#    data, the order of the batches, and the optimizer with its learning rate. With other starting
#    weights alone, the same layers take another path.
# 2. No. (One point.) All four networks are right on nearly the same share of the 297 test digits,
#    and the one without biases does not stand out; its loss even ends a little lower than Keras's.
#    But in the right panel its distance from Keras's curve is thousands of times larger than
#    rounding, from the first epoch on, although it started from the same kernels.
# 3. Outputs (or losses, or gradients) for the same weights and the same inputs, not accuracies
#    after training. (One point.) A network can learn its way around a wrong layer; a comparison
#    with everything else equal cannot be fooled so.
# ### END SOLUTION

# %% [markdown]
# ## What you have now
#
# | layer | shape | parameters |
# |---|---|---|
# | Dense | the last axis becomes `units` | `features × units + units` |
# | Activation | stays | none |
# | Flatten | each sample becomes one row | none |
# | Reshape | each sample takes the target's form, in the same order | none |
#
# You can open any network now and read its first and last lines. And you have a way of finding the
# truth about a layer: the same weights, the same inputs, and a patient look at the difference.
