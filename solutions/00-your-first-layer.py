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
# # 0 · Your first layer
#
# Keras comes with a hundred layers on its shelves. Sooner or later you want one that is not there.
# Then it is good to know the three doors by which something of your own gets into a network:
# **Input**, which says what will come in; **Lambda**, which takes any function that learns nothing;
# and a class of your own, a **subclass of Layer**, which may do anything at all.
#
# This unit opens all three. It is also the place where you learn how the course talks to you, so we
# begin with something tiny: three minutes from now you are looking at your first green card.
#
# A line that begins with **Coming from TensorFlow 2?** is for readers who learned layers there. It
# stands where old code breaks today, and quotes what Keras 3 says when it does.

# %%
# The grader comes first: it loads Keras and TensorFlow without the lines that they write meanwhile.
from grader import check

import keras
import numpy as np
import tensorflow as tf
from keras import ops

# %% [markdown]
# ## Three minutes to a green card
#
# A layer never meets one single sample. It meets a *batch*, a pile of samples of one shape, and the
# pile is the first axis: 32 pictures of 8 × 8 pixels are one array of shape `(32, 8, 8)`. While a
# network is being planned, nobody knows how high the piles will be, and Keras writes `None` for a
# length that it does not know yet.
#
# > ### Exercise: predict the shape of a batch
# > Difficulty ●○○○○ (1 of 5) · Importance ●●●●● (5 of 5) · 3 minutes · 2 points
# >
# > Given the shape of one sample, such as `(8, 8)`, return the shape of a batch of them whose size
# > is not known: `(None, 8, 8)`.
# >
# > 1. Run the two cells below as they are (Shift + Enter). The card is grey: *not attempted yet*.
# > 2. Put `return shape` in the place of `raise NotImplementedError()`, and run both again. That is
# >    wrong, and the card is red. Read it.
# > 3. Now write what is right, and run both again. Green!
#
# <details><summary>NameError: name 'batch_shape' is not defined</summary>
#
# Run the cell with your function first, then the cell with the check. The numbers in the square
# brackets say in which order cells were run.
# </details>
#
# <details><summary>TypeError: unsupported operand type(s) for +: 'NoneType' and 'tuple'</summary>
#
# `+` joins two tuples, but `None` is no tuple. A tuple of one entry is written with a comma:
# `(8,)`. Or write a new tuple and spread the old one out in it with a star: `*shape`.
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

# %% [markdown]
# ### How to read a card
#
# Each row of a card is one *aspect* of what was asked, and brings its own points. Your answer is
# held against the live Keras layer, on sizes and numbers drawn for the occasion, so there is no
# magic number to hit: any right way is right. Under a red card stands one line more,
# `CheckFailed: ...`. It is meant for machines; the card says all that it says.
#
# Below are three cards that somebody else got for `batch_shape`. (`examine` makes the same card as
# `check`, without the line for machines.)

# %% tags=["experiment"]
from grader import examine


def forgetful(shape):
    return shape


def clumsy(shape):
    return None + shape


display(examine(forgetful, "batch_shape"))
display(examine(clumsy, "batch_shape"))
display(examine(forgetful, "batch_shape", hidden=True))

# %% [markdown]
# - **The first** answer is wrong. The card shows the smallest case that failed, what was expected
#   and what came out. *The idea behind it* appears where the answer equals a wrong idea that is
#   well known, and only that one.
# - **The second** stopped. The card shows the line at which it did, and Python's own words.
# - **The third** is what you get as feedback after grading. Then your code is tried on *hidden
#   cases* too, drawn anew, and the card names what failed but shows no values. So do not write for
#   the cases that you see: write what the text asks for.
#
# You are stuck? Write `from grader import hint` and `hint(batch_shape)` into a cell of your own.
# Each call says a little more; none gives the answer away. Here is the whole ladder, as the first
# of the three would climb it:

# %% tags=["experiment"]
from grader import hint

for _ in range(4):
    hint(forgetful, "batch_shape")
    print()

