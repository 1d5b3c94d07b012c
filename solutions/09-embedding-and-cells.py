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
# A picture comes all at once. Language comes in order: one letter after the other, and the meaning
# of the third depends on the two before it.
#
# A network needs two things for this. An **Embedding** turns a letter or a word, which is not a
# number, into a vector. A **cell** reads one vector at a time and keeps a **state** from step to
# step.
#
# In this unit you write three well-known cells, SimpleRNNCell, LSTMCell and GRUCell, and then a
# fourth one that is not in any library. At the end all four read people's names.
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
# The data are ten thousand names from the US census of 1990: first names and family names. The
# units of a text that a network reads, here the letters, are called **tokens**, and the set of all
# different tokens is the **vocabulary**. Each token has a number, from 1 for *a* to 26 for *z*.
# Names have different lengths, but all rows of an array have the same length, so shorter names are
# filled up with 0. This is called **padding**.

# %% id="start-experiment" tags=["experiment"]
import time

import matplotlib.pyplot as plt

from grader.data import load
from grader.pictures import cells, move, show

names = load("names")
print("first names: ", ", ".join(names["first"][[0, 1, 99, 999, 4999]]))
print("family names:", ", ".join(names["last"][[0, 1, 99, 999, 4999]]))


def numbered(words, length=13):
    """Words as rows of numbers: 1 for a, ..., 26 for z, and 0 for the padding."""
    rows = [[ord(letter) - ord("a") + 1 for letter in word] for word in words]
    return np.array([row + [0] * (length - len(row)) for row in rows], dtype="int32")


print(numbered(["lea", "anna"]))

# %% [markdown] id="about-embedding"
# ## Embedding
#
# The number of a letter is not a quantity. *b* is not twice *a*, and nothing is halfway between *c*
# and *e*. A network that gets the numbers 1 to 26 as inputs would treat them as quantities.
#
# One-hot rows avoid this: each token is a row of zeros with a single 1, at a place of its own. The
# next layer multiplies this row by a matrix. But a row with a single 1 times a matrix is *one row
# of the matrix*. All the products with zero are unnecessary: you can take the row directly.
#
# This is what an **Embedding** does. It computes the same as a Dense layer without bias on one-hot
# rows, but it looks the row up instead of multiplying.

# %% id="embedding-experiment" tags=["experiment"]
cells.draw_embedding().show()

# %% [markdown] id="embedding-text"
# $$y = \mathrm{onehot}(n)\, E = E_n$$
#
# | | |
# |---|---|
# | shape | `(batch, ...)` of integers → `(batch, ..., output_dim)` |
# | parameters | `input_dim × output_dim`: one row for each number from 0 to `input_dim − 1` |
#
# How much does looking up save? The next cell computes the vectors of 1280 tokens from a vocabulary
# of 20,000, in both ways.

# %% id="embedding-one-hot" tags=["experiment"]
vocabulary, dimension = 20_000, 64
table = keras.layers.Embedding(vocabulary, dimension)
tokens = np.random.default_rng(0).integers(0, vocabulary, (64, 20), dtype="int32")
table(tokens)  # the first call makes the matrix
matrix = table.weights[0]


def multiplied():
    """One-hot rows times the matrix."""
    return ops.matmul(ops.one_hot(tokens, vocabulary), matrix)


def seconds(act):
    """The processor time that it takes, the best of five."""
    times = []
    for _ in range(5):
        start = time.process_time()
        np.asarray(act())
        times.append(time.process_time() - start)
    return min(times)


same = np.array_equal(table(tokens), multiplied())
faster = seconds(multiplied) / seconds(lambda: table(tokens))
memory = tokens.size * vocabulary * 4 / tokens.nbytes
print(f"the same vectors: {'yes' if same else 'no'}")
print(f"tokens: {tokens.nbytes / 1e3:.0f} kB; one-hot: {tokens.nbytes * memory / 1e6:.0f} MB")
print(f"looking up is {faster:.0f} times as fast")

# %% [markdown] id="embedding-one-hot-text"
# The vectors are the same, and looking up is many times as fast. The one-hot rows need 20,000 times
# the memory of the tokens: a number for each word of the vocabulary instead of a single one.
#
# **Try:** a vocabulary of 27, as for letters. Is looking up still faster?
#
# The rows of an Embedding are learned, like every kernel. What do they become? The next cell trains
# a tiny network to guess the next letter of a first name from the letter before. Its Embedding has
# only two columns, so each letter is a point in the plane. The network is not told what a vowel is.
# The cell takes a few seconds.

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
data = {"x": pairs[:, 0], "y": pairs[:, 1], "sample_weight": often / often.mean()}
for _ in range(300):
    model.train_on_batch(**data)  # all pairs of letters at once
