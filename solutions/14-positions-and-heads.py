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
# # 14 · Positions and heads
#
# Attention compares words by what they are, and not by where they stand. So a network of attention
# needs to be told the **position** of each word. In this unit you build three layers that do this:
# **PositionEmbedding** learns a vector for each position, **SinePositionEncoding** computes one,
# and **RotaryEmbedding** turns queries and keys. Most language models of today use the third.
#
# Then you build **GroupQueryAttention**: MultiHeadAttention in which several heads share their keys
# and values. It is nearly as good, and needs much less memory when a model writes long texts.
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
# ## What attention does not see
#
# Here are two sentences of the same five words. One is news, the other is not. The words get random
# vectors, and a MultiHeadAttention with random weights lets all words of a sentence look at each
# other. What comes out for *dog* in the one sentence, and in the other?

# %% id="start-experiment" tags=["experiment"]
from grader.pictures import move, positions, show

sentences = ["the dog bites the man", "the man bites the dog"]
vocabulary = sorted(set(" ".join(sentences).split()))
numbers = np.array([[vocabulary.index(word) for word in text.split()] for text in sentences])
keras.utils.set_random_seed(1)
vectors = keras.layers.Embedding(len(vocabulary), 16, embeddings_initializer="normal")
words = 10 * vectors(numbers)  # (2, 5, 16): a vector for each word of the two sentences
attend = keras.layers.MultiHeadAttention(2, 8)


def of_dog(words):
    """What attention makes of the word "dog", in the first and in the second sentence."""
    outputs = attend(words, words).numpy()
    return outputs[0, 1], outputs[1, 4]


first, second = of_dog(words)
print("dog bites:", first[:4].round(3))
print("bites dog:", second[:4].round(3))
print(f"largest difference: {np.abs(first - second).max():.1g}")

order = np.random.default_rng(1).permutation(5)
shuffled = ops.take(words, order, axis=1)
gap = attend(shuffled, shuffled) - ops.take(attend(words, words), order, axis=1)
print(f"shuffled words {order}: shuffled outputs, up to {np.abs(gap).max():.1g}")

# %% [markdown] id="start-text-2"
# The outputs for *dog* are the same, except for rounding. Whatever comes after this layer cannot
# know who bites whom.
#
# This holds for every order: if you shuffle the words, the same outputs come out, shuffled. Each
# output is a weighted mean over all words, and a mean does not depend on the order of its terms.
#
# (A causal mask tells a little about order: a word sees only what comes before it. But it does not
# see the order of *those* words.)

# %% [markdown] id="positionembedding"
# ## PositionEmbedding
#
# The simplest idea: learn a vector for each position, as an Embedding learns one for each word.
# Both vectors are added. The same word at another position then has another vector. This is a
# **position embedding**.

# %% id="positionembedding-experiment" tags=["experiment"]
positions.draw_table().show()

# %% [markdown] id="positionembedding-text"
# | | |
# |---|---|
# | inputs | vectors of words, `(batch, length, features)`; only their shape counts |
# | output | rows of the table, in the inputs' shape: the same for each text of the batch |
# | parameters | a table with `sequence_length` rows, for the longest text that may come |
#
# `start_index` is the position of the first word. It is 0, unless a text goes on: a model that
# writes word by word calls the layer with one new word, which stands at position 5, then at 6.
#
# Keras itself does not have this layer. It is in KerasHub, an extension of Keras for language
# models; your layer is compared with a layer of ours that is equal to it.

# %% [markdown] id="position-embedding-params-exercise"
# ### Exercise: predict the parameters of PositionEmbedding
#
# > Difficulty ●○○○○ (1 of 5) · Importance ●●●○○ (3 of 5) · 2 minutes · 2 points
# >
# > How many parameters does `PositionEmbedding(sequence_length)` have after it was called with
# > texts of this `length` and this number of `features`?
#
# <details><summary>I have three numbers and do not know which to take</summary>
#
# In the picture: which of the three decides how wide the table is? And how high?
# </details>


