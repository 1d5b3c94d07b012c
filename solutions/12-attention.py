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
# A recurrent layer reads a sentence one word at a time. Whatever it wants to keep of the beginning
# must fit into its state. **Attention** works differently: every word can look at every other word
# directly, and decides which of them matter. When the words of a text look at each other, this is
# called **self-attention**.
#
# In this unit you build three layers. **Attention** compares by multiplying, **AdditiveAttention**
# by adding, and **MultiHeadAttention** does it several times at once. The last one is the heart of
# the **Transformer**, the network behind nearly all large language models of today. At the end of
# the unit your layer learns to copy and to reverse words, and you will see what each of its heads
# does.
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
# Our sentence is by Charles Dickens, from the opening of *A Tale of Two Cities* (1859). Some of its
# words come twice.

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
# Think of a library. You come with a question, the **query**. On the spine of each book you can
# read what it is about, its **key**. Inside is what you came for, the **value**. You compare your
# question with every spine. Then, because this is a library of numbers, you do not take one book.
# You take a mixture of all of them, most of it from the books that fit best.
#
# How well does a key fit a query? Multiply the two number by number and add up. Vectors that point
# the same way give a large **score**. Softmax turns the scores of one query into **attention
# weights**, which are positive and sum to 1. The output is the mean of all values with these
# weights.

# %% id="attention-experiment" tags=["experiment"]
attention.draw_attention().show()

# %% [markdown] id="attention-text"
# $$\mathrm{scores} = Q K^\top \qquad \mathrm{weights} = \mathrm{softmax}(\mathrm{scores}) \qquad
# \mathrm{output} = \mathrm{weights}\; V$$
#
# | | |
# |---|---|
# | inputs | a list: query `(batch, Tq, dim)`, value `(batch, Tv, width)`, key `(batch, Tv, dim)` |
# | shape | output `(batch, Tq, width)`: a mean of values for each query |
# | parameters | none; with `use_scale=True` one number that multiplies all scores |
#
# Be careful with the names: scores are the numbers *before* softmax, weights the numbers after.
# Keras's argument `return_attention_scores=True` returns the attention *weights*. These weights are
# not parameters of the layer: they are computed anew for each input.
#
# Now the sentence looks at itself: query, value and key are all the vectors of the words. The
# vectors are random, one for each different word. Where will *times* look?

# %% id="attention-experiment-2" tags=["experiment"]
look = keras.layers.Attention()
_, weights = look([words, words], return_attention_scores=True)
weights = weights[0].numpy()
figure = attention.heat_map(weights, sentence, sentence, "every word looks at every word")
seen = [sum(weight > 0.1 for weight in row) for row in weights]
show(
    figure,
    f"A heat map with the {len(sentence)} words as rows and columns. A row is the word that looks, "
    "a column the word that it looks at. Number of places with a weight above 0.1: "
    + ", ".join(f"{word} {count}" for word, count in zip(sentence, seen, strict=True))
    + ".",
)

# %% [markdown] id="attention-text-2"
# Words that come twice see both of their places, however far apart. Nothing was carried from one
# place to the other: they look directly.
#
# ### Change it: one row of the weights
#
# The next cell shows one row (in a running notebook: drag the sliders). `query` is the word that
# looks. `scale` multiplies the scores; it is the number that `use_scale=True` learns. **Before you
# move a slider**, predict: what will the thirteen weights be if `scale` is 0? What if it is 2?

# %% id="attention-experiment-3" tags=["experiment"]
scores = (words[0] @ ops.transpose(words[0])).numpy()


def looking(query=8, scale=1.0, causal=False):
    """The look of one word of the sentence."""
    return attention.draw_look(scores, sentence, query, scale, causal)


move(looking, query=(0, 12), scale=(0.0, 2.0, 0.1), causal=False)

