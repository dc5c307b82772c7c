"""Channels: names for addresses that hold secrets, made once and used by any number of rules."""

from __future__ import annotations

import re
import secrets
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from argus.errors import ConfigError
from argus.server.notify import addresses, web_addresses

Kind = Literal["email", "webhook", "apprise"]
LONGEST_NAME = 100
LONGEST_TARGET = 2_000
CUT = "…"
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S+")


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """Where messages go. For the delivery alone: people see :class:`ChannelInfo`, for here lie secrets."""

    id: int = 0
    name: str
    kind: Kind
    target: str
    secret: str = ""
    created_at: float
    updated_at: float

    def __repr__(self) -> str:
        return f"Channel({self.id}, {self.name!r}, {self.kind}, {shown_target(self.kind, self.target)!r})"


class ChannelInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A channel as the API shows it."""

    id: Annotated[int, Meta(description="Number of the channel, by which rules name it.")]
    name: Annotated[str, Meta(description="What people call it.")]
    kind: Annotated[Kind, Meta(description="How messages are sent: email, webhook or apprise.")]
    target: Annotated[str, Meta(description="Where they go; of an address with secrets, only its beginning.")]
    created_at: Annotated[float, Meta(description="When it was made, in Unix seconds.")]
    updated_at: Annotated[float, Meta(description="When it was last changed, in Unix seconds.")]


def shown(channel: Channel) -> ChannelInfo:
    """Return what may be shown of a channel."""
    return ChannelInfo(
        id=channel.id,
        name=channel.name,
        kind=channel.kind,
        target=shown_target(channel.kind, channel.target),
        created_at=channel.created_at,
        updated_at=channel.updated_at,
    )


def shown_target(kind: str, target: str) -> str:
    """Return a target without its secrets: of a webhook the host, of a service its name, of a mail all of it."""
    if kind == "email":
        return target
    parts = urlsplit(target)
    host = parts.hostname if kind == "webhook" else ""
    return f"{parts.scheme}://{host}/{CUT}" if host else f"{parts.scheme}://{CUT}"


def checked_name(name: str) -> str:
    """Return the name without space around it. Raises :class:`ConfigError`."""
    text = name.strip()
    if not 0 < len(text) <= LONGEST_NAME or not text.isprintable():
        raise ConfigError(f"a name has 1 to {LONGEST_NAME} printable characters, got {text[:LONGEST_NAME]!r}")
    return text


def checked_target(kind: Kind, target: str) -> str:
    """Return the target as it is stored. Raises :class:`ConfigError`, which does not show it."""
    if CUT in target:
        raise ConfigError("this is the shortened form that is shown; give the whole address, or leave it out")
    if kind == "email":
        return addresses.checked(target)
    if kind == "webhook":
        return web_addresses.checked(target)
    if not SCHEME.fullmatch(target.strip()):
        raise ConfigError("the address of a service begins with its name, like slack://…")
    return target.strip()


def new_secret() -> str:
    """Return a secret to sign with."""
    return f"argus_hook_{secrets.token_urlsafe(24)}"
