"""The words of the command `grader`: one file for each, and a line here, in the order of a course.

A file has a `COMMAND`; what it does is elsewhere, and is imported only when it runs.
"""

from grader.commands import (
    archive,
    autograde,
    build,
    collect,
    demo,
    doctor,
    essays,
    exercises,
    export,
    extend,
    feedback,
    new,
    pack,
    regrade,
    release_solution,
    report,
    roster,
    similar,
    watch,
)

ALL = (
    doctor.COMMAND,
    demo.COMMAND,
    exercises.COMMAND,
    new.COMMAND,
    build.COMMAND,
    pack.COMMAND,
    roster.COMMAND,
    collect.COMMAND,
    extend.COMMAND,
    watch.COMMAND,
    autograde.COMMAND,
    regrade.COMMAND,
    essays.COMMAND,
    report.COMMAND,
    similar.COMMAND,
    feedback.COMMAND,
    export.COMMAND,
    release_solution.COMMAND,
    archive.COMMAND,
)