# %% [markdown] id="attention-text-3"
# With a scale of 0 all scores are equal, and so are all weights: 1/13. The larger the scale, the
# more weight goes to the largest score. So the scale decides how sharp the attention is.
#
# **Try:** tick `causal`, and move `query` from 0 to 12. How many places can each word see? Then
# change the sentence in the second code cell of this unit.
#
# The map also shows what is missing. Attention does not know about *order*: shuffle the words, and
# the rows and columns of the map are shuffled in the same way. Nothing else changes. We come back
# to this.
#
# ### Masks
#
# Two kinds of **masks** forbid looking at certain places.
#
# - The mask of the *value* hides places, such as padding, from all queries. It is a row of True
#   (visible) and False (hidden).
# - A **causal mask** hides the future: query $i$ sees the places $0$ to $i$. A network that learns
#   to predict the next word must not see it.
#
# A hidden place must get a weight of zero, and the other weights must still sum to 1. So its score
# is replaced, *before* softmax, by something like $-10^9$.
#
# There is also a mask of the *query*: padding among the queries gets an output, too, and this
# output is set to zero in the end.

# %% id="attention-experiment-4" tags=["experiment"]
visible = np.array([[word != "," for word in sentence]])
_, weights = look(
    [words, words], mask=[None, visible], use_causal_mask=True, return_attention_scores=True
)
weights = weights[0].numpy()
figure = attention.heat_map(weights, sentence, sentence, "causal, and the comma masked")
comma = sentence.index(",")
spread = int((weights[comma] > 0.01).sum())
show(
    figure,
    "The same heat map with a causal mask and the comma masked. The largest weight above the "
    f"diagonal is {np.triu(weights, 1).max():.2f}, the largest in the column of the comma "
    f"{weights[:, comma].max():.2f}. The row of the comma has {spread} weights above 0.01.",
)

# %% [markdown] id="attention-shapes-exercise"
# ### Exercise: predict the shapes of Attention
#
# > Difficulty ●○○○○ (1 of 5) · Importance ●●●●○ (4 of 5) · 4 minutes · 2 points
# >
# > Given the shapes of query and value (with their batch axis, which may be `None`), return a list
# > of two shapes: that of the output, and that of the attention weights.
#
# <details><summary>My second shape is transposed</summary>
#
# Look at the heat map: are the queries its rows or its columns?
# </details>


# %% nbgrader={"grade_id": "attention-shapes", "solution": true}
def attention_shapes(query_shape, value_shape):
    """The shapes of output and attention weights, for the shapes of query and value."""
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
# >   the attention weights, `(batch, Tq, Tv)`.
# > - **parameters** (1): none, or with `use_scale=True` one trainable number, of shape `()`.
# > - **output** (6): the formula above. The inputs are `[query, value]` or `[query, value, key]`;
# >   `mask` is `None` or a list `[query_mask, value_mask]`, each of which may be `None`;
# >   `use_causal_mask=True` hides the future, too. Scores may be large. A mask may hide every place
# >   of a sample: then any numbers are accepted, but not NaN.
# > - **gradient** (1): gradients reach all inputs, and the scale.
# > - **model** (1): the layer works in the Functional API, and learns in a step of `fit`.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.Attention` and
# > `keras.ops.dot_product_attention`.
#
# <details><summary>The card says that an output holds NaN</summary>
#
# Minus infinity minus infinity is not a number. Is there a row in which every place is hidden? A
# very large negative number works as well.
# </details>
#
# <details><summary>The masks have the wrong shape to go with the scores</summary>
#
# The scores have the axes (batch, query, place). Write the axes of the value's mask below them:
# which one is missing? And which one is missing in the query's mask, compared with the output?
# </details>
#
# <details><summary>How do I make a causal mask?</summary>
#
# Compare two rows of numbers: `ops.arange` of the queries as a column, and `ops.arange` of the
# places as a row. Which comparison is True where a query may look? (`query.shape[1]` is `None` in a
# model for sequences of any length; `ops.shape(query)[1]` is the number at the moment when the
# layer runs.)
# </details>
#
# <details><summary>The shape is wrong when the batch size is not known yet</summary>
#
# Did you write `compute_output_shape`? It would have to return the shape of the weights, too. Leave
# it out; Keras finds the shapes by itself.
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
# multiply. It *added* query and key, put the sum through tanh, and used a learned vector to weight
# the features of the result. This is **additive attention**.

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
# Everything after the scores is the same: masks, softmax and the mean. But it costs more memory:
# for each pair of query and key there is a whole vector, `(batch, Tq, Tv, dim)` numbers in all. A
# matrix product never needs so many. The authors of the Transformer chose the product because it is
# faster and needs less space.
#
# What do the two make of the same sentence, before anything is learned? (The scale is set to 0.5
# for all features.)