loss = model.evaluate(**data, batch_size=1000, verbose=0)
perplexity = np.exp(loss)
print(f"cross-entropy {loss:.2f}, perplexity {perplexity:.1f}")

points = plane.embeddings.numpy()[1:]
vowel = np.array([letter in "aeiouy" for letter in "abcdefghijklmnopqrstuvwxyz"])

# %% id="embedding-experiment-2-plot" tags=["experiment"] jupyter={"source_hidden": true}
figure, axes = plt.subplots(figsize=(6, 4.6))
for letter, point, bold in zip("abcdefghijklmnopqrstuvwxyz", points, vowel, strict=True):
    axes.text(*point, letter, fontsize=15, weight="bold" if bold else "normal",
              color="#d55e00" if bold else "#0072b2", ha="center", va="center")  # fmt: skip
axes.set(xlim=(points[:, 0].min() - 0.5, points[:, 0].max() + 0.5))
axes.set(ylim=(points[:, 1].min() - 0.5, points[:, 1].max() + 0.5))
axes.set(title="26 letters in the two columns of the Embedding")
distances = np.linalg.norm(points[:, None] - points, axis=-1)
near = distances[np.ix_(vowel, vowel)].sum() / 30  # 30 pairs of two different vowels
far = distances[np.ix_(vowel, ~vowel)].mean()
show(
    figure,
    "The 26 letters as points in the plane of the two columns of the trained Embedding, the vowels "
    f"a, e, i, o, u and y in bold. Two vowels are {near:.1f} apart on average, a vowel and a "
    f"consonant {far:.1f}.",
)

# %% [markdown] id="embedding-text-2"
# The loss is the **cross-entropy**: the mean of −log p, where p is the probability that the network
# gave to the letter that really came next. Its exponential is the **perplexity**: the network is as
# unsure as in a choice among that many equally likely letters. There are 27 possible answers (26
# letters and the end of the name), so a network that knows nothing has a perplexity of 27.
#
# The vowels (bold) are close to each other. The network saw only which letter follows which, and
# letters that are followed by the same letters got similar vectors. *"You shall know a word by the
# company it keeps"*, wrote the linguist J. R. Firth in 1957. Word vectors are the same thing with
# more tokens and more columns.
#
# **Try:** another seed, and family names (`names["last"]`). Do the vowels stay together?

# %% [markdown] id="embedding-params-exercise"
# ### Exercise: predict the parameters of Embedding
#
# > Difficulty ●○○○○ (1 of 5) · Importance ●●●●○ (4 of 5) · 5 minutes · 2 points
# >
# > A vocabulary has `words` words, and each gets a vector of length `dim`. If `padding` is true,
# > the words are numbered from 1, and 0 is the padding; if not, they are numbered from 0. How many
# > parameters does an Embedding need that accepts all these numbers?
#
# <details><summary>I am off by dim</summary>
#
# Write down the numbers that can occur for three words, once with padding and once without. How
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
# The padding has a row in the matrix like every other token. Unless they are told, later layers
# treat it as a letter. A **mask** tells them: an array of True (a real token) and False (skip it)
# that is passed on together with the output.
#
# A layer makes a mask in a method `compute_mask(self, inputs, mask=None)`. Keras calls it after
# each call of the layer and attaches the mask to the output. Layers that support masks, such as all
# recurrent layers, find it there. The values of the output do not change.
#
# **Coming from TensorFlow 2?** While a model is built, `compute_mask` gets symbolic inputs, and in
# Keras 3 the functions of `tf` do not accept them. Use `keras.ops` there.

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
# > - **gradient** (1): gradients reach the rows that were looked up.
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
# Your `compute_mask` is also called with symbolic inputs. There is a function in `keras.ops` for
# every comparison.
# </details>
#
# <details><summary>indices ... is not in [0, ...)</summary>
#
# The largest number that can come in is `input_dim - 1`. Did you exchange the rows and the columns
# of the matrix?
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
# Cover a word and read it letter by letter: *l, e, a*. To know that this is *lea* and not *sea*,
# you must remember the first letter. A recurrent network remembers with a **hidden state**: a
# vector that is used and replaced at each step.
#
# The simplest cell combines the input with the hidden state. It is a Dense layer for the input,
# plus a Dense layer for the state of the step before, and tanh to keep the sum between −1 and 1.
# (It is also called an Elman network: Elman 1990.)

# %% id="simplernncell-experiment" tags=["experiment"]
cells.draw_simple_cell().show()

