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
# # 5 · Saving: a layer in a file
#
# After a long training you want to keep the network: for tomorrow, for a colleague, for a phone.
# Keras writes it into a file. What must be in that file, so that the network can be made again?
#
# Two things: the **weights**, which are plain numbers, and a description of the layers. For Keras's
# own layers, the description is simple: the name of the class, and its arguments. For a *function*
# or a *class of your own*, it is not, because the code is in your notebook and not in the file.
# This unit shows what to do about it. You save a **Lambda**, you write **Linear**, a complete
# **layer of your own** with everything that Keras can ask of it, and you look at three file
# formats.
#
# `Linear` is the example of the chapter on which this course is based. (It is section 5-4 of *eat
# tensorflow2 in 30 days*, which is in Chinese.)
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

# %% id="start-experiment" tags=["experiment"]
import tempfile
import textwrap

from grader.pictures import saving, show


def first_words(action):
    """Run an action, and print its result or the first line of the error."""
    try:
        print(action())
    except Exception as error:
        lines = [line for line in str(error).splitlines() if line and "encountered" not in line]
        print(f"{type(error).__name__}: {textwrap.shorten(lines[0], 90, placeholder=' ...')}")


# %% [markdown] id="a-lambda-in-a-file"
# ## A Lambda in a file
#
# If you save a model and load it again, it should be the same. For most layers, Keras writes their
# name and their arguments into the file, and that is enough to make them again. Turning a layer
# into such plain data is called **serialization**. A function written with `lambda` has no name, so
# Keras can only save its code. Anybody who loads the file then runs that code, even if the file
# comes from a stranger. So `load_model` refuses. This is its **safe mode**, and `safe_mode=False`
# says that you trust the file.
#
# A function made with `def` has a name, but the name alone does not say where to find it.
# `@keras.saving.register_keras_serializable("course")` is its **registration**: Keras then knows
# `halve` as `course>halve`, in every program that runs these lines.

# %% id="a-lambda-in-a-file-picture" tags=["experiment"]
saving.draw_lambda_file().show()

# %% [markdown] id="a-lambda-in-a-file-attempts"
# Here are five attempts to save a model with a Lambda and to load it again. Before you run the
# cell: which of them will work?


# %% id="a-lambda-in-a-file-experiment" tags=["experiment"]
def reload(layer, **how):
    """Save a model of one layer, load it, and return what it predicts for 0 to 4."""
    model = keras.Sequential([keras.Input((5,)), layer])
    with tempfile.TemporaryDirectory() as folder:
        model.save(f"{folder}/model.keras")
        return keras.models.load_model(f"{folder}/model.keras", **how)(np.arange(5.0)[None]).numpy()


def halve(x):
    return x / 2


squares = keras.layers.Lambda(lambda x: tf.math.pow(x, 2))
halves = keras.layers.Lambda(halve)
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
# **Try:** Write `squares` with `ops.power` instead of `tf.math.pow`. Is `ops` found where `tf` was
# not?
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
# > In unit 00 you wrote `power_layer`, a Lambda that raises its inputs to the power of `exponent`.
# > Write it again, but so that it can be saved and loaded. There are two cells. Write a
# > function of inputs *and* exponent in the first one, registered and at the top level. Write the
# > layer in the second.
# >
# > **What is asked**
# >
# > - **output** (1): each number, raised to the power of `exponent`, a whole number.
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
# In unit 00 your layer had two methods, `build` and `call`. Since then you have written `__init__`,
# `compute_output_shape` and `get_config`, too. This is what each of them is for:

# %% id="a-layer-of-your-own-experiment" tags=["experiment"]
saving.draw_life().show()

# %% [markdown] id="a-layer-of-your-own-text"
# | method | called | what you do there |
# |---|---|---|
# | `__init__` | once, by you | store the arguments; pass `**kwargs` on: `name` is in it |
# | `build(input_shape)` | once, before the first call | make weights with `add_weight` |
# | `call(inputs)` | each time | compute the output |
# | `compute_output_shape(input_shape)` | on request | return the output shape with its batch |
# | `get_config()` | on saving | return the arguments of `__init__`, as strings and numbers |
#
# The attribute `built` says whether a layer has its weights already. See it on Keras's own Dense:

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
# Now the example of the chapter, `Linear`: weighted sums of the features, plus a bias, and an
# activation if there is one. You know the formula from Dense in unit 01. Here the rest matters:
# everything that makes a class a good Keras layer.
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
# One thing is new since TensorFlow 2. Keras 3 saves the arguments of `__init__` by itself if they
# are simple values: numbers, strings, lists of them. An activation can be a function, which is not
# a simple value. So write `get_config`. `keras.activations.serialize` turns a function into a value
# that can be saved, and `keras.activations.get` turns a name, a function, such a saved value, or
# `None` into a function.