# %% id="additiveattention-experiment-2" tags=["experiment"]
figure, panels = plt.subplots(1, 2, figsize=(10, 4.4), layout="constrained")
additive = keras.layers.AdditiveAttention()
additive.build([words.shape, words.shape])
additive.scale.assign(np.full(32, 0.5))
found = []
for panel, layer in zip(panels, (look, additive), strict=True):
    _, weights = layer([words, words], return_attention_scores=True)
    weights, name = weights[0].numpy(), type(layer).__name__
    panel.imshow(weights, cmap="Blues", vmin=0)
    panel.set_xticks(range(13), sentence, rotation=60, ha="right", rotation_mode="anchor")
    panel.set_yticks(range(13), sentence)
    panel.set(title=name, xlabel="looked at", ylabel="looking")
    own = sum(sentence[row.argmax()] == word for row, word in zip(weights, sentence, strict=True))
    found.append(f"under {name}, {own} of 13 words look most at the same word as themselves")
print(*found, sep="\n")
show(figure, f"Two heat maps of the sentence: {'; '.join(found)}.")

# %% [markdown] id="additiveattention-text-2"
# The product sees at once which words are the same: of vectors of the same length, none fits a
# vector as well as the vector itself. The sum does not see it. Some words get a high score from all
# the others, and make vertical stripes. An additive attention has to *learn* what goes with what.
# In the paper, query and key pass through a Dense layer each before they are added, and training
# changes those layers.
#
# **Try:** set the scale to −0.5. Which words become the dark columns now?

# %% [markdown] id="additive-attention-params-exercise"
# ### Exercise: predict the parameters of AdditiveAttention
#
# > Difficulty ●○○○○ (1 of 5) · Importance ●●○○○ (2 of 5) · 2 minutes · 2 points
# >
# > How many parameters does `AdditiveAttention(use_scale=use_scale)` have for queries and keys of
# > width `dim`?
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
# > `keras.layers.Attention`. You may use your own Attention.
#
# <details><summary>I do not know how to add every query to every key</summary>
#
# Give the query an axis of length 1 for the places, and the key one for the queries. What is the
# shape of their sum?
# </details>
#
# <details><summary>I do not want to write the masks again</summary>
#
# You do not have to. Give your Attention a method that computes only the scores; then a subclass
# needs to replace only this method.
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
# So far the same vector was query, key and value of a word, and each word could look in one way
# only. The paper *Attention Is All You Need* (2017) changes both.
#
# Query, key and value first go through a small Dense layer each. So the same word can ask for one
# thing, offer another, and hand over a third. And this is done several times side by side, in
# **heads**: one head may look for the word before, another for the subject of the sentence. In the
# end one more Dense layer combines the outputs of all heads. This is **multi-head attention**.

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
# | arguments | `layer(query, value)` or `layer(query, value, key)`, separate and not in a list |
# | shape | the output has the shape of the query |
# | parameters | three projections into the heads and one out of them, each with a bias |
#
# Why the root? The product of two random vectors of length $d$ is a sum of $d$ terms, and its size
# grows like $\sqrt{d}$. Softmax of large numbers puts nearly all weight on one of them, and its
# gradient is nearly zero. Dividing keeps the scores in a range in which softmax can still learn.

