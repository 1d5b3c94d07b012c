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
# # 12 · Attention
#
# A cell reads a sentence as through a keyhole: one word at a time, and what it wants to keep of the
# beginning must fit into its state. *Attention* opens the door. Every word may look at every other
# word, directly, and decide for itself which of them matter.
#
# In this unit you build three layers. **Attention** compares by multiplying, **AdditiveAttention**
# by adding, and **MultiHeadAttention** does it several times at once. The last one is the heart of
# every large language model of today; at the end of the unit it will write names.

# %% id="imports"
# The grader comes first: it loads Keras and TensorFlow without the lines that they write meanwhile.
from grader import check

import keras
import numpy as np
from keras import ops

# %% [markdown] id="start-text"
# Our sentence is the most famous opening of 1859, by Charles Dickens. Watch its words: some of them
# come back.

# %% id="start-experiment" tags=["experiment"]
import matplotlib.pyplot as plt

from grader.data import load
from grader.pictures import attention, move, show

text = "it was the best of times , it was the worst of times"
sentence = text.split()
vocabulary = sorted(set(sentence))
print(f"{len(sentence)} words and signs, {len(vocabulary)} different ones: {' '.join(vocabulary)}")
keras.utils.set_random_seed(3)
vectors = keras.layers.Embedding(len(vocabulary), 32, embeddings_initializer="normal")
numbers = np.array([[vocabulary.index(word) for word in sentence]])
words = 10 * vectors(numbers)  # (1, 13, 32): a vector for each word
print("vectors of shape", tuple(words.shape))

# %% [markdown] id="about-attention"
# ## Attention
#
# Think of a library. You come with a question, the **query**. On the spine of each book stands what
# it is about, its **key**. Inside is what you came for, the **value**. You compare your question
# with every spine, and then, since this is a library of numbers, you do not take one book: you take
# a mixture of all of them, most of the ones that suit best.
#
# How well does a key suit a query? Multiply the two number by number and add up. Vectors that point
# the same way give a large *score*. Softmax turns the scores of one query into shares that sum to
# 1, and the output is the mean of all values, weighed by these shares.

# %% id="attention-experiment" tags=["experiment"]
attention.draw_attention().show()

# %% [markdown] id="attention-text"
# $$\mathrm{scores} = Q K^\top \qquad \mathrm{output} = \mathrm{softmax}(\mathrm{scores})\, V$$
#
# | | |
# |---|---|
# | inputs | a list: query `(batch, Tq, dim)`, value `(batch, Tv, width)`, key `(batch, Tv, dim)` |
# | shape | output `(batch, Tq, width)`: an answer for each query, in the form of a value |
# | parameters | none; with `use_scale=True` one number, by which all scores are multiplied |
#
# Now the sentence looks at itself: query, value and key are all the words' vectors. They are
# random, one for each different word. Where will *times* look?

# %% id="attention-experiment-2" tags=["experiment"]
look = keras.layers.Attention()
_, shares = look([words, words], return_attention_scores=True)
figure = attention.heat_map(shares[0].numpy(), sentence, sentence, "every word looks at every word")
show(
    figure,
    "A heat map with the 13 words as rows and columns. On the diagonal each word looks at itself; "
    "the words that come twice, it, was, the, of and times, share their look between the two "
    "places where they stand. best, worst and the comma look at themselves only.",
)

# %% [markdown] id="attention-text-2"
# Words that come twice see both of their places, however far apart. Nothing was carried from one to
# the other: they just look. The next cell shows one row of it (in a live notebook: drag the
# sliders). `query` is the word that looks. `scale` is what `use_scale=True` learns: what do the
# shares become at 0? With `causal`, the future is shut.

# %% id="attention-experiment-3" tags=["experiment"]
scores = (words[0] @ ops.transpose(words[0])).numpy()


def looking(query=8, scale=1.0, causal=False):
    """The look of one word of the sentence."""
    return attention.draw_look(scores, sentence, query, scale, causal)