# %% nbgrader={"grade_id": "position-embedding-params", "solution": true}
def position_embedding_params(sequence_length, length, features):
    """The number of parameters of PositionEmbedding(sequence_length) for inputs of this size."""
    ### BEGIN SOLUTION
    return sequence_length * features
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-position-embedding-params", "grade": true, "points": 2}
check(position_embedding_params)
### BEGIN HIDDEN TESTS
check(position_embedding_params, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="position-embedding-exercise"
# ### Exercise: write PositionEmbedding
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●○○ (3 of 5) · 15 minutes · 8 points
# >
# > It is made with `sequence_length`, and called as `layer(inputs, start_index=0)`.
# >
# > **What is asked**
# >
# > - **shape** (1): the same as the inputs', `(batch, length, features)`.
# > - **parameters** (1): a table of shape `(sequence_length, features)`.
# > - **output** (4): for each text of the batch, the rows from `start_index` on, as many as the
# >   inputs are long. The inputs are *not* added: the network does this later. The text never
# >   goes beyond the end of the table.
# > - **gradient** (1): gradients reach the table.
# > - **model** (1): the layer works in the Functional API, and learns in a step of `fit`.
#
# <details><summary>My output has no batch axis</summary>
#
# The rows are the same for all texts of the batch. Which function of `keras.ops` repeats an array
# until it has a given shape?
# </details>
#
# <details><summary>The shape is wrong when the batch size is not known yet</summary>
#
# `inputs.shape[0]` is `None` there. `ops.shape(inputs)[0]` is the number at the moment when the
# layer runs.
# </details>


# %% nbgrader={"grade_id": "position-embedding", "solution": true}
class PositionEmbedding(keras.layers.Layer):
    """A learned vector for each position."""

    def __init__(self, sequence_length, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.sequence_length = sequence_length
        ### END SOLUTION

    def build(self, input_shape):
        ### BEGIN SOLUTION
        shape = (self.sequence_length, input_shape[-1])
        self.row_of_place = self.add_weight(name="row_of_place", shape=shape)
        ### END SOLUTION

    def call(self, inputs, start_index=0):
        ### BEGIN SOLUTION
        asked = start_index + ops.arange(ops.shape(inputs)[1])
        return ops.broadcast_to(ops.take(self.row_of_place, asked, axis=0), ops.shape(inputs))
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-position-embedding", "grade": true, "points": 8}
check(PositionEmbedding)
### BEGIN HIDDEN TESTS
check(PositionEmbedding, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="positionembedding-text-2"
# Now add your positions to the two sentences. The table is filled with random numbers, as it would
# be before training.

# %% id="positionembedding-experiment-2" tags=["experiment"]
learned = PositionEmbedding(12)
learned(words)
(table,) = learned.weights
table.assign(np.random.default_rng(2).normal(size=table.shape))
first, second = of_dog(words + learned(words))
print("dog bites:", first[:4].round(3))
print("bites dog:", second[:4].round(3))
print(f"largest difference: {np.abs(first - second).max():.2f}")

# %% [markdown] id="positionembedding-text-3"
# The two dogs can be told apart. That is all that a position must do; what to make of it is
# learned.
#
# **Try:** use `learned(words, start_index=7)` for both sentences. Are the outputs still different?
# And what happens with `start_index=9`, where the text goes beyond the end of the table?

# %% [markdown] id="sinepositionencoding"
# ## SinePositionEncoding
#
# A learned table ends somewhere. The paper of the Transformer (2017) has a table that is computed,
# and never ends, the **sinusoidal position encoding**. Think of a clock: the hour hand is slow and
# the second hand is fast, and together they tell the time. Here each *pair* of features is such a
# hand: a sine and a cosine.

# %% id="sinepositionencoding-experiment" tags=["experiment"]
positions.draw_waves().show()

# %% [markdown] id="sinepositionencoding-text"
# At position $p$, with $d$ features, pair $i$ (features $2i$ and $2i + 1$) holds
#
# $$\sin\Big(\frac{p}{\mathrm{max\_wavelength}^{2i/d}}\Big) \qquad
# \cos\Big(\frac{p}{\mathrm{max\_wavelength}^{2i/d}}\Big)$$
#
# | | |
# |---|---|
# | output | the inputs' shape, as in PositionEmbedding; it is added outside of the layer |
# | parameters | none |
# | `max_wavelength` | 10000 by default; the larger, the slower the last pairs |
#
# Position 0 always gets 0, 1, 0, 1 and so on. The **wavelength** of a feature is the number of
# positions after which it repeats. It grows from pair to pair, always by the same factor.
#
# ### Change it: more features, longer waves
#
# **Before you move a slider**, predict: if `max_wavelength` gets larger, which columns change, and
# which ones stay as they are?

# %% id="sinepositionencoding-experiment-2" tags=["experiment"]


def waves_of(features=6, max_wavelength=100):
    """The vectors of four positions, and two waves."""
    return positions.draw_waves(features, max_wavelength)


move(waves_of, features=(4, 8, 2), max_wavelength=(10, 1000, 10))

# %% [markdown] id="sine-wavelength-exercise"
# ### Exercise: predict the wavelength of a feature
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●○○ (3 of 5) · 6 minutes · 2 points
# >
# > After how many positions does this `feature` repeat, in
# > `SinePositionEncoding(max_wavelength)` on this even number of `features`? Features count from 0.
# > Return the nearest whole number, by `round(...)`.
#
# <details><summary>I do not know where a wavelength is in the formula</summary>
#
# A sine repeats when its angle has grown by one full turn. How large is the angle at position 1,
# and how many such steps make a full turn?
# </details>
#
# <details><summary>It is right for even features only</summary>
#
# A cosine turns as fast as the sine beside it. Which $i$ do the two have?
# </details>


# %% nbgrader={"grade_id": "sine-wavelength", "solution": true}
def sine_wavelength(feature, features, max_wavelength):
    """After how many positions this feature of SinePositionEncoding repeats, rounded."""
    ### BEGIN SOLUTION
    slow = 2 * (feature // 2) / features
    return round(2 * np.pi * max_wavelength**slow)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-sine-wavelength", "grade": true, "points": 2}
check(sine_wavelength)
### BEGIN HIDDEN TESTS
check(sine_wavelength, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="sine-position-encoding-exercise"
# ### Exercise: write SinePositionEncoding
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●○○ (3 of 5) · 20 minutes · 6 points
# >
# > It is made with `max_wavelength=10000`, and called as `layer(inputs, start_index=0)`.
# >
# > **What is asked**
# >
# > - **shape** (1): the same as the inputs', `(batch, length, features)`.
# > - **parameters** (1): none.
# > - **output** (4): the formula above for the positions from `start_index` on, the same for each
# >   text of the batch. The inputs are not added. The number of features may be odd: then the last
# >   one is a sine.
#
# <details><summary>I have all sines and all cosines, and do not know how to mix them</summary>
#
# There are several ways. You can compute both for *every* feature, and then choose: where is a
# feature even? (`ops.where` takes from two arrays.)
# </details>
#
# <details><summary>It is right at position 0 and nowhere else</summary>
#
# There all angles are 0, whatever the wavelengths are. Compare the numbers of position 1 with the
# picture, pair by pair.
# </details>


# %% nbgrader={"grade_id": "sine-position-encoding", "solution": true}
class SinePositionEncoding(keras.layers.Layer):
    """Sines and cosines of many wavelengths tell the position."""

    def __init__(self, max_wavelength=10000, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.max_wavelength = max_wavelength
        ### END SOLUTION

    def call(self, inputs, start_index=0):
        ### BEGIN SOLUTION
        feature = np.arange(inputs.shape[-1])
        speed = self.max_wavelength ** (-2 * (feature // 2) / len(feature))
        steps = ops.arange(ops.shape(inputs)[1], dtype="float32")
        place = ops.cast(start_index, "float32") + steps
        angle = place[:, None] * ops.cast(speed, "float32")
        wave = ops.where(feature % 2 == 0, ops.sin(angle), ops.cos(angle))
        return ops.broadcast_to(wave, ops.shape(inputs))
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-sine-position-encoding", "grade": true, "points": 6}
check(SinePositionEncoding)
### BEGIN HIDDEN TESTS
check(SinePositionEncoding, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="sinepositionencoding-text-2"
# These vectors have a property that the authors of the paper wanted. Take the vectors of two
# positions, and multiply them as a query and a key are multiplied. What does the product depend on?

# %% id="sinepositionencoding-experiment-3" tags=["experiment"]
encoded = SinePositionEncoding()(np.zeros((1, 60, 64), "float32"))[0].numpy()
products = encoded @ encoded.T
for place in (0, 20, 50):
    print(f"positions {place} and {place + 5}: {products[place, place + 5]:.3f}")
show(
    positions.score_map(products, "products of the vectors of two positions"),
    "A map with 60 positions as rows and as columns. The product of the vectors of two positions "
    f"is largest on the diagonal, {products[0, 0]:.0f}, and the same along each line parallel to "
    f"it: for a distance of 5 it is {products[0, 5]:.1f} everywhere.",
)

# %% [markdown] id="sinepositionencoding-text-3"
# It depends on the *distance* of the two positions, and on nothing else. The reason is a rule from
# school: $\sin a \sin b + \cos a \cos b = \cos(a - b)$, pair by pair.
#
# But a model does not multiply these vectors. It adds them to the vectors of words, and sends the
# sums through projections. What is left of the property then? The next layer was made to keep it.
#
# **Try:** give the layer a `max_wavelength` of 20. Do the products fall faster with the distance,
# or more slowly?

# %% [markdown] id="rotaryembedding"
# ## RotaryEmbedding
#
# The **rotary embedding** (Jianlin Su and others, 2021) adds nothing. It *turns* the query and the
# key, after their projections and just before they are multiplied. A pair of features is an arrow
# in a plane. At position $p$ it is turned by an angle that grows with $p$: pair 0 turns fast, the
# last pair very slowly.
#
# Which two features are a pair? In the paper they are neighbours. Keras takes the two *halves*
# instead, as many models of today do: the first feature of the one half goes with the first feature
# of the other.

# %% id="rotaryembedding-experiment" tags=["experiment"]
positions.draw_halves().show()

# %% [markdown] id="rotaryembedding-text"
# With $d$ features (an even number), position $p$ and pair $i$ from $0$ to $d/2 - 1$:
#
# $$a = \frac{p}{\mathrm{max\_wavelength}^{2i/d}} \qquad \begin{aligned} x'_i &= x_i \cos a -
# x_{i+d/2} \sin a \\ x'_{i+d/2} &= x_{i+d/2} \cos a + x_i \sin a \end{aligned}$$
#
# | | |
# |---|---|
# | inputs | queries or keys, `(batch, length, features)` or `(batch, length, heads, features)` |
# | output | the inputs, turned; the shape stays |
# | parameters | none |
#
# Two things follow, and you will be graded on them. A turn changes no *length*. And if query and
# key both move on by the same number of positions, both are turned further by the same angles: the
# angle between them stays, and so does their *score*. **Scores depend on the distance only.**
#
# ### Change it: move the query and the key
#
# The arrows are one pair of a query and of a key. **Before you move a slider**, predict: what
# happens to the score if you move the query from 5 to 6, and the key from 2 to 3?

# %% id="rotaryembedding-experiment-2" tags=["experiment"]


def turning(query_place=5, key_place=2):
    """One pair of a query and of a key, turned."""
    return positions.draw_turn(query_place, key_place)


move(turning, query_place=(0, 12), key_place=(0, 12))

# %% [markdown] id="rotary-partner-exercise"
# ### Exercise: predict which features are turned together
#
# > Difficulty ●○○○○ (1 of 5) · Importance ●●●○○ (3 of 5) · 3 minutes · 2 points
# >
# > Which feature is this `feature` turned together with, in Keras's layer on this even number of
# > `features`? Features count from 0.
#
# <details><summary>My number is larger than the last feature</summary>
#
# If feature 0 is turned with feature 3, then feature 3 is turned with feature 0.
# </details>


# %% nbgrader={"grade_id": "rotary-partner", "solution": true}
def rotary_partner(feature, features):
    """The feature that is turned together with this one."""
    ### BEGIN SOLUTION
    return (feature + features // 2) % features
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-rotary-partner", "grade": true, "points": 2}
check(rotary_partner)
### BEGIN HIDDEN TESTS
check(rotary_partner, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="same-score-exercise"
# ### Exercise: predict where the score is the same
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●●○ (4 of 5) · 4 minutes · 2 points
# >
# > A query at position `query` and a key at position `key` are turned by RotaryEmbedding, and then
# > multiplied. Now the same query stands at position `moved_query`. At which position must the same
# > key stand, so that the score is the same whatever the two vectors are?
#
# <details><summary>I found a position at the same distance, and it is wrong</summary>
#
# There are two positions at this distance. On which side of the query was the key?
# </details>


# %% nbgrader={"grade_id": "same-score", "solution": true}
def same_score(query, key, moved_query):
    """The position of the key at which its score with the moved query is what it was."""
    ### BEGIN SOLUTION
    return key + moved_query - query
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-same-score", "grade": true, "points": 2}
check(same_score)
### BEGIN HIDDEN TESTS
check(same_score, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="rotary-embedding-exercise"
# ### Exercise: write RotaryEmbedding
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●●●● (5 of 5) · 30 minutes · 10 points
# >
# > It is made with `max_wavelength=10000`, and called as `layer(inputs, start_index=0)`.
# >
# > **What is asked**
# >
# > - **shape** (1): the same as the inputs'. These are `(batch, length, features)` or `(batch,
# >   length, heads, features)`.
# > - **parameters** (1): none.
# > - **output** (5): the formula above, for the positions from `start_index` on. Positions run
# >   along axis 1, with heads or without. All heads are turned alike.
# > - **distance** (2): no vector becomes longer or shorter. Where query and key move on together,
# >   their score stays; where their distance changes, it changes. This is judged by your layer's
# >   own outputs.
# > - **gradient** (1): gradients reach the inputs.
#
# <details><summary>It is right for one vector at each position, wrong for several heads</summary>
#
# Write the axes of your angles below the axes of the inputs: (position, pair) below (batch,
# position, head, pair). Which axis is missing, and how do you put one of length 1 in its place?
# </details>
#
# <details><summary>The card says that vectors become longer or shorter</summary>
#
# Try the vector (1, 0) at position 1, then (0, 1). Are both lines of the formula there, with their
# signs?
# </details>
#
# <details><summary>The distance is right, and the output is wrong</summary>
#
# Then your layer turns something by the position, but other pairs, by other angles, or in the other
# direction. Try a vector with a single 1 and look where it goes.
# </details>


# %% nbgrader={"grade_id": "rotary-embedding", "solution": true}
class RotaryEmbedding(keras.layers.Layer):
    """Turns each pair of features by an angle that grows with the position."""

    def __init__(self, max_wavelength=10000, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.max_wavelength = max_wavelength
        ### END SOLUTION

    def call(self, inputs, start_index=0):
        ### BEGIN SOLUTION
        length, half = ops.shape(inputs)[1], inputs.shape[-1] // 2
        speed = self.max_wavelength ** (-np.arange(half) / half)
        place = ops.cast(start_index, "float32") + ops.arange(length, dtype="float32")
        # (length, 1, half) where there are heads, or (length, half)
        place = ops.reshape(place, (length, *[1] * (len(inputs.shape) - 2)))
        angle = place * ops.cast(speed, "float32")
        cosine, sine = ops.cos(angle), ops.sin(angle)
        left, right = ops.split(inputs, 2, axis=-1)
        return ops.concatenate(
            [left * cosine - right * sine, right * cosine + left * sine], axis=-1
        )
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-rotary-embedding", "grade": true, "points": 10}
check(RotaryEmbedding)
### BEGIN HIDDEN TESTS
check(RotaryEmbedding, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="rotaryembedding-text-2"
# Let us see the property. A random query and a random key stand at every position, and your layer
# turns them. Then the same with your sines and cosines, which are added. Each score is that of a
# key three positions before the query; only both together move through the text.

# %% id="rotaryembedding-experiment-3" tags=["experiment"]
random = np.random.default_rng(4)
query, key = (np.repeat(random.normal(size=(1, 1, 32)), 100, axis=1) for _ in range(2))
query, key = query.astype("float32"), key.astype("float32")
turn, sines = RotaryEmbedding(), SinePositionEncoding()
ways = {
    "turned": (turn(query), turn(key)),
    "sines added": (query + sines(query), key + sines(key)),
}
scores = {name: ops.matmul(q[0], ops.transpose(k[0])).numpy() for name, (q, k) in ways.items()}
for name, found in scores.items():
    three_before = [found[place, place - 3] for place in (3, 10, 40, 99)]
    print(f"{name:>12}, scores of queries at 3, 10, 40, 99:", np.round(three_before, 2))
lengths = [float(np.linalg.norm(part[0, 50])) for part in (query, turn(query))]
print(f"length of the query before and after: {lengths[0]:.4f} and {lengths[1]:.4f}")
show(
    positions.score_map(scores["turned"][:40, :40], "one query and one key, turned"),
    "A map of the scores of one query and one key at all pairs of 40 positions, turned by "
    "RotaryEmbedding. All scores along a line parallel to the diagonal are the same: three before "
    f"the query it is {scores['turned'][3, 0]:.2f} everywhere.",
)

# %% [markdown] id="rotaryembedding-text-3"
# With turned vectors the four scores are the same, however far into the text we are. With added
# sines they change, because the product then mixes words and positions.
#
# **Try:** take one vector as both query and key. At which distance is its score largest?

# %% [markdown] id="a-task"
# ## A task that needs positions
#
# Does it matter? Here is a task that is nothing but position: for each letter of a random text,
# name the letter *three before* it.
#
# ```
# text     k a f c h b a l
# answer   . . . k a f c h
# ```
#
# The model is as small as can be: an Embedding, one attention with a causal mask, and a Dense
# layer. We train it four times: without positions, with your PositionEmbedding, with your
# SinePositionEncoding, and with your RotaryEmbedding on query and key. The texts have 16 letters.
#
# Then comes a second test. The texts are as long as before, but they stand later: their first
# letter is at position 4, or at position 150. No model has seen such positions in training. (The
# cell takes about ten seconds.)

# %% id="a-task-experiment" tags=["experiment"]
LETTERS, LENGTH, BACK, WIDTH = 12, 16, 3, 32


class Reader(keras.Model):
    """Embedding, positions of some kind, one attention, and a logit for each letter."""

    def __init__(self, places=None):
        super().__init__()
        self.places = places
        start = keras.initializers.RandomNormal(stddev=0.3)
        self.letters = keras.layers.Embedding(LETTERS, WIDTH, embeddings_initializer=start)
        self.to_query, self.to_key, self.to_value = (keras.layers.Dense(WIDTH) for _ in range(3))
        self.attention, self.answer = keras.layers.Attention(), keras.layers.Dense(LETTERS)

    def call(self, texts, start_index=0):
        vectors = self.letters(texts)
        if self.places is not None and not isinstance(self.places, RotaryEmbedding):
            vectors = vectors + self.places(vectors, start_index=start_index)
        query, key = self.to_query(vectors) / WIDTH**0.5, self.to_key(vectors)
        if isinstance(self.places, RotaryEmbedding):
            query, key = (self.places(part, start_index=start_index) for part in (query, key))
        inputs = [query, self.to_value(vectors), key]
        return self.answer(self.attention(inputs, use_causal_mask=True))


def random_texts(count, seed):
    """Many random texts, (count, 16)."""
    return np.random.default_rng(seed).integers(LETTERS, size=(count, LENGTH)).astype("int32")


def letters_before(texts, back):
    """For each letter the one so many places before it."""
    return np.pad(texts[:, :-back], ((0, 0), (back, 0)))


def trained(places, seed=0, batches=250):
    """A reader after so many batches of 64 texts."""
    texts = random_texts(64 * batches, seed)
    counts = np.ones(texts.shape, "float32")
    counts[:, :BACK] = 0  # there is no letter three before these
    keras.utils.set_random_seed(seed)
    model = Reader(places)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.01), loss=loss, jit_compile=False)
    answers = letters_before(texts, BACK)
    model.fit(texts, answers, sample_weight=counts, batch_size=64, verbose=0)
    return model


def right(model, start_index):
    """The share of right letters in new texts that begin at this position."""
    texts = random_texts(300, 1000)
    guesses = np.argmax(model(texts, start_index=start_index), axis=-1)
    return float(np.mean(guesses[:, BACK:] == letters_before(texts, BACK)[:, BACK:]))


kinds = {
    "none": None,
    "learned": PositionEmbedding(200),
    "sines": SinePositionEncoding(),
    "rotary": RotaryEmbedding(),
}
shares = {}
for name, places in kinds.items():
    model = trained(places)
    shares[name] = {f"from {start}": right(model, start) for start in (0, 4, 150)}
    print(f"{name:>8}:", ", ".join(f"{k}: {share:.0%}" for k, share in shares[name].items()))
told = "; ".join(
    f"{name} " + ", ".join(f"{tried} {share:.0%}" for tried, share in found.items())
    for name, found in shares.items()
)
show(
    positions.bars(shares, 1 / LETTERS, "the letter three before, by the first position"),
    f"Bars: the share of right letters for four models, with texts that begin at position 0 (as in "
    f"training), 4 and 150. {told}. By chance it would be {1 / LETTERS:.0%}.",
)

# %% [markdown] id="a-task-text"
# Without positions the model cannot learn the task. It does better than chance, because the causal
# mask lets it see only letters that have come already, and near the beginning these are few. With
# positions of any kind it learns the task completely.
#
# The second test tells the three apart. The rotary model does not notice that the text has moved:
# all scores are what they were. For the others a start at position 4 already costs many letters,
# because the last four positions are new to them. From position 150 on everything is new. The
# learned table has rows for these positions, but they were never trained, and the model is as lost
# as without positions. The sines do better there: the network has learned some of what they have in
# common at all positions. But many letters are wrong.
#
# **Try:** start the texts at 100 in the place of 150. Which model gets better? (There the first
# three pairs of sines and cosines, with wavelengths of 6.3, 11.2 and 19.9 positions, are nearly
# what they are at position 0.) Then `BACK = 1`: which task is easier?

# %% [markdown] id="groupqueryattention"
# ## GroupQueryAttention
#
# A language model writes word by word. For each new word it needs the keys and values of *all*
# words before it. To compute them again every time would be a waste, so they are kept, in a
# **key-value cache**. For long texts this cache takes up much of the memory, and all of it must be
# read for each new word.
#
# Which heads fill it? The heads of keys and of values, not those of queries: an old query is never
# used again. So let several query heads share one head of keys and values. With as many of these as
# there are query heads, this is MultiHeadAttention. With a single one for all it is **multi-query
# attention** (Noam Shazeer, 2019). **Grouped-query attention** (Joshua Ainslie and others, 2023) is
# everything between. In Keras it is GroupQueryAttention.

# %% id="groupqueryattention-experiment" tags=["experiment"]
positions.draw_groups().show()

# %% [markdown] id="groupqueryattention-text"
# With $r$ = `num_query_heads / num_key_value_heads` query heads in a group, query head $j$ belongs
# to group $g = \lfloor j / r \rfloor$. With $d$ short for `head_dim`:
#
# $$\mathrm{head}_j = \mathrm{softmax}\Big(\frac{(Q W^Q_j + b^Q_j)(K W^K_g +
# b^K_g)^\top}{\sqrt{d}}\Big) (V W^V_g + b^V_g) \qquad \mathrm{output} = \sum_j \mathrm{head}_j
# W^O_j + b^O$$
#
# | | |
# |---|---|
# | arguments | `GroupQueryAttention(head_dim, num_query_heads, num_key_value_heads)` |
# | call | `layer(query, value)` or `layer(query, value, key)`; query and value are equally wide |
# | shape | the output has the shape of the query |
# | parameters | as MultiHeadAttention, with fewer heads of keys and values |
#
# The groups stand side by side: with four query heads and two heads of keys, the heads 0 and 1 use
# key head 0, and the heads 2 and 3 use key head 1.

# %% [markdown] id="group-query-params-exercise"
# ### Exercise: predict the parameters of GroupQueryAttention
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●●○ (4 of 5) · 5 minutes · 2 points
# >
# > How many parameters does `GroupQueryAttention(head_dim, num_query_heads, num_key_value_heads)`
# > have if query, value and key all have this many features?
#
# <details><summary>I know the number for MultiHeadAttention only</summary>
#
# Four projections, each with a bias. Two of them have fewer heads here. Which two?
# </details>


# %% nbgrader={"grade_id": "group-query-params", "solution": true}
def group_query_params(features, head_dim, num_query_heads, num_key_value_heads):
    """The number of parameters of GroupQueryAttention on this many features."""
    ### BEGIN SOLUTION
    wide, narrow = num_query_heads * head_dim, num_key_value_heads * head_dim
    return (features + 1) * (wide + 2 * narrow) + (wide + 1) * features
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-group-query-params", "grade": true, "points": 2}
check(group_query_params)
### BEGIN HIDDEN TESTS
check(group_query_params, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="cache-bytes-exercise"
# ### Exercise: predict the memory of the cache
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●●● (5 of 5) · 5 minutes · 2 points
# >
# > A model has this many `layers`, each with a GroupQueryAttention. It has read a text of this many
# > `tokens` (words, or parts of words). How many bytes does its cache take, if a number takes
# > `bytes_each` bytes?
#
# <details><summary>I do not know what to count</summary>
#
# Take one token in one layer. Which vectors of it will a later token need? How long is each of
# them, and how many are there?
# </details>


# %% nbgrader={"grade_id": "cache-bytes", "solution": true}
def cache_bytes(tokens, layers, head_dim, num_query_heads, num_key_value_heads, bytes_each):
    """The bytes of the keys and values that are kept for a text."""
    ### BEGIN SOLUTION
    for_a_token = 2 * num_key_value_heads * head_dim
    return tokens * layers * for_a_token * bytes_each
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-cache-bytes", "grade": true, "points": 2}
check(cache_bytes)
### BEGIN HIDDEN TESTS
check(cache_bytes, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="group-query-attention-exercise"
# ### Exercise: write GroupQueryAttention
#
# > Difficulty ●●●●○ (4 of 5) · Importance ●●●●● (5 of 5) · 30 minutes · 10 points
# >
# > **What is asked**
# >
# > - **shape** (1): the output has the query's shape.
# > - **parameters** (2): for the query a kernel `(features, num_query_heads, head_dim)` and a bias
# >   `(num_query_heads, head_dim)`; for key and value the same with `num_key_value_heads`; for the
# >   output a kernel `(num_query_heads, head_dim, features of the query)` and a bias as long as the
# >   query is wide. Only the total is judged, not the shapes: `Dense` layers are fine.
# > - **output** (6): the formulas above. `attention_mask`, of shape `(batch, Tq, Tv)`, is True
# >   where a query may look; `use_causal_mask=True` hides the future, too. A mask that hides every
# >   place must not lead to NaN. Without a key the value is its own key.
# > - **gradient** (1): gradients reach all inputs and all weights.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.MultiHeadAttention`,
# > `keras.layers.GroupQueryAttention` and `keras.ops.dot_product_attention`.
#
# <details><summary>I do not know where to begin</summary>
#
# Begin with your MultiHeadAttention of unit 12. What is different after the projections: how many
# heads have queries, and how many have keys? Which function of `keras.ops` makes the numbers equal?
# </details>
#
# <details><summary>The shapes fit, and the card says that my heads take turns</summary>
#
# Both `ops.repeat` and `ops.tile` make four heads of two. Try them on the array `[0, 1]`.
# </details>


# %% nbgrader={"grade_id": "group-query-attention", "solution": true}
class GroupQueryAttention(keras.layers.Layer):
    """Attention with several heads, in which groups of queries share keys and values."""

    def __init__(self, head_dim, num_query_heads, num_key_value_heads, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.size, self.queries, self.groups = head_dim, num_query_heads, num_key_value_heads
        ### END SOLUTION

    def build(self, query_shape, value_shape, key_shape=None):
        ### BEGIN SOLUTION
        key_shape = key_shape or value_shape
        self.into = {}
        for name, shape, heads in (
            ("query", query_shape, self.queries),
            ("key", key_shape, self.groups),
            ("value", value_shape, self.groups),
        ):
            kernel = self.add_weight(name=f"{name}_kernel", shape=(shape[-1], heads, self.size))
            shift = self.add_weight(
                name=f"{name}_bias", shape=(heads, self.size), initializer="zeros"
            )
            self.into[name] = kernel, shift
        wide = query_shape[-1]
        self.out = self.add_weight(name="out_kernel", shape=(self.queries, self.size, wide))
        self.out_shift = self.add_weight(name="out_bias", shape=(wide,), initializer="zeros")
        ### END SOLUTION

    def call(self, query, value, key=None, attention_mask=None, use_causal_mask=False):
        ### BEGIN SOLUTION
        def heads_of(name, inputs):
            kernel, shift = self.into[name]
            made = ops.einsum("btw,whd->bthd", inputs, kernel) + shift
            return ops.repeat(made, self.queries // made.shape[2], axis=2)

        q, v = heads_of("query", query), heads_of("value", value)
        k = heads_of("key", value if key is None else key)
        fit = ops.einsum("bqhd,bkhd->bhqk", q, k) / np.sqrt(self.size)
        if attention_mask is not None:
            fit = ops.where(attention_mask[:, None], fit, -1e9)
        if use_causal_mask:
            rows, columns = ops.arange(ops.shape(fit)[2]), ops.arange(ops.shape(fit)[3])
            fit = ops.where(rows[:, None] >= columns, fit, -1e9)
        mixed = ops.einsum("bhqk,bkhd->bqhd", ops.softmax(fit, axis=-1), v)
        return ops.einsum("bqhd,hdw->bqw", mixed, self.out) + self.out_shift
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-group-query-attention", "grade": true, "points": 10}
check(GroupQueryAttention)
### BEGIN HIDDEN TESTS
check(GroupQueryAttention, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="groupqueryattention-text-2"
# What is saved? Take a model with 32 layers and 32 query heads of 128 numbers each, as a mid-sized
# language model has, and 2 bytes for each number. We ask your layer for its parameters and your
# function for the memory of the cache. (A gigabyte is $10^9$ bytes.)

# %% id="groupqueryattention-experiment-2" tags=["experiment"]
HEADS, SIZE, LAYERS = 32, 128, 32


def heads_of_keys(count):
    """How many heads of keys, in words."""
    return f"{count} {'head' if count == 1 else 'heads'} of keys"


lengths = [0, 4000, 8000, 16000, 32000]
gigabytes, parameters = {}, {}
for groups in (32, 8, 1):
    layer = GroupQueryAttention(SIZE, HEADS, groups)
    layer(*[keras.KerasTensor((None, 3, HEADS * SIZE))] * 2)
    parameters[groups] = layer.count_params()
    gigabytes[groups] = [
        cache_bytes(length, LAYERS, SIZE, HEADS, groups, 2) / 1e9 for length in lengths
    ]
    print(
        f"{heads_of_keys(groups):>16}: {parameters[groups] / 1e6:.0f} million parameters, "
        f"{gigabytes[groups][-1]:.1f} gigabytes of cache for 32000 tokens"
    )
two_ends = keras.layers.MultiHeadAttention(HEADS, SIZE)
two_ends(*[keras.KerasTensor((None, 3, HEADS * SIZE))] * 2)
print(f"MultiHeadAttention of Keras: {two_ends.count_params() / 1e6:.0f} million parameters")
show(
    positions.lines(
        {heads_of_keys(groups): curve for groups, curve in gigabytes.items()},
        lengths,
        "the cache of a model with 32 layers and 32 query heads",
        xlabel="tokens of the text",
        ylabel="gigabytes",
    ),
    "Lines: the memory of the cache by the length of the text, by the number of heads of keys and "
    "values. At 32000 tokens it is "
    + ", ".join(f"{curve[-1]:.1f} gigabytes for {groups}" for groups, curve in gigabytes.items())
    + ".",
)

# %% [markdown] id="groupqueryattention-text-3"
# The cache shrinks with the number of key heads: a quarter of the heads, a quarter of the memory.
# The parameters shrink less, for the queries and the output stay as they are.
#
# What does it cost in quality? Here is a task for several heads: name the letters one, two, three
# *and* four before, all at once. A head has only one row of attention weights for each letter, so a
# single head cannot look at four places separately. We train four models that differ only in their
# heads. (The cell takes about fifteen seconds.)

# %% id="groupqueryattention-experiment-3" tags=["experiment"]
FAR = 4


def four_before(texts):
    """For each letter the four letters before it, (count, 16, 4)."""
    return np.stack([letters_before(texts, back) for back in range(1, FAR + 1)], axis=-1)


def trained_heads(query_heads, key_heads, seed=0, batches=250):
    """A model of one GroupQueryAttention, after so many batches of 64 texts."""
    keras.utils.set_random_seed(seed)
    inputs = keras.Input((LENGTH,), dtype="int32")
    start = keras.initializers.RandomNormal(stddev=0.3)
    vectors = keras.layers.Embedding(LETTERS, 48, embeddings_initializer=start)(inputs)
    vectors = vectors + SinePositionEncoding()(vectors)
    heads = GroupQueryAttention(16, query_heads, key_heads)
    mixed = heads(vectors, vectors, use_causal_mask=True)
    answers = keras.layers.Dense(FAR * LETTERS)(mixed)
    model = keras.Model(inputs, keras.layers.Reshape((LENGTH, FAR, LETTERS))(answers))
    texts = random_texts(64 * batches, seed)
    counts = np.ones((*texts.shape, FAR), "float32")
    counts[:, :FAR] = 0
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.01), loss=loss, jit_compile=False)
    model.fit(texts, four_before(texts), sample_weight=counts, batch_size=64, verbose=0)
    return model


quality = {}
for query_heads, key_heads in ((4, 4), (4, 2), (4, 1), (1, 1)):
    model, texts = trained_heads(query_heads, key_heads), random_texts(300, 1000)
    guesses = np.argmax(model(texts), axis=-1)
    share = float(np.mean((guesses == four_before(texts))[:, FAR:]))
    quality[query_heads, key_heads] = share
    print(f"{query_heads} for queries, {key_heads} for keys: {share:.0%} of the letters are right")

# %% [markdown] id="groupqueryattention-text-4"
# With four query heads nearly all letters are right, whether there are four heads of keys, two or
# one. Each query head asks in its own way, and that is enough here. With one query head the model
# fails: *queries* cannot be saved like that.
#
# On real texts shared keys cost a little quality. That is why many models choose the middle: 8
# heads of keys for 32 or 64 query heads.
#
# **Try:** `FAR = 6` with four query heads. What is the most that four heads can do?

# %% [markdown] id="what-do-you-see"
# ### What do you see?
#
# Look at your experiments, and answer in a few sentences. (3 points, read by your instructor.)
#
# 1. A model was trained on texts of up to 500 words, and now gets one of 600. What happens with a
#    learned table of 500 rows, with sines, and with a rotary embedding?
# 2. RotaryEmbedding turns the query and the key. What would go wrong if the value were turned as
#    well?
# 3. A model has 32 query heads and 8 heads of keys and values. By which factor is its cache smaller
#    than that of MultiHeadAttention, and what stays as large as before?

# %% [markdown] nbgrader={"grade_id": "question", "grade": true, "solution": true, "points": 3}
# ### BEGIN SOLUTION
# 1. The table has no rows for the words from 500 on, so the layer fails, or takes wrong rows. The
#    sines can be computed, but the network has never seen these vectors: it may work, or not. With
#    the rotary embedding all distances up to 500 work as before; only larger distances are new.
#    (One point.)
# 2. The output is a mean of values. Turned values would be mixed from vectors in different
#    directions, so the same word would give something else at each position, and this does not
#    depend on the distance only: position would be mixed into the content. (One point.)
# 3. By 4. The queries, the output projection and the number of scores stay; so most of the
#    computing stays, too. (One point.)
# ### END SOLUTION

# %% [markdown] id="mended-multi-head-attention-exercise"
# ### Exercise: find and mend the fault in MultiHeadAttention
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●●●○ (4 of 5) · 15 minutes · 3 points
# >
# > Below is a MultiHeadAttention that is made of Dense layers, as many people write it. All heads
# > lie side by side in one Dense layer, and `reshape` cuts them apart. It does what your layer of
# > unit 12 does, with the same arguments. **One thing in it is wrong.** Run the check first: the
# > card shows where the fault comes out. Then find the fault and mend it. Change as little as you
# > can.
# >
# > The layer earns its points when everything is right, and nothing before: its shapes and its
# > parameters are right already.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.MultiHeadAttention`,
# > `keras.layers.GroupQueryAttention` and `keras.ops.dot_product_attention`.
#
# **How to find a fault.** Read the card first: what is right, and what is not? The shapes fit
# everywhere, so write down more than shapes. Go through `call` and write below each line what its
# axes *mean*. Then take one query, two heads and one number in each head. Where does each number
# stand after each line?
#
# <details><summary>It is right where there is only one query</summary>
#
# Which two axes would look the same, if one of them had the length 1? Where are these two axes
# exchanged, and where should they be?
# </details>
#
# <details><summary>I think that the heads come out in another order</summary>
#
# A reshape keeps the order of all numbers. Is the order right before it?
# </details>


# %% nbgrader={"grade_id": "mended-multi-head-attention", "solution": true}
class MendedMultiHeadAttention(keras.layers.Layer):
    """Several attentions side by side, made of Dense layers: with one fault."""

    def __init__(self, num_heads, key_dim, value_dim, **kwargs):
        super().__init__(**kwargs)
        self.num_heads, self.key_dim, self.value_dim = num_heads, key_dim, value_dim

    def build(self, query_shape, value_shape, key_shape=None):
        self.query_dense = keras.layers.Dense(self.num_heads * self.key_dim)
        self.key_dense = keras.layers.Dense(self.num_heads * self.key_dim)
        self.value_dense = keras.layers.Dense(self.num_heads * self.value_dim)
        self.output_dense = keras.layers.Dense(query_shape[-1])
        self.query_dense.build(query_shape)
        self.key_dense.build(value_shape if key_shape is None else key_shape)
        self.value_dense.build(value_shape)
        self.output_dense.build((None, None, self.num_heads * self.value_dim))

    def apart(self, inputs, width):
        """From (batch, length, heads * width) to (batch, heads, length, width)."""
        cut = ops.reshape(inputs, (-1, inputs.shape[1], self.num_heads, width))
        return ops.transpose(cut, (0, 2, 1, 3))

    def call(self, query, value, key=None, attention_mask=None, use_causal_mask=False):
        key = value if key is None else key
        queries = self.apart(self.query_dense(query), self.key_dim)
        keys = self.apart(self.key_dense(key), self.key_dim)
        values = self.apart(self.value_dense(value), self.value_dim)
        scores = ops.matmul(queries, ops.transpose(keys, (0, 1, 3, 2))) / self.key_dim**0.5
        if attention_mask is not None:
            scores = ops.where(attention_mask[:, None], scores, -1e9)
        if use_causal_mask:
            past = np.tril(np.ones(scores.shape[-2:], "bool"))
            scores = ops.where(past, scores, -1e9)
        mixed = ops.matmul(ops.softmax(scores, axis=-1), values)
        ### BEGIN SOLUTION
        mixed = ops.transpose(mixed, (0, 2, 1, 3))
        joined = ops.reshape(mixed, (-1, query.shape[1], self.num_heads * self.value_dim))
        ### GIVEN
        # joined = ops.reshape(mixed, (-1, query.shape[1], self.num_heads * self.value_dim))
        ### END SOLUTION
        return self.output_dense(joined)


# %% nbgrader={"grade_id": "check-mended-multi-head-attention", "grade": true, "points": 3}
check(MendedMultiHeadAttention)
### BEGIN HIDDEN TESTS
check(MendedMultiHeadAttention, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="stretched-rotary-exercise"
# ### Stretch: a rotary embedding for longer texts
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●○○○ (2 of 5) · 15 minutes · no points
# >
# > A model was trained on texts of 2000 words, and is to read 8000. The large distances are new to
# > it. *Position interpolation* (Shouyuan Chen and others, 2023) squeezes the positions instead:
# > each is divided by a `scaling_factor`, here 4. Then position 8000 is turned as 2000 was before.
# >
# > Write `StretchedRotary`, made with `max_wavelength=10000` and `scaling_factor=1.0`. Use your
# > RotaryEmbedding for the rest, if you can. There is no check: the cell below tries it by two
# > properties. Which of them would a wrong layer fail?
#
# <details><summary>My RotaryEmbedding has no place where I could divide</summary>
#
# Give it one: a method that returns the positions. A subclass can then replace this method.
# </details>


# %% nbgrader={"grade_id": "stretched-rotary", "solution": true}
class StretchedRotary(RotaryEmbedding):
    """A rotary embedding whose positions are divided by a factor."""

    def __init__(self, max_wavelength=10000, scaling_factor=1.0, **kwargs):
        super().__init__(max_wavelength, **kwargs)
        ### BEGIN SOLUTION
        self.scaling_factor = scaling_factor
        ### END SOLUTION

    def call(self, inputs, start_index=0):
        ### BEGIN SOLUTION
        rows = []
        for step in range(inputs.shape[1]):
            place = (start_index + step) / self.scaling_factor
            rows.append(super().call(inputs[:, step : step + 1], start_index=place))
        return ops.concatenate(rows, axis=1)
        ### END SOLUTION


# %% id="stretched-rotary-experiment" tags=["experiment"]
texts = np.random.default_rng(5).normal(size=(2, 9, 8)).astype("float32")
try:
    stretched = StretchedRotary(scaling_factor=4.0)(texts)
    every_fourth = StretchedRotary(scaling_factor=4.0)(np.repeat(texts, 4, axis=1))[:, ::4]
except NotImplementedError:
    print("StretchedRotary is not written yet.")
else:
    plain = RotaryEmbedding()(texts)
    as_before = np.allclose(every_fourth, plain, atol=1e-4)
    squeezed = not np.allclose(stretched, plain, atol=1e-2)
    print("every fourth position is turned as the positions were before:", as_before)
    print("the others are turned less:", squeezed)

# %% [markdown] id="what-you-have-now"
# ## What you have now
#
# | layer | what it does | parameters | later positions |
# |---|---|---|---|
# | PositionEmbedding | adds a learned vector | rows × `features` | none after its end |
# | SinePositionEncoding | adds sines and cosines | none | can be computed, are new to the network |
# | RotaryEmbedding | turns query and key | none | only the distance counts |
# | GroupQueryAttention | groups of queries share keys and values | fewer than with all heads | |
#
# With RotaryEmbedding and GroupQueryAttention you have the two parts in which the attention of
# today's language models differs most from that of 2017.
#
# ## References
#
# - A. Vaswani and others (2017), *Attention Is All You Need*, arXiv:1706.03762 (sines and cosines).
# - J. Devlin, M.-W. Chang, K. Lee, K. Toutanova (2018), *BERT: Pre-training of Deep Bidirectional
#   Transformers for Language Understanding*, arXiv:1810.04805 (learned positions).
# - J. Su and others (2021), *RoFormer: Enhanced Transformer with Rotary Position Embedding*,
#   arXiv:2104.09864.
# - N. Shazeer (2019), *Fast Transformer Decoding: One Write-Head is All You Need*, arXiv:1911.02150
#   (multi-query attention).
# - J. Ainslie and others (2023), *GQA: Training Generalized Multi-Query Transformer Models from
#   Multi-Head Checkpoints*, arXiv:2305.13245.
# - S. Chen, S. Wong, L. Chen, Y. Tian (2023), *Extending Context Window of Large Language Models
#   via Positional Interpolation*, arXiv:2306.15595.
