"""``/healthz``: the process lives. ``/readyz``: it can store what is sent."""

from __future__ import annotations

import asyncio
from typing import Annotated

import msgspec
from aiohttp import web
from msgspec import Meta

from argus.server import keys
from argus.server.access import Access
from argus.server.api import Media, Routes, answered

routes = Routes("Health", "For balancers, supervisors and people in a hurry.")


class Ready(msgspec.Struct):
    """Whether the server can store what is sent."""

    ready: Annotated[bool, Meta(description="Whether it can.")]
    troubles: Annotated[dict[str, str], Meta(description="What hinders it, by part: `start`, `metrics` or `records`.")]


@routes.get("/healthz", Access.PUBLIC, answers=Media("text/plain", "The word ok."))
async def get_healthz(_: web.Request) -> web.Response:
    """Say that the process lives: as long as the event loop runs."""
    return web.Response(text="ok\n")


@routes.get("/readyz", Access.PUBLIC, answers=Ready, others={503: Ready})
async def get_readyz(request: web.Request) -> web.Response:
    """Say whether the server can store what is sent.

    503 with the reasons while the start is not over, or a store cannot be written.
    """
    stores = request.app[keys.READINESS]
    looks = await asyncio.gather(*(readiness.trouble() for readiness in stores.values()))
    troubles = {"start": request.app[keys.STARTUP].trouble, **dict(zip(stores, looks, strict=True))}
    wrong = {name: trouble for name, trouble in troubles.items() if trouble is not None}
    return answered(Ready(ready=not wrong, troubles=wrong), 503 if wrong else 200)
