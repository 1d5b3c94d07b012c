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
# # 2 · Joining
#
# The networks of the first unit were chains: what left one layer entered the next, and there was
# only one way to go. The better ideas of deep learning need roads that fork, and meet again. A
# picture and a sentence that are understood together. A signal that takes a shortcut past twenty
# layers. Two candidates, of whom the better one shall win.
#
# Where roads meet, there stands a layer that *joins*. In this unit you build five of them:
# **Concatenate**, which puts side by side; **Add** and **Subtract**; **Maximum** and **Minimum**.
# They are the humblest layers of all. They learn nothing, and most of them are one line of code.
# But each of them made possible something that no chain can do, and you will see what.
#
# The two questions are the same as ever: *which shape comes out, and how many numbers does it
# learn?* The second one has an easy answer today. That is why you will be asked it of the layers
# round about.

# %%
# The grader comes first: it loads Keras and TensorFlow without the lines that they write meanwhile.
from grader import check

import keras
import numpy as np
import tensorflow as tf
from keras import ops

# %% [markdown]
# Our data are the digits again, whole and cut in two: four rows of ink above, four rows below.

# %% tags=["experiment"]
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
    """Train a model for 10 epochs, always in the same order; gives its loss in each epoch."""
    keras.utils.set_random_seed(7)
    # XLA would take longer to compile these small networks than they take to train.
    optimizer = keras.optimizers.Adam(0.01)
    model.compile(optimizer, loss=loss, metrics=["accuracy"], jit_compile=False)
    return model.fit(inputs, targets, batch_size=50, epochs=10, verbose=0).history["loss"]


def panels(pictures, alt):
    """Grey pictures in a row, each under its name."""
    figure, row = plt.subplots(1, len(pictures), figsize=(10, 2.3), layout="constrained")
    for panel, (name, picture) in zip(row, pictures.items(), strict=True):
        panel.imshow(picture, cmap="gray_r", vmin=0, vmax=1)
        panel.set(xticks=[], yticks=[])
        panel.set_title(name, fontsize=10)
    show(figure, alt)


# %% [markdown]
# ## Roads that fork: the Functional API
#
# `keras.Sequential` knows a single road. For anything else you draw a map, and Keras's *Functional
# API* is the pencil. It has three moves.
#
# 1. `keras.Input(shape)` gives a *symbolic tensor*: it has a shape, and no numbers yet. The batch
#    axis, unknown so far, is `None`.
# 2. Call a layer on a symbolic tensor, and out comes another one. Keras takes note of the road
#    between the two. A layer that joins is called on a *list* of them.
# 3. `keras.Model(inputs=[...], outputs=...)` keeps the part of the map that leads from these inputs
#    to these outputs. It trains like any other model, and its data come as a list in the order of
#    the inputs.
#
# Here is such a map. A digit was torn in two; each half is looked at by a layer of its own, and
# only then are the two opinions put together.

# %% tags=["experiment"]
joining.draw_graph().show()

# %% tags=["experiment"]
upper, lower = keras.Input((4, 8), name="upper"), keras.Input((4, 8), name="lower")
above = keras.layers.Dense(16, activation="relu")(keras.layers.Flatten()(upper))
below = keras.layers.Dense(16, activation="relu")(keras.layers.Flatten()(lower))
joined = keras.layers.Concatenate()([above, below])
answer = keras.layers.Dense(10, activation="softmax")(joined)
model = keras.Model(inputs=[upper, lower], outputs=answer)
print(f"above {above.shape} and below {below.shape} become joined {joined.shape}")
model.summary()

# %% [markdown]
# The column on the right of the summary says who is connected to whom. Read it from the bottom up,
# and you can draw the picture again.
#
# Is it worth the trouble? Three readers: one sees the upper halves only, one the lower halves only,
# and one sees both.


# %% tags=["experiment"]
def reader(*names):
    """A network that reads digits from the halves of these names."""
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

