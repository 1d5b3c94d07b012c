"""Right tests of layers, each written in another way."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable

import keras
import numpy as np


def normal(*shape, seed=0):
    return np.random.default_rng((seed, *shape)).normal(size=shape).astype("float32")


def agrees(ours, theirs, tolerance=1e-4):
    """Whether two outputs are the same, part by part."""
    ours, theirs = keras.tree.flatten(ours), keras.tree.flatten(theirs)
    return len(ours) == len(theirs) and all(
        np.shape(a) == np.shape(b) and np.allclose(a, b, tolerance, tolerance)
        for a, b in zip(ours, theirs, strict=True)
    )


def beside_keras(Layer, reference, config, *inputs, **call):
    """Whether both give the same with the same weights."""
    ours, theirs = Layer(**config), reference(**config)
    ours(*inputs, **call), theirs(*inputs, **call)
    values = [0.5 + normal(*weight.shape, seed=n) ** 2 for n, weight in enumerate(theirs.weights)]
    if [np.shape(w) for w in ours.get_weights()] != [w.shape for w in values]:
        return False
    ours.set_weights(values)
    theirs.set_weights(values)
    return agrees(ours(*inputs, **call), theirs(*inputs, **call)) and agrees(
        ours.get_weights(), theirs.get_weights()
    )


def dense_beside_keras(Layer):
    configs = ({}, {"use_bias": False}, {"activation": "tanh"}, {"activation": "gelu"})
    shapes = ((5, 4), (2, 5, 4), (2, 3, 5, 4))
    return all(
        beside_keras(Layer, keras.layers.Dense, {"units": 3, **config}, normal(*shape))
        for config, shape in itertools.product(configs, shapes)
    )


def dense_by_formula(Layer):
    """In NumPy, with assertions, as tests are mostly written."""
    for activation, function in (
        (None, lambda z: z),
        ("relu", lambda z: np.maximum(z, 0)),
        (keras.activations.gelu, lambda z: np.asarray(keras.activations.gelu(z))),
    ):
        for use_bias in (True, False):
            inputs = normal(6, 2, 4)
            layer = Layer(3, activation=activation, use_bias=use_bias)
            layer(inputs)
            assert len(layer.weights) == 1 + use_bias
            kernel, bias = normal(4, 3), normal(3) if use_bias else np.zeros(3)
            layer.set_weights([kernel, bias] if use_bias else [kernel])
            np.testing.assert_allclose(layer(inputs), function(inputs @ kernel + bias), atol=1e-4)
    return True


def dense_number_by_number(Layer):
    """A loop for each output; what the layer raises is caught."""
    inputs = normal(2, 3, 4)
    try:
        for use_bias, gelu in itertools.product((True, False), (True, False)):
            layer = Layer(units=2, use_bias=use_bias, activation="gelu" if gelu else "sigmoid")
            layer.build(inputs.shape)
            for n, weight in enumerate(layer.weights):
                weight.assign(normal(*weight.shape, seed=n) + 0.5)
            kernel, *bias = (weight.numpy() for weight in layer.weights)
            if len(bias) != use_bias:
                return False
            output = layer(inputs)
            for sample, place, unit in np.ndindex(2, 3, 2):
                total = sum(inputs[sample, place, i] * kernel[i, unit] for i in range(4))
                total += bias[0][unit] if use_bias else 0.0
                act = keras.activations.gelu if gelu else keras.activations.sigmoid
                if abs(float(output[sample, place, unit]) - float(act(np.float32(total)))) > 1e-4:
                    return False
    except Exception:
        return False
    return True


def batchnorm_beside_keras(Layer):
    for shape in ((6, 4), (5, 3, 4), (3, 2, 5, 4)):
        for scale in (0.02, 2.0):
            config = {"momentum": 0.7, "epsilon": 0.01}
            inputs = scale * normal(*shape) + 0.1
            for training in (True, False):
                same = beside_keras(
                    Layer, keras.layers.BatchNormalization, config, inputs, training=training
                )
                if not same:
                    return False
            if not beside_keras(Layer, keras.layers.BatchNormalization, config, inputs):
                return False
            if not beside_keras(Layer, keras.layers.BatchNormalization, {}, inputs, training=True):
                return False
    fresh = Layer()
    fresh(normal(4, 3))
    return agrees(fresh.get_weights(), [np.ones(3), np.zeros(3), np.zeros(3), np.ones(3)])


def batchnorm_by_formula(Layer):
    """Starts, a step of training and a look at inference, in NumPy."""
    for shape in ((8, 3), (4, 5, 3), (2, 4, 5, 3)):
        for epsilon, config in ((0.02, {"epsilon": 0.02}), (1e-3, {})):
            inputs = (0.1 * normal(*shape) + 1).astype("float32")
            axes = tuple(range(inputs.ndim - 1))
            layer = Layer(momentum=0.6, **config)
            layer(inputs)  # inference: nothing moves
            assert [w.tolist() for w in layer.get_weights()] == [[1] * 3, [0] * 3, [0] * 3, [1] * 3]
            gamma, beta, mean = (normal(3, seed=n) for n in range(3))
            variance = np.full(3, 3.0)
            layer.set_weights([gamma, beta, mean, variance])
            batch_mean, batch_variance = inputs.mean(axes), inputs.var(axes)
            expected = gamma * (inputs - batch_mean) / np.sqrt(batch_variance + epsilon) + beta
            np.testing.assert_allclose(layer(inputs, training=True), expected, atol=1e-3)
            mean = 0.6 * mean + 0.4 * batch_mean
            variance = 0.6 * variance + 0.4 * batch_variance
            np.testing.assert_allclose(layer.get_weights()[2:], [mean, variance], atol=1e-4)
            later = gamma * (inputs - mean) / np.sqrt(variance + epsilon) + beta
            for call in ({}, {"training": False}):
                np.testing.assert_allclose(layer(inputs, **call), later, atol=1e-4)
    return True


def batchnorm_twice(Layer):
    """Two steps of training in a row, beside Keras's layer, from its own start."""
    for shape, config in (((7, 3), {}), ((3, 4, 2, 3), {"momentum": 0.5, "epsilon": 0.1})):
        inputs = 0.05 * normal(*shape)
        ours, theirs = Layer(**config), keras.layers.BatchNormalization(**config)
        for call in ({"training": True}, {"training": True}, {"training": False}, {}):
            if not agrees(ours(inputs, **call), theirs(inputs, **call)):
                return False
            if not agrees(ours.get_weights(), theirs.get_weights(), 1e-5):
                return False
            values = [weight + 0.3 for weight in theirs.get_weights()]
            ours.set_weights(values)
            theirs.set_weights(values)
    return True


