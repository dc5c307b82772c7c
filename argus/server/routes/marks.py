"""``/api/v1/annotations``: what happened while a chart was drawn: deploys and other events, and alerts."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated

import msgspec
from aiohttp import web
from msgspec import Meta

from argus.server import keys
from argus.server.access import Access, Caller
from argus.server.alerts.answers import Annotation, Annotations
from argus.server.alerts.values import AlertEvent, State
from argus.server.api import Routes
from argus.server.query import HOUR, Moment
from argus.server.stores.alerts.base import EventQuery
from argus.server.stores.base import FoundLine, LogQuery

MOST_MARKS = 500
"""Of each kind."""

EVENTS = "logger:argus.event"
"""The search that finds what ``argus.event`` recorded; its name is the metadata ``event``, the rest are tags."""

routes = Routes("Annotations", "Marks on charts.")


class AnnotationsQuery(msgspec.Struct):
    """Whose marks are asked for, and when."""

    app: Annotated[str | None, Meta(description="Application; all of them. With a key, its own is meant.")] = None
    start: Annotated[Moment | None, Meta(description="First moment, in Unix seconds; an hour before the end.")] = None
    end: Annotated[Moment | None, Meta(description="End, not in the range, in Unix seconds; now.")] = None


@routes.get("/api/v1/annotations", Access.READ)
async def get_annotations(request: web.Request, caller: Caller, query: AnnotationsQuery) -> Annotations:
    """List what `argus.event` recorded and when rules fired and recovered, the oldest first."""
    app = caller.app or query.app
    end = time.time() if query.end is None else query.end
    start = end - HOUR if query.start is None else query.start
    happened = EventQuery(
        app=app, states=(State.FIRING, State.NO_DATA, State.RESOLVED), start=start, end=end, limit=MOST_MARKS
    )
    recorded = LogQuery(app, EVENTS, start=start, end=end, limit=MOST_MARKS)
    records, store = request.app[keys.RECORDS], request.app[keys.ALERTS]
    lines, events = await asyncio.to_thread(lambda: (records.search(recorded).lines, store.events(happened)))
    marks = [_of_line(line) for line in lines] + [_of_event(one) for one in events if one.state is not one.previous]
    return Annotations(sorted(marks, key=lambda mark: mark.at))


def _of_line(found: FoundLine) -> Annotation:
    tags = {str(key): str(value) for key, value in found.line.metadata.items() if key != "event"}
    name = str(found.line.metadata.get("event", "event"))
    return Annotation(found.line.timestamp, "event", found.app, name, found.line.message, tags, None)


def _of_event(event: AlertEvent) -> Annotation:
    return Annotation(event.at, "alert", event.app, event.rule_name, str(event.state), {}, event.rule_id)
