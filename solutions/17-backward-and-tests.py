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
# # 17 · Gradients by hand, and tests of your own
#
# So far you wrote the *forward pass*, from the inputs to the outputs. Keras did the rest: it
# computed all gradients, and `check` tested what you wrote. In this unit you do both yourself.
#
# In the first part you write the **backward pass** of four layers as plain functions of arrays:
# softmax with cross-entropy, Dense, Conv1D and BatchNormalization. Each is compared with the
# gradient that TensorFlow takes of the live Keras layer, term by term.
#
# In the second part you write **tests**: functions that are given a layer class and say whether it
# is right. They are tried on layers that are known to be right or wrong.
#
# The [glossary](../glossary.md) explains the words of the course, and gives their Chinese names. In
# a cell, `from grader import glossary` and then `glossary("bias")` prints what a word means.

# %% id="imports"
# Import the grader first: it loads Keras and TensorFlow without their log messages.
from grader import check

import keras
import numpy as np
from keras import ops

# %% [markdown] id="backward-text"
# ## The way back
#
# A network is a chain of steps. The last step gives the loss $L$, a single number. Training needs
# the gradient of $L$ with respect to each weight. **Backpropagation** (unit 01) finds all of them
# in a single pass through the chain, from its end to its beginning.
#
# Each step needs to know two things: what went through it on the way forwards, and the gradient of
# $L$ with respect to its *output*. This second one is the **upstream gradient**. It comes from the
# step after it. From it, the step computes the gradients of its weights, and the gradient of its
# *inputs*, which is the upstream gradient of the step before.
#
# In this unit the gradient of $L$ with respect to an array `kernel` is called `d_kernel`. Three
# rules help you:
#
# 1. `d_kernel` has the shape of `kernel`.
# 2. If a number influences the loss in several ways, the shares of all ways are added up.
# 3. Along one way the slopes are multiplied: this is the **chain rule**.
#
# You can always try a gradient with numbers. Change one number by a little, and look at how much
# $L$ changes: the quotient of the two changes is the slope. This is a **numerical gradient**. It is
# slow, because it computes the loss again for each number, but it needs no derivation.

# %% id="backward-experiment" tags=["experiment"]
import matplotlib.pyplot as plt

from grader.pictures import backward, show


def numerical(function, array, step=1e-3):
    """The slope of a function of an array, number by number."""
    slopes = np.zeros(array.shape)
    for place in np.ndindex(array.shape):
        more, less = (array.astype("float64") for _ in range(2))
        more[place] += step
        less[place] -= step
        slopes[place] = (function(more) - function(less)) / (2 * step)
    return slopes


point = np.array([[0.5, -1.0], [2.0, 3.0]])
print("the slope of the sum of squares is twice the array:")
print(np.round(numerical(lambda x: np.sum(x**2), point), 4))

# %% [markdown] id="softmax-intro"
# ## Softmax with cross-entropy
#
# A classifier ends with a logit for each class. Softmax makes probabilities $p$ of them, and the
# loss of a sample is minus the logarithm of the probability of its right class. The loss of a batch
# is the *mean* over its samples.

# %% id="softmax-experiment" tags=["experiment"]
backward.draw_softmax().show()

# %% [markdown] id="softmax-text"
# For one sample with the logits $z$ and the right class $y$:
#
# $$p_i = \frac{e^{z_i}}{\sum_j e^{z_j}} \qquad L = -\log p_y$$
#
# The lower half of the picture shows the gradient for one example. Derive it yourself: write $L =
# \log \sum_j e^{z_j} - z_y$, and take its slope with respect to $z_i$. What is the slope of the
# first part? When does $z_i$ occur in the second one?
#
# **Large logits.** The exponential of 100 is too large for float32. But softmax stays the same if
# you take the same number away from all logits of a sample.

# %% [markdown] id="softmax-backward-exercise"
# ### Exercise: derive softmax with cross-entropy
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●●● (5 of 5) · 12 minutes · 6 points
# >
# > **What is asked**
# >
# > A function of `logits`, of shape `(samples, classes)`, and `labels`, one whole number for each
# > sample. It returns a dict with two entries:
# >
# > - **loss** (2): the mean cross-entropy of the batch, one number. Logits may be as large as a
# >   thousand.
# > - **d_logits** (4): the gradient of this mean with respect to the logits.
# >
# > Each entry is judged by itself. The arrays are NumPy's; you may return NumPy arrays or tensors.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `tf.GradientTape`, `tf.gradients` and what else
# > takes gradients by itself, and TensorFlow's operations that compute the gradient of another one,
# > such as `tf.raw_ops.ReluGrad`; nor Keras's and TensorFlow's own cross-entropy, such as
# > `keras.ops.sparse_categorical_crossentropy` and `tf.nn.softmax_cross_entropy_with_logits`.
#
# <details><summary>How do I pick the right class of each sample?</summary>
#
# `probabilities[np.arange(samples), labels]` takes one number out of each row.
# </details>
#
# <details><summary>My loss is nan or inf</summary>
#
# Take the largest logit of each sample away first. What is the largest exponential then?
# </details>


