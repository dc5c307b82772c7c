"""Delivery as a job of the server: what waits for its time is looked for every few seconds.

A transition wakes the worker at once; the job is for what is tried again, and for what another server left.
"""

from __future__ import annotations

from aiohttp import web

from argus.server import keys
from argus.server.jobs import Job, every

SECONDS = 10.0


async def wake_delivery(app: web.Application, _: float) -> None:
    """Have messages delivered whose time has come; a pass that is under way goes on."""
    app[keys.DELIVERY].wake()


JOB = Job("wake_delivery", "has the messages of alerts sent that are due", wake_delivery, every(SECONDS))
