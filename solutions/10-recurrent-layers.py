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
# A cell takes one step. A **recurrent layer** takes the walk: it leads a cell along a sequence,
# step by step, and carries the state from one to the next.
#
# In this unit you write that loop, with all that belongs to it: padding that must be passed over, a
# walk from the end to the beginning, cells that stand on each other's shoulders. Put your cells
# from unit 09 into it, and you have SimpleRNN, LSTM and GRU. Then they go to work: they will carry
# on a famous curve, and invent names for people who are not yet born.

# %% id="imports"
# The grader comes first: it loads Keras and TensorFlow without the lines that they write meanwhile.
from grader import check

import keras
import numpy as np
from keras import ops

# %% id="start-experiment" tags=["experiment"]
import matplotlib.pyplot as plt
import tensorflow as tf

from grader.data import load
from grader.pictures import recurrent, show

# %% [markdown] id="the-loop"
# ## The loop
#
# Here is the whole idea. There is only *one* cell; it is drawn four times because it is used four
# times. What comes in from the left is what the step before has left.

# %% id="the-loop-experiment" tags=["experiment"]
recurrent.draw_loop().show()

# %% [markdown] id="the-loop-text"
# $$y_t, s_t = \mathrm{cell}(x_t, s_{t-1}) \qquad t = 1, \dots, T$$
#
# What comes back is a matter of two switches.
#
# | | `return_state=False` | `return_state=True` |
# |---|---|---|
# | `return_sequences=False` | the last output | the last output, then the last states |
# | `return_sequences=True` | all outputs | all outputs, then the last states |
#
# The last output alone suits a layer that is to judge a whole sequence: is this a first name or a
# family name? All outputs suit the next recurrent layer, which wants a sequence again. The states
# suit whoever wants to go on later from where this layer has stopped: they can be given to another
# call as `initial_state`.
#
# How many states there are, the cell decides. SimpleRNN and GRU have one, which is $h$; LSTM has
# two, $h$ and then $c$.

# %% [markdown] id="rnn-shape-exercise"
# ### Exercise: predict the shapes of a recurrent layer
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●●○ (4 of 5) · 5 minutes · 2 points
# >
# > `layer` is "SimpleRNN", "LSTM" or "GRU". With this many units, and with these two switches, it
# > gets an input of shape `input_shape`, which is `(batch, time, features)`. Return the shape of
# > the output; with `return_state=True`, return the list of all shapes that come back, in order.
#
# <details><summary>It is right without return_state</summary>
#
# How many states does this layer have? And do they belong to one step, or to all of them?
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
# ### Steps that do not count
#
# Sequences have different lengths and arrays do not, so the shorter ones are filled up. A **mask**,
# of shape `(batch, time)`, says True where a step is real and False where it is not. What shall the
# loop do where it is False? Nothing: it **holds**. The state stays as it was, and so does the
# output.
#
# Take the simplest cell of all, which adds up what it reads. It reads 1, then 2, then a 7 that is
# only padding, then 4.

# %% id="steps-that-do-not-count-experiment" tags=["experiment"]
recurrent.draw_masked().show()

# %% [markdown] id="from-the-end-to-the-beginning"
# Each sample has a mask of its own, and in one step some samples are real and others are not. So
# no `if` can decide. Compute the step for all of them, then choose place by place between new and
# old: `ops.where(condition, new, old)`. If the very first step is masked, the state that is held is
# the one that the loop began with, and the output is zero.
#
# With `return_sequences=True` the output has a step for each step of the inputs, and the next layer
# must skip the same ones. So the layer hands the mask on, in `compute_mask(inputs, mask)`. Where
# only the last output is left there is no time any more, and no mask: `None`.
#
# **Do you have Keras 3.16 or later?** There the recurrent layers of Keras no longer hand the mask
# on, not even with `return_sequences`. This course is judged with Keras 3.15.1, in which they do;
# with another version the card says so, and how to get this one.
#
# ### From the end to the beginning
#
# With `go_backwards=True` the loop reads the last input first.

# %% id="from-the-end-to-the-beginning-experiment" tags=["experiment"]
recurrent.draw_backwards().show()