# %% [markdown] id="simplernncell-text"
# $$h_t = \tanh(x_t W + h_{t-1} U + b)$$
#
# | | |
# |---|---|
# | shape | inputs `(batch, features)`, state `(batch, units)` → output and state `(batch, units)` |
# | parameters | `features × units` for $W$, `units × units` for $U$, `units` for $b$ |
#
# On the right of the picture the cell is drawn three times, but it is *one* cell. The same weights
# are used at every step: weight sharing along time. This is why a recurrent network can read names
# of any length, and why it has so few parameters.

# %% [markdown] id="simple-rnn-cell-params-exercise"
# ### Exercise: predict the parameters of SimpleRNNCell
#
# > Difficulty ●○○○○ (1 of 5) · Importance ●●●○○ (3 of 5) · 3 minutes · 2 points
# >
# > How many parameters does `SimpleRNNCell(units, use_bias=use_bias)` have on this many features?
#
# <details><summary>It is right without the recurrent part</summary>
#
# The state is multiplied by a matrix as well. How long is the state before the product, and how
# long must it be after it?
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
# In Keras a cell is a plain layer that meets three conditions:
#
# - it has `state_size`: the length of its state, or a list of lengths if there are several states;
# - `call(inputs, states)` takes a **list** of states, even if there is only one;
# - it returns two things: the output, and the **list** of new states.
#
# A layer that meets them can be used in `keras.layers.RNN`, which loops over the steps. You will
# see this at the end of the unit.

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
# > - **output** (4): the formula above, with `activation` (a name or a function) in the place of
# >   tanh. Output and state are judged separately.
# > - **gradient** (1): gradients reach the inputs, the state and every weight.
# > - **in_rnn** (2): `keras.layers.RNN` uses the cell along a sequence. It needs `state_size`.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.SimpleRNN` and
# > `keras.layers.SimpleRNNCell`, and TensorFlow's own (`tf.compat.v1.nn.rnn_cell`,
# > `tf.raw_ops.CudnnRNN`).
#
# <details><summary>The output has another shape than Keras's layer gives</summary>
#
# Look at the evidence on the card: round brackets are an array, square ones a list. Is your second
# return value a list?
# </details>
#
# <details><summary>The RNN cell should have a `state_size` attribute</summary>
#
# RNN must know how long the first state, a row of zeros, has to be. Set `state_size` in `__init__`.
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
# The simple cell forgets quickly. At each step the whole state is multiplied by a matrix and goes
# through tanh, so something that was written ten steps ago has been changed ten times since.
#
# In 1997 Sepp Hochreiter and Jürgen Schmidhuber gave the cell a second state, the **cell state**
# $c$ (Keras also calls it the **carry**). It is not multiplied by a matrix. New values are only
# *added* to it, and **gates** decide how much is added and how much is shown. A gate is a vector of
# numbers between 0 and 1, computed at each step from the input and the hidden state. The cell of
# 1997 had an **input gate** and an **output gate**. The **forget gate**, which removes old values,
# came later: Felix Gers, Jürgen Schmidhuber and Fred Cummins added it in 2000. Today's LSTM (**long
# short-term memory**) has all three. What is to be added is called the **candidate**.

# %% id="lstmcell-experiment" tags=["experiment"]
cells.draw_lstm_cell().show()

# %% [markdown] id="lstmcell-text"
# Each of the four boxes is a small Dense layer of $x$ and $h$. The four are side by side in one
# wide matrix; their columns are in the order **i, f, c, o**.
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
# How long does the cell state last? If nothing is added, it is multiplied by $\sigma(z_f)$ at each
# step. In a new cell, $z_f$ is mostly the bias of the forget gate.


# %% [markdown] id="lstmcell-change-it-text"
# ### Change it: how long does a cell state last?
#
# The next cell multiplies a cell state of 1 by the forget gate again and again. **Guess first:**
# after how many steps is less than half of it left, with a forget bias of 1? And with 5? Write your
# guesses down, then run the cell with both.

# %% id="lstmcell-change-it" tags=["experiment"]
forget_bias = 1.0  # change it: 0, 1, 2, 3, 5

gate = 1 / (1 + np.exp(-forget_bias))
left = gate ** np.arange(1001)
half_life = int(np.argmax(left < 0.5))
print(f"forget bias {forget_bias:g}: the gate is {gate:.3f}, so after {half_life} steps")
print(f"less than half is left; after 40 steps {left[40]:.2g}")

# %% [markdown] id="lstmcell-change-it-text-2"
# With a bias of 1 it takes 3 steps, with 5 it takes 104. For large biases, each further 1 makes it
# about 2.7 times as long.
#
# A real cell also reads something at each step. The next cell measures what is left of the *first*
# input while other inputs follow. Two sequences differ only in their first vector; all later ones
# are the same random noise. Untrained cells of 32 units read both. How far apart are their states
# after each step, compared with the first step?

