"""What is raised where a command cannot be started: in the words and with the exit status of shells."""

from __future__ import annotations

import errno
import os

NOT_FOUND, NOT_EXECUTABLE = 127, 126


class NotStarted(Exception):
    """The command could not be started; ``status`` is the exit status that shells give for that."""

    def __init__(self, command: str, number: int) -> None:
        super().__init__(f"{command}: {'command not found' if number == errno.ENOENT else os.strerror(number)}")
        self.status = NOT_FOUND if number == errno.ENOENT else NOT_EXECUTABLE
