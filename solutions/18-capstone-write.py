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
# # 18 · A model that writes
#
# In this unit your layers become a language model. It reads names letter by letter, learns which
# letter comes next, and invents names that nobody has. It has the same parts as many large language
# models of today: a tied embedding, rotary positions, RMSNormalization, grouped-query attention
# with a key-value cache, and SwiGLU.
#
# You do four things:
#
# 1. You build the model, and give it weights that were learned before. Then its **logits** must be
#    those of the model that these weights come from, layer by layer.
# 2. You make it write with a cache, and what it writes must be the same as without one.
# 3. You choose the next letter in three ways: by temperature, top-k and top-p.
# 4. You train a model of your own, until it predicts new names better than counting can.
#
# At the end, the same model learns another text: couplets of Chinese poems.
#
# You need units 13, 14 and 15, and their solutions. The cell that trains takes about 15 seconds,
# and the one that learns the couplets about 10.
#
# The [glossary](../glossary.md) explains the words of the course, and gives their Chinese names. In
# a cell, `from grader import glossary` and then `glossary("bias")` prints what a word means.

# %% id="imports"
# Import the grader first: it loads Keras and TensorFlow without their log messages.
from grader import check

import warnings

import keras
import numpy as np
from keras import ops

from grader.data import load

# A text may begin with a single token, which sees nothing but itself: Keras warns of that.
warnings.filterwarnings("ignore", message="You are using a softmax over axis")

# %% [markdown] id="parts-text"
# ## Your parts
#
# Four layers come from earlier units: RMSNormalization (unit 13), RotaryEmbedding (unit 14), SwiGLU
# and ReversibleEmbedding (unit 15). Copy your classes into the next cell. It has no points. The
# cell after it checks them once more.


