"""One subject tried on one case: the reference's weights are given to it, then all is asked."""

from __future__ import annotations

import functools
import itertools
import math
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from grader.aspects import ASPECTS, Trial, Verdict
from grader.aspects.aspect import ask, first_fault, same
from grader.aspects.tolerances import TOLERANCES
from grader.bench.probe import SAID, Answer, Fault, Script, Step, Subject, Weight
from grader.bench.subject import LocalSubject
from grader.bench.weight_matching import (
    Assignment,
    Sources,
    assignments,
    from_sources,
    is_as_it_comes,
    is_whole,
    sources,
)
from grader.examination.outputs_by_way import outputs_by_way
from grader.examination.questions import Questions
from grader.exercises.draw import Draw
from grader.exercises.exercise import Case, Exercise

UNFIT = (AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError)
"""What a judge runs into when an answer has another form than the question needs."""
_FINAL = SAID.keys() - {"BadAnswer", "Forbidden"}
"""Faults that the same layer would have once more, and some of them take long."""
_MOST_WEIGHTS = 100
_MOST_FILLED = 1 << 22
_UNLIKE = Verdict(
    "Fix the weights first: those of Keras's layer do not fit into yours, so nothing can be "
    "compared.",
    is_judged=False,
)


Values = tuple[np.ndarray, ...] | Mapping[str, np.ndarray]


class ExerciseError(Exception):
    """The exercise itself is broken: its reference fails. Never the student's fault."""


@dataclass(frozen=True)
class Key:
    """Names one case: the same key gives the same case, on every machine.

    Of a `hidden` one more is asked: the first draw of each kind that is no edge is traced.
    """

    seed: int
    kind: int
    draw: int
    hidden: bool = False


@dataclass(frozen=True, eq=False)
class Expected:
    """A case, and what the reference answers on it; `edge` as in `Kind`.

    `values` are for the weights, in their order, or by names, where the layer loads them itself.
    """

    case: Case
    label: str
    aspects: tuple[str, ...]
    weights: tuple[Weight, ...]
    values: Values
    answers: Mapping[str, list[Answer]]
    edge: bool = False


@dataclass(frozen=True)
class Attempt:
    """What a subject did on a case.

    `stopped` is the fault that ended it before anything could be compared; else `answers` and
    `verdicts` hold an entry for each aspect (None: right; a `Fault`: its own step failed). `way` is
    the number of the way in which the weights were given.
    """

    expected: Expected
    trial: Trial
    answers: Mapping[str, list[Answer]]
    verdicts: Mapping[str, Verdict | Fault | None]
    stopped: Fault | None = None
    way: int = 0

    @property
    def failed(self) -> frozenset[str]:
        """The aspects that are not right on this case."""
        return frozenset(name for name, verdict in self.verdicts.items() if verdict is not None)

    @property
    def sources(self) -> Sources:
        """Where each weight has its values from; empty where that is not known."""
        found = self.trial
        return sources(found.assignment, found.reference_weights) if self.fits else ()

    @property
    def fits(self) -> bool:
        """Whether the weights were given as they should be: the first call's output is right."""
        if self.verdicts.get("output") is None:
            return True
        want, got = self.expected.answers["output"][0], self.answers.get("output", [None])[0]
        return got is not None and same(want.value, got.value, self.trial.tolerance)


