"""Outputs that a student's process sends: what is kept of them, and what never is."""

from typing import Any

import nbformat
import pytest

from grader.sandbox.outputs import TRUNCATED, clean

MOST = 1000
PNG = "iVBORw0KGgo="
ERROR = {"output_type": "error", "ename": "E", "evalue": "wrong", "traceback": ["E: wrong"]}
CUT = {"output_type": "stream", "name": "stdout", "text": TRUNCATED}


def stream(text: Any, name: Any = "stdout") -> dict[str, Any]:
    """What a cell printed."""
    return {"output_type": "stream", "name": name, "text": text}


def display(kind: str = "display_data", **data: Any) -> dict[str, Any]:
    """What a cell displayed; `text_plain` stands for text/plain."""
    types = {name.replace("_", "/"): value for name, value in data.items()}
    return {"output_type": kind, "data": types, "metadata": {}}


def test_what_is_well_formed_stays_as_it_is() -> None:
    result = {**display("execute_result", text_plain="3"), "execution_count": None}
    outputs = [stream("a\n\tb"), stream("w", "stderr"), display(image_png=PNG), result, ERROR]
    assert clean(outputs, MOST) == outputs


@pytest.mark.parametrize(
    "kind",
    [
        "text/html",
        "image/svg+xml",
        "application/javascript",
        "application/json",
        "text/markdown",
        "text/latex",
        "application/vnd.jupyter.widget-view+json",
        "application/vnd.layer-by-layer.report+json",
        "no/such-thing",
    ],
)
def test_only_text_and_pictures_are_kept_of_a_display(kind: str) -> None:
    given = {"output_type": "display_data", "data": {kind: "<b>", "text/plain": "x"}}
    assert clean([given], MOST) == [display(text_plain="x")]


def test_metadata_does_not_come_through() -> None:
    given = {**display(text_plain="x"), "metadata": {"isolated": True}, "transient": {"a": 1}}
    assert clean([given], MOST) == [display(text_plain="x")]


@pytest.mark.parametrize("outputs", [None, 3, "stream", {"output_type": "stream"}])
def test_outputs_that_are_no_list(outputs: Any) -> None:
    assert clean(outputs, MOST) == []


@pytest.mark.parametrize(
    "output",
    [None, 3, "x", [], {}, {"output_type": "update_display_data"}, {"output_type": ["stream"]}],
)
def test_an_output_of_no_known_kind_is_dropped(output: Any) -> None:
    assert clean([output, stream("kept")], MOST) == [stream("kept")]


@pytest.mark.parametrize("value", [None, 3, ["a"], {"a": 1}])
def test_what_should_be_text_and_is_not_is_empty(value: Any) -> None:
    error = {"output_type": "error", "ename": value, "evalue": value, "traceback": [value]}
    assert clean([stream(value), display(text_plain=value), error], MOST) == [
        stream(""),
        display(text_plain=""),
        {"output_type": "error", "ename": "", "evalue": "", "traceback": [""]},
    ]


def test_data_and_tracebacks_that_are_no_containers() -> None:
    broken = {"output_type": "display_data", "data": "text"}
    error = {**ERROR, "traceback": "E: wrong"}
    assert clean([broken, error], MOST) == [display(), {**ERROR, "traceback": []}]


def test_of_a_long_traceback_both_ends_are_kept() -> None:
    error = {**ERROR, "traceback": [f"line {number}" for number in range(5000)]}
    [kept] = clean([error], 10**6)
    assert kept["traceback"][:2] == ["line 0", "line 1"]
    assert kept["traceback"][-1] == "line 4999"
    assert len(kept["traceback"]) == 200
    short = {**ERROR, "traceback": ["x"] * 200}
    assert clean([short], MOST) == [short]


def test_empty_lines_of_tracebacks_count_too() -> None:
    kept = clean([{**ERROR, "traceback": [""] * 200}] * 100, MOST)
    assert sum(len(output.get("traceback", [])) for output in kept) <= MOST


def test_a_stream_is_stdout_or_stderr() -> None:
    names = ["stdout", "stderr", "stdin", "", None, ["stderr"]]
    kept = [output["name"] for output in clean([stream("x", name) for name in names], MOST)]
    assert kept == ["stdout", "stderr", "stdout", "stdout", "stdout", "stdout"]


def test_control_characters_are_dropped() -> None:
    text = "a\0b\x07c\x9bd\u202ee\u200bf\ng\th \x1b[31mred"
    assert clean([stream(text)], MOST) == [stream("abcdef\ng\th \x1b[31mred")]


def test_many_small_outputs_are_cut() -> None:
    kept = clean([stream("x")] * 5000, 10**6)
    assert kept[-1] == CUT
    assert 100 < len(kept) < 1000


def test_the_limit_counts_all_outputs() -> None:
    kept = clean([stream("a" * 400), display(text_plain="b" * 400), stream("c" * 400)], MOST)
    assert kept[:2] == [stream("a" * 400), display(text_plain="b" * 400)]
    assert "c" * 300 not in kept[2]["text"]
    assert kept[-1] == CUT


def test_the_names_of_an_error_count_too() -> None:
    kept = clean([{**ERROR, "ename": "E" * 10**6}], MOST)
    assert len(str(kept)) < 2 * MOST + 500


def test_the_beginning_of_a_flood_is_kept() -> None:
    kept = clean([stream("begin" + "x" * 10**6)], MOST)
    assert kept[0]["text"].startswith("begin")
    assert sum(len(output["text"]) for output in kept) < 2 * MOST


FLOODS = {
    "a long text": [stream("x" * 10 * MOST)],
    "many displays": [display(text_plain="x")] * 5000,
    "a large picture": [display(image_png=PNG * MOST)],
}


@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS.keys())
def test_no_flood_washes_an_error_away(flood: list[dict[str, Any]]) -> None:
    """nbgrader gives full marks to a test cell that shows no error."""
    kept = clean([*flood, ERROR], MOST)
    assert [output["ename"] for output in kept if output["output_type"] == "error"] == ["E"]


@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS.keys())
def test_no_flood_washes_partial_credit_away(flood: list[dict[str, Any]]) -> None:
    kept = clean([*flood, display("execute_result", text_plain="0.5")], MOST)
    assert [o["data"] for o in kept if o["output_type"] == "execute_result"] == [
        {"text/plain": "0.5"}
    ]


def test_a_notebook_with_what_is_kept_is_valid() -> None:
    junk: list[Any] = [{"output_type": kind} for kind in ("stream", "error", "display_data", "x")]
    outputs = [nbformat.from_dict(output) for output in clean([*junk, ERROR], MOST)]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(outputs=outputs)])
    nbformat.validate(notebook)
    assert len(outputs) == 4
