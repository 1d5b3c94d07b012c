"""`grader doctor`: whether this machine can keep a submission to itself."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from grader.commands.command import OUT, Command, Trouble, add_json, next_step, print_json

ABOUT = """\
Test with hostile code whether this machine confines submissions: no network, no other process,
none of your files. If a claim does not hold, grading refuses to start. The command also says
whether this is the Keras version that the course is judged with, and what others on this
machine can read of a course in this folder.

  grader doctor

Ends with status 1 if a claim does not hold."""
REMEDY = (
    "submissions cannot be confined here, and grading will refuse to start; grade on a Linux "
    "machine where all of the above holds, or see c.Execute.grade_unconfined in nbgrader_config.py"
)


def _run(options: argparse.Namespace) -> int:
    from grader.bench.judged_with import KERAS, keras_version, trouble
    from grader.gradebook.modes import readable_by_others, told_open
    from grader.sandbox.selftest import self_test

    other = trouble()
    claims = self_test()
    confined = all(claim.holds for claim in claims)
    open_to_others = readable_by_others(Path.cwd())
    if options.json:
        told = {"confined": confined, "claims": [asdict(claim) for claim in claims]}
        print_json(
            {
                **told,
                "keras": keras_version(),
                "judged_with": KERAS,
                "trouble": other,
                "open_to_others": open_to_others,
            }
        )
        return 0 if confined and not other else 1
    if not other:
        OUT.print(
            f"[green]yes[/]  the Keras version that the course is judged with  [dim]{KERAS}[/]",
            markup=True,
        )
    for claim in claims:
        mark = "[green]yes[/]" if claim.holds else "[red]NO[/] "
        OUT.print(f"{mark}  {claim.what}  [dim]{claim.why}[/]", markup=True)
    if open_to_others:
        OUT.print(told_open(open_to_others), soft_wrap=True)
    if not confined:
        raise Trouble(REMEDY)
    OUT.print("Submissions are confined on this machine.")
    if other:
        raise Trouble(other)
    next_step("grader demo", "grades a made-up class here.")
    return 0


COMMAND = Command(
    "doctor", "test whether this machine can confine submissions", ABOUT, _run, add_json
)
