"""``/api/v1/applications/{app_id}/keys``: an application's keys, one by one."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import Annotated

import msgspec
from aiohttp import web
from msgspec import Meta

from argus.server import keys
from argus.server.access import Access
from argus.server.answers import AppId
from argus.server.api import Routes
from argus.server.audit import Act
from argus.server.problems import Problem
from argus.server.registration import KEY_OVERLAP, MOST_KEYS
from argus.server.stores.base import Key

ID_BYTES = 8
LONGEST_LABEL = 100
LONGEST_OVERLAP = 30 * 86_400.0

KeyId = Annotated[str, Meta(description="Id of a key, from the application's page.")]
Label = Annotated[str, Meta(description="What people call it.", max_length=LONGEST_LABEL, pattern=r"^[^\x00-\x1f]*$")]

routes = Routes("Keys", "An application's keys: one for each place, so that one can go without the others.")


class NewKey(msgspec.Struct, forbid_unknown_fields=True):
    """A key to make."""

    label: Label = ""


class Rotation(msgspec.Struct, forbid_unknown_fields=True):
    """How a key is replaced."""

    overlap: Annotated[float, Meta(description="Seconds for which the old key works on.", ge=0, le=LONGEST_OVERLAP)] = (
        KEY_OVERLAP
    )


class CreatedKey(msgspec.Struct):
    """A new key, which is never shown again."""

    key_id: KeyId
    prefix: Annotated[str, Meta(description="How it begins; enough to recognise it.")]
    label: Label
    api_key: Annotated[str, Meta(description="The key. Keep it: only a digest of it is stored.")]


def id_of(key: Key) -> str:
    """Return what names a key in addresses: the beginning of its digest, which does not lead back to it."""
    return key.sha256[:ID_BYTES].hex()


@routes.post("/api/v1/applications/{app_id}/keys", Access.ADMIN, status=201, errors=("conflict",))
async def post_key(request: web.Request, app_id: AppId, body: NewKey, act: Act) -> CreatedKey:
    """Make one more key for an application; it is in this answer and never shown again."""
    if len(await _keys_of(request, app_id)) >= MOST_KEYS:
        raise Problem("conflict", f"{app_id} has {MOST_KEYS} keys already; revoke one first")
    secret, key = request.app[keys.AUTH].new_key(app_id, body.label)
    await add_key(request, act, key, ())
    return CreatedKey(id_of(key), key.prefix, key.label, secret)


@routes.post("/api/v1/applications/{app_id}/keys/{key_id}/rotate", Access.ADMIN, status=201)
async def post_key_rotation(request: web.Request, app_id: AppId, key_id: KeyId, body: Rotation, act: Act) -> CreatedKey:
    """Replace a key by a new one with its label; the old one works on for a while."""
    old = await _existing(request, app_id, key_id)
    secret, key = request.app[keys.AUTH].new_key(app_id, old.label)
    await add_key(request, act, key, (old.sha256,), body.overlap)
    return CreatedKey(id_of(key), key.prefix, key.label, secret)


@routes.delete("/api/v1/applications/{app_id}/keys/{key_id}", Access.ADMIN)
async def delete_key(request: web.Request, app_id: AppId, key_id: KeyId, act: Act) -> None:
    """Revoke a key: within a second no server takes it any more."""
    key = await _existing(request, app_id, key_id)
    act.detail = _shown(key)
    await act.do(partial(request.app[keys.RECORDS].revoke_key, app_id, key.sha256))
    request.app[keys.AUTH].look_again()


async def add_key(
    request: web.Request, act: Act, key: Key, replaced: tuple[bytes, ...] | None, overlap: float = KEY_OVERLAP
) -> None:
    """Store a new key; those that it replaces, ``None``: all of its application, work on for a while."""
    now = time.time()
    act.detail = _shown(key)

    def store() -> None:
        if not request.app[keys.RECORDS].rotate_key(key, now, now + overlap, replaced):
            raise missing(key.app_id)

    await act.do(store)
    request.app[keys.AUTH].look_again()


def missing(app_id: str) -> Problem:
    """Return the problem of an application that does not exist."""
    return Problem("not_found", f"there is no application {app_id!r}", "app_id")


def _shown(key: Key) -> str:
    return f"{key.prefix}… {key.label}".strip()


async def _keys_of(request: web.Request, app_id: str) -> list[Key]:
    stored = await asyncio.to_thread(request.app[keys.RECORDS].keys)
    return [key for key in stored if key.app_id == app_id]


async def _existing(request: web.Request, app_id: str, key_id: str) -> Key:
    found = next((key for key in await _keys_of(request, app_id) if id_of(key) == key_id), None)
    if found is None:
        raise Problem("not_found", f"{app_id} has no key {key_id!r}", "key_id")
    return found