# %% id="lstmcell-experiment-2" tags=["experiment"]
steps, tries, features = 41, 20, 16
keras.utils.set_random_seed(1)
random = np.random.default_rng(1)
noise = random.normal(size=(steps, tries, features)).astype("float32")
first = random.normal(size=(1, tries, features)).astype("float32")
one, two = noise, np.concatenate([first, noise[1:]])


def with_bias(cell, gate, bias):
    """The cell, with this bias for one of its gates: 0 is the first block of columns."""
    cell.build((None, features))
    values = np.zeros(cell.bias.shape)
    np.atleast_2d(values)[0, 32 * gate : 32 * gate + 32] = bias
    cell.bias.assign(values)
    return cell


def difference(cell):
    """How far apart the states are, from step to step, while the cell reads both sequences."""
    states = cell.get_initial_state(2 * tries)
    apart = []
    for inputs in np.concatenate([one, two], axis=1):
        _, states = cell(inputs, states)
        last = np.asarray(states[-1])  # h, or c for an LSTM
        apart.append(np.linalg.norm(last[:tries] - last[tries:], axis=1).mean())
    return np.array(apart) / apart[0]


layers = keras.layers
readers = {
    "SimpleRNN": layers.SimpleRNNCell(32),
    "LSTM, forget bias 0": with_bias(layers.LSTMCell(32), 1, 0.0),
    "LSTM, forget bias 1": with_bias(layers.LSTMCell(32), 1, 1.0),
    "LSTM, forget bias 5": with_bias(layers.LSTMCell(32), 1, 5.0),
    "GRU, update bias 0": with_bias(layers.GRUCell(32), 0, 0.0),
    "GRU, update bias 4": with_bias(layers.GRUCell(32), 0, 4.0),
}
kept = {name: difference(cell) for name, cell in readers.items()}
for name, apart in kept.items():
    print(f"{name:>19}: after 10 steps {apart[10]:.1g}, after 40 steps {apart[40]:.1g}")

# %% id="lstmcell-experiment-2-plot" tags=["experiment"] jupyter={"source_hidden": true}
figure, (belt, panel) = plt.subplots(1, 2, figsize=(10, 4.2), layout="constrained")
for bias, style in (0, ":"), (1, "-."), (5, "-"):
    gate = 1 / (1 + np.exp(-bias))
    belt.plot(gate ** np.arange(41), style, lw=2, label=f"forget bias {bias}")
belt.set(title="What is left if nothing is added", xlabel="steps", ylim=(0, 1.3))
belt.legend(frameon=False, ncols=3, loc="upper center", fontsize=9)
styles = (":", "-.", "--", "-", (0, (1, 3)), (0, (5, 1)))
for (name, apart), style in zip(kept.items(), styles, strict=True):
    panel.plot(apart, linestyle=style, lw=2, label=name)
panel.set(title="What is left of the first vector among noise", xlabel="steps after the first")
panel.set(yscale="log", ylim=(1e-6, 1e4), yticks=(1e-6, 1e-4, 1e-2, 1))
panel.legend(frameon=False, ncols=2, loc="upper center", fontsize=9)
show(
    figure,
    "Left: a cell state that is multiplied by the forget gate at each step, for forget biases of "
    "0, 1 and 5. Right, on a logarithmic scale: how far apart the states are after two sequences "
    "that differ in the first vector. After 40 steps: "
    + "; ".join(f"{name} {apart[40]:.1g}" for name, apart in kept.items())
    + ".",
)

# %% [markdown] id="lstmcell-text-2"
# With a bias of 0, an LSTM forgets about as quickly as the simple cell. With 1 it lasts longer, but
# after 40 steps less than a thousandth of the difference is left. With 5 it lasts: the first vector
# still makes a difference after 40 steps. (The difference even grows, because it changes what is
# written later.) The same is true of the GRU of the next section. So it is not enough to have a
# gate: the gate must be open.
#
# The gradient goes back through the same steps. Where the first input has no effect on the last
# state, the last state sends no gradient back to the first input, and the network cannot learn to
# use it. This is the **vanishing gradient** (Bengio and others 1994). A connection between steps
# that are far apart, a **long-term dependency**, is then out of reach. Gates are the remedy: an
# open forget gate passes the gradient on, too.
#
# Keras therefore starts the forget bias at 1 (`unit_forget_bias=True`), as Jozefowicz and others
# (2015) recommend: in their comparison, this made the LSTM as good as the GRU. For long sequences
# you can start it higher. Training can still close the gate where forgetting is useful.
# In unit 10 you will see a task that a network learns only if its gates start open.
#
# **Try:** zeros instead of noise (`noise[1:] = 0` before the line with `one, two`). Which cell now
# keeps much more? (Keras starts $U$ as an orthogonal matrix, which keeps lengths. With noise, it is
# tanh that makes the difference smaller.)

