"""``argus serve`` with its records in PostgreSQL: started while the database is away, and left by it."""

from __future__ import annotations

import json
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import postgres as own_postgres
import psycopg
import pytest
from postgres import ESCAPED, PASSWORD, Postgres
from server_process import Process


@pytest.fixture(scope="module")
def database() -> Iterator[Postgres]:
    with own_postgres.running() as made:
        yield made


@pytest.fixture
def server(database: Postgres, tmp_path: Path) -> Iterator[Process]:
    made = Process(tmp_path / "data", ARGUS_RECORDS_URL=database.new_database())
    yield made
    if made.runs():
        made.stop(signal.SIGKILL)


def ask(
    server: Process, path: str, key: str = "", body: dict[str, Any] | None = None
) -> tuple[int, dict[str, Any], Any]:
    """Return status, answer and headers; status 0 while nobody listens."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    request = urllib.request.Request(server.url + path, json.dumps(body).encode() if body else None, headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            text = answer.read().decode()
            return answer.status, json.loads(text) if text.startswith("{") else {}, answer.headers
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read()), error.headers
    except urllib.error.URLError:
        return 0, {}, {}


def wait_for(server: Process, path: str, status: int) -> dict[str, Any]:
    deadline = time.monotonic() + 30
    while True:
        found, answer, _ = ask(server, path)
        if found == status:
            return answer
        assert time.monotonic() < deadline, (found, answer)
        time.sleep(0.05)


def log_line(text: str, seq: int) -> dict[str, Any]:
    return {
        "instance": "i",
        "seq": seq,
        "host": "h",
        "logs": [{"timestamp": time.time(), "level": "INFO", "message": text}],
    }


POINT = {"metrics": [{"name": "n", "value": 1}]}


def test_started_without_its_database_it_waits_for_it_and_says_so(
    server: Process, database: Postgres, tmp_path: Path
) -> None:
    database.stop()
    said = tmp_path / "stderr"
    with said.open("w") as file:
        server.launch(stderr=file)
    try:
        wait_for(server, "/healthz", 200)
        answer = wait_for(server, "/readyz", 503)
        assert "Connection refused" in answer["troubles"]["start"]
        status, refusal, headers = ask(server, "/api/v1/logs", "argus_key", log_line("early", 1))
        assert (status, headers["Retry-After"]) == (503, "5")  # not 401: nobody can know yet that the key is wrong
        assert "Connection refused" in refusal["error"]["message"]
        assert ask(server, "/api/v1/applications")[0] == 401
    finally:
        database.start()
    server.wait_until_ready()
    assert wait_for(server, "/readyz", 200) == {"ready": True, "troubles": {}}
    key = json.loads(server.cli("app", "create", "shop", "--json").stdout)["api_key"]
    time.sleep(0.6)  # the server looks for new keys twice a second at most
    assert ask(server, "/api/v1/logs", key, log_line("first", 1))[0] == 200
    server.stop(signal.SIGTERM)
    assert "not ready" in said.read_text()
    assert not any(unwanted in said.read_text() for unwanted in (PASSWORD, ESCAPED, "Traceback"))


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_left_by_its_database_it_keeps_answering_and_recovers(server: Process, database: Postgres, end: str) -> None:
    server.start()
    key = json.loads(server.cli("app", "create", "shop", "--json").stdout)["api_key"]
    time.sleep(0.6)  # the server looks for new keys twice a second at most
    assert ask(server, "/api/v1/logs", key, log_line("before", 1))[0] == 200
    database.stop() if end == "stop" else database.kill()
    try:
        status, answer, headers = ask(server, "/api/v1/logs", key, log_line("during", 2))
        assert (status, headers["Retry-After"]) == (503, "5")
        assert "PostgreSQL" in answer["error"]["message"]
        assert "is it running" in wait_for(server, "/readyz", 503)["troubles"]["records"]
        assert ask(server, "/api/v1/metrics", key, POINT)[0] == 200  # a key that was read, another store
        assert ask(server, "/api/v1/metrics?app=shop&name=n", key)[0] == 200
        assert ask(server, "/api/v1/logs?q=before", key)[0] == 503
        assert ask(server, "/healthz")[0] == 200
    finally:
        database.start()
    wait_for(server, "/readyz", 200)  # nobody had to send anything
    assert ask(server, "/api/v1/logs", key, log_line("during", 2))[0] == 200
    found = ask(server, "/api/v1/logs", key)[1]["logs"]
    assert [line["message"] for line in found] == ["during", "before"]


def test_a_database_of_a_newer_argus_stops_the_start_in_one_line(server: Process, database: Postgres) -> None:
    server.start()
    server.stop(signal.SIGTERM)
    name = server.environment["ARGUS_RECORDS_URL"].rpartition("/")[2]
    with psycopg.connect(database.url(name)) as connection:
        connection.execute("INSERT INTO schema_migrations (number, name) VALUES (99, 'later')")
    refused = server.cli("serve", "--port", "0")
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "update Argus" in refused.stderr
