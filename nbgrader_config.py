"""nbgrader, as this course uses it. Stock `nbgrader` commands work from this folder.

Preprocessors are named by import path, so that a command that grades nothing loads no TensorFlow.
"""

import os
import sysconfig

# nbgrader calls `alembic` by name for a new gradebook: find it in an environment not activated.
os.environ["PATH"] = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", "")])

if {*"[*?"} & {*os.getcwd()}:  # nbgrader would find nothing in a folder such as "[WS 24] Kurs"
    from grader.gradebook.folders import take_as_it_is

    take_as_it_is(os.getcwd())

c = get_config()  # noqa: F821  given by traitlets

c.CourseDirectory.course_id = "layer-by-layer"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"

# A submission that is no notebook gets one clear line.
c.Autograde.exporter_class = "grader.submissions.submission.SubmissionExporter"

# What a notebook says of its own cells is not believed, and tampering is put into words.
# A deleted test cell comes back; without it nbgrader would leave the grade empty for ever.
c.OverwriteCells.add_missing_cells = True
c.Autograde.sanitize_preprocessors = [
    "nbgrader.preprocessors.ClearOutput",
    "grader.submissions.sanitize_metadata.MendMetadata",
    "nbgrader.preprocessors.DeduplicateIds",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "grader.submissions.restore_cells.RestoreCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# A solution with a given part becomes that part, as a layer with a fault to be mended.
c.GenerateAssignment.preprocessors = [
    "nbgrader.preprocessors.IncludeHeaderFooter",
    "nbgrader.preprocessors.InstantiateTests",
    "nbgrader.preprocessors.LockCells",
    "grader.authoring.given.GiveOrClear",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.CheckCellMetadata",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.SaveCells",
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbgrader.preprocessors.ClearMarkScheme",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# Experiments are there to be changed: nothing graded depends on them.
c.LockCells.lock_readonly_cells = False

# What nbgrader writes of scores and model answers is for the instructor's eyes only.
c.GenerateAssignment.post_convert_hook = "grader.gradebook.modes.after_converting"
c.GenerateFeedback.post_convert_hook = "grader.gradebook.modes.after_converting"

# Our Execute in the place of nbgrader's: the student's cells run in another process.
c.Autograde.autograde_preprocessors = [
    "grader.submissions.execute.Execute",
    "nbgrader.preprocessors.IgnorePattern",
    "nbgrader.preprocessors.LimitOutput",
    "grader.gradebook.save.SaveAllGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
]
# The notebook's format is checked after all of these, not after each: that takes time.
c.SubmissionExporter.optimistic_validation = True
# What a submission may use. Each limit that is met has its own message on the card and in the
# feedback. PrairieLearn allows 30 seconds, 2 GiB, 1024 processes and 1 GiB of disk by default.
MIB = 1 << 20
c.Execute.limits = {
    "cell": 30.0,  # seconds for a cell
    "training": 120.0,  # the same in a unit where a network is to be trained (08, 18 and 19)
    "probe": 20.0,  # seconds for a few questions to a layer
    "notebook": 240.0,  # seconds for all of a notebook
    "start": 120.0,  # seconds for a process to be ready; no student's doing, so be generous
    "memory": 2048 * MIB,  # bytes
    "scratch": 64 * MIB,  # bytes of files that it writes
    "threads": 1024,  # of its one process: it can start no other
    "open_files": 256,  # at once
    "output": MIB,  # bytes of output of a cell
    "array": 64 * MIB,  # bytes of arrays in an answer
}

# `nbgrader zip_collect` knows the file names of Canvas and Moodle, and opens what students sent
# within limits.
c.ZipCollectApp.extractor_plugin = "grader.lms.collect.LmsExtractor"
c.ZipCollectApp.collector_plugin = "grader.lms.collect.LmsCollector"

# Nobody's submission in the exchange stands in another's way, or becomes a copy of our files.
c.ExchangeFactory.collect = "grader.lms.collect_exchange.Collect"

# Feedback for those who handed in through the exchange; the others are named.
c.ExchangeFactory.release_feedback = "grader.lms.release_feedback.ReleaseFeedback"

# Late work costs nothing by default. To take points off for each day that has begun:
# c.AssignLatePenalties.plugin_class = "grader.lms.late_policy.DailyPenalty"
# c.DailyPenalty.points_per_day = 2.0
# c.DailyPenalty.grace_minutes = 30.0
# c.DailyPenalty.most = 10.0  # points

# Feedback that names the exercises, and shows formulas without a network.
c.GenerateFeedback.exporter_class = "grader.lms.feedback_page.FeedbackExporter"
# Feedback without the hidden part of the test cells, which stock nbgrader shows.
c.GenerateFeedback.preprocessors = [
    "nbgrader.preprocessors.GetGrades",
    "grader.submissions.hidden_tests.ClearInstructorsTests",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]
