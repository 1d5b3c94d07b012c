"""A class of people who hand in what people hand in, packed as Canvas and as Moodle pack it.

Each one is a student of their own, so that one run of `nbgrader zip_collect` tries all of them, and
shows that none stands in another's way.
"""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

UNIT = "01-first-layers"
NOTEBOOK = f"{UNIT}.ipynb"
Content = str | bytes
OLD, NEW = (2026, 10, 1, 8, 0, 0), (2026, 10, 2, 8, 0, 0)


def notebook(answer: str, marks: bool = True, unit: str = "") -> str:
    """A notebook of the unit (or of another one), with this answer in its one exercise."""
    cells = [
        _cell("# Layers", "markdown"),
        _cell("import keras", mark={"grade_id": f"imports{unit}", "solution": False}),
        _cell(answer, mark={"grade_id": f"dense{unit}", "solution": True}),
        _cell("check(Dense)", mark={"grade_id": f"check-dense{unit}", "grade": True}),
    ]
    if not marks:
        cells = [{**cell, "metadata": {}} for cell in cells]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def _cell(source: str, kind: str = "code", mark: Mapping[str, object] | None = None) -> dict:
    metadata = {"nbgrader": mark} if mark else {}
    return {"cell_type": kind, "metadata": metadata, "source": [source]}


STUB = notebook("# YOUR CODE HERE")
WORK = notebook("class Dense: ...")
LATER = notebook("class Dense: pass")


def zipped(
    files: Mapping[str, Content | tuple[Content, tuple[int, ...]]], cp437: bool = False
) -> bytes:
    """A zip of these files, each with a time where one is given; names of Windows if `cp437`."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            text, when = content if isinstance(content, tuple) else (content, OLD)
            info = _OldName(name, when) if cp437 else zipfile.ZipInfo(name, when)
            info.filename = name  # ZipInfo would change it
            archive.writestr(info, text, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


class _OldName(zipfile.ZipInfo):
    """A name in code page 437, as Windows writes it: nothing says so."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.filename.encode("cp437"), self.flag_bits & ~0x800


def unflagged_utf8(files: Mapping[str, Content]) -> bytes:
    """A zip of macOS, whose names are UTF-8 and do not say so."""
    renamed = {name.encode().decode("cp437"): content for name, content in files.items()}
    return zipped(renamed, cp437=True)


def doubled(name: str, contents: Sequence[str]) -> bytes:
    """A zip that holds several files of one name."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for content in contents:
            archive.writestr(zipfile.ZipInfo(name, OLD), content)
    return packed.getvalue()


def linked() -> bytes:
    """A zip with a link in the place of the notebook."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        info = zipfile.ZipInfo(NOTEBOOK, OLD)
        info.create_system, info.external_attr = 3, 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    return packed.getvalue()


def locked() -> bytes:
    """A zip with a password: the flag alone tells."""
    packed = bytearray(zipped({NOTEBOOK: WORK}))
    packed[6] |= 1
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    return bytes(packed)


def damaged() -> bytes:
    """A zip in which one byte of the notebook is another."""
    packed = bytearray(zipped({NOTEBOOK: WORK}))
    packed[100] ^= 0xFF
    return bytes(packed)


