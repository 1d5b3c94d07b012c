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
# # 9 · Embedding and cells
#
# Pictures come all at once. Language comes in order: one letter, then the next, and what the third
# one means depends on the two before.
#
# This unit is about the two things that a network needs for that. An **Embedding** turns a letter
# or a word, which is no number, into a vector, which is many. A **cell** reads one vector at a
# time, and carries something along from step to step: its *state*.
#
# You will build three famous cells, SimpleRNNCell, LSTMCell and GRUCell, and then a fourth one that
# nobody has built before you. At the end all four read people's names.

# %% id="imports"
# The grader comes first: it loads Keras and TensorFlow without the lines that they write meanwhile.
from grader import check

import keras
import numpy as np
from keras import ops

# %% [markdown] id="start-text"
# The data of this unit: ten thousand names from the US census of 1990, first names and family
# names. Each letter becomes a number, from 1 for *a* to 26 for *z*. Names have different lengths
# and arrays do not, so shorter names are filled up with 0, the *padding*.

# %% id="start-experiment" tags=["experiment"]
import matplotlib.pyplot as plt

from grader.data import load
from grader.pictures import cells, move, show

names = load("names")
print("first names: ", ", ".join(names["first"][[0, 1, 99, 999, 4999]]))
print("family names:", ", ".join(names["last"][[0, 1, 99, 999, 4999]]))


def numbered(words, length=13):
    """Words as rows of numbers: 1 for a, ..., 26 for z, and 0 where the word has ended."""
    rows = [[ord(letter) - ord("a") + 1 for letter in word] for word in words]
    return np.array([row + [0] * (length - len(row)) for row in rows], dtype="int32")


print(numbered(["lea", "anna"]))

# %% [markdown] id="about-embedding"
# ## Embedding
#
# A letter is not a quantity. *b* is not twice *a*, and nothing lies halfway between *c* and *e*.
# Whoever feeds a network the numbers 1 to 26 tells it so all the same.
#
# The honest way is one-hot: a row with a single 1, in a place of its own for each letter. No letter
# is larger than another. The next layer would multiply that row by a matrix; and here is the joke.
# A row with a single 1 times a matrix is *one row of the matrix*. All those products with zero can
# be left out: just go and fetch the row.
#
# That is an Embedding. It is a Dense layer on one-hot rows, without the bias, and without the work.

# %% id="embedding-experiment" tags=["experiment"]
cells.draw_embedding().show()

# %% [markdown] id="embedding-text"
# $$y = \mathrm{onehot}(n)\, E = E_n$$
#
# | | |
# |---|---|
# | shape | `(batch, ...)` of whole numbers → `(batch, ..., output_dim)` |
# | parameters | `input_dim × output_dim`: a row for each number from 0 to `input_dim − 1` |
#
# The rows are learned, like any kernel. What will they become? We let a tiny network guess the next
# letter of a first name from the letter before. Its Embedding has two columns only, so that we can
# draw each letter as a point in the plane. Nobody tells it what a vowel is.

# %% id="embedding-experiment-2" tags=["experiment"]
letters = numbered(names["first"])
before, after = letters[:, :-1][letters[:, :-1] > 0], letters[:, 1:][letters[:, :-1] > 0]
counts = np.zeros((27, 27))
np.add.at(counts, (before, after), 1)
pairs, often = np.argwhere(counts), counts[counts > 0]

keras.utils.set_random_seed(4)
plane = keras.layers.Embedding(27, 2)
guess = keras.layers.Dense(27, activation="softmax")
model = keras.Sequential([keras.Input((), dtype="int32"), plane, guess])
model.compile(keras.optimizers.Adam(0.05), loss="sparse_categorical_crossentropy")
model.fit(pairs[:, 0], pairs[:, 1], sample_weight=often / often.mean(), batch_size=1000,
          epochs=300, verbose=0)  # fmt: skip

points = plane.embeddings.numpy()
figure, axes = plt.subplots(figsize=(6, 4.6))
for number in range(1, 27):
    letter = chr(ord("a") + number - 1)
    vowel = letter in "aeiouy"
    axes.text(*points[number], letter, fontsize=15, weight="bold" if vowel else "normal",
              color="#d55e00" if vowel else "#0072b2", ha="center", va="center")  # fmt: skip
axes.set(xlim=(points[1:, 0].min() - 0.5, points[1:, 0].max() + 0.5))
axes.set(ylim=(points[1:, 1].min() - 0.5, points[1:, 1].max() + 0.5))
axes.set(title="26 letters, as a network that guesses names sees them")
show(
    figure,
    "The 26 letters as points in the plane of the two columns of the trained Embedding. The vowels "
    "a, e, i, o, u and y, drawn bold, lie together at one side, the consonants at the other.",
)

# %% [markdown] id="embedding-text-2"
# The vowels (bold) have found each other. The network saw nothing but which letter follows which,
# and letters that are followed by the same letters drifted to the same place. *"You shall know a
# word by the company it keeps"*, wrote the linguist J. R. Firth in 1957. Word vectors are the same
# picture with more words and more columns.

