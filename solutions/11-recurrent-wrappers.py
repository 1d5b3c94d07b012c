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
# # 11 · Wrappers and ConvLSTM2D
#
# In unit 10 you wrote layers that read a sequence from its beginning to its end. Three more layers
# build on them. **Bidirectional** reads a sequence from both ends. **TimeDistributed** applies one
# layer to each step separately. **ConvLSTM2D** is an LSTM for moving pictures: its inputs and its
# states are images.
#
# Bidirectional and TimeDistributed are **wrappers**: each takes another layer and uses it in a new
# way.
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
# The data are first names from the census of the United States in 1990, and handwritten digits. Two
# small functions turn a name into numbers and back, with 27 for a missing letter.

# %% id="start-experiment" tags=["experiment"]
import matplotlib.pyplot as plt

from grader.data import load
from grader.pictures import show, wrappers

digits = load("digits")
first_names = [name for name in load("names")["first"] if len(name) >= 4]
LONGEST, HOLE = max(map(len, first_names)), 27


def numbered(names):
    """Names as rows of numbers: 1 to 26 for the letters, 27 for a hole, 0 after the end."""
    rows = np.zeros((len(names), LONGEST), "int32")
    for row, name in zip(rows, names, strict=True):
        row[: len(name)] = [HOLE if c == "?" else ord(c) - ord("a") + 1 for c in name]
    return rows


def spelled(row):
    """A row of numbers as a name."""
    return "".join("?" if n == HOLE else chr(ord("a") + n - 1) for n in row if n)


print(f"{len(first_names)} names, the longest with {LONGEST} letters")
print(f"ma?ia is {numbered(['ma?ia'])[0].tolist()}, which is {spelled(numbered(['ma?ia'])[0])}")
print(f"{len(digits['images'])} digits of {digits['images'].shape[1:]} pixels")

# %% [markdown] id="about-bidirectional"
# ## Bidirectional
#
# *ma?ia*. One letter of a name is missing. Which one? You looked at both sides of the gap before
# you answered. A recurrent layer comes from the left, and when it reaches the gap, it knows *ma*
# and nothing else.
#
# The remedy: take a second layer of the same kind, and let it read from the right. Then each step
# has two outputs. One has seen everything up to this step, the other has seen everything from this
# step on. The two are joined.

# %% id="bidirectional-experiment" tags=["experiment"]
wrappers.draw_bidirectional().show()

# %% [markdown] id="bidirectional-text"
# You write `Bidirectional(LSTM(32))`. The wrapper makes a copy of the layer, which reads backwards.
# The copy has **its own weights**, because what helps to guess from the left does not help from the
# right. `merge_mode` says how the two outputs are joined.
#
# | `merge_mode` | output | width |
# |---|---|---|
# | `"concat"`, the default | one behind the other, forwards first | `2 × units` |
# | `"sum"`, `"mul"`, `"ave"` | added, multiplied, averaged, number by number | `units` |
# | `None` | not joined: a list of two outputs | `units` each |
#
# The number of parameters is that of both layers together, twice that of one.
#
# The right side of the picture shows a trap. The layer that reads backwards returns its outputs in
# the order in which it made them, so its first output belongs to the *last* letter. Before the two
# are joined, its outputs must be reversed.
#
# And if only the last outputs are wanted (`return_sequences=False`)? Then nothing is reversed. Each
# of the two layers has read the whole sequence when it is done, one at the right end, the other at
# the left.
#
# Does it help? We remove one letter from each of a few thousand first names. Two networks predict
# the missing letter: one reads from the left only, the other from both sides. Both are tested on
# names that they have never seen. (The cell takes about twenty seconds.)


# %% id="bidirectional-experiment-2" tags=["experiment"]
def with_holes(names, seed):
    """Names as numbers with one letter missing, and the letters."""
    random = np.random.default_rng(seed)
    rows, count = numbered(names), np.arange(len(names))
    places = np.array([random.integers(1, len(name) - 1) for name in names])
    letters = rows[count, places]
    rows[count, places] = HOLE
    return rows, letters


def at_hole(inputs):
    """The output of a layer at the place of the hole."""
    outputs, rows = inputs
    return ops.sum(outputs * ops.cast(rows == HOLE, "float32")[..., None], axis=1)


