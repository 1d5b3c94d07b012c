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
# # 2 · Joining
#
# The networks of the first unit were chains: the output of each layer was the input of the next
# one. Many networks need more: they have paths that split and join again. A picture and a sentence
# are processed together. A signal skips twenty layers. Two candidates are compared; only the better
# one is kept.
#
# Wherever paths join, there is a layer with several inputs, a **merging layer**. In this unit you
# build five of them: **Concatenate**, which puts its inputs side by side; **Add** and **Subtract**;
# **Maximum** and **Minimum**. They learn nothing, and most of them are one line of code. But each
# of them makes something possible that a chain cannot do.
#
# The two questions are the same as before: *which shape comes out, and how many numbers does it
# learn?* For these five layers the second answer is always "none". So you will be asked about the
# networks around them.
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
# The data are the digits again, whole and cut in two: the upper four rows and the lower four rows.

# %% id="start-experiment" tags=["experiment"]
import matplotlib.pyplot as plt

from grader.data import load
from grader.pictures import joining, show

digits = load("digits")
order = np.random.default_rng(0).permutation(1797)
images = digits["images"][order].astype("float32") / 16  # ink, from 0 (paper) to 1
labels = digits["labels"][order].astype("int32")
halves = {"upper": images[:, :4], "lower": images[:, 4:]}
flat = images.reshape(-1, 64)
training, test = slice(0, 1500), slice(1500, 1797)  # which digits are which


def train(model, inputs, targets, loss="sparse_categorical_crossentropy"):
    """Train a model for 10 epochs, always in the same order, and return the loss of each epoch."""
    keras.utils.set_random_seed(7)
    # XLA would take longer to compile these small networks than they take to train.
    optimizer = keras.optimizers.Adam(0.01)
    model.compile(optimizer, loss=loss, metrics=["accuracy"], jit_compile=False)
    return model.fit(inputs, targets, batch_size=50, epochs=10, verbose=0).history["loss"]


def panels(pictures, alt):
    """Show grey pictures in a row, each with its name."""
    figure, row = plt.subplots(1, len(pictures), figsize=(10, 2.3), layout="constrained")
    for panel, (name, picture) in zip(row, pictures.items(), strict=True):
        panel.imshow(picture, cmap="gray_r", vmin=0, vmax=1)
        panel.set(xticks=[], yticks=[])
        panel.set_title(name, fontsize=10)
    show(figure, alt)


# %% [markdown] id="networks-that-branch-the-functional-api"
# ## Networks that branch: the Functional API
#
# `keras.Sequential` is for chains only. For any other network, use Keras's **Functional API**. It
# has three steps.
#
# 1. `keras.Input(shape)` returns a **symbolic tensor** (a KerasTensor): it has a shape, but no
#    numbers yet. The batch axis, which is not known yet, is `None`.
# 2. Call a layer on a symbolic tensor, and it returns another one. Keras remembers how the two are
#    connected. Call a merging layer on a *list* of symbolic tensors.
# 3. `keras.Model(inputs=[...], outputs=...)` makes a model of everything between these inputs and
#    these outputs. It trains like any other model. Its data are a list, in the order of the inputs.
#
# Here is such a network. Each digit is cut in two. Each half goes through a layer of its own, and
# then the two results are joined.

# %% id="networks-that-branch-the-functional-api-experiment" tags=["experiment"]
joining.draw_graph().show()

# %% id="networks-that-branch-the-functional-api-experiment-2" tags=["experiment"]
upper, lower = keras.Input((4, 8), name="upper"), keras.Input((4, 8), name="lower")
above = keras.layers.Dense(16, activation="relu")(keras.layers.Flatten()(upper))
below = keras.layers.Dense(16, activation="relu")(keras.layers.Flatten()(lower))
joined = keras.layers.Concatenate()([above, below])
answer = keras.layers.Dense(10, activation="softmax")(joined)
model = keras.Model(inputs=[upper, lower], outputs=answer)
print(f"above {above.shape} and below {below.shape} become joined {joined.shape}")
model.summary()

# %% [markdown] id="networks-that-branch-the-functional-api-text"
# The column on the right of the summary says which layers are connected. Read it from the bottom
# up, and you can draw the picture again.
#
# **Try:** Replace `Concatenate` with `Add`. What happens to the shape of `joined`, and to the
# number of parameters?
#
# Does the second half help? We train three networks: one gets only the upper halves, one gets only
# the lower halves, and one gets both.


# %% id="networks-that-branch-the-functional-api-experiment-3" tags=["experiment"]
def reader(*names):
    """A network that classifies digits by the halves with these names."""
    keras.utils.set_random_seed(1)
    seen = [keras.Input((4, 8), name=name) for name in names]
    opinions = [keras.layers.Dense(16, activation="relu")(keras.layers.Flatten()(x)) for x in seen]
    joined = keras.layers.Concatenate()(opinions)
    return keras.Model(seen, keras.layers.Dense(10, activation="softmax")(joined))


for names in ("upper",), ("lower",), ("upper", "lower"):
    model = reader(*names)
    train(model, [halves[name][training] for name in names], labels[training])
    _, right = model.evaluate([halves[name][test] for name in names], labels[test], verbose=0)
    print(f"{' and '.join(names):>15}: right on {right:.1%} of the test digits")

# %% [markdown] id="networks-that-branch-the-functional-api-text-2"
# Half a digit is often ambiguous (is it a 3 or a 5, a 7 or a 9?). Both halves together rarely are.
#
# **Try:** Give each half 64 units instead of 16. Can one half alone catch up?
#
# **Coming from TensorFlow 2?** There, you could call TensorFlow's own functions on symbolic
# tensors. In Keras 3, `tf.concat([above, below], -1)` is an error: "A KerasTensor cannot be used as
# input to a TensorFlow function". Use a layer, or `keras.ops`. Inside the `call` of a layer you can
# still use TensorFlow's functions.