# %% nbgrader={"grade_id": "softmax-backward", "solution": true}
def softmax_backward(logits, labels):
    """The mean cross-entropy of a batch, and its gradient with respect to the logits."""
    ### BEGIN SOLUTION
    rows = np.arange(len(labels))
    shifted = logits - logits.max(axis=1, keepdims=True)
    totals = np.exp(shifted).sum(axis=1, keepdims=True)
    loss = np.mean(np.log(totals[:, 0]) - shifted[rows, labels])
    d_logits = np.exp(shifted) / totals
    d_logits[rows, labels] -= 1
    return {"loss": loss, "d_logits": d_logits / len(labels)}
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-softmax-backward", "grade": true, "points": 6}
check(softmax_backward)
### BEGIN HIDDEN TESTS
check(softmax_backward, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="softmax-text-2"
# Probabilities minus a one for the right class: that is all. If the network is sure and right, the
# gradient is nearly zero, and the sample teaches nothing more. If it is sure and wrong, the
# gradient is nearly as large as it can be, but never larger.
#
# The next cell compares this with a loss that many people try first: the squared error of the
# probabilities. One sample with two classes, and the network prefers the wrong class more and more.
#
# **Before you run it**, predict: which of the two losses still has a gradient when the network is
# sure and wrong?

# %% id="softmax-experiment-2" tags=["experiment"]
margins = np.linspace(-8, 8, 81)  # how far the wrong class is ahead
pairs = np.stack([0 * margins, margins], axis=1)
cross_entropy = np.array(
    [softmax_backward(pair[None], np.array([0]))["d_logits"][0] for pair in pairs]
)
p = 1 / (1 + np.exp(margins))
squared = -2 * p * (1 - p) ** 2 * 2  # by the chain rule, for the logit of the right class
figure, axes = plt.subplots(figsize=(7, 3.2))
axes.plot(margins, np.abs(cross_entropy[:, 0]), label="cross-entropy")
axes.plot(margins, np.abs(squared), label="squared error of the probabilities")
axes.set(
    xlabel="logit of the wrong class minus that of the right one", ylabel="size of the gradient"
)
axes.legend()
print(
    f"8 ahead: cross-entropy {abs(cross_entropy[-1, 0]):.4f}, squared error {abs(squared[-1]):.4f}"
)
show(
    figure,
    "Size of the gradient of two losses, by how far the wrong class is ahead: that of "
    "cross-entropy rises to 1 and stays there, that of the squared error falls to 0 again.",
)

# %% [markdown] id="softmax-text-3"
# The squared error multiplies by the slope of softmax, which is nearly zero where softmax is sure.
# So a network that is sure and wrong cannot learn by it. With cross-entropy the logarithm cancels
# this slope.
#
# **Try:** `margins = np.linspace(-2, 2, 81)`. Is the gradient of the squared error larger anywhere?

# %% [markdown] id="dense-intro"
# ## Dense
#
# With the sums $s = x\,W + b$ and the output $y = f(s)$, the way back goes through $f$ first. It
# multiplies by the slope of $f$ *at the sums*, number by number. The result, `d_sums`, is all that
# the rest needs.

# %% id="dense-experiment" tags=["experiment"]
backward.draw_dense().show()

# %% [markdown] id="dense-text"
# | activation | its slope at $s$ |
# |---|---|
# | none, `"linear"` | 1 |
# | `"relu"` | 1 where $s > 0$, else 0 |
# | `"tanh"` | $1 - \tanh^2 s$ |
# | `"sigmoid"` | $\sigma(s)\,(1 - \sigma(s))$ |
#
# A product of matrices $s = x\,W$ goes back as two products of matrices. If you forget which, let
# the shapes tell you: there is only one way to make an array of the shape of $W$ of $x$ and
# `d_sums`.
#
# Is the result divided by the size of the batch? No: the samples' shares are added up (rule 2). The
# loss divides already, and its division is inside the upstream gradient.

# %% [markdown] id="dense-backward-exercise"
# ### Exercise: derive Dense
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●●●● (5 of 5) · 15 minutes · 8 points
# >
# > **What is asked**
# >
# > A function of `inputs`, `kernel`, `bias`, the `upstream` gradient, and the name of the
# > `activation`, one of the four in the table. It returns a dict with three entries:
# >
# > - **d_inputs** (3): the gradient with respect to the inputs.
# > - **d_kernel** (3): the gradient with respect to the kernel.
# > - **d_bias** (2): the gradient with respect to the bias.
# >
# > The inputs have the shape `(samples, features)`, or `(samples, time, features)`: then all places
# > count. You get the sums by going forwards once more.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `tf.GradientTape`, `tf.gradients` and what else
# > takes gradients by itself, and TensorFlow's operations that compute the gradient of another one,
# > such as `tf.raw_ops.ReluGrad`.
#
# <details><summary>It fails for sequences only</summary>
#
# A Dense layer does the same to each place. Make rows of all places:
# `inputs.reshape(-1, inputs.shape[-1])`. Which of the three gradients must get its axes back?
# </details>
#
# <details><summary>d_bias has a row for each sample</summary>
#
# The same bias is added for each sample. What does rule 2 say?
# </details>


# %% nbgrader={"grade_id": "dense-backward", "solution": true}
def dense_backward(inputs, kernel, bias, upstream, activation="linear"):
    """The gradients of a Dense layer, from the gradient of its output."""
    ### BEGIN SOLUTION
    sums = inputs @ kernel + bias
    sigmoid = 1 / (1 + np.exp(-sums))
    slope = {
        "linear": np.ones_like(sums),
        "relu": np.where(sums > 0, 1.0, 0.0),
        "tanh": 1 - np.tanh(sums) ** 2,
        "sigmoid": sigmoid * (1 - sigmoid),
    }[activation]
    d_sums = upstream * slope
    rows = d_sums.reshape(-1, d_sums.shape[-1])
    return {
        "d_inputs": d_sums @ kernel.T,
        "d_kernel": inputs.reshape(-1, inputs.shape[-1]).T @ rows,
        "d_bias": rows.sum(axis=0),
    }
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-dense-backward", "grade": true, "points": 8}
check(dense_backward)
### BEGIN HIDDEN TESTS
check(dense_backward, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="dense-text-2"
# With these two functions you can train a network, without Keras and without a tape. The next cell
# does so on the handwritten digits: two Dense layers, softmax, and plain gradient descent.

# %% id="dense-experiment-2" tags=["experiment"]
from grader.data import load

digits = load("digits")
pixels = digits["images"].reshape(len(digits["images"]), -1).astype("float32") / 16
numbers = digits["labels"].astype("int64")
new_pixels, new_numbers = pixels[1500:], numbers[1500:]
random = np.random.default_rng(0)
W1, b1 = random.normal(scale=0.1, size=(64, 32)).astype("float32"), np.zeros(32, "float32")
W2, b2 = random.normal(scale=0.1, size=(32, 10)).astype("float32"), np.zeros(10, "float32")

for step in range(1500):
    some = random.integers(1500, size=50)
    hidden = np.maximum(pixels[some] @ W1 + b1, 0)
    end = softmax_backward(hidden @ W2 + b2, numbers[some])
    second = dense_backward(hidden, W2, b2, np.asarray(end["d_logits"]), "linear")
    first = dense_backward(pixels[some], W1, b1, np.asarray(second["d_inputs"]), "relu")
    for weight, gradients, name in (
        (W1, first, "d_kernel"),
        (b1, first, "d_bias"),
        (W2, second, "d_kernel"),
        (b2, second, "d_bias"),
    ):
        weight -= 0.3 * np.asarray(gradients[name])
    if step % 500 == 0:
        print(f"step {step}: loss {float(end['loss']):.3f}", flush=True)

scores = np.maximum(new_pixels @ W1 + b1, 0) @ W2 + b2
right = float(np.mean(scores.argmax(axis=1) == new_numbers))
print(f"right on {right:.0%} of {len(new_numbers)} new digits")

# %% [markdown] id="dense-text-3"
# **Try:** let all weights start at 0 (`scale=0.0`, twice). What does the network learn then? Why?

# %% [markdown] id="conv1d-intro"
# ## Conv1D
#
# A convolution uses the same kernel at each place, and its windows overlap. So rule 2 is at work
# twice: the gradient of the kernel is a sum over all windows, and the gradient of an input is a sum
# over the windows in which it lies.

# %% id="conv1d-experiment" tags=["experiment"]
backward.draw_conv1d().show()

# %% [markdown] id="conv1d-text"
# For each output place $o$ with the window $x_o$, which begins at $o \cdot$ `strides`, and the
# upstream gradient $g_o$:
#
# - the window gives $x_o \otimes g_o$ to `d_kernel`: the product of each number of the window with
#   each number of $g_o$;
# - it gives $W\,g_o$ to the inputs of the window.
#
# With `padding="same"`, zeros stand before and after the sequence. If their number is odd, the
# additional zero stands *after* it. The zeros are no inputs: their part of the gradient is cut off.
#
# Along the whole sequence this is again a convolution: of the upstream gradient with the kernel
# *flipped*. You may write it in this way, or with a loop over the windows.

# %% [markdown] id="window-shares-exercise"
# ### Exercise: predict how many windows an input lies in
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●○○○ (2 of 5) · 5 minutes · 2 points
# >
# > A Conv1D with this `kernel_size` and `strides`, and `padding="valid"`, runs over a sequence of
# > this many `steps`. How many of its windows hold the input at `place`, counted from 0? The
# > gradient of that input is a sum of that many shares.
#
# <details><summary>It is wrong near the ends only</summary>
#
# Which is the first window that holds the place, and which is the last one? Neither may begin
# before the sequence, nor end after it.
# </details>


# %% nbgrader={"grade_id": "window-shares", "solution": true}
def window_shares(steps, kernel_size, strides, place):
    """The number of windows in which an input lies."""
    ### BEGIN SOLUTION
    starts = range(0, steps - kernel_size + 1, strides)
    return sum(start <= place < start + kernel_size for start in starts)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-window-shares", "grade": true, "points": 2}
check(window_shares)
### BEGIN HIDDEN TESTS
check(window_shares, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="conv1d-backward-exercise"
# ### Exercise: derive Conv1D
#
# > Difficulty ●●●●○ (4 of 5) · Importance ●●●●○ (4 of 5) · 20 minutes · 9 points
# >
# > **What is asked**
# >
# > A function of `inputs` of shape `(samples, steps, channels)`, `kernel` of shape
# > `(size, channels, filters)`, the `upstream` gradient of shape `(samples, places, filters)`,
# > `strides`, and `padding`, which is `"valid"` or `"same"`. The layer has a bias and no
# > activation. The function returns a dict with three entries:
# >
# > - **d_inputs** (4): the gradient with respect to the inputs, without the zeros of the padding.
# > - **d_kernel** (4): the gradient with respect to the kernel.
# > - **d_bias** (1): the gradient with respect to the bias.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `tf.GradientTape`, `tf.gradients` and what else
# > takes gradients by itself, and TensorFlow's operations that compute the gradient of another one,
# > such as `tf.raw_ops.ReluGrad`; nor ready-made convolutions, which are Keras's convolution
# > layers, `keras.ops.conv` and its relatives, and TensorFlow's functions and operations that
# > convolve, such as `tf.nn.conv1d`, `tf.nn.convolution` and `tf.raw_ops.Conv2D`.
#
# <details><summary>How many zeros are there?</summary>
#
# The last window begins at `(places - 1) * strides` and is `size` long. How much longer than the
# sequence must the padded one be? It is never less than 0.
# </details>
#
# <details><summary>Which letters belong in np.einsum?</summary>
#
# Give each axis a letter: b for samples, k for places in the window, c for channels, f for filters.
# The axes whose letters do not stand after the arrow are added up.
# </details>


# %% nbgrader={"grade_id": "conv1d-backward", "solution": true}
def conv1d_backward(inputs, kernel, upstream, strides=1, padding="valid"):
    """The gradients of a Conv1D layer, from the gradient of its output."""
    ### BEGIN SOLUTION
    size, steps, places = len(kernel), inputs.shape[1], upstream.shape[1]
    missing = max((places - 1) * strides + size - steps, 0) if padding == "same" else 0
    before = missing // 2
    padded = np.pad(inputs, ((0, 0), (before, missing - before), (0, 0)))
    d_padded, d_kernel = np.zeros_like(padded), np.zeros_like(kernel)
    for place in range(places):
        window = slice(place * strides, place * strides + size)
        given = upstream[:, place]
        d_kernel += np.einsum("bkc,bf->kcf", padded[:, window], given)
        d_padded[:, window] += np.einsum("bf,kcf->bkc", given, kernel)
    return {
        "d_inputs": d_padded[:, before : before + steps],
        "d_kernel": d_kernel,
        "d_bias": upstream.sum(axis=(0, 1)),
    }
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-conv1d-backward", "grade": true, "points": 9}
check(conv1d_backward)
### BEGIN HIDDEN TESTS
check(conv1d_backward, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="batchnorm-intro"
# ## BatchNormalization
#
# In training, BatchNormalization takes the mean and the variance of the *batch* (unit 03). So each
# input acts on the loss in several ways: through its own output, and through the mean and the
# variance, on which all outputs of its channel depend. Without these, the gradient looks plausible
# and is wrong.

# %% id="batchnorm-experiment" tags=["experiment"]
backward.draw_batch_normalization().show()

# %% [markdown] id="batchnorm-text"
# With the normalized inputs $n = (x - \mu) / \sigma$, where $\sigma = \sqrt{\mathrm{var} +
# \epsilon}$, and the output $y = \gamma\,n + \beta$. Mean and variance are taken over all axes but
# the last.
#
# First comes $g = \gamma \cdot$ `upstream`, the gradient with respect to $n$. Then
#
# $$d_x = \frac{1}{\sigma}\Big(g - \mathrm{mean}(g) - n \cdot \mathrm{mean}(g \cdot n)\Big)$$
#
# The second part is the way through the mean, the third the way through the variance. The next cell
# shows the ways: it changes a single input, and looks at all outputs of its channel.

# %% id="batchnorm-experiment-2" tags=["experiment"]
channel = np.array([[1.0], [3.0], [5.0], [7.0]], "float32")
layer = keras.layers.BatchNormalization()
before = np.array(layer(channel, training=True))[:, 0]
moved = channel.copy()
moved[0] += 0.1
change = (np.array(layer(moved, training=True))[:, 0] - before) / 0.1
print("slope of each output, if the first input changes:", np.round(change, 2))
print("slope of the first one, if mean and variance stayed:", round(1 / float(channel.std()), 2))

# %% [markdown] id="batchnorm-text-2"
# All four outputs change, and their changes add up to 0: the mean of the outputs is 0 before and
# after. The slope of the first output on itself is much smaller than $1/\sigma$.
#
# **Try:** change the last input in the place of the first (`moved[3] += 0.1`). Which slopes change,
# and do they still add up to 0?

# %% [markdown] id="batchnorm-backward-exercise"
# ### Exercise: derive BatchNormalization
#
# > Difficulty ●●●●○ (4 of 5) · Importance ●●●●○ (4 of 5) · 20 minutes · 9 points
# >
# > **What is asked**
# >
# > A function of `inputs`, of two axes or more with the channels last, `gamma`, the `upstream`
# > gradient and `epsilon`. The layer is in training. The function returns a dict with three
# > entries:
# >
# > - **d_inputs** (6): the gradient with respect to the inputs, through the output itself, the mean
# >   and the variance.
# > - **d_gamma** (2): the gradient with respect to gamma.
# > - **d_beta** (1): the gradient with respect to beta.
# >
# > Inputs may be so small that epsilon matters.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `tf.GradientTape`, `tf.gradients` and what else
# > takes gradients by itself, and TensorFlow's operations that compute the gradient of another one,
# > such as `tf.raw_ops.ReluGrad`; nor `keras.layers.BatchNormalization`, and functions that
# > normalize a batch, such as `keras.ops.batch_normalization`, `tf.nn.batch_normalization` and
# > `tf.raw_ops.FusedBatchNormV3`.
#
# <details><summary>Over which axes are the means taken?</summary>
#
# `mean(g)` and `mean(g * n)` are one number for each channel. Over which axes do you take them?
# </details>
#
# <details><summary>d_gamma is right and d_inputs is not</summary>
#
# Add up `d_inputs` over a channel: it must be 0. If it is not, the way through the mean is missing.
# </details>


# %% nbgrader={"grade_id": "batchnorm-backward", "solution": true}
def batchnorm_backward(inputs, gamma, upstream, epsilon=1e-3):
    """The gradients of BatchNormalization in training, from the gradient of its output."""
    ### BEGIN SOLUTION
    axes = tuple(range(inputs.ndim - 1))
    deviation = np.sqrt(inputs.var(axis=axes) + epsilon)
    normal = (inputs - inputs.mean(axis=axes)) / deviation
    d_normal = upstream * gamma
    through_variance = normal * (d_normal * normal).mean(axis=axes)
    return {
        "d_inputs": (d_normal - d_normal.mean(axis=axes) - through_variance) / deviation,
        "d_gamma": (upstream * normal).sum(axis=axes),
        "d_beta": upstream.sum(axis=axes),
    }
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-batchnorm-backward", "grade": true, "points": 9}
check(batchnorm_backward)
### BEGIN HIDDEN TESTS
check(batchnorm_backward, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="what-do-you-see"
# ### What do you see?
#
# Answer in a few sentences. (3 points, read by your instructor.)
#
# The upstream gradient of BatchNormalization in training is the same number for all outputs of a
# channel. Then `d_inputs` is 0 for the whole channel, whatever the inputs are.
#
# 1. Why? Explain it without the formula: what does the layer do to the inputs of a channel, and
#    what does the loss know of them?
# 2. Is `d_beta` 0 as well?
# 3. And for a Dense layer without an activation: is `d_inputs` 0 if the upstream gradient is the
#    same number everywhere?

# %% [markdown] nbgrader={"grade_id": "question", "grade": true, "solution": true, "points": 3}
# ### BEGIN SOLUTION
# 1. With such an upstream gradient, a small step changes the loss only through the *sum* of the
#    channel's outputs. The layer takes the mean away, so the sum of the normalized inputs is always
#    0, whatever the inputs are. No change of an input changes it. (One point.)
# 2. No. beta is added to each output and moves the sum: `d_beta` is the sum of the upstream
#    gradient. (One point.)
# 3. No. Each input gets that number times the sum of its row of the kernel. Nothing in a Dense
#    layer takes a mean away. (One point.)
# ### END SOLUTION

# %% [markdown] id="tests-intro"
# ## Tests of your own
#
# Since unit 00, `check` tells you whether your layer is right. Now you write such a **test**
# yourself: a function that is given a layer class, and says whether it is right.
#
# Who tests the test? Each exercise has a **zoo**, a set of layers whose verdict is known. Some of
# them are right: Keras's own layer, and others that reach the same numbers in another way. The
# others are wrong: each has one of the misconceptions that the cards of this course know. A good
# test lets all right layers through, and catches all wrong ones.
#
# Both can go wrong. A test that asks for equal numbers to the last digit refuses right layers,
# because each way of adding rounds differently: allow a **tolerance**. And a test with numbers that
# are too simple, such as zeros and ones, lets wrong layers through, as the picture shows.

# %% id="tests-experiment" tags=["experiment"]
backward.draw_lazy_test().show()

# %% [markdown] id="tests-text"
# The weights of a new layer are often too simple: a bias of zeros, a gamma of ones. So set the
# weights to numbers of your own. Give the layer several samples that differ. And try each argument
# of the constructor: a fault may show with `use_bias=False` only.
#
# **What you are given.** `Layer` is a class, and you make layers of it with the usual arguments.
# You see no source and no name, for its code runs elsewhere; only what it does counts. A layer can
# be:
#
# | | |
# |---|---|
# | called | `layer(inputs)`, also with `training=True`, `mask=...` and so on; it gives tensors |
# | built | `layer.build(shape)`; a call does it too |
# | asked for its weights | `layer.weights`, `layer.get_weights()`, `layer.count_params()` |
# | given other weights | `layer.set_weights([...])`, after it was built |
#
# A layer takes the arguments that the exercise names, and no others. The weights of a right layer
# have the shapes and the order of Keras's layer; they have no names. No gradients pass through, and
# the layer cannot be put into a model. Your test may make 200 layers of a class, and ask them 2000
# questions.
#
# **What you return.** True for a right layer, and False for a wrong one. An exception counts as
# "wrong" too, whether it is an `assert` of yours, an error, or an exception that the layer raises.
# Nothing else is an answer: a test that returns `None` has said nothing.
#
# **What it is worth**, in each of these exercises: **lets_through** counts if every right layer is
# let through and at least half of the wrong ones are caught. **catches** earns its share: the wrong
# ones that are caught, of all. It counts only if every right layer is let through. The hidden check
# shows the layers in another order, and adds wrong ones that you have not seen.
#
# **Two ways.** You may compute by yourself, in NumPy, what the layer should give. Or you compare
# with `keras.layers`, with the same weights. Everything is allowed.

# %% [markdown] id="dense-is-right-exercise"
# ### Exercise: write a test for Dense
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●●●● (5 of 5) · 15 minutes · 5 points
# >
# > **What is asked**
# >
# > A function that is given a class like `keras.layers.Dense`, with the arguments `units`,
# > `activation` and `use_bias`, and returns whether it is right on inputs of any rank. Any
# > activation may be asked for, such as `"relu"`, `"softmax"` or `"gelu"`.
# >
# > - **lets_through** (1): right layers, by the rule above.
# > - **catches** (4): wrong layers, by the rule above.
#
# <details><summary>It refuses right layers</summary>
#
# Call your test with `keras.layers.Dense` itself: does that pass? If so, how far may two numbers
# differ? Try `np.allclose(a, b, atol=1e-4)`.
# </details>
#
# <details><summary>A layer with a wrong order slips through</summary>
#
# Which weights and which activation make the order of two steps visible?
# </details>


# %% nbgrader={"grade_id": "dense-is-right", "solution": true}
def dense_is_right(Layer):
    """Whether a class does what keras.layers.Dense does."""
    ### BEGIN SOLUTION
    for shape in ((4, 3), (2, 4, 3)):
        for activation in (None, "tanh", "gelu"):
            for use_bias in (True, False):
                config = {"units": 5, "activation": activation, "use_bias": use_bias}
                if not same_as(keras.layers.Dense, Layer, config, numbers_of(shape)):
                    return False
    return True


def numbers_of(shape, seed=0):
    """Numbers of both signs, none of them zero."""
    return np.random.default_rng((seed, *shape)).normal(size=shape).astype("float32")


def same_as(reference, Layer, config, *inputs, **call):
    """Whether both classes give the same output and weights, from the same weights."""
    theirs, ours = reference(**config), Layer(**config)
    theirs(*inputs, **call), ours(*inputs, **call)
    values = [numbers_of(w.shape, seed=n) ** 2 + 0.2 for n, w in enumerate(theirs.get_weights())]
    if [w.shape for w in ours.get_weights()] != [w.shape for w in values]:
        return False
    theirs.set_weights(values)
    ours.set_weights(values)
    outputs = theirs(*inputs, **call), ours(*inputs, **call)
    return all(map(near, *map(keras.tree.flatten, outputs))) and all(
        map(near, theirs.get_weights(), ours.get_weights())
    )


def near(a, b):
    """Whether two arrays are equal but for rounding."""
    return np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=1e-4, atol=1e-4)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-dense-is-right", "grade": true, "points": 5}
check(dense_is_right)
### BEGIN HIDDEN TESTS
check(dense_is_right, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="batchnorm-is-right-exercise"
# ### Exercise: write a test for BatchNormalization
#
# > Difficulty ●●●●○ (4 of 5) · Importance ●●●●○ (4 of 5) · 15 minutes · 5 points
# >
# > **What is asked**
# >
# > A function that is given a class like `keras.layers.BatchNormalization`, with the arguments
# > `momentum` and `epsilon`. Its weights are gamma, beta, moving_mean and moving_variance, in this
# > order. A layer is right if its output is right in training and at inference, with and without
# > `training=...`, on inputs of two to four axes, and if its four weights start right and are right
# > after a step of training.
# >
# > - **lets_through** (1): right layers, by the rule above.
# > - **catches** (4): wrong layers, by the rule above.
#
# <details><summary>A layer with a wrong epsilon slips through</summary>
#
# Epsilon stands beside the variance. How small must the inputs be so that it matters? And what is
# its default?
# </details>
#
# <details><summary>A layer with a wrong mean slips through</summary>
#
# For rows, the mean over the samples is the mean over all axes but the last. Which inputs show the
# difference?
# </details>


# %% nbgrader={"grade_id": "batchnorm-is-right", "solution": true}
def batchnorm_is_right(Layer):
    """Whether a class does what keras.layers.BatchNormalization does."""
    ### BEGIN SOLUTION
    fresh = Layer()
    fresh(numbers_of((4, 3)))
    if not all(map(near, fresh.get_weights(), [np.ones(3), np.zeros(3), np.zeros(3), np.ones(3)])):
        return False
    return all(
        same_as(keras.layers.BatchNormalization, Layer, config, 0.05 * numbers_of(shape), **call)
        for config in ({}, {"momentum": 0.6, "epsilon": 0.01})
        for shape in ((6, 3), (4, 2, 5, 3))
        for call in ({}, {"training": True}, {"training": False})
    )
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-batchnorm-is-right", "grade": true, "points": 5}
check(batchnorm_is_right)
### BEGIN HIDDEN TESTS
check(batchnorm_is_right, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="conv2d-is-right-exercise"
# ### Exercise: write a test for Conv2D
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●●●○ (4 of 5) · 12 minutes · 5 points
# >
# > **What is asked**
# >
# > A function that is given a class like `keras.layers.Conv2D`, with the arguments `filters`,
# > `kernel_size`, `strides`, `padding` (`"valid"` or `"same"`), `dilation_rate`, `groups`,
# > `activation` and `use_bias`. Images have their channels last.
# >
# > - **lets_through** (1): right layers, by the rule above.
# > - **catches** (4): wrong layers, by the rule above.
#
# <details><summary>A layer that mixes up two axes slips through</summary>
#
# If height and width of everything are equal, nobody can see which is which.
# </details>
#
# <details><summary>A layer with a wrong padding slips through</summary>
#
# When is the number of zeros odd? And does the output's size depend on where they stand?
# </details>


# %% nbgrader={"grade_id": "conv2d-is-right", "solution": true}
def conv2d_is_right(Layer):
    """Whether a class does what keras.layers.Conv2D does."""
    ### BEGIN SOLUTION
    tries = (
        {"activation": "tanh"},
        {"use_bias": False, "strides": (2, 3)},
        {"padding": "same"},
        {"padding": "same", "strides": (2, 1)},
        {"dilation_rate": (2, 3)},
        {"groups": 2},
    )
    return all(
        same_as(
            keras.layers.Conv2D,
            Layer,
            {"filters": 4, "kernel_size": (2, 3), **more},
            numbers_of((2, 9, 10, 6)),
        )
        for more in tries
    )
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-conv2d-is-right", "grade": true, "points": 5}
check(conv2d_is_right)
### BEGIN HIDDEN TESTS
check(conv2d_is_right, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="lstm-cell-is-right-exercise"
# ### Exercise: write a test for LSTMCell
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●●○○ (3 of 5) · 10 minutes · 5 points
# >
# > **What is asked**
# >
# > A function that is given a class like `keras.layers.LSTMCell`, with the argument `units`. A cell
# > is called with inputs and a list of two states, `[h, c]`, and gives the output and such a list.
# > The values with which the weights start do not count here.
# >
# > - **lets_through** (1): right layers, by the rule above.
# > - **catches** (4): wrong layers, by the rule above.
#
# <details><summary>My test stops: the answer does not have the parts that I expect</summary>
#
# For a wrong cell this is fine: an exception says that it is wrong. If it happens with a right
# cell, the card shows you the line.
# </details>


# %% nbgrader={"grade_id": "lstm-cell-is-right", "solution": true}
def lstm_cell_is_right(Layer):
    """Whether a class does what keras.layers.LSTMCell does."""
    ### BEGIN SOLUTION
    states = [numbers_of((4, 3), seed=1), numbers_of((4, 3), seed=2)]
    theirs, ours = keras.layers.LSTMCell(3), Layer(3)
    theirs(numbers_of((4, 5)), states), ours(numbers_of((4, 5)), states)
    values = [numbers_of(w.shape, seed=n) for n, w in enumerate(theirs.get_weights())]
    theirs.set_weights(values)
    ours.set_weights(values)
    output, (h, c) = ours(numbers_of((4, 5)), states)
    expected, (h_expected, c_expected) = theirs(numbers_of((4, 5)), states)
    return near(output, expected) and near(h, h_expected) and near(c, c_expected)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-lstm-cell-is-right", "grade": true, "points": 5}
check(lstm_cell_is_right)
### BEGIN HIDDEN TESTS
check(lstm_cell_is_right, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="attention-is-right-exercise"
# ### Exercise: write a test for Attention
#
# > Difficulty ●●●●○ (4 of 5) · Importance ●●●○○ (3 of 5) · 12 minutes · 5 points
# >
# > **What is asked**
# >
# > A function that is given a class like `keras.layers.Attention`, with the argument `use_scale`. A
# > layer is called with `[query, value]` or `[query, value, key]`, and perhaps with
# > `mask=[query_mask, value_mask]`, of which each may be `None`, and `use_causal_mask=True`. No
# > query is left without a place to look at.
# >
# > - **lets_through** (1): right layers, by the rule above.
# > - **catches** (4): wrong layers, by the rule above.
#
# <details><summary>How do I make a mask?</summary>
#
# `np.array([[True, True, False]])` hides the third place of one sample. A mask of all samples has
# the shape `(samples, places)`.
# </details>


# %% nbgrader={"grade_id": "attention-is-right", "solution": true}
def attention_is_right(Layer):
    """Whether a class does what keras.layers.Attention does."""
    ### BEGIN SOLUTION
    query, value, key = numbers_of((2, 3, 4)), numbers_of((2, 5, 6)), numbers_of((2, 5, 4))
    asks = np.array([[True, False, True], [True, True, False]])
    seen = np.array([[True, True, False, True, False], [True, False, True, True, True]])
    for use_scale in (False, True):
        for causal in (False, True):
            for mask in (None, [None, seen], [asks, None]):
                call = {"mask": mask, "use_causal_mask": causal}
                config = {"use_scale": use_scale}
                inputs = [query, value, key]
                if not same_as(keras.layers.Attention, Layer, config, inputs, **call):
                    return False
    return True
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-attention-is-right", "grade": true, "points": 5}
check(attention_is_right)
### BEGIN HIDDEN TESTS
check(attention_is_right, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="search-exercise"
# ### Stretch: a test that finds its own cases
#
# > Difficulty ●●●●○ (4 of 5) · Importance ●●○○○ (2 of 5) · 20 minutes · no points
# >
# > You chose the cases of your tests by thinking. A machine can also search. Write
# > `smallest_failing(Layer, reference)`: it draws random shapes and numbers for a layer without
# > arguments, compares `Layer` with `reference`, and returns the inputs with the *fewest numbers*
# > for which they differ; `None` if there are none in 100 draws. Such a search is called
# > **property-based testing**, and making the case small is called *shrinking*.
# >
# > Nothing is graded here. The cell below tries your function on a layer that is wrong for some
# > inputs only.
#
# <details><summary>How do I make a case smaller?</summary>
#
# Cut the inputs: leave out a sample, a column, or half of them. If both still differ on what is
# left, go on with that.
# </details>


# %% nbgrader={"grade_id": "smallest-failing", "solution": true}
def smallest_failing(Layer, reference):
    """The smallest inputs found on which two layers differ; None where none are found."""
    ### BEGIN SOLUTION
    random = np.random.default_rng(0)
    best = None
    for _ in range(100):
        inputs = (3 * random.normal(size=random.integers(1, 6, size=2))).astype("float32")
        while not near(Layer()(inputs), reference()(inputs)):
            if best is None or inputs.size < best.size:
                best = inputs
            smaller = [inputs[1:], inputs[:-1], inputs[:, 1:], inputs[:, :-1]]
            smaller = [part for part in smaller if part.size]
            wrong = [p for p in smaller if not near(Layer()(p), reference()(p))]
            if not wrong:
                break
            inputs = wrong[0]
    return best
    ### END SOLUTION


# %% id="search-experiment" tags=["experiment"]
class WrongAboveFour(keras.layers.Layer):
    """relu, but numbers above 4 are cut off."""

    def call(self, inputs):
        return ops.clip(inputs, 0, 4)


try:
    print("the smallest inputs that fail:", smallest_failing(WrongAboveFour, keras.layers.ReLU))
    print("and for a right layer:", smallest_failing(keras.layers.ReLU, keras.layers.ReLU))
except NotImplementedError:
    print("smallest_failing is not written yet")

# %% [markdown] id="what-you-have-now"
# ## What you have now
#
# | on the way forwards | on the way back |
# |---|---|
# | softmax, then $-\log$ | the probabilities, minus 1 for the right class, divided by the batch |
# | a product of matrices | two products with a transposed matrix |
# | an activation | times its slope at the sums |
# | a bias for all samples | a sum over all samples |
# | windows that overlap | shares that are added up |
# | statistics of the batch | ways through mean and variance |
#
# And you have five tests. Keep them: every layer that is written by hand needs such a test.
#
# ## References
#
# - D. E. Rumelhart, G. E. Hinton, R. J. Williams (1986), *Learning representations by
#   back-propagating errors*, Nature 323 (backpropagation).
# - S. Ioffe, C. Szegedy (2015), *Batch Normalization: Accelerating Deep Network Training by
#   Reducing Internal Covariate Shift*, arXiv:1502.03167 (its section 3 has these gradients).
# - V. Dumoulin, F. Visin (2016), *A guide to convolution arithmetic for deep learning*,
#   arXiv:1603.07285 (convolution and its way back).
# - K. Claessen, J. Hughes (2000), *QuickCheck: a lightweight tool for random testing of Haskell
#   programs*, ICFP (property-based testing).