def guesser(wrap, seed=2, epochs=8):
    """A trained network: letters to vectors, a GRU, and a guess at the place of the hole."""
    keras.utils.set_random_seed(seed)
    inputs = keras.Input((LONGEST,), dtype="int32")
    gru = keras.layers.GRU(32, return_sequences=True, unroll=True)
    read = wrap(gru)(keras.layers.Embedding(28, 12)(inputs))
    found = keras.layers.Lambda(at_hole)([read, inputs])
    model = keras.Model(inputs, keras.layers.Dense(27, activation="softmax")(found))
    model.compile(keras.optimizers.Adam(0.01), loss="sparse_categorical_crossentropy")
    model.fit(rows, letters, batch_size=200, epochs=epochs, verbose=0)
    return model


mixed = np.random.default_rng(0).permutation(first_names)
rows, letters = with_holes(mixed[:4000], seed=1)
new_rows, new_letters = with_holes(mixed[4000:], seed=2)
ways = {"from the left": lambda layer: layer, "both ways": keras.layers.Bidirectional}
networks, probabilities = {}, {}
for way, wrap in ways.items():
    networks[way] = guesser(wrap)
    probabilities[way] = networks[way](new_rows).numpy()  # of each letter, for each new name
    right = np.mean(probabilities[way].argmax(axis=1) == new_letters)
    print(f"{way:>13}: right on {right:.1%} of {len(new_rows)} new names", flush=True)

# %% [markdown] id="bidirectional-text-2"
# Some letters cannot be known (*jo?n* may be john or joan), so no network is always right. Where
# does the second direction help most? The next cell lets the data choose: the three new names, each
# with another missing letter, in which the true letter gains the most probability.

# %% id="bidirectional-experiment-3" tags=["experiment"] jupyter={"source_hidden": true}
count = np.arange(len(new_rows))
left, both = (probabilities[way][count, new_letters] for way in ways)
chosen = []
for place in np.argsort(left - both):  # the largest gain first
    if new_letters[place] not in new_letters[chosen]:
        chosen.append(place)
    if len(chosen) == 3:
        break
figure, panels = plt.subplots(3, 2, figsize=(10, 5), sharex=True, sharey=True, layout="constrained")
told = []
for line, place in zip(panels, chosen, strict=True):
    name, true = spelled(new_rows[place]), new_letters[place] - 1
    told.append(f"{name}, where {chr(ord('a') + true)} is missing")
    for panel, way in zip(line, ways, strict=True):
        heights = probabilities[way][place, 1:]
        colors = ["#e69f00" if letter == true else "#0072b2" for letter in range(26)]
        panel.bar(range(26), heights, color=colors)
        panel.set_title(f"{name}, {way}", fontsize=11)
        panel.set_xticks(range(26), "abcdefghijklmnopqrstuvwxyz")
        best = int(heights.argmax())
        told.append(f"{way} {chr(ord('a') + best)} with {heights[best]:.0%}")
panels[0, 0].set_ylabel("probability")
show(
    figure,
    "The probabilities of the letters a to z for the missing letter of three names, for two "
    f"networks; the true letter is in orange. The likeliest letters: {'; '.join(told)}.",
)

# %% [markdown] id="change-it-text"
# ### Change it: your own gaps
#
# Choose a few names and replace one inner letter by a question mark. **Before you run the cell**,
# predict for each name: will the second direction help? In which names does the left side alone say
# enough?

# %% id="change-it-experiment" tags=["experiment"]
for name in ["ma?ia", "jo?n", "el?zabeth", "que?n"]:  # change these names
    for way, network in networks.items():
        heights = network(numbered([name])).numpy()[0, 1:]
        best = np.argsort(-heights)[:3]
        likely = ", ".join(f"{chr(ord('a') + letter)} {heights[letter]:.0%}" for letter in best)
        print(f"{name:>10}, {way:>13}: {likely}")

# %% [markdown] id="change-it-text-2"
# **Try:** another gap in the same name. Then look for a name in which the second direction makes
# the guess worse: an average hides such cases.

# %% [markdown] id="bidirectional-shape-exercise"
# ### Exercise: predict the shape of Bidirectional
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●●○ (4 of 5) · 5 minutes · 2 points
# >
# > `Bidirectional(SimpleRNN(units, return_sequences=...), merge_mode=...)` gets an input of shape
# > `(None, time, features)`. What is the shape of the output? Write the batch axis as `None`. If
# > there are two outputs, return a list of two shapes.
#
# <details><summary>I am right for concat and wrong for the others</summary>
#
# Take two vectors of three numbers and do to them what each mode says. How many numbers are left?
# </details>


