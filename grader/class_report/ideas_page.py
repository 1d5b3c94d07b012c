"""A class's ideas over time on a page, for the author of the text: where does it fail?"""

from __future__ import annotations

from statistics import median

from grader.class_report.html_page import Cell, document, few, figure, keep, section, table, text
from grader.class_report.ideas import FEW, ClassIdeas, IdeaInClass, UnitIdeas
from grader.class_report.plots import bars
from grader.gradebook.counted import counted
from grader.sharing import KINDS

_MOST = 8
"""Ideas that are put into words; the tables have all."""
_MOST_DRAWN = 15
_READ = 3
"""Below so many readings nothing is said of a hint in words."""
_PRIVACY = (
    "The page has counts and no names. What students send is what their own notebooks' checks "
    "said, if they chose to send it; it may be incomplete or made up, and no points depend on it. "
    f"Where fewer than {FEW} students sent anything for a unit, nothing of it is shown."
)
_TERMS = (
    "<b>Met</b>: a check named it. <b>First</b>: it was the first idea named in this exercise. "
    "<b>Checks until it was left</b>: how many checks named it before the first one without it; "
    "the median. <b>Not left</b>: the last check still named it. <b>Came back</b>: a later check "
    "named it again. These are of the students who send their checks. <b>In graded work</b>: of "
    "all who are graded."
)


def ideas_page(found: ClassIdeas) -> str:
    """The page."""
    parts = [
        "<h1>Ideas over time</h1>",
        '<p class="say">For authors: which wrong ideas students meet first, how long they keep '
        "them, and which hint helps.</p>",
        _in_short(found),
        _failing(found),
        _units(found),
        *(_unit(unit) for unit in found.units),
        section("What is counted", f"{_TERMS}</p><p class='say'>{_PRIVACY}"),
    ]
    return document("Ideas over time", parts)


def _in_short(found: ClassIdeas) -> str:
    return few(
        {
            "units": str(len(found.units)),
            "graded submissions": str(sum(unit.graded for unit in found.units)),
            "submissions with checks": str(sum(unit.senders for unit in found.units)),
        }
    )


def _failing(found: ClassIdeas) -> str:
    worst = [(unit, one) for unit, one in found.costliest if unit.weight(one) > 0]
    if not worst:
        return section("Where the text fails", "No known wrong idea was met.")
    drawn = worst[:_MOST_DRAWN]
    weights = [round(unit.weight(one), 2) for unit, one in drawn]
    names = [f"{one.exercise}: {one.idea}" for _, one in drawn]
    told = "; ".join(f"{name}: {weight}" for name, weight in zip(names, weights, strict=True))
    plot = bars(
        names,
        weights,
        f"Bars: what each idea costs a student. {told}.",
        label="checks, plus share in graded work",
    )
    items = "".join(f"<li>{_sentence(unit, one)}</li>" for unit, one in worst[:_MOST])
    return section(
        "Where the text fails",
        "The ideas that cost most, in this order: the checks that a student spends on the idea, on "
        "average, plus the share of graded work that still has it. Look at what the text says "
        "before these exercises.",
        f"<ol>{items}</ol>",
        figure(plot),
    )


def _sentence(unit: UnitIdeas, one: IdeaInClass) -> str:
    said = f"<b>{text(one.exercise)}: {text(one.idea)}</b> ({text(unit.unit)}). "
    said += f"The card says: {text(one.says)} " if one.says else ""
    if one.met:
        said += f"{one.met} of {unit.senders} who send their checks met it"
        said += f", {one.first} of them as the first idea. " if one.first else ". "
        said += _leaving(one)
    said += _best_hint(one)
    if one.held:
        said += f"{one.held} of {unit.graded} still have it in graded work."
    return said