# %% [markdown]
# Half a digit leaves you guessing (is it a 3 or a 5, a 7 or a 9?), and the guesses of both halves
# together leave hardly a doubt.
#
# **Coming from TensorFlow 2?** There, TensorFlow's own functions could be called on symbolic
# tensors. In Keras 3, `tf.concat([above, below], -1)` is an error: "A KerasTensor cannot be used as
# input to a TensorFlow function". Use a layer, or `keras.ops`. Inside the `call` of a layer
# TensorFlow is as welcome as ever.

# %% [markdown]
# ## Concatenate
#
# Two strips of paper, glued edge to edge. Concatenate computes nothing, mixes nothing, forgets
# nothing: each number of each input is still there, the first input's first. It is the layer for
# different things that belong together, and it leaves to the next layer what to make of them.
#
# Along one axis the lengths add up. Along all the others the inputs must agree, or the edges would
# not meet.

# %% tags=["experiment"]
joining.draw_concatenate().show()

# %% [markdown]
# In a formula, with $n_k$ the length of input number $k$ along `axis`:
#
# $$n = n_1 + n_2 + n_3 + \dots$$
#
# | | |
# |---|---|
# | shape | along `axis` the sum of the lengths; all other axes as in each of the inputs |
# | parameters | none |
#
# The axis is counted with the batch axis, which is 0: so `axis=1` is the first axis of a sample,
# and `axis=-1`, the default, the last one. (`Reshape` counts in another way: its target leaves out
# the batch.) Along axis 0 you would not get longer samples, but more of them.
#
# The two halves of a digit, joined in four ways. Before you run the cell: which of the four
# pictures will be four rows high?

# %% tags=["experiment"]
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

# %% [markdown]
# Concatenate does not mind what it glues: the last picture is the head of a 7 on the foot of a 2,
# and passes for a 2. What belongs together is for you to know.
#
# > ### Exercise: predict the shape after Concatenate
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●●○ (4 of 5) · 5 minutes · 2 points
# >
# > `shapes` is a list of input shapes, each a tuple with its batch axis, which may be `None`.
# > `axis` may be positive or negative, and is never the batch axis. Return the output shape as a
# > tuple, with its batch axis.
#
# <details><summary>TypeError: unsupported operand type(s) for +: 'int' and 'NoneType'</summary>
#
# The unknown batch size got into your sum. How many of the lengths add up? What becomes of the
# others?
# </details>
#
# <details><summary>It is right for axis=1 and wrong for axis=-1</summary>
#
# Do you cut the shape into a part before the axis and a part after it? The part after it begins at
# `axis + 1`. What is −1 + 1, and what does a slice do that begins there? (A list whose one entry
# you replace does not know the problem.)
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

# %% [markdown]
# A layer that joins looks like any other layer from inside; only, what comes in is a *list*.
# `call(self, inputs)` gets a list of tensors, and `compute_output_shape(self, input_shape)` a list
# of shapes, each a tuple with its batch axis. One tensor goes out, and one shape.
#
# Once you have written `compute_output_shape`, Keras believes it while it draws the map. If it is
# wrong, the map is wrong, and the accident happens some layers further on.
#
# **Coming from TensorFlow 2?** The shapes in the list were `TensorShape` objects there. In Keras 3
# they are plain tuples, so `shape[1]` is a number or `None`.
#
# > ### Exercise: write Concatenate
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●●● (5 of 5) · 15 minutes · 9 points
# >
# > **What is asked**
# >
# > - **shape** (2): the lengths along `axis` added up, also while the batch size is unknown
# >   (`keras.Input`).
# > - **compute_output_shape** (1): the same answer, from a list of shapes. The batch entries may be
# >   `None`.
# > - **output** (3): two or more inputs in their order. `axis` is any axis but the batch axis,
# >   positive or negative, and −1 by default.
# > - **gradient** (1): each input gets back its own part of the gradient.
# > - **config** (1): `Concatenate.from_config(layer.get_config())` joins along the same axis.
# > - **model** (1): the layer works in the Functional API.
# >
# > Not allowed: `keras.layers.Concatenate` itself, by whatever road. (`ops.concatenate` is a tool,
# > not the layer: take it, or do without.)
#
# <details><summary>ConcatOp : Dimension 1 in both shapes must be equal</summary>
#
# You are gluing edges that do not fit. Print the shapes of the inputs and the axis that you use:
# along which axis do the inputs differ? Is it the axis that `__init__` was told?
# </details>
#
# <details><summary>My output is right, and the card says that my shape is wrong</summary>
#
# There your `call` is not asked: Keras believes your `compute_output_shape`. You have written that
# function before.
# </details>
#
# <details><summary>config: it gives another output</summary>
#
# Keras takes down plain arguments by itself, but only as long as you do not write `get_config`. If
# you do, everything that `__init__` must be told is your business. What must it be told here?
# </details>
#
# <details><summary>TypeError: Error when deserializing class 'Concatenate'</summary>
#
# A config holds the name of the layer too, and `from_config` passes all of it to `__init__`. Does
# yours take `**kwargs`, and hand them on to `super().__init__`?
# </details>


