"""Say a failure in one line of nbgrader's log, without the traceback that nbgrader would add.

Names of files come from students: what a terminal would obey, or take for another line, is shown
as a question mark.
"""

from __future__ import annotations

import logging

Log = logging.Logger | logging.LoggerAdapter[logging.Logger]


class Refused(Exception):
    """Something could not be graded, and the log has said why.

    nbgrader counts the submission as failed, goes on with the class, and exits with 1.
    """


def refuse(log: Log, message: str) -> Refused:
    """Log the message; the exception to raise."""
    message = shown(message)
    speak_plainly(log)
    _logger(log).error(message)
    return Refused(message)


def speak_plainly(log: Log) -> None:
    """Have this log drop the traceback of what was refused, and show names as they may be shown."""
    _logger(log).addFilter(_drop_traceback)
    _logger(log).addFilter(_show_plainly)


def shown(words: str) -> str:
    """The words in one line, in letters that every terminal can show."""
    return "".join(letter if letter.isprintable() else "?" for letter in words)


def _logger(log: Log) -> logging.Logger:
    return log.logger if isinstance(log, logging.LoggerAdapter) else log


def _drop_traceback(record: logging.LogRecord) -> bool:
    return f"{Refused.__module__}.Refused" not in record.getMessage()


def _show_plainly(record: logging.LogRecord) -> bool:
    """What is filled into a message is one line; the message may have several."""
    if isinstance(record.args, tuple):
        record.args = tuple(shown(one) if isinstance(one, str) else one for one in record.args)
    message = str(record.msg)
    record.msg = "".join(c if c.isprintable() or c in "\n\t" else "?" for c in message)
    return True