def tarred(
    files: Mapping[str, Content], mode: str = "w:gz", kind: bytes = tarfile.REGTYPE
) -> bytes:
    """A tar archive; with another `kind` its entries are links, or pipes."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=mode) as archive:
        for name, content in files.items():
            text = content.encode() if isinstance(content, str) else content
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd" if kind != tarfile.REGTYPE else ""
            info.size = len(text) if kind == tarfile.REGTYPE else 0
            archive.addfile(info, io.BytesIO(text))
    return packed.getvalue()


@dataclass(frozen=True)
class Sender:
    """One student: the files as they are called there, and what is to come of it.

    `collected` is the notebook in submitted/, `named` its name there; None where nothing is
    collected. `says` is found in a line of the log that names the student, and where it is empty
    no line does.
    """

    about: str
    files: Mapping[str, Content]
    collected: str | None = WORK
    says: str = ""
    named: str = NOTEBOOK
    late: bool = False
    names: tuple[str, str] = ("", "")  # first and last
    left_out: bool = field(default=False)

    @property
    def is_left_out(self) -> bool:
        """Whether something of theirs was not collected."""
        return self.left_out or self.collected is None


def homework(content: Content, own: str = "homework.zip") -> Mapping[str, Content]:
    """One file, under the name that the student gave it."""
    return {own: content}


DAMAGED = "it is damaged or incomplete"
BOMB = zipped({NOTEBOOK: WORK, "data.bin": bytes(24 << 20)})
CANVAS: list[Sender] = [
    Sender("a notebook", homework(WORK, NOTEBOOK)),
    Sender("a zip", homework(zipped({NOTEBOOK: WORK}))),
    Sender("a zip of a folder", homework(zipped({f"hw/{NOTEBOOK}": WORK, "hw/a.png": "png"}))),
    Sender("a zip in capitals", homework(zipped({NOTEBOOK: WORK}), "HOMEWORK.ZIP")),
    Sender("a notebook in capitals", homework(WORK, f"{UNIT}.IPYNB")),
    Sender("a zip of Windows", homework(zipped({f"hw\\{NOTEBOOK}": WORK, "hw\\": ""}))),
    Sender("names in code page 437", homework(zipped({f"Übung é/{NOTEBOOK}": WORK}, cp437=True))),
    Sender("names in UTF-8, unsaid", homework(unflagged_utf8({f"作业/{NOTEBOOK}": WORK}))),
    Sender("names in UTF-8", homework(zipped({f"作业/{NOTEBOOK}": WORK}))),
    Sender("a tar.gz", homework(tarred({f"hw/{NOTEBOOK}": WORK}), "hw.tar.gz")),
    Sender("a tgz", homework(tarred({NOTEBOOK: WORK}), "hw.tgz")),
    Sender("a tar", homework(tarred({NOTEBOOK: WORK}, "w"), "hw.tar")),
    Sender("a tbz", homework(tarred({NOTEBOOK: WORK}, "w:bz2"), "hw.tbz")),
    Sender("a zipx", homework(zipped({NOTEBOOK: WORK}), "hw.zipx")),
    Sender(
        "data beside a notebook",
        {
            NOTEBOOK: WORK,
            "data.zip": zipped({"a.csv": "1"}),
            "train.csv.gz": gzip.compress(b"1"),
        },
    ),
    Sender(
        "another archive beside a notebook",
        {NOTEBOOK: WORK, "hw.zip": zipped({"in.zip": zipped({NOTEBOOK: WORK})})},
        WORK,
        "another archive, in.zip",
        left_out=True,
    ),
    Sender("a page of a browser", homework("<html>", NOTEBOOK), "<html>", "not a notebook inside"),
    Sender("a tar.xz", homework(tarred({NOTEBOOK: WORK}, "w:xz"), "hw.tar.xz")),
    Sender(
        "late", homework(WORK, NOTEBOOK), late=True, says="is late. Canvas does not say how late"
    ),
    Sender("a second time", homework(WORK, f"{UNIT}-1.ipynb")),
    Sender("a twelfth time", homework(WORK, f"{UNIT}-12.ipynb")),
    Sender("a browser's copy", homework(WORK, f"{UNIT} (1).ipynb")),
    Sender(
        "two versions",
        {NOTEBOOK: WORK, f"{UNIT}-1.ipynb": LATER},
        LATER,
        r"2 times: \S+-1.ipynb counts. \S+_01-first-layers.ipynb does not: it was handed in ea",
    ),
    Sender(
        "the hand-out after the work",
        {NOTEBOOK: WORK, f"{UNIT}-1.ipynb": STUB},
        WORK,
        "-1.ipynb does not: it has no answers",
    ),
    Sender("another name", homework(WORK, "my homework.ipynb"), WORK, "counts as 01-first-layers"),
    Sender(
        "another name in a zip",
        homework(zipped({"x/Untitled1.ipynb": WORK, "x/play.ipynb": notebook("1", marks=False)})),
        WORK,
        r"Untitled1.ipynb counts as 01-first-layers.ipynb, because of its cells",
    ),
    Sender(
        "another unit",
        homework(notebook("1", unit="2"), "02-joining.ipynb"),
        notebook("1", unit="2"),
        "02-joining.ipynb is not the name of a notebook of this unit",
        named="02-joining.ipynb",
    ),
    Sender(
        "a notebook and a scrap",
        {NOTEBOOK: WORK, "scrap.ipynb": notebook("1", False)},
        WORK,
        "scrap",
    ),
    Sender(
        "the hand-out on top",
        homework(zipped({NOTEBOOK: STUB, f"done/{NOTEBOOK}": WORK})),
        WORK,
        r"\S+/done/01-first-layers.ipynb counts. \S+.zip/01-first-layers.ipynb does not: it has",
    ),
    Sender(
        "the hand-out below",
        homework(zipped({f"original/{NOTEBOOK}": (STUB, NEW), NOTEBOOK: (WORK, OLD)})),
        WORK,
        "original/01-first-layers.ipynb does not: it has no answers",
    ),
    Sender(
        "the later one deep down",
        homework(zipped({NOTEBOOK: (WORK, OLD), f"a/b/{NOTEBOOK}": (LATER, NEW)})),
        LATER,
        r"a/b/01-first-layers.ipynb counts. \S+.zip/01-first-layers.ipynb does not: it is older",
    ),
    Sender(
        "two of one time",
        homework(zipped({f"a/{NOTEBOOK}": LATER, NOTEBOOK: WORK})),
        WORK,
        "a/01-first-layers.ipynb does not: it is in a deeper folder",
    ),
    Sender(
        "two of one name",
        homework(doubled(NOTEBOOK, [LATER, WORK])),
        WORK,
        "it comes earlier in the list",
    ),
    Sender(
        "a damaged copy",
        homework(zipped({f"a/{NOTEBOOK}": WORK, NOTEBOOK: ("{", NEW)})),
        WORK,
        "does not: it cannot be read",
    ),
    Sender(
        "what programs leave",
        homework(
            zipped(
                {
                    f"hw/{NOTEBOOK}": WORK,
                    f"__MACOSX/hw/._{NOTEBOOK}": "\0\5\x16\7",
                    f"hw/.ipynb_checkpoints/{UNIT}-checkpoint.ipynb": (LATER, NEW),
                }
            )
        ),
    ),
    Sender("out of the folder", homework(zipped({f"../../../../{NOTEBOOK}": WORK}))),
    Sender("from the top of a disk", homework(zipped({f"/tmp/{NOTEBOOK}": WORK}))),
    Sender("from a drive", homework(zipped({f"C:\\Users\\me\\{NOTEBOOK}": WORK}))),
    Sender(
        "a file and a folder of one name",
        homework(zipped({f"{NOTEBOOK}/{NOTEBOOK}": LATER, NOTEBOOK: WORK})),
        WORK,
        "it is in a deeper folder",
    ),
    Sender("a long path", homework(zipped({"/".join(["folder" * 30] * 40 + [NOTEBOOK]): WORK}))),
    Sender("a long name", homework(zipped({f"{'ü' * 300}.ipynb": WORK})), WORK, "counts as"),
    Sender(
        "escapes in a name",
        homework(zipped({f"\x1b[2J\n[ZipCollectApp | INFO] all is well\r{NOTEBOOK}": WORK})),
        WORK,
        r"\\x1b\[2J\\n\[ZipCollectApp",
    ),
    Sender("no name of its own", homework(zipped({NOTEBOOK: WORK}), ".zip")),
    Sender("no name at all", homework(zipped({NOTEBOOK: WORK}), "")),
    Sender("a zip that is called a notebook", homework(zipped({NOTEBOOK: WORK}), NOTEBOOK)),
    Sender("a RAR archive", homework(b"Rar!\x1a\x07\x00xxxx"), None, "it is a RAR archive"),
    Sender("a 7z archive", homework(b"7z\xbc\xaf\x27\x1c", "hw.7z"), None, "it is a 7z archive"),
    Sender("half a zip", homework(zipped({NOTEBOOK: WORK})[:-70]), None, DAMAGED),
    Sender("half a tar.gz", homework(tarred({NOTEBOOK: WORK * 99})[:200], "a.tgz"), None, DAMAGED),
    Sender("a damaged zip", homework(damaged()), None, DAMAGED),
    Sender("nothing", homework(b""), None, "it is empty"),
    Sender("an empty zip", homework(zipped({})), None, "it is empty"),
    Sender(
        "notes that are packed", homework(gzip.compress(b"notes"), "notes.gz"), None, "not a tar"
    ),
    Sender(
        "no archive", homework(b"<html>"), None, "it is not an archive, although its name says so"
    ),
    Sender("a password", homework(locked()), None, "it is locked with a password"),
    Sender("a link", homework(linked()), None, "it is a link, or not a file"),
    Sender(
        "a link in a tar",
        homework(tarred({NOTEBOOK: ""}, kind=tarfile.SYMTYPE), "a.tgz"),
        None,
        "link",
    ),
    Sender(
        "a pipe in a tar",
        homework(tarred({NOTEBOOK: ""}, kind=tarfile.FIFOTYPE), "a.tgz"),
        None,
        "link",
    ),
    Sender(
        "a zip in a zip",
        homework(zipped({"in.zip": zipped({NOTEBOOK: WORK})})),
        None,
        "another archive, in.zip",
    ),
    Sender(
        "no notebook",
        homework(zipped({"a.py": "", "b.docx": ""})),
        None,
        "no notebook, but a.py, b.docx",
    ),
    Sender("a bomb", homework(BOMB), None, "it unpacks to more than 200 times its size"),
    Sender(
        "a bomb of many files",
        homework(zipped({f"{n}.txt": "" for n in range(10_001)})),
        None,
        "more than 10000 files",
    ),
    Sender(
        "a bomb in a tar",
        homework(tarred({"data": bytes(24 << 20), NOTEBOOK: WORK}), "a.tgz"),
        None,
        "more than 200 times",
    ),
    Sender(
        "a text file", homework(WORK, f"{NOTEBOOK}.txt"), None, f"{NOTEBOOK}.txt, and no notebook"
    ),
    Sender(
        "a JSON file", homework(WORK, f"{NOTEBOOK}.json"), None, f"{NOTEBOOK}.json, and no notebook"
    ),
    Sender(
        "a page and a print", {"a.html": "", "a.pdf": ""}, None, "a.html, .*a.pdf, and no notebook"
    ),
    Sender("a notebook and a print", {NOTEBOOK: WORK, "a.pdf": ""}),
    Sender("a letter with marks", homework(WORK, NOTEBOOK), names=("นภา", "สิริ")),
    Sender("Chinese", homework(WORK, NOTEBOOK), names=("伟", "王")),
]
TEXT = "assignsubmission_onlinetext"
MOODLE: list[Sender] = [
    Sender("a notebook", homework(WORK, NOTEBOOK)),
    Sender("a zip of Windows", homework(zipped({f"hw\\{NOTEBOOK}": WORK}))),
    Sender("a folder in the file manager", homework(WORK, f"my work/{NOTEBOOK}")),
    Sender("a browser's copy", homework(WORK, f"{UNIT} (1).ipynb")),
    Sender(
        "a zip beside the hand-out",
        {NOTEBOOK: STUB, "hw.zip": zipped({NOTEBOOK: WORK})},
        WORK,
        "it has no answers",
    ),
    Sender("half a zip", homework(zipped({NOTEBOOK: WORK})[:-70]), None, DAMAGED),
    Sender("a print", homework("", "a.pdf"), None, "a.pdf, and no notebook"),
]
NAMES = (
    *(("Zoë", "O'Brien Smith_Jones"), ("Jean-Luc", "Tour"), ("Анна", "Иванова")),
    *(("ليلى", "حسن"), ("伟", "王"), ("Cher", "."), ("Sinterklaas", "")),
)


def canvas_name(sender: Sender, user: int) -> str:
    """What Canvas writes before the name of a file, without the file's number."""
    first, last = sender.names if any(sender.names) else (f"{user}", "Student")
    name = f"{last}{first}".replace(" ", "").replace("'", "").lower()
    return f"{name}_{'LATE_' if sender.late else ''}{user}"