# %% [markdown]
# You may check as often as you like, and ask for as many hints; nobody counts.
#
# When you are done with a unit, press **Validate** above the notebook: nbgrader runs all of it from
# the top and names the cells that fail. That finds what works only because you ran the cells in
# another order. Then save, and hand it in from the menu **Nbgrader → Assignment List** with
# **Submit**. You may submit again; the last one counts. In grading each aspect gives its points by
# itself, and a cell that you never touched says *not attempted*, not wrong. Cells with pictures and
# training are locked: run them, look, and wonder.

# %% [markdown]
# ## Input
#
# `keras.Input` is a promise: arrays of this shape will come. It gives a *KerasTensor*, which has a
# shape and a dtype, and no numbers in it. A layer takes it all the same. It looks at the shape,
# makes the weights that it needs, and gives a KerasTensor with the shape of its output, for the
# next layer to take. At the end `keras.Model(inputs, outputs)` ties up all that lies between the
# two.
#
# This way of building a network is called the *Functional API*. What comes of it is a recipe: it
# knows every shape and owns all its weights before it has seen a single number.

# %% tags=["experiment"]
from grader.pictures import first_layer, show

first_layer.draw_input().show()

# %% [markdown]
# | | |
# |---|---|
# | shape | you say that of *one sample*, as a tuple; Keras puts the batch axis in front |
# | parameters | none |

# %% tags=["experiment"]
inputs = keras.Input((3,))
hidden = keras.layers.Dense(2, activation="relu")(inputs)
model = keras.Model(inputs, keras.layers.Dense(1)(hidden))
print("inputs:", inputs.shape, " hidden:", hidden.shape, " parameters:", model.count_params())
for size in (2, 5):
    print(f"a batch of {size} ->", model(np.ones((size, 3))).shape)

# %% [markdown]
# Three ways to stumble at this door, and what Keras says to each. Before you run the cell: what is
# wrong with them?


# %% tags=["experiment"]
import textwrap


def first_words(action):
    """Do something, and print what comes out, or how Keras begins to complain."""
    try:
        print(action())
    except Exception as error:
        lines = [line for line in str(error).splitlines() if line and "encountered" not in line]
        print(f"{type(error).__name__}: {textwrap.shorten(lines[0], 120, placeholder=' ...')}")


first_words(lambda: keras.Input(shape=(3)))
first_words(lambda: keras.Input((None, 3)).shape)
first_words(lambda: tf.sqrt(inputs))
print("and one that works:", ops.sqrt(inputs).shape)

# %% [markdown]
# The first is no tuple: brackets alone do not make one, the comma does. The second is not refused,
# and that is worse: this is the shape of a batch, and Keras has put one more batch axis in front.
# You will hear of it when the first data come. And the third asks TensorFlow for the root of
# numbers that are not there.
#
# **Coming from TensorFlow 2?** There, any function of TensorFlow's took what `Input` gave. Now it
# is `ValueError: A KerasTensor cannot be used as input to a TensorFlow function.` Use `keras.ops`,
# or put the function into a layer, as in the next section. And a model begins with `keras.Input`:
# the old `input_shape=(2,)` in its first layer still works, with `UserWarning: Do not pass an
# input_shape/input_dim argument to a layer.`
#
# > ### Exercise: write your first model
# > Difficulty ●○○○○ (1 of 5) · Importance ●●●●● (5 of 5) · 10 minutes · 5 points
# >
# > The function returns the model in the picture, for any two sizes: from `keras.Input` through
# > `Dense(units)` with a relu, and through `Dense(1)` without one, to `keras.Model`.
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
# Print `model.input_shape`. Somebody has put a batch axis there, and it was not Keras alone.
# </details>
#
# <details><summary>All is right but built</summary>
#
# Your layers do the right thing, but nobody told them what will come. What is the first line of the
# recipe?
# </details>
#
# <details><summary>first_model gave a KerasTensor, not a keras.Layer</summary>
#
# That is the last plate of the recipe, not the recipe. Which call ties inputs and outputs together?
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

