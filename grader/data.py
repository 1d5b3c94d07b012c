"""The course's data: small and real, and part of it, so that no notebook downloads anything."""

from __future__ import annotations

from pathlib import Path

import numpy as np

_HERE = Path(__file__).resolve().parent


def load(name: str) -> dict[str, np.ndarray]:
    """The arrays of one data set.

    | name        | arrays                                                                 |
    |-------------|------------------------------------------------------------------------|
    | co2         | year, month (526,) int32; co2 (526,) float32, ppm, NaN where missing   |
    | couplets    | lines (5664, 2) text: couplets of Tang poems, two lines of five         |
    |             | characters                                                             |
    | digits      | images (1797, 8, 8) uint8, ink from 0 to 16; labels (1797,) uint8, 0   |
    |             | to 9                                                                   |
    | digits_model | weights of a trained residual network (unit 19), float32, by their names |
    | more_digits | images (3000, 8, 8) and labels (3000,) as in digits, by other writers  |
    | more_names  | last (20000,) text: rarer family names, in a random order              |
    | names       | first (5163,), last (5000,) text: lower case, the most frequent first  |
    | names_model | weights of a trained decoder (unit 18), float32, by their names          |
    | pagoda      | image (192, 160, 3) uint8, a photograph: red, green, blue              |
    | penguins    | species, island, sex (342,) text; year (342,) int32; bill_length,      |
    |             | bill_depth, flipper_length (342,) float32, mm; body_mass (342,)        |
    |             | float32, g                                                             |

    `data/README.md` tells where each comes from and under which licence.
    """
    files = {path.stem: path for path in sorted(_folder().glob("*.npz"))}
    if name not in files:
        raise FileNotFoundError(f"no data set {name!r}; there is: {', '.join(files) or 'none'}")
    with np.load(files[name], allow_pickle=False) as archive:
        return dict(archive)


def _folder() -> Path:
    """A wheel carries the data inside the package; in a checkout it lies beside the package."""
    inside = _HERE / "_data"
    return inside if inside.is_dir() else _HERE.parent / "data"
