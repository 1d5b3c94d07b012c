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
# # 6 · Convolution
#
# A Dense layer has a separate weight for each pixel of a photograph. If the picture moves by one
# column, every pixel meets another weight, and the layer must learn everything again. But an edge
# is an edge at any place.
#
# A **convolution** uses the same few weights at every place. It slides a small **window** over the
# whole picture and computes one weighted sum at each place. Using the same weights at every place
# is called **weight sharing**.
#
# In this unit you first slide the window with a loop. Then the window slides along a sequence
# (**Conv1D**), over pictures (**Conv2D**) and through blocks (**Conv3D**), without a loop: you cut
# out all windows at once and compute one product. You also meet the arguments that every
# convolution has: strides, padding, dilation and groups.
#
# The [glossary](../glossary.md) explains the words of the course, and gives their Chinese names. In
# a cell, `from grader import glossary` and then `glossary("bias")` prints what a word means.

# %% id="imports"
# Import the grader first: it loads Keras and TensorFlow without their log messages.
from grader import check

import math

import keras
import numpy as np
from keras import ops

# %% [markdown] id="start-text"
# The data are a photograph of a pagoda (by danielbuechele, CC BY 2.0) and the digits.

# %% id="start-experiment" tags=["experiment"]
import matplotlib.pyplot as plt

from grader.data import load
from grader.pictures import convolution, move, show

pagoda = load("pagoda")["image"].astype("float32") / 255
grey = pagoda.mean(axis=-1)  # light, from 0 to 1
figure, panels = plt.subplots(1, 2, figsize=(6.4, 3.9), layout="constrained")
for panel, image in zip(panels, (pagoda, grey), strict=True):
    panel.imshow(image, cmap="gray")
    panel.set_title(f"shape {image.shape}", fontsize=11)
    panel.axis("off")
show(figure, "A pagoda with four roofs at a lake, in colour with three channels, and in grey.")

# %% [markdown] id="a-window-slides"
# ## A window slides
#
# Put a small table of weights, the **kernel**, on the upper left corner of a picture. Multiply each
# weight by the number under it, and add up the products. That is the first output.

# %% id="a-window-slides-experiment" tags=["experiment"]
convolution.draw_window(0).show()

# %% [markdown] id="a-window-slides-text"
# Now move the kernel by one column and do it again. At the end of the row, go back to the left and
# one row down. Continue until the kernel has been at every place where it fits.

# %% id="a-window-slides-experiment-2" tags=["experiment"]
convolution.draw_strip().show()

# %% [markdown] id="a-window-slides-text-2"
# With $x$ for the picture and $w$ for the kernel, the output in row $r$ and column $c$ is
#
# $$y_{r,c} = \sum_i \sum_j x_{r+i,\,c+j}\; w_{i,j}$$
#
# In mathematics, a convolution flips the kernel before it slides it. What Keras and other libraries
# for neural networks do is called a **cross-correlation** in mathematics. For a layer that learns
# its weights it makes no difference. For you, who write the layer, it does.
#
# **Try:** move the window (drag the slider in a running notebook). Which place gives the largest
# sum, and why?

# %% id="a-window-slides-experiment-3" tags=["experiment"]
move(convolution.draw_window, place=(0, 8))

# %% [markdown] id="slide-exercise"
# ### Exercise: predict what a sliding window sees
#
# > Difficulty ●○○○○ (1 of 5) · Importance ●●●●○ (4 of 5) · 10 minutes · 3 points
# >
# > Given a picture and a kernel, two arrays with two axes each, return the array of all sums. Write
# > the loops yourself. Not allowed, in any copy of Keras or TensorFlow: ready-made convolutions,
# > which are Keras's convolution layers, `keras.ops.conv` and its relatives, and TensorFlow's
# > functions and operations that convolve, such as `tf.nn.conv1d`, `tf.nn.convolution` and
# > `tf.raw_ops.Conv2D`. The check notices them.
#
# <details><summary>IndexError, or the last sums are too small</summary>
#
# Your window reaches beyond the edge. At how many places does a kernel of 2 rows fit on a picture
# of 4 rows? Count them in the picture above.
# </details>
#
# <details><summary>The shape is right, the sums are not</summary>
#
# Compute one by hand: the picture above shows which number is multiplied by which weight. If every
# sum is wrong, check whether your kernel is flipped or transposed.
# </details>


# %% nbgrader={"grade_id": "slide", "solution": true}
def slide(image, kernel):
    """The sums under a kernel that slides over an image, as an array."""
    ### BEGIN SOLUTION
    rows = image.shape[0] - kernel.shape[0] + 1
    columns = image.shape[1] - kernel.shape[1] + 1
    outputs = np.zeros((rows, columns))
    for row in range(rows):
        for column in range(columns):
            window = image[row : row + kernel.shape[0], column : column + kernel.shape[1]]
            outputs[row, column] = np.sum(window * kernel)
    return outputs
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-slide", "grade": true, "points": 3}
check(slide)
### BEGIN HIDDEN TESTS
check(slide, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="what-a-kernel-responds-to"
# ### What a kernel responds to
#
# A kernel of nine numbers can change a photograph a lot. Read the kernels in the next cell before
# you run the one after it. Which one blurs the picture? Which one finds the roofs, and which one
# the posts? The last one is yours.
#
# Where a kernel gives positive and negative numbers, we draw them in two colours: blue is positive,
# orange is negative, and white is zero. All plots of this course with signed numbers do so.

# %% id="what-a-kernel-responds-to-code"
mine = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]])

# %% id="what-a-kernel-responds-to-experiment" tags=["experiment"]
kernels = {
    "blur": np.ones((5, 5)) / 25,
    "left against right": np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]]),
    "above against below": np.array([[1, 2, 1], [0, 0, 0], [-1, -2, -1]]),
    "sharpen": np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
    "mine": mine,
}
figure, panels = plt.subplots(1, 5, figsize=(11, 3.1), layout="constrained")
for (name, kernel), panel in zip(kernels.items(), panels, strict=True):
    layer = keras.layers.Conv2D(1, kernel.shape, use_bias=False)
    layer.build((None, None, None, 1))
    layer.kernel.assign(kernel[:, :, None, None])
    filtered = np.asarray(layer(grey[None, :, :, None]))[0, :, :, 0]
    if kernel.sum() > 0.5:
        panel.imshow(filtered, cmap="gray", vmin=0, vmax=1)
    else:  # positive and negative numbers
        panel.imshow(filtered, cmap="signed", vmin=-1.2, vmax=1.2)
    panel.set_title(name, fontsize=11)
    panel.axis("off")
show(
    figure,
    "The grey pagoda under five kernels. Blurred: soft. Left against right: posts and outlines "
    "that stand upright show blue or orange on white. Above against below: the lines of roofs and "
    "railings show. Sharpened: crisp, with noise. The last is the kernel of the cell above.",
)