CONVOLUTIONS = (
    {},
    {"use_bias": False},
    {"activation": "tanh"},
    {"padding": "same", "kernel_size": (4, 3)},
    {"padding": "same", "strides": (2, 3)},
    {"strides": (3, 2), "kernel_size": (3, 2)},
    {"dilation_rate": (2, 3)},
    {"padding": "same", "dilation_rate": (3, 2)},
    {"groups": 2, "padding": "same"},
)


def conv2d_beside_keras(Layer):
    for config in CONVOLUTIONS:
        for shape in ((2, 9, 8, 4), (2, 10, 12, 4)):
            given = {"filters": 6, "kernel_size": (2, 3), **config}
            if not beside_keras(Layer, keras.layers.Conv2D, given, normal(*shape)):
                return False
    return True


def conv2d_by_windows(Layer):
    """A loop over the places of the output; the zeros of `same` come first."""
    for config in CONVOLUTIONS:
        given = {"filters": 6, "kernel_size": (2, 3), "strides": (1, 1), **config}
        inputs = normal(2, 10, 11, 4)
        layer = Layer(**given)
        layer(inputs)
        groups = given.get("groups", 1)
        shapes = [(*given["kernel_size"], 4 // groups, 6), (6,)][: 1 + given.get("use_bias", True)]
        assert [w.shape for w in layer.weights] == shapes
        values = [normal(*shape) + 0.2 for shape in shapes]
        layer.set_weights(values)
        expected = by_windows(inputs, values, given)
        np.testing.assert_allclose(layer(inputs), expected, rtol=1e-3, atol=1e-3)
    return True


def by_windows(inputs, values, given):
    kernel, bias = values[0], values[1] if len(values) > 1 else 0.0
    strides, gaps = given["strides"], given.get("dilation_rate", (1, 1))
    pads, lengths = [(0, 0)], []
    for n, size in enumerate(given["kernel_size"]):
        steps, wide = inputs.shape[n + 1], (size - 1) * gaps[n] + 1
        if given.get("padding") == "same":
            lengths.append(-(-steps // strides[n]))
            missing = max((lengths[-1] - 1) * strides[n] + wide - steps, 0)
            pads.append((missing // 2, missing - missing // 2))
        else:
            lengths.append((steps - wide) // strides[n] + 1)
            pads.append((0, 0))
    padded = np.pad(inputs, (*pads, (0, 0)))
    groups = given.get("groups", 1)
    output = np.zeros((len(inputs), *lengths, kernel.shape[-1]))
    for y, x in np.ndindex(*lengths):
        rows = y * strides[0] + gaps[0] * np.arange(kernel.shape[0])
        columns = x * strides[1] + gaps[1] * np.arange(kernel.shape[1])
        window = padded[:, rows][:, :, columns]
        parts = [
            np.einsum("bijc,ijcf->bf", own, part)
            for own, part in zip(
                np.split(window, groups, -1), np.split(kernel, groups, -1), strict=True
            )
        ]
        output[:, y, x] = np.concatenate(parts, axis=-1)
    output = output + bias
    return np.tanh(output) if given.get("activation") == "tanh" else output


def conv2d_one_config_after_the_other(Layer):
    """Positional arguments, strings, and one size for both axes."""
    inputs = normal(3, 8, 7, 4)
    for arguments, more in (
        ((4, 3), {}),
        ((4, (3, 2), 1, "same"), {"activation": "relu"}),
        ((4, (4, 2), 2, "same"), {}),
        ((4, (2, 4), (2, 1), "valid"), {"use_bias": False}),
        ((4, (2, 4), (1, 2), "same"), {}),
        ((4, (3, 2)), {"dilation_rate": (2, 1)}),
        ((4, (2, 3)), {"dilation_rate": (1, 2), "padding": "same"}),
        ((4, 2), {"groups": 2}),
        ((4, 5, 3), {"padding": "same"}),
        ((4, (3, 3), 3), {}),
    ):
        make = functools.partial(lambda layer, a, **k: layer(*a, **k), a=arguments)
        if not beside_keras(functools.partial(make, Layer), functools.partial(
            make, keras.layers.Conv2D), more, inputs):  # fmt: skip
            return False
    return True


def lstm_cell_beside_keras(Layer):
    inputs, states = normal(3, 4), [normal(3, 2, seed=1), normal(3, 2, seed=2)]
    _, after = Layer(2)(inputs, states)
    return len(after) == 2 and beside_keras(
        Layer, keras.layers.LSTMCell, {"units": 2}, inputs, states
    )


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def lstm_cell_by_formula(Layer):
    """Gate by gate, with assertions."""
    inputs, h, c = normal(5, 4), normal(5, 3, seed=1), normal(5, 3, seed=2)
    cell = Layer(3)
    cell(inputs, [h, c])
    assert [w.shape for w in cell.weights] == [(4, 12), (3, 12), (12,)]
    kernel, recurrent, bias = normal(4, 12), normal(3, 12), normal(12)
    cell.set_weights([kernel, recurrent, bias])
    i, f, g, o = np.split(inputs @ kernel + h @ recurrent + bias, 4, axis=1)
    carry = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    expected = sigmoid(o) * np.tanh(carry)
    output, states = cell(inputs, [h, c])
    assert isinstance(states, list)
    assert len(states) == 2
    np.testing.assert_allclose(output, expected, atol=1e-4)
    np.testing.assert_allclose(states[0], expected, atol=1e-4)
    np.testing.assert_allclose(states[1], carry, atol=1e-4)
    return True


def lstm_cell_for_some_steps(Layer):
    """A short sequence, with the states that come back."""
    ours, theirs = Layer(units=3), keras.layers.LSTMCell(3)
    mine = yours = [normal(2, 3, seed=5), normal(2, 3, seed=6)]
    for step in range(4):
        inputs = 2 * normal(2, 5, seed=10 + step)
        try:
            (a, mine), (b, yours) = ours(inputs, mine), theirs(inputs, yours)
        except Exception:
            return False
        if step == 0:
            values = [normal(*w.shape, seed=n) for n, w in enumerate(theirs.get_weights())]
            if [w.shape for w in ours.get_weights()] != [w.shape for w in values]:
                return False
            ours.set_weights(values)
            theirs.set_weights(values)
            mine = yours = [normal(2, 3, seed=7), normal(2, 3, seed=8)]
        elif not agrees([a, *mine], [b, *yours]):
            return False
    return True


def attention_beside_keras(Layer):
    query, value, key = normal(3, 4, 5), normal(3, 6, 5, seed=1), normal(3, 6, 5, seed=2)
    wide = normal(3, 6, 2)
    places = [[1, 0, 1, 1, 0, 1], [1] * 6, [1, 0] * 3]
    seen = [np.array([[1, 1, 0, 1]] * 3, bool), np.array(places, bool)]
    for use_scale, inputs, mask, causal in itertools.product(
        (False, True),
        ([query, value], [query, value, key], [query, wide, key]),
        (None, [None, seen[1]], seen),
        (False, True),
    ):
        call = {"mask": mask, "use_causal_mask": causal, "return_attention_scores": True}
        if not beside_keras(
            Layer, keras.layers.Attention, {"use_scale": use_scale}, inputs, **call
        ):
            return False
    return True


def attention_by_formula(Layer):
    """With scores that are shut set to minus infinity."""
    query, value, key = normal(2, 5, 3), normal(2, 4, 6), normal(2, 4, 3)
    seen = np.array([[True, False, True, True], [True, True, False, True]])
    asked = np.array([[True] * 5, [True, False, True, True, False]])
    for scale, mask, causal in itertools.product((None, 1.7), (False, True), (False, True)):
        layer = Layer(use_scale=scale is not None)
        layer([query, value, key])
        assert len(layer.weights) == (scale is not None)
        if scale is not None:
            assert layer.weights[0].shape == ()
            layer.set_weights([np.float32(scale)])
        scores = np.einsum("bqd,bkd->bqk", query, key) * (scale or 1.0)
        shut = np.zeros(scores.shape, bool)
        if mask:
            shut |= ~seen[:, None]
        if causal:
            shut |= np.arange(4) > np.arange(5)[:, None]
        powers = np.exp(np.where(shut, -np.inf, scores))
        weights = powers / powers.sum(-1, keepdims=True)
        expected = weights @ value * (asked[..., None] if mask else 1.0)
        call = {"mask": [asked, seen]} if mask else {}
        output = layer([query, value, key], use_causal_mask=causal, **call)
        assert output.shape == expected.shape
        np.testing.assert_allclose(output, expected, atol=1e-3)
    return True


def attention_by_cases(Layer):
    """Each fault has its own small case."""
    query, value, key = normal(2, 3, 4), normal(2, 5, 4, seed=3), normal(2, 5, 4, seed=4)
    theirs = keras.layers.Attention
    shut = np.array([[True, True, False, True, False]] * 2)
    calls = (
        {},
        {"mask": [None, shut]},
        {"mask": [np.array([[True, False, True]] * 2), None]},
        {"use_causal_mask": True},
        {"use_causal_mask": True, "mask": [None, shut]},
    )
    for call in calls:
        for scaled in (False, True):
            if not beside_keras(Layer, theirs, {"use_scale": scaled}, [query, value, key], **call):
                return False
    return beside_keras(Layer, theirs, {}, [query, value])


RIGHT: dict[str, list[Callable]] = {
    "dense_is_right": [dense_beside_keras, dense_by_formula, dense_number_by_number],
    "batchnorm_is_right": [batchnorm_beside_keras, batchnorm_by_formula, batchnorm_twice],
    "conv2d_is_right": [
        conv2d_beside_keras,
        conv2d_by_windows,
        conv2d_one_config_after_the_other,
    ],
    "lstm_cell_is_right": [lstm_cell_beside_keras, lstm_cell_by_formula, lstm_cell_for_some_steps],
    "attention_is_right": [attention_beside_keras, attention_by_formula, attention_by_cases],
}