# %% [markdown] id="a-stack-of-cells"
# The outputs stay in the order in which they were *made*: the first of them belongs to the last
# input. (Whoever wants them side by side with the inputs has to turn them round.) And whoever reads
# the inputs from the end has to read the mask from the end too.
#
# ### A stack of cells
#
# `RNN` also takes a list of cells. Then a step is a small tower: the output of the first cell is
# the input of the second, and each cell has states of its own.

# %% id="a-stack-of-cells-experiment" tags=["experiment"]
recurrent.draw_stack().show()

# %% [markdown] id="rnn-exercise"
# ### Exercise: write RNN
#
# > Difficulty ●●●●○ (4 of 5) · Importance ●●●●● (5 of 5) · 40 minutes · 10 points
# >
# > `cell` is a cell, or a list of cells. It may be one of Keras's or one that somebody wrote, such
# > as yourself in unit 09: all that you know of it is `state_size` (a number, or a list or a tuple
# > of numbers) and that `cell(inputs, states)` gives an output and the list of new states. Some
# > cells have `get_initial_state(batch_size=...)`, and some have not: these begin with zeros.
# >
# > **What is asked**
# >
# > - **shape** (1): one output, or an output and then each of the last states, also while the batch
# >   size is unknown. (You may take it that the number of steps is known.)
# > - **parameters** (1): those of the cell, or of all the cells. The layer has none of its own.
# > - **output** (6): with one cell, with a list of cells, with `go_backwards`, with a `mask`, and
# >   with an `initial_state`, which is a list of states. At a masked step, output and states are
# >   held. Outputs and states are judged one by one.
# > - **mask** (1): with `return_sequences` the output carries the mask that came with the inputs;
# >   else it carries none.
# > - **gradient** (1): gradients reach the inputs and every weight.
# >
# > Not tried: `return_state` or `initial_state` together with a list of cells; an `initial_state`
# > that is one tensor without a list, which Keras takes too (`keras.tree.flatten` makes a list of
# > either, while `list(tensor)` makes a list of its rows). Not allowed, in any copy of Keras or
# > TensorFlow: `keras.layers.RNN`, also through its children, and the loops that such layers are
# > made of (inside Keras, and `tf.compat.v1.nn.dynamic_rnn`); nor `keras.layers.StackedRNNCells`.
#
# <details><summary>I do not know where to begin</summary>
#
# Begin with one cell, no mask and no switches: the states before the first step, a `for` over
# `range(inputs.shape[1])`, and `ops.stack` for the outputs. Then run the check, and let the card
# tell you what to do next. The list of cells comes last.
# </details>
#
# <details><summary>My code crashes because the batch size is None</summary>
#
# `inputs.shape[0]` is not known while a model is put together; `ops.shape(inputs)[0]` can be used
# all the same.
# </details>
#
# <details><summary>Which shapes have a mask at one step, and a state?</summary>
#
# `(batch,)` and `(batch, units)`. The mask needs one more axis, of length 1, to fit beside the
# state: `mask[:, t, None]`.
# </details>
#
# <details><summary>How do I hold several states?</summary>
#
# One after the other, in a loop over `zip(new, old)`. Where they are lists in lists,
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
# **Coming from TensorFlow 2?** There was a ready-made loop, `keras.backend.rnn`, and layers handed
# it a function for one step. It is gone from Keras 3; the loop that you have just written takes its
# place. Keras's own layers repeat the step inside a loop of TensorFlow, so that a sequence of a
# thousand steps makes no graph of a thousand copies. Yours makes the copies, which is just as right
# and easier to read.
#
# ## SimpleRNN, and what a loop costs
#
# `SimpleRNN(units)` is `RNN(SimpleRNNCell(units))`, and LSTM and GRU are made in the same way. A
# loop has nothing to learn. All that is learned lies in the cell, and the cell is one, however long
# the way.

