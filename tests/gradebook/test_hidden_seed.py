"""The seed of the hidden cases: drawn once, kept, and each assignment has its own."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from grader.examination.attempt import Key, expect
from grader.exercises.catalogue import find
from grader.gradebook.hidden_seed import FILE, hidden_seed


def test_it_is_kept(tmp_path: Path) -> None:
    first = hidden_seed(tmp_path, "01")
    assert hidden_seed(tmp_path, "01") == first
    assert json.loads((tmp_path / FILE).read_text()) == {"01": first}


def test_each_assignment_and_each_course_has_its_own(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    seeds = [hidden_seed(folder, unit) for folder in (tmp_path, tmp_path / "other")
             for unit in ("01", "02")]  # fmt: skip
    assert len(set(seeds)) == 4
    assert [hidden_seed(tmp_path, unit) for unit in ("01", "02")] == seeds[:2]


def test_it_is_never_that_of_the_visible_cases(tmp_path: Path) -> None:
    seeds = [hidden_seed(tmp_path, str(unit)) for unit in range(50)]
    assert min(seeds) > 0
    assert len(set(seeds)) == 50


def test_nobody_can_try_them_all(tmp_path: Path) -> None:
    assert max(hidden_seed(tmp_path, str(unit)).bit_length() for unit in range(20)) > 120


def test_all_of_it_decides_on_the_cases(tmp_path: Path) -> None:
    seed = hidden_seed(tmp_path, "01")
    exercise = find("Dense")
    drawn = [expect(exercise, Key(s, 0, 0)).values[0] for s in (seed, seed, seed ^ 1 << 127)]
    assert drawn[0].tolist() == drawn[1].tolist() != drawn[2].tolist()


def test_deleting_the_file_draws_anew(tmp_path: Path) -> None:
    first = hidden_seed(tmp_path, "01")
    (tmp_path / FILE).unlink()
    assert hidden_seed(tmp_path, "01") != first


def test_only_the_file_is_left(tmp_path: Path) -> None:
    hidden_seed(tmp_path, "01")
    hidden_seed(tmp_path, "02")
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize("attempt", range(5))
def test_many_at_once_agree(tmp_path: Path, attempt: int) -> None:
    with ThreadPoolExecutor(8) as pool:
        seeds = set(pool.map(lambda _: hidden_seed(tmp_path, "01"), range(16)))
    assert seeds == {hidden_seed(tmp_path, "01")}
