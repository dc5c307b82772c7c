"""A real server on a real socket over real stores, in the test's event loop."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from argon2 import PasswordHasher
from victoria import Victoria

from argus.server import keys
from argus.server.app import create_app, make_runner
from argus.server.settings import Settings
from argus.server.stores import opening
from argus.server.stores.base import App

PASSWORD = "correct horse"
ADMIN = {"Authorization": f"Basic {base64.b64encode(f'admin:{PASSWORD}'.encode()).decode()}"}


@dataclass
class Running:
    """The server, and how to talk to it."""

    app: web.Application
    url: str
    http: aiohttp.ClientSession
    key: str
    other_key: str
    runner: web.AppRunner
    admin = ADMIN

    def bearer(self, key: str | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {key or self.key}"}

    async def post(self, path: str, body: Any, **more: Any) -> tuple[int, Any]:
        arguments = {"data": body} if isinstance(body, bytes) else {"json": body}
        headers = {**self.bearer(), **more.pop("headers", {})}
        async with self.http.post(self.url + path, headers=headers, **arguments, **more) as answer:
            return answer.status, await answer.json()

    async def get(self, path: str, **params: Any) -> tuple[int, Any]:
        async with self.http.get(self.url + path, params=params, headers=ADMIN) as answer:
            return answer.status, await answer.json()

    async def names(self, app: str = "shop") -> list[str]:
        _, answer = await self.get("/api/v1/metrics/series", app=app)
        return [series["name"] for series in answer["series"]]


@pytest.fixture(scope="session", autouse=True)
def _cheap_hashes() -> Iterator[None]:
    """Every server of the tests hashes a password or two; argon2's own cost is for attackers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("argus.server.auth.PasswordHasher", partial(PasswordHasher, time_cost=1, memory_cost=64))
        yield


@pytest.fixture(scope="session")
def victoria(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Victoria]:
    """A VictoriaMetrics that all tests share."""
    with Victoria(tmp_path_factory.mktemp("victoria")) as engine:
        yield engine


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, port=0, self_monitoring=False, body_timeout=1.0)


@pytest.fixture
async def make_server(settings: Settings) -> AsyncIterator[Any]:
    undo = []

    async def make(beside: Running | None = None, **changes: Any) -> Running:
        """Start a server; ``beside`` is another one on the same stores."""
        chosen = replace(settings, **changes)
        metrics, records = opening.open_metrics(chosen), opening.open_records(chosen)
        app = create_app(chosen, metrics, records)
        auth = app[keys.AUTH]
        secrets = [beside.key, beside.other_key] if beside else []
        if beside is None:
            auth.set_password(PASSWORD)
            for name in ("shop", "other"):
                secret, key = auth.new_key(name)
                records.create_app(App(name, name, 1.0), key)
                secrets.append(secret)
        runner = make_runner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        http = aiohttp.ClientSession()
        undo.extend([http.close, runner.cleanup])
        undo.append(lambda: close(metrics, records))
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return Running(app, url, http, secrets[0], secrets[1], runner)

    yield make
    for step in undo:
        await step()


async def close(*stores: Any) -> None:
    for store in stores:
        store.close()


@pytest.fixture
async def server(make_server: Any) -> Running:
    return await make_server()