# %% [markdown] id="recurrent-params-exercise"
# ### Exercise: predict the parameters of a recurrent layer
#
# > Difficulty ●●○○○ (2 of 5) · Importance ●●●○○ (3 of 5) · 5 minutes · 2 points
# >
# > `layer` is "SimpleRNN", "LSTM" or "GRU". How many parameters has it, with this many units, on
# > sequences of `time` steps with this many features? `reset_after` is for GRU alone: the others
# > take no notice of it.
#
# <details><summary>GRU is right in one of its two forms only</summary>
#
# With `reset_after=True` the product of the state has a bias of its own. GRU(2) on 4 features has
# 48 parameters in that form, and 42 in the other.
# </details>
#
# <details><summary>My count grows with time</summary>
#
# How many cells are there in the first picture: as many as there are drawn?
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
# Now build them. You have the loop, and from unit 09 you have the cells: copy each cell into the
# answer, above the layer. If you have none, go and write it there first, or write the step right
# here. The class below derives from your `RNN`, so that `__init__` may be all that is left to
# write. Is your RNN not right yet? Then derive from `keras.layers.Layer`, and write the loop and
# the step in one.
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
# > - **output** (5): the formula above, with `activation` (a name or a function) for tanh, and all
# >   that your RNN can do: `return_sequences`, `return_state`, `go_backwards`, `initial_state` (a
# >   list of one state) and `mask`.
# > - **mask** (1): with `return_sequences` the output carries the mask on, else none.
# > - **gradient** (1): gradients reach the inputs and every weight.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.SimpleRNN` and
# > `keras.layers.SimpleRNNCell`, and TensorFlow's own (`tf.compat.v1.nn.rnn_cell`,
# > `tf.raw_ops.CudnnRNN`); nor `keras.layers.RNN`, also through its children, and the loops that
# > such layers are made of (inside Keras, and `tf.compat.v1.nn.dynamic_rnn`).
#
# <details><summary>What do I do with return_sequences and the others?</summary>
#
# Nothing: they stand among the `**kwargs`, and your RNN takes them.
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
# The carry of an LSTM runs along the whole sequence, and the loop has to bring both its states to
# the end.
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
# > - **output** (5): the formulas above, with the blocks in the order i, f, c, o, and all that your
# >   RNN can do. `initial_state` is the list $h$, $c$. If something is wrong, the card says in
# >   which output or state, and in which gate where it can tell.
# > - **mask** (1): with `return_sequences` the output carries the mask on, else none.
# > - **gradient** (1): gradients reach the inputs and every weight.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.LSTM` and
# > `keras.layers.LSTMCell`, and TensorFlow's own (`tf.compat.v1.nn.rnn_cell`,
# > `tf.raw_ops.BlockLSTM`); nor `keras.layers.RNN`, also through its children, and the loops that
# > such layers are made of (inside Keras, and `tf.compat.v1.nn.dynamic_rnn`).
#
# <details><summary>The outputs are right, and last c is wrong</summary>
#
# The carry is never seen from outside, so a slip in the loop may hide there. Is it held at a masked
# step too?
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
# $$z = \sigma(x W_z + h U_z + b_z) \qquad r = \sigma(x W_r + h U_r + b_r) \qquad
# h_t = z \cdot h_{t-1} + (1 - z) \cdot \hat h$$
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
# >   all that your RNN can do.
# > - **mask** (1): with `return_sequences` the output carries the mask on, else none.
# > - **gradient** (1): gradients reach the inputs and every weight.
# >
# > Not allowed, in any copy of Keras or TensorFlow: `keras.layers.GRU` and `keras.layers.GRUCell`,
# > and TensorFlow's own (`tf.compat.v1.nn.rnn_cell`, `tf.raw_ops.GRUBlockCell`); nor
# > `keras.layers.RNN`, also through its children, and the loops that such layers are made of
# > (inside Keras, and `tf.compat.v1.nn.dynamic_rnn`).
#
# <details><summary>It is right in one of the two forms</summary>
#
# Check your cell by itself, in unit 09: what does the card say there?
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
# ## Why the simple one forgets
#
# How does a network learn that the *first* letter mattered, if the mistake is found at the end? The
# gradient has to walk all the way back, through the same cell again and again. At each step of a
# simple cell it is multiplied by $U$ and by the slope of tanh, which is 1 at most.

