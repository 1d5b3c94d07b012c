"""`grader doctor`: whether this machine can keep a submission to itself."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from grader.commands.command import OUT, Command, Trouble, add_json, next_step, print_json

ABOUT = """\
Try, with code as hostile as a student's could be, whether this machine confines submissions: no
network, no other process, no file of yours. Where a claim does not hold, grading refuses.

  grader doctor

Ends with status 1 where a claim does not hold."""
REMEDY = (
    "submissions cannot be confined here, and grading will refuse; grade on a Linux machine "
    "where all of the above holds, or see c.Execute.grade_unconfined in nbgrader_config.py"
)


def _run(options: argparse.Namespace) -> int:
    from grader.sandbox.selftest import self_test

    claims = self_test()
    confined = all(claim.holds for claim in claims)
    if options.json:
        print_json({"confined": confined, "claims": [asdict(claim) for claim in claims]})
        return 0 if confined else 1
    for claim in claims:
        mark = "[green]yes[/]" if claim.holds else "[red]NO[/] "
        OUT.print(f"{mark}  {claim.what}  [dim]{claim.why}[/]")
    if not confined:
        raise Trouble(REMEDY)
    OUT.print("Submissions are confined on this machine.")
    next_step("grader demo", "grades a made-up class here.")
    return 0


COMMAND = Command(
    "doctor", "say whether this machine can confine submissions", ABOUT, _run, add_json
)
