"""Right gradients by hand, each derived or written in another way."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import tensorflow as tf
from keras import ops


def softmax_in_steps(logits, labels):
    """The textbook way."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    powers = np.exp(shifted)
    totals = powers.sum(axis=1, keepdims=True)
    right = shifted[np.arange(len(labels)), labels]
    loss = np.mean(np.log(totals[:, 0]) - right)
    one_hot = np.eye(logits.shape[1])[labels]
    return {"loss": loss, "d_logits": (powers / totals - one_hot) / len(labels)}


def softmax_in_tensorflow(logits, labels):
    """The logarithm comes first, and everything is a tensor."""
    logarithms = tf.nn.log_softmax(logits)
    one_hot = tf.one_hot(labels, logits.shape[1])
    batch = tf.cast(tf.shape(logits)[0], "float32")
    return {
        "loss": -tf.reduce_sum(one_hot * logarithms) / batch,
        "d_logits": (tf.exp(logarithms) - one_hot) / batch,
    }


def softmax_by_jacobians(logits, labels):
    """Sample by sample: the gradient of the loss times the matrix of softmax's slopes."""
    loss, rows = 0.0, []
    for row, label in zip(np.asarray(logits, "float64"), labels, strict=True):
        p = np.exp(row - row.max()) / np.exp(row - row.max()).sum()
        slopes = np.diag(p) - np.outer(p, p)
        loss += -np.log(p[label]) / len(labels)
        rows.append(-slopes[label] / p[label] / len(labels))
    return {"loss": float(loss), "d_logits": np.array(rows)}


def softmax_in_place(logits, labels):
    """Works in the array that it was given."""
    logits -= logits.max(axis=1, keepdims=True)
    loss = np.log(np.exp(logits).sum(axis=1)) - np.take_along_axis(logits, labels[:, None], 1)[:, 0]
    np.exp(logits, out=logits)
    logits /= logits.sum(axis=1, keepdims=True)
    logits[np.arange(len(labels)), labels] -= 1
    logits /= len(labels)
    return {"loss": loss.mean(), "d_logits": logits}


def dense_in_rows(inputs, kernel, bias, upstream, activation):
    """All places of all samples as rows of one matrix; the slope from the output."""
    rows, given = inputs.reshape(-1, inputs.shape[-1]), upstream.reshape(-1, upstream.shape[-1])
    sums = rows @ kernel + bias
    if activation == "relu":
        given = given * (sums > 0)
    elif activation == "tanh":
        given = given * (1 - np.tanh(sums) ** 2)
    elif activation == "sigmoid":
        output = 1 / (1 + np.exp(-sums))
        given = given * output * (1 - output)
    return {
        "d_bias": given.sum(axis=0),
        "d_kernel": rows.T @ given,
        "d_inputs": (given @ kernel.T).reshape(inputs.shape),
    }


def dense_by_einsum(inputs, kernel, bias, upstream, activation):
    """Letters for the axes, in Keras's own operations."""
    sums = ops.einsum("...i,io->...o", inputs, kernel) + bias
    slope = {
        "linear": lambda z: ops.ones_like(z),
        "relu": lambda z: ops.cast(z > 0, "float32"),
        "tanh": lambda z: 1 / ops.square(ops.cosh(z)),
        "sigmoid": lambda z: ops.sigmoid(z) * ops.sigmoid(-z),
    }[activation](sums)
    given = ops.convert_to_tensor(upstream) * slope
    return {
        "d_inputs": ops.einsum("...o,io->...i", given, kernel),
        "d_kernel": ops.einsum("bi,bo->io", _flat(inputs), _flat(given)),
        "d_bias": ops.sum(_flat(given), axis=0),
    }


def _flat(array):
    return ops.reshape(array, (-1, array.shape[-1]))


def dense_sample_by_sample(inputs, kernel, bias, upstream, activation):
    """One place after the other: outer products are added up."""
    slopes = {
        "linear": lambda z: 1.0,
        "relu": lambda z: np.where(z > 0, 1.0, 0.0),
        "tanh": lambda z: 1 - np.tanh(z) ** 2,
        "sigmoid": lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2,
    }
    d_inputs = np.zeros(inputs.shape)
    d_kernel, d_bias = np.zeros(kernel.shape), np.zeros(bias.shape)
    for place in np.ndindex(inputs.shape[:-1]):
        given = upstream[place] * slopes[activation](inputs[place] @ kernel + bias)
        d_inputs[place] = kernel @ given
        d_kernel += np.outer(inputs[place], given)
        d_bias += given
    return {"d_inputs": d_inputs, "d_kernel": d_kernel, "d_bias": d_bias}