@functools.lru_cache(maxsize=2048)
def expect(exercise: Exercise, key: Key) -> Expected:
    """Draw the case of this key and ask the reference; kept, so that a class shares it."""
    kind = exercise.kinds[key.kind]
    draw = Draw(zlib.crc32(exercise.name.encode()), key.seed, key.kind, key.draw)
    case = kind.draw(draw)
    in_grading = key.hidden and not key.draw and not kind.edge
    if not in_grading and not exercise.tries(kind, "traced", dear=True, draw=key.draw):
        case = replace(case, facts={**case.facts, "shape_only": True})
    if key.draw and case.again is None:  # the first draw of this kind was called again
        case = case.once()
    subject = LocalSubject(exercise.reference)
    aspects = tuple(
        name
        for name in ASPECTS
        if name in exercise.aspects
        and exercise.tries(kind, name, dear=ASPECTS[name].dear, draw=key.draw)
    )
    weights: tuple[Weight, ...] = ()
    values: Values = ()
    if exercise.kind == "implement":
        survey = (ask(case, "call"), Step("weights"))
        fault, weights, _ = _listed(subject.run(Script(case.config, survey)))
        if fault:
            raise ExerciseError(f"{exercise.name}, {kind.name}: the reference fails: {fault}")
        values = case.facts.get("weights") or tuple(
            exercise.weight(draw, w.name, w.shape) for w in weights
        )
    if exercise.kind == "test":  # what is right to say of a layer is known, and nobody is asked
        truth = [Answer(case.facts["member"].is_right)]
        known = dict.fromkeys(aspects, truth)
        return Expected(case, kind.name, aspects, weights, values, known, kind.edge)
    answers = answered(exercise, case, aspects, values)
    for name, given in answers.items():
        fault = first_fault(Trial(case, exercise.tolerance), given)
        if fault:
            raise ExerciseError(f"{exercise.name}, {kind.name}, {name}: {fault}")
    return Expected(case, kind.name, aspects, weights, values, answers, kind.edge)


def answered(
    exercise: Exercise, case: Case, aspects: tuple[str, ...], values: Values
) -> Mapping[str, list[Answer]]:
    """What the reference with these values for its weights answers on a case."""
    opening = (ask(case, "call"),) if values else ()
    subject = LocalSubject(exercise.reference)
    return Questions.of(case, aspects).put(subject, opening, values)[1]


def attempt(
    subject: Subject,
    exercise: Exercise,
    expected: Expected,
    prefer: int = 0,
    *,
    known: Sources = (),
    as_it_comes: bool = False,
) -> Attempt:
    """Try the subject on the case, with the weights given in the way that fits best.

    The way of the number `prefer`, or with the sources that are `known`, fitted another case: it
    is tried first. `as_it_comes` tries no other way where the layer makes its weights as the
    reference does.
    """
    trial = Trial(expected.case, exercise.tolerance, shapes_count=exercise.weight_shapes)
    questions = Questions.of(expected.case, expected.aspects)
    if exercise.kind != "implement":
        return _judge(trial, expected, questions.put(subject, (), ())[1])
    if isinstance(expected.values, Mapping):
        return _by_name(subject, questions, expected, trial)
    trial, best = _first_look(subject, questions, expected, trial)
    if best and (best.stopped or as_it_comes):
        return best
    return _best_way(subject, questions, expected, trial, best, prefer, known)


def in_other_ways(subject: Subject, expected: Expected, first: Attempt) -> Attempt:
    """The attempt with the weights given in the way that fits best, where `first` is what
    `attempt` gave for the same subject and case with the weights as they come."""
    trial = first.trial
    as_it_comes = first.way == 0 and is_as_it_comes(trial.assignment, expected.weights)
    if first.stopped or first.fits or not as_it_comes or isinstance(expected.values, Mapping):
        return first
    questions = Questions.of(expected.case, expected.aspects)
    return _best_way(subject, questions, expected, trial, first, prefer=0, known=())


def _by_name(subject: Subject, questions: Questions, expected: Expected, trial: Trial) -> Attempt:
    """The layer takes the weights itself, by their names: in which form, is its own affair."""
    survey = (ask(expected.case, "call"), Step("weights"))
    listed, answers = questions.put(subject, survey, expected.values)
    fault, trial = _surveyed(expected, trial, listed)
    return _stopped(expected, trial, fault) if fault else _judge(trial, expected, answers)


