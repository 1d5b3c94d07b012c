"""`grader autograde`: a class graded by several workers gets what nbgrader's own command gives."""

import json
import logging
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
from nbgrader.converters import NbGraderException
from rich.console import Console

from grader.batch import autograde as command
from grader.batch.crew import Crew
from grader.batch.engine import End
from grader.gradebook import not_graded
from tests.courses import Course, Done
from tests.gradebooks import FIRST, SECOND, fill

STATUSES = {"graded", "graded before", "not graded"}


def autograde(course: Course, *options: str, cores: Collection[int] = ()) -> Done:
    """Run `grader autograde` in the course's folder, perhaps on some of the cores only."""
    done = subprocess.run(
        [sys.executable, "-m", "grader.cli", "autograde", *options],
        cwd=course.folder,
        capture_output=True,
        text=True,
        timeout=900,
        preexec_fn=partial(os.sched_setaffinity, 0, cores) if cores else None,
        env={**os.environ, "COLUMNS": "1000", "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    return Done(done.returncode, [*done.stdout.splitlines(), *done.stderr.splitlines()])


@pytest.fixture(scope="module")
def twin(odd: tuple[Course, Done], tmp_path_factory: pytest.TempPathFactory) -> tuple[Course, Done]:
    """The same class once more, with eight times as many workers as cores, and what was said."""
    first, _ = odd
    folder = tmp_path_factory.mktemp("twin") / "course"
    made = ("autograded", "gradebook.db", "notebooks", "feedback")
    shutil.copytree(first.folder, folder, ignore=shutil.ignore_patterns(*made))
    course = Course(folder, first.unit)
    assert course.run("generate_assignment").status == 0
    with (folder / "nbgrader_config.py").open("a") as config:
        config.write('c.Execute.limits["start"] = 600.0\n')  # eight load TensorFlow at once
    one = {min(os.sched_getaffinity(0))}
    return course, autograde(course, course.unit, "--jobs", "8", cores=one)


def students(course: Course) -> list[str]:
    """Who handed something in."""
    return sorted(path.name for path in (course.folder / "submitted").iterdir())


def graded(course: Course) -> dict[str, str]:
    """The autograded notebook of each student who was graded."""
    paths = sorted((course.folder / "autograded").glob(f"*/{course.unit}/*.ipynb"))
    return {path.parts[-3]: path.read_text() for path in paths}


def test_the_scores_are_those_of_nbgrader(
    odd: tuple[Course, Done], twin: tuple[Course, Done]
) -> None:
    names = sorted(graded(odd[0]))
    assert len(names) > 5
    ours = {name: twin[0].grades(name) for name in names}
    assert {score for grades in ours.values() for _, score in grades.values()} == {None}
    # Another test gives a manual score in the first course: only that may differ.
    assert {name: twin[0].points(name) for name in names} == {
        name: odd[0].points(name) for name in names
    }


def test_the_graded_notebooks_are_those_of_nbgrader_byte_for_byte(
    odd: tuple[Course, Done], twin: tuple[Course, Done]
) -> None:
    ours, theirs = graded(twin[0]), graded(odd[0])
    assert ours.keys() == theirs.keys()
    assert [name for name in ours if ours[name] != theirs[name]] == []


def test_the_end_is_told(odd: tuple[Course, Done], twin: tuple[Course, Done]) -> None:
    course, done = twin
    count = len(graded(course))
    failed = len(students(course)) - count
    assert done.lines(rf"^{course.unit}: {count} graded, {failed} not graded$")
    assert done.status == odd[1].status == (1 if failed else 0)
    assert not done.lines("Traceback|has changed!")
    assert done.lines("^Next: ")
    kept = not_graded.read(course.folder, course.unit)
    assert sorted(kept) == sorted({*students(course)} - {*graded(course)})
    assert all("ot graded" in words and "Please see" not in words for words in kept.values())


def test_a_second_run_goes_on_where_it_was(twin: tuple[Course, Done]) -> None:
    course, _ = twin
    before = graded(course)
    again = sorted(before)[0]
    shutil.rmtree(course.folder / "autograded" / again)
    done = autograde(course, "--jobs", "1", "--json")
    counted, _ = json.JSONDecoder().raw_decode("\n".join(done.log))
    assert counted == {course.unit: {"graded": 1, "skipped": len(before) - 1, "failed": 0}}
    assert done.lines(rf": 1 graded, {len(before) - 1} graded before")
    assert graded(course) == before


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (("--student", "nobody"), "grader: .*: nobody: no such submission$"),
        (("no-such-unit",), "grader: no submissions of no-such-unit"),
        (("--cluster", "local:x"), "write local:2 for two"),
    ],
)
def test_a_mistake_gets_one_line(
    twin: tuple[Course, Done], options: tuple[str, ...], line: str
) -> None:
    done = autograde(twin[0], *options)
    assert done.status == 1
    assert done.lines(line)
    assert not done.lines("Traceback")


