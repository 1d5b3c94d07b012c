"""Say a failure in one line of nbgrader's log, without the traceback that nbgrader would add."""

from __future__ import annotations

import logging


class Refused(Exception):
    """Something could not be graded, and the log has said why.

    nbgrader counts the submission as failed, goes on with the class, and exits with 1.
    """


def refuse(log: logging.Logger | logging.LoggerAdapter[logging.Logger], message: str) -> Refused:
    """Log the message; the exception to raise."""
    logger = log.logger if isinstance(log, logging.LoggerAdapter) else log
    logger.addFilter(_drop_traceback)
    logger.error(message)
    return Refused(message)


def _drop_traceback(record: logging.LogRecord) -> bool:
    return f"{Refused.__module__}.Refused" not in record.getMessage()
