"""``/api/v1/backups``: which there are, making one, fetching and deleting them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import msgspec
from aiohttp import web
from msgspec import Meta

from argus.errors import ConfigError, Conflict
from argus.server import keys
from argus.server.access import Access
from argus.server.api import Media, Routes
from argus.server.audit import Act
from argus.server.backup import folder as folders
from argus.server.backup.manifest import StoreFacts
from argus.server.backup.state import Failure, Running
from argus.server.problems import Problem

routes = Routes("Backups", "Copies of everything the server keeps, each in one file. `docs/backup.md` tells the rest.")

Name = Annotated[str, Meta(description="Name of the file, as the list has it.")]
TAR = Media("application/x-tar", "The file. It holds secrets: keep it as you keep the data folder.")


class StoredRows(msgspec.Struct):
    """What a backup holds of one store."""

    kind: Annotated[str, Meta(description="The product: sqlite, postgresql, influxdb or victoriametrics.")]
    size: Annotated[int, Meta(description="Bytes of it in the file.")]
    rows: Annotated[dict[str, int], Meta(description="Rows of each table.")]


class BackupInfo(msgspec.Struct):
    """One backup. Where the file cannot be read, only its name and size are known."""

    name: Name
    size: Annotated[int, Meta(description="Bytes of the file.")]
    created_at: Annotated[float | None, Meta(description="When it was begun, in Unix seconds.")]
    argus: Annotated[str | None, Meta(description="Version of the Argus that made it.")]
    stores: Annotated[dict[str, StoredRows], Meta(description="What it holds of `records` and `metrics`.")]


class RunningBackup(msgspec.Struct):
    """A backup that is being made."""

    started_at: Annotated[float, Meta(description="When it was begun, in Unix seconds.")]
    step: Annotated[str, Meta(description="What is being done.")]
    done: Annotated[int, Meta(description="Bytes of that step that are done.")]
    total: Annotated[int | None, Meta(description="Of how many; null where nobody knows.")]


class FailedBackup(msgspec.Struct):
    """Why the last backup that was tried failed."""

    at: Annotated[float, Meta(description="When it failed, in Unix seconds.")]
    message: Annotated[str, Meta(description="What went wrong, and what helps.")]


class Backups(msgspec.Struct):
    """The backups, and what becomes of the next one."""

    backups: Annotated[list[BackupInfo], Meta(description="Newest first.")]
    running: Annotated[
        RunningBackup | None,
        Meta(description="The one that is being made now, by whomever; null: none."),
    ]
    failed: Annotated[int, Meta(description="Backups that failed since the last one that was made.")]
    last_error: Annotated[FailedBackup | None, Meta(description="Null when the last one that was tried was made.")]
    next_at: Annotated[float | None, Meta(description="When the next one is due, in Unix seconds; null: never.")]


class StartedBackup(msgspec.Struct):
    """A backup that was begun."""

    running: Annotated[RunningBackup, Meta(description="How far it is; ask for the list to follow it.")]


@routes.get("/api/v1/backups", Access.ADMIN)
async def get_backups(request: web.Request) -> Backups:
    """List the backups, the newest first, and tell of the one that is being made."""
    backups = request.app[keys.BACKUPS]
    found = await asyncio.to_thread(folders.listed, backups.folder)
    state = await backups.state()
    return Backups(
        backups=[_shown(one) for one in found],
        running=_running(state.running) if state.running is not None else None,
        failed=state.failed,
        last_error=_failed(state.last_error) if state.last_error is not None else None,
        next_at=await backups.next_at(),
    )


@routes.post("/api/v1/backups", Access.ADMIN, status=202, errors=("conflict", "unavailable"))
async def post_backup(request: web.Request, act: Act) -> StartedBackup:
    """Begin a backup. One is made at a time; another is refused meanwhile."""
    await act.note()
    try:
        return StartedBackup(_running(await request.app[keys.BACKUPS].start()))
    except Conflict as error:
        raise Problem("conflict", str(error)) from error
    except ConfigError as error:
        raise Problem("unavailable", str(error)) from error


@routes.get("/api/v1/backups/{name}", Access.ADMIN, answers=TAR, errors=("not_found",), audited=True)
async def get_backup(request: web.Request, name: Name, act: Act) -> web.StreamResponse:
    """Fetch a backup."""
    path = await _existing(request, name)
    await act.note()
    headers = {"Content-Disposition": f'attachment; filename="{path.name}"', "Content-Type": TAR.content_type}
    return web.FileResponse(path, headers=headers)


@routes.delete("/api/v1/backups/{name}", Access.ADMIN, errors=("not_found",))
async def delete_backup(request: web.Request, name: Name, act: Act) -> None:
    """Delete a backup."""
    path = await _existing(request, name)
    await act.note()
    await asyncio.to_thread(path.unlink, missing_ok=True)


async def _existing(request: web.Request, name: str) -> Path:
    """Return the path of a backup in the folder, and of nothing else."""
    path = request.app[keys.BACKUPS].folder / name
    if not folders.NAME.fullmatch(name) or not await asyncio.to_thread(path.is_file):
        raise Problem("not_found", f"there is no backup {name!r}", "name")
    return path


def _shown(found: folders.Found) -> BackupInfo:
    manifest = found.manifest
    if manifest is None:
        return BackupInfo(found.path.name, found.size, None, None, {})
    stores = {name: _rows(facts) for name, facts in manifest.stores.items()}
    return BackupInfo(found.path.name, found.size, manifest.created_at, manifest.argus, stores)


def _rows(facts: StoreFacts) -> StoredRows:
    rows = {table: sum(apps.values()) for table, apps in facts.counts.items()}
    return StoredRows(facts.kind, sum(part.size for part in facts.parts), rows)


def _running(running: Running) -> RunningBackup:
    return RunningBackup(**msgspec.structs.asdict(running))


def _failed(failure: Failure) -> FailedBackup:
    return FailedBackup(**msgspec.structs.asdict(failure))