# %% [markdown] id="about-concatenate"
# ## Concatenate
#
# Concatenate puts its inputs side by side. It computes nothing: each number of each input is still
# there, with the first input first. Use it when different pieces of information belong to the same
# sample; the next layer learns how to combine them.
#
# Along one axis the lengths add up. Along all other axes the inputs must have the same length.

# %% id="concatenate-experiment" tags=["experiment"]
joining.draw_concatenate().show()

# %% [markdown] id="concatenate-text"
# As a formula, with $n_k$ for the length of input number $k$ along `axis`:
#
# $$n = n_1 + n_2 + n_3 + \dots$$
#
# | | |
# |---|---|
# | shape | along `axis` the sum of the lengths; all other axes as in each of the inputs |
# | parameters | none |
#
# The batch axis is axis 0. So `axis=1` is the first axis of a sample, and `axis=-1`, the default,
# is the last one. (`Reshape` is different: its target shape leaves out the batch.) Along axis 0 you
# would get more samples, not longer ones.
#
# Below, the two halves of a digit are joined in four ways. Before you run the cell: which of the
# four pictures will be four rows high?

# %% id="concatenate-experiment-2" tags=["experiment"]
seven, two = np.flatnonzero(labels == 7)[4:5], np.flatnonzero(labels == 2)[:1]  # a sample of each
above, below = halves["upper"][seven], halves["lower"][seven]
concatenate = keras.layers.Concatenate
pictures = {
    "axis=1": concatenate(axis=1)([above, below]),
    "axis=1, lower first": concatenate(axis=1)([below, above]),
    "axis=-1": concatenate(axis=-1)([above, below]),
    "axis=1, foot of a 2": concatenate(axis=1)([above, halves["lower"][two]]),
}
panels(
    {f"{name}\n{tuple(joined.shape)}": joined[0] for name, joined in pictures.items()},
    "Four pictures from halves of digits. Joined along axis 1, the halves of a 7 make a 7 again; "
    "with the lower half first, its foot stands on its head. Along the last axis the halves stand "
    "side by side, four rows high. The upper half of a 7 on the foot of a 2 passes for a 2.",
)

# %% [markdown] id="concatenate-text-2"
# Concatenate joins whatever it gets: the last picture is the upper half of a 7 on the lower half of
# a 2, and looks like a 2. You have to know which inputs belong together.
#
# **Try:** Join three halves, `[above, below, above]`, along axis 1. How many rows are there?

# %% [markdown] id="concatenate-shape-exercise"
# ### Exercise: predict the shape after Concatenate
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●●○ (4 of 5) · 5 minutes · 2 points
# >
# > `shapes` is a list of input shapes, each a tuple with its batch axis, which may be `None`.
# > `axis` may be positive or negative, and is never the batch axis. Return the output shape as a
# > tuple, with its batch axis.
#
# <details><summary>TypeError: unsupported operand type(s) for +: 'int' and 'NoneType'</summary>
#
# Your sum includes the unknown batch size. Along how many axes do the lengths add up? What happens
# to the other axes?
# </details>
#
# <details><summary>It is right for axis=1 and wrong for axis=-1</summary>
#
# Do you cut the shape into a part before the axis and a part after it? The part after it begins at
# `axis + 1`. What is −1 + 1, and what does a slice do that begins there? (If you make a list and
# replace one entry, the problem does not arise.)
# </details>


# %% nbgrader={"grade_id": "concatenate-shape", "solution": true}
def concatenate_shape(shapes, axis=-1):
    """The shape after Concatenate(axis). All shapes have a batch axis, which may be None."""
    ### BEGIN SOLUTION
    joined = list(shapes[0])
    joined[axis] = sum(shape[axis] for shape in shapes)
    return tuple(joined)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-concatenate-shape", "grade": true, "points": 2}