# %% nbgrader={"grade_id": "concatenate", "solution": true}
class Concatenate(keras.layers.Layer):
    """Puts its inputs side by side along one axis."""

    def __init__(self, axis=-1, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.axis = axis
        ### END SOLUTION

    def compute_output_shape(self, input_shape):
        ### BEGIN SOLUTION
        joined = list(input_shape[0])
        joined[self.axis] = sum(shape[self.axis] for shape in input_shape)
        return tuple(joined)
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

# %% [markdown]
# ## Add
#
# Concatenate keeps everything, and so the road grows wider at each crossing. Add keeps it as it is:
# the inputs are laid on top of each other, and each place of the output holds the sum of that place
# in all of them. Two, three, or a hundred inputs: one comes out.

# %% tags=["experiment"]
joining.draw_add().show()

# %% [markdown]
# With $x_{kp}$ the number that input $k$ holds at place $p$:
#
# $$y_p = x_{1p} + x_{2p} + x_{3p} + \dots$$
#
# | | |
# |---|---|
# | shape | stays as it is; all inputs have the same one |
# | parameters | none |
#
# (If the shapes are *not* the same, Keras's own layer does not always complain: where one input has
# length 1 along an axis, it is stretched to fit. That is called *broadcasting*; we come back to it
# at the end. Your own layer is tried on equal shapes.)
#
# What is a sum good for? For the most consequential shortcut in the history of deep learning. Until
# 2015 networks were hard to train beyond some twenty layers, and the reason stands in a table of
# unit 1. On its way back, the gradient is multiplied by the slope of each activation that it
# passes. The slope of a sigmoid is one quarter *at the most*. Pass ten of them, and unless the
# kernels make up for it, there is hardly a millionth left of a gradient of 1.
#
# The cure, the *residual connection*, is a plus sign. Let the layer f have its say, but lead its
# input past it too, and add the two.

# %% tags=["experiment"]
joining.draw_residual().show()

# %% [markdown]
# $$y = x + f(x) \qquad y' = 1 + f'(x)$$
#
# However small the slope of f is, the 1 beside it stays. Does it help? Two networks of eleven
# sigmoid layers, with the same number of parameters and the same starting weights; in one of them,
# the last ten have a shortcut. First we look at the gradient of the loss for each kernel before any
# training, then we train both.


# %% tags=["experiment"]
def deep(shortcuts):
    """Eleven Dense layers of 32 sigmoid units, ten of them with or without a shortcut."""
    keras.utils.set_random_seed(1)
    inputs = keras.Input((64,))
    x = keras.layers.Dense(32, activation="sigmoid")(inputs)
    for _ in range(10):
        f = keras.layers.Dense(32, activation="sigmoid")(x)
        x = keras.layers.Add()([x, f]) if shortcuts else f
    return keras.Model(inputs, keras.layers.Dense(10, activation="softmax")(x))


def kernel_gradients(model):
    """The length of the loss's gradient for each kernel, the first layer's first."""
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

# %% [markdown]
# ### What do you see?
#
# Take your time with both panels, then answer in a few sentences. (3 points, read by your
# instructor.)
#
# 1. Read off the left panel by what factor the plain network's gradient shrinks from one layer to
#    the next. Which number of the text above explains it, and why is the factor not exactly that?
# 2. The plain network's loss ends at log 10 ≈ 2.3. What does the network answer then? Its last
#    layers do get a decent gradient: why is that no use to it?
# 3. Suppose that each shortcut were joined by `Concatenate` and not by `Add`. Would the gradient
#    survive too? What would it cost?

# %% [markdown] nbgrader={"grade_id": "question-plot", "grade": true, "solution": true, "points": 3}
# ### BEGIN SOLUTION
# 1. From about 0.5 in the last layer it falls to 5·10⁻⁸ in the first one, in eleven steps: by a
#    factor of four to five in each, on average. (One point.) The slope of a sigmoid is at most one
#    quarter, and that only at 0; further out it is smaller. Besides, the gradient passes the kernel
#    of each layer, which may shrink it or make it larger.
# 2. It gives about one tenth to each digit, whatever the picture: pure guessing. (One point.) The
#    last layers learn from what reaches them. But what shrinks a difference on the way back shrinks
#    it on the way forth as well: seen from above ten sigmoid layers, all pictures look the same.
# 3. Yes: what is concatenated is handed on as it is, so the gradient has a road of slope 1 here
#    too. (One point.) But the road grows wider by 32 numbers with each layer, and every Dense layer
#    has to look at all of them: ten layers later it sees 352 numbers instead of 32, and pays for
#    each of them with 32 weights. (There are networks that do this, called DenseNets.)
# ### END SOLUTION

# %% [markdown]
# A shortcut has a price after all: x and f(x) can only be added if they have the same shape. So a
# residual block often has two Dense layers. The first one goes where it likes, the second one leads
# back to the width of the road.
#
# > ### Exercise: predict the parameters of a residual stack
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●○○ (3 of 5) · 5 minutes · 2 points
# >
# > A stack holds `depth` blocks, one after the other. In each block, `x` goes through
# > `Dense(hidden, activation="relu")`, then through a second Dense layer that leads back to as many
# > numbers as `x` has; `Add` joins the result with `x`. The first `x` has this many `features`. How
# > many parameters does the stack have?
#
# <details><summary>My answer is right for one block and too large for two</summary>
#
# How many features does the second block see? Look at the shape rule of Add once more.
# </details>


# %% nbgrader={"grade_id": "residual-params", "solution": true}
def residual_params(features, hidden, depth):
    """The number of parameters of so many blocks x + Dense(features)(Dense(hidden)(x))."""
    ### BEGIN SOLUTION
    there = features * hidden + hidden
    back = hidden * features + features
    return depth * (there + back)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-residual-params", "grade": true, "points": 2}
check(residual_params)
### BEGIN HIDDEN TESTS
check(residual_params, hidden=True)
### END HIDDEN TESTS

# %% [markdown]
# > ### Exercise: write Add
# > Difficulty ●○○○○ (1 of 5) · Importance ●●●●● (5 of 5) · 10 minutes · 7 points
# >
# > **What is asked**
# >
# > - **shape** (1): the one that all inputs have, also while the batch size is unknown.
# > - **compute_output_shape** (1): the same answer, from a list of shapes.
# > - **output** (3): the sum at each place of two or more inputs, at any rank.
# > - **gradient** (1): each input gets back the whole gradient.
# > - **model** (1): the layer works in the Functional API.
# >
# > Not allowed: `keras.layers.Add` itself, by whatever road. You are here to build it.
#
# <details><summary>My output is one number, or has lost an axis</summary>
#
# You have summed over too much. Which numbers belong together? Those that stand at the same place
# in *different* inputs. If you stack the inputs first, the sum must run along the new axis, and
# along no other.
# </details>
#
# <details><summary>It is right for two inputs and wrong for three</summary>
#
# What does your code do with the third? In a loop: does each round go on from what the last one had
# reached?
# </details>
#
# <details><summary>compute_output_shape gives several shapes</summary>
#
# `input_shape` is the list of all of them. A layer with one input may hand back what it was given;
# here several shapes come in, and one goes out.
# </details>


# %% nbgrader={"grade_id": "add", "solution": true}
class Add(keras.layers.Layer):
    """The sum of its inputs, place by place."""

    def compute_output_shape(self, input_shape):
        ### BEGIN SOLUTION
        return input_shape[0]
        ### END SOLUTION

    def call(self, inputs):
        ### BEGIN SOLUTION
        total, *others = inputs
        for other in others:
            total = total + other
        return total
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-add", "grade": true, "points": 7}
check(Add)
### BEGIN HIDDEN TESTS
check(Add, hidden=True)
### END HIDDEN TESTS

# %% [markdown]
# ## Subtract
#
# Subtract takes exactly two inputs and gives the first minus the second. It is the layer for
# questions that compare: is this picture sharper than that one, is this answer better, which of two
# players will win? Here the order counts. Swap the two, and the sign turns round.

# %% tags=["experiment"]
joining.draw_subtract().show()

# %% [markdown]
# $$y_p = x_{1p} - x_{2p}$$
#
# | | |
# |---|---|
# | shape | stays as it is; both inputs have the same one |
# | parameters | none |
#
# Comparing wants fairness: both candidates must be measured by the same yardstick. In the
# Functional API that is easy. A layer is a thing, and calling it is an act; call it *twice*, and
# both roads lead through the same weights. Such a network is called a *twin*.

# %% tags=["experiment"]
joining.draw_twins().show()

# %% [markdown]
# We show this twin network pairs of digits, and of each pair we say only one thing: which of the
# two is larger. Never which digits they are; not even that there are ten of them. Then we ask it
# for the score of single test digits.


# %% tags=["experiment"]
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

# %% [markdown]
# A staircase. Nobody told the network that digits have values, and out of "larger" and "smaller"
# alone it has found out how to line them up. (Chess ratings come about in this way, and so do the
# judges that language models are trained with.)
#
# And look at the second line above the picture: swap the two digits, and the answer turns into its
# opposite, exactly. Nothing had to be learned for that. It is built into the minus sign.
#
# > ### Exercise: predict the parameters of a twin network
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●●○ (4 of 5) · 5 minutes · 2 points
# >
# > Two inputs with this many features each. `Dense(width, activation="relu")` and `Dense(1)` are
# > made once, and called on both inputs as in the picture; `Subtract` compares the two scores. How
# > many parameters are there in all?
#
# <details><summary>My count is twice what it should be</summary>
#
# Weights are made when a layer is built, and it is built once. What does the second call add?
# </details>
#
# <details><summary>Is the bias of Dense(1) not useless?</summary>
#
# It is: it stands in both scores, and the difference knows nothing of it. Its gradient is 0 for
# ever. But nobody has told Keras: it was made, and it counts.
# </details>


# %% nbgrader={"grade_id": "twin-params", "solution": true}
def twin_params(features, width):
    """The number of parameters of a twin network with one hidden layer of this width."""
    ### BEGIN SOLUTION
    hidden = features * width + width
    score = width + 1
    return hidden + score
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-twin-params", "grade": true, "points": 2}
check(twin_params)
### BEGIN HIDDEN TESTS
check(twin_params, hidden=True)
### END HIDDEN TESTS

# %% [markdown]
# > ### Exercise: write Subtract
# > Difficulty ●○○○○ (1 of 5) · Importance ●●●○○ (3 of 5) · 5 minutes · 7 points
# >
# > **What is asked**
# >
# > - **shape** (1): the one that both inputs have, also while the batch size is unknown.
# > - **compute_output_shape** (1): the same answer, from a list of two shapes.
# > - **output** (3): the first input minus the second, at any rank.
# > - **gradient** (1): the first input gets back the gradient, the second one its opposite.
# > - **model** (1): the layer works in the Functional API.
# >
# > Not allowed: `keras.layers.Subtract` itself, by whatever road. You are here to build it.
#
# <details><summary>The numbers are right, and some signs are wrong</summary>
#
# If *all* of them are wrong, think of the order of the two inputs. If only the negative ones are,
# something in your code has taken offence at them.
# </details>


# %% nbgrader={"grade_id": "subtract", "solution": true}
class Subtract(keras.layers.Layer):
    """The first of two inputs minus the second."""

    def compute_output_shape(self, input_shape):
        ### BEGIN SOLUTION
        return input_shape[0]
        ### END SOLUTION

    def call(self, inputs):
        ### BEGIN SOLUTION
        first, second = inputs
        return first - second
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-subtract", "grade": true, "points": 7}
check(Subtract)
### BEGIN HIDDEN TESTS
check(Subtract, hidden=True)
### END HIDDEN TESTS

# %% [markdown]
# ## Maximum and Minimum
#
# The last two let their inputs compete. At each place, Maximum keeps the largest of the numbers
# that meet there, Minimum the smallest. Each place is a contest of its own: the winner here may be
# the loser next door. They are siblings (Minimum is Maximum with all signs turned, before and
# after), so they share a picture.

# %% tags=["experiment"]
joining.draw_extremes().show()

# %% [markdown]
# $$\text{Maximum:} \quad y_p = \max(x_{1p}, x_{2p}, \dots) \qquad
# \text{Minimum:} \quad y_p = \min(x_{1p}, x_{2p}, \dots)$$
#
# | | |
# |---|---|
# | shape | stays as it is; all inputs have the same one |
# | parameters | none |
#
# On ink, Maximum means *or* and Minimum means *and*: ink in this picture or in that one, ink in
# this picture and in that one. Any number of inputs may take part, so let us also ask what *all*
# the zeros in the data have in common.

# %% tags=["experiment"]
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

# %% [markdown]
# The last two are worth a second look. In the middle there is a spot where not one of the zeros has
# much ink, and around it lies the ghost of a ring that all of them share.
#
# The gradient follows the contest: at each place it goes back to the winner alone, and the others
# get nothing.
#
# And here is a surprise. Two Dense layers without any activation, joined by Maximum: where one
# straight line is the larger one it is followed, then the other one takes over, and at the crossing
# there is a *bend*. So Maximum is an activation too, one that learns its own form. (It is called
# *maxout*. And `relu` is nothing else than the Maximum of x and 0.) We ask the question of unit 1
# again: is the digit odd?

# %% tags=["experiment"]
inputs = keras.Input((64,))
for name in "one straight piece", "two straight pieces":
    keras.utils.set_random_seed(1)
    pieces = [keras.layers.Dense(16)(inputs) for _ in range(1 if "one" in name else 2)]
    hidden = keras.layers.Maximum()(pieces)
    model = keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(hidden))
    train(model, flat[training], labels[training] % 2, loss="binary_crossentropy")
    right = model.evaluate(flat[test], labels[test] % 2, verbose=0)[1]
    print(f"{name:>19}: {model.count_params()} parameters, right on {right:.1%} of the test digits")