# %% [markdown] id="lstm-cell-params-exercise"
# ### Exercise: predict the parameters of LSTMCell
#
# > Difficulty ●○○○○ (1 of 5) · Importance ●●●○○ (3 of 5) · 3 minutes · 2 points
# >
# > How many parameters does `LSTMCell(units)` have on this many features?
#
# <details><summary>I have no idea where to begin</summary>
#
# Each of the four coloured boxes gets the same two vectors as a SimpleRNNCell. Is the cell state
# multiplied by a matrix anywhere?
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
# >   `bias` `(4 × units,)`. Only the total is judged, not the shapes: separate weights for each
# >   gate are fine, too.
# > - **output** (4): the formulas above, with the blocks in the order i, f, c, o. If something is
# >   wrong, the card says in which state, and in which gate if it can tell.
# > - **gradient** (1): gradients reach the inputs, both states and every weight.
# > - **in_rnn** (2): `keras.layers.RNN` uses the cell along a sequence.
# > - **start** (1): in a new cell the bias is 0, except in the columns of the forget gate, where it
# >   is 1 unless `unit_forget_bias=False`.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.LSTM` and
# > `keras.layers.LSTMCell`, and TensorFlow's own (`tf.compat.v1.nn.rnn_cell`,
# > `tf.raw_ops.BlockLSTM`).
#
# <details><summary>How do I split a matrix into four?</summary>
#
# `ops.split(total, 4, axis=-1)` gives four parts. Split the sum once instead of each weight.
# </details>
#
# <details><summary>The card says that state c is right and h is wrong</summary>
#
# Then the cell state is right, and the mistake is in what happens after it. Two things turn the
# cell state into $h$. Which cell state do they use, the old one or the new one?
# </details>
#
# <details><summary>How do I make a bias that is not all zeros?</summary>
#
# Create it with zeros and then `assign` another value in `build`; or give `initializer` a function
# of the shape and the dtype. `ops.concatenate` and `np.repeat` can build a row of blocks.
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
# In 2014 Kyunghyun Cho and others proposed a simpler cell with gates, the **gated recurrent unit**
# (GRU). It has only one state again, and two gates. The **update gate** $z$ mixes old and new:
# where it is 1, the state stays as it was. The **reset gate** $r$ decides how much of the old state
# the candidate uses.

# %% id="grucell-experiment" tags=["experiment"]
cells.draw_gru_cell().show()

# %% [markdown] id="grucell-text"
# $$z = \sigma(x W_z + h U_z + b_z) \qquad r = \sigma(x W_r + h U_r + b_r)$$
#
# $$h_t = z \cdot h_{t-1} + (1 - z) \cdot \hat h$$
#
# There are two forms of the candidate $\hat h$, and both are in use. They come from two versions of
# the same paper. In the first version on arXiv (v1), the state is multiplied by its matrix first
# and reset *after* that. Keras uses this form by default (`reset_after=True`), because all products
# with $h$ can be computed at once, as fast GPU code does. In the last version (v3), the state is
# reset *before* it is multiplied; this is `reset_after=False`.
#
# With `reset_after=True`, the product has a bias of its own inside the brackets. So the weight
# `bias` has two rows: $b_1$ belongs to the products with $x$, $b_2$ to those with $h$, in all three
# blocks.
#
# $$\text{after:}\quad \hat h = \tanh\big(x W_h + b_{1h} + r \cdot (h U_h + b_{2h})\big)
# \qquad\qquad \text{before:}\quad \hat h = \tanh\big(x W_h + b_h + (r \cdot h)\, U_h\big)$$
#
# | | |
# |---|---|
# | shape | inputs `(batch, features)` and one state `(batch, units)` |
# | parameters | three blocks; the bias has two rows with `reset_after=True`, one without |
#
# Be careful with formulas from elsewhere: some papers exchange the roles of $z$ and $1 - z$ (Chung
# and others 2014), and in PyTorch the reset block comes before the update block. All of them are
# right, but you cannot copy weights from one to the other without changing their order or sign.

