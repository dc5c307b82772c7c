"""Warnings that the program shows, as WARN lines: logger ``py.warnings``, as ``logging.captureWarnings`` calls it.

What is shown, and how, stays the program's: its filters decide before, a ``warnings.showwarning`` of its own runs
first, what ``catch_warnings`` records is not shown, and what goes to ``logging`` is heard there.
"""

from __future__ import annotations

import logging
import warnings
from typing import Any

from argus.client.logs import ArgusHandler

LOGGER = "py.warnings"


def watch(handler: ArgusHandler) -> None:
    """Have shown warnings told to the handler from now on."""
    module: Any = warnings  # what the interpreter calls is not in the stubs
    show, write = module._showwarnmsg, module._showwarnmsg_impl  # noqa: SLF001  # see above

    def show_and_tell(message: warnings.WarningMessage) -> None:
        show(message)
        recorded = module._showwarnmsg_impl is not write  # noqa: SLF001  # see above
        if not recorded and module.showwarning.__module__ != "logging":
            handler.handle(_record(message))

    module._showwarnmsg = show_and_tell  # noqa: SLF001  # see above


def _record(message: warnings.WarningMessage) -> logging.LogRecord:
    template = f"{message.category.__name__}: %s"
    record = logging.LogRecord(
        LOGGER, logging.WARNING, message.filename, message.lineno, template, (str(message.message),), None
    )
    record.place = f"{message.filename}:{message.lineno}"
    return record