# %% [markdown] id="what-a-kernel-responds-to-text"
# A kernel whose weights sum to zero gives zero where the picture is uniform, and large numbers
# where it changes. Look at the sky: white, which is zero. A kernel whose weights are all equal
# computes a mean, and blurs.
#
# **Try:** turn one of the kernels by 90° in `mine` (write its columns as rows). Which lines of the
# pagoda does it find now?
#
# A network learns these numbers. At the end of the section on Conv2D we look at what it learned.

# %% [markdown] id="about-conv1d"
# ## Conv1D
#
# The simplest data to slide along have a single direction: a melody, a sentence, the temperature of
# each hour. Such data are a **sequence**. The window moves along its *steps*. At each place it
# covers `kernel_size` steps with all their **channels**: the numbers that describe one step.
#
# Three arguments say how it moves:
#
# - **padding** says what happens at the ends. `"valid"`: the window stays inside the data, so there
#   are fewer windows than steps. `"same"`: zeros are added at both ends, as few as are needed for
#   as many windows as steps. `"causal"` (**causal padding**): all zeros are added at the beginning,
#   so no output depends on later steps.
# - **strides** is how far the window moves each time.
# - **dilation_rate** spreads the *entries of the window*: with 2, it covers every other step. The
#   window still moves by one step.

# %% id="conv1d-experiment" tags=["experiment"]
convolution.draw_margins().show()

# %% [markdown] id="conv1d-text"
# A window covers $r = (k - 1)\,d + 1$ steps, for a kernel of size $k$ and a dilation of $d$. We
# call $r$ the *reach*. For a sequence of $n$ steps and a stride of $s$:
#
# | padding | windows |
# |---|---|
# | `"valid"` | $\lfloor (n - r) / s \rfloor + 1$: as many as fit |
# | `"same"`, `"causal"` | $\lceil n / s \rceil$: one for every $s$-th step |
#
# | | |
# |---|---|
# | shape | `(batch, steps, channels)` → `(batch, windows, filters)` |
# | parameters | `kernel_size × channels × filters`, plus `filters` for the bias |
#
# $\lfloor\;\rfloor$ rounds down: a valid window must fit as a whole, so some steps at the end may
# not be covered. $\lceil\;\rceil$ rounds up: `"same"` covers every step.
#
# **Try:** drag the sliders (in a running notebook). No window covers the steps in a red frame. From
# which stride on does this happen? When does `"same"` add only one zero?

# %% id="conv1d-experiment-2" tags=["experiment"]
move(
    convolution.draw_walk,
    steps=(4, 10),
    kernel_size=(1, 5),
    strides=(1, 4),
    padding=["valid", "same", "causal"],
)

# %% [markdown] id="conv-length-exercise"
# ### Exercise: predict the length after Conv1D
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●●○ (4 of 5) · 5 minutes · 2 points
# >
# > How many windows are there on a sequence of this length?
#
# <details><summary>It is right until there is a stride</summary>
#
# Draw seven steps and a stride of two. At which steps does a window begin? Which of these windows
# reach beyond the end, and does your padding allow that?
# </details>
#
# <details><summary>It is right until there is a dilation</summary>
#
# How many steps are there from the first entry of the window to its last? Look at the last row of
# the picture.
# </details>


# %% nbgrader={"grade_id": "conv-length", "solution": true}
def conv_length(length, kernel_size, strides=1, padding="valid", dilation_rate=1):
    """The number of steps after Conv1D with these arguments on this many steps."""
    ### BEGIN SOLUTION
    if padding == "valid":
        reach = (kernel_size - 1) * dilation_rate + 1
        return (length - reach) // strides + 1
    return math.ceil(length / strides)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-conv-length", "grade": true, "points": 2}