# %% nbgrader={"grade_id": "bidirectional-shape", "solution": true}
def bidirectional_shape(time, units, return_sequences, merge_mode="concat"):
    """The shape of what comes out, or a list of two, with None for the batch."""
    ### BEGIN SOLUTION
    width = 2 * units if merge_mode == "concat" else units
    shape = (None, time, width) if return_sequences else (None, width)
    return [shape, shape] if merge_mode is None else shape
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-bidirectional-shape", "grade": true, "points": 2}
check(bidirectional_shape)
### BEGIN HIDDEN TESTS
check(bidirectional_shape, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="bidirectional-text-4"
# You need three things for the layer.
#
# - **The copy.** `layer.get_config()` describes a layer as a dict, and `from_config(config)` of its
#   class makes another layer from it. The config of a recurrent layer contains `go_backwards`. With
#   `True` it starts at the last step. (You may also reverse the inputs yourself.)
# - **The mask** goes to both layers. If they return all steps, both outputs must be **0** at a
#   masked step before they are joined. Without your help, the layers would repeat their last
#   output.
# - **The mask of the output.** With all steps, the mask goes on to the next layer. With
#   `merge_mode=None` each of the two outputs carries it: `compute_mask` returns a list of two. With
#   the last output only, there is no time axis any more, and no mask.

# %% [markdown] id="bidirectional-exercise"
# ### Exercise: write Bidirectional
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●●●○ (4 of 5) · 25 minutes · 10 points
# >
# > `layer` may be any recurrent layer, from Keras or not, that has `return_sequences` and
# > `go_backwards`. It is not built yet. Layers that return their states are not tried.
# >
# > **What is asked**
# >
# > - **shape** (1): as in the table; for `merge_mode=None` two outputs.
# > - **parameters** (2): those of the layer, and the same number again for its copy.
# > - **output** (4): both directions, joined step by step, in all five modes.
# > - **mask** (2): as above.
# > - **gradient** (1): gradients reach the inputs and the weights of both layers.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.Bidirectional`.
#
# <details><summary>It is right for the last step and wrong for all steps</summary>
#
# Print both outputs for a sequence of four steps. Which of the four steps did the backward layer
# see first, and where is that output?
# </details>
#
# <details><summary>It is right without a mask and wrong with one</summary>
#
# Do both layers get the mask? If you reversed the inputs, what must happen to the mask? And what is
# your output at a masked step? (`ops.where` chooses, number by number.)
# </details>
#
# <details><summary>I have half as many parameters as Keras</summary>
#
# The same object called twice is one layer. Which method of its class makes another?
# </details>


# %% nbgrader={"grade_id": "bidirectional", "solution": true}
class Bidirectional(keras.layers.Layer):
    """A recurrent layer and a copy of it that reads from the end, joined."""

    def __init__(self, layer, merge_mode="concat", **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.merge_mode = merge_mode
        self.return_sequences = layer.return_sequences
        self.forward_layer = layer
        self.backward_layer = type(layer).from_config(layer.get_config() | {"go_backwards": True})
        ### END SOLUTION

    def build(self, input_shape):
        ### BEGIN SOLUTION
        for layer in (self.forward_layer, self.backward_layer):
            if not layer.built:
                layer.build(input_shape)
        ### END SOLUTION

    def call(self, inputs, mask=None):
        ### BEGIN SOLUTION
        there = self.forward_layer(inputs, mask=mask)
        back = self.backward_layer(inputs, mask=mask)
        if self.return_sequences:
            back = ops.flip(back, axis=1)
            if mask is not None:
                there = ops.where(mask[:, :, None], there, 0.0)
                back = ops.where(mask[:, :, None], back, 0.0)
        if self.merge_mode == "concat":
            return ops.concatenate([there, back], axis=-1)
        if self.merge_mode == "sum":
            return there + back
        if self.merge_mode == "mul":
            return there * back
        if self.merge_mode == "ave":
            return (there + back) / 2
        return [there, back]
        ### END SOLUTION

    def compute_mask(self, inputs, mask=None):
        ### BEGIN SOLUTION
        if not self.return_sequences:
            return None
        return [mask, mask] if self.merge_mode is None else mask
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-bidirectional", "grade": true, "points": 10}
check(Bidirectional)
### BEGIN HIDDEN TESTS
check(Bidirectional, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="timedistributed"
# When can you not read both ways? When the future has not happened yet. A forecast of tomorrow's
# weather cannot read from the right.
#
# ## TimeDistributed
#
# The second wrapper is the simplest layer of this unit. It has no memory. It takes a layer that
# does not know about time, and applies it to each step of a sequence *separately*, always with the
# same weights: the layer is **time-distributed**.

# %% id="timedistributed-experiment" tags=["experiment"]
wrappers.draw_time_distributed().show()

# %% [markdown] id="timedistributed-text"
# $$y_t = \mathrm{layer}(x_t) \quad\text{at each step } t$$
#
# | | |
# |---|---|
# | shape | `(batch, time, ...)` → `(batch, time, ...)`: the layer decides the rest |
# | parameters | those of the layer; the number of steps does not matter |
#
# Dense does not need the wrapper, because it works along the last axis anyway. A network for images
# does: it wants four axes, and a film has five. Here is a network that learns to read *single*
# digits. Then it is wrapped, and reads strips of five digits, without a new weight and without any
# further training.

# %% id="timedistributed-experiment-2" tags=["experiment"]
keras.utils.set_random_seed(5)
reader = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        keras.layers.Conv2D(16, 3, activation="relu"),
        keras.layers.Flatten(),
        keras.layers.Dense(10, activation="softmax"),
    ]
)
reader.compile(keras.optimizers.Adam(0.005), loss="sparse_categorical_crossentropy")
pixels = digits["images"][..., None] / 16
reader.fit(pixels[:1500], digits["labels"][:1500], batch_size=50, epochs=6, verbose=0)

strips = pixels[1500:1795].reshape(-1, 5, 8, 8, 1)
numbers = digits["labels"][1500:1795].reshape(-1, 5)
line_reader = keras.Sequential([keras.Input((5, 8, 8, 1)), keras.layers.TimeDistributed(reader)])
said = line_reader(strips).numpy().argmax(axis=-1)
print(f"from {strips.shape} to {said.shape}")
print(f"parameters: {reader.count_params()} and, wrapped, {line_reader.count_params()}")
print(f"right on {np.mean(said == numbers):.1%} of the digits")

figure, panels = plt.subplots(1, 3, figsize=(10, 1.6))
read = ["".join(map(str, strip)) for strip in said[:3]]
wrappers.strips(strips[:3, ..., 0], read, panels)
show(
    figure,
    "Three strips of five handwritten digits each, and above them what the wrapped network reads: "
    f"{', '.join(read)}.",
)

# %% [markdown] id="timedistributed-try"
# **Try:** strips of ten digits (`keras.Input((10, 8, 8, 1))` and a `reshape` to match; take
# `[1500:1790]`). Does the accuracy change? Why should it not?

# %% [markdown] id="time-distributed-shape-exercise"
# ### Exercise: predict the shape of TimeDistributed
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●○○ (3 of 5) · 5 minutes · 2 points
# >
# > A film of shape `(None, frames, rows, columns, 1)` goes through
# > `TimeDistributed(Conv2D(filters, kernel_size))`, with a square kernel. What is the shape of the
# > output? Write the batch axis as `None`.
#
# <details><summary>I have the right numbers in another order</summary>
#
# Take one frame out of the film and send it through the convolution alone. Where was the time axis
# before you took the frame out? It is still there afterwards.
# </details>


# %% nbgrader={"grade_id": "time-distributed-shape", "solution": true}
def time_distributed_shape(frames, rows, columns, filters, kernel_size):
    """The shape of what comes out, with None for the batch."""
    ### BEGIN SOLUTION
    lost = kernel_size - 1
    return (None, frames, rows - lost, columns - lost, filters)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-time-distributed-shape", "grade": true, "points": 2}
check(time_distributed_shape)
### BEGIN HIDDEN TESTS
check(time_distributed_shape, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="timedistributed-text-2"
# About masks: the wrapper passes the mask `(batch, time)` on as it is, because every step is still
# there. If the layer inside can take a mask, it gets *its step's part*, of shape `(batch,)`. If it
# cannot, it is called without one. You can ask Python whether a layer's `call` takes a mask:
# `"mask" in inspect.signature(layer.call).parameters`.
#
# The layer inside may have been trained before, like the reader above. Such a layer is already
# built (`layer.built` is True). Do not build it again: it would get a second set of weights, and
# Keras raises an error.

# %% [markdown] id="time-distributed-exercise"
# ### Exercise: write TimeDistributed
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●○○ (3 of 5) · 15 minutes · 10 points
# >
# > **What is asked**
# >
# > - **shape** (1): time stays the second axis. Its length is known.
# > - **parameters** (2): those of the layer inside, once.
# > - **output** (4): the output of the layer for each step separately, masked as above.
# > - **mask** (2): the output carries the mask of the inputs.
# > - **gradient** (1): gradients reach the inputs and the weights.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.TimeDistributed`.
#
# <details><summary>Right shape, wrong values</summary>
#
# Did you put steps and samples into one axis? `ops.reshape` keeps the order of the numbers: look at
# the right side of the picture. Which of the two axes runs faster?
# </details>
#
# <details><summary>got an unexpected keyword argument 'mask'</summary>
#
# Dense does not take a mask. What can you ask before you pass one?
# </details>
#
# <details><summary>The output carries no mask</summary>
#
# A layer drops the mask unless it says that it supports masks: `self.supports_masking = True` in
# `__init__` passes it on unchanged. (`compute_mask` would work, too.)
# </details>

# %% nbgrader={"grade_id": "time-distributed", "solution": true}
import inspect


class TimeDistributed(keras.layers.Layer):
    """A layer, applied to each step by itself."""

    def __init__(self, layer, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.layer = layer
        self.takes_mask = "mask" in inspect.signature(layer.call).parameters
        self.supports_masking = True
        ### END SOLUTION

    def build(self, input_shape):
        ### BEGIN SOLUTION
        if not self.layer.built:  # one that was trained before keeps its weights
            self.layer.build((input_shape[0], *input_shape[2:]))
        ### END SOLUTION

    def call(self, inputs, mask=None):
        ### BEGIN SOLUTION
        outputs = []
        for t in range(inputs.shape[1]):
            if mask is not None and self.takes_mask:
                outputs.append(self.layer(inputs[:, t], mask=mask[:, t]))
            else:
                outputs.append(self.layer(inputs[:, t]))
        return ops.stack(outputs, axis=1)
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-time-distributed", "grade": true, "points": 10}
check(TimeDistributed)
### BEGIN HIDDEN TESTS
check(TimeDistributed, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="convlstm2d"
# ## ConvLSTM2D
#
# A weather radar takes a picture of the rain every few minutes. Where will it rain next? One
# picture is not enough, because it does not show where the clouds are going. An LSTM could
# remember, but it wants vectors, and if you flatten a picture into a vector, the layer no longer
# knows which pixels are neighbours.
#
# Xingjian Shi and others combined the two in 2015, for exactly this task. Take the LSTM, and
# replace each product of a vector and a matrix by a **convolution** of an image and a kernel. The
# output is an image, and so are the hidden state $h$ and the cell state $c$. A cloud that was at a
# neighbouring pixel a moment ago is seen through the kernel on $h$. This is how the layer learns
# about motion.

# %% id="convlstm2d-experiment" tags=["experiment"]
wrappers.draw_conv_lstm().show()

# %% [markdown] id="convlstm2d-text"
# $$[\,i, f, \tilde c, o\,] = x_t * W + h_{t-1} * U + b$$
#
# $$c_t = \sigma(f)\, c_{t-1} + \sigma(i) \tanh(\tilde c) \qquad h_t = \sigma(o) \tanh(c_t)$$
#
# The star is a convolution; all other products are taken pixel by pixel. $W$ has the shape
# `(*kernel_size, channels, 4 × filters)`, $U$ `(*kernel_size, filters, 4 × filters)`, $b$
# `(4 × filters,)`, with the blocks in the order of LSTMCell: i, f, c, o. (In the paper the gates
# also see the cell state, through weights called *peepholes*. Keras leaves these out.)
#
# The two convolutions are different. `strides` and `padding` are for the frame. They decide how
# large the output is, and that is the size of the states. The state must keep its size in *its*
# convolution, at every step: so this one always has stride 1 and `padding="same"`.
#
# | | |
# |---|---|
# | inputs | `(batch, time, rows, columns, channels)` |
# | output | `(batch, rows, columns, filters)`, rows and columns as after Conv2D |
# | with `return_sequences=True` | `(batch, time, rows, columns, filters)` |
# | the first states | zeros |
# | bias of a new layer | zeros, but ones in the block of the forget gate, as in LSTMCell |
#
# **Coming from TensorFlow 2?** There the default for the gates of this layer was `hard_sigmoid`. In
# Keras 3 it is the sigmoid, as in LSTM.
#
# For an experiment, a dot moves across a small screen, one pixel in each frame, in one of eight
# directions. The network sees four frames and predicts the fifth: a probability for each pixel. We
# compare it with a convolution that sees the fourth frame only. (The cell takes about twenty
# seconds.)

# %% id="convlstm2d-experiment-2" tags=["experiment"]
SIZE = 12
directions = np.array([(r, c) for r in (-1, 0, 1) for c in (-1, 0, 1) if r or c])


def films(count, seed):
    """Films of a moving dot, (count, 5, 12, 12, 1), and the pixel of the dot in the last frame."""
    random = np.random.default_rng(seed)
    middle = random.integers(2, SIZE - 2, (count, 1, 2))
    way = directions[random.integers(8, size=count)][:, None]
    rows, columns = np.moveaxis(middle + way * np.arange(-2, 3)[:, None], -1, 0)
    frames = np.zeros((count, 5, SIZE, SIZE, 1), "float32")
    film, time = np.indices((count, 5))
    frames[film, time, rows, columns, 0] = 1
    return frames, rows[:, 4] * SIZE + columns[:, 4]


def predictor(kind, seed=3, epochs=6):
    """A trained network: four frames to a logit for each pixel of the fifth."""
    keras.utils.set_random_seed(seed)
    layers = {
        "ConvLSTM2D": [keras.layers.ConvLSTM2D(8, 3, padding="same")],
        "the last frame only": [
            keras.layers.Lambda(lambda film: film[:, -1]),
            keras.layers.Conv2D(32, 3, padding="same", activation="relu"),
        ],
    }[kind]
    pixel = keras.layers.Conv2D(1, 3, padding="same")
    model = keras.Sequential(
        [keras.Input((4, SIZE, SIZE, 1)), *layers, pixel, keras.layers.Flatten()]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.01), loss=loss, jit_compile=False)
    frames, pixels = films(1000, 0)
    model.fit(frames[:, :4], pixels, batch_size=50, epochs=epochs, verbose=0)
    return model


new_films, true_pixels = films(400, 1)
predicted = {}
for kind in ("the last frame only", "ConvLSTM2D"):
    predicted[kind] = ops.softmax(predictor(kind)(new_films[:, :4])).numpy()
    hits = np.mean(predicted[kind].argmax(axis=1) == true_pixels)
    given = predicted[kind][np.arange(400), true_pixels].mean()
    print(f"{kind:>20}: finds the pixel in {hits:.0%} of new films;", end=" ")
    print(f"it gets a probability of {given:.2f} on average", flush=True)

# %% id="convlstm2d-experiment-3" tags=["experiment"] jupyter={"source_hidden": true}
figure, axes = plt.subplots(2, 7, figsize=(11, 3.6), layout="constrained")
told = []
for line, film, *guesses in zip(axes, new_films, *predicted.values(), strict=False):
    shown = [*film[..., 0], *(guess.reshape(SIZE, SIZE) for guess in guesses)]
    for panel, frame in zip(line, shown, strict=True):
        panel.imshow(frame, cmap="Blues", vmin=0, vmax=frame.max())
        panel.set(xticks=[], yticks=[])
        panel.set_xlabel(f"largest: {frame.max():.2f}", fontsize=9)
    told.append([int((guess > 0.05).sum()) for guess in guesses])
for panel, title in zip(axes[0], (1, 2, 3, 4, "5, the truth", *predicted), strict=True):
    panel.set_title(title, fontsize=10)
show(
    figure,
    "Two films of a moving dot in five frames each, and two predictions of the fifth frame. Pixels "
    "with a probability above 0.05: in the first film "
    f"{told[0][0]} from the last frame only and {told[0][1]} from ConvLSTM2D, in the second "
    f"{told[1][0]} and {told[1][1]}.",
)

# %% [markdown] id="convlstm2d-text-2"
# If you know only one frame, all eight directions are possible, and the best you can do is to give
# each of the eight neighbours a probability of 1/8. ConvLSTM2D has seen where the dot came from, so
# it knows where the dot is going.
#
# **Try:** let the dot move two pixels in each frame (`way = 2 * directions[...]`, and `middle` from
# 4 to `SIZE - 4`). A kernel of 3 sees only one pixel to each side. Does ConvLSTM2D still manage?
# And with a kernel of 5?

# %% [markdown] id="conv-lstm-params-exercise"
# ### Exercise: predict the parameters of ConvLSTM2D
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●○○○ (2 of 5) · 5 minutes · 2 points
# >
# > How many parameters does `ConvLSTM2D(filters, kernel_size)` have on films of this shape, `(time,
# > rows, columns, channels)`? `kernel_size` is a pair.
#
# <details><summary>I am off by a factor</summary>
#
# Are the weights different for another frame, or for another pixel? And how many blocks of channels
# does one convolution make?
# </details>


# %% nbgrader={"grade_id": "conv-lstm-params", "solution": true}
def conv_lstm_params(input_shape, filters, kernel_size):
    """The number of parameters of ConvLSTM2D(filters, kernel_size)."""
    ### BEGIN SOLUTION
    window, channels = kernel_size[0] * kernel_size[1], input_shape[3]
    return 4 * filters * (window * channels + window * filters + 1)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-conv-lstm-params", "grade": true, "points": 2}
check(conv_lstm_params)
### BEGIN HIDDEN TESTS
check(conv_lstm_params, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="conv-lstm2d-exercise"
# ### Exercise: write ConvLSTM2D
#
# > Difficulty ●●●●○ (4 of 5) · Importance ●●○○○ (2 of 5) · 25 minutes · 10 points
# >
# > **What is asked**
# >
# > - **shape** (2): as in the table. `kernel_size` is a pair, `strides` a number.
# > - **parameters** (2): `kernel`, `recurrent_kernel` and `bias`, with the shapes above. Only the
# >   total is judged, not the shapes.
# > - **output** (5): the formulas above, with `strides` and `padding` for the frames;
# >   `return_sequences` says whether all outputs are returned or the last.
# > - **gradient** (1): gradients reach the frames and every weight.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.ConvLSTM2D` and its siblings for
# > one and three axes. Ready-made convolutions, such as `ops.conv(inputs, kernel, strides,
# > padding)`, are welcome: you have written one in unit 06. So is an RNN around your own cell.
#
# <details><summary>Two shapes do not fit, at the second step</summary>
#
# Print the shape of $h$ before and after its convolution. May it change?
# </details>
#
# <details><summary>How large are the zeros that I begin with?</summary>
#
# As large as the first frame after its convolution, with `filters` channels. `ops.zeros_like` works
# without knowing the batch size.
# </details>
#
# <details><summary>The card says that a gate is wrong</summary>
#
# Which quarter of the channels did you take for it? Does it go through the sigmoid?
# </details>


# %% nbgrader={"grade_id": "conv-lstm2d", "solution": true}
class ConvLSTM2D(keras.layers.Layer):
    """An LSTM whose inputs and states are images."""

    def __init__(
        self, filters, kernel_size, strides=1, padding="valid", return_sequences=False, **kwargs
    ):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.filters, self.kernel_size = filters, kernel_size
        self.strides, self.padding = strides, padding
        self.return_sequences = return_sequences
        ### END SOLUTION

    def build(self, input_shape):
        ### BEGIN SOLUTION
        channels, blocks = input_shape[-1], 4 * self.filters
        self.kernel = self.add_weight(name="kernel", shape=(*self.kernel_size, channels, blocks))
        self.recurrent_kernel = self.add_weight(
            name="recurrent_kernel", shape=(*self.kernel_size, self.filters, blocks)
        )
        self.bias = self.add_weight(name="bias", shape=(blocks,), initializer="zeros")
        self.bias.assign(np.repeat([0.0, 1.0, 0.0, 0.0], self.filters))
        ### END SOLUTION

    def call(self, inputs):
        ### BEGIN SOLUTION
        outputs = []
        for t in range(inputs.shape[1]):
            total = ops.conv(inputs[:, t], self.kernel, self.strides, self.padding) + self.bias
            if t == 0:
                h = c = ops.zeros_like(total[..., : self.filters])
            total = total + ops.conv(h, self.recurrent_kernel, padding="same")
            i, f, candidate, o = ops.split(total, 4, axis=-1)
            c = ops.sigmoid(f) * c + ops.sigmoid(i) * ops.tanh(candidate)
            h = ops.sigmoid(o) * ops.tanh(c)
            outputs.append(h)
        return ops.stack(outputs, axis=1) if self.return_sequences else h
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-conv-lstm2d", "grade": true, "points": 10}
check(ConvLSTM2D)
### BEGIN HIDDEN TESTS
check(ConvLSTM2D, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="what-do-you-see"
# ### What do you see?
#
# Look at the numbers and the pictures, and answer in a few sentences. (3 points, read by your
# instructor.)
#
# 1. Reading both ways helps to fill a gap in a name. Name a task for which you cannot use
#    Bidirectional, and say why.
# 2. The wrapped reader of digits has as many parameters as the reader of one digit. Why does the
#    number of steps not matter?
# 3. What does ConvLSTM2D know about the dot that a convolution of the last frame cannot know? What
#    would two frames be enough for?

# %% [markdown] nbgrader={"grade_id": "question-wrap", "grade": true, "solution": true, "points": 3}
# ### BEGIN SOLUTION
# 1. Any task in which the later steps are not known yet: forecasting, or writing letter by letter.
#    (One point.) The copy that reads backwards starts at the last step.
# 2. It is one layer, used at each step with the same weights. (One point.)
# 3. The direction of the motion. (One point.) One frame shows where the dot is, not where it is
#    going. Two frames already show the direction, if the dot moves evenly.
# ### END SOLUTION

# %% [markdown] id="mended-repeat-vector-exercise"
# ### Exercise: find and mend the fault in RepeatVector
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●○○○ (2 of 5) · 10 minutes · 2 points
# >
# > A recurrent layer may end with one vector for each sequence. If another recurrent layer is to
# > follow, the vector must become a sequence again. `keras.layers.RepeatVector(n)` does that: each
# > of the $n$ steps is a copy of the vector. The shape `(batch, features)` becomes `(batch, n,
# > features)`.
# >
# > Below is such a layer. **One thing in it is wrong.** Run the check first: the card shows where
# > the fault comes out. Then find the fault and mend it. Change as little as you can.
# >
# > The layer earns its points when everything is right, and nothing before: the shape is right
# > already.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.RepeatVector`.
#
# **How to find a fault.** Read the card first: a row that is right tells you which lines you need
# not read. Then take the smallest input that shows it: one vector with two features, such as
# (1, 2), and $n = 3$. Write down the output that you want, and compare it with what you get.
#
# <details><summary>I get the right numbers in the wrong places</summary>
#
# The line does two things, one after the other. Run the first one alone. What does
# `np.repeat([1, 2], 3)` give?
# </details>
#
# <details><summary>I know what comes out. What should I do instead?</summary>
#
# Reshape never moves a number; it only reads them in their order. Give the vector a time axis of
# length 1 first. What is repeated then, a feature or the whole vector?
# </details>


# %% nbgrader={"grade_id": "mended-repeat-vector", "solution": true}
class MendedRepeatVector(keras.layers.Layer):
    """A sequence of n copies of each vector: with one fault."""

    def __init__(self, n, **kwargs):
        super().__init__(**kwargs)
        self.n = n

    def call(self, inputs):
        ### BEGIN SOLUTION
        return ops.repeat(inputs[:, None, :], self.n, axis=1)
        ### GIVEN
        # return ops.reshape(ops.repeat(inputs, self.n, axis=1), (-1, self.n, inputs.shape[1]))
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-mended-repeat-vector", "grade": true, "points": 2}
check(MendedRepeatVector)
### BEGIN HIDDEN TESTS
check(MendedRepeatVector, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="what-you-have-now"
# ## What you have now
#
# | layer | what it does | parameters |
# |---|---|---|
# | Bidirectional | a layer from both ends, joined step by step | twice the layer's |
# | TimeDistributed | a layer at each step separately | the layer's |
# | ConvLSTM2D | an LSTM whose states are images | four convolutions of frame and state |
#
# A recurrent layer reads one step after the other, and must keep in its state what it will need
# later. In the next unit, every step can look at every other step directly.
#
# ## References
#
# - M. Schuster, K. K. Paliwal (1997), *Bidirectional Recurrent Neural Networks*, IEEE Transactions
#   on Signal Processing 45, 2673-2681, doi:10.1109/78.650093.
# - X. Shi, Z. Chen, H. Wang, D.-Y. Yeung, W. Wong, W. Woo (2015), *Convolutional LSTM Network: A
#   Machine Learning Approach for Precipitation Nowcasting*, arXiv:1506.04214.