# %% [markdown] id="gru-cell-params-exercise"
# ### Exercise: predict the parameters of GRUCell
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●○○ (3 of 5) · 4 minutes · 2 points
# >
# > How many parameters does `GRUCell(units, reset_after=reset_after)` have on this many features?
#
# <details><summary>It is right for one of the two forms</summary>
#
# How many rows does the bias have in each of them?
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
# >   is judged, not the shapes: separate weights for each gate are fine, too.
# > - **output** (4): the formulas above in both forms, with the blocks in the order z, r, h.
# > - **gradient** (1): gradients reach the inputs, the state and every weight.
# > - **in_rnn** (2): `keras.layers.RNN` uses the cell along a sequence.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.GRU` and `keras.layers.GRUCell`,
# > and TensorFlow's own (`tf.compat.v1.nn.rnn_cell`, `tf.raw_ops.GRUBlockCell`).
#
# <details><summary>It is right with reset_after=True and wrong without</summary>
#
# What is multiplied by $r$ in each of the two formulas: a state, or a product?
# </details>
#
# <details><summary>Without reset_after, I cannot compute all products with h at once</summary>
#
# That is right: the product of the candidate must wait until $r$ is known. Split `recurrent_kernel`
# into its three blocks first.
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
# Every layer that meets the three conditions is a cell. So you can invent one.
#
# When you read, you remember two things: the sentence that you are reading now, and roughly what
# the book is about. Our **MemoryCell** has a fast state $h$, like a simple cell, and a slow state
# $m$, which changes only a little at each step. They have different sizes: `units` and `slots`. At
# each step $h$ is computed with the help of $m$, and then $m$ is updated with $h$.

# %% id="a-cell-of-your-own-experiment" tags=["experiment"]
cells.draw_memory_cell().show()

# %% [markdown] id="a-cell-of-your-own-text"
# $$h_t = \tanh(x_t W + h_{t-1} U + m_{t-1} R + b)$$
#
# $$m_t = k \cdot m_{t-1} + (1 - k) \cdot h_t V$$
#
# Here $k$ is the argument `keep`, a number near 1. Before the first step, $h$ is zero, and every
# number of $m$ is `start`. RNN starts with zeros unless the cell has a method
# `get_initial_state(batch_size)`, which returns the list of first states.
#
# **Coming from TensorFlow 2?** There you derived a cell from `AbstractRNNCell`, and `state_size`
# had to be a property. Keras 3 does not have this class: a cell is a plain layer.
#
# What does `keras.layers.RNN` return if a cell has two states? With `return_state=True` it returns
# a list: the output, then each state *after the last step*. With `return_sequences=True` the output
# has a time axis and contains all steps; the states do not.

# %% [markdown] id="memory-cell-shapes-exercise"
# ### Exercise: predict the shapes that RNN returns
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●○○ (3 of 5) · 5 minutes · 2 points
# >
# > `RNN(MemoryCell(units, slots), return_state=True, return_sequences=...)` gets an input of shape
# > `(batch, time, features)`. Return the list of the three shapes that it returns, with the batch
# > axis.
#
# <details><summary>I am right for one value of return_sequences and wrong for the other</summary>
#
# Which of the three things depends on `return_sequences`?
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
# > - **in_rnn** (2): `keras.layers.RNN` uses the cell along a sequence, and starts with a memory
# >   that is `start` everywhere.
#
# <details><summary>not enough values to unpack, inside RNN</summary>
#
# RNN makes as many states as `state_size` lists. How many does yours list?
# </details>
#
# <details><summary>The cell is right by itself, and wrong in RNN</summary>
#
# By itself, the cell gets its states from the caller. In RNN, who makes the first ones? Do they
# depend on `start`?
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
# Is it a first name or a family name? You can often tell, but it is hard to say how. Each of your
# four cells learns to tell: your Embedding with a mask, then the cell in `keras.layers.RNN`, then a
# Dense layer that decides. The padding is masked: at a masked step the state stays as it is.
#
# For comparison, a fifth network sees the same letters without their order: it takes the mean of
# their vectors. The next cell trains all five. It takes half a minute, and prints a line for each.

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
readers, right, losses = {}, {}, {}
for name, middle in middles.items():
    readers[name] = model = reader(middle)
    model.compile(keras.optimizers.Adam(0.005), loss="binary_crossentropy", metrics=["accuracy"])
    fitted = model.fit(rows[train], family[train], batch_size=100, epochs=6, verbose=0)
    losses[name] = fitted.history["loss"]
    right[name] = model.evaluate(rows[test], family[test], verbose=0)[1]
    print(
        f"{name:>15}: {model.count_params():5d} parameters, right on {right[name]:.1%} of new names"
    )

