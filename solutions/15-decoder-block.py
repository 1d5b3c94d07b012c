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
# # 15 · The decoder block
#
# A large language model is a stack of equal blocks. Each block has two halves: attention, which
# lets the words of a text look at each other, and a feed-forward layer, which works on each word by
# itself. Before the stack, an embedding turns the words into vectors. After it, the vectors are
# turned into scores for the next word.
#
# You know attention from unit 12. In this unit you build what is missing: **SwiGLU**, the
# feed-forward layer of today's models; **ReversibleEmbedding**, whose one matrix serves at both
# ends of the stack; attention with a **key-value cache**, with which a model writes fast; and the
# **decoder block** itself. At the end, two of your blocks learn to invent names.
#
# Two parts come from earlier units. You may take them from Keras: `keras.layers.RMSNormalization`
# and `keras.layers.GroupQueryAttention`.
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
# Our texts are short: first names of people in the United States. A letter is a word of such a
# text, and one more sign says that a name ends. Other models read words, or parts of words. The
# term for all of these is **token**, and all tokens together are the **vocabulary**.

# %% id="start-experiment" tags=["experiment"]
import time

import matplotlib.pyplot as plt

from grader.data import load
from grader.pictures import decoder, move, show

SIGNS = ".abcdefghijklmnopqrstuvwxyz"  # the point stands for the end
names = [name for name in load("names")["first"] if len(name) < 12]
print(f"{len(names)} names: {', '.join(names[:6])} ... {', '.join(names[-3:])}")
print(f"{len(SIGNS)} tokens; maria is", [SIGNS.index(letter) for letter in "maria."])

# %% [markdown] id="swiglu-intro"
# ## SwiGLU
#
# The **feed-forward layer** of the first Transformers was Dense, relu, Dense: each vector becomes
# wider, and then narrow again. Many models of today have a **gated** layer there. The input goes
# through *two* matrices. One of them makes the **value**, the other the **gate**. They are
# multiplied, number by number: a gate of 0 blocks its value, a large gate lets it pass.
#
# The name SwiGLU stands for *swish-gated linear unit*. Swish is the activation that Keras calls
# **silu**: $\mathrm{silu}(x) = x \cdot \mathrm{sigmoid}(x)$.

# %% id="swiglu-experiment" tags=["experiment"]
decoder.draw_gate().show()

# %% [markdown] id="swiglu-text"
# $$\mathrm{output} = \big(\mathrm{silu}(x\,G) \odot (x\,V)\big)\,O$$
#
# | | |
# |---|---|
# | made with | `hidden`, the number of gates |
# | shape | the same as the input's; it works on the last axis |
# | parameters | $G$ and $V$ of shape `(width, hidden)`, $O$ of shape `(hidden, width)`; no biases |
#
# The sign $\odot$ means: number by number. Which of the two first matrices you call the gate is
# your choice. But only one branch goes through silu.

# %% [markdown] id="swiglu-params-exercise"
# ### Exercise: predict the parameters of SwiGLU
#
# > Difficulty ●○○○○ (1 of 5) · Importance ●●●○○ (3 of 5) · 2 minutes · 2 points
# >
# > How many parameters does `SwiGLU(hidden)` have on inputs of this width?
#
# <details><summary>I am off by a third</summary>
#
# Count the arrows in the picture that are a product with a matrix.
# </details>


