"""Check calls are read, never executed."""

import pytest

from grader.grading.check_calls import CheckCall, UnreadableCall, check_calls

READ = {
    "check(Dense)": [CheckCall("Dense", "Dense")],
    "check(Dense);": [CheckCall("Dense", "Dense")],
    "\n# a comment\ncheck(\n    Dense,\n)\n": [CheckCall("Dense", "Dense")],
    "check(Mine, 'Dense')": [CheckCall("Mine", "Dense")],
    "check(Mine, exercise='Dense')": [CheckCall("Mine", "Dense")],
    "check(f, hidden=True)": [CheckCall("f", "f", hidden=True)],
    "check(f, hidden=False)": [CheckCall("f", "f")],
    "check(Mine, 'Dense', hidden=True)": [CheckCall("Mine", "Dense", hidden=True)],
    "check(A)\ncheck(B, hidden=True)": [CheckCall("A", "A"), CheckCall("B", "B", hidden=True)],
    "check(A); check(A)": [CheckCall("A", "A"), CheckCall("A", "A")],
    "### BEGIN HIDDEN TESTS\ncheck(A)\n### END HIDDEN TESTS": [CheckCall("A", "A")],
}
OTHER = [
    "",
    "# only a comment",
    "check",
    "check(Dense) and None",
    "x = check(Dense)",
    "check(Dense)\nassert True",
    "assert check(Dense) is None",
    "import grader\ncheck(Dense)",
    "grader.check(Dense)",
    "print(Dense)",
    "if True:\n    check(Dense)",
    "for f in A, B: check(f)",
    "check(Dense)\n%time pass",
    "!ls",
    "check(Dense",
    "'check(Dense)'",
    "await check(Dense)",
    "(check := print)(Dense)",
]
UNREADABLE = {
    "check()": "check(): the first argument must be the name of a class or function",
    "check(Dense())": "check(Dense()): the first argument must be the name of a class or function",
    "check('Dense')": "check('Dense'): the first argument must be the name of a class or function",
    "check(*all_of_them)": (
        "check(*all_of_them): the first argument must be the name of a class or function"
    ),
    "check(m.Dense)": "check(m.Dense): the first argument must be the name of a class or function",
    "check(A, 'B', 3)": (
        "check(A, 'B', 3): the first argument must be the name of a class or function"
    ),
    "check(candidate=A)": (
        "check(candidate=A): the first argument must be the name of a class or function"
    ),
    "check(A, NAME)": "check(A, NAME): NAME is not a plain literal",
    "check(A, exercise=f'{B}')": "check(A, exercise=f'{B}'): f'{B}' is not a plain literal",
    "check(A, hidden=not False)": "check(A, hidden=not False): not False is not a plain literal",
    "check(A, seed=3)": "check(A, seed=3): a test cell may give check only exercise= and hidden=",
    "check(A, **options)": (
        "check(A, **options): a test cell may give check only exercise= and hidden="
    ),
}


@pytest.mark.parametrize(("source", "calls"), READ.items(), ids=READ.keys())
def test_calls_are_read(source: str, calls: list[CheckCall]) -> None:
    assert check_calls(source) == calls


@pytest.mark.parametrize("source", OTHER)
def test_a_cell_with_anything_else_is_no_cell_of_check_calls(source: str) -> None:
    assert check_calls(source) is None


@pytest.mark.parametrize(("source", "says"), UNREADABLE.items(), ids=UNREADABLE.keys())
def test_a_call_that_cannot_be_read_is_quoted(source: str, says: str) -> None:
    with pytest.raises(UnreadableCall) as raised:
        check_calls(f"check(Fine)\n{source}")
    assert str(raised.value) == says


@pytest.mark.parametrize("options", ["exercise=3", "exercise=True", "hidden=1", "hidden='no'"])
def test_a_literal_of_the_wrong_type(options: str) -> None:
    with pytest.raises(UnreadableCall):
        check_calls(f"check(A, {options})")


@pytest.mark.parametrize("source", ["(" * 5000, "check(A)\0", "check(A) if", "\tcheck(A)"])
def test_a_source_that_python_cannot_read(source: str) -> None:
    assert check_calls(source) is None


def test_nothing_is_executed() -> None:
    with pytest.raises(UnreadableCall):
        check_calls("check(A, exercise=exit(1))")