def _first_look(
    subject: Subject, questions: Questions, expected: Expected, trial: Trial
) -> tuple[Trial, Attempt | None]:
    """What `_at_once` gives. Most layers do nothing wrong: a right one can be built from symbols,
    whose shape is asked for anyhow, and one call of it gives the output and the gradients. Where
    anything is amiss the layer is called with numbers first, as a person does."""
    call = ask(expected.case, "call")
    opening = questions.symbols or call
    trial, best = _at_once(subject, questions, expected, trial, opening, hopeful=True)
    if best is None or not _is_settled(best):
        return _at_once(subject, questions, expected, trial, call)
    return trial, best


def _best_way(
    subject: Subject,
    questions: Questions,
    expected: Expected,
    trial: Trial,
    best: Attempt | None,
    prefer: int,
    known: Sources,
) -> Attempt:
    """The attempt with the weights given in the way that fits best; `best` is the first of them,
    where it was tried already."""
    ways = _ways(expected, trial, prefer if best is None else 0)
    as_before = _as_before(expected, trial, known, prefer)
    first = next(ways)
    if as_before and best is None:
        first, ways = as_before, itertools.chain([first], ways)
    elif as_before:
        ways = itertools.chain([as_before], ways)
    best = best or _judged(subject, questions, expected, first)
    if best.fits:
        return best
    for way in _fitting(subject, expected, ways, trial.tolerance):
        found = _judged(subject, questions, expected, way)
        if found.fits or len(found.failed) < len(best.failed):
            best = found
        if best.fits:
            break
    return best


def _at_once(
    subject: Subject,
    questions: Questions,
    expected: Expected,
    trial: Trial,
    opening: Step,
    *,
    hopeful: bool = False,
) -> tuple[Trial, Attempt | None]:
    """Ask all at once, in the hope that the layer makes its weights as the reference does.

    The `opening` builds the layer. Gives the trial with the weights that the layer has, and nothing
    else where they are others than those of the reference.
    """
    survey = (opening, Step("weights"))
    listed, answers = questions.put(subject, survey, expected.values, hopeful=hopeful)
    fault, trial = _surveyed(expected, trial, listed)
    if fault:
        return trial, _stopped(expected, trial, fault)
    way = next(iter(assignments(trial.their_weights, expected.weights)))
    if not is_as_it_comes(way, expected.weights):
        return trial, None
    return trial, _judge(replace(trial, assignment=way), expected, answers)


def _surveyed(
    expected: Expected, trial: Trial, listed: Sequence[Answer]
) -> tuple[Fault | None, Trial]:
    """The trial with the weights of both, or why the layer has none."""
    fault, theirs, untracked = _listed(listed)
    return fault, replace(
        trial, reference_weights=expected.weights, their_weights=theirs, untracked=untracked
    )


def _stopped(expected: Expected, trial: Trial, fault: Fault) -> Attempt:
    verdicts = dict.fromkeys(expected.aspects, fault)
    return Attempt(expected, trial, {}, verdicts, stopped=fault)


def _is_settled(found: Attempt) -> bool:
    """Whether calling the layer with numbers first could show nothing else."""
    faults = [verdict for verdict in found.verdicts.values() if isinstance(verdict, Fault)]
    if faults:
        return any(fault.type in _FINAL for fault in faults)
    return found.verdicts.get("shape") is None


@dataclass(frozen=True, eq=False)
class _Way:
    """A way to give the weights: its number, the trial with it, and the values by it."""

    number: int
    trial: Trial
    values: Sequence[np.ndarray | None]


def _ways(expected: Expected, trial: Trial, prefer: int) -> Iterator[_Way]:
    """All ways, the preferred one first, else in the order of their numbers."""
    theirs = trial.their_weights
    ways = enumerate(assignments(theirs, expected.weights))
    before = list(itertools.islice(ways, prefer + 1))
    for number, way in itertools.chain(before[prefer:], before[:prefer], ways):
        given = _given(way, theirs, in_order(expected.values))
        yield _Way(number, replace(trial, assignment=way), given)


def _as_before(expected: Expected, trial: Trial, known: Sources, prefer: int) -> _Way | None:
    """The way that another case has shown, where it fits here. It keeps the number of that case."""
    way = from_sources(known, trial.their_weights, expected.weights)
    if not known or way is None:
        return None
    given = _given(way, trial.their_weights, in_order(expected.values))
    return _Way(prefer, replace(trial, assignment=way), given)


