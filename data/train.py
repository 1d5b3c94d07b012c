"""Train the models that the course ships, from the data beside this script.

    python data/train.py               # write every file beside this script
    python data/train.py digits_model  # or only one
    python data/train.py --into DIR    # elsewhere

Rounding is what makes two trainings differ: other threads add up in another order, and each step of
training enlarges the difference, even in float64. So there is one thread, and batches come in a
fixed order: the same bytes come out on any number of cores. Another kind of processor may round
otherwise. How far that leads was measured with two threads in place of one: see
`tests/test_shipped_models.py`.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from grader.bench.backend import keras, tf
from grader.data import load
from grader.exercises.seeing import resnet
from grader.exercises.writing.decoder import SHIPPED, Decoder
from grader.exercises.writing.parts import PLACES, counted, rows_of

HERE = Path(__file__).resolve().parent
EPOCHS, BATCH, RATE = 6, 100, 0.01
DIGITS_BATCH = 50

Arrays = dict[str, np.ndarray]


def names_model() -> Arrays:
    """A decoder that has read the 20,000 names of `more_names` six times: its weights by name."""
    rows = rows_of(load("more_names")["last"])
    random = np.random.default_rng(0)
    rows = np.concatenate([rows[random.permutation(len(rows))] for _ in range(EPOCHS)])
    with float64():
        decoder = Decoder(**SHIPPED)
        model = keras.Sequential([keras.Input((PLACES,), dtype="int32"), decoder])
        counts = counted(rows)
        compiled(model, len(rows) // BATCH).fit(
            rows[:, :-1], rows[:, 1:], sample_weight=counts, batch_size=BATCH, shuffle=False,
            verbose=2,
        )  # fmt: skip
    return {name: np.asarray(weight, "float32") for name, weight in decoder.named().items()}


def digits_model() -> Arrays:
    """A ResNet that has seen the 1797 digits of `digits` twelve times: its weights by name.

    Not those of `more_digits`: so it does not yet read the hands of their writers as well as
    unit 19 asks of a network of one's own.
    """
    digits = load("digits")
    images = digits["images"][..., None].astype("float64") / 16
    random, epochs = np.random.default_rng(0), 12
    order = np.concatenate([random.permutation(len(images)) for _ in range(epochs)])
    with float64():
        network = resnet.ResNet(**resnet.SHIPPED)
        model = keras.Sequential([keras.Input((8, 8, 1)), network])
        compiled(model, len(order) // DIGITS_BATCH).fit(
            images[order], digits["labels"][order], batch_size=DIGITS_BATCH, shuffle=False,
            verbose=2,
        )  # fmt: skip
    return {name: np.asarray(weight, "float32") for name, weight in network.named().items()}


@contextmanager
def float64() -> Iterator[None]:
    """Everything in float64, from the first random number on."""
    before = keras.config.floatx(), keras.config.dtype_policy()
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    try:
        keras.utils.set_random_seed(0)
        yield
    finally:
        keras.config.set_floatx(before[0])
        keras.config.set_dtype_policy(before[1])


def compiled(model: keras.Model, steps: int) -> keras.Model:
    """Ready for so many steps of Adam, along a cosine down to 0."""
    assert {weight.dtype for weight in model.trainable_weights} == {"float64"}
    falling = keras.optimizers.schedules.CosineDecay(RATE, steps)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(falling), loss=loss, jit_compile=False)
    return model


MODELS: dict[str, Callable[[], Arrays]] = {
    "digits_model": digits_model,
    "names_model": names_model,
}


def main() -> None:
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    parser = argparse.ArgumentParser(description="Train the course's models.")
    parser.add_argument("--into", type=Path, default=HERE, help="another folder")
    parser.add_argument("names", nargs="*", help="the models; without one, all of them")
    given = parser.parse_args()
    if unknown := sorted(set(given.names) - set(MODELS)):
        parser.error(f"no model {unknown[0]!r}; there is: {', '.join(MODELS)}")
    for name in given.names or MODELS:
        train = MODELS[name]
        path = given.into / f"{name}.npz"
        np.savez_compressed(path, **train())
        print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