def batchnorm_in_one_formula(inputs, gamma, upstream, epsilon):
    """The formula of the papers, with the sums that the other two gradients are anyway."""
    axes = tuple(range(inputs.ndim - 1))
    count = inputs.size // inputs.shape[-1]
    scale = 1 / np.sqrt(inputs.var(axis=axes) + epsilon)
    normal = (inputs - inputs.mean(axis=axes)) * scale
    d_beta, d_gamma = upstream.sum(axis=axes), (upstream * normal).sum(axis=axes)
    d_inputs = gamma * scale / count * (count * upstream - d_beta - normal * d_gamma)
    return {"d_inputs": d_inputs, "d_gamma": d_gamma, "d_beta": d_beta}


def batchnorm_step_by_step(inputs, gamma, upstream, epsilon):
    """Backwards through each step of the way forwards, on rows of channels."""
    rows, given = (part.reshape(-1, part.shape[-1]) for part in (inputs, upstream))
    count = len(rows)
    centred = rows - rows.mean(0)
    variance = (centred**2).mean(0)
    root = np.sqrt(variance + epsilon)
    d_normal = given * gamma
    d_root = -(d_normal * centred).sum(0) / root**2
    d_variance = d_root / (2 * root)
    d_centred = d_normal / root + 2 * centred * d_variance / count
    d_rows = d_centred - d_centred.sum(0) / count
    return {
        "d_inputs": d_rows.reshape(inputs.shape),
        "d_gamma": (given * centred / root).sum(0),
        "d_beta": given.sum(0),
    }


def batchnorm_by_jacobians(inputs, gamma, upstream, epsilon):
    """Channel by channel, with the matrix that says what each number does to each other one."""
    d_inputs = np.zeros(inputs.shape)
    d_gamma, d_beta = np.zeros(len(gamma)), np.zeros(len(gamma))
    for channel in range(len(gamma)):
        x, g = (np.asarray(a[..., channel], "float64").ravel() for a in (inputs, upstream))
        root = np.sqrt(x.var() + epsilon)
        y = (x - x.mean()) / root
        slopes = (np.eye(len(x)) - 1 / len(x) - np.outer(y, y) / len(x)) / root
        d_inputs[..., channel] = (gamma[channel] * slopes @ g).reshape(inputs.shape[:-1])
        d_gamma[channel], d_beta[channel] = g @ y, g.sum()
    return {"d_inputs": d_inputs, "d_gamma": d_gamma, "d_beta": d_beta}


def batchnorm_in_tensorflow(inputs, gamma, upstream, epsilon):
    """With moments, as tensors."""
    axes = list(range(inputs.ndim - 1))
    mean, variance = tf.nn.moments(tf.constant(inputs), axes)
    scale = tf.math.rsqrt(variance + epsilon)
    normal = (inputs - mean) * scale
    through = tf.reduce_mean(upstream, axes) + normal * tf.reduce_mean(upstream * normal, axes)
    return {
        "d_inputs": gamma * scale * (upstream - through),
        "d_gamma": tf.reduce_sum(upstream * normal, axes),
        "d_beta": tf.reduce_sum(upstream, axes),
    }


def _zeros_around(inputs, size, outputs, strides, padding):
    """The sequence with its zeros, and how many stand before it."""
    missing = max((outputs - 1) * strides + size - inputs.shape[1], 0) * (padding == "same")
    before = missing // 2
    return np.pad(inputs, ((0, 0), (before, missing - before), (0, 0))), before


def conv1d_by_offsets(inputs, kernel, upstream, strides, padding):
    """A loop over the rows of the kernel: each row sees a strided slice of the sequence."""
    size, outputs, steps = len(kernel), upstream.shape[1], inputs.shape[1]
    padded, before = _zeros_around(inputs, size, outputs, strides, padding)
    d_padded, d_kernel = np.zeros_like(padded), np.zeros_like(kernel)
    for row in range(size):
        seen = slice(row, row + (outputs - 1) * strides + 1, strides)
        d_padded[:, seen] += upstream @ kernel[row].T
        d_kernel[row] = np.tensordot(padded[:, seen], upstream, ((0, 1), (0, 1)))
    return {
        "d_inputs": d_padded[:, before : before + steps],
        "d_kernel": d_kernel,
        "d_bias": upstream.sum((0, 1)),
    }


def conv1d_by_windows(inputs, kernel, upstream, strides, padding):
    """All windows as one matrix; on the way back they are added up where they stood."""
    size, outputs, steps = len(kernel), upstream.shape[1], inputs.shape[1]
    padded, before = _zeros_around(inputs, size, outputs, strides, padding)
    places = np.arange(outputs)[:, None] * strides + np.arange(size)
    windows = padded[:, places]
    d_windows = np.einsum("bof,kcf->bokc", upstream, kernel)
    d_padded = np.zeros(padded.shape)
    np.add.at(d_padded, (slice(None), places), d_windows)
    return {
        "d_inputs": d_padded[:, before : before + steps],
        "d_kernel": np.einsum("bokc,bof->kcf", windows, upstream),
        "d_bias": np.einsum("bof->f", upstream),
    }