# %% [markdown] id="multi-head-attention-params-exercise"
# ### Exercise: predict the parameters of MultiHeadAttention
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●●○ (4 of 5) · 5 minutes · 2 points
# >
# > How many parameters does `MultiHeadAttention(num_heads, key_dim)` have if query, value and key
# > all have this many features? (The value's width in a head is `key_dim`, too.)
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
# The weights have an axis for the heads, so you need no loop: `ops.einsum` gives each axis a
# letter, and sums over the letters that are missing on the right. `"bqw,whd->bhqd"` turns a query
# `(batch, queries, width)` and a kernel `(width, heads, size)` into `(batch, heads, queries,
# size)`.

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
# >   the total is judged, not the shapes: `Dense` layers of `num_heads * key_dim` units are fine.
# > - **output** (6): the formulas above. `attention_mask`, of shape `(batch, Tq, Tv)`, is True
# >   where a query may look; `use_causal_mask=True` hides the future, too. A mask that hides every
# >   place must not lead to NaN. Without a key the value is its own key.
# > - **gradient** (1): gradients reach all inputs and all weights.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.MultiHeadAttention`,
# > `keras.layers.GroupQueryAttention` and `keras.ops.dot_product_attention`.
#
# <details><summary>build() gets a strange argument</summary>
#
# Keras passes to `build` the shape of each argument of `call`, by name: `query_shape` for `query`,
# and so on. `key_shape` is missing if there is no key, so give it a default.
# </details>
#
# <details><summary>The shapes fit, the values do not, and I used a reshape</summary>
#
# Heads and queries are two axes. To exchange two axes you transpose; a reshape only cuts the same
# row of numbers in another way.
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
# Now use your layer for the task of every language model: read the text so far, and predict the
# next letter. Our texts are simple. A sign comes first, then a word of six random letters, a bar,
# and the answer. The sign `>` means: copy the word. The sign `<` means: write it backwards.
#
# ```
# >robert|robert        <robert|trebor
# ```
#
# The word itself cannot be predicted, so only the six letters of the answer count.
#
# Attention does not know about order. So we add a second vector to the vector of each letter, which
# stands for its *place*: sines and cosines of several frequencies, as in the paper of 2017. Then
# your MultiHeadAttention looks back, with three heads and a causal mask. Its output is added to its
# input (a **residual connection**), and two Dense layers predict the next letter.
#
# We compare it with unit 10: a GRU of 64 units in the place of the attention and the places. It has
# more parameters. Both get the same texts in the same order. (The cell takes
# about twenty seconds; a line appears after each model.)

# %% id="a-very-small-language-model-experiment" tags=["experiment"]
LETTERS, LENGTH, HEADS, SIZE = 26, 6, 3, 16
SIGNS, BAR = {">": LETTERS, "<": LETTERS + 1}, LETTERS + 2


def as_numbers(sign, word):
    """A text as a row of numbers: sign, word, bar, answer."""
    numbers = [ord(letter) - ord("a") for letter in word]
    return [SIGNS[sign], *numbers, BAR, *(numbers if sign == ">" else numbers[::-1])]


def random_texts(count, seed):
    """Many texts with random words, half of the signs being `>`."""
    random = np.random.default_rng(seed)
    words = random.integers(LETTERS, size=(count, LENGTH))
    signs = random.integers(2, size=(count, 1))
    answers = np.where(signs == 0, words, words[:, ::-1])
    bars = np.full((count, 1), BAR)
    return np.concatenate([LETTERS + signs, words, bars, answers], axis=1).astype("int32")


def places(count, width):
    """Sines and cosines that tell the places apart, (1, count, width)."""
    angles = np.arange(count)[:, None] / 100 ** (np.arange(width // 2) / (width // 2))
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1).astype("float32")[None]


def make_model(kind, steps, width=64):
    """From the text so far to a logit for each possible next sign, at every place at once."""
    inputs = keras.Input((steps,), dtype="int32")
    start = keras.initializers.RandomNormal(stddev=0.3)
    vectors = keras.layers.Embedding(LETTERS + 3, width, embeddings_initializer=start)(inputs)
    if kind == "GRU":
        vectors = keras.layers.GRU(64, return_sequences=True)(vectors)
    else:
        vectors = vectors + places(steps, width)
        looked = MultiHeadAttention(HEADS, SIZE, SIZE, name="heads")(
            vectors, vectors, use_causal_mask=True
        )
        vectors = vectors + looked
    hidden = keras.layers.Dense(64, activation="relu")(vectors)
    return keras.Model(inputs, keras.layers.Dense(LETTERS + 3)(hidden))


def trained(kind, seed=0, batches=250):
    """A model after so many batches of 100 texts."""
    texts = random_texts(100 * batches, 0)
    counts = np.zeros(texts[:, 1:].shape, "float32")
    counts[:, -LENGTH:] = 1  # only the answer counts
    keras.utils.set_random_seed(seed)
    model = make_model(kind, texts.shape[1] - 1)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.01), loss=loss, jit_compile=False)
    model.fit(texts[:, :-1], texts[:, 1:], sample_weight=counts, batch_size=100, verbose=0)
    return model


