"""Class lists of Canvas and Moodle: read whole or not at all, and every bad row is told."""

from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from grader.cli import main
from grader.lms.roster import BadRoster, Roster, read_roster
from tests.gradebooks import CANVAS, MOODLE, fill, url

ID = " (--id COLUMN takes the ids from another column)"


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder is a course with a gradebook."""
    fill(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def listed(folder: Path, text: str, id_column: str = "") -> Roster:
    """The class list in this text."""
    (folder / "roster.csv").write_text(text, encoding="utf-8")
    return read_roster(folder / "roster.csv", id_column)


def students(folder: Path) -> dict[str, tuple[str | None, ...]]:
    """The students in the gradebook: first and last name, email, id in the LMS."""
    with Gradebook(url(folder)) as book:
        return {
            one.id: (one.first_name, one.last_name, one.email, one.lms_user_id)
            for one in book.students
        }


def test_a_gradebook_export_of_canvas(tmp_path: Path) -> None:
    roster = listed(tmp_path, CANVAS)
    assert roster.kind == "Canvas"
    assert [(p.id, p.first_name, p.last_name, p.lms_id, p.line) for p in roster.people] == [
        ("ada", "Ada", "Lovelace", "501", 4),
        ("zoe", "Zoë", "Björk", "502", 5),
    ]
    assert roster.people[0].cells["Section"] == "Section A, B"


def test_canvas_with_names_in_two_columns_semicolons_and_a_byte_order_mark(tmp_path: Path) -> None:
    text = "\ufeffLastName;FirstName;ID;SIS Login ID;Section\nLovelace;Ada;501;ada@uni.example;A\n"
    [ada] = listed(tmp_path, text).people
    assert (ada.id, ada.first_name, ada.last_name) == ("ada@uni.example", "Ada", "Lovelace")
    assert (ada.email, ada.lms_id) == ("ada@uni.example", "501")


def test_a_gradebook_export_of_moodle(tmp_path: Path) -> None:
    roster = listed(tmp_path, MOODLE)
    assert roster.kind == "Moodle"
    assert [(p.id, p.first_name, p.email, p.lms_id) for p in roster.people] == [
        ("s-1", "Ada", "ada@uni.example", "s-1"),
        ("s-2", "Zoë", "zoe@uni.example", "s-2"),
    ]


def test_the_ids_are_in_the_column_that_is_named(tmp_path: Path) -> None:
    assert [p.id for p in listed(tmp_path, CANVAS, "SIS User ID").people] == ["s-1", "s-2"]
    with pytest.raises(BadRoster, match=r"has no column Login: there is Student, ID, SIS User ID"):
        listed(tmp_path, CANVAS, "Login")
    with pytest.raises(BadRoster, match=r"line 2: no Username$"):
        listed(tmp_path, MOODLE.replace("ID number", "Username").replace("s-1", ""), "Username")


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("Cho,Lee,s-3", "line 4: 3 cells, not 6"),
        ("Cho,Lee,,cho@uni.example,-,-", f"line 4: no ID number{ID}"),
        ("Cho,Lee,s-1,cho@uni.example,-,-", f"line 4: s-1 is also in line 2{ID}"),
        ("Cho,Lee,../s-3,c,-,-", f"line 4: ../s-3 cannot be the name of a student's folder{ID}"),
        ("Cho,Lee,s[3],c,-,-", f"line 4: s[3] cannot be the name of a student's folder{ID}"),
        ("Cho,Lee,*,c,-,-", f"line 4: * cannot be the name of a student's folder{ID}"),
        ("Cho,Lee,s-3?,c,-,-", f"line 4: s-3? cannot be the name of a student's folder{ID}"),
        ('Cho,"Lee,s-3,c,-,-', "line 4: unexpected end of data"),
    ],
)
def test_a_bad_row_is_told_with_its_line(tmp_path: Path, row: str, says: str) -> None:
    with pytest.raises(BadRoster) as raised:
        listed(tmp_path, f"{MOODLE}{row}\n")
    assert raised.value.lines == (f"{tmp_path}/roster.csv, {says}",)


BIG = "10300000000000501"
SPREADSHEET = (
    " was changed by a spreadsheet: export the list again, and do not save it with a spreadsheet"
)


@pytest.mark.parametrize(
    "cell",
    [
        *("1.03E+16", "1,03E+16", "1E+05", "1.03E16", "1.03 E+16", "501.0", "501,00", "501."),
        *("10,501", "10'501", "'501", "=501", "#####", "#N/A", "#REF!"),
    ],
)
@pytest.mark.parametrize(
    ("text", "column"),
    [
        (CANVAS.replace("501", BIG), "ID"),
        (CANVAS.replace("s-1", BIG), "SIS User ID"),
        (CANVAS.replace("ada,", f"{BIG},"), "SIS Login ID"),
        (MOODLE.replace("s-1", BIG), "ID number"),
    ],
)
def test_an_id_that_a_spreadsheet_changed(
    tmp_path: Path, text: str, column: str, cell: str
) -> None:
    listed(tmp_path, text)
    with pytest.raises(BadRoster) as raised:
        listed(tmp_path, text.replace(BIG, f'"{cell}"'))
    line = 4 if text.startswith("Student") else 2
    assert raised.value.lines == (
        f"{tmp_path}/roster.csv, line {line}: {column} {cell}{SPREADSHEET}",
    )


@pytest.mark.parametrize(
    "cell", ["５０１", "10.501", "10 501", "\u200b501", "1E-5", "501\0", "TRUE"]
)
def test_an_id_of_canvas_is_digits(tmp_path: Path, cell: str) -> None:
    with pytest.raises(BadRoster) as raised:
        listed(tmp_path, CANVAS.replace("501", cell))
    [line] = raised.value.lines
    assert line.endswith(SPREADSHEET)
    assert line.isprintable()


@pytest.mark.parametrize("digits", [16, 17, 20])
def test_long_ids_that_are_all_rounded(tmp_path: Path, digits: int) -> None:
    rows = [f'"Lee, Cho{n}",{n}{"1" * 13}{"0" * (digits - 15)},s,c{n},A,,,\n' for n in (11, 12, 13)]
    with pytest.raises(BadRoster) as raised:
        listed(tmp_path, CANVAS + "".join(rows))
    assert raised.value.lines == (f"{tmp_path}/roster.csv: ID{SPREADSHEET}",)
    kept = "".join(rows).replace(f"11{'1' * 13}", f"11{'1' * 12}").replace("0,s,c11", "07,s,c11")
    assert len(listed(tmp_path, CANVAS + kept).people) == 5


@pytest.mark.parametrize("name", ["\u202eann", "a\tb", "an\u200bn", "a" * 200, "\x1b[31m"])
def test_an_id_that_no_folder_should_have(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadRoster) as raised:
        listed(tmp_path, CANVAS.replace("ada,", f"{name},"))
    [line] = raised.value.lines
    assert "cannot be the name of a student's folder" in line
    assert line.isprintable()


def test_letters_with_marks_are_one_letter_or_two(tmp_path: Path) -> None:
    with pytest.raises(BadRoster, match="line 5: zo\u00eb is also in line 4"):
        listed(tmp_path, CANVAS.replace("ada,", "zoe\u0308,").replace("zoe,", "zo\u00eb,"))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("begin", ["", "\ufeff", "sep=,\n", '"sep=,"\r\n'])
def test_a_list_as_a_spreadsheet_saves_it(tmp_path: Path, encoding: str, begin: str) -> None:
    path = tmp_path / "roster.csv"
    path.write_bytes((begin + CANVAS.replace("A,,,\n", "A,,,,,\n")).encode(encoding))
    assert [person.id for person in read_roster(path).people] == ["ada", "zoe"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n", "\n\r"])
@pytest.mark.parametrize("rest", [b"", b"\0\0"])  # of a disk that was switched off
def test_lines_as_another_system_ends_them(tmp_path: Path, end: str, rest: bytes) -> None:
    path = tmp_path / "roster.csv"
    path.write_bytes(CANVAS.replace("\n", end).encode() + rest)
    assert [(person.id, person.line) for person in read_roster(path).people] == [
        ("ada", 4),
        ("zoe", 5),
    ]


@pytest.mark.parametrize("letter", ["\x85", "\u2028", "\x0b", "\x1c"])
def test_a_name_with_what_python_takes_for_a_line_end(tmp_path: Path, letter: str) -> None:
    """Word processors put them there, and nobody sees them."""
    [ada, _] = listed(tmp_path, MOODLE.replace("Lovelace", f"Love{letter}lace")).people
    assert (ada.id, ada.line) == ("s-1", 2)


@pytest.mark.parametrize("data", [b"PK\x03\x04x", b"\xd0\xcf\x11\xe0x"])
def test_a_spreadsheet_itself(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "roster.csv").write_bytes(data)
    with pytest.raises(BadRoster, match="is a spreadsheet, not CSV: export the list again, as CSV"):
        read_roster(tmp_path / "roster.csv")


def test_an_assignment_that_is_called_as_a_column_of_canvas(tmp_path: Path) -> None:
    text = CANVAS.replace("Final Score", "ID").replace("(read only)", "")
    assert [person.lms_id for person in listed(tmp_path, text).people] == ["501", "502"]


@pytest.mark.parametrize("number", ["12E5", "1.5", "501.01", "e+5", "24E-113", "123 456"])
def test_an_id_that_only_looks_odd(tmp_path: Path, number: str) -> None:
    assert listed(tmp_path, MOODLE.replace("s-1", number)).people[0].id == number


def test_one_id_of_the_learning_system_in_two_rows(tmp_path: Path) -> None:
    with pytest.raises(BadRoster) as raised:
        listed(tmp_path, CANVAS.replace("502", "501"))
    assert raised.value.lines == (f"{tmp_path}/roster.csv, line 5: ID 501 is also in line 4",)


def test_one_student_under_two_ids(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (course / "roster.csv").write_text(CANVAS, encoding="utf-8")
    assert main(["roster", "roster.csv"]) == 0
    before = students(course)
    assert main(["roster", "roster.csv", "--id", "SIS User ID"]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "grader: roster.csv, line 4: s-1 is ada in the gradebook, with the same ID 501: --id "
        "COLUMN takes the ids from the column of before",
        "grader: roster.csv, line 5: s-2 is zoe in the gradebook, with the same ID 502: --id "
        "COLUMN takes the ids from the column of before. Nothing was written",
    ]
    assert students(course) == before


@pytest.mark.parametrize("between", [",", ";", "\t"])
@pytest.mark.parametrize("title", ["Week 1; a; b; c; d; e; f (2)", "1, 2, 3, 4, 5, 6, 7 (2)"])
def test_a_title_with_what_stands_between_cells(tmp_path: Path, between: str, title: str) -> None:
    head = ["Student", "ID", "SIS Login ID", "Section", f'"{title}"', '"Two\nlines (3)"']
    row = ['"Adams, Ann"', "501", "aadams", "WS", "", ""]
    roster = listed(tmp_path, f"{between.join(head)}\n{between.join(row)}\n")
    assert roster.columns[4] == title
    assert [person.id for person in roster.people] == ["aadams"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is not a gradebook export of Canvas"),
        ("name,points\nada,3\n", "is not a gradebook export of Canvas"),
        (MOODLE.splitlines()[0], "contains no students"),
    ],
)
def test_a_file_that_is_no_class_list(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(BadRoster, match=says):
        listed(tmp_path, text)


def test_students_are_added_and_changed_and_none_is_lost(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (course / "roster.csv").write_text(CANVAS + '"Lee, Cho",503,s-3,cho,A,,,\n', encoding="utf-8")
    assert main(["roster", "roster.csv"]) == 0
    printed = capsys.readouterr().out
    assert "3 students of Canvas: 1 new, 2 changed" in printed
    assert "In the gradebook and not in the list: bob, eve" in printed
    assert students(course) == {
        "ada": ("Ada", "Lovelace", None, "501"),
        "zoe": ("Zoë", "Björk", None, "502"),
        "cho": ("Cho", "Lee", None, "503"),
        "eve": (None, None, None, None),
        "bob": (None, None, None, None),
    }


def test_what_a_list_does_not_know_stays(course: Path) -> None:
    (course / "moodle.csv").write_text(MOODLE.replace("s-1", "ada"), encoding="utf-8")
    (course / "canvas.csv").write_text(CANVAS, encoding="utf-8")
    assert main(["roster", "moodle.csv"]) == 0
    assert main(["roster", "canvas.csv"]) == 0
    assert students(course)["ada"] == ("Ada", "Lovelace", "ada@uni.example", "501")


def test_bad_rows_leave_the_gradebook_as_it_was(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = students(course)
    (course / "roster.csv").write_text(f"{MOODLE}Cho,Lee\nLi,Wu,,l,-,-\n", encoding="utf-8")
    assert main(["roster", "roster.csv"]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "grader: roster.csv, line 4: 2 cells, not 6",
        f"grader: roster.csv, line 5: no ID number{ID}. Nothing was written",
    ]
    assert students(course) == before


def test_where_there_is_no_file_or_no_course_or_no_gradebook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["roster", "roster.csv"]) == 1
    assert capsys.readouterr().err == (
        "grader: roster.csv cannot be read: No such file or directory. Nothing was written\n"
    )
    (tmp_path / "roster.csv").write_text(MOODLE, encoding="utf-8")
    assert main(["roster", "roster.csv"]) == 1
    assert capsys.readouterr().err == (
        "grader: there is no nbgrader_config.py here: run this in the course's folder\n"
    )
    config = "c = get_config()\nc.CourseDirectory.db_url = {!r}\n"
    for db_url, says in (
        ("sqlite:////no/such/folder/gradebook.db", "the gradebook cannot be read: unable to open"),
        ("nonsense", "the gradebook cannot be read: Could not parse SQLAlchemy URL"),
    ):
        (tmp_path / "nbgrader_config.py").write_text(config.format(db_url))
        assert main(["roster", "roster.csv"]) == 1
        [line] = capsys.readouterr().err.splitlines()
        assert line.startswith(f"grader: {says}")
