"""``GET /api/v1/audit``: what the administrator did."""

from __future__ import annotations

import asyncio
from typing import Annotated

import msgspec
from aiohttp import web
from msgspec import Meta

from argus.server import keys
from argus.server.access import Access
from argus.server.api import Routes

LARGEST_ID = 2**53
MOST_ENTRIES = 1_000

routes = Routes("Audit", "What the administrator did, here and by the command line.")


class AuditQuery(msgspec.Struct):
    """Which page of the audit log."""

    limit: Annotated[int, Meta(description="Most entries in one answer.", ge=1, le=MOST_ENTRIES)] = 100
    before: Annotated[
        Annotated[int, Meta(ge=0, le=LARGEST_ID)] | None, Meta(description="The `next` of the page before.")
    ] = None


class AuditEntry(msgspec.Struct):
    """One administrative act that went well."""

    id: Annotated[int, Meta(description="Grows with time.")]
    at: Annotated[float, Meta(description="When, in Unix seconds.")]
    who: Annotated[str, Meta(description="admin, admin by Basic, or command line.")]
    origin: Annotated[str, Meta(description="The address it came from; user and machine for the command line.")]
    act: Annotated[str, Meta(description="Operation id of the route, or the command.")]
    subject: Annotated[str, Meta(description="Address that was asked, or what the command was about.")]
    detail: Annotated[str, Meta(description="What the address does not tell, such as a new name.")]


class AuditPage(msgspec.Struct):
    """One page of the audit log."""

    entries: Annotated[list[AuditEntry], Meta(description="Newest first.")]
    next: Annotated[int | None, Meta(description="Pass it as `before` for the next page; null on the last one.")]


@routes.get("/api/v1/audit", Access.ADMIN)
async def get_audit(request: web.Request, query: AuditQuery) -> AuditPage:
    """Read the audit log, newest first, one page at a time."""
    found = await asyncio.to_thread(request.app[keys.RECORDS].audit, query.limit, query.before)
    entries = [AuditEntry(one.id, one.at, one.who, one.origin, one.act, one.subject, one.detail) for one in found]
    return AuditPage(entries, entries[-1].id if len(entries) == query.limit else None)