# %% id="why-the-simple-one-forgets-experiment" tags=["experiment"]
recurrent.draw_back_in_time().show()

# %% [markdown] id="why-the-simple-one-forgets-text"
# A number below 1, forty times multiplied by itself, is nothing; one above 1 is beyond all bounds.
# This is the **vanishing** (and the exploding) **gradient**, which Sepp Hochreiter described in
# 1991. Let us see it in your own layers. Each reads 40 random steps, untrained, and we ask how much
# the last output would change if an input changed a little, forty steps ago or just now. In some of
# them we have meddled with a weight first.


# %% id="why-the-simple-one-forgets-experiment-2" tags=["experiment"]
def reach(make, meddle, steps=40, tries=2):
    """Length of the gradient from the last output to each of the inputs; the last one is 1."""
    lengths = []
    for seed in range(tries):
        keras.utils.set_random_seed(seed)
        layer = make(32)
        inputs = tf.random.stateless_normal((8, steps, 6), (seed, 1))
        layer(inputs[:, :1])
        meddle({tuple(weight.shape): weight for weight in layer.weights})
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            output = tf.reduce_sum(layer(inputs), axis=0)
        gradient = tf.norm(tape.gradient(output, inputs), axis=-1)
        lengths.append(tf.reduce_mean(gradient, axis=0).numpy())
    mean = np.mean(lengths, axis=0)
    return mean / mean[-1]


def nothing(weights):
    """Leave a layer as Keras begins it."""


def times(factor):
    """Make the recurrent kernel larger or smaller."""

    def meddle(weights):
        weights[32, 32].assign(factor * weights[32, 32])

    return meddle


def open_gates(weights):
    """Let the forget gates of an LSTM stand wide open."""
    weights[4 * 32,].assign(np.repeat([0.0, 5.0, 0.0, 0.0], 32))


layers = {
    "SimpleRNN, U halved": (SimpleRNN, times(0.5), ":"),
    "SimpleRNN": (SimpleRNN, nothing, "--"),
    "SimpleRNN, U times 2.5": (SimpleRNN, times(2.5), "-o"),
    "LSTM": (LSTM, nothing, "-."),
    "LSTM, forget bias 5": (LSTM, open_gates, "-"),
}
figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
left = {}
for name, (make, meddle, style) in layers.items():
    gradient = reach(make, meddle)
    left[name] = gradient[0]
    axes.plot(np.arange(-39, 1), gradient, style, lw=2, ms=3, label=name)
axes.set(yscale="log", xlabel="input, counted from the last")
axes.set(ylabel="gradient, the last being 1", title="How far back does a gradient reach?")
axes.legend(frameon=False, ncols=2)
show(
    figure,
    "Length of the gradient that reaches each of the last 40 inputs, on a logarithmic scale. At "
    "the first input it is "
    + ", ".join(f"{value:.0e} for {name}" for name, value in left.items())
    + ", where it is 1 at the last.",
)

# %% [markdown] id="a-curve-that-everybody-knows"
# Each curve is nearly a straight line, which on this scale means: the same factor at each step. The
# simple layer gets away with it only because Keras lets $U$ begin as a rotation, and training will
# not leave it one.
#
# The gates do not repeal that law: the LSTM as it begins does worse. But they make the factor
# something that can be *learned*, for each unit by itself. Where an LSTM opens its forget gate, or
# a GRU its update gate, the factor comes close to 1, and the gradient passes.
#
# ## A curve that everybody knows
#
# Since March 1958 the air over the volcano Mauna Loa, on Hawaii, has been measured for carbon
# dioxide. In every spring the forests of the north breathe in, in every autumn they breathe out,
# and from year to year there is more.
#
# Your three layers get the changes of the last 13 months, from month to month, and are to say the
# next one. They learn from the years before 1990. For comparison there are two rules without any
# learning: "nothing changes" and "the same as a year ago".