# %% [markdown]
# > ### Exercise: predict the parameters of maxout
# > Difficulty ●○○○○ (1 of 5) · Importance ●●○○○ (2 of 5) · 3 minutes · 2 points
# >
# > On inputs with this many features, `pieces` layers `Dense(units)` stand side by side, and
# > `Maximum` joins what they give. How many parameters are there in all?
#
# <details><summary>Only one piece wins: do the others count?</summary>
#
# It wins at one place, for one sample. Who wins for the next one?
# </details>


# %% nbgrader={"grade_id": "maxout-params", "solution": true}
def maxout_params(features, units, pieces):
    """The number of parameters of the Maximum of so many Dense(units)."""
    ### BEGIN SOLUTION
    return pieces * (features * units + units)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-maxout-params", "grade": true, "points": 2}
check(maxout_params)
### BEGIN HIDDEN TESTS
check(maxout_params, hidden=True)
### END HIDDEN TESTS

# %% [markdown]
# > ### Exercise: write Maximum
# > Difficulty ●○○○○ (1 of 5) · Importance ●●●○○ (3 of 5) · 10 minutes · 7 points
# >
# > **What is asked**
# >
# > - **shape** (1): the one that all inputs have, also while the batch size is unknown.
# > - **compute_output_shape** (1): the same answer, from a list of shapes.
# > - **output** (3): the largest number at each place of two or more inputs, at any rank.
# > - **gradient** (1): at each place it goes to the input that has won.
# > - **model** (1): the layer works in the Functional API.
# >
# > Not allowed: `keras.layers.Maximum` itself, by whatever road. You are here to build it.
#
# <details><summary>ops.max and ops.maximum: which one?</summary>
#
# `ops.maximum(a, b)` lets two arrays compete, place by place. `ops.max(a, axis)` looks for the
# largest number *within* one array, along an axis. Both can be right: what do you have, and along
# which axis do your competitors stand?
# </details>
#
# <details><summary>My output has lost an axis</summary>
#
# Then the features of an input have competed with each other. See above.
# </details>
#
# <details><summary>My output holds small whole numbers</summary>
#
# 0, 1, 2: that is *who* has won. Asked was with how much.
# </details>
#
# <details><summary>ValueError: The truth value of an array ... is ambiguous</summary>
#
# Python's own `max` wants one winner for the whole array. Here each place has its own.
# </details>


