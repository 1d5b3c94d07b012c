"""The glossary that lies beside the students' notebooks."""

import re
from pathlib import Path

from grader.authoring.build import units
from grader.authoring.glossary import students_glossary


def test_its_links_lead_to_the_units_beside_it(root: Path) -> None:
    links = re.findall(r"\]\(([^)]+\.ipynb)\)", students_glossary(root, units(root)))
    assert len(links) > 80
    assert all((root / "notebooks" / link).exists() for link in links)


def test_a_unit_that_is_not_handed_out_is_named_and_not_linked(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    row = "| mask | [{0}](../notebooks/{0}/{0}.ipynb) |\n"
    text = row.format("01-a") + row.format("02-b")
    (tmp_path / "docs" / "glossary.md").write_text(text)
    assert students_glossary(tmp_path, ["02-b"]) == (
        "| mask | 01-a |\n| mask | [02-b](02-b/02-b.ipynb) |\n"
    )


def test_what_students_have_is_what_the_page_gives(root: Path) -> None:
    here = (root / "notebooks" / "glossary.md").read_text(encoding="utf-8")
    assert here == students_glossary(root, units(root))