# %% id="a-curve-that-everybody-knows-experiment" tags=["experiment"]
air = load("co2")
whole = np.flatnonzero(np.isnan(air["co2"]))[-1] + 1  # no month is missing after this one
when, ppm = (air["year"] + (air["month"] - 0.5) / 12)[whole:], air["co2"][whole:]
change = np.diff(ppm)
WINDOW = 13
past = np.stack([change[i : i + WINDOW] for i in range(len(change) - WINDOW)])[..., None]
following = change[WINDOW:, None]
known = when[WINDOW + 1 :] < 1990


def forecaster(layer):
    """The layer and a Dense layer that says one number, trained on the years before 1990."""
    keras.utils.set_random_seed(2)
    model = keras.Sequential([keras.Input((WINDOW, 1)), layer, keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.01), loss="mse", jit_compile=False)
    model.fit(past[known], following[known], batch_size=50, epochs=12, verbose=0)
    return model


def miss(guess):
    """Typical error in the years that were not learned from, in ppm."""
    return float(np.sqrt(np.mean((guess - following[~known]) ** 2)))


misses = {"nothing changes": miss(0), "as a year ago": miss(past[~known][:, -12])}
models = {}
for name, layer in (("SimpleRNN", SimpleRNN(16)), ("LSTM", LSTM(16)), ("GRU", GRU(16))):
    models[name] = forecaster(layer)
    misses[name] = miss(models[name](past[~known]).numpy())
for name, value in misses.items():
    print(f"{name:>15}: wrong by {value:.2f} ppm, typically")

# %% [markdown] id="a-curve-that-everybody-knows-text"
# One month ahead is easy. So let the GRU walk on alone: it says a month, takes its own word for the
# truth, says the next one, for twelve years. From 1990 on it never sees a measurement again.

# %% id="a-curve-that-everybody-knows-experiment-2" tags=["experiment"]
begin = int(np.argmin(known))
memory, dreamt = list(change[begin : begin + WINDOW]), []
say = tf.function(models["GRU"], autograph=False)
for _ in range(len(change) - begin - WINDOW):
    latest = np.array(memory[-WINDOW:], "float32")[None, :, None]
    memory.append(float(say(latest)[0, 0]))
    dreamt.append(memory[-1])
start = ppm[begin + WINDOW]
dream = start + np.cumsum(dreamt)
figure, axes = plt.subplots(figsize=(9, 3.8), layout="constrained")
axes.plot(when, ppm, color="#68737f", lw=1.2, label="measured")
axes.plot(when[-len(dream) :], dream, color="#d55e00", lw=1.5, label="GRU, alone since 1990")
axes.axvline(1990, color="#68737f", lw=0.8, ls=":")
axes.set(xlabel="year", ylabel="carbon dioxide, ppm", title="Mauna Loa")
axes.legend(frameon=False)
show(
    figure,
    "Carbon dioxide over Mauna Loa from 1964 to 2001: a curve that rises, with one wave in each "
    f"year. From 1990 on, a second curve that the GRU makes alone. It ends at {dream[-1]:.0f} ppm, "
    f"the measured one at {ppm[-1]:.0f} ppm.",
)

# %% [markdown] id="a-machine-that-invents-names"
# ## A machine that invents names
#
# A network that can guess the next letter can write. It says which letters may begin a name; we
# throw dice accordingly; we feed the letter back in, and ask for the next. Andrej Karpathy called
# the effectiveness of this *unreasonable*, in 2015.
#
# The names are those of unit 08. A 27 stands before the first letter and after the last: the
# network has to know where a name begins, and must be able to end it. The padding is 0, and the
# Embedding masks it. Your GRU hands that mask on, and so no one is blamed for a wrong guess at a
# padding.

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
history = writer.fit(rows[:, :-1], rows[:, 1:], batch_size=100, epochs=6, verbose=0).history
print(f"loss: {history['loss'][0]:.2f} after one epoch, {history['loss'][-1]:.2f} after the last")

# %% [markdown] id="a-machine-that-invents-names-text"
# The dice can be loaded. Dividing the scores by a **temperature** below 1 makes the likely letters
# likelier still: the names become ordinary. Above 1 the unlikely ones get their chance.


