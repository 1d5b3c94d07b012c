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
# your own, a **subclass of Layer**, which can do anything.
#
# This unit shows all three. It also shows how the course works, so it starts with something small:
# in three minutes you will see your first green card.
#
# A paragraph that begins with **Coming from TensorFlow 2?** is for readers who learned layers
# there. It shows where old code breaks today, and quotes the error message of Keras 3.

# %% id="imports"
# Import the grader first: it loads Keras and TensorFlow without their log messages.
from grader import check

import keras
import numpy as np
import tensorflow as tf
from keras import ops

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
# - Shape, parameters, config, saving and everything else around a computation count only if the
#   layer computes something from its inputs. A layer that returns the same for all samples, or its
#   inputs unchanged where that is not asked for, earns nothing for them.
# - The names, the order and the form of your weights are yours to choose. If the text gives their
#   shapes, those count, except for axes of length 1: a bias `(1, units)` is as correct as
#   `(units,)`.
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
# You can check as often as you like, and ask for as many hints as you like. Nobody counts.
#
# When you have finished a unit, press **Validate** above the notebook: nbgrader runs your answers
# and checks from the top and lists what is still wrong. This finds code that works only because you
# ran the cells in another order. Then save the notebook, and submit it from the menu **Nbgrader →
# Assignment List** with **Submit**. You can submit again; the last submission counts. In grading,
# each aspect gives its own points, and a cell that you never touched is *not attempted*, not wrong.
# Cells with pictures and training are locked: run them, and look at what they show.

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
from grader.pictures import first_layer, show

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
        print(f"{type(error).__name__}: {textwrap.shorten(lines[0], 120, placeholder=' ...')}")


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
# has nothing to learn, so it needs no weights. **Lambda** wraps a function as a layer, so you can
# use it anywhere in a network.
#
# You can write the function in place with Python's `lambda`, or give it a name with `def`. The
# upper row of the picture shows what it does with numbers. The rows below it are about saving, and
# we come to that soon.

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
# A Lambda holds a function and no weights. A layer that learns needs a class: that is the last part
# of this unit.

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

# %% [markdown] id="a-lambda-in-a-file"
# ### A Lambda in a file
#
# If you save a model and load it again, it should be the same. For most layers, Keras writes their
# name and their arguments into the file, and that is enough to make them again. A function written
# with `lambda` has no name, so Keras can only save its code. Whoever loads the file then runs that
# code, even if the file comes from a stranger. So `load_model` refuses, unless you say with
# `safe_mode=False` that you trust the file.
#
# A function made with `def` has a name, but the name alone does not say where to find it.
# `@keras.saving.register_keras_serializable("course")` *registers* the function: Keras then knows
# `halve` as `course>halve`, in every program that runs these lines.
#
# Here are five attempts to save a model with a Lambda and to load it again:

# %% id="a-lambda-in-a-file-experiment" tags=["experiment"]
import tempfile


def reload(layer, **how):
    """Save a model of one layer, load it, and return what it predicts for 0 to 4."""
    model = keras.Sequential([keras.Input((5,)), layer])
    with tempfile.TemporaryDirectory() as folder:
        model.save(f"{folder}/model.keras")
        return keras.models.load_model(f"{folder}/model.keras", **how)(np.arange(5.0)[None]).numpy()


anonymous = keras.layers.Lambda(lambda x: x**2)
first_words(lambda: reload(anonymous))
first_words(lambda: reload(anonymous, safe_mode=False))
first_words(lambda: reload(squares, safe_mode=False))
first_words(lambda: reload(halves, custom_objects={"halve": halve}))
keras.saving.register_keras_serializable("course")(halve)
first_words(lambda: reload(halves))

# %% [markdown] id="a-lambda-in-a-file-text"
# Look at the third one again. `squares` calls `tf.math.pow`. Its code was loaded, but the name `tf`
# was not: it exists only in *your* notebook. This is one more reason not to save functions without
# a name.
#
# **Coming from TensorFlow 2?** There, a Lambda could be saved and loaded without any question. Now
# you get `ValueError: Requested the deserialization of a Lambda layer whose function is a Python
# lambda.` `custom_objects={...}` in each call of `load_model` still works; with the decorator you
# need to say it only once.