move(looking, query=(0, 12), scale=(0.0, 2.0, 0.1), causal=False)

# %% [markdown] id="attention-text-3"
# (It also shows what is missing. Attention does not know about *order*:
# shuffle the words, and the picture is shuffled with them, no more. We come back to that.)
#
# Two kinds of **masks** say where one may not look.
#
# - A mask of the *value* shuts places, such as padding, for all queries. It is a row of True (look)
#   and False (don't).
# - A *causal* mask shuts the future: query $i$ sees the places $0$ to $i$. Whoever shall guess the
#   next word must not see it.
#
# A shut place must get a share of zero, and the others must still sum to 1. So the score is
# lowered, *before* softmax, to something like $-10^9$. And there is the mask of the *query*:
# padding among the queries still gets an answer, and that is set to zero in the end.

# %% id="attention-experiment-4" tags=["experiment"]
open_places = np.array([[word != "," for word in sentence]])
_, shares = look(
    [words, words], mask=[None, open_places], use_causal_mask=True, return_attention_scores=True
)
figure = attention.heat_map(shares[0].numpy(), sentence, sentence, "causal, and the comma masked")
show(
    figure,
    "The same heat map with a causal mask and the comma masked: all above the diagonal is empty, "
    "and so is the column of the comma. The second it, was, the, of and times look back at the "
    "first ones; the row of the comma is spread over the words before it.",
)

# %% [markdown] id="attention-shapes-exercise"
# ### Exercise: predict the shapes of Attention
#
# > Difficulty ●○○○○ (1 of 5) · Importance ●●●●○ (4 of 5) · 4 minutes · 2 points
# >
# > Given the shapes of query and value (with their batch axis, which may be `None`), return a list
# > of two shapes: that of the output, and that of the scores.
#
# <details><summary>My second shape is transposed</summary>
#
# Look at the heat map: who stands at the rows, and who at the columns?
# </details>


# %% nbgrader={"grade_id": "attention-shapes", "solution": true}
def attention_shapes(query_shape, value_shape):
    """The shapes of output and scores, for the shapes of query and value."""
    ### BEGIN SOLUTION
    batch, queries, _ = query_shape
    _, places, width = value_shape
    return [(batch, queries, width), (batch, queries, places)]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-attention-shapes", "grade": true, "points": 2}