def in_order(values: Values) -> tuple[np.ndarray, ...]:
    """The values of the weights, in their order, where they have no names."""
    return () if isinstance(values, Mapping) else values


def _given(
    way: Assignment, theirs: Sequence[Weight], values: Sequence[np.ndarray]
) -> list[np.ndarray | None]:
    """What each weight gets. One that nobody asked for keeps its value if it is not trained: it may
    be a constant."""
    return [
        part.take(values) if part else _filler(weight.shape) if weight.trainable else None
        for part, weight in zip(way, theirs, strict=True)
    ]


def _judged(subject: Subject, questions: Questions, expected: Expected, way: _Way) -> Attempt:
    opening = (ask(expected.case, "call"),) if way.values else ()
    answers = questions.put(subject, opening, way.values)[1]
    return replace(_judge(way.trial, expected, answers), way=way.number)


def _listed(
    answers: Sequence[Answer],
) -> tuple[Fault | None, tuple[Weight, ...], tuple[str, ...]]:
    """What the survey found: weights that Keras tracks, and names of those that it does not."""
    called, listed, *_ = answers
    if called.fault or listed.fault:
        return called.fault or listed.fault, (), ()
    try:
        weights = tuple(_weight(*row) for row in listed.value["tracked"][: _MOST_WEIGHTS + 1])
        untracked = tuple(str(name)[:60] for name in listed.value["untracked"][:5])
    except UNFIT:
        return _unfit(), (), ()
    if len(weights) > _MOST_WEIGHTS:
        return Fault("WireError", f"the layer has more than {_MOST_WEIGHTS} weights"), (), ()
    return None, weights, untracked


def _weight(name: Any, shape: Any, trainable: Any) -> Weight:
    return Weight(str(name)[:60], tuple(max(0, int(length)) for length in shape), bool(trainable))


def _judge(trial: Trial, expected: Expected, answers: Mapping[str, list[Answer]]) -> Attempt:
    verdicts: dict[str, Verdict | Fault | None] = {}
    whole = isinstance(expected.values, Mapping) or is_whole(
        trial.assignment, trial.their_weights, trial.reference_weights
    )
    for name in expected.aspects:
        given = answers[name]
        try:
            aspect = ASPECTS[name]
            verdicts[name] = aspect.fault(trial, given) or aspect.judge(
                trial.within(TOLERANCES[name]), expected.answers[name], given
            )
        except UNFIT:
            verdicts[name] = _unfit()
        if not whole and is_by_weights(verdicts[name]):
            verdicts[name] = _UNLIKE
    return Attempt(expected, trial, answers, verdicts)


def is_by_weights(verdict: Verdict | Fault | None) -> bool:
    """Whether it says something only of a layer that has the reference's weights."""
    return isinstance(verdict, Verdict) and verdict.by_weights


def _unfit() -> Fault:
    """A student's process may answer anything; what has not the form of an answer is a fault."""
    return Fault("WireError", "an answer has another form than the question needs")


def _fitting(
    subject: Subject, expected: Expected, ways: Iterator[_Way], tolerance: float
) -> Iterator[_Way]:
    """The ways that make the output right."""
    want = expected.answers.get("output") or expected.answers.get("training")
    if not want:
        return
    ways, again = itertools.tee(ways)
    values = (way.values for way in again)
    outputs = outputs_by_way(subject, expected.case, values, tolerance)
    for way, output in zip(ways, outputs, strict=True):
        if same(want[0].value, output, tolerance):
            yield way


def _filler(shape: Sequence[int]) -> np.ndarray | None:
    """Values for a weight that the reference does not have: any will do, if always the same."""
    if math.prod(shape) > _MOST_FILLED:
        return None
    return np.sin(1.0 + np.arange(int(np.prod(shape)), dtype="float32")).reshape(tuple(shape))
