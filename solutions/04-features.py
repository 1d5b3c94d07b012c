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
# # 4 · Features
#
# Pictures are numbers from the start. Most real data are not: they are tables with words, years,
# millimetres and grams, each in a column of its own. A network needs rows of numbers. So every
# column must be converted to numbers, and each kind of column needs its own conversion.
#
# **DenseFeatures** is the layer that does this: a dict of columns goes in, one dense tensor comes
# out. In this unit you build two of its parts, **Bucketize** and **OneHot**, and then the whole
# layer. Mistakes are easy to make here, because they raise no error: a network trains even if a
# year is used as a number, or if a column was never scaled.
#
# The two questions stay the same. *Which shape comes out?* *How many numbers does it learn?*
#
# **Coming from TensorFlow 2?** The chapter on which this course is based lists this layer as
# `DenseFeature`; its name was `DenseFeatures`, and it took a list of `tf.feature_column`s, each a
# **feature column**: the description of how one feature becomes numbers. Keras 3 has neither. At
# the end of the unit you see the old layer next to yours, and `keras.utils.FeatureSpace`, which
# replaced it.
#
# The [glossary](../glossary.md) explains the words of the course, and gives their Chinese names. In
# a cell, `from grader import glossary` and then `glossary("bias")` prints what a word means.

# %% id="imports"
# Import the grader first: it loads Keras and TensorFlow without their log messages.
from grader import check

import keras
import numpy as np
import tensorflow as tf
from keras import ops

# %% [markdown] id="start-text"
# The data: 342 adult penguins of three species, from three islands. (Two more were not measured,
# and we left them out.) The sex of nine birds is not known. We keep them, marked `unknown`. Most
# real tables have such gaps, and a layer must handle them.

# %% id="start-experiment" tags=["experiment"]
import matplotlib.pyplot as plt

from grader.data import load
from grader.pictures import features as pictures
from grader.pictures import show

order = np.random.default_rng(4).permutation(342)
birds = {name: column[order] for name, column in load("penguins").items()}
species = ["Adelie", "Chinstrap", "Gentoo"]
labels = np.searchsorted(species, birds["species"])
for name, column in birds.items():
    print(f"{name:>15}", *(f"{value!s:>10}" for value in column[:5]), f"   {column.dtype}")

figure, axes = plt.subplots(figsize=(7, 4))
for name, marker, color in zip(species, "o^s", ("#0072b2", "#e69f00", "#009e73"), strict=True):
    who = birds["species"] == name
    style = {"marker": marker, "color": color, "edgecolor": "white", "s": 45, "label": name}
    axes.scatter(birds["bill_length"][who], birds["bill_depth"][who], **style)
axes.set(xlabel="bill length in mm", ylabel="bill depth in mm", title="342 penguins")
axes.legend(frameon=False)
show(
    figure,
    "Bill depth against bill length. Adelie: short and deep, near 39 and 18 mm. Chinstrap: long "
    "and deep, near 49 and 18 mm. Gentoo: long and shallow, near 47 and 15 mm.",
)


# %% id="start-experiment-2" tags=["experiment"]
def train(model, inputs, targets, rate=0.05):
    """Train a model for 15 epochs, always in the same order, and return the loss of each epoch."""
    keras.utils.set_random_seed(7)
    model.compile(keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy")
    return model.fit(inputs, targets, batch_size=25, epochs=15, verbose=0).history["loss"]


def accuracy(model, inputs, targets):
    """The share of birds that the model gets right."""
    return np.mean(np.argmax(model(inputs), axis=1) == targets)


# %% [markdown] id="numbers-on-one-scale"
# ## Numbers, on one scale
#
# Numeric columns are numbers already. But a body mass is about 4200 and a bill depth about 17, only
# because of the units, grams and millimetres. A weight that suits one of these columns is far too
# large or too small for the other.
#
# So each numeric column is **normalized**: subtract its mean, and divide by its standard deviation.
# An average bird then has 0, whatever the unit was.
#
# $$\frac{x - \mathrm{mean}}{\mathrm{deviation}}$$
#
# These two numbers are not learned by gradients. They are computed once, from the *training* birds:
# in Keras, by the method `adapt`: you **adapt** the layer to the data. It is easy to forget.

# %% id="numbers-on-one-scale-experiment" tags=["experiment"]
measurements = ["bill_length", "bill_depth", "flipper_length", "body_mass"]
raw = np.stack([birds[name] for name in measurements], axis=-1)
forgotten, adapted = keras.layers.Normalization(), keras.layers.Normalization()
adapted.adapt(raw[:250])

figure, axes = plt.subplots(figsize=(8, 3.6))
curves = {}
for name, layer, style in ("not adapted", forgotten, "--"), ("adapted", adapted, "-"):
    scaled = np.array(layer(raw))
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="softmax")])
    losses = curves[name] = train(model, scaled[:250], labels[:250])
    right = accuracy(model, scaled[250:], labels[250:])
    print(f"{name:>11}: {right:4.0%} of the test birds right; the first is {scaled[0].round(1)}")
    axes.plot(range(1, 16), losses, style, lw=2.5)
    axes.annotate(name, (5, losses[4]), xytext=(0, 8), textcoords="offset points", fontsize=12)