# %% id="a-machine-that-invents-names-experiment-2" tags=["experiment"]
def invent(count, temperature, seed=0):
    """So many names, letter by letter."""
    dice = np.random.default_rng(seed)
    text = np.zeros((count, LENGTH + 1), "int32")
    text[:, 0] = EDGE
    for place in range(LENGTH):
        scores = writer(text).numpy()[:, place] / temperature
        scores[:, 0] = -np.inf  # no padding inside a name
        chances = np.exp(scores - scores.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        text[:, place + 1] = [dice.choice(28, p=row / row.sum()) for row in chances]
    return ["".join(map(letter, row[1:])).partition(".")[0] for row in text]


def letter(number):
    """A letter for its number, and a dot for the edge of a name."""
    return "." if number in (0, EDGE) else chr(ord("a") + number - 1)


real = set(names)
for temperature in (0.3, 0.7, 1.0, 1.5):
    invented = invent(200, temperature)
    known = np.mean([name in real for name in invented])
    new = [name for name in invented if name and name not in real]
    print(f"temperature {temperature}: {known:4.0%} are in the census. Some that are not:")
    print("   ", ", ".join(new[:9]))

# %% [markdown] id="a-machine-that-invents-names-text-2"
# Most of them belong to nobody, and one could call a child so. What has the network understood? We
# ask it what may come next, after a few letters.

# %% id="a-machine-that-invents-names-experiment-3" tags=["experiment"]
figure, panels = plt.subplots(1, 4, figsize=(10, 2.8), sharey=True, layout="constrained")
said = []
for panel, begun in zip(panels, ("q", "ch", "mar", "eliza"), strict=True):
    text = np.zeros((1, LENGTH + 1), "int32")
    text[0, : len(begun) + 1] = [EDGE, *(ord(c) - ord("a") + 1 for c in begun)]
    chances = keras.ops.softmax(writer(text)[0, len(begun)]).numpy()
    best = np.argsort(-chances)[:6]
    panel.bar(range(6), chances[best], color="#0072b2")
    panel.set_xticks(range(6), [letter(number) for number in best], fontsize=12)
    panel.set(title=f"{begun} …", ylim=(0, 1))
    said.append(f"{letter(best[0])} after {begun} with {chances[best[0]]:.0%}")
panels[0].set_ylabel("chance")
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
# 2. The GRU walked on alone for twelve years. Which of the two did it learn better, the wave within
#    a year or the rise from year to year, and by what can you tell?
# 3. Names grow stranger with the temperature. What would the machine write at a temperature near 0,
#    if it were asked for a hundred names, and why?

# %% [markdown] nbgrader={"grade_id": "question", "grade": true, "solution": true, "points": 3}
# ### BEGIN SOLUTION
# 1. It changes the factor of each step, and not the law: what does not vanish then explodes, or
#    tanh is driven to its ends, where its slope is nearly zero. (One point.) There is no size that
#    is right for all sequences and all through training.
# 2. Any answer that is read off the picture. (One point.) Each year of the made-up curve has its
#    wave, at the right time and about as high as the measured one. The rise differs from the
#    measured one from year to year: what is slightly wrong with the mean change adds up.
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
        features, units = input_shape[-1], self.units
        self.kernel = self.add_weight(name="kernel", shape=(features, 4 * units))
        self.recurrent_kernel = self.add_weight(
            name="recurrent_kernel", shape=(units, 4 * units), initializer="orthogonal"
        )
        self.bias = self.add_weight(name="bias", shape=(4 * units,), initializer="zeros")
        if self.unit_forget_bias:
            self.bias.assign(np.repeat([0.0, 1.0, 0.0, 0.0], units))

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
# | RNN | takes a cell, or a stack of cells, along a sequence; holds at masked steps | the cell's |
# | SimpleRNN | one state, stirred at each step | `(features + units + 1) × units` |
# | LSTM | a carry that gates keep or change | four times that |
# | GRU | one state, mixed by a gate | three times that; two rows of biases with `reset_after` |
#
# A recurrent layer reads as we do, one thing after the other, and must remember what it will need
# later. The next unit builds three more layers on it.
