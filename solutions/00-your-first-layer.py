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
# # 0 · Your first layer
#
# Keras comes with about a hundred layers. Sooner or later you need one that is not among them.
# There are three ways to put something of your own into a network: **Input**, which describes the
# data that will come in; **Lambda**, which wraps any function that learns nothing; and a class of
# your own, a **custom layer**, which can do anything.
#
# This unit shows all three, each in a small form. It also shows how the course works, so it starts
# with something small: in three minutes you will see your first green card.
#
# A paragraph that begins with **Coming from TensorFlow 2?** is for readers who learned layers
# there. It shows where old code breaks today, and quotes the error message of Keras 3.
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

# %% [markdown] id="before-you-begin"
# ## Before you begin
#
# You need to know five things, none of them in depth: Python classes, arrays, broadcasting, what a
# loss is, and what a gradient is. If one of them is new to you, open it here. All five take about
# five minutes, and nothing in this section is graded.
#
# <details><summary>A Python class, and a subclass</summary>
#
# A **class** describes objects. `self` is the object itself. A method is a function of the object,
# and an attribute is a value that it keeps:
#
# ```python
# class Counter:
#     def __init__(self, start=0):  # runs when the object is made: Counter(5)
#         self.value = start
#
#     def up(self):
#         self.value = self.value + 1
# ```
#
# `counter = Counter(5)` makes an object, `counter.up()` calls its method, and `counter.value` is
# now 6. A **subclass** takes over everything from another class, and changes or adds some methods:
#
# ```python
# class TwoAtOnce(Counter):
#     def up(self):
#         self.value = self.value + 2
# ```
#
# `super().up()` inside `TwoAtOnce` would call the `up` of `Counter`. Your layers will be subclasses
# of `keras.layers.Layer`.
# </details>
#
# <details><summary>An array, and its shape</summary>
#
# An **array** is a grid of numbers, all of the same type (the **dtype**, such as `float32`). Its
# **shape** is a tuple with one length for each **axis**:
#
# ```python
# x = np.array([[1, 2, 3], [4, 5, 6]])
# x.shape  # (2, 3): two rows, three columns
# x[0]  # [1, 2, 3], the first row
# x.sum(axis=0)  # [5, 7, 9]: axis 0 is summed away, and three sums are left
# ```
#
# The **rank** is the number of axes, here 2. An array in TensorFlow or Keras is called a
# **tensor**.
# </details>
#
# <details><summary>Broadcasting</summary>
#
# `+`, `*` and the like work on two arrays place by place. If the shapes differ, NumPy compares them
# from the last axis backwards. Where one array has length 1, or no such axis at all, its numbers
# are used again and again. This is called **broadcasting**:
#
# ```python
# x = np.array([[1, 2, 3], [4, 5, 6]])  # shape (2, 3)
# x * np.array([10, 0, 1])  # shape (3,): each row of x is multiplied by it
# x * np.array([[10], [0]])  # shape (2, 1): each column of x is multiplied by it
# x * np.array([10, 0])  # an error: 3 and 2 do not fit
# ```
# </details>
#
# <details><summary>A loss</summary>
#
# A model answers with numbers. The **loss** is one number that says how wrong the answers are: 0 is
# perfect, and larger is worse. The mean squared error is an example: subtract the right answers
# from the given ones, square the differences, and take the mean.
# </details>
#
# <details><summary>A gradient</summary>
#
# A model has **weights**, numbers that you can change. The **gradient** of the loss has one number
# for each weight. It says how fast the loss grows if you make that weight a little larger. If it is
# positive, a smaller weight is better; if it is negative, a larger one is.
#
# **Training** repeats one step: compute the loss and its gradient, then move each weight a little
# in the other direction. How little is called the **learning rate**. One round through all the data
# is an **epoch**.
# </details>
#
# The next cell trains a model with a single weight, without Keras. The right weight is 2.

# %% id="before-you-begin-experiment" tags=["experiment"]
x = np.array([1.0, 2.0, 3.0])
right_answers = 2 * x
weight, rate = 0.0, 0.05
for step in range(8):
    wrong_by = weight * x - right_answers
    loss = np.mean(wrong_by**2)
    gradient = np.mean(2 * wrong_by * x)  # how fast the loss grows with the weight
    print(f"step {step}: weight {weight:6.3f}   loss {loss:7.3f}   gradient {gradient:7.3f}")
    weight = weight - rate * gradient

