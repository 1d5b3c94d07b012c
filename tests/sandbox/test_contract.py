"""The contract of a `Subject`, written once: in this process, confined and unconfined alike."""

import importlib.util
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from layers import ASSIGNED, BIAS, CELLS, KERNEL, SCRIPTS, SOURCE, XXX, X, ask, call
from test_wire import assert_same

from grader.bench.probe import Fault, Script, Step, Subject
from grader.bench.subject import LocalSubject
from grader.sandbox.limits import MIB, Limits
from grader.sandbox.session import Session
from grader.sandbox.start import Warm

Ask = Callable[[str], Subject]
"""Gives the subject of this name."""
BACKENDS = ["local", "confined", "fresh", "unconfined"]
"""In this process; forked from a warm process; a new process; forked and free."""


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """The layers, in this process."""
    path = tmp_path_factory.mktemp("layers") / "handed_in.py"
    path.write_text(SOURCE)
    spec = importlib.util.spec_from_file_location("handed_in", path)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


@pytest.fixture(scope="module")
def remote(request: pytest.FixtureRequest, warm: Warm) -> Iterator[Callable[[str], Session]]:
    """A session of each sort, in which the layers have been defined."""
    opened: dict[str, Session] = {}

    def session(sort: str) -> Session:
        if sort not in opened:
            source = warm
            if sort != "confined":
                source = Warm(Limits(array=MIB), confined=sort == "fresh")
                source.forks = False if sort == "fresh" else None
                request.addfinalizer(source.close)
            opened[sort] = Session(source.start, source.limits).__enter__()
            assert opened[sort].run(SOURCE) == []
        return opened[sort]

    yield session
    for each in opened.values():
        each.__exit__()


@pytest.fixture(params=BACKENDS)
def subject(
    request: pytest.FixtureRequest, module: ModuleType, remote: Callable[[str], Session]
) -> Ask:
    """Gives subjects on one backend after the other."""
    if request.param == "local":
        return lambda name: LocalSubject(getattr(module, name))
    return remote(request.param).subject


def values(subject: Subject, *steps: Step, **config: Any) -> list[Any]:
    """The values of all answers, none of which may be a fault."""
    answers = subject.run(Script(config, steps))
    assert [answer.fault for answer in answers] == [None] * len(steps)
    return [answer.value for answer in answers]


def faults(subject: Subject, *steps: Step, **config: Any) -> list[Fault]:
    """The faults, all answers being faults."""
    found = [answer.fault for answer in subject.run(Script(config, steps))]
    assert None not in found
    return [fault for fault in found if fault]


# What each backend must answer.


def test_output_with_given_weights(subject: Ask) -> None:
    *_, output = values(subject("Dense"), *ASSIGNED, call(), units=2)
    assert isinstance(output, np.ndarray)
    assert output.dtype == "float32"
    np.testing.assert_allclose(output, X @ KERNEL + BIAS, rtol=1e-5)


def test_weights_are_listed_with_name_shape_and_whether_they_learn(subject: Ask) -> None:
    _, weights = values(subject("Dense"), call(), Step("weights"), units=2)
    assert weights["tracked"] == [["kernel", [3, 2], True], ["bias", [2], True]]
    assert weights["untracked"] == []


def test_a_weight_that_keras_does_not_see(subject: Ask) -> None:
    _, weights = values(subject("Untracked"), call(), Step("weights"))
    assert weights == {"tracked": [], "untracked": ["kernel"]}


def test_a_function(subject: Ask) -> None:
    assert values(subject("params"), Step("apply"), features=5, units=3, use_bias=False) == [15]


def test_a_tuple_as_argument_arrives_as_a_tuple(subject: Ask) -> None:
    assert values(subject("text"), Step("apply"), x=(1, 2)) == ["units: (1, 2)"]
    assert values(subject("text"), Step("apply"), x=[1, 2]) == ["units: [1, 2]"]


def test_lists_and_dicts_of_inputs(subject: Ask) -> None:
    mean = subject("Mean")
    for inputs in [X, 3 * X], {"a": X, "b": 3 * X}:
        [output] = values(mean, call(inputs))
        np.testing.assert_allclose(output, 2 * X, rtol=1e-6)


