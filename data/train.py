"""Train the models that the course ships, from the data beside this script.

    python data/train.py            # write every file beside this script
    python data/train.py --into DIR # elsewhere

Rounding is what makes two trainings differ: other threads add up in another order, and each step of
training enlarges the difference, even in float64. So there is one thread, and batches come in a
fixed order: the same bytes come out on any number of cores. Another kind of processor may round
otherwise. How far that leads was measured with two threads in place of one: see
`tests/test_shipped_models.py`.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np

from grader.bench.backend import keras, tf
from grader.data import load
from grader.exercises.writing.decoder import SHIPPED, Decoder
from grader.exercises.writing.parts import PLACES, counted, rows_of

HERE = Path(__file__).resolve().parent
EPOCHS, BATCH, RATE = 6, 100, 0.01

Arrays = dict[str, np.ndarray]


def names_model() -> Arrays:
    """A decoder that has read the 20,000 names of `more_names` six times: its weights by name."""
    rows = rows_of(load("more_names")["last"])
    random = np.random.default_rng(0)
    rows = np.concatenate([rows[random.permutation(len(rows))] for _ in range(EPOCHS)])
    before = keras.config.floatx(), keras.config.dtype_policy()
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    try:
        keras.utils.set_random_seed(0)
        decoder = Decoder(**SHIPPED)
        model = keras.Sequential([keras.Input((PLACES,), dtype="int32"), decoder])
        assert {weight.dtype for weight in model.weights} == {"float64"}
        falling = keras.optimizers.schedules.CosineDecay(RATE, len(rows) // BATCH)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(keras.optimizers.Adam(falling), loss=loss, jit_compile=False)
        counts = counted(rows)
        model.fit(
            rows[:, :-1], rows[:, 1:], sample_weight=counts, batch_size=BATCH, shuffle=False,
            verbose=2,
        )  # fmt: skip
    finally:
        keras.config.set_floatx(before[0])
        keras.config.set_dtype_policy(before[1])
    return {name: np.asarray(weight, "float32") for name, weight in decoder.named().items()}


MODELS: dict[str, Callable[[], Arrays]] = {"names_model": names_model}


def main() -> None:
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    parser = argparse.ArgumentParser(description="Train the course's models.")
    parser.add_argument("--into", type=Path, default=HERE, help="another folder")
    given = parser.parse_args()
    for name, train in MODELS.items():
        path = given.into / f"{name}.npz"
        np.savez_compressed(path, **train())
        print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