# %% nbgrader={"grade_id": "maximum", "solution": true}
class Maximum(keras.layers.Layer):
    """At each place the largest of its inputs' numbers."""

    def compute_output_shape(self, input_shape):
        ### BEGIN SOLUTION
        return input_shape[0]
        ### END SOLUTION

    def call(self, inputs):
        ### BEGIN SOLUTION
        return ops.max(ops.stack(inputs), axis=0)
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-maximum", "grade": true, "points": 7}
check(Maximum)
### BEGIN HIDDEN TESTS
check(Maximum, hidden=True)
### END HIDDEN TESTS

# %% [markdown]
# Now the promise from the section on Add. Keras's elementwise layers accept unequal shapes, as long
# as along each axis all lengths are the same, *or some of them are 1*. An input of length 1 is
# stretched: its one number is used again and again. (Not along the batch axis, though. There, Keras
# insists.)
#
# That is no accident but a tool. A *stencil* with one number for each row, shape `(batch, 8, 1)`,
# is laid over pictures of shape `(batch, 8, 8)`, and their Minimum keeps ink where the stencil is
# open:

# %% tags=["experiment"]
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
    "A 5; a stencil of one column whose upper four rows are open; the same as one row. The Minimum "
    "of the 5 and the stencil of rows keeps the upper half of the 5. The Minimum of the two "
    "stencils is a square of 8 x 8, open in its upper left corner.",
)