def judged(model, texts):
    """Share of right letters in the answers, and the perplexity."""
    logits, true = model(texts[:, :-1])[:, -LENGTH:], texts[:, -LENGTH:]
    right = np.mean(ops.argmax(logits, axis=-1) == true)
    loss = keras.losses.sparse_categorical_crossentropy(true, logits, from_logits=True)
    return float(right), float(np.exp(ops.mean(loss)))


new_texts, models = random_texts(500, 1), {}
for kind in ("attention", "GRU"):
    models[kind] = trained(kind)
    right, perplexity = judged(models[kind], new_texts)
    print(
        f"{kind:>9}, {models[kind].count_params()} parameters: {right:.0%} of the letters are",
        end="",
    )
    print(f" right, perplexity {perplexity:.1f}", flush=True)

# %% [markdown] id="perplexity-text"
# The **perplexity** is $e$ to the power of the loss. A perplexity of 1 means that the model is sure
# and right; a perplexity of 26 would mean that it is as unsure as a choice among 26 equally likely
# letters.
#
# The GRU learns this task more slowly. It has to squeeze the whole word into its state; attention
# just looks each letter up.
#
# In training, all places of a text are predicted at once, and each sees the *true* letters before
# it. This is **teacher forcing**, as in unit 10. In use, the model writes letter by letter and
# reads its own letters. It has never seen a name. Can it copy names, and write them backwards?


# %% id="a-very-small-language-model-experiment-2" tags=["experiment"]
def write(model, sign, word):
    """The model's answer, letter by letter."""
    text = np.array([as_numbers(sign, word)])
    text[:, -LENGTH:] = 0
    for place in range(LENGTH + 1, 2 * LENGTH + 1):
        text[0, place + 1] = ops.argmax(model(text[:, :-1])[0, place, :LETTERS])
    return "".join(chr(ord("a") + number) for number in text[0, -LENGTH:])


for word in [name for name in load("names")["first"] if len(name) == LENGTH][:3]:
    for sign in SIGNS:
        written = ", ".join(f"{kind} {write(model, sign, word)}" for kind, model in models.items())
        print(f"{sign}{word}|  {written}")

# %% [markdown] id="a-very-small-language-model-text"
# **Try:** set `LENGTH` to 10 in the cell before, and run both cells again. Which of the two models
# suffers more?
#
# Where do the three heads look? We do not need to open your layer to find out: we can ask it. We
# silence all heads but one, with zeros in the kernel that leads out of them. Then we show the layer
# values that are zero at all places but one. The part of this one value that comes out at a place
# is the attention weight that the head gives it there.


# %% id="a-very-small-language-model-experiment-3" tags=["experiment"]
def weights_of(layer, vectors, head):
    """The attention weights of one head, (queries, values), for one text (1, places, width)."""
    count, width = vectors.shape[1:]
    (out,) = [w for w in layer.weights if len(w.shape) > 1 and w.shape[-1] == width]
    kernel = out.numpy()
    alone = kernel.reshape(HEADS, SIZE, width) * (np.arange(HEADS) == head)[:, None, None]
    out.assign(alone.reshape(kernel.shape))
    text, one = np.repeat(vectors, count, axis=0), np.eye(count)[:, :, None] * np.ones(width)
    lit, dark = (layer(text, value, text, use_causal_mask=True) for value in (one, 0 * one))
    out.assign(kernel)
    parts = np.subtract(lit, dark)  # (values, queries, width): what each value adds
    whole = parts.sum(axis=0)  # the weights of a row sum to 1
    return (np.einsum("vqw,qw->vq", parts, whole) / np.square(whole).sum(axis=-1)).T


def looked_at(model, sign, word):
    """The weights of all heads while the answer is written, (heads, answer, places)."""
    layer = model.get_layer("heads")
    before = keras.Model(model.input, layer.input[0])
    vectors = before(np.array([as_numbers(sign, word)])[:, :-1]).numpy()
    return np.stack([weights_of(layer, vectors, head)[-LENGTH:] for head in range(HEADS)])


