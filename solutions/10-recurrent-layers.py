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
# # 10 · Recurrent layers
#
# In unit 09 you wrote cells. A cell takes one step: it reads one input and updates its state. A
# **recurrent layer** uses a cell for a whole sequence. It calls the cell once for each **time
# step**, and passes the state from each step to the next.
#
# In this unit you write that loop and everything that belongs to it: masks for padding, reading
# from the end to the beginning, and stacks of cells. With your cells from unit 09 the loop becomes
# SimpleRNN, LSTM and GRU.
#
# Then the layers go to work. You will see why a simple layer forgets and what gates change. Your
# layers will forecast a famous curve and invent names.
#
# The [glossary](../glossary.md) explains the words of the course, and gives their Chinese names. In
# a cell, `from grader import glossary` and then `glossary("bias")` prints what a word means.

# %% id="imports"
# Import the grader first: it loads Keras and TensorFlow without their log messages.
from grader import check

import keras
import numpy as np
from keras import ops

# %% id="start-experiment" tags=["experiment"]
import time

import matplotlib.pyplot as plt
import tensorflow as tf

from grader import examine
from grader.data import load
from grader.pictures import recurrent, show

# %% [markdown] id="the-loop"
# ## The loop
#
# There is only *one* cell. The picture shows it four times because it is used four times. Drawing
# it once for each step is called **unrolling** the layer. The arrow from the left brings the state
# that the step before has left.

# %% id="the-loop-experiment" tags=["experiment"]
recurrent.draw_loop().show()

# %% [markdown] id="the-loop-text"
# $$y_t, s_t = \mathrm{cell}(x_t, s_{t-1}) \qquad t = 1, \dots, T$$
#
# Two arguments of the layer decide what it returns.
#
# | | `return_state=False` | `return_state=True` |
# |---|---|---|
# | `return_sequences=False` | the last output | the last output, then the last states |
# | `return_sequences=True` | all outputs | all outputs, then the last states |
#
# - The last output is enough if the layer judges a whole sequence: is this a first name or a family
#   name?
# - All outputs are needed if the next layer is recurrent too, because it wants a sequence again.
# - The states are needed if you want to continue later from where the layer stopped. You can give
#   them to another call as `initial_state`. (Keras's layers can do this by themselves: a
#   **stateful** layer, `stateful=True`, starts each batch with the last states of the batch
#   before.)
#
# The cell decides how many states there are. SimpleRNN and GRU have one, the **hidden state** $h$.
# LSTM has two: the hidden state $h$, then the **cell state** $c$. In all three, the output of a
# step is its hidden state.

# %% [markdown] id="rnn-shape-exercise"
# ### Exercise: predict the shapes of a recurrent layer
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●●○ (4 of 5) · 5 minutes · 2 points
# >
# > `layer` is "SimpleRNN", "LSTM" or "GRU". The layer has this many units and these two arguments.
# > Its input has the shape `input_shape`, which is `(batch, time, features)`. Return the shape of
# > the output. With `return_state=True`, return the list of all shapes that the layer returns, in
# > order.
#
# <details><summary>It is right without return_state only</summary>
#
# How many states does this layer have? Does the layer return the states of one step, or of all
# steps?
# </details>


# %% nbgrader={"grade_id": "rnn-shape", "solution": true}
def rnn_shape(layer, input_shape, units, return_sequences, return_state):
    """The shape, or the list of shapes, that a recurrent layer gives back."""
    ### BEGIN SOLUTION
    batch, time, _ = input_shape
    output = (batch, time, units) if return_sequences else (batch, units)
    if not return_state:
        return output
    states = 2 if layer == "LSTM" else 1
    return [output] + states * [(batch, units)]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-rnn-shape", "grade": true, "points": 2}