# %% id="four-cells-read-names-plot" tags=["experiment"] jupyter={"source_hidden": true}
figure, axes = plt.subplots(figsize=(8, 3.8))
for (name, loss), style in zip(losses.items(), (":", "-", "--", "-.", "-o"), strict=True):
    axes.plot(range(1, 7), loss, style, lw=2, ms=4, label=name)
axes.set(xlabel="epoch", ylabel="cross-entropy", title="First name or family name?")
axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
show(
    figure,
    "Cross-entropy in training against the epoch, for five readers of names. In the last epoch: "
    + ", ".join(f"{name} {loss[-1]:.2f}" for name, loss in losses.items())
    + ".",
)

# %% [markdown] id="four-cells-read-names-text"
# The order of the letters helps: each cell is right more often than the network without order. But
# the gates do not help here. The four cells differ by about one percent, and with 1000 new names
# the standard error of each number is 1.4 percent. With another seed, another cell is the best one.
# A name has at most 13 letters, and a simple cell can remember that long. Gates are worth their
# parameters when something must be kept for many steps, as in the measurement above, and in a task
# of unit 10.
#
# **Try:** fewer units (8 instead of 32), or another seed in `reader`. Which differences are larger
# than the differences between seeds?
#
# The next cell shows one network at work. After each letter of a name, it asks the network with the
# GRUCell what it would answer if the name ended here.

# %% id="four-cells-read-names-experiment-2" tags=["experiment"] jupyter={"source_hidden": true}
figure, panels = plt.subplots(1, 4, figsize=(10, 2.8), sharey=True, layout="constrained")
answers = []
for panel, name in zip(panels, ("johnson", "christina", "martinez", "marianne"), strict=True):
    prefixes = numbered([name[: i + 1] for i in range(len(name))])
    beliefs = readers["GRUCell"].predict(prefixes, verbose=0)[:, 0]
    panel.bar(range(len(name)), beliefs, color=np.where(beliefs > 0.5, "#e69f00", "#0072b2"))
    panel.axhline(0.5, color="#68737f", lw=0.8)
    panel.set_xticks(range(len(name)), name, fontsize=12)
    panel.set(ylim=(0, 1))
    answers.append(f"{name} ends at {beliefs[-1]:.2f}")
panels[0].set_ylabel("is it a family name?")
show(
    figure,
    "The answer of the network after each letter of four names, from 0, a first name, to 1, a "
    f"family name: {'; '.join(answers)}.",
)

# %% [markdown] id="four-cells-read-names-text-2"
# **Try:** your own name and the names of people you know, in place of the four.
#
# And what do the gates do meanwhile? The next cell trains a small network with an LSTM of eight
# units (Keras's own) on the same names. Choose a unit, and a name (in a running notebook). Is there
# a unit that keeps its cell state to the end, and one that forgets at once?

# %% id="four-cells-read-names-experiment-3" tags=["experiment"]
small = reader(lambda: keras.layers.LSTM(8))
small.compile(keras.optimizers.Adam(0.01), loss="binary_crossentropy")
small.fit(rows[train], family[train], batch_size=100, epochs=4, verbose=0)
spell = keras.Model(small.inputs, small.layers[0].output)  # letters to vectors
weights = small.layers[1].get_weights()


def inside(word):
    """Gates, cell state and hidden state after each letter of a word."""
    return cells.read_lstm(spell.predict(numbered([word]), verbose=0)[0, : len(word)], *weights)


def gates(name="christina", unit=0):
    """One unit's gates over a name."""
    return cells.draw_gates(inside, name, unit)


move(gates, name="christina", unit=(0, 7))

# %% [markdown] id="what-do-you-see"
# ### What do you see?
#
# Look at the printed numbers, the curves and the bars, and answer in a few sentences. (3 points,
# read by your instructor.)
#
# 1. What can the network without order not know? Give two names that it cannot tell apart.
# 2. Which letters of the four names change the answer of the network most? Choose one, and explain
#    it.
# 3. The Embedding was made with `mask_zero=True`. What would the cells read without it, and why
#    would this harm short names more than long ones?
#
# **Try:** train the network with the GRUCell with `mask_zero=False` before you answer the third
# question.

# %% [markdown] nbgrader={"grade_id": "question", "grade": true, "solution": true, "points": 3}
# ### BEGIN SOLUTION
# 1. Where a letter is: the mean of the vectors is the same for every order. (One point.) Two names
#    with the same letters must get the same answer, for example *neal* and *lane*.
# 2. Any letter that is read off the bars and explained by what is frequent at that place. (One
#    point.) For example, the ending of *johnson* moves the answer towards a family name, because
#    many family names end in *son*, and *christina* ends as many first names do.
# 3. A row of zeros at the end of each name, each with the vector of the number 0. (One point.) The
#    cell would go on changing its state at every step of padding. The shorter the name, the more
#    steps of padding are between its last letter and the decision.
# ### END SOLUTION