# %% [markdown] id="before-you-begin-text"
# The gradient is negative, so each step makes the weight larger, and the loss falls. Near the right
# weight the gradient is small, and so are the steps.
#
# **Try:** Change `rate` to 0.25, and look at the loss. Each step now goes so far that it ends on
# the other side of 2, farther away than before.

# %% [markdown] id="three-minutes-to-a-green-card"
# ## Three minutes to a green card
#
# A layer never gets a single sample. It gets a **batch**: several samples of the same shape in one
# array. The first axis counts the samples: 32 pictures of 8 × 8 pixels are one array of shape
# `(32, 8, 8)`. When you build a network, the batch size is not known yet. Keras writes `None` for a
# length that it does not know.

# %% [markdown] id="batch-shape-exercise"
# ### Exercise: predict the shape of a batch
#
# > Difficulty ●○○○○ (1 of 5) · Importance ●●●●● (5 of 5) · 3 minutes · 2 points
# >
# > Given the shape of one sample, such as `(8, 8)`, return the shape of a batch of such samples
# > when the batch size is not known: `(None, 8, 8)`.
# >
# > 1. Run the two cells below as they are (Shift + Enter). The card is grey: *not attempted yet*.
# > 2. Replace `raise NotImplementedError()` with `return shape`, and run both again. That is wrong,
# >    and the card is red. Read it.
# > 3. Now write the right answer, and run both again. The card is green.
#
# <details><summary>NameError: name 'batch_shape' is not defined</summary>
#
# Run the cell with your function first, then the cell with the check. The numbers in square
# brackets show in which order the cells were run.
# </details>
#
# <details><summary>TypeError: unsupported operand type(s) for +: 'NoneType' and 'tuple'</summary>
#
# `+` joins two tuples, but `None` is not a tuple. A tuple with one entry needs a comma: `(8,)`. Or
# write a new tuple and unpack the old one into it with a star: `*shape`.
# </details>


# %% nbgrader={"grade_id": "batch-shape", "solution": true}
def batch_shape(shape):
    """The shape of a batch of unknown size, of samples of this shape."""
    ### BEGIN SOLUTION
    return (None, *shape)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-batch-shape", "grade": true, "points": 2}