# %% nbgrader={"grade_id": "swiglu-params", "solution": true}
def swiglu_params(width, hidden):
    """The number of parameters of SwiGLU(hidden) on inputs of this width."""
    ### BEGIN SOLUTION
    return 3 * width * hidden
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-swiglu-params", "grade": true, "points": 2}
check(swiglu_params)
### BEGIN HIDDEN TESTS
check(swiglu_params, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="swiglu-exercise"
# ### Exercise: write SwiGLU
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●●○ (4 of 5) · 12 minutes · 10 points
# >
# > **What is asked**
# >
# > - **shape** (1): the same as the input's, at any rank.
# > - **parameters** (2): three matrices without biases. Only the total is judged, not the shapes:
# >   one matrix for both branches is fine.
# > - **output** (5): the formula above. Inputs may be zero, and they may be large.
# > - **gradient** (1): gradients reach the inputs and all weights.
# > - **model** (1): the layer works in the Functional API, and learns in a step of `fit`.
# >
# > You may use `keras.layers.Dense` and `ops.silu`.
#
# <details><summary>How wide is the last layer?</summary>
#
# As wide as the input. In `__init__` nobody knows the input yet. Where do you learn its shape?
# </details>
#
# <details><summary>The card says "silu after the product", but I have only one silu</summary>
#
# Write the formula with brackets. What is inside those of silu?
# </details>


# %% nbgrader={"grade_id": "swiglu", "solution": true}
class SwiGLU(keras.layers.Layer):
    """A feed-forward layer with a gate for each of its hidden numbers."""

    def __init__(self, hidden, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.gate = keras.layers.Dense(hidden, activation="silu", use_bias=False)
        self.value = keras.layers.Dense(hidden, use_bias=False)
        ### END SOLUTION

    def build(self, input_shape):
        ### BEGIN SOLUTION
        self.narrow = keras.layers.Dense(input_shape[-1], use_bias=False)
        ### END SOLUTION

    def call(self, inputs):
        ### BEGIN SOLUTION
        return self.narrow(self.gate(inputs) * self.value(inputs))
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-swiglu", "grade": true, "points": 10}
check(SwiGLU)
### BEGIN HIDDEN TESTS
check(SwiGLU, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="swiglu-text-2"
# ### What is a gate good for?
#
# A relu layer is made of straight pieces. A gate multiplies two numbers that both come from the
# input, so it makes products easily. The next cell trains both kinds of layer on two tasks, with
# equally many parameters: SwiGLU with 32 gates, and Dense, relu, Dense with 48 hidden numbers. One
# task asks for products of neighbours, the other for absolute values. The error is a share of the
# variance of the answers: 1 is as bad as always answering with the mean.
#
# **Before you run it**, predict: which layer wins which task?


# %% id="swiglu-experiment-2" tags=["experiment"]
WIDTH = 8
TASKS = {"products": lambda x: x * np.roll(x, 1, axis=1), "absolute values": np.abs}


def relu_layer(hidden):
    """The feed-forward layer of 2017, without biases."""
    return keras.Sequential(
        [
            keras.layers.Dense(hidden, activation="relu", use_bias=False),
            keras.layers.Dense(WIDTH, use_bias=False),
        ]
    )


def error_on(task, make, hidden, seed=0):
    """The error of a trained layer on new vectors, and its number of parameters."""
    inputs = np.random.default_rng(7).normal(size=(5000, WIDTH)).astype("float32")
    answers = TASKS[task](inputs)
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input((WIDTH,)), make(hidden)])
    model.compile(keras.optimizers.Adam(0.01), loss="mse", jit_compile=False)
    model.fit(inputs[:4000], answers[:4000], batch_size=100, epochs=15, verbose=0)
    wrong = np.square(model(inputs[4000:]).numpy() - answers[4000:]).mean()
    return float(wrong / answers[4000:].var()), model.count_params()


errors = {}
for task in TASKS:
    for name, make, hidden in (("SwiGLU", SwiGLU, 32), ("relu", relu_layer, 48)):
        errors[task, name], count = error_on(task, make, hidden)
        print(f"{task}, {name} with {count} parameters: error {errors[task, name]:.3f}", flush=True)

# %% [markdown] id="swiglu-text-3"
# Each layer is good at what it is made of. SwiGLU learns the products much better, the relu layer
# the absolute values, which have a corner at 0.
#
# Language is not made of either. Noam Shazeer, who proposed SwiGLU in 2020, measured that it makes
# the loss of language models a little smaller at the same size. His paper offers no explanation
# for it. Since then many large models use such a gate. To keep the size, their `hidden` is 2/3 of
# what it would be without a gate.
#
# **Try:** another task in `TASKS`, such as `np.square` or `lambda x: np.maximum(x, 1.0)`.

# %% [markdown] id="tied-intro"
# ## ReversibleEmbedding
#
# A model starts with an embedding: a matrix with a row for each token of the vocabulary (unit 09).
# It ends with scores for the next token, the **logits**: one for each token of the vocabulary, made
# of a vector by a Dense layer. The kernel of that Dense layer has a *column* for each token.
#
# Both matrices say something about the same tokens, and they have the same size. So many models use
# one matrix for both. Such **tied weights** are learned from both ends. A token then gets a high
# logit where the vector is similar to the token's own embedding.

# %% id="tied-experiment" tags=["experiment"]
decoder.draw_tied().show()

# %% [markdown] id="tied-text"
# With the matrix $E$ of shape `(vocabulary, width)`:
#
# $$\mathrm{vector}(i) = E_i \qquad \mathrm{logits}(v) = v\,E^\top$$
#
# | | |
# |---|---|
# | made with | `input_dim`, the size of the vocabulary; `output_dim`, the width; `tie_weights` |
# | called | with whole numbers; or with vectors and `reverse=True` |
# | shape | `(batch, time)` to `(batch, time, width)` |
# | shape in reverse | `(batch, time, width)` to `(batch, time, vocabulary)` |
# | parameters | one matrix; with `tie_weights=False` a second one of its size; no bias |

# %% [markdown] id="tied-params-exercise"
# ### Exercise: predict what tying saves
#
# > Difficulty ●○○○○ (1 of 5) · Importance ●●●○○ (3 of 5) · 2 minutes · 2 points
# >
# > How many parameters does `ReversibleEmbedding(vocabulary, width, tie_weights=tied)` have?
#
# <details><summary>It is right for one of the two cases only</summary>
#
# How many matrices does the table above name for each value of `tied`?
# </details>


# %% nbgrader={"grade_id": "tied-params", "solution": true}
def tied_params(vocabulary, width, tied):
    """The number of parameters of ReversibleEmbedding, tied or not."""
    ### BEGIN SOLUTION
    matrix = vocabulary * width
    return matrix if tied else 2 * matrix
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-tied-params", "grade": true, "points": 2}
check(tied_params)
### BEGIN HIDDEN TESTS
check(tied_params, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="tied-text-2"
# How much is that? GPT-2 (2019) comes in four sizes. Each has a vocabulary of 50,257 tokens and
# tied weights. In the smallest model a vector has 768 numbers, in the largest 1600.

# %% id="tied-experiment-2" tags=["experiment"]
saved = {}
for model, width, millions in (("smallest", 768, 124), ("largest", 1600, 1558)):
    saved[model] = tied_params(50257, width, False) - tied_params(50257, width, True)
    share = saved[model] / 1e6 / millions
    print(f"the {model} GPT-2 has {millions} million parameters;", end=" ")
    print(f"without tying {saved[model] / 1e6:.1f} million more, which is {share:.0%}")

# %% [markdown] id="tied-text-3"
# In a small model the embedding is a large part of everything, and tying saves much. In a large one
# it saves little: the matrix grows with the width, the blocks grow with its square. Some of the
# large models of today do not tie.

# %% [markdown] id="reversible-embedding-exercise"
# ### Exercise: write ReversibleEmbedding
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●○○ (3 of 5) · 12 minutes · 10 points
# >
# > **What is asked**
# >
# > - **shape** (1): as in the table above.
# > - **parameters** (2): one matrix, or two with `tie_weights=False`. Only the total is judged, not
# >   the shapes.
# > - **output** (5): the formulas above. With `tie_weights=False` the way back uses the second
# >   matrix. The layer may be called with `reverse=True` first.
# > - **gradient** (1): gradients reach the matrix from both directions.
# > - **model** (1): the layer works in the Functional API, and learns in a step of `fit`.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.ReversibleEmbedding`; nor
# > `keras.layers.Embedding`.
#
# <details><summary>The matrix has the wrong shape if the first call is in reverse</summary>
#
# Does your `build` use `input_shape`? In reverse the input is a vector. Which numbers do you know
# already, before any input is there?
# </details>
#
# <details><summary>The card says "reshaped, not transposed"</summary>
#
# Write down a matrix of two rows and three columns, and transpose it. Read the numbers row by row:
# are they in the same order as before?
# </details>


# %% nbgrader={"grade_id": "reversible-embedding", "solution": true}
class ReversibleEmbedding(keras.layers.Layer):
    """Vectors for tokens, and in reverse logits for vectors."""

    def __init__(self, input_dim, output_dim, tie_weights=True, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.input_dim, self.output_dim, self.tie_weights = input_dim, output_dim, tie_weights
        ### END SOLUTION

    def build(self, input_shape):
        ### BEGIN SOLUTION
        shape = (self.input_dim, self.output_dim)
        self.table = self.add_weight(name="table", shape=shape)
        self.back = self.table
        if not self.tie_weights:
            self.back = self.add_weight(name="back", shape=shape)
        ### END SOLUTION

    def call(self, inputs, reverse=False):
        ### BEGIN SOLUTION
        if reverse:
            return ops.matmul(inputs, ops.transpose(self.back))
        return ops.take(self.table, inputs, axis=0)
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-reversible-embedding", "grade": true, "points": 10}
check(ReversibleEmbedding)
### BEGIN HIDDEN TESTS
check(ReversibleEmbedding, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="cache-intro"
# ## The key-value cache
#
# A language model writes one token at a time. In unit 12 the function `write` called the whole
# model again for each letter, on the whole text so far. Most of that work was done before: with a
# causal mask, a new token changes nothing for the tokens before it. Their keys and values stay what
# they were.
#
# So we keep them. The **key-value cache** is a pair of arrays, one for keys and one for values,
# with room for as many places as the text may ever have. In each call only the *new* tokens come
# in. Their keys and values are written into the cache, and their queries look at everything that
# was written so far.

# %% id="cache-experiment" tags=["experiment"]


def caching(start=4, steps=1):
    """A call with a cache: `start` tokens are known, `steps` are new."""
    return decoder.draw_cache(start, steps)


move(caching, start=(0, 8), steps=(1, 3))

# %% [markdown] id="cache-text"
# **Change it** (in a running notebook, with the sliders): first predict, then look. With `start=0`
# and three steps, what does each token see? And why must no token look at a place with a question
# mark?
#
# The layer of this section is a MultiHeadAttention without biases. It looks back at its own inputs,
# and it is always causal. It is called in two ways:
#
# ```
# outputs, cache = layer(tokens)                        # the whole text, no cache yet
# outputs, cache = layer(new_tokens, cache, start=12)   # 12 tokens are in the cache already
# ```
#
# | | |
# |---|---|
# | made with | `num_heads`, `key_dim`, and `value_dim`, the width of a value inside a head |
# | `inputs` | the new tokens, `(batch, steps, width)` |
# | `cache` | `None`, or a list `[keys, values]` |
# | keys | `(batch, places, num_heads, key_dim)` |
# | values | `(batch, places, num_heads, value_dim)` |
# | `start` | the place of the first new token, a plain whole number |
# | `padding_mask` | `None`, or `(batch, places)`: True where a place may be looked at |
# | gives | `outputs` of the shape of `inputs`, and the new cache, again a list `[keys, values]` |
#
# Number the new tokens $0, 1, 2 \ldots$ Token $i$ stands at place `start` $+\, i$:
#
# - its key and its value are **written** to the place `start` $+\, i$; all other places of the
#   cache stay as they are;
# - its query **sees** the places $0$ to `start` $+\, i$, and none after that.
#
# Without a cache, the keys and values of the inputs themselves are the cache, `start` is 0, and
# there are as many places as tokens; so a **padding mask** has as many entries as there are tokens.
#
# Token by token, in pieces or all at once: the outputs must be the same. This is how you can test
# such a layer, and how it is graded.

# %% [markdown] id="tokens-passed-exercise"
# ### Exercise: predict how many tokens pass through the layer
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●●○ (4 of 5) · 6 minutes · 2 points
# >
# > A model is given a text of `prompt` tokens and writes `new` tokens, one in each call. The first
# > call gets the whole prompt, and gives the first new token. Each further call gives one more. The
# > last new token does not pass through the model any more. How many tokens are passed through the
# > layer in all calls together? With a cache a call passes only what it does not know yet, without
# > one the whole text so far.
#
# <details><summary>I am off by one with a cache</summary>
#
# Write the calls down for a prompt of 3 and 2 new tokens. How many calls are there, and what comes
# in each?
# </details>
#
# <details><summary>I do not know how to add up what grows</summary>
#
# The calls see `prompt`, `prompt + 1`, `prompt + 2` ... tokens. Python can sum a `range`.
# </details>


# %% nbgrader={"grade_id": "tokens-passed", "solution": true}
def tokens_passed(prompt, new, cached):
    """The number of tokens that pass through a layer while `new` tokens are written."""
    ### BEGIN SOLUTION
    if cached:
        return prompt + new - 1
    return sum(range(prompt, prompt + new))
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-tokens-passed", "grade": true, "points": 2}
check(tokens_passed)
### BEGIN HIDDEN TESTS
check(tokens_passed, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="cached-attention-exercise"
# ### Exercise: write CachedAttention
#
# > Difficulty ●●●●○ (4 of 5) · Importance ●●●●● (5 of 5) · 40 minutes · 10 points
# >
# > **What is asked**
# >
# > - **shape** (1): the outputs have the shape of the inputs; keys and values have the shapes in
# >   the table; without a cache there are as many places as tokens.
# > - **parameters** (1): three projections into the heads and one out of them, without biases. Only
# >   the total is judged, not the shapes.
# > - **output** (4): outputs, keys and values of one call, with and without a cache. In each head,
# >   scores are divided by the root of `key_dim`. The cache may hold any numbers at places that are
# >   not written yet. A padding mask that hides every place must not lead to NaN.
# > - **in_pieces** (3): a text comes in pieces, each with the cache of the call before. The outputs
# >   are those of the whole text at once: the check compares them with Keras's own
# >   MultiHeadAttention on the whole text. It does so with several samples, and with and without a
# >   padding mask.
# > - **gradient** (1): without a cache, gradients reach the inputs and all weights.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.MultiHeadAttention`,
# > `keras.layers.GroupQueryAttention` and `keras.ops.dot_product_attention`. You may begin with the
# > code of your own MultiHeadAttention from unit 12.
#
# <details><summary>How do I write into the middle of a tensor?</summary>
#
# A tensor cannot be changed, so make a new one of three parts: what stands before the new places,
# the new keys, and what stands after them. Along which axis are they concatenated?
# (`ops.slice_update` does the same.)
# </details>
#
# <details><summary>Right without a cache, wrong with a start in the middle</summary>
#
# Compare a column of the places of the queries with a row of the places of the keys. At which place
# does the first query stand?
# </details>
#
# <details><summary>Right for one token at a time, wrong for several at once</summary>
#
# If two new tokens come together, the first must not see the second. What does your mask say?
# </details>


# %% nbgrader={"grade_id": "cached-attention", "solution": true}
class CachedAttention(keras.layers.Layer):
    """Causal attention of a text to itself, which may come in pieces."""

    def __init__(self, num_heads, key_dim, value_dim, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.num_heads, self.key_dim, self.value_dim = num_heads, key_dim, value_dim
        ### END SOLUTION

    def build(self, input_shape):
        ### BEGIN SOLUTION
        width, heads = input_shape[-1], self.num_heads
        sizes = {"query": self.key_dim, "key": self.key_dim, "value": self.value_dim}
        self.to_query, self.to_key, self.to_value = (
            self.add_weight(name=f"to_{name}", shape=(width, heads, size))
            for name, size in sizes.items()
        )
        self.out_of_heads = self.add_weight(
            name="out_of_heads", shape=(heads, self.value_dim, width)
        )
        ### END SOLUTION

    def call(self, inputs, cache=None, start=0, padding_mask=None):
        ### BEGIN SOLUTION
        def project(kernel):
            return ops.einsum("btw,whd->bthd", inputs, kernel)

        def written(old, new):
            end = start + new.shape[1]
            return ops.concatenate([old[:, :start], new, old[:, end:]], axis=1)

        query, keys, values = map(project, (self.to_query, self.to_key, self.to_value))
        if cache is not None:
            keys, values = written(cache[0], keys), written(cache[1], values)
        own_places = start + ops.arange(inputs.shape[1])
        sees = (ops.arange(keys.shape[1]) <= own_places[:, None])[None, None]
        if padding_mask is not None:
            sees = ops.logical_and(sees, padding_mask[:, None, None, :])
        fits = ops.einsum("bqhd,bphd->bhqp", query, keys) / self.key_dim**0.5
        shares = ops.softmax(ops.where(sees, fits, -1e9), axis=-1)
        heads = ops.einsum("bhqp,bphd->bqhd", shares, values)
        return ops.einsum("bqhd,hdw->bqw", heads, self.out_of_heads), [keys, values]
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-cached-attention", "grade": true, "points": 10}
check(CachedAttention)
### BEGIN HIDDEN TESTS
check(CachedAttention, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="cache-text-2"
# ### What the cache saves
#
# How long does it take to add one token to a text? Your layer gets texts of 64 to 1024 tokens, each
# a vector of 256 numbers. Without a cache the whole text passes through it again, with a cache one
# token does. The cell takes the fastest of several calls, after one that does not count. (If your
# computer is busy with other things, a time may still be too long: run the cell again.)
#
# **Before you run it**, predict: if the text is sixteen times as long, how much longer does each of
# the two take?


# %% id="cache-experiment-2" tags=["experiment"]
def fastest(layer, *inputs, **more):
    """The shortest time of ten calls, in milliseconds."""
    taken = []
    for _ in range(11):
        began = time.perf_counter()
        np.array(layer(*inputs, **more)[0])
        taken.append(1000 * (time.perf_counter() - began))
    return min(taken[1:])


LENGTHS = (64, 128, 256, 512, 1024)
layer = CachedAttention(4, 64, 64)
text = np.random.default_rng(0).normal(size=(1, max(LENGTHS), 256)).astype("float32")
text = ops.convert_to_tensor(text)
_, cache = layer(text)
again, cached = [], []
for length in LENGTHS:
    one = text[:, length - 1 : length]
    again.append(fastest(layer, text[:, :length]))
    cached.append(fastest(layer, one, cache, start=length - 1))
    print(f"{length:>5} tokens: {again[-1]:6.1f} ms again, {cached[-1]:5.1f} ms cached", flush=True)

figure, axes = plt.subplots(figsize=(7, 3.8), layout="constrained")
axes.plot(LENGTHS, again, marker="o", label="without a cache")
axes.plot(LENGTHS, cached, marker="s", label="with a cache")
axes.set(xlabel="tokens in the text", ylabel="milliseconds for one more token", ylim=(0, None))
axes.legend()
show(
    figure,
    f"Time for one more token, for texts of {LENGTHS[0]} to {LENGTHS[-1]} tokens. Without a cache "
    f"it grows from {again[0]:.1f} to {again[-1]:.1f} milliseconds, with a cache from "
    f"{cached[0]:.1f} to {cached[-1]:.1f}.",
)

# %% [markdown] id="cache-text-3"
# Without a cache, each token costs more as the text gets longer. All tokens pass through the four
# projections again, and the number of scores grows with the square of the length. With a cache, one
# token passes, and it makes one row of scores. Here the cache has room for 1024 tokens from the
# beginning, so a call takes about the same time for each length.
#
# The price is memory: every block has a cache of its own, for every text of the batch. This is why
# fewer heads of keys and values, as in GroupQueryAttention, help so much: the cache holds no
# queries.
#
# **Try:** the same for a batch of 4 texts.

# %% [markdown] id="block-intro"
# ## The decoder block
#
# Now the parts come together. A block has two halves: attention and the feed-forward layer. Each
# half first *normalizes* its input, and its output is *added* to the input. The normalization comes
# before the layer, so this is called **pre-norm**. The vector that runs through the sums, from the
# first block to the last, is called the **residual stream**: each half reads it and adds something
# to it.

# %% id="block-experiment" tags=["experiment"]
decoder.draw_block().show()

# %% [markdown] id="block-text"
# $$h = x + \mathrm{attention}(\mathrm{norm}_1(x)) \qquad
# y = h + \mathrm{SwiGLU}(\mathrm{norm}_2(h))$$
#
# | | |
# |---|---|
# | attention | a causal GroupQueryAttention without biases (`use_bias=False`) |
# | its query, key and value | all three are the normalized vectors |
# | $\mathrm{norm}_1$, $\mathrm{norm}_2$ | two RMSNormalization layers, each with its own weights |
# | shape | the same as the input's, `(batch, time, width)` |
#
# The first Transformers were **post-norm**: they normalized each sum. Then a normalization stands
# on the path from one block to the next. Ruibin Xiong and others showed in 2020 that gradients near
# the end of such a stack are large in the beginning, so that training must start slowly. With
# pre-norm it need not.
#
# A whole model, from tokens to logits: ReversibleEmbedding, then the blocks, one RMSNormalization
# more, and ReversibleEmbedding in reverse.

# %% [markdown] id="decoder-params-exercise"
# ### Exercise: predict the parameters of a whole model
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●●○○ (3 of 5) · 10 minutes · 2 points
# >
# > How many parameters does such a model have? Its weights are tied, it has this many `blocks`, and
# > all its vectors are `width` numbers long. RMSNormalization has one weight for each feature.
#
# <details><summary>I lose track of it</summary>
#
# Count one block first. Attention: how many heads of size `head_dim` do query, key and value have,
# and what leads out of the heads? Then come two normalizations and SwiGLU. What is outside the
# blocks?
# </details>
#
# <details><summary>I am off by the width</summary>
#
# How many normalizations does the whole model have?
# </details>


# %% nbgrader={"grade_id": "decoder-params", "solution": true}
def decoder_params(
    vocabulary, width, num_query_heads, num_key_value_heads, head_dim, hidden, blocks
):
    """The number of parameters of a model with so many decoder blocks."""
    ### BEGIN SOLUTION
    heads = num_query_heads + num_key_value_heads + num_key_value_heads + num_query_heads
    looking = width * head_dim * heads
    block = looking + 3 * width * hidden + 2 * width
    return vocabulary * width + blocks * block + width
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-decoder-params", "grade": true, "points": 2}
check(decoder_params)
### BEGIN HIDDEN TESTS
check(decoder_params, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="decoder-block-exercise"
# ### Exercise: write DecoderBlock
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●●●● (5 of 5) · 20 minutes · 10 points
# >
# > **What is asked**
# >
# > - **shape** (1): the same as the input's.
# > - **parameters** (2): those of attention, of SwiGLU and of two normalizations; no biases. Only
# >   the total is judged, not the shapes.
# > - **output** (6): the formulas above. The epsilon of RMSNormalization is Keras's default,
# >   $10^{-6}$. Inputs may be zero, and they may be large.
# > - **gradient** (1): gradients reach the inputs and all weights.
# >
# > Use your own SwiGLU. For the rest use `keras.layers.RMSNormalization` and
# > `keras.layers.GroupQueryAttention`, or your own layers from earlier units.
#
# <details><summary>GroupQueryAttention wants two inputs</summary>
#
# It is called as `attention(query, value, use_causal_mask=True)`. In self-attention both are the
# same. Which vectors are they here: before or after the normalization?
# </details>
#
# <details><summary>Only the gradient is wrong, or only small inputs are</summary>
#
# Look at the picture again. Where do the red lines start, and where do they end?
# </details>


# %% nbgrader={"grade_id": "decoder-block", "solution": true}
class DecoderBlock(keras.layers.Layer):
    """Attention and SwiGLU, each after a normalization and with a residual around it."""

    def __init__(self, num_query_heads, num_key_value_heads, head_dim, hidden, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.norm_1 = keras.layers.RMSNormalization()
        self.attention = keras.layers.GroupQueryAttention(
            head_dim, num_query_heads, num_key_value_heads, use_bias=False
        )
        self.norm_2 = keras.layers.RMSNormalization()
        self.feed_forward = SwiGLU(hidden)
        ### END SOLUTION

    def call(self, inputs):
        ### BEGIN SOLUTION
        normal = self.norm_1(inputs)
        stream = inputs + self.attention(normal, normal, use_causal_mask=True)
        return stream + self.feed_forward(self.norm_2(stream))
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-decoder-block", "grade": true, "points": 10}
check(DecoderBlock)
### BEGIN HIDDEN TESTS
check(DecoderBlock, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="names-intro"
# ## A model that invents names
#
# Two of your blocks, your embedding at both ends, and names to learn from. Attention does not know
# about order, so a vector for each position is added, from a `keras.layers.Embedding`, as in the
# PositionEmbedding of unit 14. The model reads a name letter by letter and learns to predict the
# next letter, or the end. A tenth of the names is kept for a test.
#
# Two models that only count stand beside it. One knows how often each letter occurs, the other how
# often each letter follows each other letter. (The cell takes some ten seconds.)

# %% id="names-experiment" tags=["experiment"]
LENGTH, WIDTH, BLOCKS = 12, 32, 2


def rows_of(some):
    """Names as rows of numbers: the end, the letters, and ends behind them."""
    rows = np.zeros((len(some), LENGTH + 1), "int32")
    for row, name in zip(rows, some, strict=True):
        row[1 : len(name) + 1] = [SIGNS.index(letter) for letter in name]
    return rows


def make_model():
    """From a row of tokens to logits for the next token, at every place."""
    embedding = ReversibleEmbedding(len(SIGNS), WIDTH)
    places = keras.layers.Embedding(LENGTH, WIDTH)
    tokens = keras.Input((LENGTH,), dtype="int32")
    stream = embedding(tokens) + places(ops.arange(LENGTH))
    for _ in range(BLOCKS):
        stream = DecoderBlock(4, 2, 8, 64)(stream)
    stream = keras.layers.RMSNormalization()(stream)
    return keras.Model(tokens, embedding(stream, reverse=True))


def counted(rows):
    """1 for each letter and for the first end, 0 for what comes behind it."""
    return (np.cumsum(rows[:, 1:] == 0, axis=1) - (rows[:, 1:] == 0) == 0).astype("float32")


def trained(rows, seed=0, epochs=6):
    """A model after so many rounds."""
    keras.utils.set_random_seed(seed)
    model = make_model()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.005), loss=loss, jit_compile=False)
    counts = counted(rows)
    inputs, targets = rows[:, :-1], rows[:, 1:]
    model.fit(inputs, targets, sample_weight=counts, batch_size=64, epochs=epochs, verbose=0)
    return model


def perplexity(probabilities, rows):
    """e to the power of the mean loss, for the probabilities (names, places, tokens)."""
    right = np.take_along_axis(probabilities, rows[:, 1:, None], axis=-1)[..., 0]
    counts = counted(rows)
    return float(np.exp(-(np.log(right) * counts).sum() / counts.sum()))


def pairs(rows, before):
    """The probabilities of each token after each token, or after any, from counting in `rows`."""
    table = np.ones((len(SIGNS), len(SIGNS)))
    kept = counted(rows) > 0
    np.add.at(table, (rows[:, :-1][kept] * before, rows[:, 1:][kept]), 1)
    return table / table.sum(axis=1, keepdims=True)


shuffled = np.random.default_rng(0).permutation(len(names))
rows = rows_of([names[place] for place in shuffled])
new, known = rows[: len(rows) // 10], rows[len(rows) // 10 :]
found = {
    "letters": perplexity(pairs(known, 0)[0 * new[:, :-1]], new),
    "pairs of letters": perplexity(pairs(known, 1)[new[:, :-1]], new),
}
model = trained(known)
probabilities = ops.softmax(model(new[:, :-1])).numpy()
found[f"{BLOCKS} blocks, {model.count_params()} parameters"] = perplexity(probabilities, new)
for name, value in found.items():
    print(f"{name}: perplexity {value:.1f} on new names")

# %% [markdown] id="names-text"
# A perplexity (unit 09) of 27 would be pure guessing. Counting pairs knows only one letter back.
# The blocks know the whole beginning of the name, and they are better on names that they have never
# seen.
#
# Now let the model write. It starts with an end sign, draws the next letter from the probabilities
# that it predicts, and stops at the next end. A high **temperature** divides the logits by a larger
# number, so that the choice becomes more random.


# %% id="names-experiment-2" tags=["experiment"]
def invent(model, count=12, temperature=0.8, seed=0):
    """Names that the model writes, letter by letter."""
    random = np.random.default_rng(seed)
    rows = np.zeros((count, LENGTH + 1), "int32")
    for place in range(LENGTH):
        logits = model(rows[:, :-1])[:, place] / temperature
        probabilities = ops.softmax(logits).numpy().astype("float64")
        rows[:, place + 1] = [random.choice(len(SIGNS), p=row / row.sum()) for row in probabilities]
    return ["".join(SIGNS[token] for token in row[1:]).split(".")[0] for row in rows]


for temperature in (0.3, 0.8, 2.0):
    invented = invent(model, 200, temperature)
    real = sum(name in names for name in invented) / len(invented)
    print(f"temperature {temperature}, {real:.0%} of 200 names are real. The first twelve:")
    print(" ", " ".join(invented[:12]))

# %% [markdown] id="names-text-2"
# At a low temperature the model takes likely letters, and more of its names are real ones. At a
# high one it writes much that nobody can pronounce.
#
# **Try:** `BLOCKS = 1`, or family names: `load("names")["last"]` in the second code cell of this
# unit.
#
# This loop passes the whole name through the model for each letter. Here this does not matter:
# names are short.

# %% [markdown] id="what-do-you-see"
# ### What do you see?
#
# Answer in a few sentences. (3 points, read by your instructor.)
#
# 1. A text of 1000 tokens is in the cache. Somebody changes its third token. Which places of the
#    cache of the first block are still right? And which ones of the second block?
# 2. Could an attention layer without a causal mask use such a cache? Why, or why not?
# 3. A block whose last matrices ($O$ of SwiGLU, and the output projection of attention) are all
#    zero: what does it do with its input, and why is this a good start for a deep stack?

# %% [markdown] nbgrader={"grade_id": "question", "grade": true, "solution": true, "points": 3}
# ### BEGIN SOLUTION
# 1. First block: all but the third place, for a key is made of the vector of its own token alone.
#    Second block: only the first two places. Every later token may have looked at the third one in
#    the first block, so the vectors that reach the second block have changed. (One point.)
# 2. No. A new token would change the outputs of all tokens before it, and with them the keys and
#    values of the next block. The cache rests on the past not changing. (One point.)
# 3. It gives its input back: both halves add zero. Then signals and gradients pass through any
#    number of such blocks unchanged, and each block can learn to add a little. (One point.)
# ### END SOLUTION

# %% [markdown] id="mended-soft-cap-exercise"
# ### Exercise: find and mend the fault in SoftCap
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●○○○ (2 of 5) · 8 minutes · 2 points
# >
# > Very large logits make a model too sure of itself. Some models, such as Gemma 2, let their
# > logits through a **soft cap**: no logit can be larger than `cap` or smaller than `-cap`, and
# > logits that are small beside `cap` come out nearly as they went in. In Keras it is the argument
# > `logit_soft_cap` of ReversibleEmbedding.
# >
# > Below is such a layer. **One thing in it is wrong.** Run the check first: the card shows where
# > the fault comes out. Then find the fault and mend it. Change as little as you can.
# >
# > The layer earns its points when everything is right, and nothing before: its shape is right
# > already, and no logit leaves the range.
#
# **How to find a fault.** The text above says two things about the layer. Try both with numbers of
# your own: call it with `cap=30` on the logits 1000 and −1000, and then on 0.1, 0.2 and 0.3. Which
# of the two does not hold?
#
# <details><summary>Which of the two is wrong?</summary>
#
# Print `MendedSoftCap(30.0)(np.array([[0.1, 0.2, 0.3]]))`.
# </details>
#
# <details><summary>Small logits come out much too large</summary>
#
# Near 0, tanh(x) is nearly x. By how much is it multiplied afterwards? What would undo that
# beforehand?
# </details>


# %% nbgrader={"grade_id": "mended-soft-cap", "solution": true}
class MendedSoftCap(keras.layers.Layer):
    """Logits between -cap and cap, and small ones nearly as they were: with one fault."""

    def __init__(self, cap=30.0, **kwargs):
        super().__init__(**kwargs)
        self.cap = cap

    def call(self, inputs):
        ### BEGIN SOLUTION
        return self.cap * ops.tanh(inputs / self.cap)
        ### GIVEN
        # return self.cap * ops.tanh(inputs)
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-mended-soft-cap", "grade": true, "points": 2}
check(MendedSoftCap)
### BEGIN HIDDEN TESTS
check(MendedSoftCap, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="mixture-exercise"
# ### Stretch: a mixture of experts
#
# > Difficulty ●●●●○ (4 of 5) · Importance ●●○○○ (2 of 5) · 30 minutes · no points
# >
# > Many of the largest models have several feed-forward layers in each block, the **experts**, and
# > let each token choose only a few of them: a **mixture of experts**. So a model has many
# > parameters, and uses a small part of them for each token.
# >
# > Write `MixtureOfExperts(num_experts, top_k, hidden)`. A Dense layer without a bias, the
# > **router**, gives each token a logit for each expert. The `top_k` experts with the largest
# > logits are chosen, for each token by itself. Softmax over *their* logits, and no others, gives
# > them weights. The output is the sum of the outputs of the chosen experts with these weights.
# > Each expert is your own `SwiGLU(hidden)`.
# >
# > Nothing is graded here. The cell below your class tries it in three ways.
#
# <details><summary>Each token has other experts: how do I call them?</summary>
#
# You need not save the work, only get the numbers right: let all experts work on all tokens, and
# give those that were not chosen a weight of 0. What logit leads to a weight of 0?
# </details>
#
# <details><summary>Which logits are the largest?</summary>
#
# `ops.top_k(logits, k)` gives values and indices. The smallest of the values says which logits are
# in. `ops.where` does the rest.
# </details>


# %% nbgrader={"grade_id": "mixture-of-experts", "solution": true}
class MixtureOfExperts(keras.layers.Layer):
    """Several SwiGLU layers; each token is given to a few of them."""

    def __init__(self, num_experts, top_k, hidden, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.top_k = top_k
        self.router = keras.layers.Dense(num_experts, use_bias=False)
        self.experts = [SwiGLU(hidden) for _ in range(num_experts)]
        ### END SOLUTION

    def call(self, inputs):
        ### BEGIN SOLUTION
        logits = self.router(inputs)
        best, _ = ops.top_k(logits, self.top_k)
        chosen = logits >= best[..., -1:]
        shares = ops.softmax(ops.where(chosen, logits, -1e9), axis=-1)
        answers = ops.stack([expert(inputs) for expert in self.experts], axis=-1)
        return ops.sum(answers * shares[..., None, :], axis=-1)
        ### END SOLUTION


# %% [markdown] id="mixture-text"
# Each token chooses for itself, so its output must not depend on the other tokens. The layer has as
# many parameters as the router and all experts together, although a token uses few of them. And
# with `top_k=1` the chosen expert has the weight 1, however large the logits are.

# %% id="mixture-experiment" tags=["experiment"]
try:
    mixture = MixtureOfExperts(4, 2, 16)
    vectors = np.random.default_rng(0).normal(size=(3, 5, 8)).astype("float32")
    whole = mixture(vectors).numpy()
    alone = np.stack([mixture(vectors[:, [place]]).numpy()[:, 0] for place in range(5)], axis=1)
    router, per_expert = 8 * 4, swiglu_params(8, 16)
    print("each token by itself gives the same:", np.allclose(whole, alone, atol=1e-5))
    print("parameters as they should be:", mixture.count_params() == router + 4 * per_expert)
    single = MixtureOfExperts(4, 1, 16)
    before = single(vectors).numpy()
    (kernel,) = [weight for weight in single.weights if tuple(weight.shape) == (8, 4)]
    kernel.assign(3 * kernel)  # the same choice, by larger logits
    print("a single expert has the weight 1:", np.allclose(single(vectors), before, atol=1e-5))
    print(f"used for a token: {router + 2 * per_expert} of {mixture.count_params()} parameters")
except NotImplementedError:
    print("MixtureOfExperts is not written yet")

# %% [markdown] id="what-you-have-now"
# ## What you have now
#
# | layer | what it does | parameters |
# |---|---|---|
# | SwiGLU | a feed-forward layer with a gate | 3 · width · hidden |
# | ReversibleEmbedding | tokens to vectors, and vectors to logits | vocabulary · width |
# | CachedAttention | attention to a text that comes in pieces | four projections, no biases |
# | DecoderBlock | attention and SwiGLU on the residual stream | the sum, and 2 · width |
#
# On a small scale, this is the architecture of many language models of today. A large one has more
# and wider blocks, often a rotary embedding for the places (unit 14), a tokenizer that cuts words
# into parts, and very many texts to learn from.
#
# ## References
#
# - N. Shazeer (2020), *GLU Variants Improve Transformer*, arXiv:2002.05202 (SwiGLU).
# - O. Press, L. Wolf (2016), *Using the Output Embedding to Improve Language Models*,
#   arXiv:1608.05859 (tied weights).
# - A. Radford and others (2019), *Language Models are Unsupervised Multitask Learners*, OpenAI
#   (GPT-2).
# - R. Xiong and others (2020), *On Layer Normalization in the Transformer Architecture*,
#   arXiv:2002.04745 (pre-norm and post-norm).
# - A. Vaswani and others (2017), *Attention Is All You Need*, arXiv:1706.03762 (the decoder).
# - J. Ainslie and others (2023), *GQA: Training Generalized Multi-Query Transformer Models from
#   Multi-Head Checkpoints*, arXiv:2305.13245 (fewer heads of keys and values).
# - Gemma Team (2024), *Gemma 2: Improving Open Language Models at a Practical Size*,
#   arXiv:2408.00118 (the soft cap).
# - N. Shazeer and others (2017), *Outrageously Large Neural Networks: The Sparsely-Gated
#   Mixture-of-Experts Layer*, arXiv:1701.06538 (experts).