check(rnn_shape)
### BEGIN HIDDEN TESTS
check(rnn_shape, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="steps-that-do-not-count"
# ### Masked steps
#
# Sequences have different lengths, but the rows of an array do not. So shorter sequences are filled
# up with **padding**. A **mask** of shape `(batch, time)` says True where a step is real and False
# where it is padding.
#
# What should the loop do where the mask is False? Nothing: it **holds**. The state stays as it was,
# and so does the output.
#
# The picture shows a very simple cell, which adds up its inputs. It reads 1, then 2, then a 7 that
# is only padding, then 4.

# %% id="steps-that-do-not-count-experiment" tags=["experiment"]
recurrent.draw_masked().show()

# %% [markdown] id="from-the-end-to-the-beginning"
# Each sample has its own mask. In the same step, some samples are real and others are padding, so
# an `if` cannot decide. Compute the step for all samples, then choose between new and old for each
# of them: `ops.where(condition, new, old)`. If the very first step is masked, the loop holds the
# initial state, and the output is zero.
#
# With `return_sequences=True` the output has one step for each step of the inputs, and the next
# layer must skip the same steps. So the layer passes the mask on: `compute_mask(inputs, mask)`
# returns it. If only the last output is returned, there is no time axis any more and no mask:
# `compute_mask` returns `None`.
#
# **Do you have Keras 3.16 or later?** There the recurrent layers of Keras no longer pass the mask
# on, not even with `return_sequences`. This course is graded with Keras 3.15.1, in which they do.
# With another version the card says so, and tells you how to get this one.
#
# ### From the end to the beginning
#
# With `go_backwards=True` the loop reads the last input first.

# %% id="from-the-end-to-the-beginning-experiment" tags=["experiment"]
recurrent.draw_backwards().show()

# %% [markdown] id="a-stack-of-cells"
# The outputs stay in the order in which they were *made*: the first output belongs to the last
# input. If you want each output beside its input, you have to reverse the outputs. And a loop that
# reads the inputs from the end must read the mask from the end, too.
#
# ### A stack of cells
#
# `RNN` also takes a list of cells. Then each step runs through all of them: the output of the first
# cell is the input of the second, and so on. Each cell has its own states.

# %% id="a-stack-of-cells-experiment" tags=["experiment"]
recurrent.draw_stack().show()

# %% [markdown] id="rnn-exercise"
# ### Exercise: write RNN
#
# > Difficulty ●●●●○ (4 of 5) · Importance ●●●●● (5 of 5) · 40 minutes · 10 points
# >
# > `cell` is a cell, or a list of cells. A cell can come from Keras or from anybody else, for
# > example from you in unit 09. You can rely on two things only: `state_size` (a number, or a list
# > or tuple of numbers), and that `cell(inputs, states)` returns an output and the list of new
# > states. Some cells have `get_initial_state(batch_size=...)`. Cells without it start with zeros.
# >
# > **What is asked**
# >
# > - **shape** (1): one output, or an output and then each of the last states, also while the batch
# >   size is unknown. (The number of steps is always known.)
# > - **parameters** (1): those of the cell, or of all the cells. The layer has none of its own.
# > - **output** (6): with one cell, with a list of cells, with `go_backwards`, with a `mask`, and
# >   with an `initial_state`, which is a list of states. At a masked step, output and states are
# >   held. Outputs and states are judged separately.
# > - **mask** (1): with `return_sequences` the output carries the mask of the inputs; otherwise it
# >   carries none.
# > - **gradient** (1): gradients reach the inputs and every weight.
# >
# > Not tried: `return_state` or `initial_state` together with a list of cells; an `initial_state`
# > that is a tensor without a list, which Keras takes too (`keras.tree.flatten` makes a list of
# > both, while `list(tensor)` makes a list of its rows). Not allowed, in any copy of Keras or
# > TensorFlow: `keras.layers.RNN`, also through its children, and the loops that such layers are
# > made of (inside Keras, and `tf.compat.v1.nn.dynamic_rnn`); nor `keras.layers.StackedRNNCells`.
#
# <details><summary>I do not know where to begin</summary>
#
# Begin with one cell, without mask and without the other arguments: the states before the first
# step, a `for` over `range(inputs.shape[1])`, and `ops.stack` for the outputs. Then run the check,
# and read on the card what is missing. Do the list of cells last.
# </details>
#
# <details><summary>My code crashes because the batch size is None</summary>
#
# `inputs.shape[0]` is not known while a model is being built. `ops.shape(inputs)[0]` works even
# then.
# </details>
#
# <details><summary>Which shapes do a mask and a state have at one step?</summary>
#
# `(batch,)` and `(batch, units)`. The mask needs one more axis, of length 1, to fit the state:
# `mask[:, t, None]`.
# </details>
#
# <details><summary>How do I hold several states?</summary>
#
# One after the other, in a loop over `zip(new, old)`. If they are lists inside lists,
# `keras.tree.map_structure(function, new, old)` goes through all of them.
# </details>


# %% nbgrader={"grade_id": "rnn", "solution": true}
class RNN(keras.layers.Layer):
    """Takes a cell, or a stack of cells, along a sequence."""

    def __init__(
        self, cell, return_sequences=False, return_state=False, go_backwards=False, **kwargs
    ):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.cells = cell if isinstance(cell, list) else [cell]
        self.return_sequences, self.return_state = return_sequences, return_state
        self.go_backwards = go_backwards
        ### END SOLUTION

    def call(self, inputs, initial_state=None, mask=None):
        ### BEGIN SOLUTION
        if initial_state is None:
            states = [self.first_states(cell, ops.shape(inputs)[0]) for cell in self.cells]
        else:
            states = [keras.tree.flatten(initial_state)]  # a list, or one state by itself
        steps, outputs = list(range(inputs.shape[1])), []
        for t in reversed(steps) if self.go_backwards else steps:
            output, new = self.step(inputs[:, t], states)
            if mask is not None:
                real = mask[:, t, None]
                held = outputs[-1] if outputs else ops.zeros_like(output)
                output = ops.where(real, output, held)
                new = [
                    [ops.where(real, n, o) for n, o in zip(*both, strict=True)]
                    for both in zip(new, states, strict=True)
                ]
            outputs.append(output)
            states = new
        output = ops.stack(outputs, axis=1) if self.return_sequences else outputs[-1]
        return [output, *states[0]] if self.return_state else output
        ### END SOLUTION

    def compute_mask(self, inputs, mask=None):
        ### BEGIN SOLUTION
        return mask if self.return_sequences else None
        ### END SOLUTION

    ### BEGIN SOLUTION
    def first_states(self, cell, batch):
        """The states of a cell before the first step."""
        if hasattr(cell, "get_initial_state"):
            return list(cell.get_initial_state(batch_size=batch))
        return [ops.zeros((batch, size)) for size in keras.tree.flatten(cell.state_size)]

    def step(self, inputs, states):
        """One step of the tower: its output, and the new states of each cell."""
        new = []
        for cell, before in zip(self.cells, states, strict=True):
            inputs, after = cell(inputs, before)
            new.append(list(after))
        return inputs, new

    ### END SOLUTION


# %% nbgrader={"grade_id": "check-rnn", "grade": true, "points": 10}
check(RNN)
### BEGIN HIDDEN TESTS
check(RNN, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="simplernn-and-what-a-loop-costs"
# **Coming from TensorFlow 2?** The source of this course, [chapter 5-4 of
# eat_tensorflow2_in_30_days](https://github.com/lyhue1991/eat_tensorflow2_in_30_days), says that
# RNN calls `tf.keras.backend.rnn` to repeat the cell. Keras 3 no longer offers that function to
# users; the loop that you have just written takes its place. Keras's own layers repeat the step
# inside a loop of TensorFlow, so the graph does not grow with the number of steps. Your layer
# unrolls: its graph holds a copy of the step for each step. That is just as right and easier to
# read, but slow to build for long sequences.

# %% [markdown] id="explain-card-exercise"
# ### Explain a failing card
#
# A friend has written RNN. The next cell shows the code and its card (about five seconds). One
# thing is wrong with it.


# %% id="failing-card-experiment" tags=["experiment"]
class FriendsRNN(keras.layers.Layer):
    """A friend's answer to the exercise RNN."""

    def __init__(self, cell, return_sequences=False, return_state=False, go_backwards=False):
        super().__init__()
        self.stack = cell if isinstance(cell, list) else [cell]
        self.all_outputs, self.with_states = return_sequences, return_state
        self.from_the_end = go_backwards

    def begin(self, cell, batch):
        if hasattr(cell, "get_initial_state"):
            return list(cell.get_initial_state(batch_size=batch))
        return [ops.zeros((batch, size)) for size in keras.tree.flatten(cell.state_size)]

    def call(self, inputs, initial_state=None, mask=None):
        states = [self.begin(cell, ops.shape(inputs)[0]) for cell in self.stack]
        if initial_state is not None:
            states = [keras.tree.flatten(initial_state)]
        if self.from_the_end:
            inputs = ops.flip(inputs, axis=1)
        outputs = []
        for t in range(inputs.shape[1]):
            output, new = inputs[:, t], []
            for cell, before in zip(self.stack, states, strict=True):
                output, after = cell(output, before)
                new.append(list(after))
            if mask is not None:
                real = mask[:, t, None]
                output = ops.where(real, output, outputs[-1] if outputs else 0.0)
                held = [keras.tree.flatten(both) for both in (new, states)]
                chosen = [ops.where(real, n, o) for n, o in zip(*held, strict=True)]
                new = keras.tree.pack_sequence_as(new, chosen)
            outputs.append(output)
            states = new
        output = ops.stack(outputs, axis=1) if self.all_outputs else output
        return [output, *states[0]] if self.with_states else output

    def compute_mask(self, inputs, mask=None):
        return mask if self.all_outputs else None


examine(FriendsRNN, "RNN")

# %% [markdown] id="failing-card-text"
# **Try:** mend the layer in the cell above and run it again, until all five lines of the card are
# right. Then answer in the next cell (3 points, read by your instructor):
#
# 1. Which line of the code is incomplete, and what must be added?
# 2. The card gives *some* of the points for the output. For which inputs and arguments is the
#    friend's layer right?
# 3. The friend says: "The gradient is wrong too, so I made two mistakes." Why is it only one?

# %% [markdown] nbgrader={"grade_id": "explain-card", "grade": true, "solution": true, "points": 3}
# ### BEGIN SOLUTION
# 1. `inputs = ops.flip(inputs, axis=1)`, under `if self.from_the_end`: the inputs are read from the
#    end and the mask is still read from the beginning. If there is a mask, it must be flipped too:
#    `mask = ops.flip(mask, axis=1)`. (One point.)
# 2. It is right whenever `go_backwards` or the mask is missing, and also where the mask reads the
#    same from both ends. (One point for one of the first two.)
# 3. The wrong steps are held, so the output depends on the wrong inputs, and the gradient to the
#    inputs follows the output. (One point.) With the mask flipped, both are right.
# ### END SOLUTION

# %% [markdown] id="simplernn-and-what-a-loop-costs-2"
# ## SimpleRNN, and what a loop costs
#
# `SimpleRNN(units)` is `RNN(SimpleRNNCell(units))`. LSTM and GRU are made in the same way. The loop
# itself has no weights. All weights belong to the cell, and there is one cell, however long the
# sequence is. This is **weight sharing** again: a convolution shares its weights over places, a
# recurrent layer shares them over time.

# %% [markdown] id="recurrent-params-exercise"
# ### Exercise: predict the parameters of a recurrent layer
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●○○ (3 of 5) · 5 minutes · 2 points
# >
# > `layer` is "SimpleRNN", "LSTM" or "GRU". How many parameters does it have, with this many units,
# > on sequences of `time` steps with this many features? `reset_after` only matters for GRU; the
# > others ignore it.
#
# <details><summary>GRU is right in one of its two forms only</summary>
#
# With `reset_after=True` the product of the state has its own bias. GRU(2) on 4 features has 48
# parameters in that form, and 42 in the other.
# </details>
#
# <details><summary>My count grows with time</summary>
#
# How many cells are there in the first picture: as many as are drawn?
# </details>


# %% nbgrader={"grade_id": "recurrent-params", "solution": true}
def recurrent_params(layer, time, features, units, reset_after=True):
    """The number of parameters of a recurrent layer."""
    ### BEGIN SOLUTION
    blocks = {"SimpleRNN": 1, "LSTM": 4, "GRU": 3}[layer]
    biases = 2 if layer == "GRU" and reset_after else 1
    return blocks * (features + units + biases) * units
    ### END SOLUTION


# %% nbgrader={"grade_id": "check-recurrent-params", "grade": true, "points": 2}
check(recurrent_params)
### BEGIN HIDDEN TESTS
check(recurrent_params, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="simplernn-and-what-a-loop-costs-text"
# Now build the three layers. You have the loop, and you have the cells from unit 09: copy each cell
# into the answer, above the layer. The class below is a subclass of your `RNN`, so often only
# `__init__` is left to write. If your RNN is not right yet, derive from `keras.layers.Layer`
# instead and write the loop and the step together.
#
# $$h_t = \tanh(x_t W + h_{t-1} U + b)$$

# %% [markdown] id="simple-rnn-exercise"
# ### Exercise: write SimpleRNN
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●○○ (3 of 5) · 10 minutes · 10 points
# >
# > **What is asked**
# >
# > - **shape** (1): one output `(batch, units)`, or with `return_sequences` `(batch, time, units)`;
# >   with `return_state` the last state after it.
# > - **parameters** (2): `kernel` `(features, units)`, `recurrent_kernel` `(units, units)` and,
# >   unless `use_bias=False`, `bias` `(units,)`.
# > - **output** (5): the formula above, with `activation` (a name or a function) instead of tanh,
# >   and all arguments of your RNN: `return_sequences`, `return_state`, `go_backwards`,
# >   `initial_state` (a list of one state) and `mask`.
# > - **mask** (1): with `return_sequences` the output carries the mask on, otherwise none.
# > - **gradient** (1): gradients reach the inputs and every weight.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.SimpleRNN` and
# > `keras.layers.SimpleRNNCell`, and TensorFlow's own (`tf.compat.v1.nn.rnn_cell`,
# > `tf.raw_ops.CudnnRNN`); nor `keras.layers.RNN`, also through its children, and the loops that
# > such layers are made of (inside Keras, and `tf.compat.v1.nn.dynamic_rnn`).
#
# <details><summary>What do I do with return_sequences and the others?</summary>
#
# Nothing: they are in `**kwargs`, and your RNN takes them.
# </details>


# %% nbgrader={"grade_id": "simple-rnn", "solution": true}
### BEGIN SOLUTION
class SimpleRNNCell(keras.layers.Layer):
    """One step: activation(inputs @ kernel + state @ recurrent_kernel + bias)."""

    def __init__(self, units, activation, use_bias):
        super().__init__()
        self.units, self.use_bias = units, use_bias
        self.activation = keras.activations.get(activation)
        self.state_size = units

    def build(self, input_shape):
        shape = (self.units, self.units)
        self.kernel = self.add_weight(name="kernel", shape=(input_shape[-1], self.units))
        self.recurrent_kernel = self.add_weight(
            name="recurrent_kernel", shape=shape, initializer="orthogonal"
        )
        if self.use_bias:
            self.bias = self.add_weight(name="bias", shape=(self.units,), initializer="zeros")

    def call(self, inputs, states):
        total = ops.matmul(inputs, self.kernel) + ops.matmul(states[0], self.recurrent_kernel)
        if self.use_bias:
            total = total + self.bias
        output = self.activation(total)
        return output, [output]


### END SOLUTION
class SimpleRNN(RNN):
    """A simple cell, taken along a sequence."""

    def __init__(self, units, activation="tanh", use_bias=True, **kwargs):
        ### BEGIN SOLUTION
        super().__init__(SimpleRNNCell(units, activation, use_bias), **kwargs)
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-simple-rnn", "grade": true, "points": 10}
check(SimpleRNN)
### BEGIN HIDDEN TESTS
check(SimpleRNN, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="about-lstm"
# ## LSTM
#
# The cell state $c$ of an LSTM runs through the whole sequence. The loop has to carry both states,
# $h$ and $c$, to the end.
#
# $$z = x_t W + h_{t-1} U + b, \qquad z = [\,z_i \;\; z_f \;\; z_c \;\; z_o\,]$$
#
# $$c_t = \sigma(z_f) \cdot c_{t-1} + \sigma(z_i) \cdot \tanh(z_c) \qquad\qquad
# h_t = \sigma(z_o) \cdot \tanh(c_t)$$

# %% [markdown] id="lstm-exercise"
# ### Exercise: write LSTM
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●●● (5 of 5) · 10 minutes · 10 points
# >
# > **What is asked**
# >
# > - **shape** (1): one output, all outputs, or these and the last states, $h$ before $c$.
# > - **parameters** (2): `kernel` `(features, 4 × units)`, `recurrent_kernel` `(units, 4 × units)`,
# >   `bias` `(4 × units,)`. Only the total is judged, not the shapes.
# > - **output** (5): the formulas above, with the blocks in the order i, f, c, o, and all arguments
# >   of your RNN. `initial_state` is the list $h$, $c$. If something is wrong, the card says which
# >   output or state is wrong, and which gate, if it can tell.
# > - **mask** (1): with `return_sequences` the output carries the mask on, otherwise none.
# > - **gradient** (1): gradients reach the inputs and every weight.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.LSTM` and
# > `keras.layers.LSTMCell`, and TensorFlow's own (`tf.compat.v1.nn.rnn_cell`,
# > `tf.raw_ops.BlockLSTM`); nor `keras.layers.RNN`, also through its children, and the loops that
# > such layers are made of (inside Keras, and `tf.compat.v1.nn.dynamic_rnn`).
#
# <details><summary>The outputs are right, and last c is wrong</summary>
#
# The cell state never appears in the outputs, so a mistake in the loop can hide there. Is it held
# at a masked step, too?
# </details>


# %% nbgrader={"grade_id": "lstm", "solution": true}
### BEGIN SOLUTION
class LSTMCell(keras.layers.Layer):
    """One step of long short-term memory, with the states h and c."""

    def __init__(self, units):
        super().__init__()
        self.units, self.state_size = units, [units, units]

    def build(self, input_shape):
        features, units = input_shape[-1], self.units
        self.kernel = self.add_weight(name="kernel", shape=(features, 4 * units))
        self.recurrent_kernel = self.add_weight(
            name="recurrent_kernel", shape=(units, 4 * units), initializer="orthogonal"
        )
        self.bias = self.add_weight(name="bias", shape=(4 * units,), initializer="zeros")
        self.bias.assign(np.repeat([0.0, 1.0, 0.0, 0.0], units))

    def call(self, inputs, states):
        h, c = states
        total = ops.matmul(inputs, self.kernel) + ops.matmul(h, self.recurrent_kernel) + self.bias
        i, f, candidate, o = ops.split(total, 4, axis=-1)
        c = ops.sigmoid(f) * c + ops.sigmoid(i) * ops.tanh(candidate)
        h = ops.sigmoid(o) * ops.tanh(c)
        return h, [h, c]


### END SOLUTION
class LSTM(RNN):
    """Long short-term memory, taken along a sequence."""

    def __init__(self, units, **kwargs):
        ### BEGIN SOLUTION
        super().__init__(LSTMCell(units), **kwargs)
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-lstm", "grade": true, "points": 10}
check(LSTM)
### BEGIN HIDDEN TESTS
check(LSTM, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="about-gru"
# ## GRU
#
# A GRU has one state. The **update gate** $z$ decides how much of the old state is kept, and the
# **reset gate** $r$ how much of it goes into the candidate $\hat h$.
#
# $$z = \sigma(x W_z + h U_z + b_z) \qquad r = \sigma(x W_r + h U_r + b_r) \qquad
# h_t = z \cdot h_{t-1} + (1 - z) \cdot \hat h$$
#
# There are two forms: the reset gate is applied after or before the product with $U_h$.
#
# $$\text{after:}\quad \hat h = \tanh\big(x W_h + b_{1h} + r \cdot (h U_h + b_{2h})\big)
# \qquad\qquad \text{before:}\quad \hat h = \tanh\big(x W_h + b_h + (r \cdot h)\, U_h\big)$$

# %% [markdown] id="gru-exercise"
# ### Exercise: write GRU
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●●○ (4 of 5) · 10 minutes · 10 points
# >
# > **What is asked**
# >
# > - **shape** (1): one output, all outputs, or these and the last state.
# > - **parameters** (2): `kernel` `(features, 3 × units)`, `recurrent_kernel` `(units, 3 × units)`,
# >   and `bias`: `(2, 3 × units)` with `reset_after=True`, `(3 × units,)` without. Only the total
# >   is judged, not the shapes.
# > - **output** (5): the formulas above in both forms, with the blocks in the order z, r, h, and
# >   all arguments of your RNN.
# > - **mask** (1): with `return_sequences` the output carries the mask on, otherwise none.
# > - **gradient** (1): gradients reach the inputs and every weight.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.GRU` and `keras.layers.GRUCell`,
# > and TensorFlow's own (`tf.compat.v1.nn.rnn_cell`, `tf.raw_ops.GRUBlockCell`); nor
# > `keras.layers.RNN`, also through its children, and the loops that such layers are made of
# > (inside Keras, and `tf.compat.v1.nn.dynamic_rnn`).
#
# <details><summary>It is right in one of the two forms</summary>
#
# Check your cell alone, in unit 09: what does the card say there?
# </details>


# %% nbgrader={"grade_id": "gru", "solution": true}
### BEGIN SOLUTION
class GRUCell(keras.layers.Layer):
    """One step of a gated recurrent unit, in both of its forms."""

    def __init__(self, units, reset_after):
        super().__init__()
        self.units, self.reset_after = units, reset_after
        self.state_size = units

    def build(self, input_shape):
        features, units = input_shape[-1], self.units
        self.kernel = self.add_weight(name="kernel", shape=(features, 3 * units))
        self.recurrent_kernel = self.add_weight(
            name="recurrent_kernel", shape=(units, 3 * units), initializer="orthogonal"
        )
        shape = (2, 3 * units) if self.reset_after else (3 * units,)
        self.bias = self.add_weight(name="bias", shape=shape, initializer="zeros")

    def call(self, inputs, states):
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
class GRU(RNN):
    """Gated recurrent units, taken along a sequence."""

    def __init__(self, units, reset_after=True, **kwargs):
        ### BEGIN SOLUTION
        super().__init__(GRUCell(units, reset_after), **kwargs)
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-gru", "grade": true, "points": 10}
check(GRU)
### BEGIN HIDDEN TESTS
check(GRU, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="why-the-simple-one-forgets"
# ## Why the simple layer forgets
#
# How can a network learn that the *first* step mattered, if the error appears only at the end? The
# gradient has to go back through all steps. This is **backpropagation through time**: unroll the
# layer, then do ordinary backpropagation through all the copies of the cell. At each step of a
# simple cell, the gradient is multiplied by $U$ and by the slope of tanh, which is at most 1.

# %% id="why-the-simple-one-forgets-experiment" tags=["experiment"]
recurrent.draw_back_in_time().show()

# %% [markdown] id="why-the-simple-one-forgets-text"
# Multiply a number below 1 by itself forty times, and almost nothing is left. Do the same with a
# number above 1, and the result is huge. These are the **vanishing gradient** and the **exploding
# gradient**. Sepp Hochreiter described them in 1991, in his diploma thesis.
#
# Here you can see them in your own layers. Each layer reads 40 random steps, without any training.
# How much would the last output change if one of the inputs changed a little? In some of the layers
# we change a weight first: the recurrent kernel $U$ becomes smaller or larger, or the forget gate
# of the LSTM gets a bias of 5.


# %% id="why-the-simple-one-forgets-experiment-2" tags=["experiment"]
def reach(make, change, steps=40, tries=2):
    """Length of the gradient from the last output to each of the inputs; the last one is 1."""
    lengths = []
    for seed in range(tries):
        keras.utils.set_random_seed(seed)
        layer = make(32)
        inputs = tf.random.stateless_normal((8, steps, 6), (seed, 1))
        layer(inputs[:, :1])
        change({tuple(weight.shape): weight for weight in layer.weights})
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            output = tf.reduce_sum(layer(inputs), axis=0)
        gradient = tf.norm(tape.gradient(output, inputs), axis=-1)
        lengths.append(tf.reduce_mean(gradient, axis=0).numpy())
    mean = np.mean(lengths, axis=0)
    return mean / mean[-1]


def nothing(weights):
    """Leave a layer as it starts."""


def times(factor):
    """Make the recurrent kernel larger or smaller."""

    def change(weights):
        weights[32, 32].assign(factor * weights[32, 32])

    return change


def forget_bias(bias):
    """Give the forget gate of an LSTM this bias."""

    def change(weights):
        weights[4 * 32,].assign(np.repeat([0.0, bias, 0.0, 0.0], 32))

    return change


layers = {
    "SimpleRNN, U halved": (SimpleRNN, times(0.5)),
    "SimpleRNN": (SimpleRNN, nothing),
    "SimpleRNN, U times 2.5": (SimpleRNN, times(2.5)),
    "LSTM": (LSTM, nothing),
    "LSTM, forget bias 5": (LSTM, forget_bias(5.0)),
}
gradients = {name: reach(*both) for name, both in layers.items()}
left = {name: gradient[0] for name, gradient in gradients.items()}

# %% id="forgets-plot" tags=["experiment"] jupyter={"source_hidden": true}
figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
colors = ("#56b4e9", "#0072b2", "#cc79a7", "#e69f00", "#d55e00")
styles = (":", "--", "-o", "-.", "-")
for (name, gradient), color, style in zip(gradients.items(), colors, styles, strict=True):
    axes.plot(np.arange(-39, 1), gradient, style, color=color, lw=2, ms=3, label=name)
axes.set(yscale="log", xlabel="input, counted from the last")
axes.set(ylabel="gradient, the last being 1", title="How far back does a gradient reach?")
axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
show(
    figure,
    "Length of the gradient that reaches each of the last 40 inputs, on a logarithmic scale. It is "
    "1 at the last input; at the first it is "
    + ", ".join(f"{value:.0e} for {name}" for name, value in left.items())
    + ".",
)

# %% [markdown] id="a-bias-text"
# Each curve is nearly a straight line. On this scale that means: nearly the same factor at each
# step. The simple layer does rather well at the start, because Keras starts $U$ as a rotation,
# which changes no lengths. But training changes $U$, and then a slightly smaller or larger $U$ is
# enough to lose the gradient or to let it explode.
#
# The gates do not change the law. As it starts, the LSTM even does worse than the simple layer. But
# its factor is the forget gate, and a gate can be *learned*, for each unit separately. If an LSTM
# opens its forget gate, or a GRU its update gate, the factor comes close to 1 and the gradient
# survives.
#
# ### Change it: one bias
#
# The forget gate is $\sigma(z_f)$. With a bias of 1 and everything else at 0, it is $\sigma(1) =
# 0.73$; with a bias of 5 it is $\sigma(5) = 0.993$. **Before you run the cell**, predict: how much
# of the gradient is left after 39 steps, with a bias of 1, of 3, and of 5? A pocket calculator is
# enough.

# %% id="change-it-experiment" tags=["experiment"]
for bias in (1.0, 3.0, 5.0):  # change these numbers
    gate = 1 / (1 + np.exp(-bias))
    measured = reach(LSTM, forget_bias(bias))[0]
    print(f"bias {bias:g}: the gate is {gate:.3f}, to the power of 39 {gate**39:.0e}", end="; ")
    print(f"measured in your LSTM: {measured:.0e}", flush=True)

# %% [markdown] id="change-it-text"
# With a larger bias more is left, as the powers say. But what you measured is several times as
# large, and with a bias of 1 even more than ten times: the inputs move the gate up and down, and
# part of the gradient goes through $h$.
#
# **Try:** a bias of 8, and of −1. Which one would you give to a layer that should remember one
# thing for a thousand steps? (Jozefowicz and others compared many recurrent cells in 2015 and
# recommended a forget bias of 1 for every LSTM; Keras follows them.)
#
# ## A task that needs a memory
#
# Does this matter in practice? Here is a task that needs nothing but a memory. A layer reads 100
# steps. At the first one it gets one of four letters. All the others bring random numbers, which
# mean nothing. At the end it must say which letter came first. A guess is right one time in four.
#
# Three layers of 24 units learn from the same 2000 sequences: a simple one, a GRU as Keras starts
# it, and a GRU whose update gates get a bias of 4, so that it starts by remembering. We use Keras's
# own layers here, because yours unroll 100 steps and would take longer to start. (The cell takes
# about fifteen seconds; a line appears after each layer.)

# %% id="memory-experiment" tags=["experiment"]
STEPS, UNITS = 100, 24


def recall_task(count, seed):
    """Sequences that begin with one of four letters and go on with noise, and the letters."""
    random = np.random.default_rng(seed)
    letters = random.integers(4, size=count)
    steps = np.zeros((count, STEPS, 8), "float32")
    steps[:, 0, :4] = np.eye(4)[letters]
    steps[:, 1:, 4:] = 2 * random.normal(size=(count, STEPS - 1, 4))
    return steps, letters


def open_gate(layer, bias):
    """Give the gate that keeps the state this bias: the update gate, or the forget gate."""
    rows = np.zeros(layer.cell.bias.shape, "float32")
    if isinstance(layer, keras.layers.GRU):
        rows[0, :UNITS] = bias  # blocks z, r, h; the second row is for the product of the state
    else:
        rows[UNITS : 2 * UNITS] = bias  # blocks i, f, c, o
    layer.cell.bias.assign(rows)


def recall(layer, bias=None, seed=0, epochs=4):
    """Train a layer on the task: its share of right answers on new sequences."""
    keras.utils.set_random_seed(seed)
    layer = layer(UNITS)
    model = keras.Sequential([keras.Input((STEPS, 8)), layer, keras.layers.Dense(4)])
    if bias is not None:
        open_gate(layer, bias)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.02), loss=loss, jit_compile=True)
    model.fit(*recall_task(2000, 0), batch_size=50, epochs=epochs, verbose=0)
    steps, letters = recall_task(500, 1)
    return float(np.mean(ops.argmax(model(steps), axis=1) == letters))


runs = {
    "SimpleRNN": (keras.layers.SimpleRNN, None),
    "GRU": (keras.layers.GRU, None),
    "GRU, update bias 4": (keras.layers.GRU, 4.0),
}
recalled = {}
for name, (layer, bias) in runs.items():
    recalled[name] = recall(layer, bias)
    print(f"{name:>20}: right on {recalled[name]:4.0%} of new sequences", flush=True)

# %% [markdown] id="memory-text"
# Gates alone are not enough: with its usual bias, the GRU forgets as the simple layer does. The GRU
# that *starts* by remembering finds the letter a hundred steps back. It only had to learn which
# inputs to ignore.
#
# **Try:** set `STEPS` to 10 and run the cell again. Is the simple layer enough now? Where does it
# begin to fail? Or try an LSTM with a forget bias of 5: `recall(keras.layers.LSTM, 5.0, epochs=8)`.
#
# ## GRU or LSTM?
#
# A GRU has three blocks of weights and an LSTM has four. The source chapter says that the GRU has
# fewer parameters and trains faster. The next cell counts the parameters and measures the time of
# one training step.


# %% id="cost-experiment" tags=["experiment"]
def step_time(name, units=128, steps=20, tries=6):
    """Parameters of a layer, and milliseconds for a training step: the best of several."""
    layer = getattr(keras.layers, name)(units)
    model = keras.Sequential([keras.Input((steps, 16)), layer, keras.layers.Dense(1)])
    model.compile("adam", loss="mse", jit_compile=False)
    inputs = np.random.default_rng(0).normal(size=(64, steps, 16)).astype("float32")
    times = []
    for _ in range(tries + 1):
        start = time.perf_counter()
        model.train_on_batch(inputs, inputs[:, 0, :1])
        times.append(time.perf_counter() - start)
    return layer.count_params(), 1000 * min(times[1:])  # the first step builds the graph


costs = {name: step_time(name) for name in ("SimpleRNN", "GRU", "LSTM")}
for name, (parameters, milliseconds) in costs.items():
    print(f"{name:>9}: {parameters:6} parameters, {milliseconds:4.0f} ms for a training step")
fewer, quicker = (gru / lstm for gru, lstm in zip(costs["GRU"], costs["LSTM"], strict=True))
print(f"Beside the LSTM, the GRU has {fewer:.2f} times the parameters,")
print(f"and here a step takes {quicker:.2f} times as long.")

# %% [markdown] id="cost-text"
# The parameters are always the same. The time depends on your computer, on the number of units, and
# on how the loop is carried out: on a graphics card it may come out differently.
#
# **Try:** `step_time(name, units=16)`. Does the time shrink as much as the number of weights?
#
# ## A curve that everybody knows
#
# Since March 1958 the carbon dioxide in the air has been measured on the volcano Mauna Loa, on
# Hawaii. From spring to autumn the plants of the northern hemisphere take up more of it than they
# give off, and the curve falls. From autumn to spring it rises. And from year to year there is
# more.
#
# Your SimpleRNN and your GRU get the changes of the last 13 months, from month to month, and
# forecast the next change. They learn from the years before 1990. We compare them with three rules
# that need no network: "nothing changes", "the same as a year ago", and "the mean of this month in
# all the years before 1990". (The cell takes about ten seconds.)

# %% id="a-curve-that-everybody-knows-experiment" tags=["experiment"]
air = load("co2")
whole = np.flatnonzero(np.isnan(air["co2"]))[-1] + 1  # no month is missing after this one
when, ppm = (air["year"] + (air["month"] - 0.5) / 12)[whole:], air["co2"][whole:]
change = np.diff(ppm)
WINDOW = 13
past = np.stack([change[i : i + WINDOW] for i in range(len(change) - WINDOW)])[..., None]
following = change[WINDOW:, None]
known = when[WINDOW + 1 :] < 1990
start = int(np.argmin(known)) + WINDOW  # the first change that was not learned from
month = np.arange(len(change)) % 12
usual = np.array([change[:start][month[:start] == m].mean() for m in range(12)])


def forecaster(layer):
    """The layer and a Dense layer for one number, trained on the years before 1990."""
    keras.utils.set_random_seed(2)
    model = keras.Sequential([keras.Input((WINDOW, 1)), layer, keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.01), loss="mse", jit_compile=False)
    model.fit(past[known], following[known], batch_size=50, epochs=12, verbose=0)
    return model


def error(guess):
    """Typical error in the years that were not learned from, in ppm."""
    return float(np.sqrt(np.mean((guess - following[~known]) ** 2)))


errors = {
    "nothing changes": error(0),
    "as a year ago": error(past[~known][:, -12]),
    "the month's mean": error(usual[month[WINDOW:]][~known][:, None]),
}
models = {}
for name, layer in (("SimpleRNN", SimpleRNN(16)), ("GRU", GRU(16))):
    models[name] = forecaster(layer)
    errors[name] = error(models[name](past[~known]).numpy())
for name, value in errors.items():
    print(f"{name:>16}: typical error {value:.2f} ppm")

# %% [markdown] id="a-curve-that-everybody-knows-text"
# Here the gates win nothing. Thirteen steps are few, the simple layer is enough, and even it does
# not beat the mean of the month. A recurrent layer pays where the memory is long or the rule is not
# known. Always compare it with a rule that costs nothing.
#
# One month ahead is easy. Now the GRU continues alone: it forecasts a month, takes its own forecast
# as if it were a measurement, forecasts the next month, and so on for twelve years. From 1990 on it
# never sees a measurement again.

# %% id="a-curve-that-everybody-knows-experiment-2" tags=["experiment"]
say = tf.function(models["GRU"], autograph=False)


def continued(rule):
    """The curve from 1990 on, if each change comes from a rule and goes into the next window."""
    memory = list(change[start - WINDOW : start])
    for place in range(start, len(change)):
        memory.append(rule(np.array(memory[-WINDOW:], "float32"), place))
    return ppm[start] + np.cumsum(memory[WINDOW:])


curves = {
    "GRU": continued(lambda window, place: float(say(window[None, :, None])[0, 0])),
    "as a year ago": continued(lambda window, place: window[-12]),
    "the month's mean": continued(lambda window, place: usual[month[place]]),
}
measured = ppm[start + 1 :]
off = {name: float(np.sqrt(np.mean((c - measured) ** 2))) for name, c in curves.items()}
ranked = sorted(off, key=off.get)
told = ", ".join(f"{name} {off[name]:.1f} ppm" for name in ranked)
print(f"Typical distance from the measured curve in twelve years:\n{told}.")
worse = "better than both rules" if ranked[0] == "GRU" else f"worse than {ranked[0]!r}"
print(f"Alone, this GRU is {worse}.")

# %% id="continued-plot" tags=["experiment"] jupyter={"source_hidden": true}
figure, axes = plt.subplots(figsize=(9, 3.8), layout="constrained")
axes.plot(when, ppm, color="#68737f", lw=1.2, label="measured")
for (name, curve), color in zip(curves.items(), ("#d55e00", "#0072b2", "#009e73"), strict=True):
    axes.plot(when[start + 1 :], curve, color=color, lw=1.3, label=f"{name}, alone since 1990")
axes.axvline(1990, color="#68737f", lw=0.8, ls=":")
axes.set(xlabel="year", ylabel="carbon dioxide, ppm", title="Mauna Loa", xlim=(1980, None))
axes.set(ylim=(330, None))
axes.legend(frameon=False)
show(
    figure,
    "Carbon dioxide over Mauna Loa from 1980 to 2001: a curve that rises, with one wave in each "
    "year. From 1990 on, three more curves that continue it alone. Typical distance from the "
    f"measured curve: {told}. At the end the measured one is at {ppm[-1]:.0f} ppm, "
    + ", ".join(f"{name} at {curve[-1]:.0f}" for name, curve in curves.items())
    + ".",
)

# %% [markdown] id="continued-text"
# Each of the three curves has a wave in every year, at the right time. They differ in the rise from
# year to year: a small error in the mean change adds up over 140 months.
#
# **Try:** `SimpleRNN` instead of the GRU in `say`, or another seed in `forecaster`. How much does
# the end of the curve depend on the seed?

# %% [markdown] id="a-machine-that-invents-names"
# ## A machine that invents names
#
# A network that predicts the next letter can write. It gives a probability for each letter that may
# begin a name. We draw one of them at random, feed it back in, and ask for the next letter. Andrej
# Karpathy wrote in 2015 about the *unreasonable effectiveness* of recurrent networks that do this.
#
# The names are those of unit 09. The number 27 stands before the first letter and after the last:
# the network has to know where a name begins, and must be able to end it. Padding is 0, and the
# Embedding masks it. Your GRU passes the mask on, so padding does not count in the loss.
#
# In training, the network gets the *true* letters so far at every step, not its own guesses. This
# is **teacher forcing**: all steps of a name are trained at once.
#
# How good is such a network? Its loss is the **cross-entropy**, the mean of $-\ln p$, where $p$ is
# the probability that it gave to the true next letter. The **perplexity** is $e^{\text{loss}}$. A
# perplexity of 6 means: as unsure as a choice among 6 equally likely letters. (The cell takes about
# ten seconds.)

# %% id="a-machine-that-invents-names-experiment" tags=["experiment"]
names = load("names")["first"]
LENGTH, EDGE = 12, 27
rows = np.zeros((len(names), LENGTH + 2), "int32")
for row, name in zip(rows, names, strict=True):
    letters = [ord(letter) - ord("a") + 1 for letter in name[:LENGTH]]
    row[: len(letters) + 2] = [EDGE, *letters, EDGE]

keras.utils.set_random_seed(5)
writer = keras.Sequential(
    [
        keras.Input((LENGTH + 1,), dtype="int32"),
        keras.layers.Embedding(28, 16, mask_zero=True),
        GRU(64, return_sequences=True),
        keras.layers.Dense(28),
    ]
)
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
writer.compile(keras.optimizers.Adam(0.008), loss=loss, jit_compile=False)


class Tell(keras.callbacks.Callback):
    """Say the perplexity after each epoch."""

    def on_epoch_end(self, epoch, logs):
        print(f"epoch {epoch + 1}: perplexity {np.exp(logs['loss']):.1f}", flush=True)


history = writer.fit(
    rows[:, :-1], rows[:, 1:], batch_size=100, epochs=5, verbose=0, callbacks=[Tell()]
)

# %% [markdown] id="a-machine-that-invents-names-text"
# The last Dense layer gives a number for each letter; softmax turns these **logits** into
# probabilities. If we first divide the logits by a **temperature** below 1, likely letters become
# even more likely, and the names become ordinary. Above 1, unlikely letters become more likely.

# %% id="a-machine-that-invents-names-experiment-2" tags=["experiment"]
quick_writer = tf.function(writer, autograph=False)


def invent(count, temperature, seed=0):
    """So many names, letter by letter."""
    random = np.random.default_rng(seed)
    text = np.zeros((count, LENGTH + 1), "int32")
    text[:, 0] = EDGE
    for place in range(LENGTH):
        logits = quick_writer(text).numpy()[:, place] / temperature
        logits[:, 0] = -np.inf  # no padding inside a name
        probabilities = np.exp(logits - logits.max(axis=1, keepdims=True))
        probabilities /= probabilities.sum(axis=1, keepdims=True)
        text[:, place + 1] = [random.choice(28, p=row / row.sum()) for row in probabilities]
    return ["".join(map(letter, row[1:])).partition(".")[0] for row in text]


def letter(number):
    """A letter for its number, and a dot for the edge of a name."""
    return "." if number in (0, EDGE) else chr(ord("a") + number - 1)


real = set(names)
for temperature in (0.3, 0.7, 1.0, 1.5):
    invented = invent(100, temperature)
    found = np.mean([name in real for name in invented])
    new = [name for name in invented if name and name not in real]
    print(f"temperature {temperature}: {found:4.0%} are in the census. Some that are not:")
    print("   ", ", ".join(new[:9]))

# %% [markdown] id="a-machine-that-invents-names-text-2"
# **Try:** other temperatures. At which one would you look for a name for a character in a novel?
#
# What has the network learned? We ask what may come next after a few letters.

# %% id="a-machine-that-invents-names-experiment-3" tags=["experiment"]
figure, panels = plt.subplots(1, 4, figsize=(10, 2.8), sharey=True, layout="constrained")
said = []
for panel, begun in zip(panels, ("q", "ch", "mar", "eliza"), strict=True):
    text = np.zeros((1, LENGTH + 1), "int32")
    text[0, : len(begun) + 1] = [EDGE, *(ord(c) - ord("a") + 1 for c in begun)]
    probabilities = keras.ops.softmax(writer(text)[0, len(begun)]).numpy()
    best = np.argsort(-probabilities)[:6]
    panel.bar(range(6), probabilities[best], color="#0072b2")
    panel.set_xticks(range(6), [letter(number) for number in best], fontsize=12)
    panel.set(title=f"{begun} …", ylim=(0, 1))
    said.append(f"{letter(best[0])} after {begun} with {probabilities[best[0]]:.0%}")
panels[0].set_ylabel("probability")
show(
    figure,
    "What the network expects next after the letters q, ch, mar and eliza; a dot is the end of the "
    f"name. The likeliest are {', '.join(said)}.",
)

# %% [markdown] id="what-do-you-see"
# ### What do you see?
#
# Look at the numbers, the curves and the names, and answer in a few sentences. (3 points, read by
# your instructor.)
#
# 1. In the picture of the gradients, why is a *larger* recurrent kernel no cure for a gradient that
#    vanishes?
# 2. The GRU continued the curve alone for twelve years. Which did it learn better: the wave within
#    a year, or the rise from year to year? How can you tell?
# 3. Names become stranger as the temperature rises. What would the machine write at a temperature
#    near 0, if you asked it for a hundred names, and why?

# %% [markdown] nbgrader={"grade_id": "question", "grade": true, "solution": true, "points": 3}
# ### BEGIN SOLUTION
# 1. It changes the factor of each step, but the gradient is still a product of many factors: what
#    does not vanish then explodes, or tanh is driven to its ends, where its slope is nearly zero.
#    (One point.) No size of $U$ is right for all sequences and for the whole training.
# 2. Any answer that is read off the picture. (One point.) Usually: each year of the GRU's curve has
#    its wave, at the right time and about as high as the measured one, while the rise differs from
#    the measured one; a small error in the mean change adds up.
# 3. The same name a hundred times: the likeliest letter always wins, and nothing is left to chance.
#    (One point.)
# ### END SOLUTION

# %% [markdown] id="mended-lstm-cell-exercise"
# ### Exercise: find and mend the fault in LSTMCell
#
# > Difficulty ●●●○○ (3 of 5) · Importance ●●●●○ (4 of 5) · 12 minutes · 3 points
# >
# > Below is the LSTMCell of unit 09. **One thing in it is wrong.** Run the check first: the card
# > shows where the fault comes out. Then find the fault and mend it. Change as little as you can.
# >
# > The cell is examined like your `LSTMCell` in unit 09. It earns its points when everything is
# > right, and nothing before: most of it is right already.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.LSTM` and
# > `keras.layers.LSTMCell`, and TensorFlow's own (`tf.compat.v1.nn.rnn_cell`,
# > `tf.raw_ops.BlockLSTM`).
#
# **How to find a fault.** Read the card first: a row that is right tells you which lines you need
# not read. An LSTM has several parts in its answer. Which part is wrong, and which is right? Then
# follow one number through two steps in a row: what one step hands on, the next step reads.
#
# <details><summary>Which part of the answer is wrong?</summary>
#
# The card says it. Does the output come out right at the first step? And the states that the cell
# hands on?
# </details>
#
# <details><summary>The output is right, and the states are wrong</summary>
#
# Keras gives the states to the cell in the order in which the cell has returned them. Look at the
# first line of `call`, then at the last.
# </details>


# %% nbgrader={"grade_id": "mended-lstm-cell", "solution": true}
class MendedLSTMCell(keras.layers.Layer):
    """One step of long short-term memory, with the states h and c: one fault."""

    def __init__(self, units, unit_forget_bias=True, **kwargs):
        super().__init__(**kwargs)
        self.units, self.unit_forget_bias = units, unit_forget_bias
        self.state_size = [units, units]

    def build(self, input_shape):
        width = 4 * self.units
        self.kernel = self.add_weight(name="kernel", shape=(input_shape[-1], width))
        shape = (self.units, width)
        self.recurrent_kernel = self.add_weight(
            name="recurrent_kernel", shape=shape, initializer="orthogonal"
        )
        self.bias = self.add_weight(name="bias", shape=(width,), initializer="zeros")
        if self.unit_forget_bias:
            self.bias.assign(np.repeat([0.0, 1.0, 0.0, 0.0], self.units))

    def call(self, inputs, states):
        h, c = states
        total = ops.matmul(inputs, self.kernel) + ops.matmul(h, self.recurrent_kernel) + self.bias
        i, f, candidate, o = ops.split(total, 4, axis=-1)
        c = ops.sigmoid(f) * c + ops.sigmoid(i) * ops.tanh(candidate)
        h = ops.sigmoid(o) * ops.tanh(c)
        ### BEGIN SOLUTION
        return h, [h, c]
        ### GIVEN
        # return h, [c, h]
        ### END SOLUTION


# %% nbgrader={"grade_id": "check-mended-lstm-cell", "grade": true, "points": 3}
check(MendedLSTMCell)
### BEGIN HIDDEN TESTS
check(MendedLSTMCell, hidden=True)
### END HIDDEN TESTS

# %% [markdown] id="what-you-have-now"
# ## What you have now
#
# | layer | what it does | parameters |
# |---|---|---|
# | RNN | uses a cell, or a stack of cells, for each step; holds at masked steps | the cell's |
# | SimpleRNN | one hidden state, made anew at each step | `(features + units + 1) × units` |
# | LSTM | a cell state that gates keep or change | four times that |
# | GRU | one hidden state, mixed by a gate | three times that; more biases with `reset_after` |
#
# A simple layer is enough where a few steps matter. Gates help if something must be kept for long,
# and if their bias lets it pass from the start. The next unit builds three more layers on these.
#
# ## References
#
# - J. L. Elman (1990), *Finding Structure in Time*, Cognitive Science 14, 179-211,
#   doi:10.1207/s15516709cog1402_1 (the simple recurrent network).
# - P. J. Werbos (1990), *Backpropagation Through Time: What It Does and How to Do It*, Proceedings
#   of the IEEE 78, 1550-1560, doi:10.1109/5.58337.
# - S. Hochreiter (1991), *Untersuchungen zu dynamischen neuronalen Netzen*, diploma thesis,
#   Technische Universität München.
# - Y. Bengio, P. Simard, P. Frasconi (1994), *Learning Long-Term Dependencies with Gradient Descent
#   is Difficult*, IEEE Transactions on Neural Networks 5, 157-166, doi:10.1109/72.279181.
# - S. Hochreiter, J. Schmidhuber (1997), *Long Short-Term Memory*, Neural Computation 9, 1735-1780,
#   doi:10.1162/neco.1997.9.8.1735; the forget gate came with F. A. Gers, J. Schmidhuber,
#   F. Cummins (2000), *Learning to Forget: Continual Prediction with LSTM*, Neural Computation 12,
#   2451-2471, doi:10.1162/089976600300015015.
# - K. Cho and others (2014), *Learning Phrase Representations using RNN Encoder-Decoder for
#   Statistical Machine Translation*, arXiv:1406.1078 (GRU).
# - R. Jozefowicz, W. Zaremba, I. Sutskever (2015), *An Empirical Exploration of Recurrent Network
#   Architectures*, ICML, PMLR 37, 2342-2350 (the bias of the forget gate).
# - R. J. Williams, D. Zipser (1989), *A Learning Algorithm for Continually Running Fully Recurrent
#   Neural Networks*, Neural Computation 1, 270-280, doi:10.1162/neco.1989.1.2.270 (teacher
#   forcing).
# - A. Karpathy (2015), *The Unreasonable Effectiveness of Recurrent Neural Networks*,
#   <https://karpathy.github.io/2015/05/21/rnn-effectiveness/>.
# - C. D. Keeling and others (1976), *Atmospheric Carbon Dioxide Variations at Mauna Loa
#   Observatory, Hawaii*, Tellus 28, 538-551, doi:10.1111/j.2153-3490.1976.tb00701.x.