# %% [markdown] id="linear-exercise"
# ### Exercise: write Linear
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●●●● (5 of 5) · 20 minutes · 12 points
# >
# > Begin with your Dense from unit 01, if you like: copy `build` and `call` into this cell, and
# > leave out `use_bias`.
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

# %% [markdown] id="linear-life"
# Your layer is now a complete Keras layer. Here is its life, with the numbers of the chapter.
# Before you run the cell: what will each line print?

# %% id="linear-life-experiment" tags=["experiment"]
keras.utils.clear_session()  # Keras numbers its layers: start again at the first number
linear = Linear(units=8)
print("made:  ", linear.built)
linear.build((None, 16))
print("built: ", linear.built)
print("shape: ", linear.compute_output_shape((None, 16)))

linear = Linear(units=16)
print("made:  ", linear.built)
linear(tf.random.uniform((100, 64)))
print("called:", linear.built)
config = linear.get_config()
print("config:", {key: config[key] for key in config if key != "dtype"})

# %% [markdown] id="a-layer-of-your-own-text-4"
# **Try:** Make the second one with `activation="relu"`, and then with `activation=ops.sin`. What
# does each config hold?
#
# You can use your layer in a Sequential model, as the chapter did, or in a Functional one, and its
# config says how to make it again. With two features and one unit, how many parameters does it
# have?

# %% id="a-layer-of-your-own-experiment-4" tags=["experiment"]
keras.utils.clear_session()  # Keras numbers its layers: start again at the first number
model = keras.Sequential([keras.Input((2,)), Linear(units=1)])
print("model.input_shape: ", model.input_shape)
print("model.output_shape:", model.output_shape)
model.summary()

inputs = keras.Input((2,))
functional = keras.Model(inputs, Linear(1, name="second")(Linear(8, "relu", name="first")(inputs)))
print("Functional:", functional.output_shape, "with", functional.count_params(), "parameters")
config = functional.get_layer("first").get_config()
print({key: config[key] for key in config if key not in ("name", "trainable", "dtype")})

# %% [markdown] id="into-a-file-and-back"
# ## Into a file and back
#
# Keras 3 can save a model in three formats.

# %% id="into-a-file-and-back-experiment" tags=["experiment"]
saving.draw_files().show()

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
model.compile("sgd", loss=keras.losses.MeanSquaredError(), metrics=["mae"])
print("before:".rjust(12), model.predict(points, verbose=0).ravel())
for form, twin in saved_and_loaded(model).items():
    print(f"{form}:".rjust(12), np.ravel(twin(points)))

# %% [markdown] id="into-a-file-and-back-text-2"
# **Try:** Give the loss as a name, `loss="mse"`. Saving works; which of the three files cannot be
# loaded?
#
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

# %% [markdown] id="into-a-file-and-back-text-3"
# **Try:** Train with `"relu"` in the place of `"tanh"`. Is the wrong curve still a straight line?

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

# %% [markdown] id="change-it"
# ### Change it: another argument is forgotten
#
# `Forgetful` left out the activation, and nobody was told. The cell below leaves out one entry of
# the config, whichever you name, then saves a model and loads it again. It compares the
# predictions.


# %% id="change-it-experiment" tags=["experiment"]
def forgetting(*left_out):
    """Save and load a model whose config leaves out these entries; how far it is off."""

    @keras.saving.register_keras_serializable("course")
    class Forgetting(Linear):
        def get_config(self):
            config = super().get_config()
            return {key: config[key] for key in config if key not in left_out}

        @classmethod
        def from_config(cls, config):
            return cls(**config)

    random = np.random.default_rng(2)
    model = keras.Sequential([keras.Input((3,)), Forgetting(4, "tanh", name="mine")])
    model.set_weights([random.normal(size=w.shape) for w in model.get_weights()])
    inputs = random.normal(size=(5, 3))
    with tempfile.TemporaryDirectory() as folder:
        model.save(f"{folder}/model.keras")
        loaded = keras.models.load_model(f"{folder}/model.keras")
    return f"the predictions differ by up to {np.abs(model(inputs) - loaded(inputs)).max():.3f}"