axes.set(xlabel="epoch", ylabel="loss", yscale="log", ylim=(0.02, 3000), title="Which species?")
show(
    figure,
    "Loss against epoch on a logarithmic scale. After 15 epochs it is "
    + " and ".join(f"{losses[-1]:.2g} ({name})" for name, losses in curves.items())
    + ".",
)

# %% [markdown] id="buckets"
# A Normalization layer that was not adapted has mean 0 and deviation 1. It changes nothing and
# raises no error. The model still trains, but its loss is many times as large. Without a second
# curve to compare with, you would look for the fault in the network.
#
# **Try:** write `raw[:, 3] /= 1000` before `adapt`, so that the mass is in kilograms. Does the
# forgotten `adapt` still cost as much?
#
# ## Buckets
#
# Sometimes the size of a number matters only roughly. Below 3500 g a penguin is light, above 5000 g
# it is heavy, and a bird of twice the mass does not have twice of some other property. Then we cut
# the axis at a few **boundaries** and keep only the **bucket** of each bird. Each bucket gets a
# cell of its own, so a model can learn a separate weight for each.

# %% id="buckets-experiment" tags=["experiment"]
pictures.draw_buckets().show()

# %% [markdown] id="buckets-text"
# Programs often get the red bird wrong. A bucket begins *at* its lower boundary: 3500 g belongs to
# the bucket from 3500 to 4200.
#
# | | |
# |---|---|
# | shape | `(batch, 1)` or `(batch,)` → `(batch, buckets)` |
# | parameters | none |

# %% [markdown] id="bucketize-exercise"
# ### Exercise: write Bucketize
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●○○ (3 of 5) · 10 minutes · 5 points
# >
# > **What is asked**
# >
# > - **shape** (1): a column of numbers, of shape `(batch, 1)` or `(batch,)`, becomes a tensor with
# >   a row for each sample and a cell for each bucket, also while the batch size is unknown.
# > - **output** (4): a 1 in the cell of the bucket, 0 elsewhere. `boundaries` is a list of rising
# >   numbers. A number on a boundary belongs to the bucket above it.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.Discretization`. You are here to
# > build it.
#
# <details><summary>It works for (batch, 1) and fails for (batch,), or the other way round</summary>
#
# Give both the same shape before you do anything else. `ops.reshape` takes −1 for the batch size.
# </details>
#
# <details><summary>I have one cell too few, or two</summary>
#
# Every bucket has a lower and an upper edge. What is the lower edge of the first one, and the upper
# edge of the last? You can compare numbers with `np.inf`.
# </details>
#
# <details><summary>My row has several ones</summary>
#
# The number must not only be above a boundary, but also below the next one. These are two
# conditions: use `ops.logical_and`.
# </details>
#
# <details><summary>Shapes are right, and one or two birds fall into the wrong bucket</summary>
#
# Look at the red bird. Which of your two comparisons must include equality?
# </details>


