"""The audit log: who did what to the server, when and from where. Routes are acts by their declaration."""

from __future__ import annotations

import asyncio
import getpass
import socket
import time
from dataclasses import dataclass

from aiohttp import web

from argus.server import keys
from argus.server.access import Caller
from argus.server.stores.base import AuditEntry, RecordStore


@dataclass
class Act:
    """What a handler adds to its entry: what the address does not tell, such as a new name. Never a secret."""

    detail: str = ""


async def note(request: web.Request, caller: Caller | None, name: str, act: Act) -> None:
    """Keep an act that was done through the API."""
    how = "admin by Basic" if caller is not None and caller.token is None else "admin"
    entry = AuditEntry(time.time(), how, request.remote or "", name, request.path, act.detail)
    await asyncio.to_thread(request.app[keys.RECORDS].add_audit, entry)


def by_command_line(records: RecordStore, act: str, subject: str) -> None:
    """Keep an act of the command line."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        user = "somebody"
    records.add_audit(AuditEntry(time.time(), "command line", f"{user}@{socket.gethostname()}", act, subject))
