"""``/ws/dashboard``: the live connection. Messages are described in ``docs/http-api.md``."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import msgspec
from aiohttp import WSMsgType, web

from argus.errors import StoreError
from argus.server import keys, origin
from argus.server.access import Access, Caller
from argus.server.api import Routes
from argus.server.auth import Auth
from argus.server.live import Hub, Socket
from argus.server.live_messages import ErrorMessage, encode
from argus.server.problems import Problem

HEARTBEAT_SECONDS = 30.0
LONGEST_MESSAGE = 64 * 1024
LOGIN_SECONDS = 5.0
"""Between two looks at whether the session or password that opened the connection still stands."""

LOGIN_ENDED = 4401
"""Close code: log in again. 4000 and up are an application's own."""

routes = Routes("Live", "One WebSocket for a whole page; its messages are described in docs/http-api.md.")


@routes.get("/ws/dashboard", Access.ADMIN, status=101, errors=("forbidden",))
async def get_live(request: web.Request, caller: Caller) -> web.WebSocketResponse:
    """Open the live connection, over which the server tells what changes."""
    origin.check(request)
    hub = request.app[keys.HUB]
    most = request.app[keys.SETTINGS].live_sockets
    if len(hub.sockets) >= most:
        raise Problem("unavailable", f"{most} live connections are open already", retry_after=30)
    response = web.WebSocketResponse(heartbeat=HEARTBEAT_SECONDS, max_msg_size=LONGEST_MESSAGE)
    await response.prepare(request)
    socket = Socket()
    hub.sockets.add(socket)
    tasks = [asyncio.create_task(_send(socket, response), name="live-sender")]
    guard = _close_with_login(request.app[keys.AUTH], caller, response)
    tasks.append(asyncio.create_task(guard, name="live-login"))
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


async def _close_with_login(auth: Auth, caller: Caller, response: web.WebSocketResponse) -> None:
    """Close the connection when what opened it has ended: the session, or the password that Basic gave."""
    standing = True
    while standing:
        await asyncio.sleep(LOGIN_SECONDS)
        with contextlib.suppress(StoreError):  # whether it stands cannot be known now: ask again later
            standing = await asyncio.to_thread(auth.stands, caller.token, caller.admin_hash)
    closing = asyncio.create_task(response.close(code=LOGIN_ENDED, message=b"the login has ended"), name="live-close")
    try:
        await asyncio.shield(closing)
    except asyncio.CancelledError:
        await (
            closing
        )  # the connection's loop ends first, and cancels this: the code must reach the browser all the same
        raise


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
    shown = number if isinstance(number, (int, str)) else None
    return encode(ErrorMessage(shown, problem.body().error))


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
