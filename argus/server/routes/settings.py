"""``GET /api/v1/settings``: what the server was told when it was started, and where.

Settings are read once, so nothing here changes one: the answer holds what is needed to write the line that does.
"""

from __future__ import annotations

from dataclasses import Field
from typing import Annotated, Any, Literal

import msgspec
from aiohttp import web
from msgspec import Meta

from argus.errors import ConfigError
from argus.server import keys
from argus.server import settings as server_settings
from argus.server.access import Access
from argus.server.api import Routes
from argus.server.settings import Settings
from argus.server.stores import opening

ADDRESSES = ("metrics_url", "records_url", "smtp_url", "heartbeat_url")
"""Settings that may hold a user, a password or, in its path, a token."""

routes = Routes("Settings", "What the server was told when it was started.")

Kind = Literal["text", "whole", "number", "switch"]


class Setting(msgspec.Struct):
    """One setting of the server."""

    name: Annotated[str, Meta(description="Its key in the [server] table of argus.toml.")]
    flag: Annotated[str, Meta(description="The option of argus serve.")]
    variable: Annotated[str, Meta(description="The environment variable; with _FILE added, one that names a file.")]
    kind: Annotated[Kind, Meta(description="What its values are: text, whole, number or switch.")]
    value: Annotated[str, Meta(description="What is in use. Of an address only what holds no secret.")]
    default: Annotated[str, Meta(description="What is in use where nothing is given.")]
    source: Annotated[str | None, Meta(description="Where the value was given; null: nowhere, it is the default.")]
    least: Annotated[float | None, Meta(description="The least number it may be.")]
    most: Annotated[float | None, Meta(description="The greatest number it may be.")]
    doc: Annotated[str, Meta(description="What it is.")]


class SettingList(msgspec.Struct):
    """The settings of the server that answers."""

    settings: Annotated[list[Setting], Meta(description="All of them, in the order of the documentation.")]


@routes.get("/api/v1/settings", Access.ADMIN)
async def get_settings(request: web.Request) -> SettingList:
    """Read every setting with its value and where that was given.

    A setting is changed where it was given, or in argus.toml, and holds from the next start on.
    """
    chosen = request.app[keys.SETTINGS]
    return SettingList([_shown(field, chosen) for field in server_settings.known()])


def _shown(field: Field[Any], chosen: Settings) -> Setting:
    name = field.name
    value = _text(getattr(chosen, name))
    return Setting(
        name=name,
        flag=server_settings.flag(name),
        variable=server_settings.variable(name),
        kind=_kind(field.default),
        value=_address(name, value) if name in ADDRESSES and value else value,
        default=_text(field.default),
        source=chosen.given.get(name),
        least=field.metadata["least"],
        most=field.metadata["most"],
        doc=field.metadata["doc"],
    )


def _address(name: str, url: str) -> str:
    try:
        known = opening.without_secrets(url)
    except ConfigError as error:
        return str(error)
    scheme, _, place = known.partition("://")
    return f"{scheme}://{place.partition('/')[0]}/…" if name == "heartbeat_url" else known


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _kind(default: object) -> Kind:
    if isinstance(default, bool):
        return "switch"
    if isinstance(default, int):
        return "whole"
    return "number" if isinstance(default, float) else "text"
