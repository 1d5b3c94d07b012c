"""Line ends of other systems: the lines stay the same ones, and none is added."""

import pytest

from grader.submissions.line_ends import plain_ends

LINES = "class Dense:\n\n    pass\n# done"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n", "\n\r"])
@pytest.mark.parametrize("text", [LINES, f"{LINES}\n", "\n", "one line", ""])
def test_lines_stay_the_same(text: str, end: str) -> None:
    assert plain_ends(text.replace("\n", end)) == text


@pytest.mark.parametrize(
    ("mixed", "plain"),
    [
        ("a\n\r\nb", "a\n\nb"),  # an empty line, of two systems
        ("a\n\r\r\nb", "a\n\nb"),
        ("a\r\nb\nc\rd", "a\nb\nc\nd"),
        ("a\nb\n\rc", "a\nb\n\nc"),
        ("a\n\rb\n\rc\n", "a\nb\nc\n"),  # nbformat's last line
    ],
)
def test_lines_of_several_kinds(mixed: str, plain: str) -> None:
    assert plain_ends(mixed) == plain
