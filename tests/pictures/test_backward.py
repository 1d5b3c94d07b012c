"""The pictures of unit 17: their numbers are those of the live gradients."""

from __future__ import annotations

import re

import numpy as np

from grader.exercises.catalogue import CATALOGUE
from grader.pictures import backward


def numbers(picture):
    """All texts of a picture that are numbers, as they stand in it."""
    texts = [text.get_text().replace("−", "-") for text in picture.figure.axes[0].texts]
    return [float(text) for text in texts if re.fullmatch(r"-?[\d.]+", text)]


def stand(picture, values):
    """Whether these numbers stand in the picture, one after the other."""
    drawn, wanted = numbers(picture), list(np.round(np.ravel(values), 2) + 0.0)
    return any(
        np.allclose(drawn[at : at + len(wanted)], wanted, atol=0.006)
        for at in range(len(drawn) - len(wanted) + 1)
    )


def array(*rows):
    return np.array(rows, "float32")


def test_softmax_is_drawn_with_its_own_numbers():
    live = CATALOGUE["softmax_backward"].reference(array([2, 1, 0]), np.array([1]))
    picture = backward.draw_softmax()
    assert stand(picture, live["loss"])
    assert stand(picture, live["d_logits"])
    assert not stand(picture, 2 * live["d_logits"])


def test_dense_is_drawn_with_its_own_numbers():
    live = CATALOGUE["dense_backward"].reference(
        array([1, 2], [3, -1]), array([1, 0, 2], [2, -1, 1]), array(0, 1, -2),
        array([1, 2, 1], [-1, 3, 2]), "relu",
    )  # fmt: skip
    picture = backward.draw_dense()
    assert all(stand(picture, live[name]) for name in ("d_inputs", "d_kernel", "d_bias"))


def test_conv1d_is_drawn_with_its_own_numbers():
    inputs, kernel = np.zeros((1, 6, 1), "float32"), array(1, 2, 3).reshape(3, 1, 1)
    upstream = array(1, 0, 2, -1).reshape(1, 4, 1)
    live = CATALOGUE["conv1d_backward"].reference(inputs, kernel, upstream, 1, "valid")
    assert stand(backward.draw_conv1d(), live["d_inputs"])


def test_batch_normalization_is_drawn_with_its_own_numbers():
    live = CATALOGUE["batchnorm_backward"].reference(
        array([1], [3], [5], [7]), array(1), array([2], [0], [0], [3]), 1e-7
    )
    assert stand(backward.draw_batch_normalization(), live["d_inputs"])


def test_a_bias_of_zero_hides_the_fault_and_another_one_shows_it():
    right, wrong = np.tanh(1.5), np.tanh(1) + 0.5
    assert stand(backward.draw_lazy_test(), [np.tanh(1), np.tanh(1), right, wrong])