# %% nbgrader={"grade_id": "parts", "solution": true}
class RMSNormalization(keras.layers.Layer):
    """Divides each vector by its root mean square, then scales each feature (unit 13)."""

    def __init__(self, axis=-1, epsilon=1e-6, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.axis, self.epsilon = axis, epsilon
        ### END SOLUTION

    def build(self, input_shape):
        ### BEGIN SOLUTION
        axes = [self.axis] if isinstance(self.axis, int) else list(self.axis)
        shape = [input_shape[axis] for axis in sorted(axis % len(input_shape) for axis in axes)]
        self.gain = self.add_weight(name="gain", shape=shape, initializer="ones")
        ### END SOLUTION

    def call(self, inputs):
        ### BEGIN SOLUTION
        rank = len(inputs.shape)
        axes = [self.axis] if isinstance(self.axis, int) else list(self.axis)
        axes = [axis % rank for axis in axes]
        power = ops.mean(ops.square(inputs), axis=axes, keepdims=True)
        wide = [inputs.shape[axis] if axis in axes else 1 for axis in range(rank)]
        return inputs * ops.rsqrt(power + self.epsilon) * ops.reshape(self.gain, wide)
        ### END SOLUTION


class RotaryEmbedding(keras.layers.Layer):
    """Turns each pair of features by an angle that grows with the position (unit 14)."""

    def __init__(self, max_wavelength=10000, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.max_wavelength = max_wavelength
        ### END SOLUTION

    def call(self, inputs, start_index=0):
        ### BEGIN SOLUTION
        pairs = inputs.shape[-1] // 2
        slow = np.power(float(self.max_wavelength), np.arange(pairs) / pairs)
        where = ops.cast(start_index + ops.arange(ops.shape(inputs)[1]), "float32")
        angles = where[:, None] / ops.cast(slow, "float32")
        if len(inputs.shape) == 4:  # with heads
            angles = angles[:, None]
        one, other = inputs[..., :pairs], inputs[..., pairs:]
        across, along = ops.cos(angles), ops.sin(angles)
        first, second = one * across - other * along, one * along + other * across
        return ops.concatenate([first, second], axis=-1)
        ### END SOLUTION


class SwiGLU(keras.layers.Layer):
    """A feed-forward layer with a gate for each of its hidden numbers (unit 15)."""

    def __init__(self, hidden, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.hidden = hidden
        ### END SOLUTION

    def build(self, input_shape):
        ### BEGIN SOLUTION
        width = input_shape[-1]
        self.gate = self.add_weight(name="gate", shape=(width, self.hidden))
        self.up = self.add_weight(name="up", shape=(width, self.hidden))
        self.down = self.add_weight(name="down", shape=(self.hidden, width))
        ### END SOLUTION

    def call(self, inputs):
        ### BEGIN SOLUTION
        opened = ops.silu(ops.matmul(inputs, self.gate)) * ops.matmul(inputs, self.up)
        return ops.matmul(opened, self.down)
        ### END SOLUTION


class ReversibleEmbedding(keras.layers.Layer):
    """Vectors for tokens, and in reverse logits for vectors (unit 15)."""

    def __init__(self, input_dim, output_dim, tie_weights=True, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.sizes, self.tie_weights = (input_dim, output_dim), tie_weights
        ### END SOLUTION

    def build(self, input_shape):
        ### BEGIN SOLUTION
        self.rows = self.add_weight(name="rows", shape=self.sizes)
        self.on_the_way_back = self.rows
        if not self.tie_weights:
            self.on_the_way_back = self.add_weight(name="on_the_way_back", shape=self.sizes)
        ### END SOLUTION

    def call(self, inputs, reverse=False):
        ### BEGIN SOLUTION
        if reverse:
            return ops.einsum("...w,vw->...v", inputs, self.on_the_way_back)
        return ops.take(self.rows, inputs, axis=0)
        ### END SOLUTION


# %% id="parts-experiment" tags=["experiment"]
for part in (RMSNormalization, RotaryEmbedding, SwiGLU, ReversibleEmbedding):
    check(part)

# %% [markdown] id="names-text"
# ## Names as tokens
#
# The texts are 20,000 family names of people in the United States, from the census of 1990. Each
# letter is a token. One more token, the point, says that a name ends, and stands before each name,
# too. Together these are 27 *signs*. A row of numbers holds a name like this: an end, the letters,
# and ends after them.

# %% id="names-code"
SIGNS = ".abcdefghijklmnopqrstuvwxyz"  # the point, token 0, is the end
PLACES = 14  # of the longest name: its letters, and an end


def rows_of(names):
    """Names as rows of tokens, (names, 15)."""
    rows = np.zeros((len(names), PLACES + 1), "int32")
    for row, name in zip(rows, names, strict=True):
        row[1 : len(name) + 1] = [SIGNS.index(letter) for letter in name]
    return rows


def counted(rows):
    """1 for each letter and for the first end behind it, 0 for the ends that only fill the row."""
    ends = rows[:, 1:] == 0
    return (np.cumsum(ends, axis=1) - ends == 0).astype("float32")


family_names = load("more_names")["last"]
rows = rows_of(family_names)  # (20000, 15)

# %% id="names-experiment" tags=["experiment"]
import matplotlib.pyplot as plt

from grader.pictures import move, show, writing

print(len(rows), "names:", ", ".join(family_names[:6]), "...")
print("a row:           ", rows[0])
print("inputs of fit:   ", rows[0, :-1])
print("targets of fit:  ", rows[0, 1:])
print("which are counted", counted(rows[:1])[0].astype(int))

# %% [markdown] id="names-text-2"
# At each place the model sees the letters up to there and predicts the next one. So a name of six
# letters gives seven tasks at once, the end included.
#
# ## RotaryAttention
#
# In unit 14 you turned queries and keys, and shared heads of keys among several heads of queries.
# In unit 15 you gave attention a cache. Here all of it comes together in one layer: causal, without
# biases, and always looking back at its own inputs.

# %% id="attention-experiment" tags=["experiment"]


def growing(cached=4, steps=2):
    """A call with a cache: so many tokens are known, so many are new."""
    return writing.draw_growing(cached, steps)


move(growing, cached=(0, 6), steps=(1, 3))

# %% [markdown] id="attention-text"
# The cache of unit 15 had a fixed number of places. This one *grows*: new keys and values are added
# after the old ones. So the cache itself says how many tokens came before, and no `start` is
# needed.
#
# ```
# outputs, cache = layer(tokens)               # a text that begins here
# outputs, cache = layer(new_tokens, cache)    # and goes on
# ```
#
# | | |
# |---|---|
# | made with | `num_query_heads`, `num_key_value_heads`, `head_dim` |
# | `inputs` | the new tokens' vectors, `(batch, steps, width)` |
# | `cache` | `None`, or the list `[keys, values]` of the call before |
# | keys, values | both `(batch, places, num_key_value_heads, head_dim)` |
# | gives | outputs of the inputs' shape, and the longer cache, again `[keys, values]` |
#
# 1. Query, key and value are made of the inputs by three projections.
# 2. With $n$ places in the cache, new token $i$ stands at position $n + i$. Its query and its key
#    are turned by this position, with the default `max_wavelength` of RotaryEmbedding. Keys are
#    cached as they are *after* the turn. Values are not turned.
# 3. New keys and values are added after those in the cache.
# 4. Token $i$ sees the places $0$ to $n + i$. Query heads $0$ to $g - 1$ share the first head of
#    keys and values, the next $g$ the second, and so on.
# 5. Scores are divided by the root of `head_dim`. Softmax, the mean of the values and the output
#    projection follow, as in MultiHeadAttention.
#
# **Before you move a slider**, predict: which positions turn the new queries, if 5 tokens are
# cached?

# %% [markdown] id="rotary-attention-exercise"
# ### Exercise: write RotaryAttention
#
# > Difficulty ●●●●○ (4 of 5) · Importance ●●●●● (5 of 5) · 35 minutes · 10 points
# >
# > **What is asked**
# >
# > - **shape** (1): as in the table. Without a cache there are as many places as tokens.
# > - **parameters** (1): three projections into the heads and one out of them, without biases. Only
# >   the total is judged, not the shapes.
# > - **output** (5): outputs, keys and values of one call, with and without a cache, by the five
# >   steps above.
# > - **in_pieces** (2): a text that comes in pieces, each with the cache of the call before, gives
# >   the outputs of the whole text at once.
# > - **gradient** (1): gradients reach the inputs and all weights.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.MultiHeadAttention`,
# > `keras.layers.GroupQueryAttention` and `keras.ops.dot_product_attention`. You may begin with the
# > code of your own CachedAttention from unit 15.
#
# <details><summary>Right without a cache, wrong with one</summary>
#
# Two things depend on the number of cached places: the angles of the turns, and the mask. Which of
# the two counts from 0?
# </details>
#
# <details><summary>The shapes of my scores do not fit</summary>
#
# There are more heads of queries than of keys. `ops.repeat(keys, group, axis=2)` makes as many.
# Which heads stand next to each other then? (`ops.tile` gives another order.)
# </details>
#
# <details><summary>Only the cached keys are wrong</summary>
#
# Are they cached before the turn, or after it?
# </details>


# %% nbgrader={"grade_id": "rotary-attention", "solution": true}
class RotaryAttention(keras.layers.Layer):
    """Causal grouped-query attention with rotary positions, and a cache that grows."""

    def __init__(self, num_query_heads, num_key_value_heads, head_dim, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.query_heads, self.key_heads = num_query_heads, num_key_value_heads
        self.head_size = head_dim
        self.turn = RotaryEmbedding()
        ### END SOLUTION

    def build(self, input_shape):
        ### BEGIN SOLUTION
        width, size = input_shape[-1], self.head_size
        self.to_query = self.add_weight(name="to_query", shape=(width, self.query_heads, size))
        self.to_key = self.add_weight(name="to_key", shape=(width, self.key_heads, size))
        self.to_value = self.add_weight(name="to_value", shape=(width, self.key_heads, size))
        self.out = self.add_weight(name="out", shape=(self.query_heads, size, width))
        ### END SOLUTION

    def call(self, inputs, cache=None):
        ### BEGIN SOLUTION
        known = 0 if cache is None else cache[0].shape[1]
        query, key, value = (
            ops.einsum("btw,whd->bthd", inputs, kernel)
            for kernel in (self.to_query, self.to_key, self.to_value)
        )
        query, key = self.turn(query, start_index=known), self.turn(key, start_index=known)
        if cache is not None:
            key = ops.concatenate([cache[0], key], axis=1)
            value = ops.concatenate([cache[1], value], axis=1)
        group = self.query_heads // self.key_heads
        keys, values = ops.repeat(key, group, axis=2), ops.repeat(value, group, axis=2)
        fits = ops.einsum("bqhd,bkhd->bhqk", query, keys) / self.head_size**0.5
        at = known + ops.arange(inputs.shape[1])
        sees = ops.arange(known + inputs.shape[1]) <= at[:, None]
        shares = ops.softmax(ops.where(sees, fits, -1e9), axis=-1)
        heads = ops.einsum("bhqk,bkhd->bqhd", shares, values)
        return ops.einsum("bqhd,hdw->bqw", heads, self.out), [key, value]
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-rotary-attention", "grade": true, "points": 10}
check(RotaryAttention)
### BEGIN HIDDEN TESTS
check(RotaryAttention, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="decoder-text"
# ## The whole model
#
# Two decoder blocks as in unit 15, with RotaryAttention for the attention. Before them comes an
# embedding, after them one more normalization, and the embedding in reverse.

# %% id="decoder-experiment" tags=["experiment"]
writing.draw_model().show()

# %% [markdown] id="decoder-text-2"
# The file `names_model.npz` in `data/` holds the weights of such a model. They were learned from
# the 20,000 names, by the script `data/train.py`. To use weights that somebody else has trained is
# called **porting** a model, and it is daily work with language models: the same formulas, written
# once more, must give the same logits.
#
# Weights in a file have names, and that is all that tells you where they belong.

# %% id="decoder-code"
SIZES = {
    "vocabulary": 27,
    "width": 48,
    "num_query_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 12,
    "hidden": 96,
    "blocks": 2,
}
weights = load("names_model")

# %% id="decoder-experiment-2" tags=["experiment"]
for name, value in weights.items():
    print(f"{name:18} {value.shape}")
print(sum(value.size for value in weights.values()), "numbers")

# %% [markdown] id="decoder-text-3"
# | name | belongs to | shape |
# |---|---|---|
# | `embedding` | ReversibleEmbedding | `(vocabulary, width)` |
# | `block_0.norm_1` | the normalization before attention | `(width,)` |
# | `block_0.query` | the projection of the queries | `(width, num_query_heads, head_dim)` |
# | `block_0.key` | that of the keys | `(width, num_key_value_heads, head_dim)` |
# | `block_0.value` | that of the values | as for the keys |
# | `block_0.output` | the projection out of the heads | `(num_query_heads, head_dim, width)` |
# | `block_0.norm_2` | the normalization before SwiGLU | `(width,)` |
# | `block_0.gate` | the branch of SwiGLU that goes through silu | `(width, hidden)` |
# | `block_0.up` | the other branch | `(width, hidden)` |
# | `block_0.down` | the matrix after the product | `(hidden, width)` |
# | `block_1.norm_1` and so on | the next block | |
# | `normalization` | the last normalization | `(width,)` |
#
# If the logits are wrong, how do you find out where? You compare both models part by part, from the
# tokens on. All that comes before the first difference is right. For this your model has a method
# that gives *all* of its **stages**, the logits last:
#
# | stage | |
# |---|---|
# | embedding | the vectors of the tokens |
# | block 0, attention | the stream after the first sum of block 0 |
# | block 0, feed-forward | the stream after the second sum of block 0 |
# | block 1, attention and so on | two stages for each block |
# | last normalization | |
# | logits | |

# %% [markdown] id="decoder-exercise"
# ### Exercise: write Decoder
#
# > Difficulty ●●●●○ (4 of 5) · Importance ●●●●● (5 of 5) · 45 minutes · 12 points
# >
# > It is made with `vocabulary`, `width`, `num_query_heads`, `num_key_value_heads`, `head_dim`,
# > `hidden` and `blocks`. Tokens are whole numbers, `(batch, steps)`.
# >
# > - `model(tokens)` gives logits, `(batch, steps, vocabulary)`.
# > - `model.load(weights)` gives each weight the value of its name. It is called after a first call
# >   of the model, and its argument is a dict of arrays, named as above.
# > - `model.stages(tokens)` gives the list of all stages.
# > - `model.proceed(tokens, cache)` gives logits for tokens that follow on others, and the new
# >   cache. The cache is `None`, or what the call before gave. What you keep in it is up to you.
# >
# > **What is asked**
# >
# > - **shape** (1): that of the logits.
# > - **parameters** (1): those of the embedding, of the blocks, and of the last normalization.
# > - **loading** (1): after `load`, your weights hold the given numbers, in any form and order.
# > - **output** (4): the logits, with random weights and with those of the file.
# > - **stages** (3): each stage. The card names the first one that differs.
# > - **in_pieces** (2): `proceed`, called with a text in pieces, gives the logits of the whole.
# >
# > Use your own layers, or those of Keras where they do the same.
#
# <details><summary>My load finds no weights</summary>
#
# When does a layer of Keras make its weights? What must have happened to it before?
# </details>
#
# <details><summary>Right for the whole text, wrong in pieces</summary>
#
# How many caches does a model with two blocks need? Where does each block find its own in the next
# call?
# </details>
#
# <details><summary>I write nearly the same three times</summary>
#
# One method can do all the work and give the stages and the caches. The three others then return a
# part of what it gives.
# </details>


# %% nbgrader={"grade_id": "decoder", "solution": true}
### BEGIN SOLUTION
class Block(keras.layers.Layer):
    """Attention and SwiGLU, each after a normalization and with a residual around it."""

    def __init__(self, query_heads, key_heads, head_size, hidden):
        super().__init__()
        self.norm_1, self.norm_2 = RMSNormalization(), RMSNormalization()
        self.attention = RotaryAttention(query_heads, key_heads, head_size)
        self.feed_forward = SwiGLU(hidden)

    def call(self, stream, cache=None):
        looked, cache = self.attention(self.norm_1(stream), cache)
        middle = stream + looked
        return middle, middle + self.feed_forward(self.norm_2(middle)), cache

    def fill(self, weights):
        places = {
            "norm_1": self.norm_1.gain,
            "query": self.attention.to_query,
            "key": self.attention.to_key,
            "value": self.attention.to_value,
            "output": self.attention.out,
            "norm_2": self.norm_2.gain,
            "gate": self.feed_forward.gate,
            "up": self.feed_forward.up,
            "down": self.feed_forward.down,
        }
        for name, place in places.items():
            place.assign(weights[name])


### END SOLUTION
class Decoder(keras.Model):
    """A language model: from tokens to logits for the next token."""

    def __init__(
        self,
        vocabulary,
        width,
        num_query_heads,
        num_key_value_heads,
        head_dim,
        hidden,
        blocks,
        **kwargs,
    ):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.embedding = ReversibleEmbedding(vocabulary, width)
        heads = num_query_heads, num_key_value_heads, head_dim
        self.blocks = [Block(*heads, hidden) for _ in range(blocks)]
        self.normalization = RMSNormalization()
        ### END SOLUTION

    ### BEGIN SOLUTION
    def run(self, tokens, caches):
        """All stages, and the new caches."""
        stream = self.embedding(tokens)
        found, kept = [stream], []
        for block, cache in zip(self.blocks, caches, strict=True):
            middle, stream, cache = block(stream, cache)
            found += [middle, stream]
            kept.append(cache)
        found.append(self.normalization(stream))
        found.append(self.embedding(found[-1], reverse=True))
        return found, kept

    ### END SOLUTION
    def call(self, tokens):
        """Logits at every place."""
        ### BEGIN SOLUTION
        return self.stages(tokens)[-1]
        ### END SOLUTION

    def stages(self, tokens):
        """The list of all stages."""
        ### BEGIN SOLUTION
        return self.run(tokens, [None] * len(self.blocks))[0]
        ### END SOLUTION

    def proceed(self, tokens, cache=None):
        """Logits for tokens that follow on others, and the cache."""
        ### BEGIN SOLUTION
        found, kept = self.run(tokens, [None] * len(self.blocks) if cache is None else cache)
        return found[-1], kept
        ### END SOLUTION

    def load(self, weights):
        """Give each weight the value of its name."""
        ### BEGIN SOLUTION
        self.embedding.rows.assign(weights["embedding"])
        self.normalization.gain.assign(weights["normalization"])
        for number, block in enumerate(self.blocks):
            start = f"block_{number}."
            block.fill({name.removeprefix(start): weights[name] for name in weights})
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-decoder", "grade": true, "points": 12}
check(Decoder)
### BEGIN HIDDEN TESTS
check(Decoder, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="decoder-text-4"
# Now your model knows names. What does it expect after some beginnings? And what do you see in the
# stages if a single matrix is wrong? In the next cell a second model gets the same weights, except
# that `gate` and `up` of block 1 are exchanged.
#
# **Before you run it**, predict: which stages of the two models are the same?

# %% id="decoder-experiment-3" tags=["experiment"]


def loaded(weights):
    """A Decoder with these weights."""
    model = Decoder(**SIZES)
    model(np.zeros((1, 2), "int32"))  # makes the weights
    model.load(weights)
    return model


STAGES = ["embedding"]
STAGES += [f"block {n}, {half}" for n in range(2) for half in ("attention", "feed-forward")]
STAGES += ["last normalization", "logits"]
ported = loaded(weights)
for beginning in ("mc", "schw", "fitzger"):
    tokens = np.array([[SIGNS.index(letter) for letter in "." + beginning]])
    probabilities = ops.softmax(ported(tokens)[0, -1]).numpy()
    best = np.argsort(-probabilities)[:3]
    print(f"{beginning:>8}:", ", ".join(f"{SIGNS[b]} {probabilities[b]:.0%}" for b in best))

mixed_up = weights | {
    "block_1.gate": weights["block_1.up"],
    "block_1.up": weights["block_1.gate"],
}
pairs_of_stages = zip(
    ported.stages(rows[:9, :-1]), loaded(mixed_up).stages(rows[:9, :-1]), strict=True
)
gaps = [float(np.abs(one - other).max()) for one, other in pairs_of_stages]
for name, gap in zip(STAGES, gaps, strict=True):
    print(f"{name:>22}: largest difference {gap:.2g}")

# %% [markdown] id="decoder-text-5"
# All stages before the exchanged matrices are the same, all others differ. The last line alone
# would only have told you that something is wrong.
#
# **Try:** exchange `block_0.key` and `block_0.value`. Which is the first stage that differs?

# %% [markdown] id="probabilities-text"
# ## From logits to a letter
#
# Softmax makes probabilities of logits, and a letter can be drawn by these probabilities. That is
# what the model has learned to do. But a model is never quite right about what is unlikely: each of
# many bad letters has a small probability, and in a long text one of them is drawn again and again.
# So people change the probabilities before they draw.
#
# | | |
# |---|---|
# | **temperature** | divide all logits by a number, then softmax |
# | **top-k** | only the `k` likeliest signs stay |
# | **top-p** | only the likeliest signs stay: as few as sum up to `p` or more |
#
# With top-k and top-p, all other signs get the probability 0, and the probabilities of those that
# stay are divided by their sum, so that they sum up to 1 again.

# %% id="probabilities-experiment" tags=["experiment"]


def choosing(temperature=1.0, k=7, p=1.0):
    """Probabilities of seven letters, and what is left of them."""
    return writing.draw_chances(temperature, k, p)


move(choosing, temperature=(0.25, 4.0, 0.25), k=(1, 7), p=(0.1, 1.0, 0.1))

# %% [markdown] id="probabilities-text-2"
# **Change it**: first predict, then look. Which letters stay with `p=0.5`? Does a higher
# temperature leave more letters, or fewer, if `p` stays the same?

# %% [markdown] id="temperature-exercise"
# ### Exercise: predict the probabilities at a temperature
#
# > Difficulty ●○○○○ (1 of 5) · Importance ●●●●○ (4 of 5) · 5 minutes · 3 points
# >
# > `logits` is a NumPy array with one logit for each sign. Return an array with the probability of
# > each sign, for a `temperature` above 0. Logits may be large: some hundreds, of either sign.
#
# <details><summary>I get nan</summary>
#
# `np.exp(800)` is infinite. Softmax does not change if the same number is subtracted from all
# logits: which one would you take? (`ops.softmax` does so.)
# </details>


# %% nbgrader={"grade_id": "temperature", "solution": true}
def temperature(logits, temperature):
    """The probabilities of all signs, with all logits divided by the temperature."""
    ### BEGIN SOLUTION
    scaled = (logits - np.max(logits)) / temperature
    parts = np.exp(scaled)
    return parts / parts.sum()
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-temperature", "grade": true, "points": 3}
check(temperature)
### BEGIN HIDDEN TESTS
check(temperature, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="top-k-exercise"
# ### Exercise: predict the probabilities with top-k
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●○○ (3 of 5) · 8 minutes · 3 points
# >
# > Only the `k` largest logits stay. Signs whose logit equals the k-th largest stay, too. If `k` is
# > larger than the number of signs, all stay. Return the probability of each sign, in the order of
# > the logits.
#
# <details><summary>The probabilities do not sum up to 1</summary>
#
# You can divide by the sum at the end. Or give the others a logit for which softmax makes 0: which
# one?
# </details>
#
# <details><summary>IndexError</summary>
#
# `np.sort(logits)[-k]` is the k-th largest logit, as long as there are `k` of them.
# </details>


# %% nbgrader={"grade_id": "top-k", "solution": true}
def top_k(logits, k):
    """The probabilities if only the k likeliest signs stay."""
    ### BEGIN SOLUTION
    smallest = np.sort(logits)[::-1][:k][-1]
    return temperature(np.where(logits >= smallest, logits, -np.inf), 1.0)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-top-k", "grade": true, "points": 3}
check(top_k)
### BEGIN HIDDEN TESTS
check(top_k, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="top-p-exercise"
# ### Exercise: predict the probabilities with top-p
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●●●○ (4 of 5) · 12 minutes · 3 points
# >
# > Add up probabilities from the likeliest sign on, until the sum is at least `p`. These signs
# > stay, including the one with which the sum reaches `p`. At least one sign always stays. `p` is
# > above 0 and at most 1, and no two logits are equal. Return the probability of each sign, in the
# > order of the logits.
#
# <details><summary>I have sorted probabilities, and do not know whose they are</summary>
#
# `np.argsort(-probabilities)` gives the numbers of the signs, the likeliest first. With these
# numbers you can read from an array, and write into one, too.
# </details>
#
# <details><summary>One sign is missing</summary>
#
# A sign stays if the sum *before* it has not reached `p` yet. Which sum does `np.cumsum` give?
# </details>


# %% nbgrader={"grade_id": "top-p", "solution": true}
def top_p(logits, p):
    """The probabilities if only the likeliest signs stay whose probabilities sum up to p."""
    ### BEGIN SOLUTION
    probabilities = temperature(logits, 1.0)
    order = np.argsort(-probabilities)
    before = np.cumsum(probabilities[order]) - probabilities[order]
    left = np.zeros_like(probabilities)
    left[order] = np.where(before < p, probabilities[order], 0.0)
    return left / left.sum()
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-top-p", "grade": true, "points": 3}
check(top_p)
### BEGIN HIDDEN TESTS
check(top_p, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="generate-text"
# ## Writing with a cache
#
# A text begins with a **prompt**: the tokens that are given. The first call of `proceed` gets the
# whole prompt. The logits at its *last* place are for the first new token. Each further call gets
# one token, the one that was just chosen, and the cache.
#
# The loop does not decide how a token is chosen. It gets a function `choose`, which takes the
# logits of one place and returns a token.

# %% [markdown] id="generate-exercise"
# ### Exercise: write generate
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●●●● (5 of 5) · 20 minutes · 6 points
# >
# > - `model` has the method `proceed` of your Decoder. Call it with tokens of shape `(1, steps)`.
# > - `prompt` is a list of tokens, one at least.
# > - `most` is the largest number of new tokens, 1 at least.
# > - `choose(logits)` takes the logits of one place, of shape `(vocabulary,)`, and returns a token.
# >   Call it once for each new token.
# >
# > It returns the list of new tokens, without the prompt. If the token 0 is chosen, the text has
# > ended: the 0 is the last token of the list.
# >
# > **What is asked**
# >
# > - **text** (4): the tokens that the model writes when it is given the whole text each time.
# > - **passes** (2): no token passes through the model twice. With a prompt of 3 tokens and 5 new
# >   ones, 7 pass: the last one need not pass, but it may.
# >
# > The check tries your function with a small model of its own, not with your Decoder.
#
# <details><summary>The first token is right, the others are not</summary>
#
# Print the tokens of each call of `proceed`, one after the other. Put together, are they the text?
# </details>
#
# <details><summary>choose says that the logits have another shape</summary>
#
# The model gives logits of shape (1, steps, vocabulary). Which of them are for the next token?
# </details>


# %% nbgrader={"grade_id": "generate", "solution": true}
def generate(model, prompt, most, choose):
    """The tokens that a model writes after a prompt."""
    ### BEGIN SOLUTION
    new, coming, cache = [], list(prompt), None
    while len(new) < most:
        logits, cache = model.proceed(np.array([coming]), cache)
        coming = [int(choose(logits[0, -1]))]
        new += coming
        if coming == [0]:
            break
    return new
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-generate", "grade": true, "points": 6}
check(generate)
### BEGIN HIDDEN TESTS
check(generate, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="generate-text-2"
# Now let the ported model write. First the same names with the cache and without one: numbers
# between 0 and 1 take the place of luck, so both draw alike. Then six names in each of five ways.
# How many of the names are in the list of 20,000, and what is the model's own loss on them?

# %% id="generate-experiment" tags=["experiment"]


def drawing(random, probabilities):
    """A way to choose: draw a token by these probabilities of its logits."""

    def choose(logits):
        found = np.asarray(probabilities(np.asarray(logits)), "float64")
        return int(random.choice(len(found), p=found / found.sum()))

    return choose


def again_and_again(model, prompt, most, choose):
    """The same as generate, without a cache."""
    text = list(prompt)
    while len(text) < len(prompt) + most:
        text.append(choose(model(np.array([text]))[0, -1]))
        if text[-1] == 0:
            break
    return text[len(prompt) :]


def plain(logits):
    return temperature(logits, 1.0)


alike = []
for seed in range(3):
    ways = [
        way(ported, [0], PLACES, drawing(np.random.default_rng(seed), plain))
        for way in (generate, again_and_again)
    ]
    alike.append(ways[0] == ways[1])
    print("".join(SIGNS[token] for token in ways[0]), "the same without a cache:", alike[-1])

# %% id="generate-experiment-2" tags=["experiment"]
WAYS = {
    "temperature 0.5": lambda logits: temperature(logits, 0.5),
    "temperature 1": plain,
    "temperature 2": lambda logits: temperature(logits, 2.0),
    "top-k, k = 3": lambda logits: top_k(logits, 3),
    "top-p, p = 0.7": lambda logits: top_p(logits, 0.7),
}


def loss_of(model, rows):
    """The mean loss of the model on each name."""
    probabilities = ops.log_softmax(model(rows[:, :-1])).numpy()
    told = np.take_along_axis(probabilities, rows[:, 1:, None], axis=-1)[..., 0]
    return -(told * counted(rows)).sum(axis=1) / counted(rows).sum(axis=1)


def written(way, count=6, seed=0):
    """So many names, written in this way."""
    choose = drawing(np.random.default_rng(seed), WAYS[way])
    texts = [generate(ported, [0], PLACES - 1, choose) for _ in range(count)]
    return ["".join(SIGNS[token] for token in text).rstrip(".") for text in texts]


known, losses = set(family_names), {}
for way in WAYS:
    invented = [name for name in written(way) if name]
    losses[way] = float(loss_of(ported, rows_of(invented)).mean())
    real = sum(name in known for name in invented)
    print(f"{way}: {' '.join(invented)}")
    print(f"    {real} of {len(invented)} in the list, the model's own loss is {losses[way]:.2f}")

# %% [markdown] id="generate-text-3"
# At a low temperature the model takes what it is sure of, and its own loss on these names is
# small. At a high temperature it writes what it would never expect itself. top-k and top-p cut off
# the unlikely letters and leave the likely ones nearly as they were.
#
# **Try:** another way in `WAYS`, such as top-p after a temperature of 1.5.

# %% [markdown] id="pairs-text"
# ## A model of your own
#
# How good is such a model? **Perplexity** (unit 09) is $e$ to the power of the mean loss: with a
# perplexity of 27, the model knows no more than that there are 27 signs. The simplest model that
# looks back counts pairs, a **bigram model**: which letter follows which, and how often?
#
# A tenth of the names is kept for a test.

# %% id="pairs-experiment" tags=["experiment"]


def perplexity(log_chances, rows):
    """Of logarithms of probabilities, (names, places, signs)."""
    told = np.take_along_axis(log_chances, rows[:, 1:, None], axis=-1)[..., 0]
    return float(np.exp(-(told * counted(rows)).sum() / counted(rows).sum()))


def bigrams(rows):
    """How likely each sign is after each sign, by counting."""
    table = np.ones((len(SIGNS), len(SIGNS)))
    taken = counted(rows) > 0
    np.add.at(table, (rows[:, :-1][taken], rows[:, 1:][taken]), 1)
    return table / table.sum(axis=1, keepdims=True)


learn, test = rows[2000:], rows[:2000]
by_pairs = perplexity(np.log(bigrams(learn)[test[:, :-1]]), test)
print(f"pairs of letters: perplexity {by_pairs:.1f} on new names")
of_ported = perplexity(ops.log_softmax(ported(test[:, :-1])).numpy(), test)
print(f"the ported model: {of_ported:.1f}")
print("(but it has seen these names)")

# %% [markdown] id="pairs-text-2"
# The pairs reach about 13.1 on new names. However well you count, one letter back is all that they
# know. Your model sees the whole beginning of a name, and it should reach 11.

# %% [markdown] id="name-writer-exercise"
# ### Exercise: train a model that writes names
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●●●● (5 of 5) · 30 minutes · 8 points
# >
# > Train your Decoder, in any size, on `rows`. `name_writer()` returns the trained model; train it
# > outside of the function, so that it is trained only once.
# >
# > **What is asked**
# >
# > - **perplexity** (8): at most 11 on 500 family names that are not in this notebook. The model
# >   gets rows of 14 tokens, as in `rows[:, :-1]`, and gives logits of shape `(batch, 14, 27)`.
# >   Logits must not depend on later letters: the check changes these and looks. And only a model
# >   that has learned counts: it has trainable weights in layers of your own, and its logits depend
# >   on them. (The check shuffles the numbers within each weight and then restores them.)
# >
# > The cell is run once more when your work is graded, and is stopped there after two minutes.
# > Aim at 20 seconds on your own machine: the other one may be slower. The check does not train.
#
# <details><summary>The loss is nan, or does not fall</summary>
#
# The model gives logits. Does your loss know that (`from_logits=True`)? Try a learning rate between
# 0.001 and 0.01.
# </details>
#
# <details><summary>The loss is very small, and the perplexity here is high</summary>
#
# Most places of a row only fill it, and are easy. `fit` takes `sample_weight`: which places should
# count?
# </details>
#
# <details><summary>It takes too long</summary>
#
# A width of 32 with two blocks is enough, and so are two rounds through all names, 100 in each
# batch. `jit_compile=False` in `compile` saves the time of compiling.
# </details>


# %% nbgrader={"grade_id": "name-writer", "solution": true}
def name_writer():
    """The model, trained already."""
    ### BEGIN SOLUTION
    return own_model
    ### END SOLUTION


### BEGIN SOLUTION
keras.utils.set_random_seed(1)
own_model = Decoder(27, 32, 4, 2, 8, 64, 2)
rounds, batch = 2, 100
own_model.compile(
    keras.optimizers.Adam(
        keras.optimizers.schedules.CosineDecay(0.01, rounds * len(rows) // batch)
    ),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    jit_compile=False,
)
_ = own_model.fit(
    rows[:, :-1],
    rows[:, 1:],
    sample_weight=counted(rows),
    batch_size=batch,
    epochs=rounds,
    verbose=0,
)
### END SOLUTION

# %% nbgrader={"grade_id": "check-name-writer", "grade": true, "points": 8}
check(name_writer)
### BEGIN HIDDEN TESTS
check(name_writer, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="name-writer-text"
# What does the model know at each letter of a name? The next cell shows, letter by letter, how
# likely the right letter was, for the pairs and for your model.

# %% id="name-writer-experiment" tags=["experiment"]
own = name_writer()
word = "washington"
row = rows_of([word])
told = {
    "pairs": np.log(bigrams(rows)[row[:, :-1]])[0],
    "your model": ops.log_softmax(own(row[:, :-1])).numpy()[0],
}
shares = {
    name: [float(np.exp(found[at, row[0, at + 1]])) for at in range(len(word) + 1)]
    for name, found in told.items()
}
figure, axes = plt.subplots(figsize=(8, 3.4), layout="constrained")
for number, (name, values) in enumerate(shares.items()):
    axes.bar(np.arange(len(values)) + 0.4 * number - 0.2, values, 0.4, label=name)
axes.set(ylabel="probability of the right letter", ylim=(0, 1))
axes.set_xticks(range(len(word) + 1), [*word, "end"])
axes.legend()
show(
    figure,
    f"Bars: the probability of the right letter at each place of {word}. "
    + "; ".join(
        f"{name}: " + ", ".join(f"{v:.2f}" for v in found) for name, found in shares.items()
    )
    + ".",
)

# %% [markdown] id="name-writer-text-2"
# At the first letter both know the same. After a longer beginning your model knows more, though not
# at every letter.
#
# **Try:** a name of your own, or one from another language. Where is the model surprised?

# %% [markdown] id="what-do-you-see"
# ### What do you see?
#
# Answer in a few sentences. (3 points, read by your instructor.)
#
# 1. You port a model. The stages are right up to block 1, attention. Block 1, feed-forward, is the
#    first that differs, and the logits differ, too. Which weights may be wrong, and which ones can
#    you rule out? What would you see if the weights of the *last normalization* were wrong?
# 2. A prompt of 10 tokens, then 90 new ones. How many tokens pass through the model with a cache,
#    and how many without one? Why may the cache keep turned keys, although later queries stand at
#    other positions?
# 3. You write with top-k and k = 3, and with top-p and p = 0.7. In one place the model is very sure
#    of the next letter, in another one it is not. How many letters stay in each of the two places,
#    by each method?

# %% [markdown] nbgrader={"grade_id": "question", "grade": true, "solution": true, "points": 3}
# ### BEGIN SOLUTION
# 1. Those between the two stages: norm_2, gate, up and down of block 1. All weights before are
#    ruled out, and the logits say nothing of their own: they follow from what is before them. If
#    the last normalization were wrong, all stages of the blocks would be right, and the last two
#    stages would differ. (One point.)
# 2. With a cache 99 (10 + 90 − 1; 100 is fine), without one 10 + 11 + ... + 99 = 4905. A score
#    depends only on the difference of the two angles: the key's own position is in its turn, once
#    and for all, and a later query brings its own. (One point.)
# 3. With top-k three letters stay in both places. With top-p only one or two stay where the model
#    is sure, and many where it is not: their number follows the model. (One point.)
# ### END SOLUTION

# %% [markdown] id="mended-decoder-block-exercise"
# ### Exercise: find and mend the fault in DecoderBlock
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●●○○ (3 of 5) · 12 minutes · 3 points
# >
# > Somebody has ported a decoder block as in unit 15, without positions and without a cache, all in
# > one class. **One thing in it is wrong.** Run the check first: the card shows where the fault
# > comes out. Then find the fault and mend it. Change as little as you can.
# >
# > The layer earns its points when everything is right, and nothing before: its shape and its
# > parameters are right already.
#
# **How to find a fault.** Do what you did with the stages. Which numbers flow into the second half,
# and what is added to them? Set all weights of one half to zero: what should the block give then,
# and what does it give?
#
# <details><summary>If I set the weights of attention to zero, the block is right</summary>
#
# Then what attention gives gets lost somewhere, or is right everywhere. Follow it to the output.
# </details>
#
# <details><summary>How do I set the weights of a layer to zero?</summary>
#
# Call the block once. Then `for weight in block.attention.weights: weight.assign(0 * weight)`.
# </details>


# %% nbgrader={"grade_id": "mended-decoder-block", "solution": true}
class MendedDecoderBlock(keras.layers.Layer):
    """Attention and a gated feed-forward layer in one class: with one fault."""

    def __init__(self, num_query_heads, num_key_value_heads, head_dim, hidden, **kwargs):
        super().__init__(**kwargs)
        self.before_attention = keras.layers.RMSNormalization()
        self.attention = keras.layers.GroupQueryAttention(
            head_dim, num_query_heads, num_key_value_heads, use_bias=False
        )
        self.before_feeding = keras.layers.RMSNormalization()
        self.gate = keras.layers.Dense(hidden, activation="silu", use_bias=False)
        self.up = keras.layers.Dense(hidden, use_bias=False)

    def build(self, input_shape):
        self.down = keras.layers.Dense(input_shape[-1], use_bias=False)
        self.before_attention.build(input_shape)
        self.before_feeding.build(input_shape)
        self.attention.build(input_shape, input_shape)
        self.gate.build(input_shape)
        self.up.build(input_shape)
        self.down.build((None, None, self.gate.units))

    def call(self, inputs):
        normal = self.before_attention(inputs)
        stream = inputs + self.attention(normal, normal, use_causal_mask=True)
        normal = self.before_feeding(stream)
        fed = self.down(self.gate(normal) * self.up(normal))
        ### BEGIN SOLUTION
        return stream + fed
        ### GIVEN
        # return inputs + fed
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-mended-decoder-block", "grade": true, "points": 3}
check(MendedDecoderBlock)
### BEGIN HIDDEN TESTS
check(MendedDecoderBlock, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="beam-exercise"
# ### Stretch: beam search
#
# > Difficulty ●●●●○ (4 of 5) · Importance ●●○○○ (2 of 5) · 25 minutes · no points
# >
# > What is the likeliest name of all? To take the likeliest letter each time does not find it: a
# > good beginning may have no good end. **Beam search** keeps several beginnings at once, the
# > *beam*. In each step every one of them is continued by every sign. Of all these the `width`
# > likeliest are kept, by the sum of the logarithms of their probabilities. Texts that have ended
# > stay in the beam as they are.
# >
# > Write `beam(model, width, most)`. It begins with the token 0 and returns the likeliest ended
# > text after `most` steps, as a list of new tokens with its end, and the logarithm of its
# > probability. Nothing is graded here. The cell below your function tries it by two properties.
#
# <details><summary>Must each beginning have a cache of its own?</summary>
#
# With a cache, yes. But you may pass all beginnings of one length as a batch, without a cache.
# </details>


# %% nbgrader={"grade_id": "beam", "solution": true}
def beam(model, width, most):
    """The likeliest ended text that a beam of this width finds, and its log-probability."""
    ### BEGIN SOLUTION
    texts = [(0.0, [0])]
    for _ in range(most):
        continued = [(score, text) for score, text in texts if len(text) > 1 and text[-1] == 0]
        for score, text in texts:
            if len(text) > 1 and text[-1] == 0:
                continue
            logs = ops.log_softmax(model(np.array([text]))[0, -1]).numpy()
            continued += [(score + float(logs[sign]), [*text, sign]) for sign in range(len(logs))]
        texts = sorted(continued, key=lambda found: -found[0])[:width]
    ended = [found for found in texts if len(found[1]) > 1 and found[1][-1] == 0]
    score, text = max(ended, default=(-np.inf, [0]))
    return text[1:], score
    ### END SOLUTION


# %% id="beam-experiment" tags=["experiment"]
try:
    greedy = generate(ported, [0], PLACES, lambda logits: int(np.argmax(logits)))
    found = {width: beam(ported, width, PLACES) for width in (1, 4)}
except NotImplementedError:
    print("beam is not written yet")
else:
    for width, (text, score) in found.items():
        print(f"width {width}: {''.join(SIGNS[token] for token in text)} {score:.2f}")
    print("a beam of 1 takes the likeliest letter each time:", found[1][0] == greedy)
    told = []
    for text, score in found.values():
        row = np.zeros((1, PLACES + 1), "int32")
        row[0, 1 : len(text) + 1] = text
        told.append(abs(float((loss_of(ported, row) * counted(row).sum())[0]) + score))
    print("the score is what the model says of the text:", max(told) < 1e-2)

# %% [markdown] id="couplets-text"
# ## Another text: Chinese couplets
#
# Your Decoder knows nothing about names. Here it learns from Chinese poems of the Tang dynasty (618
# to 907). Such a poem consists of **couplets**: two lines that belong together, with the same
# number of characters, here five. A character is one syllable, and mostly one word.
#
# Each character is a token. There are 500 of them. The sign `/` stands between the two lines, and
# the point is the end again. So each row has 12 signs to predict. Of 5664 couplets, 500 are kept
# for a test.
#
# You need not read Chinese here. Look at the length of the lines, which nobody tells the model: it
# only sees where `/` and the end stand.

# %% id="couplets-experiment" tags=["experiment"]
couplets = ["/".join(lines) for lines in load("couplets")["lines"]]
CHARACTERS = "./" + "".join(sorted(set("".join(couplets)) - {"/"}))
couplet_rows = np.zeros((len(couplets), 13), "int32")
for row, couplet in zip(couplet_rows, couplets, strict=True):
    row[1:12] = [CHARACTERS.index(sign) for sign in couplet]
couplets_test, couplets_learn = couplet_rows[:500], couplet_rows[500:]

keras.utils.set_random_seed(1)
poet = Decoder(len(CHARACTERS), 32, 4, 2, 8, 64, 1)
rounds, batch = 1, 25
poet.compile(
    keras.optimizers.Adam(
        keras.optimizers.schedules.CosineDecay(0.01, rounds * len(couplets_learn) // batch)
    ),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    jit_compile=False,
)
_ = poet.fit(
    couplets_learn[:, :-1], couplets_learn[:, 1:], batch_size=batch, epochs=rounds, verbose=0
)
print(len(couplets), "couplets:", ", ".join(couplets[:3]), "...")

# %% [markdown] id="couplets-text-2"
# A bigram model counts pairs again. With 502 signs most pairs never occur, so each sign starts with
# its own frequency, as if it had been seen 100 times after every sign in this proportion. The table
# shows the perplexity on new couplets: of all signs, of the `/` and the end, and of the characters.
#
# **Before you run it**, predict: where does your Decoder know more than the pairs?

# %% id="couplets-experiment-2" tags=["experiment"]


def bigrams_of_couplets(rows):
    """How likely each sign is after each sign: counted pairs, and 100 times its frequency."""
    single = np.bincount(rows[:, 1:].ravel(), minlength=len(CHARACTERS)) + 1.0
    table = np.tile(100 * single / single.sum(), (len(CHARACTERS), 1))
    np.add.at(table, (rows[:, :-1].ravel(), rows[:, 1:].ravel()), 1)
    return table / table.sum(axis=1, keepdims=True)


after_pairs = bigrams_of_couplets(couplets_learn)
of_models = {
    "pairs": np.log(after_pairs[couplets_test[:, :-1]]),
    "Decoder": ops.log_softmax(poet(couplets_test[:, :-1])).numpy(),
}
borders = couplets_test[:, 1:] < 2
perplexities = {}
print("perplexity of    all signs   / and end   characters")
for name, logs in of_models.items():
    right = np.take_along_axis(logs, couplets_test[:, 1:, None], axis=-1)[..., 0]
    parts = (right, right[borders], right[~borders])
    perplexities[name] = [float(np.exp(-part.mean())) for part in parts]
    print(f"{name:<12}", *(f"{found:12.2f}" for found in perplexities[name]))

# %% [markdown] id="couplets-text-3"
# The pairs see one sign back: after a character they cannot know whether the line is full. Your
# Decoder sees all signs before, and is nearly sure at each `/` and at each end. Of the characters
# themselves it knows less than the pairs: so few couplets, read once, teach it little about 500
# characters. Over all signs the two are close.
#
# Now both write 12 couplets. Two numbers tell how much these are like real ones: the share of lines
# that have five characters, and the share of neighbours within a line that also stand side by side
# in a real couplet.

# %% id="couplets-experiment-3" tags=["experiment"]


class Pairs:
    """The bigram model, with the method that generate calls."""

    def proceed(self, tokens, cache=None):
        return np.log(after_pairs[tokens]), cache


def neighbours(lines):
    """All pairs of characters that stand side by side in these lines."""
    return [line[at : at + 2] for line in lines for at in range(len(line) - 1)]


real = set(neighbours(line for couplet in couplets for line in couplet.split("/")))
shares_of = {}
for name, model in {"pairs": Pairs(), "Decoder": poet}.items():
    choose = drawing(np.random.default_rng(0), plain)
    tokens = [generate(model, [0], 24, choose) for _ in range(12)]
    texts = ["".join(CHARACTERS[token] for token in text).rstrip(".") for text in tokens]
    lines = [line for text in texts for line in text.split("/")]
    side_by_side = neighbours(lines)
    shares_of[name] = (
        float(np.mean([len(line) == 5 for line in lines])),
        float(np.mean([pair in real for pair in side_by_side])),
    )
    print(f"{name}: {'  '.join(texts[:4])}")
    print("    lines of five: {:.0%}, real neighbours: {:.0%}".format(*shares_of[name]))

# %% [markdown] id="couplets-text-4"
# Most lines of your Decoder have five characters, and few of the pairs' lines do. With the
# neighbours it is the other way round: they are all that the pairs know, and theirs are real more
# often. Your Decoder has learned the form of a poem, and little of its words. Somebody who reads
# Chinese finds little sense in its couplets.
#
# **Try:** `rounds = 4`. What gets better, the borders or the characters?

# %% [markdown] id="what-you-have-now"
# ## What you have now
#
# | | |
# |---|---|
# | RotaryAttention | grouped heads, turned by position, with a cache that grows |
# | Decoder | a language model with weights that are loaded by name, stage by stage the same |
# | temperature, top_k, top_p | three ways from logits to probabilities |
# | generate | the loop that writes, with a cache |
# | name_writer | a model that you have trained yourself |
#
# A large language model differs from yours in its size, its tokens and its texts. It has the parts
# that you have written by hand in this course.
#
# ## References
#
# - H. Touvron and others (2023), *LLaMA: Open and Efficient Foundation Language Models*,
#   arXiv:2302.13971 (the order of the parts).
# - J. Su and others (2021), *RoFormer: Enhanced Transformer with Rotary Position Embedding*,
#   arXiv:2104.09864.
# - J. Ainslie and others (2023), *GQA: Training Generalized Multi-Query Transformer Models from
#   Multi-Head Checkpoints*, arXiv:2305.13245.
# - A. Fan, M. Lewis, Y. Dauphin (2018), *Hierarchical Neural Story Generation*, arXiv:1805.04833
#   (top-k).
# - A. Holtzman and others (2019), *The Curious Case of Neural Text Degeneration*, arXiv:1904.09751
#   (top-p).
# - U.S. Census Bureau, *Frequently Occurring Surnames from Census 1990* (the names).
# - *Complete Tang Poems* (全唐詩, 1705), as collected in the package `chinese-poetry` (the
#   couplets).
