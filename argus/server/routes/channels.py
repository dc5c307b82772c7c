"""``/api/v1/channels``: where messages go; made, changed, deleted, and tried out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Literal

import msgspec
from aiohttp import web
from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import replace

from argus.errors import ConfigError, Conflict
from argus.server import keys
from argus.server.access import Access
from argus.server.api import Routes
from argus.server.audit import Act
from argus.server.notify import addresses, channels
from argus.server.notify.channels import Channel, ChannelInfo, Kind, shown
from argus.server.notify.message import made_up
from argus.server.problems import Problem

routes = Routes("Channels", "Where alerts go besides a rule's own address of e-mail.")

MOST_CHANNELS = 100

ChannelId = Annotated[str, Meta(description="Number of the channel.", pattern="^[0-9]{1,18}$")]
Name = Annotated[str, Meta(description="What people call it; no two have the same.", max_length=channels.LONGEST_NAME)]
Target = Annotated[
    str,
    Meta(
        description="An address: of e-mail, of a webhook (https://…), or one that apprise knows (slack://…).",
        max_length=channels.LONGEST_TARGET,
    ),
]


class NewChannel(msgspec.Struct, forbid_unknown_fields=True):
    """A channel to make."""

    name: Name
    kind: Annotated[Kind, Meta(description="How messages are sent: email, webhook or apprise.")]
    target: Target


class ChangedChannel(msgspec.Struct, forbid_unknown_fields=True):
    """What is to change of a channel; what is left out stays as it is."""

    name: Name | UnsetType = UNSET
    target: Target | UnsetType = UNSET
    new_secret: Annotated[bool, Meta(description="Whether a webhook is to be signed with a new secret.")] = False


class TestAddress(msgspec.Struct, forbid_unknown_fields=True):
    """Who is to get a test mail."""

    email: Annotated[str, Meta(description="The address.", max_length=channels.LONGEST_TARGET)]


class Channels(msgspec.Struct):
    """The channels."""

    channels: Annotated[list[ChannelInfo], Meta(description="Ordered by id.")]


class ChannelWithSecret(msgspec.Struct):
    """A channel as it was just stored."""

    channel: Annotated[ChannelInfo, Meta(description="The channel.")]
    secret: Annotated[
        str | None, Meta(description="What a webhook is signed with, where it is new: it is never shown again.")
    ] = None


class TestResult(msgspec.Struct):
    """How a test message ended."""

    result: Annotated[
        Literal["sent", "refused", "failed"],
        Meta(description="sent; refused, as it would be again; or failed, which may pass."),
    ]
    detail: Annotated[str, Meta(description="What the other side said, or what went wrong.")]


@routes.get("/api/v1/channels", Access.ADMIN)
async def get_channels(request: web.Request) -> Channels:
    """List the channels; of their targets only what is no secret."""
    return Channels([shown(channel) for channel in await asyncio.to_thread(request.app[keys.CHANNELS].channels)])


@routes.post("/api/v1/channels", Access.ADMIN, status=201, errors=("conflict",))
async def post_channel(request: web.Request, body: NewChannel, act: Act) -> ChannelWithSecret:
    """Make a channel; the secret of a webhook is in this answer and never shown again."""
    now = time.time()
    channel = Channel(
        name=_checked(channels.checked_name, body.name, "$.name"),
        kind=body.kind,
        target=await _checked_target(request, body.kind, body.target),
        secret=channels.new_secret() if body.kind == "webhook" else "",
        created_at=now,
        updated_at=now,
    )

    def make() -> Channel:
        made = request.app[keys.CHANNELS].add_channel(channel, MOST_CHANNELS)
        act.detail = f"channel {made.id}: {made.name}"
        return made

    try:
        made = await act.do(make)
    except Conflict as error:
        raise Problem("conflict", str(error), "$.name") from error
    return ChannelWithSecret(shown(made), made.secret or None)


@routes.get("/api/v1/channels/{channel_id}", Access.ADMIN)
async def get_channel(request: web.Request, channel_id: ChannelId) -> ChannelInfo:
    """Show a channel; of its target only what is no secret."""
    return shown(await _existing(request, channel_id))


@routes.patch("/api/v1/channels/{channel_id}", Access.ADMIN, errors=("conflict",))
async def patch_channel(
    request: web.Request, channel_id: ChannelId, body: ChangedChannel, act: Act
) -> ChannelWithSecret:
    """Rename a channel, give it another target, or a webhook another secret."""
    channel = await _existing(request, channel_id)
    changes: dict[str, Any] = {"updated_at": time.time()}
    if body.name is not UNSET:
        changes["name"] = _checked(channels.checked_name, body.name, "$.name")
    if body.target is not UNSET:
        changes["target"] = await _checked_target(request, channel.kind, body.target)
    if body.new_secret and channel.kind != "webhook":
        raise Problem("bad_request", f"a channel of the kind {channel.kind} has no secret", "$.new_secret")
    if body.new_secret:
        changes["secret"] = channels.new_secret()
    changed = replace(channel, **changes)
    act.detail = f"{changed.name}: {', '.join(sorted(changes.keys() - {'updated_at'})) or 'nothing'} changed"

    def store() -> None:
        if not request.app[keys.CHANNELS].replace_channel(changed):
            raise _missing(channel_id)

    try:
        await act.do(store)
    except Conflict as error:
        raise Problem("conflict", str(error), "$.name") from error
    return ChannelWithSecret(shown(changed), changes.get("secret"))


@routes.delete("/api/v1/channels/{channel_id}", Access.ADMIN, errors=("conflict",))
async def delete_channel(request: web.Request, channel_id: ChannelId, act: Act) -> None:
    """Delete a channel that no rule names; what waits to be sent to it is given up."""
    channel = await _existing(request, channel_id)
    rules = await asyncio.to_thread(request.app[keys.ALERTS].rules)
    if users := [rule.name for rule in rules if channel.id in rule.channels]:
        raise Problem("conflict", f"rules tell this channel: {', '.join(users[:10])}; change them first", "channel_id")
    act.detail = channel.name
    await act.do(partial(request.app[keys.CHANNELS].delete_channel, channel.id))


@routes.post("/api/v1/test-mail", Access.ADMIN)
async def post_test_mail(request: web.Request, body: TestAddress, act: Act) -> TestResult:
    """Send a test mail to an address and say how that ended."""
    address = act.detail = _checked(addresses.checked, body.email, "$.email")
    await act.note()
    return await _tried(request, Channel(name=address, kind="email", target=address, created_at=0.0, updated_at=0.0))


@routes.post("/api/v1/channels/{channel_id}/test", Access.ADMIN)
async def post_test_message(request: web.Request, channel_id: ChannelId, act: Act) -> TestResult:
    """Send a test message to a channel and say how that ended."""
    channel = await _existing(request, channel_id)
    act.detail = channel.name
    await act.note()
    return await _tried(request, channel)


async def _tried(request: web.Request, channel: Channel) -> TestResult:
    now = time.time()
    message = made_up(channel.name, now, request.app[keys.SETTINGS].public_url)
    outcome = await request.app[keys.CARRIER].carry(channel.kind, channel.target, channel.secret, message, now)
    return TestResult(outcome.result.value, outcome.detail)


async def _existing(request: web.Request, channel_id: str) -> Channel:
    for channel in await asyncio.to_thread(request.app[keys.CHANNELS].channels):
        if str(channel.id) == channel_id:
            return channel
    raise _missing(channel_id)


def _missing(channel_id: str) -> Problem:
    return Problem("not_found", f"there is no channel {channel_id[:50]!r}", "channel_id")


def _checked(check: Callable[[str], str], text: str, where: str) -> str:
    try:
        return check(text)
    except ConfigError as error:
        raise Problem("bad_request", str(error), where) from error


async def _checked_target(request: web.Request, kind: Kind, target: str) -> str:
    try:
        checked = channels.checked_target(kind, target)
        await request.app[keys.CARRIER].check(kind, checked)
    except ConfigError as error:
        raise Problem("bad_request", str(error), "$.target") from error
    return checked
