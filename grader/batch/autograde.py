"""`grader autograde`: a class graded by several workers, with a bar that tells how far it is."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from nbgrader.apps import AutogradeApp
from nbgrader.apps.baseapp import NbGrader
from nbgrader.converters import Autograde, NbGraderException
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from grader.batch.cluster import cluster, lost
from grader.batch.crew import Crew
from grader.batch.engine import ADDED, ClassAutograde, End
from grader.batch.workers import Workers
from grader.gradebook.course import CONFIG, BadConfig, config_read
from grader.gradebook.not_graded import keep
from grader.pipeline import new_place
from grader.regrading.pending import pending
from grader.submissions.submission import SubmissionExporter

NOT_SAID = "the log of autograde did not say why"

OURS = "grader.submissions.execute.Execute"
_EXECUTE = "Execute"


class NoSuchUnit(Exception):
    """Nothing of this unit was handed in."""


def units(course: Path, submitted: str = "submitted") -> list[str]:
    """The units of which something was handed in, by the names of folders; hidden ones are none."""
    folders = [path for path in (course / submitted).glob("[!.]*/[!.]*") if path.is_dir()]
    return sorted({path.name for path in folders})


@contextmanager
def crew(jobs: int, address: str | None) -> Iterator[tuple[Crew, int]]:
    """The workers, and how many: processes of this machine, or a cluster's; raises `NoCluster`."""
    if address is None:
        jobs = jobs or len(os.sched_getaffinity(0))
        with Crew(partial(Workers, jobs)) as workers:
            yield workers, jobs
        return
    with cluster(address) as (executor, count), Crew(executor, lost()) as workers:
        yield workers, count


def autograde(
    unit: str, crew: Crew, jobs: int, students: Sequence[str], force: bool, out: Console
) -> dict[str, int]:
    """Grade a unit in the course of the current folder; how many ended how.

    Raises `NoSuchUnit` where there is nothing to grade.
    """
    if unit not in units(Path.cwd()):
        raise NoSuchUnit(f"no submissions of {unit} in submitted/<student>/{unit}/")
    if not force and pending(Path.cwd(), unit):
        raise NoSuchUnit(
            f"a regrade of {unit} was stopped: continue it with `grader regrade {unit}`"
        )
    counts: dict[str, int] = {"graded": 0, "skipped": 0, "failed": 0}
    app = autograde_app(unit, force)
    with _bar(out) as bar:
        _tell_through(app.log, bar.console)
        task = bar.add_task(unit, total=None)

        def told(student: str, end: End) -> None:
            counts[end] += 1
            bar.advance(task)
            if end != "skipped":
                why = converter.why.get(student, NOT_SAID) if end == "failed" else ""
                keep(Path.cwd(), unit, {student: why})

        converter = ClassAutograde(crew, jobs, told, students, coursedir=app.coursedir, parent=app)
        total = _count(converter)
        bar.update(task, total=total)
        try:
            converter.start()
        except NbGraderException as error:
            if not any(counts.values()):
                raise NoSuchUnit(f"{unit}: {error}") from None
            # Perhaps nbgrader gave the unit up half way; its log has said why.
            counts["failed"] += total - sum(counts.values())
    return counts


def _count(converter: ClassAutograde) -> int:
    try:
        converter.init_notebooks()
    except NbGraderException as error:
        raise NoSuchUnit(f"{converter.coursedir.assignment_id}: {error}") from None
    return len(converter.all)


def autograde_app(unit: str, force: bool) -> Any:
    """nbgrader's own application, with the configuration of the current folder.

    Raises `BadConfig`, also where it would have nbgrader run the students' code itself.
    """
    app = AutogradeApp(raise_config_file_errors=True)
    with config_read():
        app.initialize([unit, *(["--force"] if force else [])])
    NbGrader.start(app)
    app.coursedir.assignment_id = unit
    steps = Autograde(parent=app)
    executes = [name for name in map(_name, steps.autograde_preprocessors) if _EXECUTE in name]
    if executes != [OURS] or not issubclass(steps.exporter_class, SubmissionExporter):
        raise BadConfig(
            f"{CONFIG} does not grade as this course does: it must have what the project's own "
            'sets for c.Autograde, as by load_subconfig("nbgrader_config.py", path=PROJECT)'
        )
    return app


def _name(step: Any) -> str:
    """Of a preprocessor, which may be a class, or the name of one: today's, or an older one."""
    return new_place(step) if isinstance(step, str) else f"{step.__module__}.{step.__qualname__}"


def _bar(out: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=out,
    )


class _Rate(ProgressColumn):
    """Submissions a minute."""

    def render(self, task: Task) -> Text:
        return Text(f"{60 * task.speed:.0f}/min" if task.speed else "")


def _tell_through(log: Any, console: Console) -> None:
    """Warnings and errors of nbgrader's log appear above the bar, the rest nowhere."""
    logger = log.logger if isinstance(log, logging.LoggerAdapter) else log
    logger.handlers = [_Above(console)]
    logger.propagate = False


class _Above(logging.Handler):
    def __init__(self, console: Console) -> None:
        super().__init__(logging.WARNING)
        self._console = console

    def emit(self, record: logging.LogRecord) -> None:
        if any(words in str(record.msg) for words in ADDED):
            return
        color = "red" if record.levelno >= logging.ERROR else "yellow"
        text = f"[{color}]{escape(record.getMessage())}[/]"
        self._console.print(text, soft_wrap=True, markup=True)