# %% [markdown]
# > ### Exercise: predict the shape after Minimum
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●●○ (4 of 5) · 5 minutes · 2 points
# >
# > `shapes` is a list of input shapes with the same number of axes. Along each axis the lengths are
# > equal, or some of them are 1. The batch entry is the same in all, and may be `None`. Return the
# > output shape as a tuple, with its batch axis.
#
# <details><summary>It is right for two of the cases and wrong for "each is stretched"</summary>
#
# Then no input has the shape of the output: `(batch, 8, 1)` and `(batch, 1, 8)` make
# `(batch, 8, 8)`. Decide each axis by itself.
# </details>
#
# <details><summary>TypeError: '>' not supported between instances of 'NoneType' ...</summary>
#
# `None` cannot be compared. Which axis is it, and is there anything to decide?
# </details>


# %% nbgrader={"grade_id": "minimum-shape", "solution": true}
def minimum_shape(shapes):
    """The shape after Minimum, where lengths of 1 are stretched."""
    ### BEGIN SOLUTION
    batch, *axes = zip(*shapes, strict=True)
    return (batch[0], *(max(lengths) for lengths in axes))
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-minimum-shape", "grade": true, "points": 2}
check(minimum_shape)
### BEGIN HIDDEN TESTS
check(minimum_shape, hidden=True)
### END HIDDEN TESTS