word = "robert"
answers = {">": word, "<": word[::-1]}
maps = {
    f"{sign}{word}|{answer[:-1]}": looked_at(models["attention"], sign, word)
    for sign, answer in answers.items()
}
told = []
for text, weights in maps.items():
    for head, rows in enumerate(weights):
        best = " ".join(text[place] for place in rows.argmax(axis=1))
        mean = rows.max(axis=1).mean()
        told.append(
            f"{text} head {head} looks most at {best}, with a weight of {mean:.2f} on average"
        )
print(*told, sep="\n")
show(
    attention.head_maps(maps, list(answers.values())),
    f"Attention weights of {HEADS} heads while the model writes six letters, for two texts. Each "
    f"map has its own scale. The place with the largest weight, letter by letter: "
    f"{'; '.join(told)}.",
)

# %% [markdown] id="heads-text"
# The rows are the letters that the model is about to write, the columns what it may look back to.
# The lines under the code say for each letter of the answer which place gets most weight.
#
# In most rows the heads are sharp: one place gets nearly all the weight. And the heads share the
# work. For a copy the wanted letter lies on one diagonal, for a reversal on the other. Often one
# head serves the first half of the word and another the second half, under both signs.
#
# And a head that is not needed for a letter? It must still put its weight somewhere. Look for rows
# in which a head rests on the sign. In large language models such weight often goes to the first
# word of the text; Guangxuan Xiao and others called this an *attention sink* in 2023.
#
# Which head does which part is chance. Another seed gives another division of labour.
#
# **Try:** `trained("attention", seed=1)` in the place of the model, or another word.

# %% [markdown] id="what-do-you-see"
# ### What do you see?
#
# Look at the numbers, the words and the maps, and answer in a few sentences. (3 points, read by
# your instructor.)
#
# 1. What would the loss be if the mask were not causal? Would such a model be of any use?
# 2. Describe the work of one head: where does it look when the sign is `>`, and where when it is
#    `<`?
# 3. The places have vectors of their own. What could the model not do without them?

# %% [markdown] nbgrader={"grade_id": "question", "grade": true, "solution": true, "points": 3}
# ### BEGIN SOLUTION
# 1. Each place could look at the very letter that it must predict; the loss would fall to nearly
#    nothing. The model could not write, because then the next letter is not there yet. (One point.)
# 2. Any habit that can be read off the maps, such as: it looks at the wanted letter if that is in
#    the first half of the word, under both signs, and otherwise at the sign. (One point.)
# 3. It could not tell the order of the letters: attention is a weighted mean, and a mean does not
#    change if its terms are shuffled. So it could neither copy nor reverse. (One point.)
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
# | Attention | product of query and key, not scaled | none, or one number |
# | AdditiveAttention | sum of scale · tanh(query + key) | `dim` |
# | MultiHeadAttention | product in each head, divided by √key_dim | four projections with biases |
#
# A **Transformer block** is a MultiHeadAttention and two Dense layers, each with a residual
# connection around it and a *layer normalization*. Stack some dozens of such blocks on embeddings
# with places, and you have the plan of a large language model. You have written its most important
# part, and the Dense layers and embeddings too. The layer normalization comes in unit 13, vectors
# for the places in unit 14, and the block itself in unit 15.
#
# ## References
#
# - D. Bahdanau, K. Cho, Y. Bengio (2014), *Neural Machine Translation by Jointly Learning to Align
#   and Translate*, arXiv:1409.0473 (additive attention).
# - M.-T. Luong, H. Pham, C. D. Manning (2015), *Effective Approaches to Attention-based Neural
#   Machine Translation*, arXiv:1508.04025 (scores by a product).
# - A. Vaswani and others (2017), *Attention Is All You Need*, arXiv:1706.03762 (the Transformer,
#   heads, the root, places by sines and cosines).
# - G. Xiao, Y. Tian, B. Chen, S. Han, M. Lewis (2023), *Efficient Streaming Language Models with
#   Attention Sinks*, arXiv:2309.17453.