# %% [markdown] id="can-load-exercise"
# ### Exercise: predict what can be loaded
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●○○ (3 of 5) · 5 minutes · 2 points
# >
# > A model holds a Lambda whose function was made in one of three ways: `"lambda"`, `"def"`, or
# > `"registered def"`. The model was saved, and now `load_model(path, safe_mode=safe_mode)` is
# > called, without `custom_objects`. Return `True` if it loads, and `False` if Keras refuses.
#
# <details><summary>It is wrong for a def without safe mode</summary>
#
# There are two different reasons to refuse: the code in the file is not *trusted*, or the function
# cannot be *found*. Which of the two does `safe_mode=False` remove?
# </details>


# %% nbgrader={"grade_id": "can-load", "solution": true}
def can_load(function, safe_mode=True):
    """Whether a saved Lambda of such a function ("lambda", "def", "registered def") loads."""
    ### BEGIN SOLUTION
    return function == "registered def" or (function == "lambda" and not safe_mode)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-can-load", "grade": true, "points": 2}
check(can_load)
### BEGIN HIDDEN TESTS
check(can_load, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="power-exercise"
# ### Exercise: write a power that lasts
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●●○○ (3 of 5) · 10 minutes · 4 points
# >
# > Write the same layer again, but so that it can be saved and loaded. There are two cells. Write a
# > function of inputs *and* exponent in the first one, registered and at the top level. Write the
# > layer in the second.
# >
# > **What is asked**
# >
# > - **output** (1): as before.
# > - **saving** (3): a model with the layer is saved as `.keras` and as `.h5`, *another* layer with
# >   another exponent is made, and the model is loaded: in safe mode, without `custom_objects`. It
# >   must predict as before.
#
# <details><summary>Keras finds nothing registered under the name in the file</summary>
#
# Your function has a name now, but Keras does not know it. What is missing above its `def`?
# </details>
#
# <details><summary>After loading, the exponent is another one</summary>
#
# You made the function inside `lasting_power`, so each call registers a new function under the same
# name, and the last one replaces the others. The name in the file is the same for all exponents: so
# where must the exponent be saved? Look up `arguments` in the help of `keras.layers.Lambda`.
# </details>
#
# <details><summary>Cannot serialize object functools.partial(...)</summary>
#
# A `partial` has no name that Keras could save. Lambda has an argument for the values that your
# function needs besides the inputs.
# </details>


# %% nbgrader={"grade_id": "power", "solution": true}
# Your registered function of inputs and exponent.
### BEGIN SOLUTION
@keras.saving.register_keras_serializable("course")
def power(inputs, exponent):
    """The inputs, raised to the power of the exponent."""
    return ops.power(inputs, exponent)


### END SOLUTION


# %% nbgrader={"grade_id": "lasting-power", "solution": true}
def lasting_power(exponent):
    """A layer that raises its inputs to the power of the exponent, and can be saved and loaded."""
    ### BEGIN SOLUTION
    return keras.layers.Lambda(power, arguments={"exponent": exponent})
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-lasting-power", "grade": true, "points": 4}
check(lasting_power)
### BEGIN HIDDEN TESTS
check(lasting_power, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="a-layer-of-your-own"
# ## A layer of your own
#
# A layer that learns is a class: a **subclass** of `keras.layers.Layer`. You write a few methods.
# Keras does the rest: it calls your methods at the right moment, keeps track of your weights, and
# counts, trains and saves them.

# %% id="a-layer-of-your-own-experiment" tags=["experiment"]
first_layer.draw_life().show()

# %% [markdown] id="a-layer-of-your-own-text"
# | method | called | what you do there |
# |---|---|---|
# | `__init__` | once, by you | store the arguments; pass `**kwargs` on: `name` is in it |
# | `build(input_shape)` | once, before the first call | make weights with `add_weight` |
# | `call(inputs)` | each time | compute the output |
# | `compute_output_shape(input_shape)` | on request | return the output shape with its batch |
# | `get_config()` | on saving | return the arguments of `__init__`, as strings and numbers |
#
# Why are the weights not made in `__init__`? A kernel needs a row for each feature, and the number
# of features is not known until the first inputs arrive. Keras's own Dense works in the same way:

# %% id="a-layer-of-your-own-experiment-2" tags=["experiment"]
layer = keras.layers.Dense(8)
print("made:  built =", layer.built, "with", len(layer.weights), "weights")
layer.build((None, 16))
print("built: built =", layer.built, "with", len(layer.weights), "weights")
print("shape:", layer.compute_output_shape((None, 16)))

called = keras.layers.Dense(16)
called(np.ones((100, 64)))
print("called, and built on the way:", called.built, [tuple(w.shape) for w in called.weights])

# %% [markdown] id="built-after-exercise"
# ### Exercise: predict when a layer is built
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●○○ (3 of 5) · 5 minutes · 2 points
# >
# > `steps` is a list of what is done to one Dense layer, in this order. The first is `"make"`; the
# > others are `"build"`, `"call"` (on an array), `"call on Input"` (on the result of
# > `keras.Input`), `"get_config"` and `"compute_output_shape"`. Return a list as long as `steps`:
# > what `layer.built` is after each of them, `True` or `False`.
#
# <details><summary>It is right for a call on an array and wrong for a call on Input</summary>
#
# A model that was built from Inputs alone has all its weights. When were they made?
# </details>
#
# <details><summary>It is wrong after the last step</summary>
#
# Can a layer become unbuilt?
# </details>


# %% nbgrader={"grade_id": "built-after", "solution": true}
def built_after(steps):
    """What `built` of a layer is after each of the steps."""
    ### BEGIN SOLUTION
    built, states = False, []
    for step in steps:
        built = built or step in ("build", "call", "call on Input")
        states.append(built)
    return states
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-built-after", "grade": true, "points": 2}
check(built_after)
### BEGIN HIDDEN TESTS
check(built_after, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="a-layer-of-your-own-text-2"
# Your own layer is `Linear`, the example of the chapter on which this course is based: weighted
# sums of the features, plus a bias, and an activation if there is one.
#
# $$y = f(x W + b)$$
#
# First, the parts of the chapter's own class that Keras 3 refuses:


# %% id="a-layer-of-your-own-experiment-3" tags=["experiment"]
class OldLinear(keras.layers.Layer):
    """Written for TensorFlow 2. Do not copy it."""

    def __init__(self, units=32, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        self.w = self.add_weight("w", shape=(input_shape[-1], self.units))
        super().build(input_shape)


first_words(lambda: OldLinear(8).build((None, 16)))
first_words(lambda: OldLinear(8).compute_output_shape((None, 16)))
first_words(lambda: keras.models.Sequential().save("linear_model", save_format="tf"))

# %% [markdown] id="a-layer-of-your-own-text-3"
# **Coming from TensorFlow 2?** The first argument of `add_weight` is now the shape, so use
# keywords: `add_weight(name="w", shape=...)`. Keras no longer guesses `compute_output_shape`: write
# it. Two things are no longer needed: `super().build(input_shape)`, because Keras sets `built`
# itself, and `@tf.function` on `call`, because Keras compiles the whole training step.
# `@tf.function` can even do harm: if a sublayer is built inside it, its first weights are frozen
# into the graph and no gradient reaches them. (The third line is about files, which come at the
# end.)
#
# One thing is new. Keras 3 saves the arguments of `__init__` by itself if they are simple values:
# numbers, strings, lists of them. An activation can be a function, which is not a simple value. So
# write `get_config`. `keras.activations.serialize` turns a function into a value that can be saved,
# and `keras.activations.get` turns a name, a function, such a saved value, or `None` into a
# function.

# %% [markdown] id="linear-exercise"
# ### Exercise: write Linear
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●●●● (5 of 5) · 30 minutes · 12 points
# >
# > **What is asked**
# >
# > - **shape** (1): `(batch, features)` becomes `(batch, units)`.
# > - **compute_output_shape** (1): the same answer, from a shape alone. The batch entry may be
# >   `None`.
# > - **parameters** (2): trainable weights, a `kernel` of shape `(features, units)` and a `bias` of
# >   shape `(units,)`.
# > - **output** (2): the formula above. `activation` is `None`, a name, or a function.
# > - **gradient** (1): gradients reach the inputs and both weights.
# > - **built** (1): `built` is False when the layer is made, and True after `build` or a call; and
# >   `build` alone makes all the weights.
# > - **config** (1): `Linear.from_config(layer.get_config())` is the same layer again, also when
# >   `activation` is a function.
# > - **model** (1): the layer works in Sequential and in the Functional API, and learns in a step
# >   of `fit`.
# > - **saving** (2): saved and loaded, a model with the layer predicts as before: as `.keras`, as
# >   `.h5`, and as a SavedModel. (The decorator above the class does its part.)
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.Dense`, nor
# > `keras.layers.EinsumDense`, which does the same. You are here to build it.
#
# <details><summary>`name` must be passed as a keyword argument</summary>
#
# Older books pass the name first. Use keywords for both: `self.add_weight(name=..., shape=...)`.
# </details>
#
# <details><summary>Matrix size-incompatible</summary>
#
# Two sizes in that line do not match. Which of them comes from the inputs, and where does the other
# one come from? `build` gets the shape of the inputs.
# </details>
#
# <details><summary>The card says that Keras does not see my tf.Variable</summary>
#
# It works in the formula, but Keras 3 does not count, train or save it. Make weights with
# `self.add_weight`.
# </details>
#
# <details><summary>You cannot add new elements of state to a layer that is already built</summary>
#
# Your `call` makes something that should be made once, and earlier. (This includes layers inside
# your layer.)
# </details>
#
# <details><summary>Layer Linear does not have a compute_output_shape method implemented</summary>
#
# The method takes a shape and returns a shape. How many entries does each have, and which one
# changes?
# </details>
#
# <details><summary>Object Linear was created by passing non-serializable argument values</summary>
#
# Keras cannot save a function for you. Start with the result of `super().get_config()` and add an
# entry for each argument of your own, under its name. What can represent a function in a file?
# </details>
#
# <details><summary>config is right and saving is not: 'dict' object is not callable</summary>
#
# Your config holds the function itself. That works inside Python, but a file holds only strings and
# numbers, and `__init__` got them back as a dict. Which of the two `keras.activations` functions is
# missing, and where?
# </details>


# %% nbgrader={"grade_id": "linear", "solution": true}
@keras.saving.register_keras_serializable("course")
class Linear(keras.layers.Layer):
    """Weighted sums of the features: activation(inputs @ kernel + bias)."""

    def __init__(self, units=32, activation=None, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.units = units
        self.activation = keras.activations.get(activation)
        ### END SOLUTION

    def build(self, input_shape):
        """Make the weights, now that the number of features is known."""
        ### BEGIN SOLUTION
        shape = (input_shape[-1], self.units)
        self.kernel = self.add_weight(name="kernel", shape=shape, initializer="random_normal")
        self.bias = self.add_weight(name="bias", shape=(self.units,), initializer="zeros")
        ### END SOLUTION

    def call(self, inputs):
        ### BEGIN SOLUTION
        return self.activation(ops.matmul(inputs, self.kernel) + self.bias)
        ### END SOLUTION

    def compute_output_shape(self, input_shape):
        ### BEGIN SOLUTION
        return (*input_shape[:-1], self.units)
        ### END SOLUTION

    def get_config(self):
        """The arguments that make the same layer again."""
        ### BEGIN SOLUTION
        activation = keras.activations.serialize(self.activation)
        return super().get_config() | {"units": self.units, "activation": activation}
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-linear", "grade": true, "points": 12}
check(Linear)
### BEGIN HIDDEN TESTS
check(Linear, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="a-layer-of-your-own-text-4"
# Your layer is now a complete Keras layer. You can use it in a Sequential model, as the chapter
# did, or in a Functional one, and its config says how to make it again. With two features and one
# unit, how many parameters does it have?

# %% id="a-layer-of-your-own-experiment-4" tags=["experiment"]
keras.utils.clear_session()  # Keras numbers its layers: start again at the first number
model = keras.Sequential([keras.Input((2,)), Linear(units=1)])
model.summary()

inputs = keras.Input((2,))
functional = keras.Model(inputs, Linear(1, name="second")(Linear(8, "relu", name="first")(inputs)))
print("Functional:", functional.output_shape, "with", functional.count_params(), "parameters")
config = functional.get_layer("first").get_config()
print({key: config[key] for key in config if key not in ("name", "trainable", "dtype")})

# %% [markdown] id="into-a-file-and-back"
# ## Into a file and back
#
# After a long training you want to keep the network. Keras 3 can save a model in three formats.

# %% id="into-a-file-and-back-experiment" tags=["experiment"]
first_layer.draw_files().show()

# %% [markdown] id="into-a-file-and-back-text"
# The first two hold a **config** and the weights: which layers to make, and the numbers to put into
# them. To make the layers, loading needs your class. A **SavedModel** holds the **graph**, all the
# operations that your `call` runs, and needs none of your code.


# %% id="into-a-file-and-back-experiment-2" tags=["experiment"]
tf.get_logger().setLevel("ERROR")  # it reports each SavedModel that it writes


def saved_and_loaded(model):
    """The model, loaded from a file of each format."""
    with tempfile.TemporaryDirectory() as folder:
        model.save(f"{folder}/model.keras")
        model.save(f"{folder}/model.h5")
        model.export(f"{folder}/model", verbose=False)
        return {
            ".keras": keras.models.load_model(f"{folder}/model.keras"),
            ".h5": keras.models.load_model(f"{folder}/model.h5"),
            "SavedModel": keras.layers.TFSMLayer(f"{folder}/model", call_endpoint="serve"),
        }


points = np.array([[3.0, 2.0], [4.0, 5.0]], dtype="float32")
model.compile("sgd", loss=keras.losses.MeanSquaredError())
print("before:".rjust(12), model.predict(points, verbose=0).ravel())
for form, twin in saved_and_loaded(model).items():
    print(f"{form}:".rjust(12), np.ravel(twin(points)))

# %% [markdown] id="into-a-file-and-back-text-2"
# **Coming from TensorFlow 2?** The file name decides the format, and `save_format="tf"` raises
# `ValueError: The save_format argument is deprecated in Keras 3.` Use `model.export(folder)` to
# write a SavedModel. `load_model` no longer reads it (`ValueError: File format not supported`), but
# `keras.layers.TFSMLayer(folder, call_endpoint="serve")` makes a layer of it. If you save a
# compiled model as `.h5`, give the loss as an *object*: with `loss="mse"` it can be saved, but
# loading fails with `ValueError: Could not deserialize 'keras.metrics.mse'`. If you can choose, use
# `.keras`: `.h5` is kept for old files.
#
# Now look at a layer that is almost right. `Forgetful` is your `Linear`, but its config leaves out
# the activation. We train a small network of your layers on a sine, copy its weights into the same
# network of forgetful layers, and save and load both in all three formats. Nothing below raises an
# error.


# %% id="into-a-file-and-back-experiment-3" tags=["experiment"]
@keras.saving.register_keras_serializable("course")
class Forgetful(Linear):
    """A Linear whose config leaves out the activation."""

    def get_config(self):
        return {key: value for key, value in super().get_config().items() if key != "activation"}

    @classmethod
    def from_config(cls, config):
        """Make the layer as Keras does it."""
        return cls(**config)


x = np.linspace(-3, 3, 61, dtype="float32").reshape(-1, 1)
networks = {
    kind: keras.Sequential([keras.Input((1,)), kind(12, "tanh"), kind(1)])
    for kind in (Linear, Forgetful)
}
keras.utils.set_random_seed(1)
yours, forgetful = networks.values()
random = np.random.default_rng(1)
yours.set_weights([random.normal(scale=0.7, size=w.shape) for w in yours.get_weights()])
yours.compile(keras.optimizers.Adam(0.05), loss=keras.losses.MeanSquaredError())
losses = yours.fit(x, np.sin(x), batch_size=16, epochs=60, verbose=0).history["loss"]
forgetful.set_weights(yours.get_weights())
print(f"trained: the loss fell from {losses[0]:.2f} to {losses[-1]:.3f}")

# %% id="into-a-file-and-back-experiment-4" tags=["experiment"]
import matplotlib.pyplot as plt

styles = {
    "before": {"color": "#e69f00", "lw": 8, "alpha": 0.6},
    ".keras": {"color": "black", "lw": 2},
    ".h5": {"color": "#0072b2", "ls": "--", "lw": 2},
    "SavedModel": {"color": "#009e73", "ls": "", "marker": "o", "ms": 4, "markevery": 4},
}
figure, panels = plt.subplots(1, 2, figsize=(10, 3.8), sharey=True, layout="constrained")
for panel, (kind, network) in zip(panels, networks.items(), strict=True):
    for form, twin in ({"before": network} | saved_and_loaded(network)).items():
        panel.plot(x, np.asarray(twin(x)), label=form, **styles[form])
    panel.set_title(f"network of {kind.__name__}")
panels[0].legend(frameon=False)
show(
    figure,
    "Predictions against x before saving and after loading from each form. Left, your Linear: all "
    "four draw the same sine. Right, Forgetful: before saving and from the SavedModel the sine, "
    "from .keras and from .h5 one straight line that leaves it at both ends.",
)

# %% [markdown] id="what-do-you-see"
# ### What do you see?
#
# Look at both panels, and think about what each file contains. Then answer in a few sentences.
# (3 points, read by your instructor.)
#
# 1. In the right panel two of the four curves are wrong. Why those two, and why does the same
#    mistake not affect the third format?
# 2. The wrong curve is a straight line. Why a straight line? And although something was missing, no
#    error was raised: which value did `__init__` use instead?
# 3. You have trained a network with a layer of your own. Which format do you send to a colleague
#    who wants to continue working on it, and which to somebody who has none of your code and only
#    needs predictions? What does the colleague need besides the file?

# %% [markdown] nbgrader={"grade_id": "question-disk", "grade": true, "solution": true, "points": 3}
# ### BEGIN SOLUTION
# 1. `.keras` and `.h5` hold the config and the weights, and the layer is made again from the
#    config: without an activation in the config, the loaded layer has none. A SavedModel holds the
#    graph of what `call` did, including tanh, and does not use the config. (One point.)
# 2. `activation=None` is the default of `__init__`, so the loaded layer is linear. The weights
#    still have the right shapes, so there is no error. Without a nonlinearity between them, two
#    layers of weighted sums are one weighted sum: a straight line. (One point.)
# 3. `.keras` (or `.h5`) for the colleague: loading it gives the model itself, with its layers. They
#    need the code of the class, registered or named in `custom_objects`. A SavedModel for the other
#    person: it runs without any of your Python code. (One point.)
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
# > Below is such a layer. **One thing in it is wrong.** Run the check first: the card shows where
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
# | | use it for | parameters | what saving needs |
# |---|---|---|---|
# | Input | the shape of the data | none | nothing |
# | Lambda | a function | none | a registered function |
# | a subclass of Layer | anything | those from `add_weight` | a registered class, a full config |
#
# And you can read a card. In the next unit you build four of Keras's own layers, and a network of
# them learns to read handwriting.