# %% [markdown]
# > ### Exercise: write Minimum
# > Difficulty ●○○○○ (1 of 5) · Importance ●●○○○ (2 of 5) · 5 minutes · 7 points
# >
# > As Maximum, the other way round; equal shapes are enough here too. Can you write it in another
# > way than its sibling: with a loop, if that one had none, or the reverse?
# >
# > **What is asked**
# >
# > - **shape** (1): the one that all inputs have, also while the batch size is unknown.
# > - **compute_output_shape** (1): the same answer, from a list of shapes.
# > - **output** (3): the smallest number at each place of two or more inputs, at any rank.
# > - **gradient** (1): at each place it goes to the input that has won.
# > - **model** (1): the layer works in the Functional API.
# >
# > Not allowed: `keras.layers.Minimum` itself, by whatever road. You are here to build it.
#
# <details><summary>It is right for two inputs and wrong for three</summary>
#
# The third one never got into the ring, or your loop has forgotten who had won before.
# </details>


# %% nbgrader={"grade_id": "minimum", "solution": true}
class Minimum(keras.layers.Layer):
    """At each place the smallest of its inputs' numbers."""

    def compute_output_shape(self, input_shape):
        ### BEGIN SOLUTION
        return input_shape[0]
        ### END SOLUTION

    def call(self, inputs):
        ### BEGIN SOLUTION
        least = inputs[0]
        for other in inputs[1:]:
            least = ops.minimum(least, other)
        return least
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-minimum", "grade": true, "points": 7}
check(Minimum)
### BEGIN HIDDEN TESTS
check(Minimum, hidden=True)
### END HIDDEN TESTS