def canvas_zip(senders: Sequence[Sender], first_user: int) -> bytes:
    """The download of an assignment: all files of all students side by side."""
    files: dict[str, Content] = {}
    for user, sender in enumerate(senders, first_user):
        for own, content in sender.files.items():
            files[f"{canvas_name(sender, user)}_{90_000 + len(files)}_{own}"] = content
    return zipped(files)


FOLDERS: Mapping[str, Callable[[str, int], str]] = {
    "a folder": lambda name, number: f"{name}_{number}_assignsubmission_file/",
    "a folder of old": lambda name, number: f"{name}_{number}_assignsubmission_file_/",
    "a file": lambda name, number: f"{name}_{number}_assignsubmission_file_",
    "a team": lambda name, number: f"Group A-{name}_{number}_assignsubmission_file_/",
    "no team": lambda name, number: f"Default group-{name}_{number}_assignsubmission_file_/",
}
"""What Moodle makes of a name and its own number."""


def moodle_names(sender: Sender, number: int) -> tuple[str, str]:
    """First and last name; those who have none of their own get a number for one."""
    return sender.names if any(sender.names) else (f"F{number}", "Last")


def moodle_zip(senders: Mapping[int, tuple[str, Sender]]) -> bytes:
    """The download of an assignment: by number, what kind of folder each has."""
    files: dict[str, Content] = {}
    for number, (kind, sender) in senders.items():
        name = " ".join(moodle_names(sender, number)).replace("_", " ").replace("'", "")
        for own, content in sender.files.items():
            files[FOLDERS[kind](name, number) + own] = content
    return zipped(files)