# %% [markdown]
# ## Lambda
#
# Often all that you miss is a function: a square, a logarithm, a unit turned into another one.
# There is nothing to learn in it, so there is nothing to build. `Lambda` puts a layer's coat on the
# function, and in that coat it may stand in any network.
#
# The function may be written on the spot with Python's `lambda`, or have a name, with `def`. What
# it does with numbers is in the upper row of the picture. The rows below are about a surprise that
# comes later, when it is to be saved.

# %% tags=["experiment"]
first_layer.draw_lambda().show()

# %% [markdown]
# | | |
# |---|---|
# | shape | what the function makes of it |
# | parameters | none, whatever the function does |


# %% tags=["experiment"]
def halve(x):
    return x / 2


squares = keras.layers.Lambda(lambda x: tf.math.pow(x, 2))
halves = keras.layers.Lambda(halve)
print("by lambda:", squares(tf.range(5)).numpy(), " by def:", halves(tf.range(5.0)).numpy())
model = keras.Sequential([keras.Input((5,)), squares, halves])
print("both in a model:", model.output_shape, "with", model.count_params(), "parameters")

# %% [markdown]
# Inside a Lambda, TensorFlow's own functions are welcome.
#
# But "none, whatever the function does" is meant in earnest. Below, somebody hides a variable in a
# Lambda, and hopes that training will find the factor 3.

# %% tags=["experiment"]
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

# %% [markdown]
# A Lambda holds a function and no weights. What is to learn needs a class, and we come to that.
#
# > ### Exercise: write a layer that raises to a power
# > Difficulty ●○○○○ (1 of 5) · Importance ●●●○○ (3 of 5) · 5 minutes · 4 points
# >
# > **What is asked**
# >
# > - **shape** (1): that of the inputs, at any rank.
# > - **parameters** (1): none.
# > - **output** (2): each number, raised to the power of `exponent`. The exponent is a whole
# >   number, and may be below zero.
#
# <details><summary>power_layer gave a function, not a keras.Layer</summary>
#
# The function is the right filling. Where is the coat?
# </details>
#
# <details><summary>The square is right, all other powers are wrong</summary>
#
# Does your function use the exponent, or does it know one by heart?
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

# %% [markdown]
# ### The surprise
#
# Save a model, load it again, and it should be the same. For most layers Keras writes their name
# and their arguments into the file, and that is enough to make them anew. A function written on the
# spot has no name. All that Keras can write down is its code, and who loads the file runs it: if
# the file came from a stranger, a stranger's code. So `load_model` refuses, unless you tell it with
# `safe_mode=False` that you trust the file.
#
# A function made with `def` has a name, but a bare name does not say where to look.
# `@keras.saving.register_keras_serializable("course")` puts it on a list of names that Keras knows:
# the function `halve` is `course>halve` from then on, in every program that runs these lines.
#
# Five attempts, each to save a model with a Lambda and to load it again:

# %% tags=["experiment"]
import tempfile


def reload(layer, **how):
    """Save a model of one layer, load it, and give what it predicts for 0 to 4."""
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

# %% [markdown]
# The third is worth a second look. `squares` calls `tf.math.pow`, its code came back, and what the
# code speaks of did not: `tf` is a name in *your* notebook. One reason more to let go of anonymous
# functions when it comes to files.
#
# **Coming from TensorFlow 2?** There, a Lambda went in and out of files unasked. Now it is
# `ValueError: Requested the deserialization of a Lambda layer whose function is a Python lambda.`
# And `custom_objects={...}` in each call of `load_model` still works; the decorator says the same
# once and for all.
#
# > ### Exercise: predict what can be loaded
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●○○ (3 of 5) · 5 minutes · 2 points
# >
# > A model holds a Lambda whose function was made in one of three ways: `"lambda"`, `"def"`, or
# > `"registered def"`. It was saved, and now `load_model(path, safe_mode=safe_mode)` is called,
# > without `custom_objects`. Return `True` where it loads, and `False` where Keras refuses.
#
# <details><summary>It is wrong for a def without safe mode</summary>
#
# There are two different reasons to refuse: what is in the file is not *trusted*, or it cannot be
# *found*. Which of the two does `safe_mode=False` remove?
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