def _leaving(one: IdeaInClass) -> str:
    if one.typical is None:
        return "Nobody has left it yet. "
    checks = "check" if one.typical == 1 else "checks"
    said = f"Half of those who left it needed {one.typical:g} {checks} or more"
    have = "has" if one.stayed == 1 else "have"
    return said + (f"; {one.stayed} {have} not left it. " if one.stayed else ". ")


def _best_hint(one: IdeaInClass) -> str:
    """Which kind of hint helped most often, of those that were read more than once or twice."""
    read = [hint for hint in one.hints if hint.read >= _READ]
    if not read:
        return ""
    best = max(read, key=lambda hint: (hint.helped / hint.read, hint.read))
    if not best.helped:
        return "No hint helped: the next check still named it. "
    return (
        f"The hint that helped most is “{best.kind}”: in {best.helped} of {best.read} cases the "
        "next check was without the idea. "
    )


def _units(found: ClassIdeas) -> str:
    rows: list[list[Cell]] = [
        [
            unit.unit,
            unit.graded,
            _share(unit.with_idea, unit.graded),
            unit.senders,
            _median([number for one in unit.exercises for number in one.took]),
            _share(_unnamed(unit), sum(one.wrong for one in unit.exercises)),
        ]
        for unit in found.units
    ]
    head = ["unit", "graded", "with a known idea, %", "send their checks"]
    head += ["checks until right, median", "wrong checks that name no idea, %"]
    return section("From unit to unit", "", table(head, rows))


def _unnamed(unit: UnitIdeas) -> int:
    return sum(one.unnamed for one in unit.exercises)


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f}" if whole else "–"


def _median(numbers: list[int]) -> str:
    return f"{median(numbers):g}" if numbers else "–"


def _unit(unit: UnitIdeas) -> str:
    says = f"{unit.graded} graded. {_senders(unit)}"
    if not unit.ideas and not unit.exercises:
        return section(text(unit.unit), f"{says} No known wrong idea was met.")
    return section(text(unit.unit), says, _ideas(unit), _hints(unit), _exercises(unit))


def _senders(unit: UnitIdeas) -> str:
    if unit.senders < FEW:
        return f"Fewer than {FEW} sent their checks: not shown."
    unread = f" {counted(unit.unread, 'line')} could not be read." if unit.unread else ""
    return f"{unit.senders} sent their checks.{unread}"


def _ideas(unit: UnitIdeas) -> str:
    sent = unit.senders >= FEW
    rows: list[list[Cell]] = []
    for one in unit.ideas:
        row: list[Cell] = [one.exercise, one.idea]
        if sent:
            took = "–" if one.typical is None else f"{one.typical:g}"
            row += [one.met, one.first, took, one.stayed, one.back]
        rows.append([*row, keep(f"{one.held} of {unit.graded}")])
    head = ["exercise", "idea"]
    if sent:
        head += ["met", "first", "checks until it was left", "not left", "came back"]
    return table([*head, "in graded work"], rows) if rows else ""


def _hints(unit: UnitIdeas) -> str:
    rows: list[list[Cell]] = [
        [one.exercise, one.idea, *(_effect(one, kind) for kind in KINDS)]
        for one in unit.ideas
        if one.hints
    ]
    if not rows:
        return ""
    says = "After which hint the next check was without the idea, of how often it was read:"
    return f'<p class="say">{says}</p>' + table(["exercise", "idea", *KINDS], rows)


def _effect(one: IdeaInClass, kind: str) -> Cell:
    found = [keep(f"{hint.helped} of {hint.read}") for hint in one.hints if hint.kind == kind]
    return found[0] if found else "–"


def _exercises(unit: UnitIdeas) -> str:
    rows: list[list[Cell]] = [
        [
            one.exercise,
            one.tried,
            _median([*one.took]),
            one.not_yet,
            _share(one.unnamed, one.wrong),
        ]
        for one in unit.exercises
    ]
    head = ["exercise", "tried", "checks until right, median", "not right yet"]
    head += ["wrong checks that name no idea, %"]
    return table(head, rows) if rows else ""