# %% [markdown] id="mended-masking-exercise"
# ### Exercise: find and mend the fault in Masking
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●○○ (3 of 5) · 10 minutes · 3 points
# >
# > Embedding makes a mask from the number 0. Sequences of measured vectors have no such number. For
# > them there is `keras.layers.Masking(mask_value)`. A step is padding if **all** its features
# > equal `mask_value`. The layer sets the features of such a step to 0, and its mask is False
# > there. All other steps stay as they are, with True in the mask.
# >
# > Below is such a layer. **One thing in it is wrong.** Run the check first: the card shows where
# > the fault comes out. Then find the fault and mend it. Change as little as you can.
# >
# > The layer earns its points when everything is right, and nothing before: shape and parameters
# > are right already.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.Masking`.
#
# **How to find a fault.** Read the card first: a row that is right tells you which lines you need
# not read. Then make the smallest input that could matter: one sequence of three steps with two
# features. Let all features, one feature and no feature equal `mask_value`.
#
# <details><summary>What should the mask of these three steps be?</summary>
#
# Read the definition once more: the word in bold decides. Which of your three steps does the layer
# treat as padding?
# </details>
#
# <details><summary>One step too many is masked</summary>
#
# A step is kept if at least one of its features is not `mask_value`. Say the line of the layer
# aloud: when does it keep a step?
# </details>


# %% nbgrader={"grade_id": "mended-masking", "solution": true}
class MendedMasking(keras.layers.Layer):
    """Masks the steps whose features all equal `mask_value`: with one fault."""

    def __init__(self, mask_value=0.0, **kwargs):
        super().__init__(**kwargs)
        self.mask_value = mask_value
        self.supports_masking = True

    def kept(self, inputs):
        """Whether each step is kept: True or False."""
        ### BEGIN SOLUTION
        return ops.any(ops.not_equal(inputs, self.mask_value), axis=-1)
        ### GIVEN
        # return ops.all(ops.not_equal(inputs, self.mask_value), axis=-1)
        ### END SOLUTION

    def compute_mask(self, inputs, mask=None):
        return self.kept(inputs)

    def call(self, inputs):
        return ops.where(self.kept(inputs)[..., None], inputs, 0.0)


# %% nbgrader={"grade_id": "check-mended-masking", "grade": true, "points": 3}
check(MendedMasking)
### BEGIN HIDDEN TESTS
check(MendedMasking, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="what-you-have-now"
# ## What you have now
#
# | layer | states | parameters |
# |---|---|---|
# | Embedding | none; it can pass a mask on | `input_dim × output_dim` |
# | SimpleRNNCell | h | `(features + units + 1) × units` |
# | LSTMCell | h, c | four times that; blocks i, f, c, o |
# | GRUCell | h | three times that, and a second row of biases with `reset_after` |
# | MemoryCell | h, m | yours |
#
# You have cells. In the next unit you write the loop that uses them, with masks and in several
# layers.
#
# ## References
#
# - J. R. Firth (1957), *A Synopsis of Linguistic Theory, 1930-1955*, in Studies in Linguistic
#   Analysis, Blackwell, Oxford.
# - J. L. Elman (1990), *Finding Structure in Time*, doi:10.1207/s15516709cog1402_1.
# - Y. Bengio, P. Simard, P. Frasconi (1994), *Learning Long-Term Dependencies with Gradient Descent
#   is Difficult*, doi:10.1109/72.279181.
# - S. Hochreiter, J. Schmidhuber (1997), *Long Short-Term Memory*, doi:10.1162/neco.1997.9.8.1735.
# - F. A. Gers, J. Schmidhuber, F. Cummins (2000), *Learning to Forget: Continual Prediction with
#   LSTM*, doi:10.1162/089976600300015015 (the forget gate).
# - K. Cho, B. van Merriënboer, C. Gulcehre, D. Bahdanau, F. Bougares, H. Schwenk, Y. Bengio (2014),
#   *Learning Phrase Representations using RNN Encoder-Decoder for Statistical Machine Translation*,
#   arXiv:1406.1078 (GRU; v1 and v3 differ in the reset gate).
# - J. Chung, C. Gulcehre, K. Cho, Y. Bengio (2014), *Empirical Evaluation of Gated Recurrent Neural
#   Networks on Sequence Modeling*, arXiv:1412.3555.
# - R. Jozefowicz, W. Zaremba, I. Sutskever (2015), *An Empirical Exploration of Recurrent Network
#   Architectures*, PMLR 37, 2342-2350 (forget bias of 1).