# %% nbgrader={"grade_id": "bucketize", "solution": true}
class Bucketize(keras.layers.Layer):
    """A row for each number, with a 1 at the bucket that it falls into."""

    def __init__(self, boundaries, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.lower = [-np.inf, *boundaries]
        self.upper = [*boundaries, np.inf]
        ### END SOLUTION

    def call(self, inputs):
        ### BEGIN SOLUTION
        numbers = ops.reshape(inputs, (-1, 1))
        inside = ops.logical_and(numbers >= self.lower, numbers < self.upper)
        return ops.cast(inside, "float32")
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-bucketize", "grade": true, "points": 5}
check(Bucketize)
### BEGIN HIDDEN TESTS
check(Bucketize, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="words"
# ## Words
#
# You cannot do arithmetic with words such as Biscoe and Dream. A word is not more or less than
# another word; it is only equal or not equal. So we make a list of all words, the **vocabulary**,
# and each word of the list gets a cell: 1 for this word, 0 for any other. This is called **one-hot
# encoding**.

# %% id="words-experiment" tags=["experiment"]
pictures.draw_one_hot().show()

# %% [markdown] id="words-text"
# Two things in this picture are important.
#
# **The years.** They look like numbers, and no layer would refuse them. But here 2009 is not a
# little more than 2007: it is *another season*. If an integer is a name (a year, a postcode, the
# number of a ring), treat it like a word.
#
# **Out-of-vocabulary words.** No vocabulary contains every word that will ever come. Here, an
# unknown word gets a row of zeros. It must not become the first word of the list by accident, which
# is a common bug.
#
# | | |
# |---|---|
# | shape | `(batch, 1)` or `(batch,)` → `(batch, words)` |
# | parameters | none |
#
# On the TensorFlow backend, some of Keras's `ops` also work on strings: `ops.reshape` and
# `ops.equal` do. (Other backends have no string tensors.) You can compare one word with a whole
# list at once:

# %% id="words-experiment-2" tags=["experiment"]
print(ops.equal(tf.constant([["Dream"], ["Anvers"]]), ["Biscoe", "Dream", "Torgersen"]))

# %% [markdown] id="words-try"
# **Try:** leave out the inner brackets, `tf.constant(["Dream", "Anvers"])`. What does TensorFlow
# compare then, and why does it complain?

# %% [markdown] id="one-hot-exercise"
# ### Exercise: write OneHot
#
# > Difficulty ●○○○○ (1 of 5) · Importance ●●●●● (5 of 5) · 10 minutes · 5 points
# >
# > **What is asked**
# >
# > - **shape** (1): a column of words or of whole numbers, of shape `(batch, 1)` or `(batch,)`,
# >   becomes a tensor with a row for each sample and a cell for each word of the vocabulary, also
# >   while the batch size is unknown.
# > - **output** (4): a 1 at the word's place in `vocabulary`, 0 elsewhere. The order of the cells
# >   is that of the list. What is not in it has a row of zeros.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.StringLookup` and
# > `keras.layers.IntegerLookup`. You are here to build it.
#
# <details><summary>It works when I try it, and fails while the batch size is unknown</summary>
#
# Does your code use `.numpy()`, a Python loop over the batch, or a dict to look up words? While a
# model is built, there are no values yet. Compare tensors instead, all samples at once.
# </details>
#
# <details><summary>Words that I do not know come out as the first word</summary>
#
# You look for the position of the 1 in a row that has none, and get 0. Do you need the position at
# all? Look at the result of `ops.equal` above: what is missing from there to the answer?
# </details>
#
# <details><summary>It works for words and fails for years</summary>
#
# Do not convert anything to text. `ops.equal` compares whole numbers with a list of whole numbers.
# </details>


# %% nbgrader={"grade_id": "one-hot", "solution": true}
class OneHot(keras.layers.Layer):
    """A row for each word, with a 1 at its position in the vocabulary."""

    def __init__(self, vocabulary, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.vocabulary = vocabulary
        ### END SOLUTION

    def call(self, inputs):
        ### BEGIN SOLUTION
        words = ops.reshape(inputs, (-1, 1))
        return ops.cast(ops.equal(words, self.vocabulary), "float32")
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-one-hot", "grade": true, "points": 5}
check(OneHot)
### BEGIN HIDDEN TESTS
check(OneHot, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="embedding"
# ## Embedding
#
# One-hot rows need a lot of space: ten thousand words need ten thousand cells. And all words are
# equally far from each other. An **embedding** gives each word a few numbers instead, and these are
# learned. They form a table with one row for each word; the output for a word is its row.
#
# There is no new formula. A one-hot row times the table *is* that row:

# %% id="embedding-experiment" tags=["experiment"]
pictures.draw_embedding().show()

# %% [markdown] id="crossing"
# This is the only kind of column with weights. Unknown words need no special treatment: a row of
# zeros times the table is zero. (Embedding comes back in unit 09, for sequences.)
#
# ## Crossing
#
# Some facts concern pairs of features. A model that adds one number for the island and one number
# for the sex cannot describe "the males *of Dream*". A **feature cross** makes each pair a category
# of its own.
#
# There are many pairs, so we do not write a vocabulary for them. Instead, **hashing** is used: a
# fixed function turns it into the number of one of several **bins**. So there are no unknown pairs.
# But two pairs may fall into the same bin (a **collision**), and then the model cannot tell them
# apart. `keras.layers.HashedCrossing(bins)` contains the hash function.

# %% id="crossing-experiment" tags=["experiment"]
numbers_of_bins = 4, 20, 100

islands, sexes = ["Biscoe", "Dream", "Torgersen"], ["female", "male", "unknown"]
pairs = [np.repeat(islands, 3), np.tile(sexes, 3)]
figure, panels = plt.subplots(1, 3, figsize=(10, 2.9), layout="constrained")
in_use = {}
for bins, panel in zip(numbers_of_bins, panels, strict=True):
    found = np.array(keras.layers.HashedCrossing(bins)(pairs)).reshape(3, 3)
    shared = np.array([[np.sum(found == bin_) > 1 for bin_ in row] for row in found])
    in_use[bins] = len(np.unique(found))
    panel.imshow(shared, cmap="Oranges", vmin=0, vmax=2.5)
    for (row, column), bin_ in np.ndenumerate(found):
        panel.text(column, row, bin_, ha="center", va="center", fontsize=13)
    panel.set(xticks=range(3), yticks=range(3), xticklabels=sexes, yticklabels=islands)
    panel.set_title(f"9 pairs, {bins} bins, {in_use[bins]} in use")
show(
    figure,
    "The bins of nine pairs of island and sex; a bin that is shared is orange. "
    + "; ".join(f"with {bins} bins {used} are in use" for bins, used in in_use.items())
    + ".",
)

# %% [markdown] id="all-in-one-layer"
# With 100 bins no two of the nine pairs share a bin; with fewer bins some do. In the dense tensor,
# the number of the bin becomes a one-hot row: bin 18 is not twice bin 9.
#
# ### Change it: exactly enough bins?
#
# There are nine pairs. Are nine bins enough for them? Change the first line of the cell above to
# `numbers_of_bins = 9, 30, 1000`. How many bins will be in use with each? *Before you run the cell,
# write down your prediction here:* … , … , …
#
# Then run it. *What did you see? Write one sentence: what does a hash function not care about?* …
#
# ## All in one layer
#
# Now the whole layer. A list of *column descriptions*, which are plain data, says how to convert a
# dict of columns. Each description gives a block of cells, and the blocks are put side by side.

# %% id="all-in-one-layer-experiment" tags=["experiment"]
pictures.draw_dense_features().show()

# %% [markdown] id="all-in-one-layer-text"
# | description | name of the column | its block |
# |---|---|---|
# | `("numeric", feature, mean, deviation)` | `feature` | `(x - mean) / deviation` |
# | `("bucketized", feature, boundaries)` | `feature_bucketized` | what `Bucketize` gives |
# | `("one_hot", feature, vocabulary)` | `feature_indicator` | what `OneHot` gives |
# | `("embedding", feature, vocabulary, dimension)` | `feature_embedding` | one-hot @ table |
# | `("crossed", [feature, other], bins)` | `feature_X_other_indicator` | a one-hot row of the bin |
#
# One feature can be used in several descriptions: a body mass as a number *and* in buckets.
#
# The blocks are not in the order of your list. DenseFeatures sorts them by **the names of the
# columns**, letter by letter, as Python's `sorted` does. So the same list in another order gives
# the same tensor, and trained weights still belong to the right cells. (`indicator` is TensorFlow's
# older word for one-hot. In the *name* of a cross the features are sorted too, but they are
# *hashed* in the order of the list.)
#
# Python's `match` statement tells the five kinds of description apart. `_` stands for a value that
# you do not need:
#
# ```python
# match column:
#     case ("numeric", feature, _, _):
#         ...
#     case ("crossed", features, bins):
#         ...
# ```

# %% [markdown] id="features-width-exercise"
# ### Exercise: predict the width
#
# > Difficulty ●○○○○ (1 of 5) · Importance ●●●●○ (4 of 5) · 5 minutes · 2 points
# >
# > How many cells does a row of the dense tensor have, for this list of descriptions? The next
# > layer, such as `Dense`, needs this number.
#
# <details><summary>I am off by one</summary>
#
# Cut a string three times and count the pieces. And does an unknown word need a cell?
# </details>
#
# <details><summary>I am far off</summary>
#
# Which number in the description is the width of an embedding's row, and which one is the number of
# rows?
# </details>


# %% nbgrader={"grade_id": "features-width", "solution": true}
def features_width(columns):
    """The number of cells in a row of the dense tensor of these columns."""
    ### BEGIN SOLUTION
    width = 0
    for column in columns:
        match column:
            case ("numeric", _, _, _):
                width += 1
            case ("bucketized", _, boundaries):
                width += len(boundaries) + 1
            case ("one_hot", _, vocabulary):
                width += len(vocabulary)
            case ("embedding", _, _, dimension):
                width += dimension
            case ("crossed", _, bins):
                width += bins
    return width
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-features-width", "grade": true, "points": 2}
check(features_width)
### BEGIN HIDDEN TESTS
check(features_width, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="features-order-exercise"
# ### Exercise: predict the order
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●●○ (4 of 5) · 10 minutes · 2 points
# >
# > Write `column_name`, which gives the name of one column as in the table. Then `features_order`:
# > the names of all columns, as a list, in the order in which their blocks stand. Only the second
# > one is checked, but you will want the first again in a minute.
#
# <details><summary>It is right until a feature stands in two columns</summary>
#
# You sort features, and DenseFeatures sorts columns. `body_mass` comes before
# `body_mass_bucketized`, whichever comes first in the list. What exactly do you sort?
# </details>
#
# <details><summary>It is right until there is a cross</summary>
#
# A cross of `sex` and `island` is called `island_X_sex_indicator`. It is sorted by this name, like
# the other columns.
# </details>


# %% nbgrader={"grade_id": "features-order", "solution": true}
def column_name(column):
    """The name of a column, from its description."""
    ### BEGIN SOLUTION
    match column:
        case ("numeric", feature, _, _):
            return feature
        case ("one_hot", feature, _):
            return f"{feature}_indicator"
        case ("crossed", features, _):
            return "_X_".join(sorted(features)) + "_indicator"
        case (kind, feature, *_):
            return f"{feature}_{kind}"
    ### END SOLUTION


def features_order(columns):
    """The names of the columns, in the order in which their blocks stand."""
    ### BEGIN SOLUTION
    return sorted(column_name(column) for column in columns)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-features-order", "grade": true, "points": 2}
check(features_order)
### BEGIN HIDDEN TESTS
check(features_order, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="all-in-one-layer-text-2"
# Now put the parts together. Your `Bucketize` and your `OneHot` are layers without weights: you can
# make one wherever you need it. Only the tables must be made in `build`, with `add_weight`, so that
# Keras counts, trains and saves them.

# %% [markdown] id="dense-features-exercise"
# ### Exercise: write DenseFeatures
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●●●○ (4 of 5) · 35 minutes · 12 points
# >
# > **What is asked**
# >
# > - **shape** (1): a dict of columns, each of shape `(batch, 1)` or `(batch,)`, becomes
# >   `(batch, width)`, also while the batch size is unknown.
# > - **parameters** (2): a trainable table of shape `(words, dimension)` for each embedding column,
# >   and nothing else.
# > - **output** (5): the blocks of the table above, in the order of the columns' names. A cross is
# >   hashed by `keras.layers.HashedCrossing(bins)`, its features in the order of the description.
# >   The dict may contain features that no description uses.
# > - **gradient** (2): gradients reach the numeric features and every table.
# > - **config** (1): `DenseFeatures.from_config(layer.get_config())` is the same layer again. Keras
# >   saves the argument `columns` by itself, as long as you do not change the list.
# > - **model** (1): the layer works in the Functional API, and its tables learn in a step of `fit`.
# >
# > It is held against the old `DenseFeatures` itself, which lives on in the package `tf_keras`. Not
# > allowed, in any copy of Keras or TensorFlow: `keras.utils.FeatureSpace`, and the old
# > `DenseFeatures`. You are here to build it.
#
# <details><summary>The card says my parameters are 0, or too few</summary>
#
# Keras finds weights in attributes, and in lists and dicts that are attributes. It does not look
# into functions, so it does not find a table that only a `lambda` uses. And a layer that is made in
# `call` has new weights at each call.
# </details>
#
# <details><summary>All values are there, in the wrong places</summary>
#
# `sorted` takes a `key`: a function that returns what to sort by. You have already written it.
# </details>
#
# <details><summary>HashedCrossing complains about its inputs, or gives a single column</summary>
#
# It takes a list of columns, and returns the number of a bin. Read about its argument
# `output_mode`; or use a layer of your own that makes one-hot rows of integers.
# </details>
#
# <details><summary>The shape fails for columns of shape (batch,)</summary>
#
# `Bucketize` and `OneHot` handle this shape. Does your code for numeric columns handle it, too?
# </details>
#
# <details><summary>The config aspect fails</summary>
#
# `columns.sort()` and `columns.pop()` change the list that Keras saves. `sorted` makes a new one.
# </details>


# %% nbgrader={"grade_id": "dense-features", "solution": true}
class DenseFeatures(keras.layers.Layer):
    """One dense tensor from a dict of columns."""

    def __init__(self, columns, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.columns = columns
        ### END SOLUTION

    def build(self, input_shape):
        """Make a table for each embedding column."""
        ### BEGIN SOLUTION
        self.tables = {}
        for column in self.columns:
            match column:
                case ("embedding", feature, vocabulary, dimension):
                    shape = (len(vocabulary), dimension)
                    self.tables[feature] = self.add_weight(name=feature, shape=shape)
        ### END SOLUTION

    def call(self, inputs):
        ### BEGIN SOLUTION
        blocks = []
        for column in sorted(self.columns, key=column_name):
            match column:
                case ("numeric", feature, mean, deviation):
                    numbers = ops.reshape(inputs[feature], (-1, 1))
                    blocks.append((numbers - mean) / deviation)
                case ("bucketized", feature, boundaries):
                    blocks.append(Bucketize(boundaries)(inputs[feature]))
                case ("one_hot", feature, vocabulary):
                    blocks.append(OneHot(vocabulary)(inputs[feature]))
                case ("embedding", feature, vocabulary, _):
                    rows = OneHot(vocabulary)(inputs[feature])
                    blocks.append(ops.matmul(rows, self.tables[feature]))
                case ("crossed", features, bins):
                    crossing = keras.layers.HashedCrossing(bins, output_mode="one_hot")
                    blocks.append(crossing([inputs[feature] for feature in features]))
        return ops.concatenate(blocks, axis=-1)
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-dense-features", "grade": true, "points": 12}
check(DenseFeatures)
### BEGIN HIDDEN TESTS
check(DenseFeatures, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="penguins-through-your-layer"
# ## Penguins, through your layer
#
# Which species is it? With the length of the bill this would be too easy, so we leave out bill
# length and flipper length. We use one description of each kind, your layer, and a single `Dense`
# after it. Mean and deviation come from the training birds.

# %% id="penguins-through-your-layer-experiment" tags=["experiment"]
mass, depth = birds["body_mass"][:250], birds["bill_depth"][:250]
columns = [
    ("one_hot", "sex", ["female", "male"]),
    ("numeric", "bill_depth", float(depth.mean()), float(depth.std())),
    ("embedding", "island", ["Biscoe", "Dream", "Torgersen"], 2),
    ("bucketized", "body_mass", [3500.0, 4200.0, 5000.0]),
    ("crossed", ["year", "island"], 20),
]
dtypes = {"sex": "string", "bill_depth": "float32", "island": "string"}
dtypes |= {"body_mass": "float32", "year": "int32"}
inputs = {name: keras.Input((1,), name=name, dtype=dtype) for name, dtype in dtypes.items()}
data = {name: tf.constant(birds[name][:, None]) for name in inputs}
train_data = {name: column[:250] for name, column in data.items()}
test_data = {name: column[250:] for name, column in data.items()}

keras.utils.set_random_seed(1)
layer = DenseFeatures(columns)
answer = keras.layers.Dense(3, activation="softmax")
model = keras.Model(inputs, answer(layer(inputs)))
train(model, train_data, labels[:250])
print("order:", ", ".join(features_order([*columns])))
print(f"{features_width([*columns])} cells, {layer.count_params()} parameters in the layer")
as_it_is = accuracy(model, test_data, labels[250:])
print(f"right on {as_it_is:.0%} of the test birds")

dense = layer(test_data).numpy()
unknown = birds["sex"][250:] == "unknown"
print("sex_indicator of a test bird of unknown sex:", dense[unknown][0, -2:])
shuffled = np.concatenate([dense[:, -2:], dense[:, :-2]], axis=1)  # sex_indicator comes first
moved = accuracy(answer, shuffled, labels[250:])
print(f"the same weights and birds, one block in another place: {moved:.0%}")

# %% [markdown] id="penguins-through-your-layer-text"
# The last line shows why the order matters: no number was changed, but one block moved, and the
# trained weights are multiplied with the wrong cells. No error is raised.
#
# **Try:** leave out the description of `bill_depth`. How much of the accuracy came from it?
#
# And what does an embedding learn? We train one on its own: the model gets the island, and nothing
# else. (On Torgersen all birds are Adelie. On Dream there are 56 Adelie and 68 Chinstrap, on Biscoe
# 44 Adelie and 123 Gentoo.) Its table has two numbers for each island, so we can draw each island
# as a point in a plane. The `Dense` layer after it turns every point into three shares, one for
# each species; these are the colours of the picture.

# %% id="penguins-through-your-layer-experiment-2" tags=["experiment"]
alone = DenseFeatures([("embedding", "island", islands, 2)])
reader = keras.layers.Dense(3, activation="softmax")
keras.utils.set_random_seed(3)
model = keras.Model(inputs["island"], reader(alone({"island": inputs["island"]})))
before = alone.weights[0].numpy()
train(model, train_data["island"], labels[:250], rate=0.1)
after = alone.weights[0].numpy()

reach = np.abs(after).max() + 1
line = np.linspace(-reach, reach, 101)
grid = np.stack(np.meshgrid(line, line), axis=-1)
tints = np.array([(0.62, 0.79, 0.9), (0.97, 0.82, 0.5), (0.6, 0.85, 0.76)])  # as in the first plot
figure, axes = plt.subplots(figsize=(6.5, 5))
image = np.array(reader(grid)) @ tints
axes.imshow(image, extent=(-reach, reach, -reach, reach), origin="lower", aspect="auto")
for island, start, end in zip(islands, before, after, strict=True):
    axes.plot(*start, "o", color="#68737f")
    axes.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "lw": 2})
    beyond = (end - start) / np.linalg.norm(end - start) * (36, 14)
    style = {"textcoords": "offset points", "ha": "center", "va": "center", "fontsize": 13}
    axes.annotate(island, end, xytext=beyond, **style)
axes.set_title("The table before (dots) and after training")
axes.set_xlabel("blue: Adelie, yellow: Chinstrap, green: Gentoo")
show(
    figure,
    "A map in three colours, blue for Adelie, yellow for Chinstrap, green for Gentoo. From the "
    "dots where their rows of the table began, Torgersen has moved into the blue, Dream to the "
    "border of blue and yellow, and Biscoe to the border of blue and green.",
)

# %% [markdown] id="densefeatures-and-featurespace"
# The positions were learned. Torgersen, where all birds are Adelie, lies far inside the area of the
# Adelie. Dream and Biscoe, where Adelie live together with another species, lie each at a border.
#
# ## DenseFeatures and FeatureSpace
#
# Your layer was compared with a layer that Keras 3 no longer has. `DenseFeatures` took a list of
# *feature columns*, made by functions of `tf.feature_column`. Both are deprecated: TensorFlow says
# so whenever they are used ("Use Keras preprocessing layers instead, either directly or via the
# `tf.keras.utils.FeatureSpace` utility"). The package `tf_keras`, which continues Keras 2, still
# has it. Here it is next to yours, with the table of your layer:

# %% id="densefeatures-and-featurespace-experiment" tags=["experiment"]
import tf_keras

tf.get_logger().setLevel("ERROR")  # so that it does not say so five times
make, words = tf.feature_column, tf.feature_column.categorical_column_with_vocabulary_list
_, (_, _, mean, deviation), *_ = columns
old_columns = [
    make.indicator_column(words("sex", ["female", "male"])),
    make.numeric_column("bill_depth", normalizer_fn=lambda x: (x - mean) / deviation),
    make.embedding_column(words("island", islands), 2),
    make.bucketized_column(make.numeric_column("body_mass"), [3500, 4200, 5000]),
    make.indicator_column(make.crossed_column(["year", "island"], 20)),
]
old = tf_keras.layers.DenseFeatures(old_columns)
old(test_data)
old.set_weights(layer.get_weights())
print("keras.layers has DenseFeatures:", hasattr(keras.layers, "DenseFeatures"))
print("largest difference between the two:", np.abs(old(test_data) - layer(test_data)).max())

# %% [markdown] id="densefeatures-and-featurespace-text"
# Keras 3 has `keras.utils.FeatureSpace` instead. You name the kind of each feature, and `adapt`
# finds the rest in the training data: means, boundaries, vocabularies.

# %% id="densefeatures-and-featurespace-experiment-2" tags=["experiment"]
Space = keras.utils.FeatureSpace
space = Space(
    features={
        "sex": "string_categorical",
        "bill_depth": "float_normalized",
        "island": "string_categorical",
        "body_mass": Space.float_discretized(num_bins=4),
        "year": "integer_categorical",
    },
    crosses=[Space.cross(("year", "island"), crossing_dim=4)],
    output_mode="dict",
)
space.adapt(tf.data.Dataset.from_tensor_slices(train_data).batch(250))
for name, block in space(test_data).items():
    print(f"{name:>13}: width {block.shape[1]}, the first bird has {block[0].numpy().round(2)}")
print("vocabulary of sex:", [str(word) for word in space.preprocessors["sex"].get_vocabulary()])
print("boundaries of body_mass:", np.round(space.preprocessors["body_mass"].bin_boundaries))

# %% [markdown] id="what-each-kind-of-column-can"
# `output_mode="concat"`, the default, puts these blocks side by side in the order in which they are
# printed here. Compare:
#
# | | DenseFeatures | FeatureSpace |
# |---|---|---|
# | mean, boundaries, vocabulary | you give them | `adapt` finds them |
# | an unknown word | a row of zeros | the first cell of the block, `[UNK]` |
# | order | names of the columns | names of the features; then the crosses, by name |
# | embeddings | a kind of column | none: `output_mode="int"`, and an Embedding layer behind it |
# | `adapt` forgotten | there is no `adapt` | an error |
# | where it is used | in a model | in a model, or before it, in `tf.data` |
#
# Note that `unknown` is in the vocabulary of `sex`, like any other word: `adapt` does not know what
# the words mean.
#
# ## What each kind of column can express
#
# A last experiment: is the bird male or female? The model gets only two numbers, the length and the
# depth of the bill, and it is always the same model: one `Dense` with one unit, which adds up
# cells. Only the columns change: numbers; buckets; buckets crossed into 400 bins; buckets crossed
# into 8 bins. The maps show what each of the four predicts for every possible bill. (The cell
# takes some 10 seconds.)

# %% id="what-each-kind-of-column-can-experiment" tags=["experiment"]
known = birds["sex"] != "unknown"
male = (birds["sex"][known] == "male").astype("float32")
cuts = {
    "length": [36.0, 40.0, 44.0, 48.0, 52.0, 56.0],
    "depth": [14.0, 15.0, 16.0, 17.0, 18.0, 19.0, 20.0],
}


def bills(length, depth):
    """Both measurements, as numbers and as the numbers of their buckets."""
    numbers = {"length": length.astype("float32"), "depth": depth.astype("float32")}
    return numbers | {f"{name}_step": np.digitize(x, cuts[name]) for name, x in numbers.items()}


seen = bills(birds["bill_length"][known], birds["bill_depth"][known])
across, up = np.meshgrid(np.linspace(31, 61, 121), np.linspace(13, 22, 91))
every = bills(across.ravel(), up.ravel())
views = {
    "numbers": [("numeric", "length", 44.0, 5.5), ("numeric", "depth", 17.0, 2.0)],
    "buckets": [("bucketized", name, edges) for name, edges in cuts.items()],
    "a cross, 400 bins": [("crossed", ["length_step", "depth_step"], 400)],
    "a cross, 8 bins": [("crossed", ["length_step", "depth_step"], 8)],
}
figure, panels = plt.subplots(2, 2, figsize=(10, 7.6), layout="constrained")
sexed = {}
for panel, (name, view) in zip(panels.flat, views.items(), strict=True):
    layer = DenseFeatures(view)
    cells = layer(seen)
    unit = keras.layers.Dense(1, activation="sigmoid", kernel_initializer="zeros")
    model = keras.Sequential([keras.Input((cells.shape[1],)), unit])
    model.compile(keras.optimizers.Adam(0.3), loss="binary_crossentropy", run_eagerly=True)
    for _ in range(30):
        model.train_on_batch(cells[:233], male[:233])
    sure = (np.array(model(cells))[:, 0] > 0.5) == male
    right = sexed[name] = sure[:233].mean(), sure[233:].mean()
    print(f"{name:>17}: right on {right[0]:.0%} of the training birds, {right[1]:.0%} of others")
    style = {"cmap": "signed", "vmin": -0.4, "vmax": 1.4}  # white is 0.5: it cannot tell
    belief = np.array(unit(layer(every))).reshape(across.shape)
    panel.imshow(belief, extent=(31, 61, 13, 22), origin="lower", aspect="auto", **style)
    dots = {"c": male[:233], "cmap": "gray_r", "edgecolor": "black", "s": 24}
    panel.scatter(seen["length"][:233], seen["depth"][:233], **dots)
    panel.set_title(f"{name}: {right[1]:.0%} of the other birds")
figure.supxlabel("bill length in mm")
figure.supylabel("bill depth in mm")
figure.suptitle("The model says: orange female, blue male. The birds: white female, black male.")
show(
    figure,
    "Four maps over bill length and depth, orange where the model says female, blue where it "
    "says male; white dots are females, black dots males. Numbers: one straight border. "
    "Buckets: a grid in which every column follows the same pattern. A cross in 400 bins: each "
    "cell for itself, pale where there was no bird. A cross in 8 bins: the same colours repeat in "
    "cells far apart. The shares that are right are printed above.",
)

# %% [markdown] id="what-do-you-see"
# ### What do you see?
#
# Look at the four maps and at the numbers printed above them, then answer in a few sentences.
# (3 points, read by your instructor.)
#
# 1. The model is the same each time: it adds up cells. Why can it draw only a straight border from
#    numbers, steps from buckets, and any pattern from a cross?
# 2. The cross with 400 bins is best on the training birds. Which two things in its map make you
#    doubt that it will be good on new birds? Do the numbers agree with you?
# 3. In the map with 8 bins the same colours appear in places that have nothing to do with each
#    other. Why, and what would you do about it?

# %% [markdown] nbgrader={"grade_id": "question-plot", "grade": true, "solution": true, "points": 3}
# ### BEGIN SOLUTION
# 1. With numbers there are two cells, and so one weight for length and one for depth: the sum is
#    the same along straight lines. With buckets, each bucket of length and each bucket of depth has
#    its own weight, so the prediction can rise and fall in steps. But it is still a sum: the
#    pattern of one column of the map is that of the next, shifted as a whole. With a cross, each
#    pair of buckets has its own weight, and no cell of the map depends on any other. (One point.)
# 2. Where there was no training bird, the map is pale: it predicts nothing there, although its
#    neighbours all have one colour. And some cells are very certain because of one or two birds:
#    this is overfitting. The numbers agree: it is best on the training birds, and on the others
#    worse than the buckets, which have far fewer weights. (One point.)
# 3. There are 56 pairs of buckets and only 8 bins, so about seven pairs share a bin and its weight.
#    These collisions average birds that have nothing else in common. More bins help (such as 400),
#    at the price of more weights; so do fewer, wider buckets. (One point.)
# ### END SOLUTION

# %% [markdown] id="mended-batch-normalization-exercise"
# ### Exercise: find and mend the fault in BatchNormalization
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●○○ (3 of 5) · 10 minutes · 3 points
# >
# > Features of a table often go through BatchNormalization first. Below is such a layer, as you
# > know it from unit 03. **One thing in it is wrong.** Run the check first: the card shows where
# > the fault comes out. Then find the fault and mend it. Change as little as you can.
# >
# > The layer is examined like your `BatchNormalization` in unit 03. It earns its points when
# > everything is right, and nothing before: most of it is right already.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.BatchNormalization`, and
# > functions that normalize a batch, such as `keras.ops.batch_normalization`,
# > `tf.nn.batch_normalization` and `tf.raw_ops.FusedBatchNormV3`.
#
# **How to find a fault.** Read the card first: a row that is right tells you which lines you need
# not read. This layer works in two ways, in training and at inference. In which of the two does the
# fault come out? Then call the layer once with a small batch and print its weights before and
# after.
#
# <details><summary>The output is right, and the row "training" is wrong</summary>
#
# So the formula is right, for given statistics. What else does a training call do?
# </details>
#
# <details><summary>I printed the moving mean before and after one call</summary>
#
# With a momentum of 0.99, one batch moves it by a hundredth of the way to the mean of the batch.
# How far did yours move?
# </details>


# %% nbgrader={"grade_id": "mended-batch-normalization", "solution": true}
class MendedBatchNormalization(keras.layers.Layer):
    """Each channel to mean 0 and variance 1, then times gamma, plus beta: with one fault."""

    def __init__(self, momentum=0.99, epsilon=0.001, **kwargs):
        super().__init__(**kwargs)
        self.momentum = momentum
        self.epsilon = epsilon
        self.supports_masking = True

    def build(self, input_shape):
        size = input_shape[-1:]
        ones = {"shape": size, "initializer": "ones"}
        zeros = {"shape": size, "initializer": "zeros"}
        self.gamma = self.add_weight(name="gamma", **ones)
        self.beta = self.add_weight(name="beta", **zeros)
        self.moving_mean = self.add_weight(name="moving_mean", trainable=False, **zeros)
        self.moving_variance = self.add_weight(name="moving_variance", trainable=False, **ones)

    def call(self, inputs, training=False):
        mean, variance = self.moving_mean, self.moving_variance
        if training and self.trainable:
            axes = tuple(range(len(inputs.shape) - 1))  # all but the last
            mean, variance = ops.mean(inputs, axis=axes), ops.var(inputs, axis=axes)
            self.move(self.moving_mean, mean)
            self.move(self.moving_variance, variance)
        normal = (inputs - mean) / ops.sqrt(variance + self.epsilon)
        return self.gamma * normal + self.beta

    def move(self, moving, batch):
        ### BEGIN SOLUTION
        moving.assign(self.momentum * moving + (1 - self.momentum) * batch)
        ### GIVEN
        # moving.assign((1 - self.momentum) * moving + self.momentum * batch)
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-mended-batch-normalization", "grade": true, "points": 3}
check(MendedBatchNormalization)
### BEGIN HIDDEN TESTS
check(MendedBatchNormalization, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="what-you-have-now"
# ## What you have now
#
# | column | cells | parameters |
# |---|---|---|
# | numeric | 1 | none; mean and deviation from the training data |
# | bucketized | boundaries + 1 | none |
# | one-hot | words | none |
# | embedding | dimension | words × dimension |
# | crossed | bins | none |
#
# DenseFeatures puts them side by side, sorted by name. You know four mistakes that raise no error:
# a column that was not normalized, an integer that is a name and was used as a number, an unknown
# word that was taken for the first word of the list, and blocks in another order. All of them cost
# accuracy.
#
# ## References
#
# - K. B. Gorman, T. D. Williams, W. R. Fraser (2014), *Ecological Sexual Dimorphism and
#   Environmental Variability within a Community of Antarctic Penguins (Genus Pygoscelis)*, PLoS ONE
#   9(3): e90081, doi:10.1371/journal.pone.0090081 (the penguins).
# - K. Weinberger, A. Dasgupta, J. Attenberg, J. Langford, A. Smola (2009), *Feature Hashing for
#   Large Scale Multitask Learning*, arXiv:0902.2206 (hashing into bins).
# - H.-T. Cheng et al. (2016), *Wide & Deep Learning for Recommender Systems*, arXiv:1606.07792
#   (crosses of features).
# - C. Guo, F. Berkhahn (2016), *Entity Embeddings of Categorical Variables*, arXiv:1604.06737.
# - Keras, [FeatureSpace](https://keras.io/api/utils/feature_space/).
