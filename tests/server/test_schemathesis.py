"""Requests that the OpenAPI document allows, and many that it does not, against a real server, with every check.

Bounded and repeatable: so many examples per route, derived from the route alone.
"""

from __future__ import annotations

import asyncio
import base64
import threading
from collections.abc import Iterator
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from aiohttp import web
from hypothesis import HealthCheck, Phase, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from argus.server import keys, openapi, throttle
from argus.server.app import create_app, make_runner
from argus.server.routes import table
from argus.server.settings import Settings
from argus.server.stores import opening
from argus.server.stores.base import App

EXAMPLES = 6
PASSWORD = "correct horse"
BASIC = f"Basic {base64.b64encode(f'admin:{PASSWORD}'.encode()).decode()}"

MORE_THAN_A_SCHEMA_SAYS = {
    "post_metrics": "columns have one length, instance and seq belong together, times are near now",
    "post_logs": "instance and seq belong together",
    "get_metrics": "the end comes after the start, and there are not too many steps between",
    "get_distribution": "it is of a timing, the end comes after the start, and there are not too many steps between",
    "get_histogram": "the search has a syntax, the end comes after the start, and there are not too many steps between",
    "get_logs": "the search has a syntax, a cursor comes from an answer, and cursor and after exclude each other",
    "post_application": "the id that a name gives must be one",
    "patch_application": "a name has something to read",
    "post_alert": "a rule asks one question, of an application that there is, with a threshold",
    "put_alert": "a rule asks one question, of an application that there is, with a threshold",
    "patch_alert": "a rule asks one question, of an application that there is, with a threshold",
    "post_alert_preview": "a rule asks one question, of an application that there is, with a threshold",
    "post_silence": "a silence ends after it begins, is not over already, and is of what there is",
    "put_silence": "a silence ends after it begins, is not over already, and is of what there is",
    "post_channel": "a name has something to read, and a target fits its kind",
    "patch_channel": "a target fits the kind of the channel",
    "post_test_mail": "an address of e-mail has a grammar",
}
"""Routes that may refuse what fits their schema, and why; everything else of them is checked."""

schema = schemathesis.openapi.from_dict(openapi.document(table.TABLE)).exclude(operation_id="get_live")
"""Without the live connection, which is no request and answer."""


class Server:
    """A server on a thread of its own."""

    def __init__(self, data: Path) -> None:
        self._settings = Settings(data=data, port=0, self_monitoring=False)
        self._started = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._run(),))
        self._thread.start()
        while not self._started.wait(0.1):
            assert self._thread.is_alive(), "the server did not start"

    async def _run(self) -> None:
        metrics, records = opening.open_metrics(self._settings), opening.open_records(self._settings)
        app = create_app(self._settings, metrics, records)
        app[keys.AUTH].set_password(PASSWORD)
        self.key, stored = app[keys.AUTH].new_key("shop")
        records.create_app(App("shop", "shop", 1.0), stored)
        runner = make_runner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        self._started.set()
        await self._stop.wait()
        await runner.cleanup()
        metrics.close()
        records.close()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(30)
        self._loop.close()


@pytest.fixture(scope="module")
def answering(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with pytest.MonkeyPatch.context() as patch:
        # Wrong credentials are among what is tried: answers should say that, not that there were many.
        patch.setattr(throttle, "FREE_TRIES", 1_000_000)
        patch.setattr(throttle, "FREE_TRIES_IN_ALL", 1_000_000)
        server = Server(tmp_path_factory.mktemp("schemathesis"))
        yield server
        server.stop()


@pytest.fixture(scope="module")
def connection() -> Iterator[requests.Session]:
    """One for all requests: to make one for each takes longer than to answer it."""
    with requests.Session() as kept:
        kept.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # no request knows of another
        yield kept


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_the_server_keeps_to_its_document(
    case: schemathesis.Case, answering: Server, connection: requests.Session
) -> None:
    definition = case.operation.definition.raw
    by_key = {"bearer": []} in definition["security"]
    headers = {"Authorization": f"Bearer {answering.key}" if by_key else BASIC}
    refuses = definition["operationId"] in MORE_THAN_A_SCHEMA_SAYS
    excluded: list[Any] = [positive_data_acceptance] if refuses else []
    case.call_and_validate(base_url=answering.url, session=connection, headers=headers, excluded_checks=excluded)