check(conv_length)
### BEGIN HIDDEN TESTS
check(conv_length, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="conv1d-text-2"
# `"same"` fixes the *number* of windows: $\lceil n / s \rceil$. Keras adds as few zeros as possible
# for that. Half of them go before the data and half after; if the number is odd, the extra zero
# goes **after** the data.
#
# Other libraries put it elsewhere, and then everything is shifted by one pixel. You can see where
# the zero is with a kernel of three ones on four ones and a stride of two:

# %% id="conv1d-experiment-3" tags=["experiment"]
layer = keras.layers.Conv1D(1, 3, strides=2, padding="same", kernel_initializer="ones")
print("four ones under three ones, stride 2:", layer(np.ones((1, 4, 1)))[0, :, 0].numpy())

# %% [markdown] id="conv1d-text-3"
# The first window covers three ones, the second only two. So the zero is after the data.
#
# **Try:** five ones instead of four. Where are the zeros now?

# %% [markdown] id="same-padding-exercise"
# ### Exercise: predict the zeros of padding="same"
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●●○○ (3 of 5) · 10 minutes · 3 points
# >
# > Return two numbers: how many zeros Keras adds before the data, and how many after.
#
# <details><summary>I have no idea where to begin</summary>
#
# You know how many windows there must be, and how far apart they are. If the first one begins at 0,
# where does the last one begin? Where does it end? How much of it is beyond the data?
# </details>
#
# <details><summary>One of my numbers is negative</summary>
#
# Then the last window ends before the data end. How many zeros are needed in that case?
# </details>


# %% nbgrader={"grade_id": "same-padding", "solution": true}
def same_padding(length, kernel_size, strides=1, dilation_rate=1):
    """The zeros before and after the data with padding="same", as a pair."""
    ### BEGIN SOLUTION
    last = (math.ceil(length / strides) - 1) * strides
    reach = (kernel_size - 1) * dilation_rate + 1
    total = max(last + reach - length, 0)
    return total // 2, total - total // 2
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-same-padding", "grade": true, "points": 3}
check(same_padding)
### BEGIN HIDDEN TESTS
check(same_padding, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="all-windows-at-once"
# ### All windows at once
#
# A loop over windows is correct but slow. There is a faster way: compute *which* steps you need,
# and take them all at once. A column of starts plus a row of entries gives a table of indices, with
# one row for each window:

# %% id="all-windows-at-once-experiment" tags=["experiment"]
starts, entries = 2 * np.arange(3), np.arange(3)  # three windows of three, a stride of two
table = starts[:, None] + entries
letters = np.array(list("abcdefg"))
print(table)
print(letters[table])
melody = np.arange(7 * 2).reshape(1, 7, 2)  # one sample, seven steps, two channels
print("windows:", ops.take(melody, table, axis=1).shape, "= (batch, windows, entries, channels)")

# %% [markdown] id="all-windows-at-once-text"
# `ops.take(inputs, table, axis=1)` replaces the axis of the steps by the two axes of the table.
# Then only one product is left: for each window and each filter, sum over entries *and* channels.
# `ops.einsum` does this: you name the axes, and leave out on the right the axes to sum over.

# %% [markdown] id="conv1d-exercise"
# ### Exercise: write Conv1D
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●●●○ (4 of 5) · 25 minutes · 8 points
# >
# > **What is asked**
# >
# > - **shape** (1): `(batch, steps, channels)` becomes `(batch, windows, filters)`, also while the
# >   batch size is unknown.
# > - **parameters** (1): `kernel` of shape `(kernel_size, channels, filters)` and, unless
# >   `use_bias=False`, `bias` of shape `(filters,)`.
# > - **output** (4): the sums under the window, and the bias, for `padding` `"valid"`, `"same"` and
# >   `"causal"`, any `strides` and any `dilation_rate` (never both above 1).
# > - **gradient** (1): gradients reach the inputs and every weight.
# > - **model** (1): the layer works in Sequential and in the Functional API, and learns in a step
# >   of `fit`.
# >
# > Not allowed, in any copy of Keras or TensorFlow: ready-made convolutions, which are Keras's
# > convolution layers, `keras.ops.conv` and its relatives, and TensorFlow's functions and
# > operations that convolve, such as `tf.nn.conv1d`, `tf.nn.convolution` and `tf.raw_ops.Conv2D`.
# > The check notices them when they run, and says so. Functions that only cut out windows, such as
# > `keras.ops.image.extract_patches`, are allowed.
#
# <details><summary>The values are right for "valid" and wrong for "same"</summary>
#
# Print the result of `same_padding` for the case on the card, and compare it with the zeros that
# your layer adds (`ops.pad` needs a pair for each axis, also for batch and channels).
# </details>
#
# <details><summary>"causal" is right until there is a dilation</summary>
#
# The last entry of the first window must be at the first step. How far before it is the first entry
# of that window?
# </details>
#
# <details><summary>With a dilation my output is too short</summary>
#
# Dilation spreads the entries. What moves the window is the stride, and that is 1 here.
# </details>
#
# <details><summary>It works on arrays and fails in a model</summary>
#
# In a model the batch size is `None`. Does your code use it as a number? The length of the
# sequence, `inputs.shape[1]`, is known.
# </details>


# %% nbgrader={"grade_id": "conv1d", "solution": true}
class Conv1D(keras.layers.Layer):
    """A window slides along a sequence; each filter gives one number for each window."""

    def __init__(
        self,
        filters,
        kernel_size,
        strides=1,
        padding="valid",
        dilation_rate=1,
        use_bias=True,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.filters = filters
        self.kernel_size = kernel_size
        self.strides = strides
        self.padding = padding
        self.dilation_rate = dilation_rate
        self.use_bias = use_bias

    def build(self, input_shape):
        ### BEGIN SOLUTION
        shape = (self.kernel_size, input_shape[-1], self.filters)
        self.kernel = self.add_weight(name="kernel", shape=shape)
        if self.use_bias:
            self.bias = self.add_weight(name="bias", shape=(self.filters,), initializer="zeros")
        ### END SOLUTION

    def call(self, inputs):
        ### BEGIN SOLUTION
        length = inputs.shape[1]
        reach = (self.kernel_size - 1) * self.dilation_rate + 1
        before = after = 0
        if self.padding == "causal":
            before = reach - 1
        if self.padding == "same":
            last = (math.ceil(length / self.strides) - 1) * self.strides
            total = max(last + reach - length, 0)
            before, after = total // 2, total - total // 2
        padded = ops.pad(inputs, ((0, 0), (before, after), (0, 0)))
        starts = np.arange(0, length + before + after - reach + 1, self.strides)
        entries = np.arange(self.kernel_size) * self.dilation_rate
        windows = ops.take(padded, starts[:, None] + entries, axis=1)
        outputs = ops.einsum("bwec,ecf->bwf", windows, self.kernel)
        return outputs + self.bias if self.use_bias else outputs
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-conv1d", "grade": true, "points": 8}
check(Conv1D)
### BEGIN HIDDEN TESTS
check(Conv1D, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="all-windows-at-once-text-2"
# Causal padding is for models that must not use later steps: a forecast, or speech that is
# generated step by step. If you stack causal layers and double the dilation each time, the last
# output depends on many earlier steps. The inputs on which an output depends are its **receptive
# field**. We measure it with your layer: we change one step and see which outputs change.

# %% id="all-windows-at-once-experiment-2" tags=["experiment"]
size, rates = 2, (1, 2, 4, 8)

state = np.zeros((2, 60, 1), "float32")  # two sequences that are silent ...
state[0, 8] = 1  # ... but for one step of the first
figure, panels = plt.subplots(1, len(rates), figsize=(11, 2.1), squeeze=False, layout="constrained")
fields = []
for panel, rate in zip(panels[0], rates, strict=True):
    layer = Conv1D(1, size, padding="causal", dilation_rate=rate, use_bias=False)
    layer.build((None, 60, 1))
    layer.set_weights([np.ones((size, 1, 1))])
    state = np.asarray(layer(state))
    changed = np.flatnonzero(state[0, :, 0] != state[1, :, 0])
    fields.append(len(changed))
    panel.bar(changed, 1, width=1, color=convolution.BLUE)
    panel.axvline(8, color=convolution.RED, lw=2)
    panel.set(xlabel="step", xlim=(0, 60), yticks=[], title=f"dilation {rate}: {fields[-1]} steps")
show(
    figure,
    f"Step 8 of a sequence is changed. After causal layers with a kernel of {size} and dilations "
    f"{', '.join(map(str, rates))}, this many outputs change: {', '.join(map(str, fields))}. No "
    "output before step 8 changes.",
)

# %% [markdown] id="all-windows-at-once-text-3"
# Four layers with a kernel of size two have a receptive field of sixteen steps. No output before
# the red line changes.
#
# ### Change it: a larger receptive field
#
# Change the first line of the cell above to `size, rates = 3, (1, 3, 9)`: three layers with a
# kernel of size three. How many steps is the receptive field of each layer's output? *Before you
# run the cell, write down your prediction here:* … , … , …
#
# Then run it. *What did you see, and which rule gives these numbers? Write one sentence:* …

# %% [markdown] id="conv1d-on-text"
# ### A task for Conv1D: first name or family name?
#
# Conv1D is often used on text. Here are names of people in the United States, first names such as
# *emma* and family names such as *novak*, one letter for each step. Each letter becomes a one-hot
# row of 26 numbers. Which of the two kinds is a name?
#
# We train *your* layer with 64 filters of three letters. For each filter, only its largest output
# on the whole name is kept (`GlobalMaxPooling1D`, unit 08). As a **baseline**, a model without a
# window gets how often each letter occurs in the name. So it knows the letters, but not their
# order. Each of the two trains for some 5 seconds.

# %% id="conv1d-on-text-experiment" tags=["experiment"]
seed = 0

names = load("names")
first_names, family_names = set(names["first"]), set(names["last"])
kinds = {name: 0 for name in first_names - family_names}
kinds |= {name: 1 for name in family_names - first_names}  # a name that is both is left out
people = np.random.default_rng(seed).permutation(sorted(kinds))
is_family = np.array([kinds[name] for name in people])
letters = np.zeros((len(people), 13, 26), "float32")
for row, name in enumerate(people):
    for step, letter in enumerate(name):
        letters[row, step, ord(letter) - ord("a")] = 1

window = Conv1D(64, 3)
model_layers = {
    "order of letters unknown": [
        keras.layers.Lambda(lambda inputs: ops.sum(inputs, axis=1)),
        keras.layers.Dense(64, activation="relu"),
    ],
    "your Conv1D": [window, keras.layers.ReLU(), keras.layers.GlobalMaxPooling1D()],
}
right_names = {}
for name, middle in model_layers.items():
    keras.utils.set_random_seed(seed)
    last = keras.layers.Dense(1, activation="sigmoid")
    model = keras.Sequential([keras.Input((13, 26)), *middle, last])
    model.compile(keras.optimizers.Adam(0.005), "binary_crossentropy", metrics=["accuracy"])
    model.fit(letters[:-1500], is_family[:-1500], batch_size=100, epochs=6, verbose=0)
    right_names[name] = model.evaluate(letters[-1500:], is_family[-1500:], verbose=0)[1]
    print(f"{name:>25}: right on {right_names[name]:.1%} of 1500 new names")

# %% [markdown] id="conv1d-on-text-2"
# The letters alone say something, but their order says more. With other seeds (other test names,
# other starting weights) your Conv1D was always ahead, by more than 4 points of a hundred.
#
# What does a filter look for? The next cell takes the filters that count most for each kind, and
# prints the three letters at which each of them responds most strongly.

# %% id="conv1d-on-text-experiment-2" tags=["experiment"]
outputs = np.asarray(window(letters))
weights = last.kernel.numpy()[:, 0]
for kind, chosen in (("family", np.argsort(-weights)[:8]), ("first", np.argsort(weights)[:8])):
    pieces = []
    for f in chosen:
        row, step = np.unravel_index(outputs[..., f].argmax(), outputs.shape[:2])
        pieces.append(f"{people[row]:_<13}"[step : step + 3])
    print(f"{kind:>6} name:", ", ".join(pieces))

# %% [markdown] id="conv1d-on-text-3"
# An underscore means that the name has ended there. Such a filter has learned an ending.
#
# **Try:** windows of one letter, `Conv1D(64, 1)`. What does this layer know about order? Then try
# windows of five.

# %% [markdown] id="about-conv2d"
# ## Conv2D
#
# Over a picture the window slides in two directions: down and across, always in this order. And a
# picture has channels. The window covers all of them: a **filter** has one table of weights for
# each channel, and all its products go into *one* sum: a partial sum for each channel, then their
# total, with the bias.

# %% id="conv2d-sums-experiment" tags=["experiment"]
move(convolution.draw_partial_sums, place=(0, 3))

# %% [markdown] id="conv2d-sums-text"
# **Try:** move the window to the lower right corner. Compute both partial sums on paper before you
# look at them.
#
# Each filter has its own tables and its own bias, and makes one channel of the output. Two filters
# on three channels look like this:

# %% id="conv2d-experiment" tags=["experiment"]
convolution.draw_channels().show()

# %% [markdown] id="conv2d-text"
# $$y_{r,c,f} = b_f + \sum_i \sum_j \sum_k x_{r s + i d,\;c s + j d,\;k}\; w_{i,j,k,f}$$
#
# with the stride $s$ and the dilation $d$, which may be different for down and across. The
# activation, if there is one, comes last.
#
# | | |
# |---|---|
# | shape | `(batch, rows, columns, channels)` → `(batch, windows down, windows across, filters)` |
# | parameters | `k₁ × k₂ × channels × filters / groups`, plus `filters` for the bias |
#
# The number of parameters does not depend on the size of the picture.
#
# With `groups=2` the channels are split into two halves, and so are the filters. The first half of
# the filters uses only the first half of the channels, and the second half uses only the second. So
# there are half as many weights and half as many products.

# %% id="conv2d-experiment-2" tags=["experiment"]
convolution.draw_groups().show()

# %% [markdown] id="conv-params-exercise"
# ### Exercise: predict the parameters of Conv2D
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●●○ (4 of 5) · 5 minutes · 2 points
# >
# > How many numbers does `Conv2D(filters, kernel_size)` learn on inputs with this many channels?
# > `kernel_size` is a pair.
#
# <details><summary>It is right until there are groups</summary>
#
# Take one filter, and count its weights: how many tables does it have? Then count the filters.
# Groups change one of these two numbers.
# </details>


# %% nbgrader={"grade_id": "conv-params", "solution": true}
def conv_params(channels, filters, kernel_size, groups=1, use_bias=True):
    """The number of parameters of Conv2D with these arguments on this many channels."""
    ### BEGIN SOLUTION
    weights = math.prod(kernel_size) * (channels // groups) * filters
    return weights + (filters if use_bias else 0)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-conv-params", "grade": true, "points": 2}
check(conv_params)
### BEGIN HIDDEN TESTS
check(conv_params, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="conv-shape-exercise"
# ### Exercise: predict the shape after Conv2D
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●●● (5 of 5) · 5 minutes · 2 points
# >
# > Given an input shape with its batch axis (which may be `None`), return the output shape as a
# > tuple. `kernel_size`, `strides` and `dilation_rate` are pairs, so the two sides may differ.
#
# <details><summary>Both sides are right for a square, and wrong otherwise</summary>
#
# Which side of the picture belongs to the first number of each pair?
# </details>


# %% nbgrader={"grade_id": "conv-shape", "solution": true}
def conv_shape(
    input_shape, filters, kernel_size, strides=(1, 1), padding="valid", dilation_rate=(1, 1)
):
    """The shape after Conv2D with these arguments; both shapes with the batch axis."""
    ### BEGIN SOLUTION
    sides = []
    for side in (0, 1):
        length = input_shape[1 + side]
        if padding == "valid":
            length -= (kernel_size[side] - 1) * dilation_rate[side]
        sides.append(math.ceil(length / strides[side]))
    return (input_shape[0], *sides, filters)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-conv-shape", "grade": true, "points": 2}
check(conv_shape)
### BEGIN HIDDEN TESTS
check(conv_shape, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="conv2d-text-2"
# You have all the parts. Use two tables of indices, one for down and one for across, to cut out all
# windows; or add up the products for one place of the kernel after the other; or use
# `extract_patches` and one `matmul`. Any correct way passes.
#
# **Coming from another library?** Check three things: where the extra zero of `"same"` goes, the
# order of the axes of a kernel, and whether channels come first. Here a kernel is `(rows, columns,
# channels, filters)`, and channels come last.

# %% [markdown] id="conv2d-exercise"
# ### Exercise: write Conv2D
#
# > Difficulty ●●●●○ (4 of 5) · Importance ●●●●● (5 of 5) · 35 minutes · 11 points
# >
# > `__init__` is already written: it turns arguments that may be one number into pairs.
# >
# > **What is asked**
# >
# > - **shape** (1): `(batch, rows, columns, channels)` becomes
# >   `(batch, windows down, windows across, filters)`, also while the batch size is unknown.
# > - **compute_output_shape** (1): the same answer, from a shape alone. The batch entry may be
# >   `None`.
# > - **parameters** (1): `kernel` of shape `(k₁, k₂, channels // groups, filters)` and, unless
# >   `use_bias=False`, `bias` of shape `(filters,)`.
# > - **output** (4): the formula above for `padding` `"valid"` and `"same"`, any `strides` or any
# >   `dilation_rate` (never both above 1), and for `groups`. The activation comes after the bias.
# > - **gradient** (1): gradients reach the inputs and every weight.
# > - **config** (1): `Conv2D.from_config(layer.get_config())` is the same layer again.
# > - **dtype** (1): under the policy `"mixed_float16"` the output is float16 and the weights stay
# >   float32.
# > - **model** (1): the layer works in Sequential and in the Functional API, and learns in a step
# >   of `fit`.
# >
# > Not allowed, in any copy of Keras or TensorFlow: ready-made convolutions, which are Keras's
# > convolution layers, `keras.ops.conv` and its relatives, and TensorFlow's functions and
# > operations that convolve, such as `tf.nn.conv1d`, `tf.nn.convolution` and `tf.raw_ops.Conv2D`.
# > Cutting out patches is allowed.
#
# <details><summary>I do not know how to take windows along two axes</summary>
#
# Do one after the other. What is the shape of your tensor after `ops.take` along the rows? Which
# axis are the columns now?
# </details>
#
# <details><summary>The values are right, but not with groups</summary>
#
# First make it right for `groups=1`. Then split two things along their last axis: which ones? Each
# pair of parts is a small convolution of its own. In which order must you join their outputs?
# </details>
#
# <details><summary>The shape is right for some strides and wrong for others</summary>
#
# You solved this in `conv_length`: do you round down, or up? Then check which number of `strides`
# you use for which side.
# </details>
#
# <details><summary>Everything is right but config</summary>
#
# Which arguments does `__init__` take? Each of them must be in the config under its own name, and
# the activation must be a value that can be saved, as in Dense.
# </details>
#
# <details><summary>The card says that dtype is wrong</summary>
#
# Did one of your constants or casts turn it into float32? Indices are integers, and the zeros for
# padding come from `ops.pad`; neither needs a cast.
# </details>


# %% nbgrader={"grade_id": "conv2d", "solution": true}
class Conv2D(keras.layers.Layer):
    """A window slides over a picture; each filter gives one number for each window."""

    def __init__(
        self,
        filters,
        kernel_size,
        strides=1,
        padding="valid",
        dilation_rate=1,
        groups=1,
        activation=None,
        use_bias=True,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.filters = filters
        self.kernel_size = self.pair(kernel_size)
        self.strides = self.pair(strides)
        self.padding = padding
        self.dilation_rate = self.pair(dilation_rate)
        self.groups = groups
        self.activation = keras.activations.get(activation)
        self.use_bias = use_bias

    def pair(self, value):
        """One number stands for both sides."""
        return (value, value) if isinstance(value, int) else tuple(value)

    def build(self, input_shape):
        ### BEGIN SOLUTION
        shape = (*self.kernel_size, input_shape[-1] // self.groups, self.filters)
        self.kernel = self.add_weight(name="kernel", shape=shape)
        if self.use_bias:
            self.bias = self.add_weight(name="bias", shape=(self.filters,), initializer="zeros")
        ### END SOLUTION

    def compute_output_shape(self, input_shape):
        ### BEGIN SOLUTION
        sides = []
        for side in (0, 1):
            length = input_shape[1 + side]
            if self.padding == "valid":
                length -= (self.kernel_size[side] - 1) * self.dilation_rate[side]
            sides.append(math.ceil(length / self.strides[side]))
        return (input_shape[0], *sides, self.filters)
        ### END SOLUTION

    def call(self, inputs):
        ### BEGIN SOLUTION
        counts = self.compute_output_shape(inputs.shape)[1:3]
        pads, tables = [], []
        for side in (0, 1):
            starts = np.arange(counts[side]) * self.strides[side]
            entries = np.arange(self.kernel_size[side]) * self.dilation_rate[side]
            tables.append(starts[:, None] + entries)
            # The largest index says how far the last window reaches; "valid" stays inside.
            total = max(tables[side].max() + 1 - inputs.shape[1 + side], 0)
            pads.append((total // 2, total - total // 2))
        windows = ops.pad(inputs, ((0, 0), *pads, (0, 0)))
        for side in (0, 1):  # (batch, windows down, i, windows across, j, channels)
            windows = ops.take(windows, tables[side], axis=1 + 2 * side)
        split = (ops.split(part, self.groups, axis=-1) for part in (windows, self.kernel))
        sums = [ops.einsum("bricjk,ijkf->brcf", *parts) for parts in zip(*split, strict=True)]
        outputs = ops.concatenate(sums, axis=-1)
        return self.activation(outputs + self.bias if self.use_bias else outputs)
        ### END SOLUTION

    def get_config(self):
        """The arguments that make the same layer again."""
        ### BEGIN SOLUTION
        own = {
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "dilation_rate": self.dilation_rate,
            "groups": self.groups,
            "activation": keras.activations.serialize(self.activation),
            "use_bias": self.use_bias,
        }
        return super().get_config() | own
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-conv2d", "grade": true, "points": 11}
check(Conv2D)
### BEGIN HIDDEN TESTS
check(Conv2D, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="what-did-it-learn"
# ### What did it learn?
#
# Now we train your layer on the digits, with eight filters of 3 × 3 and a Dense layer of Keras
# after it. This takes some 5 seconds. Then we look at its kernel, and at the feature maps of a
# seven.

# %% id="what-did-it-learn-experiment" tags=["experiment"]
digits = load("digits")
order = np.random.default_rng(0).permutation(1797)
images = digits["images"][order].astype("float32")[..., None] / 16
labels = digits["labels"][order].astype("int32")

seed = 3

keras.utils.set_random_seed(seed)
eyes = Conv2D(8, 3, padding="same", activation="relu")
model = keras.Sequential(
    [keras.Input((8, 8, 1)), eyes, keras.layers.Flatten(), keras.layers.Dense(10)]
)
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(keras.optimizers.Adam(0.01), loss=loss, metrics=["accuracy"])
model.fit(images[:1500], labels[:1500], batch_size=50, epochs=12, verbose=0)
right = model.evaluate(images[1500:], labels[1500:], verbose=0)[1]
print(f"{eyes.count_params()} parameters in your layer; right on {right:.1%} of the test digits")

# %% id="what-did-it-learn-experiment-2" tags=["experiment"]
seven = images[labels == 7][:1]
maps = np.asarray(eyes(seven))[0]
kernel = next(w.numpy() for w in eyes.weights if len(w.shape) == 4)[:, :, 0]
figure, panels = plt.subplots(2, 9, figsize=(12, 3.3), layout="constrained")
panels[0, 0].axis("off")
panels[1, 0].imshow(seven[0, :, :, 0], cmap="gray_r")
panels[1, 0].set_title("the seven", fontsize=11)
for f in range(8):
    panels[0, f + 1].imshow(kernel[:, :, f], cmap="signed", vmin=-1, vmax=1)
    panels[0, f + 1].set_title(f"filter {f}", fontsize=11)
    panels[1, f + 1].imshow(maps[:, :, f], cmap="gray_r", vmin=0)
for panel in panels.flat:
    panel.set(xticks=[], yticks=[])


def two_sides(weights):
    """Whether one side of a window of 3 x 3 is positive, and the opposite side negative."""
    turned = (np.rot90(weights, k) for k in range(4))
    sides = [(w[0].mean(), w[2].mean()) for w in turned]
    corners = (np.rot90(weights, k) for k in range(4))
    sides += [(w[(0, 0, 1), (0, 1, 0)].mean(), w[(2, 2, 1), (2, 1, 2)].mean()) for w in corners]
    return any(one > 0.1 and other < -0.1 for one, other in sides)


compare = [f for f in range(8) if two_sides(kernel[:, :, f])]
blank = [f for f in range(8) if maps[:, :, f].max() == 0]
print("filters with a positive side and a negative side opposite:", *compare)
print("filters that are zero on the whole seven:", *(blank or ["none"]))
show(
    figure,
    "Above: the eight trained kernels of 3 x 3, blue where a weight is positive and orange where "
    f"it is negative. {len(compare)} of 8 have a blue side and an orange side opposite. Below: a "
    f"seven, and its eight feature maps, of which {len(blank)} are blank.",
)

# %% [markdown] id="what-did-it-learn-text"
# The layer was never told what an edge is. But many of the kernels have a blue side and an orange
# side opposite: they compare one side of the window with the other, like the kernels that we made
# for the pagoda. The first layer of large networks that are trained on photographs usually contains
# such kernels, too.
#
# (Is one of your maps white all over? Then the sums of this filter are always negative, relu turns
# them into zeros, and no gradient comes back through them. This is called a **dead relu**.)
#
# **Try:** another `seed`. Which kinds of kernels come back, and which do not?

# %% [markdown] id="about-conv3d"
# ## Conv3D
#
# Conv3D slides along one more axis. Its input is a block of slices: a medical scan, slice by slice,
# or a video, frame by frame. The window slides through the depth, down and across, and the rules
# for one axis hold for each of the three.

# %% id="conv3d-experiment" tags=["experiment"]
convolution.draw_block().show()

# %% [markdown] id="conv3d-text"
# | | |
# |---|---|
# | shape | `(batch, depth, rows, columns, channels)` → windows along three sides, and `filters` |
# | parameters | `k₁ × k₂ × k₃ × channels × filters`, plus `filters` for the bias |
#
# Depth comes first, in the inputs, the kernel and the strides. Do not confuse depth and channels:
# the window *slides* through the depth, with the same weights at every slice, but it always covers
# all channels.

# %% [markdown] id="conv3d-params-exercise"
# ### Exercise: predict the parameters of Conv3D
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●○○○ (2 of 5) · 5 minutes · 2 points
# >
# > This time you get the whole input shape. `kernel_size` is three numbers, or one number for all
# > three sides.
#
# <details><summary>My count is far too large, or far too small</summary>
#
# The input shape has five numbers. Only one of them matters: which one?
# </details>


# %% nbgrader={"grade_id": "conv3d-params", "solution": true}
def conv3d_params(input_shape, filters, kernel_size, use_bias=True):
    """The number of parameters of Conv3D with these arguments on inputs of this shape."""
    ### BEGIN SOLUTION
    if isinstance(kernel_size, int):
        kernel_size = (kernel_size,) * 3
    weights = math.prod(kernel_size) * input_shape[-1] * filters
    return weights + (filters if use_bias else 0)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-conv3d-params", "grade": true, "points": 2}
check(conv3d_params)
### BEGIN HIDDEN TESTS
check(conv3d_params, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="conv3d-exercise"
# ### Exercise: write Conv3D
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●○○○ (2 of 5) · 10 minutes · 6 points
# >
# > This one is short: no dilation, no groups, no activation. You can copy what you wrote for Conv2D
# > and add one axis.
# >
# > **What is asked**
# >
# > - **shape** (1): windows along three sides, and `filters`, also while the batch size is unknown.
# > - **parameters** (1): `kernel` of shape `(k₁, k₂, k₃, channels, filters)` and, unless
# >   `use_bias=False`, `bias` of shape `(filters,)`.
# > - **output** (3): the sums under the window, and the bias, for `padding` `"valid"` and `"same"`
# >   and any `strides`.
# > - **gradient** (1): gradients reach the inputs and every weight.
# >
# > Not allowed, in any copy of Keras or TensorFlow: ready-made convolutions, which are Keras's
# > convolution layers, `keras.ops.conv` and its relatives, and TensorFlow's functions and
# > operations that convolve, such as `tf.nn.conv1d`, `tf.nn.convolution` and `tf.raw_ops.Conv2D`.
# > Cutting out patches is allowed.
#
# <details><summary>Two sides became three, and now the axes are wrong</summary>
#
# Each `ops.take` with a table adds one axis to the tensor. Write the shape next to each line.
# </details>


# %% nbgrader={"grade_id": "conv3d", "solution": true}
class Conv3D(keras.layers.Layer):
    """A window slides through a block; each filter gives one number for each window."""

    def __init__(
        self, filters, kernel_size, strides=(1, 1, 1), padding="valid", use_bias=True, **kwargs
    ):
        super().__init__(**kwargs)
        self.filters = filters
        self.kernel_size = tuple(kernel_size)
        self.strides = tuple(strides)
        self.padding = padding
        self.use_bias = use_bias

    def build(self, input_shape):
        ### BEGIN SOLUTION
        shape = (*self.kernel_size, input_shape[-1], self.filters)
        self.kernel = self.add_weight(name="kernel", shape=shape)
        if self.use_bias:
            self.bias = self.add_weight(name="bias", shape=(self.filters,), initializer="zeros")
        ### END SOLUTION

    def call(self, inputs):
        ### BEGIN SOLUTION
        pads, tables = [], []
        for side in range(3):
            length, size = inputs.shape[1 + side], self.kernel_size[side]
            end = length if self.padding == "same" else length - size + 1
            starts = np.arange(0, end, self.strides[side])
            tables.append(starts[:, None] + np.arange(size))
            total = max(tables[side].max() + 1 - length, 0)
            pads.append((total // 2, total - total // 2))
        windows = ops.pad(inputs, ((0, 0), *pads, (0, 0)))
        for side in range(3):
            windows = ops.take(windows, tables[side], axis=1 + 2 * side)
        outputs = ops.einsum("bdhricjk,hijkf->bdrcf", windows, self.kernel)
        return outputs + self.bias if self.use_bias else outputs
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-conv3d", "grade": true, "points": 6}
check(Conv3D)
### BEGIN HIDDEN TESTS
check(Conv3D, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="conv3d-text-2"
# A window with depth can detect *motion*, which a single frame does not show. Here is a video of
# eight frames: a digit one moves to the right. Two filters of your layer cover two frames at a
# time. The first adds each pixel and its *right* neighbour in the next frame, the second adds each
# pixel and its *left* neighbour.

# %% id="conv3d-experiment-2" tags=["experiment"]
one = images[labels == 1][0, :, :, 0]
film = np.zeros((1, 8, 8, 16, 1), "float32")
for frame in range(8):
    film[0, frame, :, frame : frame + 8, 0] = one
watch = Conv3D(2, (2, 1, 3), use_bias=False)
watch.build(film.shape)
follow = np.zeros((2, 1, 3, 1, 2), "float32")
follow[0, 0, 1, 0] = 1  # the pixel itself, now, for both filters
follow[1, 0, 2, 0, 0] = 1  # its right neighbour in the next frame
follow[1, 0, 0, 0, 1] = 1  # its left neighbour in the next frame
watch.set_weights([follow])
for name, shown in (("moves to the right", film), ("moves to the left", film[:, ::-1])):
    energy = np.square(np.asarray(watch(shown))).mean(axis=(0, 1, 2, 3))
    print(f"{name:>18}: right-hand filter {energy[0]:.3f}, left-hand filter {energy[1]:.3f}")

outputs = np.asarray(watch(film))[0]
figure, panels = plt.subplots(3, 8, figsize=(12, 3.4), layout="constrained")
rows = ("film", film[0, ..., 0]), ("right-hand", outputs[..., 0]), ("left-hand", outputs[..., 1])
for line, (name, frames) in zip(panels, rows, strict=True):
    for panel, frame in zip(line, frames, strict=False):
        panel.imshow(frame, cmap="gray_r", vmin=0, vmax=2)
    line[0].set_ylabel(name)
for panel in panels.flat:
    panel.set(xticks=[], yticks=[])
panels[1, 7].axis("off")  # seven windows of two frames in eight frames
panels[2, 7].axis("off")
show(
    figure,
    "A film of eight frames in which a digit one moves to the right, one column in each frame. "
    "Below, what the two filters give for each two frames. The right-hand filter adds the digit to "
    f"itself: the mean square of its outputs is {np.square(outputs[..., 0]).mean():.2f}. The "
    "left-hand filter adds the digit to a copy beside it: "
    f"{np.square(outputs[..., 1]).mean():.2f}.",
)

# %% [markdown] id="conv3d-text-3"
# When the frames are in the opposite order, the other filter gives more: each filter responds to
# one direction. (We squared the outputs before we took the mean. Without this nonlinearity both
# filters would give the same mean. Why?)
#
# **Try:** let the digit move by two columns in each frame (`2 * frame`, in a film of 22 columns).
# Which filter would follow it?

# %% [markdown] id="conv3d-on-films"
# ### A task for Conv3D: which way does it move?
#
# Now the filters are learned. Each film has five frames of 12 × 12 pixels, in which a digit moves
# from one side to the other: right, left, down or up. The **baseline** is a model that sees the
# mean of the five frames: all the pixels, but not their order. It has two Conv2D layers; the other
# model has *your* Conv3D. The digits of the test films are not those of the training films. The
# cell takes some 5 seconds.

# %% id="conv3d-on-films-experiment" tags=["experiment"]
seed = 0
directions = {"right": (0, 1), "left": (0, -1), "down": (1, 0), "up": (-1, 0)}


def films(count, pictures, chance):
    """Films of moving digits, and for each of them the number of its direction."""
    made = np.zeros((count, 5, 12, 12, 1), "float32")
    answers = chance.integers(0, 4, count)
    for film, answer in zip(made, answers, strict=True):
        picture = pictures[chance.integers(len(pictures))]
        step = np.array(list(directions.values())[answer])
        place = np.where(step == 0, chance.integers(0, 5, 2), np.where(step > 0, 0, 4))
        for frame in film:
            row, column = place
            frame[row : row + 8, column : column + 8] = picture
            place = place + step
    return made, answers


chance = np.random.default_rng(seed)
train_films, train_ways = films(600, images[:1200], chance)
test_films, test_ways = films(400, images[1200:], chance)
figure, panels = plt.subplots(2, 10, figsize=(12, 2.7), layout="constrained")
for number, line in enumerate(np.reshape(panels, (4, 5))):
    film = test_films[test_ways == number][0]
    for panel, frame in zip(line, film, strict=True):
        panel.imshow(frame[..., 0], cmap="gray_r", vmin=0, vmax=1)
        panel.set(xticks=[], yticks=[])
    line[0].set_title(list(directions)[number], loc="left", fontsize=11)
show(figure, "Four films of five frames: a digit moves right, left, down and up by a pixel a time.")

motion = Conv3D(8, (2, 3, 3))
model_layers = {
    "order of frames unknown": [
        keras.layers.Lambda(lambda inputs: ops.mean(inputs, axis=1)),
        keras.layers.Conv2D(8, 3, activation="relu"),
        keras.layers.Conv2D(8, 3, activation="relu"),
        keras.layers.GlobalAveragePooling2D(),
    ],
    "your Conv3D": [motion, keras.layers.ReLU(), keras.layers.GlobalAveragePooling3D()],
}
right_films = {}
for name, middle in model_layers.items():
    keras.utils.set_random_seed(seed)
    last = keras.layers.Dense(4, activation="softmax")
    model = keras.Sequential([keras.Input((5, 12, 12, 1)), *middle, last])
    model.compile(
        keras.optimizers.Adam(0.02), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    model.fit(train_films, train_ways, batch_size=50, epochs=12, verbose=0)
    right_films[name] = model.evaluate(test_films, test_ways, verbose=0)[1]
    print(f"{name:>24}: right on {right_films[name]:.0%} of the test films")

# %% [markdown] id="conv3d-on-films-text"
# From the mean of the frames one can see along which line the digit has moved, but not in which
# direction: no model that sees only the mean can tell right from left, or down from up. So it
# cannot be right on many more than half of the films. Your Conv3D, with fewer parameters, sees two
# frames at a time, and this is enough.
#
# **Try:** a window of one frame, `Conv3D(8, (1, 3, 3))`. What is left of the accuracy?

# %% [markdown] id="explain-a-card"
# ## Explain a failing card
#
# A friend wrote a Conv1D, too. It runs, it learns, and its outputs look sensible. The next cell
# holds it against Keras's layer, as `check` does with yours, and shows the card. You do not see the
# friend's code, only what the card says of it.

# %% id="explain-a-card-experiment" tags=["experiment"]
from grader import examine
from grader.exercises.convolution.friends_conv1d import FriendsConv1D

examine(FriendsConv1D, "Conv1D")

# %% [markdown] id="explain-a-card-question"
# ### Question: what does the card say?
#
# Answer in a few sentences. (3 points, read by your instructor.)
#
# 1. Compare the rows of numbers under *expected* and under *yours*: is there a row that stands in
#    both? What has happened to it, and how does that fit what the card says below?
# 2. The card says that the output is right for some kinds of cases. In which cases with
#    `padding="same"` is the friend's layer right, and why? Give an example of a kernel size and a
#    stride with which the mistake would never be found.
# 3. Why are *shape*, *parameters* and *model* right, although the output is wrong? What follows for
#    somebody who tests a layer only by training it?

# %% [markdown] nbgrader={"grade_id": "question-card", "grade": true, "solution": true, "points": 3}
# ### BEGIN SOLUTION
# 1. Yes: a row that comes first under *expected* comes second under *yours* (with a stride of 1).
#    The numbers are right, but one step late, because there is one zero too many before the data:
#    where the zeros cannot be shared evenly, the friend puts the extra one before the data, and
#    Keras puts it after. (One point.)
# 2. It is right where the number of zeros is even, for then there is no extra zero. With a stride
#    of 1 there are `(kernel_size - 1) * dilation_rate` zeros, so with an odd kernel size, such as
#    3, it is always right. With a stride of 1, an even kernel size and no dilation it is wrong, and
#    so it is with a kernel of 3, a stride of 2 and an even length. (One point.)
# 3. The number of zeros and of windows is right, so the shape is. The weights have the right
#    shapes. And the layer learns: its kernel simply finds everything one step further on. So
#    training does not show the mistake. It shows when weights that were trained elsewhere are
#    loaded, or when the same weights and inputs are compared with Keras's. (One point.)
# ### END SOLUTION

# %% [markdown] id="mended-cropping1d-exercise"
# ### Exercise: find and mend the fault in Cropping1D
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●○○○ (2 of 5) · 8 minutes · 2 points
# >
# > Padding adds steps. `keras.layers.Cropping1D(cropping=(a, b))` removes steps: the first $a$ and
# > the last $b$ of each sequence. The shape `(batch, steps, channels)` becomes
# > `(batch, steps - a - b, channels)`.
# >
# > Below is such a layer. **One thing in it is wrong.** Run the check first: the card shows where
# > the fault comes out. Then find the fault and mend it. Change as little as you can.
# >
# > The layer earns its points when everything is right, and nothing before: most cases are right
# > already.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.Cropping1D`.
#
# **How to find a fault.** Read the card first. Some cases fail and others do not: what do those
# that fail have in common? Then try such a case on a list of five numbers, in a cell of its own,
# without any layer. A fault that shows only at an edge is found at the edge.
#
# <details><summary>Which cases fail?</summary>
#
# Look at `cropping` in the case on the card. What is special about its second number?
# </details>
#
# <details><summary>I found the case, and the slice looks right to me</summary>
#
# Run `[1, 2, 3, 4, 5][1:-2]`, then `[1:-1]`, then `[1:-0]`. What did you expect of the last one?
# </details>


# %% nbgrader={"grade_id": "mended-cropping1d", "solution": true}
class MendedCropping1D(keras.layers.Layer):
    """Takes steps away at the beginning and at the end of each sequence: with one fault."""

    def __init__(self, cropping=(1, 1), **kwargs):
        super().__init__(**kwargs)
        self.first, self.last = cropping

    def call(self, inputs):
        ### BEGIN SOLUTION
        return inputs[:, self.first : inputs.shape[1] - self.last]
        ### GIVEN
        # return inputs[:, self.first : -self.last]
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-mended-cropping1d", "grade": true, "points": 2}
check(MendedCropping1D)
### BEGIN HIDDEN TESTS
check(MendedCropping1D, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="what-you-have-now"
# ## What you have now
#
# | layer | shape | parameters |
# |---|---|---|
# | Conv1D | `(batch, windows, filters)` | `k × channels × filters + filters` |
# | Conv2D | two sides of windows | `k₁ × k₂ × channels × filters / groups + filters` |
# | Conv3D | three sides of windows | `k₁ × k₂ × k₃ × channels × filters + filters` |
#
# Windows along a side: $\lfloor (n - r) / s \rfloor + 1$ for `"valid"`, $\lceil n / s \rceil$ for
# `"same"` and `"causal"`, with the reach $r = (k - 1)\,d + 1$.
#
# The idea behind all three is weight sharing: the same few weights at every place.
#
# ## References
#
# - Y. LeCun, B. Boser, J. S. Denker, D. Henderson, R. E. Howard, W. Hubbard, L. D. Jackel (1989),
#   *Backpropagation Applied to Handwritten Zip Code Recognition*, Neural Computation 1(4), 541-551,
#   doi:10.1162/neco.1989.1.4.541 (convolution with learned, shared weights).
# - A. Krizhevsky, I. Sutskever, G. E. Hinton (2012), *ImageNet Classification with Deep
#   Convolutional Neural Networks*, Advances in Neural Information Processing Systems 25 (groups,
#   and the edges that a first layer learns).
# - F. Yu, V. Koltun (2015), *Multi-Scale Context Aggregation by Dilated Convolutions*,
#   arXiv:1511.07122.
# - A. van den Oord et al. (2016), *WaveNet: A Generative Model for Raw Audio*, arXiv:1609.03499
#   (causal convolutions whose dilation doubles).
# - X. Zhang, J. Zhao, Y. LeCun (2015), *Character-level Convolutional Networks for Text
#   Classification*, arXiv:1509.01626 (Conv1D on letters).
# - D. Tran, L. Bourdev, R. Fergus, L. Torresani, M. Paluri (2014), *Learning Spatiotemporal
#   Features with 3D Convolutional Networks*, arXiv:1412.0767 (Conv3D on video).
