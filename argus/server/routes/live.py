"""``/ws/dashboard``: the live connection. Messages are described in ``docs/http-api.md``."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any
from urllib.parse import urlsplit

import msgspec
from aiohttp import WSMsgType, web

from argus.errors import StoreError
from argus.server import keys
from argus.server.access import Access, Caller
from argus.server.api import Routes
from argus.server.auth import Auth
from argus.server.live import Hub, Socket, encode
from argus.server.problems import Problem

HEARTBEAT_SECONDS = 30.0
LONGEST_MESSAGE = 64 * 1024
SESSION_SECONDS = 5.0
"""Between two looks at whether the session that opened the connection still stands."""

SESSION_ENDED = 4401
"""Close code: log in again. 4000 and up are an application's own."""

routes = Routes("Live", "One WebSocket for a whole page; its messages are described in docs/http-api.md.")


@routes.get("/ws/dashboard", Access.ADMIN, status=101, errors=("forbidden",))
async def get_live(request: web.Request, caller: Caller) -> web.WebSocketResponse:
    """Open the live connection, over which the server tells what changes."""
    _check_origin(request)
    hub = request.app[keys.HUB]
    most = request.app[keys.SETTINGS].live_sockets
    if len(hub.sockets) >= most:
        raise Problem("unavailable", f"{most} live connections are open already", retry_after=30)
    response = web.WebSocketResponse(heartbeat=HEARTBEAT_SECONDS, max_msg_size=LONGEST_MESSAGE)
    await response.prepare(request)
    socket = Socket()
    hub.sockets.add(socket)
    tasks = [asyncio.create_task(_send(socket, response), name="live-sender")]
    if caller.token is not None:
        guard = _close_with_session(request.app[keys.AUTH], caller.token, response)
        tasks.append(asyncio.create_task(guard, name="live-session"))
    try:
        async for message in response:
            if message.type is WSMsgType.TEXT:
                await _receive(hub, socket, message.data)
    finally:
        hub.sockets.discard(socket)
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                await task
    return response


async def _close_with_session(auth: Auth, token: str, response: web.WebSocketResponse) -> None:
    """Close the connection when its session has ended: by logging out, by a new password, or by its time."""
    standing = True
    while standing:
        await asyncio.sleep(SESSION_SECONDS)
        with contextlib.suppress(StoreError):  # whether it stands cannot be known now: ask again later
            standing = await asyncio.to_thread(auth.session_expiry, token) is not None
    await response.close(code=SESSION_ENDED, message=b"the session has ended")


def _check_origin(request: web.Request) -> None:
    """Refuse pages of other sites: a browser sends the session cookie whoever opens the socket."""
    origin = request.headers.get("Origin")
    if origin is None:
        return  # no browser
    allowed = {urlsplit(f"//{request.host}").netloc, urlsplit(request.app[keys.SETTINGS].public_url).netloc}
    if urlsplit(origin).netloc not in allowed:
        raise Problem("forbidden", f"a page of {origin} may not connect; is public_url right?", "Origin")


async def _receive(hub: Hub, socket: Socket, text: str) -> None:
    number: Any = None
    try:
        message = _message(text)
        number = message.get("id")
        await hub.subscribe(socket, message)
    except Problem as problem:
        socket.send(number, _refusal(number, problem))
    except StoreError as error:
        socket.send(number, _refusal(number, Problem("unavailable", str(error))))


def _refusal(number: Any, problem: Problem) -> bytes:
    return encode({"op": "error", "id": number, "error": problem.body().error})


def _message(text: str) -> dict[str, Any]:
    try:
        message = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Problem("bad_request", f"a message is JSON: {error}") from error
    if not isinstance(message, dict):
        raise Problem("bad_request", "a message is a JSON object")
    return message


async def _send(socket: Socket, response: web.WebSocketResponse) -> None:
    while True:
        message = await socket.queue.get()
        await response.send_str(message.decode())