check(attention_shapes)
### BEGIN HIDDEN TESTS
check(attention_shapes, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="attention-exercise"
# ### Exercise: write Attention
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●●●● (5 of 5) · 25 minutes · 10 points
# >
# > **What is asked**
# >
# > - **shape** (1): `(batch, Tq, width)`; with `return_attention_scores=True` a pair of that and
# >   the shares, `(batch, Tq, Tv)`.
# > - **parameters** (1): none, or with `use_scale=True` one trainable number, of shape `()`.
# > - **output** (6): the formula above. The inputs are `[query, value]` or `[query, value, key]`;
# >   `mask` is `None` or a list `[query_mask, value_mask]`, of which each may be `None`;
# >   `use_causal_mask=True` shuts the future too. Scores may be large, and a mask may shut every
# >   place of a sample: then any numbers will do, but no NaN.
# > - **gradient** (1): gradients reach all inputs, and the scale.
# > - **model** (1): the layer works in the Functional API, and learns in a step of `fit`.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.Attention` and
# > `keras.ops.dot_product_attention`.
#
# <details><summary>The card says that an output holds NaN</summary>
#
# Minus infinity minus infinity is not a number. Is there a row in which every place is shut? A very
# large number does as well.
# </details>
#
# <details><summary>The masks have the wrong shape to go with the scores</summary>
#
# The scores have the axes (batch, query, place). Write the axes of the value's mask below them:
# which one is missing? And which one is missing in the query's mask, beside the output?
# </details>
#
# <details><summary>How do I make a causal mask?</summary>
#
# Compare two rows of numbers: `ops.arange` of the queries, standing upright, and `ops.arange` of
# the places, lying. Which comparison is True where one may look? (`query.shape[1]` is `None` in a
# model for sequences of any length; `ops.shape(query)[1]` is the number that is there when the
# layer runs.)
# </details>
#
# <details><summary>The shape is wrong when the batch size is not known yet</summary>
#
# If you wrote `compute_output_shape`: it would have to speak of the shares too. Leave it out; Keras
# finds the shapes by itself.
# </details>


# %% nbgrader={"grade_id": "attention", "solution": true}
class Attention(keras.layers.Layer):
    """Each query takes a mean of the values, weighed by how well their keys suit it."""

    def __init__(self, use_scale=False, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.use_scale = use_scale
        ### END SOLUTION

    def build(self, input_shape):
        ### BEGIN SOLUTION
        if self.use_scale:
            self.scale = self.add_weight(name="scale", shape=(), initializer="ones")
        ### END SOLUTION

    def call(self, inputs, mask=None, use_causal_mask=False, return_attention_scores=False):
        ### BEGIN SOLUTION
        query, value, key = inputs[0], inputs[1], inputs[-1]
        query_mask, value_mask = (None, None) if mask is None else mask[:2]
        scores = ops.matmul(query, ops.swapaxes(key, 1, 2))
        if self.use_scale:
            scores = scores * self.scale
        if value_mask is not None:
            scores = ops.where(value_mask[:, None, :], scores, -1e9)
        if use_causal_mask:
            queries, places = ops.shape(query)[1], ops.shape(value)[1]
            past = ops.arange(queries)[:, None] >= ops.arange(places)
            scores = ops.where(past, scores, -1e9)
        shares = ops.softmax(scores, axis=-1)
        output = ops.matmul(shares, value)
        if query_mask is not None:
            output = ops.where(query_mask[:, :, None], output, 0.0)
        return (output, shares) if return_attention_scores else output
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-attention", "grade": true, "points": 10}
check(Attention)
### BEGIN HIDDEN TESTS
check(Attention, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="additiveattention"
# ## AdditiveAttention
#
# The first attention of neural machine translation (Dzmitry Bahdanau and others, 2014) did not
# multiply. It *added* query and key, bent the sum with tanh, and asked a learned vector how much
# each feature of the result should count.

# %% id="additiveattention-experiment" tags=["experiment"]
attention.draw_additive().show()

# %% [markdown] id="additiveattention-text"
# $$\mathrm{score}(q, k) = \sum_d s_d \tanh(q_d + k_d)$$
#
# | | |
# |---|---|
# | shape | as for Attention; query and key must have the same width `dim` |
# | parameters | the vector `scale` of length `dim`; none with `use_scale=False` |
#
# All that comes after the scores, masks and softmax and the mean, is the same. Note the price: for
# each pair of query and key there is a whole vector to be bent, `(batch, Tq, Tv, dim)` numbers in
# all. A matrix product never needs to hold that many. This is one reason why the product won.
#
# What do the two make of the same sentence, before anything is learned? (The scale is set to 0.5
# for all features.)

# %% id="additiveattention-experiment-2" tags=["experiment"]
figure, panels = plt.subplots(1, 2, figsize=(10, 4.4), layout="constrained")
additive = keras.layers.AdditiveAttention()
additive.build([words.shape, words.shape])
additive.scale.assign(np.full(32, 0.5))
for panel, layer in zip(panels, (look, additive), strict=True):
    _, shares = layer([words, words], return_attention_scores=True)
    panel.imshow(shares[0], cmap="Blues", vmin=0)
    panel.set_xticks(range(13), sentence, rotation=60, ha="right", rotation_mode="anchor")
    panel.set_yticks(range(13), sentence)
    panel.set(title=type(layer).__name__, xlabel="looked at", ylabel="looking")
show(
    figure,
    "Two heat maps of the sentence. Under Attention each word looks at itself and at its twin. "
    "Under AdditiveAttention there are vertical stripes: some words are looked at by all the "
    "others, and nobody looks at itself in particular.",
)

# %% [markdown] id="additiveattention-text-2"
# The product sees at once which words are the same: nothing suits a vector as well as the vector
# itself. The sum does not. Some words are simply loud to everybody, and make stripes. An additive
# attention has to *learn* what goes with what; in the paper, query and key pass through a Dense
# layer each before they are added, and training shapes those.

# %% [markdown] id="additive-attention-params-exercise"
# ### Exercise: predict the parameters of AdditiveAttention
#
# > Difficulty ●○○○○ (1 of 5) · Importance ●●○○○ (2 of 5) · 2 minutes · 2 points
# >
# > How many parameters has `AdditiveAttention(use_scale=use_scale)` for queries and keys of width
# > `dim`?
#
# <details><summary>I have no idea where to begin</summary>
#
# In the picture one row of cells is learned. How long is it?
# </details>


# %% nbgrader={"grade_id": "additive-attention-params", "solution": true}
def additive_attention_params(dim, use_scale=True):
    """The number of parameters of AdditiveAttention(use_scale=use_scale) for this width."""
    ### BEGIN SOLUTION
    return dim if use_scale else 0
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-additive-attention-params", "grade": true, "points": 2}
check(additive_attention_params)
### BEGIN HIDDEN TESTS
check(additive_attention_params, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="additive-attention-exercise"
# ### Exercise: write AdditiveAttention
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●●○○ (3 of 5) · 15 minutes · 10 points
# >
# > **What is asked**
# >
# > - **shape** (1): as for Attention.
# > - **parameters** (1): `scale` of shape `(dim,)`, or none with `use_scale=False`.
# > - **output** (6): scores by the formula above; without a scale every $s_d$ is 1. Masks, causal
# >   masks and `return_attention_scores` as for Attention.
# > - **gradient** (1): gradients reach all inputs, and the scale.
# > - **model** (1): the layer works in the Functional API, and learns in a step of `fit`.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.AdditiveAttention` and
# > `keras.layers.Attention`. Your own Attention is yours to use.
#
# <details><summary>I do not know how to add every query to every key</summary>
#
# Give the query an axis of length 1 for the places, and the key one for the queries. What shape
# comes out when the two are added?
# </details>
#
# <details><summary>I do not want to write the masks again</summary>
#
# Quite right. If the scores of your Attention came from a method of their own, a subclass would
# need to write that method only.
# </details>


# %% nbgrader={"grade_id": "additive-attention", "solution": true}
class AdditiveAttention(keras.layers.Layer):
    """Attention whose scores are weighed sums of tanh(query + key)."""

    def __init__(self, use_scale=True, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.use_scale = use_scale
        ### END SOLUTION

    def build(self, input_shape):
        ### BEGIN SOLUTION
        if self.use_scale:
            self.scale = self.add_weight(name="scale", shape=(input_shape[0][-1],))
        ### END SOLUTION

    def call(self, inputs, mask=None, use_causal_mask=False, return_attention_scores=False):
        ### BEGIN SOLUTION
        query, value, key = inputs[0], inputs[1], inputs[-1]
        query_mask, value_mask = (None, None) if mask is None else mask[:2]
        bent = ops.tanh(query[:, :, None, :] + key[:, None, :, :])
        scores = ops.sum(self.scale * bent if self.use_scale else bent, axis=-1)
        if value_mask is not None:
            scores = ops.where(value_mask[:, None, :], scores, -1e9)
        if use_causal_mask:
            queries, places = ops.shape(query)[1], ops.shape(value)[1]
            past = ops.arange(queries)[:, None] >= ops.arange(places)
            scores = ops.where(past, scores, -1e9)
        shares = ops.softmax(scores, axis=-1)
        output = ops.matmul(shares, value)
        if query_mask is not None:
            output = ops.where(query_mask[:, :, None], output, 0.0)
        return (output, shares) if return_attention_scores else output
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-additive-attention", "grade": true, "points": 10}
check(AdditiveAttention)
### BEGIN HIDDEN TESTS
check(AdditiveAttention, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="multiheadattention"
# ## MultiHeadAttention
#
# So far a word's vector had to be three things at once: a good question, a good label and a good
# answer. And each word could look in one way only. The paper *Attention Is All You Need* (2017)
# takes both burdens away.
#
# Query, key and value first go through a small Dense layer each, which makes of the same word a
# question, a label, an answer. And that is done several times side by side, in **heads**: one may
# look for the word before, another for the subject of the sentence. In the end one more Dense layer
# puts together what all the heads have found.

# %% id="multiheadattention-experiment" tags=["experiment"]
attention.draw_heads().show()

# %% [markdown] id="multiheadattention-text"
# In head $j$, with $d$ short for `key_dim`:
#
# $$\mathrm{head}_j = \mathrm{softmax}\Big(\frac{(Q W^Q_j + b^Q_j)(K W^K_j +
# b^K_j)^\top}{\sqrt{d}}\Big) (V W^V_j + b^V_j)$$
#
# $$\mathrm{output} = \sum_j \mathrm{head}_j W^O_j + b^O$$
#
# | | |
# |---|---|
# | arguments | `layer(query, value)` or `layer(query, value, key)`, one by one and not in a list |
# | shape | the query's shape comes out again |
# | parameters | three projections into the heads and one out of them, each with a bias |
#
# Why the root? The product of two random vectors of length $d$ is a sum of $d$ terms, and grows
# like $\sqrt{d}$. Softmax of large numbers is nearly all or nothing, and its gradient nearly zero.
# Dividing keeps the scores where softmax is still soft.

# %% [markdown] id="multi-head-attention-params-exercise"
# ### Exercise: predict the parameters of MultiHeadAttention
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●●○ (4 of 5) · 5 minutes · 2 points
# >
# > How many parameters has `MultiHeadAttention(num_heads, key_dim)` if query, value and key all
# > have this many features? (The value's width in a head is `key_dim` too.)
#
# <details><summary>I am off by a little</summary>
#
# Four projections, four biases. How long is the bias of the last one, which leads out of the heads?
# </details>


# %% nbgrader={"grade_id": "multi-head-attention-params", "solution": true}
def multi_head_attention_params(features, num_heads, key_dim):
    """The number of parameters of MultiHeadAttention(num_heads, key_dim) on this many features."""
    ### BEGIN SOLUTION
    inside = num_heads * key_dim
    return 3 * (features + 1) * inside + (inside + 1) * features
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-multi-head-attention-params", "grade": true, "points": 2}
check(multi_head_attention_params)
### BEGIN HIDDEN TESTS
check(multi_head_attention_params, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="multiheadattention-text-2"
# The weights have an axis for the heads, so that no loop is needed: `ops.einsum` names the axes by
# letters, and sums over each letter that is missing on the right. `"bqw,whd->bhqd"` takes a query
# `(batch, queries, width)` and a kernel `(width, heads, size)` to `(batch, heads, queries, size)`.

# %% [markdown] id="multi-head-attention-exercise"
# ### Exercise: write MultiHeadAttention
#
# > Difficulty ●●●●○ (4 of 5) · Importance ●●●●● (5 of 5) · 35 minutes · 10 points
# >
# > It is made with `num_heads`, `key_dim` and `value_dim`, the width of a value inside a head.
# >
# > **What is asked**
# >
# > - **shape** (1): the output has the query's shape.
# > - **parameters** (2): for query and key a kernel `(features, num_heads, key_dim)` and a bias
# >   `(num_heads, key_dim)`; for the value the same with `value_dim`; for the output a kernel
# >   `(num_heads, value_dim, features of the query)` and a bias as long as the query is wide. Only
# >   the total is judged, not the shapes: `Dense` layers of `num_heads * key_dim` units will do.
# > - **output** (6): the formulas above. `attention_mask`, of shape `(batch, Tq, Tv)`, is True
# >   where one may look; `use_causal_mask=True` shuts the future too. A mask that shuts every place
# >   must not lead to NaN. Without a key the value is its own.
# > - **gradient** (1): gradients reach all inputs and all weights.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.MultiHeadAttention`,
# > `keras.layers.GroupQueryAttention` and `keras.ops.dot_product_attention`.
#
# <details><summary>build() gets a strange argument</summary>
#
# Keras passes to `build` the shape of each argument of `call`, by name: `query_shape` for `query`,
# and so on. `key_shape` is missing where there is no key, so give it a default.
# </details>
#
# <details><summary>The shapes fit, the values do not, and I used a reshape</summary>
#
# Heads and queries are two axes. To exchange two axes one transposes; a reshape only cuts the same
# row of numbers anew.
# </details>


# %% nbgrader={"grade_id": "multi-head-attention", "solution": true}
class MultiHeadAttention(keras.layers.Layer):
    """Several attentions side by side, each with projections of its own."""

    def __init__(self, num_heads, key_dim, value_dim, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.num_heads, self.key_dim, self.value_dim = num_heads, key_dim, value_dim
        ### END SOLUTION

    def build(self, query_shape, value_shape, key_shape=None):
        ### BEGIN SOLUTION
        if key_shape is None:
            key_shape = value_shape
        sources = {
            "query": (query_shape[-1], self.key_dim),
            "key": (key_shape[-1], self.key_dim),
            "value": (value_shape[-1], self.value_dim),
        }
        self.kernels, self.biases = {}, {}
        for name, (features, size) in sources.items():
            shape = (features, self.num_heads, size)
            self.kernels[name] = self.add_weight(name=f"{name}_kernel", shape=shape)
            self.biases[name] = self.add_weight(
                name=f"{name}_bias", shape=shape[1:], initializer="zeros"
            )
        shape = (self.num_heads, self.value_dim, query_shape[-1])
        self.output_kernel = self.add_weight(name="output_kernel", shape=shape)
        self.output_bias = self.add_weight(name="output_bias", shape=shape[2:], initializer="zeros")
        ### END SOLUTION

    def call(self, query, value, key=None, attention_mask=None, use_causal_mask=False):
        ### BEGIN SOLUTION
        def project(name, inputs):
            heads = ops.einsum("btw,whd->bhtd", inputs, self.kernels[name])
            return heads + self.biases[name][:, None, :]

        q, v = project("query", query), project("value", value)
        k = project("key", value if key is None else key)
        scores = ops.einsum("bhqd,bhpd->bhqp", q, k) / self.key_dim**0.5
        if attention_mask is not None:
            scores = ops.where(attention_mask[:, None], scores, -1e9)
        if use_causal_mask:
            queries, places = ops.shape(query)[1], ops.shape(value)[1]
            past = ops.arange(queries)[:, None] >= ops.arange(places)
            scores = ops.where(past, scores, -1e9)
        heads = ops.einsum("bhqp,bhpd->bqhd", ops.softmax(scores, axis=-1), v)
        return ops.einsum("bqhd,hdw->bqw", heads, self.output_kernel) + self.output_bias
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-multi-head-attention", "grade": true, "points": 10}
check(MultiHeadAttention)
### BEGIN HIDDEN TESTS
check(MultiHeadAttention, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="a-very-small-language-model"
# ## A very small language model
#
# Now let your layer write. The task is that of every language model: given the letters so far,
# guess the next one. The texts are first names from the census of 1990.
#
# Attention does not know about order, so each letter's vector gets a second one added, which stands
# for its *place*. Then your MultiHeadAttention, causal, looks back; its answer is added to what was
# there (a residual connection), and one Dense layer guesses. A second model is the same without any
# looking: it knows the last letter and its place, and nothing else.

# %% id="a-very-small-language-model-experiment" tags=["experiment"]
names = load("names")["first"][:4000]
length = max(map(len, names)) + 1
letters = np.zeros(
    (len(names), length + 1), "int32"
)  # 0 before the first letter and after the last
for row, name in zip(letters, names, strict=True):
    row[1 : len(name) + 1] = [ord(letter) - ord("a") + 1 for letter in name]
counted = np.arange(length) <= np.array([[len(name)] for name in names])  # up to the first 0


def writer(looks_back):
    """Letters so far to shares of the next letter, at every place at once."""
    keras.utils.set_random_seed(2)
    inputs = keras.Input((length,), dtype="int32")
    places = keras.layers.Embedding(length, 32)(ops.arange(length)[None])
    vectors = keras.layers.Embedding(27, 32)(inputs) + places
    if looks_back:
        heads = MultiHeadAttention(2, 16, 16, name="heads")
        vectors = vectors + heads(vectors, vectors, use_causal_mask=True)
    hidden = keras.layers.Dense(64, activation="relu")(vectors)
    return keras.Model(inputs, keras.layers.Dense(27, activation="softmax")(hidden))


writers = {"last letter only": writer(False), "with your attention": writer(True)}
for name, model in writers.items():
    model.compile(keras.optimizers.Adam(0.01), loss="sparse_categorical_crossentropy")
    history = model.fit(letters[:, :-1], letters[:, 1:], sample_weight=counted.astype("float32"),
                        batch_size=200, epochs=12, verbose=0).history  # fmt: skip
    loss = history["loss"][-1] * counted.size / counted.sum()
    print(f"{name:>20}: it hesitates between {np.exp(loss):.1f} letters")


# %% id="a-very-small-language-model-experiment-2" tags=["experiment"]
def write(model, count, seed=1):
    """New names, letter by letter, each drawn by the model's shares."""
    random, rows = np.random.default_rng(seed), np.zeros((count, length + 1), "int32")
    for place in range(length):
        shares = model.predict(rows[:, :-1], verbose=0)[:, place].astype("float64")
        drawn = [random.choice(27, p=share / share.sum()) for share in shares]
        ended = (rows[:, place] == 0) & (place > 0)
        rows[:, place + 1] = np.where(ended, 0, drawn)
    return ["".join(chr(ord("a") + n - 1) for n in row[1:] if n) for row in rows]


for name, model in writers.items():
    print(f"{name:>20}: {', '.join(write(model, 10))}")

# %% [markdown] id="a-very-small-language-model-text"
# Where do the two heads look? For one name, letter by letter, each row is the letter that is being
# read, and each column a place that it may look back to.
#
# Nobody needs to open your layer for that: one can ask it. We silence one head, by zeros in the
# kernel that leads out of it. Then we show the layer values that are zero at all places but one.
# However much of that one value comes out at a place is the share that the head gives to it there.


# %% id="a-very-small-language-model-experiment-3" tags=["experiment"]
def shares_of(layer, vectors, head):
    """The shares of one of two heads, (queries, values), for one text (1, places, width)."""
    places, width = vectors.shape[1:]
    (out,) = [weight for weight in layer.weights if tuple(weight.shape) == (2, 16, width)]
    kernel = out.numpy()
    out.assign(kernel * (np.arange(2) == head)[:, None, None])
    text, alone = np.repeat(vectors, places, axis=0), np.eye(places)[:, :, None] * np.ones(width)
    lit, dark = (layer(text, value, text, use_causal_mask=True) for value in (alone, 0 * alone))
    out.assign(kernel)
    parts = np.subtract(lit, dark)  # (values, queries, width): what each value adds
    whole = parts.sum(axis=0)  # the shares of a row sum to 1
    return (np.einsum("vqw,qw->vq", parts, whole) / np.square(whole).sum(axis=-1)).T


layer = writers["with your attention"].get_layer("heads")
before = keras.Model(writers["with your attention"].inputs, layer.input[0])
row = letters[list(names).index("christina")][None, :-1]
vectors = before.predict(row, verbose=0)
shares = [shares_of(layer, vectors, head)[:10, :10] for head in range(2)]
figure, panels = plt.subplots(1, 2, figsize=(9, 4.4), layout="constrained")
for head, panel in enumerate(panels):
    panel.imshow(shares[head], cmap="Blues", vmin=0, vmax=1)
    panel.set_xticks(range(10), ["·", *"christina"])
    panel.set_yticks(range(10), ["·", *"christina"])
    panel.set(title=f"head {head}", xlabel="looked at", ylabel="looking")
show(
    figure,
    "The shares of the two heads for the name christina, each a lower triangle: rows are the "
    "letter that is read, columns the letters so far. The two heads look at different letters.",
)

# %% [markdown] id="what-do-you-see"
# ### What do you see?
#
# Look at the numbers, the names and the two heat maps, and answer in a few sentences. (3 points,
# read by your instructor.)
#
# 1. Why is everything above the diagonal empty, and what would the loss be worth if it were not?
# 2. Which letters do the heads look at most? Describe one habit of each head.
# 3. The places got vectors of their own. What could the model not tell apart without them?

# %% [markdown] nbgrader={"grade_id": "question", "grade": true, "solution": true, "points": 3}
# ### BEGIN SOLUTION
# 1. The mask is causal: the next letters are shut. Without it a letter could look at the very
#    letter it shall guess; the loss would fall to nearly nothing, and the model could not write at
#    all. (One point.)
# 2. Any habit that can be read off the maps, such as looking at the letter just before, at the
#    beginning of the name, or at vowels. (One point.)
# 3. The order of the letters so far: attention is a weighted mean, and a mean does not change when
#    its terms are shuffled. *marc* and *cram* would look the same to the last letter, but for which
#    letter is last. (One point.)
# ### END SOLUTION

# %% [markdown] id="mended-softmax-exercise"
# ### Exercise: find and mend the fault in Softmax
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●●●○ (4 of 5) · 12 minutes · 3 points
# >
# > Inside attention a softmax makes weights of the scores. `keras.layers.Softmax()` is that step as
# > a layer of its own. It works along the last axis. It may be called with a `mask` of the same
# > shape: where the mask is False, the weight is 0, and the weights of the other places still add
# > up to 1.
# >
# > Below is such a layer. **One thing in it is wrong.** Run the check first: the card shows where
# > the fault comes out. Then find the fault and mend it. Change as little as you can.
# >
# > The layer earns its points when everything is right, and nothing before: without a mask it is
# > right already.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.Softmax`. You may use
# > `ops.softmax`.
#
# **How to find a fault.** Read the card first. Some cases fail and others do not: what do those
# that fail have in common? Then take three scores and mask one of them. You know two things about
# the weights: which of them must be 0, and what their sum must be. Check both.
#
# <details><summary>Which of the two is wrong?</summary>
#
# Print `ops.sum(weights, axis=-1)` for a row with a mask and for one without.
# </details>
#
# <details><summary>The masked weights are 0, but the sum is less than 1</summary>
#
# The softmax divides by a sum. Which scores are in that sum? What must happen to a score before the
# softmax, so that it adds next to nothing?
# </details>


# %% nbgrader={"grade_id": "mended-softmax", "solution": true}
class MendedSoftmax(keras.layers.Layer):
    """Weights that add up to 1 along the last axis, 0 where the mask is False: with one fault."""

    def call(self, inputs, mask=None):
        ### BEGIN SOLUTION
        if mask is not None:
            inputs = ops.where(mask, inputs, -1e9)
        return ops.softmax(inputs, axis=-1)
        ### GIVEN
        # weights = ops.softmax(inputs, axis=-1)
        # if mask is not None:
        #     weights = ops.where(mask, weights, 0.0)
        # return weights
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-mended-softmax", "grade": true, "points": 3}
check(MendedSoftmax)
### BEGIN HIDDEN TESTS
check(MendedSoftmax, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="what-you-have-now"
# ## What you have now
#
# | layer | scores | parameters |
# |---|---|---|
# | Attention | product of query and key, unscaled | none, or one number |
# | AdditiveAttention | sum of scale · tanh(query + key) | `dim` |
# | MultiHeadAttention | product in each head, divided by √key_dim | four projections with biases |
#
# Put a MultiHeadAttention and two Dense layers into a block, add what went in, normalise, and stack
# the block a hundred times: that is a large language model. You have written every part of it.