# %% [markdown]
# > ### Exercise: write a power that lasts
# > Difficulty ●●●○○ (3 of 5) · Importance ●●●○○ (3 of 5) · 10 minutes · 4 points
# >
# > The same layer again, but this one survives a file. Two cells: in the first goes a function of
# > inputs *and* exponent, registered, at the top level where every program finds it; in the second,
# > the layer.
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
# Your function has a name now, but Keras does not know it. What stands in the line above its `def`?
# </details>
#
# <details><summary>After loading, the exponent is another one</summary>
#
# You made the function inside `lasting_power`, so each call registers a new one under the old name,
# and the last one wins. The name in the file is the same for all exponents: so where must the
# exponent itself stand? Look up `arguments` in the help of `keras.layers.Lambda`.
# </details>
#
# <details><summary>Cannot serialize object functools.partial(...)</summary>
#
# A good idea, but a partial has no name. Lambda has an argument for what your function needs
# besides the inputs.
# </details>


# %% nbgrader={"grade_id": "power", "solution": true}
# Your function of inputs and exponent, registered.
### BEGIN SOLUTION
@keras.saving.register_keras_serializable("course")
def power(inputs, exponent):
    """The inputs, raised to the power of the exponent."""
    return ops.power(inputs, exponent)


### END SOLUTION


# %% nbgrader={"grade_id": "lasting-power", "solution": true}
def lasting_power(exponent):
    """A layer that raises its inputs to the power of the exponent, and survives a file."""
    ### BEGIN SOLUTION
    return keras.layers.Lambda(power, arguments={"exponent": exponent})
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-lasting-power", "grade": true, "points": 4}
check(lasting_power)
### BEGIN HIDDEN TESTS
check(lasting_power, hidden=True)
### END HIDDEN TESTS

# %% [markdown]
# ## A layer of your own
#
# Now for layers that learn. You write a class, a *subclass* of `keras.layers.Layer`, and fill in
# what is yours. Keras does the rest: it calls your methods at the right moments, keeps account of
# your weights, trains them, counts them, saves them.

# %% tags=["experiment"]
first_layer.draw_life().show()

# %% [markdown]
# | method | called | what you do there |
# |---|---|---|
# | `__init__` | once, by you | remember what was asked for; hand `**kwargs` on, the name is in it |
# | `build(input_shape)` | once, before the first call | make weights with `add_weight` |
# | `call(inputs)` | each time | the work |
# | `compute_output_shape(input_shape)` | when asked | the shape that comes out, with its batch |
# | `get_config()` | when saved | the arguments of `__init__`, as words and numbers |
#
# Why are the weights not made in `__init__`? Because a kernel needs a row for each feature, and
# nobody knows how many features there will be until the first inputs come. Keras's own Dense lives
# in the same way:

# %% tags=["experiment"]
layer = keras.layers.Dense(8)
print("made:  built =", layer.built, "with", len(layer.weights), "weights")
layer.build((None, 16))
print("built: built =", layer.built, "with", len(layer.weights), "weights")
print("shape:", layer.compute_output_shape((None, 16)))

called = keras.layers.Dense(16)
called(np.ones((100, 64)))
print("called, and built on the way:", called.built, [tuple(w.shape) for w in called.weights])

# %% [markdown]
# > ### Exercise: predict when a layer is built
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●○○ (3 of 5) · 5 minutes · 2 points
# >
# > `steps` is a list of what is done to one Dense layer, in this order. The first is `"make"`; the
# > others are `"build"`, `"call"` (on an array), `"call on Input"` (on what `keras.Input` gives),
# > `"get_config"` and `"compute_output_shape"`. Return a list as long as `steps`: what
# > `layer.built` is after each of them, `True` or `False`.
#
# <details><summary>It is right for a call on an array and wrong for a call on Input</summary>
#
# Think of the recipe: a model that was made of Inputs alone has all its weights. When were they
# made?
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