# %% [markdown]
# ## Five ways to meet, one crossing
#
# Back to the torn digits. Upper and lower half are looked at by a Dense layer each, as in the first
# network of this unit; then the two opinions meet in all your ways at once. They are added,
# subtracted, and compared in both directions, and your Concatenate puts the four results side by
# side for the last layer to choose from.
#
# The same network is built of Keras's own five, and its starting weights are copied into yours.
# Then both train on the same digits in the same order. You know from unit 1 what must come out.


# %% tags=["experiment"]
def crossing(Concatenate, Add, Subtract, Maximum, Minimum):
    """A network for torn digits, of whichever layers it is given."""
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
print(f"the two curves are at most {gap:.0e} apart")

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

# %% [markdown]
# ## What you have now
#
# | layer | shape | parameters | what it is for |
# |---|---|---|---|
# | Concatenate | lengths along `axis` add up | none | what the next layer shall tell apart |
# | Add | stays | none | shortcuts: depth that can be trained |
# | Subtract | stays | none | comparing two by one yardstick |
# | Maximum | stays | none | *or*; bends that are learned |
# | Minimum | stays | none | *and*; stencils |
#
# And you have a map-maker's eye. A network is no longer a pile but a plan: roads that fork, layers
# that stand on two roads at once, places where they meet. Nearly every famous network is such a
# plan, and at each of its crossings stands one of the five layers that you have built today.