check(concatenate_shape)
### BEGIN HIDDEN TESTS
check(concatenate_shape, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="concatenate-text-3"
# You write a merging layer like any other layer, but its input is a *list*. `call(self, inputs)`
# gets a list of tensors, and `compute_output_shape(self, input_shape)` gets a list of shapes, each
# a tuple with its batch axis. Each returns one result: one tensor, and one shape.
#
# Once you have written `compute_output_shape`, Keras uses it when it builds a model. If it is
# wrong, you get an error some layers later.
#
# **Coming from TensorFlow 2?** The shapes in the list were `TensorShape` objects there. In Keras 3
# they are plain tuples, so `shape[1]` is a number or `None`.

# %% [markdown] id="concatenate-exercise"
# ### Exercise: write Concatenate
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●●● (5 of 5) · 15 minutes · 9 points
# >
# > **What is asked**
# >
# > - **shape** (2): the lengths along `axis` added up, also while the batch size is unknown
# >   (`keras.Input`).
# > - **compute_output_shape** (1): the same answer, from a list of shapes. The batch entries may be
# >   `None`. (Your function `concatenate_shape` gives it: call it.)
# > - **output** (3): two or more inputs in their order. `axis` is any axis but the batch axis,
# >   positive or negative, and −1 by default.
# > - **gradient** (1): each input gets back its own part of the gradient.
# > - **config** (1): `Concatenate.from_config(layer.get_config())` joins along the same axis.
# > - **model** (1): the layer works in the Functional API.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.Concatenate`. (`ops.concatenate`
# > is a tool, not the layer: take it, or do without.)
#
# <details><summary>ConcatOp : Dimension 1 in both shapes must be equal</summary>
#
# Along the axis that you use, the other lengths do not match. Print the shapes of the inputs and
# the axis: along which axis do the inputs differ? Is that the axis that `__init__` got?
# </details>
#
# <details><summary>My output is right, and the card says that my shape is wrong</summary>
#
# For the shape, Keras uses your `compute_output_shape`, not your `call`. Do you give your function
# the axis of the layer?
# </details>
#
# <details><summary>config: it gives another output</summary>
#
# Keras saves simple arguments by itself, but only if you do not write `get_config`. If you do write
# it, it must return every argument of `__init__`. Which arguments are there?
# </details>
#
# <details><summary>TypeError: Error when deserializing class 'Concatenate'</summary>
#
# A config also holds the name of the layer, and `from_config` passes all entries to `__init__`.
# Does your `__init__` take `**kwargs`, and pass them on to `super().__init__`?
# </details>


# %% nbgrader={"grade_id": "concatenate", "solution": true}
class Concatenate(keras.layers.Layer):
    """Put the inputs side by side along one axis."""

    def __init__(self, axis=-1, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.axis = axis
        ### END SOLUTION

    def compute_output_shape(self, input_shape):
        ### BEGIN SOLUTION
        return concatenate_shape(input_shape, self.axis)
        ### END SOLUTION

    def call(self, inputs):
        ### BEGIN SOLUTION
        return ops.concatenate(inputs, axis=self.axis)
        ### END SOLUTION

    def get_config(self):
        """The arguments that make the same layer again."""
        ### BEGIN SOLUTION
        return super().get_config() | {"axis": self.axis}
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-concatenate", "grade": true, "points": 9}
check(Concatenate)
### BEGIN HIDDEN TESTS
check(Concatenate, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="about-add"
# ## Add
#
# Concatenate keeps every number, so its output is wider than its inputs. The output of Add has the
# same shape as each input: each place of the output holds the sum of the numbers at that place in
# all inputs. There may be two inputs, or three, or a hundred.

# %% id="add-experiment" tags=["experiment"]
joining.draw_add().show()

# %% [markdown] id="add-text"
# With $x_{kp}$ for the number in input $k$ at place $p$:
#
# $$y_p = x_{1p} + x_{2p} + x_{3p} + \dots$$
#
# | | |
# |---|---|
# | shape | stays as it is; all inputs have the same one |
# | parameters | none |
#
# (If the shapes are *not* the same, Keras's own layer does not always raise an error: an input with
# length 1 along an axis is repeated to fit. This is called **broadcasting**; we come back to it at
# the end. Your own layer is tested on equal shapes.)
#
# Add is the layer of the **residual connection**: the input of a layer f also goes around f, and is
# added to its output. He et al. (2015) trained networks of more than a hundred layers with it.
# Without it, their deeper networks had a *higher* training error than shallower ones, although they
# used relu and batch normalization. They called this **degradation**.
#
# One reason why a shortcut helps is easy to compute. During backpropagation, the gradient is
# multiplied by the slope of each activation that it passes. The slope of a sigmoid is one quarter
# *at most*. After ten sigmoids, unless the kernels make up for it, hardly a millionth of the
# gradient is left: the **vanishing gradient**. (Relu does not have this problem, so this is not the
# whole explanation of degradation. We use sigmoids here because the effect shows in a few seconds.)

# %% id="add-experiment-2" tags=["experiment"]
joining.draw_residual().show()

# %% [markdown] id="add-text-2"
# $$y = x + f(x) \qquad y' = 1 + f'(x)$$
#
# However small the slope of f is, the 1 remains. Does it help? We build two networks of eleven
# sigmoid layers, with the same number of parameters and the same starting weights. In one of them,
# the last ten layers have a residual connection. First we look at the gradient of the loss for each
# kernel before any training, then we train both.


# %% id="add-experiment-3" tags=["experiment"]
def deep(shortcuts, activation="sigmoid"):
    """Eleven Dense layers of 32 units, ten of them with or without a shortcut."""
    keras.utils.set_random_seed(1)
    inputs = keras.Input((64,))
    x = keras.layers.Dense(32, activation=activation)(inputs)
    for _ in range(10):
        f = keras.layers.Dense(32, activation=activation)(x)
        x = keras.layers.Add()([x, f]) if shortcuts else f
    return keras.Model(inputs, keras.layers.Dense(10, activation="softmax")(x))


def kernel_gradients(model):
    """The norm of the gradient of the loss for each kernel, from the first layer to the last."""
    kernels = [weight.value for weight in model.weights if weight.name == "kernel"]
    with tf.GradientTape() as tape:
        loss = keras.losses.SparseCategoricalCrossentropy()(labels[training], model(flat[training]))
    return [float(tf.norm(gradient)) for gradient in tape.gradient(loss, kernels)]


figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.8), layout="constrained")
for name, style in ("plain", "o--"), ("with shortcuts", "s-"):
    model = deep(shortcuts=name != "plain")
    left.plot(range(1, 13), kernel_gradients(model), style, lw=2, label=name)
    losses = train(model, flat[training], labels[training])
    right.plot(range(1, 11), losses, style, lw=2, label=name)
    accuracy = model.evaluate(flat[test], labels[test], verbose=0)[1]
    print(f"{name:>14}: loss {losses[-1]:.3f}, right on {accuracy:.1%} of the test digits")
left.set(xlabel="Dense layer, counted from the input", yscale="log", xticks=range(1, 13))
left.set_title("Gradient for its kernel, before training")
right.axhline(np.log(10), color="gray", lw=1, ls=":")
right.set(xlabel="epoch", title="Loss (dotted: log 10, pure guessing)", ylim=(0, 4))
left.legend(frameon=False)
show(
    figure,
    "Left: the gradient for the kernel of each of twelve Dense layers, on a logarithmic scale. In "
    "the plain network it falls in a straight line towards the input, from about one half to "
    "below a ten-millionth. With shortcuts it stays above one half in all layers. Right: the loss. "
    "The plain network stays at log 10; the one with shortcuts falls to near 0.",
)

# %% [markdown] id="what-do-you-see"
# ### What do you see?
#
# Look at both panels, then answer in a few sentences. (3 points, read by your instructor.)
#
# 1. By which factor does the gradient of the plain network shrink from one layer to the next? Read
#    it from the left panel. Which number in the text above explains it, and why is the factor not
#    exactly that number?
# 2. The loss of the plain network ends at log 10 ≈ 2.3. What does the network answer then? Its last
#    layers do get a large enough gradient: why does that not help?
# 3. Suppose that each shortcut used `Concatenate` instead of `Add`. Would the gradient still reach
#    the first layers? What would it cost?

# %% [markdown] nbgrader={"grade_id": "question-plot", "grade": true, "solution": true, "points": 3}
# ### BEGIN SOLUTION
# 1. It falls from about 0.5 in the last layer to 5·10⁻⁸ in the first one, in eleven steps: by a
#    factor of four to five per layer, on average. (One point.) The slope of a sigmoid is at most
#    one quarter, and only at 0; elsewhere it is smaller. The gradient also passes the kernel of
#    each layer, which can make it smaller or larger.
# 2. It gives about one tenth to each digit, for every picture: it guesses. (One point.) The last
#    layers learn from what they get. But the same slopes also shrink differences on the way
#    forward: after ten sigmoid layers, all pictures look the same to the last layers.
# 3. Yes: concatenated numbers are passed on unchanged, so the gradient again has a path whose slope
#    is 1. (One point.) But the output grows by 32 numbers with each layer, and every Dense layer
#    has to take all of them: after ten layers it gets 352 numbers instead of 32, and needs 32
#    weights for each of them. (There are networks that do this, called DenseNets.) ### END SOLUTION

# %% [markdown] id="change-it"
# ### Change it: another activation
#
# The slope of a sigmoid is one quarter at most. The slope of tanh is 1 at most, and the slope of
# relu is 1 above zero and 0 below. How much of the gradient reaches the first layer of the *plain*
# network then?


# %% id="change-it-experiment" tags=["experiment"]
def share_that_arrives(activation, shortcuts=False):
    """The gradient for the kernel of the first layer, divided by that of the last one."""
    norms = kernel_gradients(deep(shortcuts, activation))
    return norms[0] / norms[-1]


print(f"{share_that_arrives('sigmoid'):.1e} of the last layer's gradient is left in the first one")

# %% [markdown] id="change-it-text"
# **Predict first.** What will the cell print for `"tanh"`, and for `"relu"`: about the same as for
# the sigmoid, about a thousand times as much, or more than a million times as much? Write it down,
# then change the last line.
#
# **Then explain it in one sentence.** Why does the slope of the activation matter so much more in
# a deep network than in a shallow one?
#
# <details><summary>What happens</summary>
#
# With tanh and with relu, the first layer gets more than a million times as much as with the
# sigmoid: about as much as the last layer. On its way back, the gradient is multiplied by ten
# slopes. If each of them is a quarter or less, almost nothing is left after ten layers. In a
# network of two layers nobody would notice.
# </details>
#
# **Try:** Add `shortcuts=True`. Does it still matter which activation you take?

# %% [markdown] id="what-do-you-see-text"
# A residual connection has one condition: x and f(x) can only be added if they have the same shape.
# So a residual block often has two Dense layers. The first one can have any width; the second one
# returns to the width of x.
#
# Three exercises of this unit count the parameters of Dense layers. You have a function for that:
# copy your `dense_params` from unit 01 into the next cell. Then you only need to call it.


# %% nbgrader={"grade_id": "your-dense-params", "solution": true}
# Your dense_params(features, units), from unit 01.
### BEGIN SOLUTION
def dense_params(features, units, use_bias=True):
    """The number of parameters of Dense(units, use_bias=use_bias) on this many features."""
    return features * units + (units if use_bias else 0)


### END SOLUTION

# %% [markdown] id="residual-params-exercise"
# ### Exercise: predict the parameters of a residual stack
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●○○ (3 of 5) · 5 minutes · 2 points
# >
# > A stack has `depth` blocks, one after the other. In each block, `x` goes through
# > `Dense(hidden, activation="relu")`, then through a second Dense layer whose output has as many
# > numbers as `x`; `Add` adds the result to `x`. The first `x` has `features` numbers. How many
# > parameters does the stack have?
#
# <details><summary>My answer is right for one block and too large for two</summary>
#
# How many features does the second block get? Look at the shape rule of Add again.
# </details>
#
# <details><summary>NameError: name 'dense_params' is not defined</summary>
#
# The function comes from unit 01. Copy it into the cell above this exercise, and run that cell.
# </details>


# %% nbgrader={"grade_id": "residual-params", "solution": true}
def residual_params(features, hidden, depth):
    """The number of parameters of so many blocks x + Dense(features)(Dense(hidden)(x))."""
    ### BEGIN SOLUTION
    return depth * (dense_params(features, hidden) + dense_params(hidden, features))
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-residual-params", "grade": true, "points": 2}
check(residual_params)
### BEGIN HIDDEN TESTS
check(residual_params, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="add-exercise"
# ### Exercise: write Add
#
# > Difficulty ●○○○○ (1 of 5) · Importance ●●●●● (5 of 5) · 15 minutes · 7 points
# >
# > Add, Subtract, Maximum and Minimum differ in one thing only: what they do with two numbers. So
# > you write everything else once, in a class `Elementwise`, and `Add` is a subclass with one short
# > method, `combine`. (Keras does the same: its four layers share a base class.) `call` combines
# > the first two inputs, then the result with the third, and so on.
# >
# > **What is asked**
# >
# > - **shape** (1): the one that all inputs have, also while the batch size is unknown.
# > - **compute_output_shape** (1): the same answer, from a list of shapes.
# > - **output** (3): the sum at each place of two or more inputs, at any rank.
# > - **gradient** (1): each input gets back the whole gradient.
# > - **model** (1): the layer works in the Functional API.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.Add`. You are here to build it.
#
# <details><summary>My output is one number, or has lost an axis</summary>
#
# You have summed over too many axes. Which numbers belong together? Those at the same place in
# *different* inputs. `+` on two arrays of the same shape does just that.
# </details>
#
# <details><summary>It is right for two inputs and wrong for three</summary>
#
# What does your loop do with the third input? Does each step continue from the result of the last
# one?
# </details>
#
# <details><summary>'Add' object has no attribute 'combine'</summary>
#
# `call` is in `Elementwise` and uses `self.combine`, which is in `Add`. Is it indented, so that it
# belongs to the class?
# </details>
#
# <details><summary>compute_output_shape gives several shapes</summary>
#
# `input_shape` is the list of all input shapes. A layer with one input can return its input shape;
# here the method gets several shapes and must return one.
# </details>


# %% nbgrader={"grade_id": "add", "solution": true}
class Elementwise(keras.layers.Layer):
    """Combines inputs of one shape, place by place. A subclass says how, in `combine`."""

    def compute_output_shape(self, input_shape):
        ### BEGIN SOLUTION
        return input_shape[0]
        ### END SOLUTION

    def call(self, inputs):
        """Combine all inputs, with `self.combine(one, other)` for two at a time."""
        ### BEGIN SOLUTION
        total, *others = inputs
        for other in others:
            total = self.combine(total, other)
        return total
        ### END SOLUTION


class Add(Elementwise):
    """The sum of the inputs at each place."""

    def combine(self, one, other):
        ### BEGIN SOLUTION
        return one + other
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-add", "grade": true, "points": 7}
check(Add)
### BEGIN HIDDEN TESTS
check(Add, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="about-subtract"
# ## Subtract
#
# Subtract takes exactly two inputs and returns the first minus the second. Use it for comparisons:
# is this picture sharper than that one, is this answer better, which of two players will win? The
# order of the inputs matters: if you swap them, the sign changes.

# %% id="subtract-experiment" tags=["experiment"]
joining.draw_subtract().show()

# %% [markdown] id="subtract-text"
# $$y_p = x_{1p} - x_{2p}$$
#
# | | |
# |---|---|
# | shape | stays as it is; both inputs have the same one |
# | parameters | none |
#
# For a fair comparison, both inputs must be scored in the same way. In the Functional API this is
# easy: call the same layer *twice*, and both inputs go through the same weights. This is called
# **weight sharing**, and such a network is called a **twin network** or **Siamese network**.

# %% id="subtract-experiment-2" tags=["experiment"]
joining.draw_twins().show()

# %% [markdown] id="subtract-text-2"
# We train this twin network on pairs of digits. For each pair it learns only one thing: which of
# the two is larger. It is never told which digits they are, or that there are ten of them. Then we
# look at the score that it gives to single test digits.


# %% id="subtract-experiment-3" tags=["experiment"]
def pairs(digits, count):
    """Pairs of different digits, and for each pair whether the first one is larger."""
    first, second = np.random.default_rng(3).choice(np.arange(1797)[digits], (2, count))
    different = labels[first] != labels[second]
    first, second = first[different], second[different]
    return [flat[first], flat[second]], (labels[first] > labels[second]).astype("float32")


keras.utils.set_random_seed(1)
one, other = keras.Input((64,)), keras.Input((64,))
scorer = keras.Sequential([keras.layers.Dense(32, activation="relu"), keras.layers.Dense(1)])
difference = keras.layers.Subtract()([scorer(one), scorer(other)])
twins = keras.Model([one, other], keras.layers.Activation("sigmoid")(difference))
train(twins, *pairs(training, 3000), loss="binary_crossentropy")

inputs, larger = pairs(test, 1000)
forth, back = twins.predict(inputs, verbose=0), twins.predict(inputs[::-1], verbose=0)
print(f"right on {np.mean((forth[:, 0] > 0.5) == larger):.1%} of the test pairs")
print(f"both ways round, the answers sum to 1 (but for {np.abs(forth + back - 1).max():.0e})")

scores = scorer(flat[test]).numpy()[:, 0]
figure, axes = plt.subplots(figsize=(8, 3.6))
axes.plot(labels[test] + np.random.default_rng(0).uniform(-0.15, 0.15, 297), scores, ".", alpha=0.4)
axes.plot(range(10), [np.median(scores[labels[test] == d]) for d in range(10)], "k_", ms=22, mew=2)
axes.set(xlabel="the digit in the picture", ylabel="score", xticks=range(10))
show(
    figure,
    "The score of each test digit against the digit that it shows, with the median of each digit. "
    "The medians climb from 0 to 9 like a staircase.",
)

# %% [markdown] id="subtract-text-3"
# The scores rise from digit to digit. The network was never told the values of the digits; it has
# learned their order from "larger" and "smaller" alone. (Reward models, which are used to train
# language models, learn from comparisons in the same way.)
#
# **Try:** Train on 30 pairs instead of 3000. Are the medians still in order?
#
# Look at the second line above the picture, too: if you swap the two digits, the answer is exactly
# the opposite. The network did not have to learn this. It follows from the subtraction.

# %% [markdown] id="twin-params-exercise"
# ### Exercise: predict the parameters of a twin network
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●●○ (4 of 5) · 5 minutes · 2 points
# >
# > There are two inputs with this many features each. `Dense(width, activation="relu")` and
# > `Dense(1)` are made once, and called on both inputs as in the picture; `Subtract` compares the
# > two scores. How many parameters are there in total?
#
# <details><summary>My count is twice what it should be</summary>
#
# Weights are made when a layer is built, and it is built once. What does the second call add?
# </details>
#
# <details><summary>Is the bias of Dense(1) not useless?</summary>
#
# It is: it is part of both scores, so it disappears in the difference, and its gradient is 0 in all
# cases. But Keras has made this weight, so it counts as a parameter.
# </details>


# %% nbgrader={"grade_id": "twin-params", "solution": true}
def twin_params(features, width):
    """The number of parameters of a twin network with one hidden layer of this width."""
    ### BEGIN SOLUTION
    return dense_params(features, width) + dense_params(width, 1)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-twin-params", "grade": true, "points": 2}
check(twin_params)
### BEGIN HIDDEN TESTS
check(twin_params, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="subtract-exercise"
# ### Exercise: write Subtract
#
# > Difficulty ●○○○○ (1 of 5) · Importance ●●●○○ (3 of 5) · 3 minutes · 7 points
# >
# > One line, on top of `Elementwise`: how are two inputs combined?
# >
# > **What is asked**
# >
# > - **shape** (1): the one that both inputs have, also while the batch size is unknown.
# > - **compute_output_shape** (1): the same answer, from a list of two shapes.
# > - **output** (3): the first input minus the second, at any rank.
# > - **gradient** (1): the first input gets back the gradient, the second one its opposite.
# > - **model** (1): the layer works in the Functional API.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.Subtract`. You are here to build
# > it.
#
# <details><summary>The numbers are right, and some signs are wrong</summary>
#
# If *all* signs are wrong, think about the order of the two inputs. If only negative results are
# wrong, look for something in your code that removes the sign.
# </details>


# %% nbgrader={"grade_id": "subtract", "solution": true}
class Subtract(Elementwise):
    """The first of two inputs minus the second."""

    def combine(self, one, other):
        ### BEGIN SOLUTION
        return one - other
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-subtract", "grade": true, "points": 7}
check(Subtract)
### BEGIN HIDDEN TESTS
check(Subtract, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="maximum-and-minimum"
# ## Maximum and Minimum
#
# At each place, Maximum keeps the largest of the numbers in its inputs, and Minimum keeps the
# smallest. Each place is compared separately: the input that has the largest number here may have
# the smallest one at the next place. The two layers are closely related (Minimum is Maximum with
# all signs changed, before and after), so they share a picture.

# %% id="maximum-and-minimum-experiment" tags=["experiment"]
joining.draw_extremes().show()

# %% [markdown] id="maximum-and-minimum-text"
# $$\text{Maximum:} \quad y_p = \max(x_{1p}, x_{2p}, \dots) \qquad
# \text{Minimum:} \quad y_p = \min(x_{1p}, x_{2p}, \dots)$$
#
# | | |
# |---|---|
# | shape | stays as it is; all inputs have the same one |
# | parameters | none |
#
# For pictures of ink, Maximum means *or* and Minimum means *and*: ink in this picture or in that
# one, ink in this picture and in that one. There can be any number of inputs, so we can also ask
# what *all* the zeros in the data have in common.

# %% id="maximum-and-minimum-experiment-2" tags=["experiment"]
one, zero = (images[labels == digit][:1] for digit in (1, 0))
maximum, minimum = keras.layers.Maximum(), keras.layers.Minimum()
zeros = [image[None] for image in images[labels == 0]]  # a list of pictures, each a batch of one
pictures = {
    "a 0": zero,
    "a 1": one,
    "Maximum (or)": maximum([zero, one]),
    "Minimum (and)": minimum([zero, one]),
    f"or of {len(zeros)} zeros": maximum(zeros),
    f"and of {len(zeros)} zeros": minimum(zeros),
}
panels(
    {name: picture[0] for name, picture in pictures.items()},
    "Six pictures: a 0; a 1; their Maximum, with the ink of both; their Minimum, with ink only "
    "where both have some; the Maximum of all zeros, a blot with a lighter spot in the middle; "
    "the Minimum of all zeros, a pale ring with gaps.",
)

# %% [markdown] id="maximum-and-minimum-text-2"
# Look at the last two pictures. In the middle there is a spot where none of the zeros has much ink,
# and around it there is a faint ring that all of them share.
#
# **Try:** Take all ones instead of all zeros. What do they have in common?
#
# The gradient follows the comparison: at each place it goes only to the input with the largest
# number (for Minimum, the smallest), and the others get zero.
#
# Maximum can also replace an activation. Join two Dense layers without an activation by Maximum.
# Each of them is a straight line; the maximum of two lines follows the larger one, so there is a
# *bend* where they cross. This is a nonlinearity whose form is learned, called **maxout**. (And
# `relu` is the maximum of x and 0.) We ask the question of unit 01 again: is the digit odd?

# %% id="maximum-and-minimum-experiment-3" tags=["experiment"]
inputs = keras.Input((64,))
for name in "one straight piece", "two straight pieces":
    keras.utils.set_random_seed(1)
    pieces = [keras.layers.Dense(16)(inputs) for _ in range(1 if "one" in name else 2)]
    hidden = keras.layers.Maximum()(pieces)
    model = keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(hidden))
    train(model, flat[training], labels[training] % 2, loss="binary_crossentropy")
    right = model.evaluate(flat[test], labels[test] % 2, verbose=0)[1]
    print(f"{name:>19}: {model.count_params()} parameters, right on {right:.1%} of the test digits")

# %% [markdown] id="maximum-and-minimum-text-4"
# **Try:** Take four pieces instead of two. How many bends can each unit have now?

# %% [markdown] id="maxout-params-exercise"
# ### Exercise: predict the parameters of maxout
#
# > Difficulty ●○○○○ (1 of 5) · Importance ●●○○○ (2 of 5) · 3 minutes · 2 points
# >
# > On inputs with this many features, there are `pieces` layers `Dense(units)` side by side, and
# > `Maximum` joins their outputs. How many parameters are there in total?
#
# <details><summary>Only one piece wins: do the others count?</summary>
#
# It is the largest at one place, for one sample. Which piece is the largest for the next sample?
# </details>


# %% nbgrader={"grade_id": "maxout-params", "solution": true}
def maxout_params(features, units, pieces):
    """The number of parameters of the Maximum of so many Dense(units)."""
    ### BEGIN SOLUTION
    return pieces * dense_params(features, units)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-maxout-params", "grade": true, "points": 2}
check(maxout_params)
### BEGIN HIDDEN TESTS
check(maxout_params, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="maximum-exercise"
# ### Exercise: write Maximum
#
# > Difficulty ●○○○○ (1 of 5) · Importance ●●●○○ (3 of 5) · 5 minutes · 7 points
# >
# > One line again, on top of `Elementwise`.
# >
# > **What is asked**
# >
# > - **shape** (1): the one that all inputs have, also while the batch size is unknown.
# > - **compute_output_shape** (1): the same answer, from a list of shapes.
# > - **output** (3): the largest number at each place of two or more inputs, at any rank.
# > - **gradient** (1): at each place it goes to the input with the largest number.
# > - **model** (1): the layer works in the Functional API.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.Maximum`. You are here to build
# > it.
#
# <details><summary>ops.max and ops.maximum: which one?</summary>
#
# `ops.maximum(a, b)` compares two arrays, place by place. `ops.max(a, axis)` finds the largest
# number *within* one array, along an axis. Which of them does `combine(one, other)` need?
# </details>
#
# <details><summary>My output has lost an axis</summary>
#
# Then you have compared the features of one input with each other. See the last question.
# </details>
#
# <details><summary>My output holds small whole numbers</summary>
#
# 0, 1, 2 say *which* input has the largest number. The exercise asks for the number itself.
# </details>
#
# <details><summary>ValueError: The truth value of an array ... is ambiguous</summary>
#
# Python's own `max` looks for one largest array. Here each place has a maximum of its own.
# </details>


# %% nbgrader={"grade_id": "maximum", "solution": true}
class Maximum(Elementwise):
    """At each place the largest of its inputs' numbers."""

    def combine(self, one, other):
        ### BEGIN SOLUTION
        return ops.maximum(one, other)
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-maximum", "grade": true, "points": 7}
check(Maximum)
### BEGIN HIDDEN TESTS
check(Maximum, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="maximum-and-minimum-text-3"
# Now back to **broadcasting**, from the section on Add. Keras's elementwise layers accept unequal
# shapes if, along each axis, all lengths are equal *or some of them are 1*. An input of length 1 is
# repeated: its one number is used again and again. (This does not work along the batch axis; there,
# all lengths must be equal.)
#
# Broadcasting is useful. A *mask* with one number for each row, shape `(batch, 8, 1)`, is combined
# with pictures of shape `(batch, 8, 8)`, and the Minimum of the two keeps the ink only where the
# mask is 1:

# %% id="maximum-and-minimum-experiment-4" tags=["experiment"]
five = images[labels == 5][:1]
rows = np.array([1, 1, 1, 1, 0.3, 0.3, 0, 0], "float32").reshape(1, 8, 1)
columns = rows.reshape(1, 1, 8)
pictures = {
    "picture": five,
    "rows": rows,
    "columns": columns,
    "picture and rows": minimum([five, rows]),
    "rows and columns": minimum([rows, columns]),
}
panels(
    {f"{name}\n{tuple(picture.shape)}": picture[0] for name, picture in pictures.items()},
    "A 5; a mask of one column whose upper four rows are 1; a mask of one row. The Minimum of the "
    "5 and the mask of rows keeps the upper half of the 5. The Minimum of the two masks is a "
    "picture of 8 x 8 that is 1 in its upper left corner.",
)

# %% [markdown] id="maximum-and-minimum-text-5"
# **Try:** Which shape does `minimum([five, columns])` have, and which part of the 5 is left?

# %% [markdown] id="minimum-shape-exercise"
# ### Exercise: predict the shape after Minimum
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●●○ (4 of 5) · 5 minutes · 2 points
# >
# > `shapes` is a list of input shapes with the same number of axes. Along each axis the lengths are
# > equal, or some of them are 1. The batch entry is the same in all, and may be `None`. Return the
# > output shape as a tuple, with its batch axis.
#
# <details><summary>It is right for two of the cases and wrong for "each is stretched"</summary>
#
# Then none of the inputs has the shape of the output: `(batch, 8, 1)` and `(batch, 1, 8)` make
# `(batch, 8, 8)`. Decide each axis separately.
# </details>
#
# <details><summary>TypeError: '>' not supported between instances of 'NoneType' ...</summary>
#
# `None` cannot be compared. Which axis has it, and does that axis need a comparison?
# </details>


# %% nbgrader={"grade_id": "minimum-shape", "solution": true}
def minimum_shape(shapes):
    """The shape after Minimum, where axes of length 1 are broadcast."""
    ### BEGIN SOLUTION
    batch, *axes = zip(*shapes, strict=True)
    return (batch[0], *(max(lengths) for lengths in axes))
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-minimum-shape", "grade": true, "points": 2}
check(minimum_shape)
### BEGIN HIDDEN TESTS
check(minimum_shape, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="minimum-exercise"
# ### Exercise: write Minimum
#
# > Difficulty ●○○○○ (1 of 5) · Importance ●●○○○ (2 of 5) · 3 minutes · 7 points
# >
# > This is Maximum with the smallest number instead of the largest; equal shapes are enough here,
# > too.
# >
# > **What is asked**
# >
# > - **shape** (1): the one that all inputs have, also while the batch size is unknown.
# > - **compute_output_shape** (1): the same answer, from a list of shapes.
# > - **output** (3): the smallest number at each place of two or more inputs, at any rank.
# > - **gradient** (1): at each place it goes to the input with the smallest number.
# > - **model** (1): the layer works in the Functional API.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.Minimum`. You are here to build
# > it.
#
# <details><summary>It is right for two inputs and wrong for three</summary>
#
# The loop is in `Elementwise`: your `Add` shows whether it is right. Does `Minimum` have a `call`
# of its own?
# </details>


# %% nbgrader={"grade_id": "minimum", "solution": true}
class Minimum(Elementwise):
    """At each place the smallest of its inputs' numbers."""

    def combine(self, one, other):
        ### BEGIN SOLUTION
        return ops.minimum(one, other)
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-minimum", "grade": true, "points": 7}
check(Minimum)
### BEGIN HIDDEN TESTS
check(Minimum, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="all-five-layers-in-one-network"
# ## All five layers in one network
#
# Back to the digits that were cut in two. The upper and the lower half go through a Dense layer
# each, as in the first network of this unit. Then the two results are joined in all your ways at
# once: they are added, subtracted, and compared in both directions, and your Concatenate puts the
# four results side by side for the last layer.
#
# The same network is built from Keras's own five layers, and its starting weights are copied into
# yours. Then both train on the same digits in the same order. You know from unit 01 what to expect.


# %% id="all-five-layers-in-one-network-experiment" tags=["experiment"]
def crossing(Concatenate, Add, Subtract, Maximum, Minimum):
    """A network for digits in two halves, made of these layers."""
    keras.utils.set_random_seed(1)
    torn = [keras.Input((4, 8)), keras.Input((4, 8))]
    opinions = [keras.layers.Dense(16, activation="relu")(keras.layers.Flatten()(x)) for x in torn]
    met = [join()(opinions) for join in (Add, Subtract, Maximum, Minimum)]
    return keras.Model(torn, keras.layers.Dense(10, activation="softmax")(Concatenate()(met)))


names = "Concatenate", "Add", "Subtract", "Maximum", "Minimum"
networks = {
    "Keras": crossing(*(getattr(keras.layers, name) for name in names)),
    "yours": crossing(Concatenate, Add, Subtract, Maximum, Minimum),
}
networks["yours"].set_weights(networks["Keras"].get_weights())
upper, lower = halves.values()
losses = {}
for name, model in networks.items():
    losses[name] = train(model, [upper[training], lower[training]], labels[training])
    right = model.evaluate([upper[test], lower[test]], labels[test], verbose=0)[1]
    print(f"{name}: {model.count_params()} parameters, right on {right:.1%} of the test digits")
gap = np.abs(np.subtract(losses["yours"], losses["Keras"])).max()
print(f"the two curves are at most {gap:.1g} apart")

figure, axes = plt.subplots(figsize=(8, 3.4))
axes.plot(range(1, 11), losses["Keras"], color="#e69f00", lw=7, alpha=0.6, label="Keras")
axes.plot(range(1, 11), losses["yours"], color="black", lw=1.8, label="yours")
axes.set(xlabel="epoch", ylabel="loss", yscale="log")
axes.legend(frameon=False)
show(
    figure,
    "Loss against epoch, for the network of Keras's joining layers and for the one of yours. How "
    "far apart the two curves are is printed above the picture.",
)

# %% [markdown] id="all-five-layers-in-one-network-text"
# **Try:** Build your network with two layers swapped:
# `crossing(Concatenate, Add, Subtract, Minimum, Maximum)`. Which of the printed numbers shows the
# fault, and which hardly changes?

# %% [markdown] id="mended-dense-exercise"
# ### Exercise: find and mend the fault in Dense
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●○○ (3 of 5) · 10 minutes · 3 points
# >
# > Below is a Dense layer that somebody else wrote. **One thing in it is wrong.** Run the check
# > first: the card shows where the fault comes out. Then find the fault and mend it. Change as
# > little as you can.
# >
# > The layer is examined like your `Dense` in unit 01. It earns its points when everything is
# > right, and nothing before: most of it is right already.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.Dense`, nor
# > `keras.layers.EinsumDense`, which does the same.
#
# **How to find a fault.** First read the card: which rows are right, and in which cases is a row
# wrong? That tells you which lines you need not read. Then take the smallest case that fails and
# compute it by hand. At one line your number and the layer's number differ. The fault is there.
#
# <details><summary>Where do I look?</summary>
#
# Shape and parameters are right, so `build` makes the right weights. Some kinds of cases have the
# right output, too. What do those cases have in common?
# </details>
#
# <details><summary>I know the cases, but I do not see the fault</summary>
#
# Write down the formula of Dense, with its three steps. Then write down the three steps in the
# order in which `call` takes them.
# </details>


# %% nbgrader={"grade_id": "mended-dense", "solution": true}
class MendedDense(keras.layers.Layer):
    """Weighted sums along the last axis, with one fault."""

    def __init__(self, units, activation=None, use_bias=True, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.activation = keras.activations.get(activation)
        self.use_bias = use_bias

    def build(self, input_shape):
        self.kernel = self.add_weight(name="kernel", shape=(input_shape[-1], self.units))
        if self.use_bias:
            self.bias = self.add_weight(name="bias", shape=(self.units,), initializer="zeros")

    def call(self, inputs):
        outputs = ops.matmul(inputs, self.kernel)
        ### BEGIN SOLUTION
        if self.use_bias:
            outputs = outputs + self.bias
        return self.activation(outputs)
        ### GIVEN
        # outputs = self.activation(outputs)
        # if self.use_bias:
        #     outputs = outputs + self.bias
        # return outputs
        ### END SOLUTION

    def get_config(self):
        config = super().get_config()
        config.update(units=self.units, use_bias=self.use_bias)
        config["activation"] = keras.activations.serialize(self.activation)
        return config


# %% nbgrader={"grade_id": "check-mended-dense", "grade": true, "points": 3}
check(MendedDense)
### BEGIN HIDDEN TESTS
check(MendedDense, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="what-you-have-now"
# ## What you have now
#
# | layer | shape | parameters | what it is for |
# |---|---|---|---|
# | Concatenate | lengths along `axis` add up | none | inputs that the next layer must tell apart |
# | Add | stays | none | residual connections |
# | Subtract | stays | none | comparing two inputs |
# | Maximum | stays | none | *or*; maxout |
# | Minimum | stays | none | *and*; masks |
#
# You can now build networks that branch: paths that split, layers that are used twice, and layers
# that join paths. Most well-known networks have such a structure.
#
# ## References
#
# - K. He, X. Zhang, S. Ren, J. Sun (2015), *Deep Residual Learning for Image Recognition*,
#   arXiv:1512.03385.
# - G. Huang, Z. Liu, L. van der Maaten, K. Q. Weinberger (2016), *Densely Connected Convolutional
#   Networks*, arXiv:1608.06993.
# - I. J. Goodfellow, D. Warde-Farley, M. Mirza, A. Courville, Y. Bengio (2013), *Maxout Networks*,
#   arXiv:1302.4389.
