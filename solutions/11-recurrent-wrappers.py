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
# In unit 10 you wrote layers that read a sequence from its beginning to its end. Three layers build
# on them. **Bidirectional** reads a sequence from both ends. **TimeDistributed** applies one layer
# to each step separately. **ConvLSTM2D** is an LSTM for moving pictures: its inputs and its states
# are images.
#
# Bidirectional and TimeDistributed are **wrappers**: each takes another layer and uses it in a new
# way.

# %% id="imports"
# Import the grader first: it loads Keras and TensorFlow without their log messages.
from grader import check

import keras
import numpy as np
from keras import ops

# %% [markdown] id="start-text"
# The data are first names from the census of the United States in 1990, and handwritten digits.

# %% id="start-experiment" tags=["experiment"]
import matplotlib.pyplot as plt

from grader.data import load
from grader.pictures import show, wrappers

first_names = [name for name in load("names")["first"] if len(name) >= 4]
digits = load("digits")
print(f"{len(first_names)} names, such as {', '.join(first_names[:5])}")
print(f"{len(digits['images'])} digits of {digits['images'].shape[1:]} pixels")

# %% [markdown] id="about-bidirectional"
# ## Bidirectional
#
# *ma?ia*. One letter of a name has been torn out. Which was it? You have looked at both sides of
# the hole before you answered, without thinking about it. A recurrent layer comes from the left,
# and when it reaches the hole, it knows *ma* and nothing else.
#
# The remedy is as simple as it looks: take a second layer of the same kind, and let it read from
# the right. At each step there are two outputs then. One knows all that came before, the other
# knows all that will come, and they are joined.

# %% id="bidirectional-experiment" tags=["experiment"]
wrappers.draw_bidirectional().show()

# %% [markdown] id="bidirectional-text"
# A layer that takes another layer and makes something of it is called a **wrapper**:
# `Bidirectional(LSTM(32))`. It makes a copy of the layer, with **weights of its own**, since what
# helps to guess from the left does not help from the right. And it joins the two outputs in the way
# that `merge_mode` says.
#
# | `merge_mode` | output | width |
# |---|---|---|
# | `"concat"`, by default | end to end, the way there first | `2 × units` |
# | `"sum"`, `"mul"`, `"ave"` | added, multiplied, averaged, number by number | `units` |
# | `None` | not joined at all: a list of two outputs | `units` each |
#
# It has as many parameters as both layers together, twice those of one.
#
# There is a trap, on the right of the picture. The layer that reads backwards makes its outputs as
# it goes, so its first output is about the *last* letter. Before the two meet, its outputs must be
# turned back. And if only the last output of each is asked for (`return_sequences=False`)? Then
# nothing is to be turned: each way has read everything when it arrives, one at the right end, the
# other at the left.
#
# Does it help? We tear a hole into each of a few thousand first names, and let two networks say
# which letter was there: one reads from the left only, the other one both ways.

# %% id="bidirectional-experiment-2" tags=["experiment"]
hole, longest = 27, max(map(len, first_names))
holes = np.random.default_rng(1)


def torn(names):
    """Names as numbers, with one letter torn out; the letters; and where they were."""
    rows = np.zeros((len(names), longest), "int32")
    for row, name in zip(rows, names, strict=True):
        row[: len(name)] = [ord(letter) - ord("a") + 1 for letter in name]
    places = np.array([holes.integers(1, len(name) - 1) for name in names])
    letters = rows[np.arange(len(names)), places]
    rows[np.arange(len(names)), places] = hole
    return rows, letters, places


def at_hole(inputs):
    """What a layer has said at the place of the hole."""
    outputs, rows = inputs
    return ops.sum(outputs * ops.cast(rows == hole, "float32")[..., None], axis=1)