def test_cells_in_the_config_come_from_keras_and_from_grader_inside(subject: Ask) -> None:
    [output] = values(subject("Along"), call(XXX), cells=CELLS)
    state = np.zeros((4, 3))
    for total in np.cumsum(XXX, axis=1).transpose(1, 0, 2):
        state = np.tanh(np.sum(total + state, axis=1, keepdims=True) * np.ones(3))
    np.testing.assert_allclose(output, state, rtol=1e-4)


def test_a_crash_shows_the_students_own_line(subject: Ask) -> None:
    where = "count = 3 / (inputs.shape[0] - inputs.shape[0])"
    [fault] = faults(subject("Crashes"), call())
    line = SOURCE[: SOURCE.index(where)].count("\n") + 1
    assert fault == Fault("ZeroDivisionError", "division by zero", f"line {line}: {where}")


def test_after_a_fault_the_next_step_is_still_asked(subject: Ask) -> None:
    answers = subject("Dense").run(
        Script({"units": 2}, (call(), call(X[:, :2]), Step("points"), call()))
    )
    assert [answer.fault is None for answer in answers] == [True, False, False, True]


def test_each_script_is_put_to_a_new_layer(subject: Ask) -> None:
    dense = subject("Dense")
    *_, changed = values(dense, *ASSIGNED, Step("values"), units=2)
    _, fresh = values(dense, call(), Step("values"), units=2)
    assert_same(changed, [KERNEL, BIAS])
    assert_same(fresh, [np.ones_like(KERNEL), np.zeros_like(BIAS)])


def test_an_untouched_stub(subject: Ask) -> None:
    [fault] = faults(subject("stub"), Step("apply"), x=1)
    assert fault.untouched


def test_what_is_no_layer(subject: Ask) -> None:
    [fault] = faults(subject("not_a_layer"), call())
    assert fault.type == "TypeError"


def test_an_unknown_batch_size(subject: Ask) -> None:
    assert values(subject("Dense"), ask("symbolic"), units=2) == [{"shape": [None, 2]}]


# And whatever it is, they must answer the same.


@pytest.mark.parametrize("sort", BACKENDS[1:])
@pytest.mark.parametrize(("name", "script"), SCRIPTS.values(), ids=SCRIPTS.keys())
def test_the_same_answers_as_in_this_process(
    sort: str, name: str, script: Script, module: ModuleType, remote: Callable[[str], Session]
) -> None:
    here = LocalSubject(getattr(module, name)).run(script)
    there = remote(sort).subject(name).run(script)
    assert len(here) == len(there) == len(script.steps)
    assert [answer.fault for answer in there] == [answer.fault for answer in here]
    for one, other in zip(here, there, strict=True):
        assert_same(one.value, other.value)


# What only a layer elsewhere can be.


@pytest.mark.parametrize("sort", BACKENDS[1:])
def test_a_name_that_the_notebook_does_not_define(
    sort: str, remote: Callable[[str], Session]
) -> None:
    fault = Fault("Missing", "the notebook defines no Conv2D")
    assert faults(remote(sort).subject("Conv2D"), call(), call()) == [fault, fault]


@pytest.mark.parametrize("sort", BACKENDS[1:])
def test_what_is_forbidden_is_forbidden_there_too(
    sort: str, remote: Callable[[str], Session]
) -> None:
    session = remote(sort)
    session.run("class Cheats(keras.layers.Dense): pass")
    for forbid, kinds in (("keras.layers.Dense",), ["Forbidden"]), ((), [None]):
        answers = session.subject("Cheats", forbid).run(Script({"units": 2}, (call(),)))
        assert [answer.fault and answer.fault.type for answer in answers] == kinds


@pytest.mark.parametrize("sort", BACKENDS[1:])
def test_an_answer_that_is_too_large(sort: str, remote: Callable[[str], Session]) -> None:
    session = remote(sort)
    session.run("def large(count): return np.zeros(count)")
    large = session.subject("large")
    assert [fault.type for fault in faults(large, Step("apply"), count=10**6)] == ["TooLarge"]
    assert values(large, Step("apply"), count=3)[0].shape == (3,)
