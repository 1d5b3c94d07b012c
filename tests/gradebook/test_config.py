"""A configuration that is broken, or is not ours, grades nothing: nbgrader would go on with its
defaults, which run the students' code unconfined."""

from pathlib import Path

import pytest
from jupyter_core.paths import SYSTEM_CONFIG_PATH, jupyter_config_path

from grader.batch.autograde import autograde_app
from grader.gradebook.course import BadConfig, application

ROOT = Path(__file__).resolve().parent.parent.parent
WHOLE = f'c = get_config()\nload_subconfig("nbgrader_config.py", path={str(ROOT)!r})\n'


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The configuration of a course, which is the current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "nbgrader_config.py"


BROKEN = {
    "an open bracket": (
        "c = get_config()\nc.DailyPenalty.most = (1",
        "nbgrader_config.py, line 2: '(' was never closed",
    ),
    "an unknown name": (
        f"{WHOLE}c.DailyPenalty.most = ten",
        "nbgrader_config.py, line 3: NameError: name 'ten' is not defined",
    ),
}


@pytest.mark.parametrize(("text", "says"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_configuration_is_told_in_a_line(config: Path, text: str, says: str) -> None:
    config.write_text(text)
    with pytest.raises(BadConfig) as raised:
        autograde_app("01-first-layers", force=False)
    assert str(raised.value) == says
    with pytest.raises(BadConfig) as raised:
        application(config.parent)
    assert str(raised.value) == says


ELSEWHERE = {
    "an open bracket": ("nbgrader_config.py", "c = (1", ", line 1: '(' was never closed"),
    "an unknown name": (
        "nbgrader_config.py",
        "\nc = get_confg()",
        ", line 2: NameError: name 'get_confg' is not defined",
    ),
    "Jupyter's own": ("jupyter_config.py", "1 / 0", ", line 1: ZeroDivisionError: division by"),
    "no JSON": ("nbgrader_config.json", '{"Validator": ', ": JSONDecodeError: Expecting value"),
}


@pytest.mark.parametrize(("name", "text", "says"), ELSEWHERE.values(), ids=ELSEWHERE.keys())
def test_a_broken_file_that_is_not_the_courses_is_told_by_its_whole_path(
    config: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str, says: str
) -> None:
    """A hub has one in /etc/jupyter, and a user another."""
    config.write_text(WHOLE)
    elsewhere = config.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / name).write_text(text)
    monkeypatch.delenv("JUPYTER_NO_CONFIG", raising=False)
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(elsewhere))
    with pytest.raises(BadConfig) as raised:
        application(config.parent)
    assert str(raised.value).startswith(f"{elsewhere / name}{says}")


NOT_OURS = {
    "none": "",
    "a subconfig that was moved": WHOLE.replace(str(ROOT), f"{ROOT}/elsewhere"),
    "nbgrader's exporter": f"{WHOLE}c.Autograde.exporter_class = "
    '"nbconvert.exporters.NotebookExporter"',
    "nbgrader's Execute": f"{WHOLE}c.Autograde.autograde_preprocessors = "
    '["nbgrader.preprocessors.Execute", "grader.gradebook.save.SaveAllGrades"]',
    "both": f"{WHOLE}c.Autograde.autograde_preprocessors.insert(0, "
    '"nbgrader.preprocessors.Execute")',
}


@pytest.mark.parametrize("text", NOT_OURS.values(), ids=NOT_OURS.keys())
def test_a_configuration_that_is_not_ours_grades_nothing(config: Path, text: str) -> None:
    config.write_text(text)
    with pytest.raises(BadConfig, match="must have what the project's own sets"):
        autograde_app("01-first-layers", force=False)


def test_a_course_of_its_own_that_takes_ours_grades(config: Path) -> None:
    config.write_text(f"{WHOLE}c.Execute.limits = {{}}\n")
    assert (
        autograde_app("01-first-layers", force=False).coursedir.assignment_id == "01-first-layers"
    )


def test_the_tests_read_no_configuration_of_this_machine() -> None:
    """`conftest` sees to it: a file of somebody else's would change what they find."""
    assert not set(jupyter_config_path()) & {*SYSTEM_CONFIG_PATH, str(Path.home() / ".jupyter")}