def guesser(reader):
    """Letters to vectors, a layer that reads them, and a guess at the place of the hole."""
    rows = keras.Input((longest,), dtype="int32")
    read = reader(keras.layers.Embedding(28, 12)(rows))
    said = keras.layers.Lambda(at_hole)([read, rows])
    return keras.Model(rows, keras.layers.Dense(27, activation="softmax")(said))


mixed = np.random.default_rng(0).permutation(first_names)
rows, letters, places = torn(list(mixed[:4000]) * 3)
new_rows, new_letters, _ = torn(list(mixed[4000:]) * 3)
guessers = {}
for name, wrap in {
    "from the left": lambda layer: layer,
    "both ways": keras.layers.Bidirectional,
}.items():
    keras.utils.set_random_seed(2)
    model = guesser(wrap(keras.layers.GRU(24, return_sequences=True)))
    model.compile(
        keras.optimizers.Adam(0.01), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    model.fit(rows, letters, batch_size=400, epochs=3, verbose=0)
    right = model.evaluate(new_rows, new_letters, batch_size=500, verbose=0)[1]
    print(f"{name:>14}: right on {right:.1%} of new names")
    guessers[name] = model

# %% [markdown] id="bidirectional-text-2"
# What would they have said about *ma?ia* and others? Each bar is a letter, each height a belief.

# %% id="bidirectional-experiment-3" tags=["experiment"]
asked = ["ma?ia", "jo?n", "el?zabeth"]
figure, panels = plt.subplots(
    len(asked), 2, figsize=(10, 5), sharex=True, sharey=True, layout="constrained"
)
best = []
for line, name in zip(panels, asked, strict=True):
    row = np.zeros((1, longest), "int32")
    row[0, : len(name)] = [hole if c == "?" else ord(c) - ord("a") + 1 for c in name]
    for panel, (way, model) in zip(line, guessers.items(), strict=True):
        belief = model.predict(row, verbose=0)[0, 1:]
        panel.bar(range(26), belief, color="#0072b2" if way == "both ways" else "#e69f00")
        panel.set_title(f"{name}, {way}", fontsize=11)
        panel.set_xticks(range(26), "abcdefghijklmnopqrstuvwxyz")
        best.append(f"{name}, {way}: {chr(ord('a') + int(belief.argmax()))} ({belief.max():.2f})")
show(
    figure,
    "What two networks believe about the missing letter of three names, as bars for the letters a "
    f"to z. The most likely letters are: {'; '.join(best)}.",
)

# %% [markdown] id="bidirectional-text-3"
# In the third name the left side is *el*, as in *ellen* and *ella*. Only who has seen the *zabeth*
# knows better.

# %% [markdown] id="bidirectional-shape-exercise"
# ### Exercise: predict the shape of Bidirectional
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●●○ (4 of 5) · 5 minutes · 2 points
# >
# > `Bidirectional(SimpleRNN(units, return_sequences=...), merge_mode=...)` gets an input of shape
# > `(None, time, features)`. Which shape comes out? Write the batch axis as `None`. Where two
# > outputs come out, return a list of two shapes.
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
# Three things you need for the layer itself.
#
# - **The copy.** `layer.get_config()` is the recipe of a layer, a dict; its class makes another one
#   of it with `from_config(recipe)`. Recurrent layers have `go_backwards` in their recipe. With
#   `True` they begin at the last step. (You may also turn the inputs round yourself.)
# - **The mask** goes to both layers. Where they return all steps, a step that was skipped must say
#   nothing: both outputs are **0** there, before they are joined. Left to themselves, the layers
#   would repeat what they said last.
# - **The mask out.** With all steps, the mask goes on to the next layer. With `merge_mode=None`
#   each of the two outputs carries it: `compute_mask` returns a list of two. With the last output
#   only, there is no time any more, and no mask.

# %% [markdown] id="bidirectional-exercise"
# ### Exercise: write Bidirectional
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●●●○ (4 of 5) · 25 minutes · 10 points
# >
# > `layer` may be any recurrent layer, of Keras or not, that has `return_sequences` and
# > `go_backwards`. It is not built yet. Layers that return their states are not tried.
# >
# > **What is asked**
# >
# > - **shape** (1): as in the table; for `merge_mode=None` two outputs.
# > - **parameters** (2): those of the layer, and once more as many for its copy.
# > - **output** (4): the way there and the way back, joined step by step, in all five modes.
# > - **mask** (2): as above.
# > - **gradient** (1): gradients reach the inputs and the weights of both layers.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.Bidirectional`.
#
# <details><summary>It is right for the last step and wrong for all steps</summary>
#
# Print both outputs for a sequence of four steps. Which of the four did the way back see first, and
# where does that output stand?
# </details>
#
# <details><summary>It is right without a mask and wrong with one</summary>
#
# Do both layers get it? If you have turned the inputs round, where do its holes belong? And what
# does your output hold at a hole? (`ops.where` chooses, number by number.)
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
# When is it no use to read both ways? When the future has not happened yet. Nobody can read the
# stock market from the right.
#
# ## TimeDistributed
#
# The second wrapper is the most modest layer of this unit. It has no memory at all. It takes a
# layer that knows nothing of time, and applies it to each step of a sequence *by itself*, always
# with the same weights.
#
# You have done that by hand already, in two ways.

# %% id="timedistributed-experiment" tags=["experiment"]
wrappers.draw_time_distributed().show()

# %% [markdown] id="timedistributed-text"
# $$y_t = \mathrm{layer}(x_t) \quad\text{at each step } t$$
#
# | | |
# |---|---|
# | shape | `(batch, time, ...)` → `(batch, time, ...)`: the rest is up to the layer |
# | parameters | those of the layer; the number of steps does not matter |
#
# Dense does not need it: it works along the last axis anyway. A network for images does: it wants
# four axes, and a film has five. Here is one that learns to read *single* digits. Then it is
# wrapped, and reads strips of five, without a new weight and without a step of training.

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
line_reader = keras.Sequential([keras.Input((None, 8, 8, 1)), keras.layers.TimeDistributed(reader)])
said = line_reader.predict(strips, verbose=0).argmax(axis=-1)
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

# %% [markdown] id="time-distributed-shape-exercise"
# ### Exercise: predict the shape of TimeDistributed
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●○○ (3 of 5) · 5 minutes · 2 points
# >
# > A film of shape `(None, frames, rows, columns, 1)` goes through
# > `TimeDistributed(Conv2D(filters, kernel_size))`, with a square window. Which shape comes out?
# > Write the batch axis as `None`.
#
# <details><summary>I have the right numbers in another order</summary>
#
# Take one frame out of the film and send it through the convolution alone. Where was the time
# before you took the frame out? There it is put back.
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
# A word on masks. The wrapper hands the mask `(batch, time)` on as it is, since every step is still
# there. What happens to a step that is masked is not the wrapper's business. If the layer inside
# can take a mask, it gets *its step's part* of it, of shape `(batch,)`; if it cannot, it is called
# without. Whether a layer's call takes one, you can ask Python:
# `"mask" in inspect.signature(layer.call).parameters`.
#
# The layer inside may have been trained before, as the reader above. Such a layer is built already
# (`layer.built` is True) and must not be built again: Keras raises an error, for it would get a
# second set of weights.

# %% [markdown] id="time-distributed-exercise"
# ### Exercise: write TimeDistributed
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●○○ (3 of 5) · 15 minutes · 10 points
# >
# > **What is asked**
# >
# > - **shape** (1): the time stays where it was, as the second axis. Its length is known.
# > - **parameters** (2): those of the layer inside, once.
# > - **output** (4): the layer's answer to each step by itself, masked as above.
# > - **mask** (2): the output carries the mask that came in.
# > - **gradient** (1): gradients reach the inputs and the weights.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.TimeDistributed`.
#
# <details><summary>Right shape, wrong values</summary>
#
# Did you put steps and samples into one axis? `ops.reshape` keeps the order of the numbers: look at
# the picture on the right, and say which of the two axes runs faster.
# </details>
#
# <details><summary>got an unexpected keyword argument 'mask'</summary>
#
# Dense has no use for a mask. What can you ask before you hand it one?
# </details>
#
# <details><summary>The output carries no mask</summary>
#
# A layer destroys masks unless it says that it understands them: `self.supports_masking = True` in
# `__init__` hands them on as they are. (`compute_mask` would do as well.)
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
# Clouds on a radar: a picture every ten minutes. Where will it rain next? One picture is not
# enough, for it does not show where the clouds are going. An LSTM could remember, but it wants
# vectors; and whoever flattens a picture into a vector forgets what lies beside what.
#
# Xingjian Shi and others (2015) put the two together for just that task. Take the LSTM, and
# wherever a vector is multiplied by a matrix, **convolve an image with a kernel** instead. The
# output is an image, and so are the states $h$ and $c$. A cloud that was at a neighbouring pixel a
# moment ago is seen through the window on $h$; that is how the layer learns about motion.

# %% id="convlstm2d-experiment" tags=["experiment"]
wrappers.draw_conv_lstm().show()

# %% [markdown] id="convlstm2d-text"
# $$[\,i, f, \tilde c, o\,] = x_t * W + h_{t-1} * U + b$$
#
# $$c_t = \sigma(f)\, c_{t-1} + \sigma(i) \tanh(\tilde c) \qquad h_t = \sigma(o) \tanh(c_t)$$
#
# The star is a convolution; all other products go pixel by pixel. $W$ has the shape
# `(*kernel_size, channels, 4 × filters)`, $U$ `(*kernel_size, filters, 4 × filters)`, $b$
# `(4 × filters,)`, with the blocks in the order of LSTMCell: i, f, c, o.
#
# The two convolutions are not treated alike. `strides` and `padding` are for the frame. They decide
# how large the output is, and that is how large the states are. The state must come out of *its*
# convolution as large as it went in, at every step: so that one always has stride 1 and
# `padding="same"`.
#
# | | |
# |---|---|
# | inputs | `(batch, time, rows, columns, channels)` |
# | output | `(batch, rows, columns, filters)`, rows and columns as after Conv2D |
# | with `return_sequences=True` | `(batch, time, rows, columns, filters)` |
# | the first states | zeros |
# | a new layer's bias | zeros, but ones in the block of the forget gate, as in LSTMCell |
#
# **Coming from TensorFlow 2?** There the gates of this one layer were bent by `hard_sigmoid`. Keras
# 3 takes the sigmoid, as in LSTM.
#
# For an experiment, let digits drift across a small screen, each in one of eight directions. Four
# frames are shown; the fifth is to be foretold. For comparison, a convolution that sees the fourth
# frame only.

# %% id="convlstm2d-experiment-2" tags=["experiment"]
drift = np.random.default_rng(7)
images = digits["images"] / 16
ways = np.array([(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1) if x or y])


def films(count):
    """Five frames of a digit that drifts: (count, 5, 16, 16, 1)."""
    frames = np.zeros((count, 5, 16, 16, 1), "float32")
    for film in frames:
        image, way = images[drift.integers(len(images))], ways[drift.integers(8)]
        for time, frame in enumerate(film):
            row, column = 4 + 2 * (time - 2) * way
            frame[row : row + 8, column : column + 8, 0] = image
    return frames


def pixel():
    """From features to one number between 0 and 1, at each pixel."""
    return keras.layers.Conv2D(1, 3, padding="same", activation="sigmoid")


seen, unseen = films(400), films(100)
makers = {
    "the last frame only": lambda: [
        keras.layers.Lambda(lambda film: film[:, -1]),
        keras.layers.Conv2D(12, 5, padding="same", activation="relu"),
        pixel(),
    ],
    "ConvLSTM2D": lambda: [keras.layers.ConvLSTM2D(12, 5, padding="same"), pixel()],
}
figure, axes = plt.subplots(2, 7, figsize=(11, 3.6), layout="constrained")
foretold, loss = {}, {}
for name, make in makers.items():
    keras.utils.set_random_seed(3)
    model = keras.Sequential([keras.Input((4, 16, 16, 1)), *make()])
    model.compile(keras.optimizers.Adam(0.01), loss="binary_crossentropy")
    model.fit(seen[:, :4], seen[:, 4], batch_size=40, epochs=5, verbose=0)
    foretold[name] = model.predict(unseen[:2, :4], verbose=0)
    loss[name] = model.evaluate(unseen[:, :4], unseen[:, 4], verbose=0)
    print(f"{name:>20}: loss {loss[name]:.3f} on new films")
for line, film, *guesses in zip(axes, unseen, *foretold.values(), strict=False):
    for panel, frame in zip(line, (*film, *guesses), strict=True):
        panel.imshow(frame[..., 0], cmap="gray_r", vmin=0, vmax=1)
        panel.set(xticks=[], yticks=[])
for panel, title in zip(axes[0], (1, 2, 3, 4, "5, the truth", *foretold), strict=True):
    panel.set_title(title, fontsize=10)
show(
    figure,
    "Two films in five frames each, and two forecasts of the fifth frame, both blurred. The one "
    "from the last frame only lies around the middle; that of ConvLSTM2D where the digit went. "
    f"Losses on new films: {', '.join(f'{name} {value:.3f}' for name, value in loss.items())}.",
)

# %% [markdown] id="convlstm2d-text-2"
# Whoever knows one frame only must reckon with all eight directions, and spreads the ink over them.
# ConvLSTM2D has seen where the digit is going. How sharp it draws is a matter of longer training.

# %% [markdown] id="conv-lstm-params-exercise"
# ### Exercise: predict the parameters of ConvLSTM2D
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●○○○ (2 of 5) · 5 minutes · 2 points
# >
# > How many parameters has `ConvLSTM2D(filters, kernel_size)` on films of this shape, `(time, rows,
# > columns, channels)`? `kernel_size` is a pair.
#
# <details><summary>I am off by a factor</summary>
#
# Does the picture show other weights for another frame, or for another pixel? And how many blocks
# of channels does one convolution make?
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
# > padding)`, are welcome: you have written one in unit 05. So is an RNN around a cell of your own.
#
# <details><summary>Two shapes do not fit, at the second step</summary>
#
# Print the shape of $h$ before and after its convolution. May it change?
# </details>
#
# <details><summary>How large are the zeros that I begin with?</summary>
#
# As large as what the first frame has become, and with `filters` channels. `ops.zeros_like` asks no
# questions about the batch size.
# </details>
#
# <details><summary>The card says that a gate is wrong</summary>
#
# Which quarter of the channels have you taken for it? And is it bent by the sigmoid?
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
# 1. `Bidirectional` is better than one direction at filling a gap in a name. Name a task for which
#    you cannot use it, and say why.
# 2. The wrapped reader of digits has as many parameters as the reader of one digit. Why does the
#    number of steps not matter?
# 3. In the experiment with the films, what can ConvLSTM2D know that a convolution of the last frame
#    cannot?

# %% [markdown] nbgrader={"grade_id": "question-wrap", "grade": true, "solution": true, "points": 3}
# ### BEGIN SOLUTION
# 1. Any task in which the later steps are not known yet: forecasting, or writing letter by letter.
#    (One point.) The copy that reads backwards starts at the last step.
# 2. It is one layer, used at each step with the same weights. (One point.)
# 3. The direction of the motion. (One point.) One frame shows where the digit is, not where it is
#    going.
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
# A recurrent layer reads one step after the other, and must remember what it will need later. In
# the next unit every step can look at every other step directly.