# %% [markdown] id="embedding-params-exercise"
# ### Exercise: predict the parameters of Embedding
#
# > Difficulty ●○○○○ (1 of 5) · Importance ●●●●○ (4 of 5) · 5 minutes · 2 points
# >
# > A vocabulary has this many words, and each shall become a vector of length `dim`. If `padding`
# > is true, the words are numbered from 1 and 0 is the padding; if not, they are numbered from 0.
# > How many parameters has the Embedding that can take all numbers that occur?
#
# <details><summary>I am off by dim</summary>
#
# Write down the numbers that may come in for three words, once with padding and once without. How
# many are they?
# </details>


# %% nbgrader={"grade_id": "embedding-params", "solution": true}
def embedding_params(words, dim, padding):
    """The number of parameters of the Embedding for so many words, with or without padding."""
    ### BEGIN SOLUTION
    rows = words + 1 if padding else words
    return rows * dim
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-embedding-params", "grade": true, "points": 2}
check(embedding_params)
### BEGIN HIDDEN TESTS
check(embedding_params, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="embedding-text-3"
# The padding has a row like all others, and if nobody says a word, the next layers will take it for
# a letter. Saying the word is what a *mask* is for: an array of True (a real place) and False (skip
# it), which travels along with the output.
#
# A layer makes a mask in a method of its own, `compute_mask(self, inputs, mask=None)`. Keras asks
# it after each call and hangs the answer on the output; layers that understand masks, such as all
# recurrent ones, pick it up there. The values of the output do not change at all.
#
# **Coming from TensorFlow 2?** While a model is put together, `compute_mask` gets symbolic inputs,
# and functions of `tf` refuse those in Keras 3. Use `keras.ops` there.

# %% [markdown] id="embedding-exercise"
# ### Exercise: write Embedding
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●●● (5 of 5) · 15 minutes · 10 points
# >
# > **What is asked**
# >
# > - **shape** (1): one more axis, of length `output_dim`, at the end.
# > - **parameters** (1): one weight `embeddings` of shape `(input_dim, output_dim)`.
# > - **output** (3): for each number its row. `mask_zero` changes nothing here.
# > - **mask** (3): with `mask_zero=True`, False where the number is 0 and True elsewhere; no mask
# >   (`None`) otherwise.
# > - **gradient** (1): gradients reach the rows that were fetched.
# > - **model** (1): the layer works in Sequential and in the Functional API, and learns in a step
# >   of `fit`.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.Embedding`.
#
# <details><summary>The card says that my output carries no mask</summary>
#
# Is the method called `compute_mask`, and does it return something for `mask_zero=True`? It gets
# the *inputs* of the layer, the numbers, not the vectors.
# </details>
#
# <details><summary>A KerasTensor cannot be used as input to a TensorFlow function</summary>
#
# Your `compute_mask` is called with symbolic inputs too. There is a function in `keras.ops` for
# every comparison.
# </details>
#
# <details><summary>indices ... is not in [0, ...)</summary>
#
# The largest number that may come in is `input_dim - 1`. Did you make the matrix the other way
# round?
# </details>


# %% nbgrader={"grade_id": "embedding", "solution": true}
class Embedding(keras.layers.Layer):
    """A learned row for each whole number."""

    def __init__(self, input_dim, output_dim, mask_zero=False, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.input_dim, self.output_dim, self.mask_zero = input_dim, output_dim, mask_zero
        ### END SOLUTION

    def build(self, input_shape):
        ### BEGIN SOLUTION
        shape = (self.input_dim, self.output_dim)
        self.embeddings = self.add_weight(name="embeddings", shape=shape, initializer="uniform")
        ### END SOLUTION

    def call(self, inputs):
        ### BEGIN SOLUTION
        return ops.take(self.embeddings, inputs, axis=0)
        ### END SOLUTION

    def compute_mask(self, inputs, mask=None):
        ### BEGIN SOLUTION
        return ops.not_equal(inputs, 0) if self.mask_zero else None
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-embedding", "grade": true, "points": 10}
check(Embedding)
### BEGIN HIDDEN TESTS
check(Embedding, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="simplernncell"
# ## SimpleRNNCell
#
# Read *l, e, a* one letter at a time, and cover what you have read. To know that this is *lea* and
# not *sea*, you must carry something over from the first letter. A network calls it the **state**:
# a vector that comes in with each letter and goes out changed.
#
# The simplest cell that can do so mixes the letter with the state. It is a Dense layer for what
# comes in, plus a Dense layer for what was there before, and tanh to keep the sum within bounds.

# %% id="simplernncell-experiment" tags=["experiment"]
cells.draw_simple_cell().show()

# %% [markdown] id="simplernncell-text"
# $$h_t = \tanh(x_t W + h_{t-1} U + b)$$
#
# | | |
# |---|---|
# | shape | `(batch, features)` and a state `(batch, units)` → an output and a new state like it |
# | parameters | `features × units` for $W$, `units × units` for $U$, `units` for $b$ |
#
# On the right of the picture the cell stands three times, but it is *one* cell. The same weights
# read the first letter and the last. That is why a recurrent network can read names of any length,
# and why it has so few parameters.

# %% [markdown] id="simple-rnn-cell-params-exercise"
# ### Exercise: predict the parameters of SimpleRNNCell
#
# > Difficulty ●○○○○ (1 of 5) · Importance ●●●○○ (3 of 5) · 3 minutes · 2 points
# >
# > How many parameters has `SimpleRNNCell(units, use_bias=use_bias)` on this many features?
#
# <details><summary>It is right without the recurrent part</summary>
#
# The state goes through a matrix as well. How long is it when it comes in, and how long must it be
# when it comes out?
# </details>


# %% nbgrader={"grade_id": "simple-rnn-cell-params", "solution": true}
def simple_rnn_cell_params(features, units, use_bias=True):
    """The number of parameters of SimpleRNNCell(units, use_bias=use_bias)."""
    ### BEGIN SOLUTION
    return features * units + units * units + (units if use_bias else 0)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-simple-rnn-cell-params", "grade": true, "points": 2}
check(simple_rnn_cell_params)
### BEGIN HIDDEN TESTS
check(simple_rnn_cell_params, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="simplernncell-text-2"
# In Keras a cell is a plain layer that keeps three promises:
#
# - it has `state_size`: the length of its state, or a list of lengths if there are several;
# - `call(inputs, states)` takes a **list** of states, even of one;
# - it returns two things: the output, and the **list** of new states.
#
# Whoever keeps them may be put into `keras.layers.RNN`, which does the looping. You will see it
# happen at the end of this unit.

# %% [markdown] id="simple-rnn-cell-exercise"
# ### Exercise: write SimpleRNNCell
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●●○ (4 of 5) · 15 minutes · 10 points
# >
# > **What is asked**
# >
# > - **shape** (1): an output `(batch, units)` and a list of one state of that shape, also while
# >   the batch size is unknown.
# > - **parameters** (2): `kernel` `(features, units)`, `recurrent_kernel` `(units, units)` and,
# >   unless `use_bias=False`, `bias` `(units,)`.
# > - **output** (4): the formula above, with `activation` (a name or a function) for tanh. Output
# >   and state are judged one by one.
# > - **gradient** (1): gradients reach the inputs, the state and every weight.
# > - **in_rnn** (2): `keras.layers.RNN` takes the cell along a sequence. It needs `state_size`.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.SimpleRNN` and
# > `keras.layers.SimpleRNNCell`, and TensorFlow's own (`tf.compat.v1.nn.rnn_cell`,
# > `tf.raw_ops.CudnnRNN`).
#
# <details><summary>The output has another shape than Keras's layer gives</summary>
#
# Look at the evidence on the card: round brackets are an array, square ones a list. Is your second
# answer a list?
# </details>
#
# <details><summary>The RNN cell should have a `state_size` attribute</summary>
#
# RNN must know how long a row of zeros to begin with. Say so in `__init__`.
# </details>


# %% nbgrader={"grade_id": "simple-rnn-cell", "solution": true}
class SimpleRNNCell(keras.layers.Layer):
    """One step: activation(inputs @ kernel + state @ recurrent_kernel + bias)."""

    def __init__(self, units, activation="tanh", use_bias=True, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.units, self.use_bias = units, use_bias
        self.activation = keras.activations.get(activation)
        self.state_size = units
        ### END SOLUTION

    def build(self, input_shape):
        ### BEGIN SOLUTION
        features, units = input_shape[-1], self.units
        self.kernel = self.add_weight(name="kernel", shape=(features, units))
        self.recurrent_kernel = self.add_weight(
            name="recurrent_kernel", shape=(units, units), initializer="orthogonal"
        )
        if self.use_bias:
            self.bias = self.add_weight(name="bias", shape=(units,), initializer="zeros")
        ### END SOLUTION

    def call(self, inputs, states):
        ### BEGIN SOLUTION
        total = ops.matmul(inputs, self.kernel) + ops.matmul(states[0], self.recurrent_kernel)
        if self.use_bias:
            total = total + self.bias
        output = self.activation(total)
        return output, [output]
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-simple-rnn-cell", "grade": true, "points": 10}
check(SimpleRNNCell)
### BEGIN HIDDEN TESTS
check(SimpleRNNCell, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="lstmcell"
# ## LSTMCell
#
# The simple cell has a poor memory. At each step the whole state goes through a matrix and through
# tanh, and what was written there ten letters ago has been stirred ten times since.
#
# In 1997 Sepp Hochreiter and Jürgen Schmidhuber gave the cell a second state, the **carry**. It is
# not stirred: it moves along a straight belt, and two things only may happen to it. A part of it is
# *let go*, and something new is *laid on*. How much, is decided by **gates**: numbers between 0 and
# 1, computed anew at each step from the letter and the state.

# %% id="lstmcell-experiment" tags=["experiment"]
cells.draw_lstm_cell().show()

# %% [markdown] id="lstmcell-text"
# Each of the four boxes is a small Dense layer of $x$ and $h$, and the four stand side by side in
# one wide matrix: their columns come in the order **i, f, c, o**.
#
# $$z = x_t W + h_{t-1} U + b, \qquad z = [\,z_i \;\; z_f \;\; z_c \;\; z_o\,]$$
#
# $$c_t = \sigma(z_f) \cdot c_{t-1} + \sigma(z_i) \cdot \tanh(z_c)$$
#
# $$h_t = \sigma(z_o) \cdot \tanh(c_t)$$
#
# | | |
# |---|---|
# | shape | inputs `(batch, features)` and two states `(batch, units)`, in the order $h$, $c$ |
# | parameters | four times those of a SimpleRNNCell |
#
# How long does a carry last? With nothing laid on, it is multiplied by $\sigma(z_f)$ at each step,
# so everything hangs on the bias of the forget gate. The picture on the left shows it. On the right
# is an experiment: two strings of letters that differ in their first letter only are read by
# untrained cells. How far apart are their states, as the reading goes on?


# %% id="lstmcell-experiment-2" tags=["experiment"]
def read(cell, vectors):
    """The cell's first state after each step of a sequence (batch, time, features)."""
    layer = keras.layers.RNN(cell, return_sequences=True)
    return layer(vectors).numpy()


def fading(make, steps=40, tries=10):
    """Distance between two readings that differ in the first letter, from step to step."""
    gaps = []
    for seed in range(tries):
        keras.utils.set_random_seed(seed)
        text = np.random.default_rng(seed).integers(0, 26, (2, steps))
        text[1, 1:] = text[0, 1:]
        text[1, 0] = (text[0, 0] + 1) % 26
        one, two = read(make(), np.eye(26, dtype="float32")[text])
        gaps.append(np.linalg.norm(one - two, axis=-1))
    return np.mean(gaps, axis=0)


def patient():
    """A cell whose forget gates stand wide open."""
    cell = keras.layers.LSTMCell(32)
    cell.build((None, 26))
    cell.bias.assign(np.repeat([0.0, 4.0, 0.0, 0.0], 32))
    return cell


figure, (belt, panel) = plt.subplots(1, 2, figsize=(10, 3.8), layout="constrained")
steps = np.arange(41)
for bias, style in (0, ":"), (1, "--"), (3, "-."), (6, "-"):
    belt.plot(steps, (1 / (1 + np.exp(-bias))) ** steps, style, lw=2, label=f"forget bias {bias}")
belt.set(title="What is left of a carry", xlabel="steps", ylim=(0, 1.05))
belt.legend(frameon=False)
readers = {
    "simple": (lambda: keras.layers.SimpleRNNCell(32), ":"),
    "LSTM, forget bias 0": (lambda: keras.layers.LSTMCell(32, unit_forget_bias=False), "-."),
    "LSTM, forget bias 1": (lambda: keras.layers.LSTMCell(32), "-"),
    "LSTM, forget bias 4": (patient, "--"),
}


for name, (make, style) in readers.items():
    gap = fading(make)
    panel.plot(np.arange(1, 41), gap / gap[0], style, lw=2, label=name)
panel.set(title="What is left of the first letter", xlabel="letters read", yscale="log")
panel.set(ylim=(1e-4, 5))
panel.legend(frameon=False)
show(
    figure,
    "Left: a carry that is multiplied by the forget gate at each step. With a forget bias of 0 it "
    "is gone after five steps, with 1 after fifteen, with 3 two fifths are left after twenty, and "
    "with 6 nine tenths are left after forty. Right: the distance between two readings that "
    "differ in the first letter, on a logarithmic scale. It falls fastest for the LSTM with "
    "forget bias 0, and even grows for the LSTM with forget bias 4.",
)

# %% [markdown] id="lstmcell-text-2"
# A half-open forget gate is worse than no gate at all. (The simple cell does so well because Keras
# lets $U$ begin as a rotation, which shrinks nothing; training will not leave it one.) That is why
# Keras starts its bias at 1 (`unit_forget_bias=True`), an old trick of Felix Gers, and why some
# models start it higher still. Training may then close the gate where forgetting is wise.

# %% [markdown] id="lstm-cell-params-exercise"
# ### Exercise: predict the parameters of LSTMCell
#
# > Difficulty ●○○○○ (1 of 5) · Importance ●●●○○ (3 of 5) · 3 minutes · 2 points
# >
# > How many parameters has `LSTMCell(units)` on this many features?
#
# <details><summary>I have no idea where to begin</summary>
#
# Each of the four coloured boxes sees the same two vectors as a SimpleRNNCell does. Does the carry
# go through a matrix anywhere?
# </details>


# %% nbgrader={"grade_id": "lstm-cell-params", "solution": true}
def lstm_cell_params(features, units):
    """The number of parameters of LSTMCell(units)."""
    ### BEGIN SOLUTION
    return 4 * (features * units + units * units + units)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-lstm-cell-params", "grade": true, "points": 2}
check(lstm_cell_params)
### BEGIN HIDDEN TESTS
check(lstm_cell_params, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="lstm-cell-exercise"
# ### Exercise: write LSTMCell
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●●●● (5 of 5) · 25 minutes · 11 points
# >
# > **What is asked**
# >
# > - **shape** (1): an output `(batch, units)` and the list of two new states, $h$ first, then $c$.
# > - **parameters** (2): `kernel` `(features, 4 × units)`, `recurrent_kernel` `(units, 4 × units)`,
# >   `bias` `(4 × units,)`. Only the total is judged, not the shapes: weights for each gate will
# >   do.
# > - **output** (4): the formulas above, with the blocks in the order i, f, c, o. If something is
# >   wrong, the card says in which state, and in which gate where it can tell.
# > - **gradient** (1): gradients reach the inputs, both states and every weight.
# > - **in_rnn** (2): `keras.layers.RNN` takes the cell along a sequence.
# > - **start** (1): in a new cell the bias is 0, but 1 in the columns of the forget gate unless
# >   `unit_forget_bias=False`.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.LSTM` and
# > `keras.layers.LSTMCell`, and TensorFlow's own (`tf.compat.v1.nn.rnn_cell`,
# > `tf.raw_ops.BlockLSTM`).
#
# <details><summary>How do I cut a matrix into four?</summary>
#
# `ops.split(total, 4, axis=-1)` gives four parts. Cut the sum once, rather than each weight.
# </details>
#
# <details><summary>The card says that state c is right and h is wrong</summary>
#
# Then the belt is right, and only what happens after it is not. Two things make $h$ from the carry.
# Which carry, the old one or the new?
# </details>
#
# <details><summary>How do I make a bias that is not all zeros?</summary>
#
# Make it with zeros and then `assign` another value in `build`; or give `initializer` a function of
# the shape and the dtype. `ops.concatenate` and `np.repeat` are both good at rows of blocks.
# </details>


# %% nbgrader={"grade_id": "lstm-cell", "solution": true}
class LSTMCell(keras.layers.Layer):
    """One step of long short-term memory, with the states h and c."""

    def __init__(self, units, unit_forget_bias=True, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.units, self.unit_forget_bias = units, unit_forget_bias
        self.state_size = [units, units]
        ### END SOLUTION

    def build(self, input_shape):
        ### BEGIN SOLUTION
        features, units = input_shape[-1], self.units
        self.kernel = self.add_weight(name="kernel", shape=(features, 4 * units))
        self.recurrent_kernel = self.add_weight(
            name="recurrent_kernel", shape=(units, 4 * units), initializer="orthogonal"
        )
        self.bias = self.add_weight(name="bias", shape=(4 * units,), initializer="zeros")
        if self.unit_forget_bias:
            self.bias.assign(np.repeat([0.0, 1.0, 0.0, 0.0], units))
        ### END SOLUTION

    def call(self, inputs, states):
        ### BEGIN SOLUTION
        h, c = states
        total = ops.matmul(inputs, self.kernel) + ops.matmul(h, self.recurrent_kernel) + self.bias
        i, f, candidate, o = ops.split(total, 4, axis=-1)
        c = ops.sigmoid(f) * c + ops.sigmoid(i) * ops.tanh(candidate)
        h = ops.sigmoid(o) * ops.tanh(c)
        return h, [h, c]
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-lstm-cell", "grade": true, "points": 11}
check(LSTMCell)
### BEGIN HIDDEN TESTS
check(LSTMCell, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="grucell"
# ## GRUCell
#
# In 2014 Kyunghyun Cho and others asked which parts of the LSTM one can do without. Their cell has
# one state again, and two gates. The **update** gate $z$ mixes old with new: where it is 1,
# everything stays as it was. The **reset** gate $r$ lets the candidate look away from the past.

# %% id="grucell-experiment" tags=["experiment"]
cells.draw_gru_cell().show()

# %% [markdown] id="grucell-text"
# $$z = \sigma(x W_z + h U_z + b_z) \qquad r = \sigma(x W_r + h U_r + b_r)$$
#
# $$h_t = z \cdot h_{t-1} + (1 - z) \cdot \hat h$$
#
# There are two forms of the candidate $\hat h$, and both are alive. In the first paper the state is
# reset and *then* goes through its matrix. Keras, by default, multiplies first and resets
# afterwards, which is faster on a GPU because all products with $h$ can be done at once. In that
# form the product has a bias of its own inside the brackets, so the weight `bias` has two rows:
# $b_1$ belongs to the products with $x$, $b_2$ to those with $h$, in all three blocks.
#
# $$\text{after:}\quad \hat h = \tanh\big(x W_h + b_{1h} + r \cdot (h U_h + b_{2h})\big)
# \qquad\qquad \text{before:}\quad \hat h = \tanh\big(x W_h + b_h + (r \cdot h)\, U_h\big)$$
#
# | | |
# |---|---|
# | shape | inputs `(batch, features)` and one state `(batch, units)` |
# | parameters | three blocks; the bias has two rows with `reset_after=True`, one without |
#
# Beware of other people's formulas: in many papers the roles of $z$ and $1 - z$ are exchanged, and
# in PyTorch the reset block comes before the update block. All are right; weights just cannot be
# carried from one to the other as they are.

# %% [markdown] id="gru-cell-params-exercise"
# ### Exercise: predict the parameters of GRUCell
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●○○ (3 of 5) · 4 minutes · 2 points
# >
# > How many parameters has `GRUCell(units, reset_after=reset_after)` on this many features?
#
# <details><summary>It is right for one of the two forms</summary>
#
# How many rows has the bias in each of them?
# </details>


# %% nbgrader={"grade_id": "gru-cell-params", "solution": true}
def gru_cell_params(features, units, reset_after=True):
    """The number of parameters of GRUCell(units, reset_after=reset_after)."""
    ### BEGIN SOLUTION
    biases = 2 if reset_after else 1
    return 3 * (features * units + units * units + biases * units)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-gru-cell-params", "grade": true, "points": 2}
check(gru_cell_params)
### BEGIN HIDDEN TESTS
check(gru_cell_params, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="gru-cell-exercise"
# ### Exercise: write GRUCell
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●●●○ (4 of 5) · 25 minutes · 10 points
# >
# > **What is asked**
# >
# > - **shape** (1): an output `(batch, units)` and a list of one state.
# > - **parameters** (2): `kernel` `(features, 3 × units)`, `recurrent_kernel` `(units, 3 × units)`,
# >   and `bias`: `(2, 3 × units)` with `reset_after=True`, `(3 × units,)` without. Only the total
# >   is judged, not the shapes: weights for each gate will do.
# > - **output** (4): the formulas above in both forms, with the blocks in the order z, r, h.
# > - **gradient** (1): gradients reach the inputs, the state and every weight.
# > - **in_rnn** (2): `keras.layers.RNN` takes the cell along a sequence.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.GRU` and `keras.layers.GRUCell`,
# > and TensorFlow's own (`tf.compat.v1.nn.rnn_cell`, `tf.raw_ops.GRUBlockCell`).
#
# <details><summary>It is right with reset_after=True and wrong without</summary>
#
# Say aloud what is multiplied by $r$ in each of the two formulas: a state, or a product?
# </details>
#
# <details><summary>Without reset_after, I cannot compute all products with h at once</summary>
#
# No: the candidate's product must wait until $r$ is known. Cut `recurrent_kernel` into its three
# blocks first.
# </details>


# %% nbgrader={"grade_id": "gru-cell", "solution": true}
class GRUCell(keras.layers.Layer):
    """One step of a gated recurrent unit, in both of its forms."""

    def __init__(self, units, reset_after=True, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.units, self.reset_after = units, reset_after
        self.state_size = units
        ### END SOLUTION

    def build(self, input_shape):
        ### BEGIN SOLUTION
        features, units = input_shape[-1], self.units
        self.kernel = self.add_weight(name="kernel", shape=(features, 3 * units))
        self.recurrent_kernel = self.add_weight(
            name="recurrent_kernel", shape=(units, 3 * units), initializer="orthogonal"
        )
        shape = (2, 3 * units) if self.reset_after else (3 * units,)
        self.bias = self.add_weight(name="bias", shape=shape, initializer="zeros")
        ### END SOLUTION

    def call(self, inputs, states):
        ### BEGIN SOLUTION
        h = states[0]
        to_inputs = self.bias[0] if self.reset_after else self.bias
        x_z, x_r, x_h = ops.split(ops.matmul(inputs, self.kernel) + to_inputs, 3, axis=-1)
        if self.reset_after:
            past = ops.matmul(h, self.recurrent_kernel) + self.bias[1]
            h_z, h_r, h_h = ops.split(past, 3, axis=-1)
            z, r = ops.sigmoid(x_z + h_z), ops.sigmoid(x_r + h_r)
            candidate = ops.tanh(x_h + r * h_h)
        else:
            u_z, u_r, u_h = ops.split(self.recurrent_kernel, 3, axis=-1)
            z = ops.sigmoid(x_z + ops.matmul(h, u_z))
            r = ops.sigmoid(x_r + ops.matmul(h, u_r))
            candidate = ops.tanh(x_h + ops.matmul(r * h, u_h))
        h = z * h + (1 - z) * candidate
        return h, [h]
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-gru-cell", "grade": true, "points": 10}
check(GRUCell)
### BEGIN HIDDEN TESTS
check(GRUCell, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="a-cell-of-your-own"
# ## A cell of your own
#
# Nothing about these three cells is sacred. Any layer that keeps the three promises is a cell. Let
# us invent one.
#
# A reader has two kinds of memory: the sentence that is just being read, and a vague sense of what
# the book is about. Our **MemoryCell** has a fast state $h$, which is a simple cell's, and a slow
# one $m$, which changes a little with each step. They have different sizes: `units` and `slots`.
# The fast one reads from the slow one, and then writes to it.

# %% id="a-cell-of-your-own-experiment" tags=["experiment"]
cells.draw_memory_cell().show()

# %% [markdown] id="a-cell-of-your-own-text"
# $$h_t = \tanh(x_t W + h_{t-1} U + m_{t-1} R + b)$$
#
# $$m_t = k \cdot m_{t-1} + (1 - k) \cdot h_t V$$
#
# Here $k$ is the argument `keep`, a number near 1. Before the first step, $h$ is zero, and all of
# $m$ is the number `start`. RNN begins with zeros unless the cell says otherwise, in a method of
# its own: `get_initial_state(batch_size)` returns the list of states to begin with.
#
# **Coming from TensorFlow 2?** There you derived from `AbstractRNNCell`, and `state_size` had to be
# a property. In Keras 3 there is no such class any more, and no need for it: a cell is a plain
# layer.
#
# What does `keras.layers.RNN` give back when a cell has two states? With `return_state=True` it
# returns a list: the output, then each state as it is *after the last step*. With
# `return_sequences=True` the output has a time axis and holds all steps; the states do not.

# %% [markdown] id="memory-cell-shapes-exercise"
# ### Exercise: predict the shapes that come out of RNN
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●○○ (3 of 5) · 5 minutes · 2 points
# >
# > `RNN(MemoryCell(units, slots), return_state=True, return_sequences=...)` gets an input of shape
# > `(batch, time, features)`. Return the list of the three shapes that come out, with the batch
# > axis.
#
# <details><summary>I am right about the last output and wrong about all outputs</summary>
#
# Which of the three things does `return_sequences` speak of?
# </details>


# %% nbgrader={"grade_id": "memory-cell-shapes", "solution": true}
def memory_cell_shapes(batch, time, units, slots, return_sequences):
    """The shapes that RNN(MemoryCell(units, slots), return_state=True, ...) returns."""
    ### BEGIN SOLUTION
    output = (batch, time, units) if return_sequences else (batch, units)
    return [output, (batch, units), (batch, slots)]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-memory-cell-shapes", "grade": true, "points": 2}
check(memory_cell_shapes)
### BEGIN HIDDEN TESTS
check(memory_cell_shapes, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="memory-cell-exercise"
# ### Exercise: write MemoryCell
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●●○○ (3 of 5) · 20 minutes · 10 points
# >
# > **What is asked**
# >
# > - **shape** (1): an output `(batch, units)`, and the list of the states $h$ and $m$.
# > - **parameters** (2): `kernel` `(features, units)`, `recurrent_kernel` `(units, units)`,
# >   `read_kernel` $R$ `(slots, units)`, `write_kernel` $V$ `(units, slots)` and `bias` `(units,)`.
# > - **output** (4): the two formulas above. The output is the new $h$.
# > - **gradient** (1): gradients reach the inputs, both states and every weight.
# > - **in_rnn** (2): `keras.layers.RNN` takes the cell along a sequence, beginning with a memory
# >   that is `start` everywhere.
#
# <details><summary>not enough values to unpack, inside RNN</summary>
#
# RNN made as many states as `state_size` names. How many does yours name?
# </details>
#
# <details><summary>The cell is right by itself, and wrong in RNN</summary>
#
# By itself the cell is given its states. In RNN, who makes the first ones? Does `start` reach them?
# </details>


# %% nbgrader={"grade_id": "memory-cell", "solution": true}
class MemoryCell(keras.layers.Layer):
    """A simple cell that reads from a slow memory, and writes to it."""

    def __init__(self, units, slots, keep=0.9, start=0.0, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.units, self.slots, self.keep, self.start = units, slots, keep, start
        self.state_size = [units, slots]
        ### END SOLUTION

    def build(self, input_shape):
        ### BEGIN SOLUTION
        features, units, slots = input_shape[-1], self.units, self.slots
        self.kernel = self.add_weight(name="kernel", shape=(features, units))
        self.recurrent_kernel = self.add_weight(name="recurrent_kernel", shape=(units, units))
        self.read_kernel = self.add_weight(name="read_kernel", shape=(slots, units))
        self.write_kernel = self.add_weight(name="write_kernel", shape=(units, slots))
        self.bias = self.add_weight(name="bias", shape=(units,), initializer="zeros")
        ### END SOLUTION

    def get_initial_state(self, batch_size=None):
        ### BEGIN SOLUTION
        return [ops.zeros((batch_size, self.units)), ops.full((batch_size, self.slots), self.start)]
        ### END SOLUTION

    def call(self, inputs, states):
        ### BEGIN SOLUTION
        h, m = states
        total = ops.matmul(inputs, self.kernel) + ops.matmul(h, self.recurrent_kernel)
        h = ops.tanh(total + ops.matmul(m, self.read_kernel) + self.bias)
        m = self.keep * m + (1 - self.keep) * ops.matmul(h, self.write_kernel)
        return h, [h, m]
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-memory-cell", "grade": true, "points": 10}
check(MemoryCell)
### BEGIN HIDDEN TESTS
check(MemoryCell, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="four-cells-read-names"
# ## Four cells read names
#
# Is it a first name or a family name? You can often tell, and would be hard put to say how. Each of
# your four cells gets the same task: your Embedding with a mask, then the cell in
# `keras.layers.RNN`, then a Dense layer that decides. The padding is masked, so the state is held
# while it passes by.
#
# For comparison: a network that sees the same letters but not their order. It takes the mean of the
# letters' vectors.

# %% id="four-cells-read-names-experiment" tags=["experiment"]
words = np.concatenate([names["first"][:2500], names["last"][:2500]])
family = np.repeat([0, 1], 2500)
order = np.random.default_rng(0).permutation(5000)
rows, family = numbered(words)[order], family[order]
train, test = slice(0, 4000), slice(4000, 5000)


def reader(middle):
    """Letters to vectors, a layer that reads them, and a decision."""
    keras.utils.set_random_seed(1)
    decide = keras.layers.Dense(1, activation="sigmoid")
    stack = [keras.Input((13,), dtype="int32"), Embedding(27, 16, mask_zero=True), middle(), decide]
    return keras.Sequential(stack)


middles = {
    "mean, no order": keras.layers.GlobalAveragePooling1D,
    "SimpleRNNCell": lambda: keras.layers.RNN(SimpleRNNCell(32)),
    "LSTMCell": lambda: keras.layers.RNN(LSTMCell(32)),
    "GRUCell": lambda: keras.layers.RNN(GRUCell(32)),
    "MemoryCell": lambda: keras.layers.RNN(MemoryCell(32, 8)),
}
figure, axes = plt.subplots(figsize=(8, 3.8))
readers, right = {}, {}
for (name, middle), style in zip(middles.items(), ("k:", "-", "--", "-.", "-o"), strict=True):
    readers[name] = model = reader(middle)
    model.compile(keras.optimizers.Adam(0.005), loss="binary_crossentropy", metrics=["accuracy"])
    history = model.fit(rows[train], family[train], batch_size=100, epochs=6, verbose=0).history
    right[name] = model.evaluate(rows[test], family[test], verbose=0)[1]
    print(
        f"{name:>15}: {model.count_params():5d} parameters, right on {right[name]:.1%} of new names"
    )
    axes.plot(range(1, 7), history["loss"], style, lw=2, ms=4, label=name)
axes.set(xlabel="epoch", ylabel="loss", title="First name or family name?")
axes.legend(frameon=False)
show(
    figure,
    "Loss against epoch for five readers of names. The one that sees no order stays high, at about "
    "0.6; the four cells go on down. How often each is right on new names is printed above.",
)

# %% [markdown] id="four-cells-read-names-text"
# Now watch one of them think. After each letter of a name we ask the GRU's reader what it would say
# if the name ended here.

# %% id="four-cells-read-names-experiment-2" tags=["experiment"]
figure, panels = plt.subplots(1, 4, figsize=(10, 2.8), sharey=True, layout="constrained")
said = []
for panel, name in zip(panels, ("johnson", "christina", "martinez", "marianne"), strict=True):
    prefixes = numbered([name[: i + 1] for i in range(len(name))])
    beliefs = readers["GRUCell"].predict(prefixes, verbose=0)[:, 0]
    panel.bar(range(len(name)), beliefs, color=np.where(beliefs > 0.5, "#e69f00", "#0072b2"))
    panel.axhline(0.5, color="#68737f", lw=0.8)
    panel.set_xticks(range(len(name)), name, fontsize=12)
    panel.set(ylim=(0, 1))
    said.append(f"{name} ends at {beliefs[-1]:.2f}")
panels[0].set_ylabel("is it a family name?")
show(
    figure,
    "What the reader believes after each letter of four names, from 0, a first name, to 1, a "
    f"family name: {'; '.join(said)}.",
)

# %% [markdown] id="four-cells-read-names-text-2"
# And what do gates do meanwhile? Here is a small reader of Keras's own, an LSTM of eight units,
# trained on the same names. Choose a unit, and a name: your own, for instance (in a live notebook).
# Is there a unit that keeps its carry to the end, and one that forgets at once?

# %% id="four-cells-read-names-experiment-3" tags=["experiment"]
small = reader(lambda: keras.layers.LSTM(8))
small.compile(keras.optimizers.Adam(0.01), loss="binary_crossentropy")
small.fit(rows[train], family[train], batch_size=100, epochs=4, verbose=0)
spell = keras.Model(small.inputs, small.layers[0].output)  # letters to vectors
weights = small.layers[1].get_weights()


def inside(word):
    """Gates, carry and output after each letter of a word."""
    return cells.read_lstm(spell.predict(numbered([word]), verbose=0)[0, : len(word)], *weights)


def gates(name="christina", unit=0):
    """One unit's gates over a name."""
    return cells.draw_gates(inside, name, unit)


move(gates, name="christina", unit=(0, 7))

# %% [markdown] id="what-do-you-see"
# ### What do you see?
#
# Look at the numbers, the curves and the bars, and answer in a few sentences. (3 points, read by
# your instructor.)
#
# 1. What can the reader without order not know, and which names would you give it to prove that?
# 2. Which letters of the four names change the reader's mind? Choose one, and explain it.
# 3. The Embedding was made with `mask_zero=True`. What would the cells see without it, and why
#    would that hurt short names more than long ones?

# %% [markdown] nbgrader={"grade_id": "question", "grade": true, "solution": true, "points": 3}
# ### BEGIN SOLUTION
# 1. Where a letter stands: the mean of the vectors is the same for all orders. (One point.) Any two
#    names made of the same letters prove it, such as *neal* and *lane*: it must give the same
#    answer for both.
# 2. Any one that is read off the bars and explained by what is frequent at that place. (One point.)
#    For example, the ending of *johnson* pulls towards a family name, because so many family names
#    end in *son*, and *christina* ends as many first names do.
# 3. A row of zeros at the end of each name, each with the vector of the number 0. (One point.) The
#    cell would go on changing its state at every padding; the shorter the name, the more steps of
#    padding lie between its last letter and the decision.
# ### END SOLUTION

# %% [markdown] id="what-you-have-now"
# ## What you have now
#
# | layer | states | parameters |
# |---|---|---|
# | Embedding | none; it may send a mask along | `input_dim × output_dim` |
# | SimpleRNNCell | h | `(features + units + 1) × units` |
# | LSTMCell | h, c | four times that; blocks i, f, c, o |
# | GRUCell | h | three times that, and a second row of biases with `reset_after` |
# | MemoryCell | h, m | yours |
#
# You have cells. In the next unit you build what drives them: the loop itself, in both directions,
# with masks, and stacked.