check(batch_shape)
### BEGIN HIDDEN TESTS
check(batch_shape, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="how-to-read-a-card"
# ### How to read a card
#
# Each row of a card is one *aspect* of the exercise, and has its own points. Your answer is
# compared with the real Keras layer, on random sizes and numbers, so there is no single number to
# hit: any correct solution passes. Below a red card there is one more line, `CheckFailed: ...`. It
# is meant for nbgrader and says nothing that the card does not say.
#
# Below are three cards that other answers got for `batch_shape`. (`examine` makes the same card as
# `check`, without the line for nbgrader.)

# %% id="how-to-read-a-card-experiment" tags=["experiment"]
from grader import examine


def forgetful(shape):
    return shape


def clumsy(shape):
    return None + shape


display(examine(forgetful, "batch_shape"))
display(examine(clumsy, "batch_shape"))
display(examine(forgetful, "batch_shape", hidden=True))

# %% [markdown] id="how-to-read-a-card-text"
# - **The first** answer is wrong. The card shows the smallest case that failed, the expected value
#   and the actual value. *The idea behind it* appears when the answer matches exactly one
#   well-known wrong idea.
# - **The second** answer raised an error. The card shows the line and Python's error message.
# - **The third** is the feedback that you get after grading. Grading also tries your code on
#   *hidden cases*, which are drawn anew. The card then names what failed but shows no values. So do
#   not write code for the cases that you see: write what the text asks for.
#
# How points are counted, here and in all units:
#
# - A correct aspect earns all its points. An aspect of a layer that is correct in some kinds of
#   cases only earns that share of them, in tenths: a wrong default costs less than a wrong formula.
#   A kind of case in which there is nothing to do earns no share, such as a mask where none is
#   asked for.
# - Shape, parameters and everything else around a computation count only if the layer computes
#   something from its inputs. A layer that returns the same for all samples, or its
#   inputs unchanged where that is not asked for, earns nothing for them.
# - The names, the order and the form of your weights are yours to choose. If the text gives their
#   shapes, those count, except for axes of length 1: a bias `(1, units)` is as correct as
#   `(units,)`.
#
# **Try:** In the cell with the cards, let `forgetful` return `(*shape, None)`. It is wrong in
# another way, and the card names another idea.
#
# Are you stuck? Write `from grader import hint` and `hint(batch_shape)` into a cell of your own.
# Each call says a little more; none gives the answer away. These are all the hints that the first
# of the three answers would get:

# %% id="how-to-read-a-card-experiment-2" tags=["experiment"]
from grader import hint

for _ in range(4):
    hint(forgetful, "batch_shape")
    print()

# %% [markdown] id="how-to-read-a-card-text-2"
# **Try:** Ask for hints for `clumsy`, too.
#
# You can check as often as you like, and ask for as many hints as you like. Nobody counts.
#
# When you have finished a unit, press **Validate** above the notebook: nbgrader runs your answers
# and checks from the top and lists what is still wrong. This finds code that works only because you
# ran the cells in another order. Then save the notebook, and submit it from the menu **Nbgrader →
# Assignment List** with **Submit**. You can submit again; the last submission counts. In grading,
# each aspect gives its own points, and a cell that you never touched is *not attempted*, not wrong.
#
# Cells with pictures and training are experiments. Run them, look at what they show, and change
# them: nothing graded depends on them. A line that begins with **Try:** suggests a change. (If you
# want the old cell back, press Ctrl + Z in it.)

# %% [markdown] id="input"
# ## Input
#
# `keras.Input` says which shape the data will have. It returns a **KerasTensor**, which has a shape
# and a dtype but no numbers. You can call a layer on it. The layer reads the shape, makes the
# weights that it needs, and returns another KerasTensor with the shape of its output. The next
# layer takes that one. At the end, `keras.Model(inputs, outputs)` makes a model of everything
# between the two.
#
# This way of building a network is called the **Functional API**. The model knows every shape and
# has all its weights before it has seen any data.

# %% id="input-experiment" tags=["experiment"]
from grader.pictures import first_layer

first_layer.draw_input().show()

# %% [markdown] id="input-text"
# | | |
# |---|---|
# | shape | you give the shape of *one sample*, as a tuple; Keras puts the batch axis in front |
# | parameters | none |

# %% id="input-experiment-2" tags=["experiment"]
inputs = keras.Input((3,))
hidden = keras.layers.Dense(2, activation="relu")(inputs)
model = keras.Model(inputs, keras.layers.Dense(1)(hidden))
print("inputs:", inputs.shape, " hidden:", hidden.shape, " parameters:", model.count_params())
for size in (2, 5):
    print(f"a batch of {size} ->", model(np.ones((size, 3))).shape)

# %% [markdown] id="input-text-2"
# The model has 11 parameters, for any batch size: no weight belongs to a sample.
#
# **Try:** Add 1000 to `(2, 5)`. Which of the printed numbers change?
#
# Here are three common mistakes with `Input`, and what Keras does about each. Before you run the
# cell: what is wrong with them?

# %% id="input-experiment-3" tags=["experiment"]
import textwrap


def first_words(action):
    """Run an action, and print its result or the first line of the error."""
    try:
        print(action())
    except Exception as error:
        lines = [line for line in str(error).splitlines() if line and "encountered" not in line]
        print(f"{type(error).__name__}: {textwrap.shorten(lines[0], 90, placeholder=' ...')}")


first_words(lambda: keras.Input(shape=(3)))
first_words(lambda: keras.Input((None, 3)).shape)
first_words(lambda: tf.sqrt(inputs))
print("and one that works:", ops.sqrt(inputs).shape)

# %% [markdown] id="input-text-3"
# The first is not a tuple: the comma makes a tuple, not the brackets. The second raises no error,
# and that is worse: it is the shape of a batch, and Keras puts another batch axis in front. You
# will see an error only when the first data arrive. The third asks TensorFlow for the square root
# of numbers that do not exist yet.
#
# **Try:** Add `first_words(lambda: np.sqrt(inputs))`. NumPy needs numbers, too.
#
# **Coming from TensorFlow 2?** There, any TensorFlow function accepted the result of `Input`. Now
# you get `ValueError: A KerasTensor cannot be used as input to a TensorFlow function.` Use
# `keras.ops`, or put the function into a layer, as in the next section. And a model begins with
# `keras.Input`: the old `input_shape=(2,)` in the first layer still works, with `UserWarning: Do
# not pass an input_shape/input_dim argument to a layer.`

# %% [markdown] id="first-model-exercise"
# ### Exercise: write your first model
#
# > Difficulty ●○○○○ (1 of 5) · Importance ●●●●● (5 of 5) · 10 minutes · 5 points
# >
# > Write a function that returns the model in the picture, for any two sizes: `keras.Input`, then
# > `Dense(units)` with a relu, then `Dense(1)` without one, and `keras.Model` around them.
# >
# > **What is asked**
# >
# > - **shape** (1): a batch of shape `(batch, features)` becomes `(batch, 1)`.
# > - **parameters** (1): the kernels and biases of the two Dense layers.
# > - **output** (2): what the two layers make of the numbers, one after the other.
# > - **built** (1): the model is built, and has its weights, before it has seen any data.
#
# <details><summary>ValueError: Cannot convert '3' to a shape</summary>
#
# You gave `keras.Input` a number. Which character turns a number in brackets into a tuple?
# </details>
#
# <details><summary>The model takes batches of 3 axes, and got 2 axes</summary>
#
# Print `model.input_shape`. How many batch axes does it have, and which of them did you write?
# </details>
#
# <details><summary>All is right but built</summary>
#
# Your layers compute the right thing, but they do not know the shape of their inputs yet. With
# which line does a model in the Functional API begin?
# </details>
#
# <details><summary>first_model gave a KerasTensor, not a keras.Layer</summary>
#
# You returned the output, not the model. Which call makes a model from inputs and outputs?
# </details>


# %% nbgrader={"grade_id": "first-model", "solution": true}
def first_model(features, units):
    """A model: Input of so many features, Dense(units) with relu, Dense(1)."""
    ### BEGIN SOLUTION
    inputs = keras.Input((features,))
    hidden = keras.layers.Dense(units, activation="relu")(inputs)
    return keras.Model(inputs, keras.layers.Dense(1)(hidden))
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-first-model", "grade": true, "points": 5}
check(first_model)
### BEGIN HIDDEN TESTS
check(first_model, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="lambda"
# ## Lambda
#
# Often you only need a function: a square, a logarithm, a conversion from one unit to another. It
# has nothing to learn, so it needs no weights. A **Lambda layer** wraps a function, so you can use
# it anywhere in a network.
#
# You can write the function in place with Python's `lambda`, or give it a name with `def`.

# %% id="lambda-experiment" tags=["experiment"]
first_layer.draw_lambda().show()

# %% [markdown] id="lambda-text"
# | | |
# |---|---|
# | shape | the shape of what the function returns |
# | parameters | none, whatever the function does |


# %% id="lambda-experiment-2" tags=["experiment"]
def halve(x):
    return x / 2


squares = keras.layers.Lambda(lambda x: tf.math.pow(x, 2))
halves = keras.layers.Lambda(halve)
print("by lambda:", squares(tf.range(5)).numpy(), " by def:", halves(tf.range(5.0)).numpy())
model = keras.Sequential([keras.Input((5,)), squares, halves])
print("both in a model:", model.output_shape, "with", model.count_params(), "parameters")

# %% [markdown] id="lambda-text-2"
# Inside a Lambda you can also use TensorFlow's own functions.
#
# **Try:** Change the 2 in `tf.math.pow(x, 2)` to 3, and predict the last printed line first: the
# output shape and the number of parameters.
#
# A Lambda never has parameters, even if its function uses a variable. Below, a variable is used
# inside a Lambda, in the hope that training finds the factor 3.

# %% id="lambda-experiment-3" tags=["experiment"]
import warnings

factor = keras.Variable(1.0)
model = keras.Sequential([keras.Input((1,)), keras.layers.Lambda(lambda x: x * factor)])
model.compile("sgd", loss="mse")
numbers = np.arange(1.0, 6.0).reshape(5, 1)
with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    losses = model.fit(numbers, 3 * numbers, epochs=3, verbose=0).history["loss"]
print(f"parameters: {model.count_params()}, losses: {losses}, factor: {factor.numpy()}")
print("Keras warns:", *{str(warning.message) for warning in said})

# %% [markdown] id="lambda-text-3"
# The loss does not fall, and the factor is still 1. Keras does not know that the variable is there,
# so it does not train it.
#
# **Try:** Let it train for 30 epochs. Does that help?
#
# A Lambda holds a function and no weights. A layer that learns needs a class: that is the last part
# of this unit. (A model with a Lambda in it can be saved to a file, if you take some care. That is
# a topic of unit 05.)

# %% [markdown] id="power-layer-exercise"
# ### Exercise: write a layer that raises to a power
#
# > Difficulty ●○○○○ (1 of 5) · Importance ●●●○○ (3 of 5) · 5 minutes · 4 points
# >
# > **What is asked**
# >
# > - **shape** (1): that of the inputs, at any rank.
# > - **parameters** (1): none.
# > - **output** (2): each number, raised to the power of `exponent`. The exponent is a whole
# >   number, and may be 0, which makes every number 1, or below zero.
#
# <details><summary>power_layer gave a function, not a keras.Layer</summary>
#
# The function itself is fine. Which layer wraps a function?
# </details>
#
# <details><summary>The square is right, all other powers are wrong</summary>
#
# Does your function use the argument `exponent`, or a fixed number?
# </details>


# %% nbgrader={"grade_id": "power-layer", "solution": true}
def power_layer(exponent):
    """A layer that raises its inputs to the power of the exponent."""
    ### BEGIN SOLUTION
    return keras.layers.Lambda(lambda inputs: inputs**exponent)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-power-layer", "grade": true, "points": 4}
check(power_layer)
### BEGIN HIDDEN TESTS
check(power_layer, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="a-layer-of-your-own"
# ## A layer of your own
#
# A layer that learns is a class that inherits from `keras.layers.Layer`. Writing one is called
# **subclassing**. You write a few methods. Keras does the rest: it calls your methods at the right
# moment, keeps track of your weights, and counts, trains and saves them.
#
# A small layer needs only two methods. `build` makes the weights, once. `call` computes the output,
# each time. The picture shows both for a layer that multiplies each feature by a factor.

# %% id="a-layer-of-your-own-experiment" tags=["experiment"]
first_layer.draw_moments().show()

# %% [markdown] id="build-and-call-text"
# | method | called | what you do there |
# |---|---|---|
# | `build(input_shape)` | once, before the first call | make weights with `self.add_weight` |
# | `call(inputs)` | each time | compute the output, and return it |
#
# Why are the weights not made as soon as the layer is made? There is one factor for each
# **feature**, and the number of features is not known until the first inputs arrive. `input_shape`
# is their shape, with the batch axis in front: `input_shape[-1]` is the length of the last axis,
# and that is the number of features.
#
# `self.add_weight(name=..., shape=..., initializer=...)` makes a **trainable weight** and tells
# Keras about it. The **initializer** says where the numbers start: `"zeros"`, `"ones"`, or random
# numbers such as `"random_normal"`.
#
# Here is a complete layer. It adds a number to each feature, and it learns these numbers.


# %% id="build-and-call-experiment" tags=["experiment"]
class Shift(keras.layers.Layer):
    """Adds a learned number to each feature."""

    def build(self, input_shape):
        features = input_shape[-1]
        self.amount = self.add_weight(name="amount", shape=(features,), initializer="zeros")

    def call(self, inputs):
        return inputs + self.amount


layer = Shift()
print("made:  ", len(layer.weights), "weights")
outputs = layer(np.ones((2, 3)))
print("called:", [tuple(weight.shape) for weight in layer.weights], "output", outputs.shape)
layer(np.ones((50, 3)))
print("again: ", [tuple(weight.shape) for weight in layer.weights])

# %% [markdown] id="build-and-call-text-2"
# You never call `build` and `call` yourself. You call the layer, `layer(inputs)`. Keras then calls
# `build` if the weights are still missing, and then `call`. The shape of `amount` is `(3,)`, and in
# `inputs + self.amount` it is broadcast: all samples share it.
#
# **Try:** In the last call, give the layer four features, `np.ones((50, 4))`. The weights were made
# for three.

# %% [markdown] id="scale-exercise"
# ### Exercise: write Scale
#
# > Difficulty ●○○○○ (1 of 5) · Importance ●●●●● (5 of 5) · 10 minutes · 6 points
# >
# > Write the layer of the picture. It multiplies each feature by a factor of its own, and learns
# > the factors.
# >
# > **What is asked**
# >
# > - **shape** (1): that of the inputs, at rank 2 and above. The features are the last axis.
# > - **parameters** (1): one trainable weight of shape `(features,)`.
# > - **output** (2): each feature times its factor. All samples share the factors.
# > - **start** (1): each factor starts at 1, so an untrained layer leaves its inputs as they are.
# > - **model** (1): the layer works in Sequential and in the Functional API, and learns in a step
# >   of `fit`.
#
# <details><summary>`name` must be passed as a keyword argument</summary>
#
# Older books pass the name first. Use keywords for both: `self.add_weight(name=..., shape=...)`.
# </details>
#
# <details><summary>It is right for rows of features and wrong at rank 3</summary>
#
# Inputs of rank 3 have the shape `(batch, time, features)`, for example. Which entry of
# `input_shape` do you use? Count from the end.
# </details>
#
# <details><summary>'Scale' object has no attribute ...</summary>
#
# `call` uses a name that `build` did not set. Compare both names, letter by letter. And is `build`
# spelled `build`, with the two arguments `self` and `input_shape`?
# </details>
#
# <details><summary>You cannot add new elements of state to a layer that is already built</summary>
#
# Your `call` makes a weight. It runs each time; which method runs only once?
# </details>


# %% nbgrader={"grade_id": "scale", "solution": true}
class Scale(keras.layers.Layer):
    """Multiplies each feature by a learned factor."""

    def build(self, input_shape):
        """Make the factors, now that the number of features is known."""
        ### BEGIN SOLUTION
        features = input_shape[-1]
        self.factor = self.add_weight(name="factor", shape=(features,), initializer="ones")
        ### END SOLUTION

    def call(self, inputs):
        ### BEGIN SOLUTION
        return inputs * self.factor
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-scale", "grade": true, "points": 6}
check(Scale)
### BEGIN HIDDEN TESTS
check(Scale, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="change-it"
# ### Change it: what can two factors learn?
#
# Your layer can learn now. In the cell below, the right answers are the inputs times 3 and −2. A
# model with nothing but your Scale finds both factors. The **optimizer** is the rule by which the
# factors change after each gradient; here it is `SGD`, plain gradient descent.


# %% id="change-it-experiment" tags=["experiment"]
def learned_factors(right_answers, start=0):
    """Train a model of one Scale, and print its loss and its factors."""
    keras.utils.set_random_seed(start)
    model = keras.Sequential([keras.Input((2,)), Scale()])
    model.compile(keras.optimizers.SGD(0.1), loss="mse")
    losses = model.fit(samples, right_answers, epochs=30, verbose=0).history["loss"]
    factors = model(np.ones((1, 2))).numpy()[0]  # what becomes of a 1
    print(f"loss: {losses[0]:.3f}, then {losses[-1]:.3f}   factors: {factors.round(3)}")
    return losses, factors


samples = np.random.default_rng(0).normal(size=(200, 2)).astype("float32")
losses, factors = learned_factors(samples * [3, -2])

# %% [markdown] id="change-it-text"
# **Predict first.** Change the last line, so that the right answers are `samples * [3, -2] + 1`.
# Which factors will the layer find? Will the loss reach 0? Write your prediction down before you
# run the cell.
#
# **Then explain it in one sentence.** Which kind of layer is missing in the model?
#
# <details><summary>What happens</summary>
#
# The factors stay near 3 and −2, and the loss stays near 1. A factor times 0 is 0, so Scale can
# never turn the input 0 into the answer 1. Every answer is wrong by 1, and 1 squared is 1. A
# `Shift` after the Scale would add the 1: `keras.Sequential([keras.Input((2,)), Scale(), Shift()])`
# learns both.
# </details>
#
# **Try:** Add that `Shift`, and run the cell again.

# %% [markdown] id="explain-a-failing-card"
# ### Explain a failing card
#
# A card is most useful when it is red. The next cell checks somebody else's `Scale`. Its code is
# folded away: read the card first. Unfold *the case as lines that you can run* at the foot of the
# card; it shows the inputs, too.


# %% id="explain-a-failing-card-experiment" tags=["experiment"] jupyter={"source_hidden": true}
class TheirScale(keras.layers.Layer):
    """Somebody else's answer."""

    def build(self, input_shape):
        self.factor = self.add_weight(name="factor", shape=input_shape[-1:], initializer="ones")

    def call(self, inputs):
        return ops.abs(inputs) * self.factor


display(examine(TheirScale, "Scale"))

# %% [markdown] id="explain-a-failing-card-question"
# Answer in a few sentences, before you look at the code. (3 points, read by your instructor.)
#
# 1. Some rows of the card are green. What do they tell you about this layer? Why can they be green
#    although the layer is wrong?
# 2. Compare the expected values with the actual ones, and with the inputs. For which inputs is the
#    output right? What does the layer do to its inputs besides multiplying them?
# 3. Suppose that the cases had only positive inputs. What would the card look like then, and what
#    does that mean for how you test a layer?

# %% [markdown] nbgrader={"grade_id": "explain-card", "grade": true, "solution": true, "points": 3}
# ### BEGIN SOLUTION
# 1. The output has the right shape, there is one weight for each feature, and it starts at 1 and
#    learns in a model. So `build` is right. These rows do not look at the numbers that come out, so
#    they can be right although the formula in `call` is wrong. (One point.)
# 2. The output is right where the input is positive. Where the input is negative, it has the right
#    size and the wrong sign. So the layer takes the absolute value of its inputs (`ops.abs`) before
#    it multiplies. (One point.)
# 3. All rows would be green: for positive inputs the two layers do the same. A fault is only found
#    if some input shows it, so a test needs inputs of both signs, several shapes, and so on. (One
#    point.)
# ### END SOLUTION

# %% [markdown] id="mended-rescaling-exercise"
# ### Exercise: find and mend the fault in Rescaling
#
# > Difficulty ●○○○○ (1 of 5) · Importance ●●●○○ (3 of 5) · 8 minutes · 2 points
# >
# > `keras.layers.Rescaling(scale, offset)` brings inputs into a handy range. Pictures with values
# > from 0 to 255 often go through it first. It computes
# >
# > $$\text{output} = \text{input} \cdot \text{scale} + \text{offset}$$
# >
# > Below is such a layer. Its method `__init__` only stores the two arguments. **One thing in the
# > layer is wrong.** Run the check first: the card shows where
# > the fault comes out. Then find the fault and mend it. Change as little as you can.
# >
# > The layer earns its points when everything is right, and nothing before: most of it is right
# > already.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.Rescaling`.
#
# **How to find a fault.** Read the card first: a row that is right tells you which lines you need
# not read. Then take one input, such as 3, and compute the output by hand. Compare it with what the
# layer gives. A small case shows more than a large one.
#
# <details><summary>The card says that one kind of cases is right. Which one?</summary>
#
# Look at the arguments of the case on the card. What does the layer do if `offset` is 0?
# </details>
#
# <details><summary>I computed a case by hand, and I still do not see it</summary>
#
# Write the formula and the line of `call` below each other. What happens first in each of them?
# </details>


# %% nbgrader={"grade_id": "mended-rescaling", "solution": true}
class MendedRescaling(keras.layers.Layer):
    """Each number times `scale`, plus `offset`: with one fault."""

    def __init__(self, scale, offset=0.0, **kwargs):
        super().__init__(**kwargs)
        self.scale = scale
        self.offset = offset

    def call(self, inputs):
        ### BEGIN SOLUTION
        return inputs * self.scale + self.offset
        ### GIVEN
        # return (inputs + self.offset) * self.scale
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-mended-rescaling", "grade": true, "points": 2}
check(MendedRescaling)
### BEGIN HIDDEN TESTS
check(MendedRescaling, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="what-you-have-now"
# ## What you have now
#
# | | use it for | parameters |
# |---|---|---|
# | Input | the shape of the data | none |
# | Lambda | a function | none |
# | a subclass of Layer | anything | those from `add_weight` |
#
# And you can read a card. In the next unit you build four of Keras's own layers, and a network of
# them learns to read handwriting. In unit 05 you come back to layers of your own: there they learn
# to be saved to a file and loaded again.