def conv1d_as_a_matrix(inputs, kernel, upstream, strides, padding):
    """The layer as one large Dense layer, whose kernel says which input meets which row."""
    size, outputs, steps = len(kernel), upstream.shape[1], inputs.shape[1]
    padded, before = _zeros_around(inputs, size, outputs, strides, padding)
    meets = np.zeros((outputs, padded.shape[1], size))
    for place in range(outputs):
        for row in range(size):
            meets[place, place * strides + row, row] = 1
    d_padded = np.einsum("bof,osk,kcf->bsc", upstream, meets, kernel)
    return {
        "d_inputs": d_padded[:, before : before + steps],
        "d_kernel": np.einsum("bsc,osk,bof->kcf", padded, meets, upstream),
        "d_bias": upstream.reshape(-1, upstream.shape[-1]).sum(0),
    }


def conv1d_with_the_kernel_flipped(inputs, kernel, upstream, strides, padding):
    """The upstream gradient with zeros between and around, seen by the flipped kernel."""
    size, outputs, steps = len(kernel), upstream.shape[1], inputs.shape[1]
    padded, before = _zeros_around(inputs, size, outputs, strides, padding)
    wide = np.zeros((len(inputs), padded.shape[1] + size - 1, upstream.shape[2]))
    wide[:, size - 1 : size - 1 + outputs * strides : strides] = upstream
    flipped = kernel[::-1]
    d_padded = np.stack(
        [
            np.einsum("bkf,kcf->bc", wide[:, place : place + size], flipped)
            for place in range(padded.shape[1])
        ],
        axis=1,
    )
    sparse = wide[:, size - 1 :]
    d_kernel = np.stack(
        [
            np.einsum("bsc,bsf->cf", padded[:, row:], sparse[:, : padded.shape[1] - row])
            for row in range(size)
        ]
    )
    return {
        "d_inputs": d_padded[:, before : before + steps],
        "d_kernel": d_kernel,
        "d_bias": upstream.sum(axis=1).sum(axis=0),
    }


def batchnorm_channel_by_channel(inputs, gamma, upstream, epsilon=1e-3):
    """A loop over the channels, which leaves lists."""
    d_inputs, d_gamma, d_beta = np.zeros_like(inputs), [], []
    for channel in range(inputs.shape[-1]):
        x, d_y = inputs[..., channel], upstream[..., channel]
        sigma = np.sqrt(x.var() + epsilon)
        normal, d_normal = (x - x.mean()) / sigma, gamma[channel] * d_y
        centred = d_normal - d_normal.mean() - normal * (d_normal * normal).mean()
        d_inputs[..., channel] = centred / sigma
        d_gamma.append((d_y * normal).sum())
        d_beta.append(d_y.sum())
    return {"d_inputs": d_inputs, "d_gamma": d_gamma, "d_beta": d_beta}


def shares_by_counting(steps, kernel_size, strides, place):
    """Looks at each window."""
    count = 0
    start = 0
    while start + kernel_size <= steps:
        if start <= place and place < start + kernel_size:
            count += 1
        start += strides
    return count


def shares_by_formula(steps, kernel_size, strides, place):
    """The last window that holds the place, minus the first one, plus 1."""
    windows = (steps - kernel_size) // strides + 1
    last = min(place // strides, windows - 1)
    first = max(-((kernel_size - 1 - place) // strides), 0)
    return max(last - first + 1, 0)


def shares_by_adding(steps, kernel_size, strides, place):
    """Each window adds 1 to all that it holds."""
    counts = np.zeros(steps, int)
    for start in range(0, steps - kernel_size + 1, strides):
        counts[start : start + kernel_size] += 1
    return counts[place]


RIGHT: dict[str, list[Callable]] = {
    "softmax_backward": [
        softmax_in_steps,
        softmax_in_tensorflow,
        softmax_by_jacobians,
        softmax_in_place,
    ],
    "dense_backward": [dense_in_rows, dense_by_einsum, dense_sample_by_sample],
    "batchnorm_backward": [
        batchnorm_in_one_formula,
        batchnorm_step_by_step,
        batchnorm_by_jacobians,
        batchnorm_in_tensorflow,
        batchnorm_channel_by_channel,
    ],
    "window_shares": [shares_by_counting, shares_by_formula, shares_by_adding],
    "conv1d_backward": [
        conv1d_by_offsets,
        conv1d_by_windows,
        conv1d_as_a_matrix,
        conv1d_with_the_kernel_flipped,
    ],
}