first_words(lambda: forgetting("activation"))

# %% [markdown] id="change-it-text"
# **Predict first.** Change `"activation"` to `"units"`, then to `"name"`, then to nothing at all
# (`forgetting()`). For each of the three, choose one: *the same predictions*, *other predictions
# without a word*, or *an error*. Write your choice down before you run the cell.
#
# **Then explain it in one sentence.** When does a forgotten argument raise an error, and when does
# it stay silent?
#
# <details><summary>What happens</summary>
#
# Without `units` there is an error: the layer is made with 32 units, and the weights in the file do
# not fit. Without `name`, and with nothing left out, the predictions are the same: the name changes
# no number. So a forgotten argument raises an error if it changes the shapes of the weights, and
# stays silent if it only changes the computation. The silent ones are the dangerous ones.
# </details>

# %% [markdown] id="mended-config-exercise"
# ### Exercise: find and mend the fault in a layer that was saved
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●●○ (4 of 5) · 8 minutes · 2 points
# >
# > Below is a layer that computes what `keras.layers.Rescaling(scale, offset)` computes. It does so
# > as long as you use it. But a network with this layer gives other numbers when it comes back from
# > a file. **One thing in it is wrong.** Run the check first: the card shows where the fault comes
# > out. Then find the fault and mend it. Change as little as you can.
# >
# > The layer earns its points when everything is right, and nothing before: most of it is right
# > already.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.Rescaling`.
#
# **How to find a fault.** Read the card first: a row that is right tells you which lines you need
# not read. Here the output is right, so `call` is right. Then do by hand what Keras does with a
# file: take the config of a layer, make a new layer from it, and compare the two.
#
# <details><summary>How do I make the layer again by hand?</summary>
#
# `layer = MendedConfig(2.0, 5.0)`, then `again = MendedConfig.from_config(layer.get_config())`.
# Print `vars(layer)` and `vars(again)`. Which of your attributes differ?
# </details>
#
# <details><summary>I know which attribute differs. Where is it lost?</summary>
#
# Print `layer.get_config()`. Which arguments of `__init__` are in it, and which are not?
# </details>


# %% nbgrader={"grade_id": "mended-config", "solution": true}
class MendedConfig(keras.layers.Layer):
    """Each number times `scale`, plus `offset`: with one fault."""

    def __init__(self, scale, offset=0.0, **kwargs):
        super().__init__(**kwargs)
        self.scale = scale
        self.offset = offset

    def call(self, inputs):
        return inputs * self.scale + self.offset

    def get_config(self):
        ### BEGIN SOLUTION
        own = {"scale": self.scale, "offset": self.offset}
        ### GIVEN
        # own = {"scale": self.scale}
        ### END SOLUTION
        return super().get_config() | own


# %% nbgrader={"grade_id": "check-mended-config", "grade": true, "points": 2}
check(MendedConfig)
### BEGIN HIDDEN TESTS
check(MendedConfig, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="what-you-have-now"
# ## What you have now
#
# | | what saving needs |
# |---|---|
# | Input | nothing |
# | Lambda | a registered function; its other values in `arguments` |
# | a subclass of Layer | a registered class, and a config with every argument of `__init__` |
#
# | format | what is in it | what loading needs |
# |---|---|---|
# | `.keras` | config and weights | your classes and functions |
# | `.h5` | config and weights, for old files | your classes and functions |
# | SavedModel | graph and weights | none of your Python code |
#
# From here on, your layers can be saved. The exercises ask for a **config** again and again: now
# you know why.
#
# ## References
#
# - lyhue1991 (2020), *eat tensorflow2 in 30 days*, section 5-4.
#   <https://github.com/lyhue1991/eat_tensorflow2_in_30_days>
# - The Keras authors, *Save, serialize, and export models*.
#   <https://keras.io/guides/serialization_and_saving/>
