"""``/api/v1/silences``: times in which nobody is told, among them maintenance windows that come again."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated, Any, Literal

import msgspec
from aiohttp import web
from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import asdict

from argus.errors import Conflict
from argus.server import keys
from argus.server.access import Access
from argus.server.alerts.answers import Silences, SilenceState
from argus.server.alerts.values import PERIODS, Severity, Silence
from argus.server.api import Routes
from argus.server.audit import Act
from argus.server.log_search import LONGEST_ID
from argus.server.problems import Problem
from argus.server.query import Moment

MOST_SILENCES = 1_000
LONGEST_COMMENT = 500
LONGEST_SILENCE = 366 * 86_400.0

routes = Routes("Silences", "Times in which transitions are recorded and nobody is told.")

Number = Annotated[int, Meta(ge=0, lt=10**LONGEST_ID)]
Word = Annotated[str, Meta(max_length=LONGEST_COMMENT)]
SilenceId = Annotated[str, Meta(description="Number of the silence.", pattern="^[0-9]{1,18}$")]


class SilenceBody(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A silence. What is null or left out matches everything."""

    ends: Annotated[Moment, Meta(description="When it is over, in Unix seconds; with `every`, for the first time.")]
    starts: Annotated[Moment | UnsetType, Meta(description="When it begins, in Unix seconds; now if left out.")] = UNSET
    comment: Annotated[str, Meta(description="Why.", max_length=LONGEST_COMMENT)] = ""
    rule_id: Annotated[Number | None, Meta(description="Of this rule only.")] = None
    app_id: Annotated[Word | None, Meta(description="Of this application only.")] = None
    severity: Annotated[Severity | None, Meta(description="Of rules of this severity only.")] = None
    every: Annotated[
        Literal["day", "week"] | None, Meta(description="A maintenance window comes again every day or week (UTC).")
    ] = None


@routes.get("/api/v1/silences", Access.ADMIN)
async def get_silences(request: web.Request) -> Silences:
    """List the silences that are on or to come."""
    now = time.time()
    kept = await asyncio.to_thread(request.app[keys.ALERTS].silences)
    return Silences([_shown(one, now) for one in kept if one.every is not None or one.ends > now])


@routes.post("/api/v1/silences", Access.ADMIN, status=201, errors=("conflict",))
async def post_silence(request: web.Request, body: SilenceBody, act: Act) -> SilenceState:
    """Make a silence, or a maintenance window."""
    now = time.time()
    await _check_covered(request, body)
    silence = _silence(body, 0, now)

    def make() -> Silence:
        made = request.app[keys.ALERTS].add_silence(silence, MOST_SILENCES)
        act.detail = f"silence {made.id}: {made.comment}"
        return made

    try:
        made = await act.do(make)
    except Conflict as error:
        raise Problem("conflict", f"too many silences: {error}") from error
    return _shown(made, now)


@routes.put("/api/v1/silences/{silence_id}", Access.ADMIN)
async def put_silence(request: web.Request, silence_id: SilenceId, body: SilenceBody, act: Act) -> SilenceState:
    """Replace a silence; to end it now, delete it."""
    now = time.time()
    silence = _silence(body, int(silence_id), now)
    await _check_covered(request, body)
    act.detail = silence.comment

    def store() -> None:
        if not request.app[keys.ALERTS].replace_silence(silence):
            raise _missing(silence_id)

    await act.do(store)
    return _shown(silence, now)


@routes.delete("/api/v1/silences/{silence_id}", Access.ADMIN)
async def delete_silence(request: web.Request, silence_id: SilenceId, act: Act) -> None:
    """End a silence. Whatever still fires is told with the next pass."""

    def delete() -> None:
        if not request.app[keys.ALERTS].delete_silence(int(silence_id)):
            raise _missing(silence_id)

    await act.do(delete)


async def _check_covered(request: web.Request, body: SilenceBody) -> None:
    """Raise ``Problem`` for a rule or an application that does not exist: such a silence would hush nothing."""
    if body.rule_id is not None and await asyncio.to_thread(request.app[keys.ALERTS].rule, body.rule_id) is None:
        raise Problem("bad_request", f"there is no rule {body.rule_id}", "$.rule_id")
    apps = [app.app_id for app in await asyncio.to_thread(request.app[keys.RECORDS].apps)]
    if body.app_id is not None and body.app_id not in apps:
        raise Problem(
            "bad_request", f"there is no application {body.app_id!r}; there are: {', '.join(apps)}", "$.app_id"
        )


def _silence(body: SilenceBody, number: int, now: float) -> Silence:
    """Return the silence, checked. Raises ``Problem`` naming the field."""
    starts = now if isinstance(body.starts, UnsetType) else body.starts
    seconds = body.ends - starts
    longest = LONGEST_SILENCE if body.every is None else PERIODS[body.every]
    if not 0 < seconds <= longest:
        raise Problem(
            "bad_request",
            f"ends is {seconds:g} s after starts; it must be later, by at most {longest:g} s",
            "$.ends",
        )
    if body.every is None and body.ends <= now:
        raise Problem("bad_request", f"ends is {body.ends:g}, which is over already", "$.ends")
    return Silence(
        id=number,
        comment=body.comment,
        rule_id=body.rule_id,
        app_id=body.app_id,
        severity=body.severity,
        starts=starts,
        ends=body.ends,
        every=body.every,
        created_at=now,
    )


def _shown(silence: Silence, now: float) -> SilenceState:
    fields: dict[str, Any] = asdict(silence)
    return SilenceState(**fields, active=silence.active_at(now))


def _missing(silence_id: str) -> Problem:
    return Problem("not_found", f"there is no silence {silence_id!r}", "silence_id")