# %% [markdown]
# Your own layer shall be `Linear`, the old chapter's example: weighted sums of the features, plus a
# bias, through an activation if one is wanted.
#
# $$y = f(x W + b)$$
#
# First, the chapter's own class: the part of it that Keras 3 minds, as it stood, and tried out.


# %% tags=["experiment"]
class OldLinear(keras.layers.Layer):
    """For TensorFlow 2. Don't copy it."""

    def __init__(self, units=32, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        self.w = self.add_weight("w", shape=(input_shape[-1], self.units))
        super().build(input_shape)


first_words(lambda: OldLinear(8).build((None, 16)))
first_words(lambda: OldLinear(8).compute_output_shape((None, 16)))
first_words(lambda: keras.models.Sequential().save("linear_model", save_format="tf"))

# %% [markdown]
# **Coming from TensorFlow 2?** The first argument of `add_weight` is the shape now, so give
# everything by keyword: `add_weight(name="w", shape=...)`. `compute_output_shape` is not guessed
# any more where somebody asks the layer itself: write it. Two things have become needless:
# `super().build(input_shape)`, as Keras sets `built` by itself, and `@tf.function` on `call`, as
# Keras compiles a whole training step. The latter can even hurt: if a sublayer is built inside it,
# its first weights are frozen into the graph and no gradient reaches them. (The third line is about
# files; they come at the end.)
#
# One thing is new. Keras 3 takes down the arguments of `__init__` by itself, as long as they are
# plain: numbers, words, lists of them. An activation may be a function, and a function is not
# plain. So write `get_config`. `keras.activations.serialize` turns a function into words, and
# `keras.activations.get` turns a name, a function, those words, or `None` into a function.
#
# > ### Exercise: write Linear
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
# > Not allowed: `keras.layers.Dense` itself, by whatever road. You are here to build it.
#
# <details><summary>`name` must be passed as a keyword argument</summary>
#
# You have it from an old book. Name both: `self.add_weight(name=..., shape=...)`.
# </details>
#
# <details><summary>Matrix size-incompatible</summary>
#
# Two numbers in that line do not fit each other. Which of them comes from the inputs, and where did
# you take the other one from? `build` is told the shape of the inputs.
# </details>
#
# <details><summary>The card says that Keras does not see my tf.Variable</summary>
#
# It works in the formula, but Keras 3 neither counts nor trains nor saves it. Weights are made by
# `self.add_weight`.
# </details>
#
# <details><summary>You cannot add new elements of state to a layer that is already built</summary>
#
# Something is made in `call` that should be made once, and earlier. (Layers inside your layer count
# as well.)
# </details>
#
# <details><summary>Layer Linear does not have a compute_output_shape method implemented</summary>
#
# A shape comes in, a shape goes out. How many entries has each, and which one changes?
# </details>
#
# <details><summary>Object Linear was created by passing non-serializable argument values</summary>
#
# Keras cannot take down a function for you. Begin with what `super().get_config()` gives and add an
# entry for each argument of your own, under its name. What can stand for a function in a file?
# </details>
#
# <details><summary>config is right and saving is not: 'dict' object is not callable</summary>
#
# Your config holds the function itself. As long as it stays in Python that works, but a file holds
# only words, and `__init__` got them back as a dict. Which of the two `keras.activations` functions
# is missing, and where?
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

# %% [markdown]
# Your layer is a citizen now. It stands in a Sequential model, as the chapter had it; it stands in
# a Functional one; it says how to make it again. Two features and one unit: how many parameters?

# %% tags=["experiment"]
keras.utils.clear_session()  # Keras numbers its layers; begin at the beginning again
model = keras.Sequential([keras.Input((2,)), Linear(units=1)])
model.summary()

inputs = keras.Input((2,))
functional = keras.Model(inputs, Linear(1, name="second")(Linear(8, "relu", name="first")(inputs)))
print("Functional:", functional.output_shape, "with", functional.count_params(), "parameters")
config = functional.get_layer("first").get_config()
print({key: config[key] for key in config if key not in ("name", "trainable", "dtype")})

# %% [markdown]
# ## Into a file and back
#
# A network that took a night to train should outlive the night. Keras 3 knows three forms on disk.

# %% tags=["experiment"]
first_layer.draw_files().show()

# %% [markdown]
# The first two hold a *config* and the weights: a list of what to make, and the numbers to put into
# it. To make it, loading needs your class. A SavedModel holds the *graph*, all the operations that
# your `call` came down to, and needs nothing of yours.


# %% tags=["experiment"]
tf.get_logger().setLevel("ERROR")  # it reports each SavedModel that it writes


def saved_and_loaded(model):
    """The model, loaded from a file of each form."""
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

# %% [markdown]
# **Coming from TensorFlow 2?** The name of the file decides on its form, and `save_format="tf"` is
# `ValueError: The save_format argument is deprecated in Keras 3.` A SavedModel is written by
# `model.export(folder)`; `load_model` does not read it any more (`ValueError: File format not
# supported`), but `keras.layers.TFSMLayer(folder, call_endpoint="serve")` makes a layer of it. And
# if a compiled model goes into a `.h5` file, give the loss as an *object*: with `loss="mse"` it
# saves, and then fails to load with `ValueError: Could not deserialize 'keras.metrics.mse'`. Where
# you have the choice, take `.keras`: `.h5` is kept for old files.
#
# Now a layer that nearly does it right. `Forgetful` is your `Linear`, but its config says nothing
# of the activation. We train a small network of your layers on a sine, give its weights to the same
# network of forgetful layers, and send both through all three files. Nothing below raises an error.


# %% tags=["experiment"]
@keras.saving.register_keras_serializable("course")
class Forgetful(Linear):
    """A Linear whose config leaves out the activation."""

    def get_config(self):
        return {key: value for key, value in super().get_config().items() if key != "activation"}

    @classmethod
    def from_config(cls, config):
        """The layer anew, as Keras makes it."""
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

# %% tags=["experiment"]
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

# %% [markdown]
# ### What do you see?
#
# Look at both panels, and think of what lies in each file. Then answer in a few sentences.
# (3 points, read by your instructor.)
#
# 1. In the right panel two of the four curves are wrong. Why those two, and why is the third form
#    not hurt by the same mistake?
# 2. The wrong curve is a straight line. Why just that? And no error was raised, although something
#    was missing: what did `__init__` do about it?
# 3. You have trained a network with a layer of your own. Which form do you send to a colleague who
#    wants to go on working on it, and which to somebody who has none of your code and only wants
#    predictions? What does the colleague need besides the file?

# %% [markdown] nbgrader={"grade_id": "question-disk", "grade": true, "solution": true, "points": 3}
# ### BEGIN SOLUTION
# 1. `.keras` and `.h5` hold the config and the weights, and a layer is made anew from the config:
#    no activation in it, no activation in the loaded layer. A SavedModel holds the graph of what
#    `call` did, tanh included, and never asks the config. (One point.)
# 2. `activation=None` is the default of `__init__`, and None means no bend. The weights fit as
#    before, so nothing could be noticed. Without a bend between them, two layers of weighted sums
#    are one weighted sum: a straight line. (One point.)
# 3. To the colleague `.keras` (or `.h5`): it gives the model itself back, with its layers. They
#    need the code of the class, registered or named in `custom_objects`. To the other one a
#    SavedModel: it runs without any of your Python. (One point.)
# ### END SOLUTION

# %% [markdown]
# ## What you have now
#
# | door | for | parameters | what a file asks of it |
# |---|---|---|---|
# | Input | saying what will come | none | nothing |
# | Lambda | a function | none | a registered function |
# | a subclass of Layer | anything | what `add_weight` makes | a registered class, a whole config |
#
# And you can read a card. In the next unit you build four of Keras's own layers with it, and they
# learn to read handwriting.