@pytest.fixture
def no_notebooks(root: Path, tmp_path: Path) -> Course:
    """A course with two units in which nobody has handed in a notebook, and other folders."""
    fill(tmp_path)
    config = f"c = get_config()\nload_subconfig('nbgrader_config.py', path={str(root)!r})\n"
    (tmp_path / "nbgrader_config.py").write_text(config)
    for name in (
        f"ada/{FIRST}/notes.txt",
        f"ada/{FIRST}/hw/{FIRST}.ipynb",
        "ada/drafts/a.txt",
        f"ada/.ipynb_checkpoints/{FIRST}.ipynb",
        f".ipynb_checkpoints/{FIRST}/{FIRST}.ipynb",
        f"bob/{SECOND}/answers.pdf",
        f"ev[ae]/{FIRST}/{FIRST}.ipynb",
    ):
        path = tmp_path / "submitted" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    (tmp_path / "submitted" / "cy" / FIRST).mkdir(parents=True)
    (tmp_path / "submitted" / "dot" / SECOND).parent.mkdir()
    (tmp_path / "submitted" / "dot" / SECOND).write_text("a file")
    shutil.copytree(tmp_path / "submitted", tmp_path / "autograded")  # so that no worker is loaded
    return Course(tmp_path, FIRST)


def counted(done: Done) -> object:
    """What `--json` has printed."""
    return json.JSONDecoder().raw_decode("\n".join(done.log))[0]


def test_a_submission_without_a_notebook_is_told_and_counts_as_not_graded(
    no_notebooks: Course,
) -> None:
    done = autograde(no_notebooks, "--json")
    assert done.status == 1
    assert counted(done) == {
        FIRST: {"graded": 0, "skipped": 0, "failed": 3},
        SECOND: {"graded": 0, "skipped": 0, "failed": 2},
    }
    for line in (
        f"submitted/ada/{FIRST} holds hw/, notes.txt, and no notebook. It was not graded: ask",
        f"submitted/cy/{FIRST} is empty. It was not graded: ask the student",
        f"submitted/ev[ae]/{FIRST}: nbgrader finds no folder with [ * or ? in its name. It was",
        f"submitted/bob/{SECOND} holds answers.pdf, and no notebook.",
        f"submitted/dot/{SECOND} cannot be read (Not a directory). It was not graded",
    ):
        assert len(done.lines(re.escape(line))) == 1
    assert not done.lines("No notebooks were matched|Traceback|ipynb_checkpoints")
    kept = not_graded.read(no_notebooks.folder, FIRST)
    assert sorted(kept) == ["ada", "cy", "ev[ae]"]
    assert kept["cy"].endswith(
        f"submitted/cy/{FIRST} is empty. It was not graded: ask the student for the notebook."
    )
    assert (no_notebooks.folder / not_graded.FILE).stat().st_mode & 0o077 == 0


def test_a_folder_that_is_no_unit_is_told_and_left_out(no_notebooks: Course) -> None:
    done = autograde(no_notebooks)
    [line] = done.lines("drafts")
    assert line.startswith(
        "grader: submitted/<student>/drafts/ is left out: there is no unit drafts"
    )
    assert done.lines(f"^{SECOND}: 0 graded, 2 not graded$")


def test_a_unit_that_cannot_be_graded_stops_no_later_one(no_notebooks: Course) -> None:
    done = autograde(no_notebooks, "--student", "bob", "--force", "--json")
    assert done.status == 1
    assert done.lines(f"^grader: {FIRST}: bob: no such submission$")
    assert counted(done) == {SECOND: {"graded": 0, "skipped": 0, "failed": 1}}


@pytest.mark.parametrize("named", [(), (FIRST,)])
def test_a_broken_configuration_is_told_in_one_line(
    no_notebooks: Course, named: tuple[str, ...]
) -> None:
    (no_notebooks.folder / "nbgrader_config.py").write_text("c = get_config(")
    done = autograde(no_notebooks, *named)
    assert done == Done(1, ["grader: nbgrader_config.py, line 1: '(' was never closed"])


class GivesUp:
    """In place of a converter: two submissions, and the gradebook is gone after the first."""

    def __init__(
        self, crew: object, jobs: int, told: Callable[[str, End], None], *_: object
    ) -> None:
        self.all, self.told = ("ada", "bob"), told

    def init_notebooks(self) -> None:
        """Nothing is to be found."""

    def start(self) -> None:
        """Ends as nbgrader does."""
        self.told("ada", "graded")
        raise NbGraderException("There was an error accessing the nbgrader database.")


def test_what_a_unit_had_left_when_it_was_given_up_is_not_graded(
    no_notebooks: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = SimpleNamespace(log=logging.getLogger("given up"), coursedir=None)
    monkeypatch.setattr(command, "autograde_app", lambda unit, force: made)
    monkeypatch.setattr(command, "ClassAutograde", lambda *words, **_: GivesUp(*words))
    monkeypatch.chdir(no_notebooks.folder)
    with Crew(ThreadPoolExecutor) as crew:
        counts = command.autograde(FIRST, crew, 1, (), False, Console(quiet=True))
    assert counts == {"graded": 1, "skipped": 0, "failed": 1}
