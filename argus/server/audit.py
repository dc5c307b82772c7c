"""The audit log: who did what to the server, when and from where. Routes are acts by their declaration.

An act and its entry are one transaction of the record store: there is none without the other. What is done elsewhere,
such as deleting a file, is noted before it is done.
"""

from __future__ import annotations

import asyncio
import getpass
import socket
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from argus.server.stores.base import AuditEntry, RecordStore

if TYPE_CHECKING:  # the command line, which keeps its acts too, need not load a server
    from aiohttp import web

    from argus.server.access import Caller

Done = TypeVar("Done")


class Act:
    """What the handler of an audited route does: by :meth:`do`, or after :meth:`note`."""

    def __init__(self, records: RecordStore, request: web.Request, caller: Caller | None, name: str) -> None:
        self.detail = ""
        """What the address does not tell, such as a new name. Never a secret."""
        self.noted = False
        self._records = records
        self._who = "admin by Basic" if caller is not None and caller.token is None else "admin"
        self._origin = request.remote or ""
        self._name = name
        self._subject = request.path

    async def do(self, work: Callable[[], Done]) -> Done:
        """Do ``work`` in the record store, on a thread, and keep the entry with it.

        Where it raises, nothing was done, and nothing is kept.
        """
        done = await asyncio.to_thread(_recorded, self._records, work, self._entry)
        self.noted = True
        return done

    async def note(self) -> None:
        """Keep the entry of what is about to be done outside of the record store."""
        await self.do(lambda: None)

    def _entry(self) -> AuditEntry:
        return AuditEntry(time.time(), self._who, self._origin, self._name, self._subject, self.detail)


def by_command_line(records: RecordStore, act: str, subject: str, work: Callable[[], Done]) -> Done:
    """Do an act of the command line, and keep its entry with it."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        user = "somebody"
    entry = AuditEntry(time.time(), "command line", f"{user}@{socket.gethostname()}", act, subject)
    return _recorded(records, work, lambda: entry)


def _recorded(records: RecordStore, work: Callable[[], Done], entry: Callable[[], AuditEntry]) -> Done:
    with records.transaction():
        done = work()
        records.add_audit(entry())
    return done
