"""No act without its entry: every route that is one, while the audit log cannot be written, and when it can."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest
from alerts import NOW, state

from argus.errors import StoreUnavailable
from argus.server import access, keys
from argus.server.alerts.values import State
from argus.server.routes import table
from argus.server.stores.alerts.base import Change
from argus.server.stores.records.store import SqliteRecordStore

PASSWORD = "correct horse"
ADMIN = {"Authorization": f"Basic {base64.b64encode(f'admin:{PASSWORD}'.encode()).decode()}"}
SHOP = "/api/v1/applications/shop"
RULE = {"metric_name": "n", "threshold": 1}
WEEKLY = {"starts": 9e9 - 60, "ends": 9e9, "every": "week"}
BACKUP = "argus-20261126T001500Z.tar"

ACTS: list[tuple[str, str, str, Any]] = [
    ("post_application", "POST", "/api/v1/applications", {"name": "third"}),
    ("patch_application", "PATCH", SHOP, {"name": "The Shop"}),
    ("post_key", "POST", f"{SHOP}/keys", {"label": "web"}),
    ("post_key_rotation", "POST", f"{SHOP}/keys/KEY/rotate", {}),
    ("delete_key", "DELETE", f"{SHOP}/keys/KEY", None),
    ("post_rotate_key", "POST", f"{SHOP}/rotate-key", None),
    ("post_alert", "POST", "/api/v1/alerts", RULE),
    ("post_alert_acknowledge", "POST", "/api/v1/alerts/1/acknowledge", None),
    ("patch_alert", "PATCH", "/api/v1/alerts/1", {"severity": "critical"}),
    ("put_alert", "PUT", "/api/v1/alerts/1", RULE),
    ("delete_alert", "DELETE", "/api/v1/alerts/1", None),
    ("post_silence", "POST", "/api/v1/silences", WEEKLY),
    ("put_silence", "PUT", "/api/v1/silences/1", WEEKLY),
    ("delete_silence", "DELETE", "/api/v1/silences/1", None),
    ("post_channel", "POST", "/api/v1/channels", {"name": "new", "kind": "email", "target": "a@example.org"}),
    ("patch_channel", "PATCH", "/api/v1/channels/1", {"name": "newer"}),
    ("post_test_message", "POST", "/api/v1/channels/1/test", None),
    ("delete_channel", "DELETE", "/api/v1/channels/1", None),
    ("post_test_mail", "POST", "/api/v1/test-mail", {"email": "ops@example.org"}),
    ("get_backup", "GET", f"/api/v1/backups/{BACKUP}", None),
    ("delete_backup", "DELETE", f"/api/v1/backups/{BACKUP}", None),
    ("delete_application", "DELETE", SHOP, None),
    ("post_session", "POST", "/api/v1/session", {"password": PASSWORD}),
    ("delete_session", "DELETE", "/api/v1/session?everywhere=true", None),
    ("post_password", "POST", "/api/v1/session/password", {"old": PASSWORD, "new": PASSWORD}),
    ("post_backup", "POST", "/api/v1/backups", None),  # last, for it goes on in the background
]


async def prepared(server: Any) -> None:
    """Make something of each kind that an act can be about: a rule that fires, a silence, a channel, a backup."""
    for path, body in (
        ("/api/v1/alerts", {**RULE, "app_id": "other"}),
        ("/api/v1/silences", WEEKLY),
        ("/api/v1/channels", {"name": "ops", "kind": "email", "target": "ops@example.org"}),
    ):
        async with server.http.post(server.url + path, json=body, headers=ADMIN) as answer:
            assert answer.status == 201
    (rule,) = server.app[keys.ALERTS].rules()
    fires = state(rule, state=State.FIRING, incident_since=NOW, app="other")
    server.app[keys.ALERTS].record([Change(fires)])
    folder = server.app[keys.BACKUPS].folder
    folder.mkdir(parents=True, exist_ok=True)
    (folder / BACKUP).write_bytes(b"a backup")


def everything(server: Any) -> dict[str, list[Any]]:
    """Return every row of the record store, and the files of backups."""
    with server.app[keys.RECORDS]._database.read() as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in tables}
    folder = server.app[keys.BACKUPS].folder
    return {**rows, "files": sorted(path.name for path in folder.iterdir())}


async def act(server: Any, method: str, path: str, body: Any) -> int:
    key = hashlib.sha256(server.key.encode()).digest()[:8].hex()
    url = server.url + path.replace("KEY", key)
    async with server.http.request(method, url, json=body, headers=ADMIN) as answer:
        return int(answer.status)


async def test_no_act_is_done_without_its_entry(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    await prepared(server)

    def fail(*_: object) -> None:
        raise StoreUnavailable("the disk is full")

    for name, method, path, body in ACTS:
        before = everything(server)
        with monkeypatch.context() as broken:
            broken.setattr(SqliteRecordStore, "add_audit", fail)
            assert await act(server, method, path, body) == 503, name
        assert everything(server) == before, name
        server.http.cookie_jar.clear()
        assert await act(server, method, path, body) in {200, 201, 202, 204}, name
        entries = server.app[keys.RECORDS].audit(100)
        assert [entry.act for entry in entries[: len(entries) - len(before["audit"])]] == [name]


def test_every_route_that_is_an_act_was_tried() -> None:
    declared = {one.handler.__name__ for routes in table.TABLE for one in routes.endpoints if one.audited}
    assert {name for name, *_ in ACTS} == declared


async def test_a_session_ends_with_its_entry(server: Any) -> None:
    async with server.http.post(f"{server.url}/api/v1/session", json={"password": PASSWORD}) as answer:
        cookie = {"Cookie": f"{access.COOKIE}={answer.cookies[access.COOKIE].value}"}
    server.http.cookie_jar.clear()
    async with server.http.delete(f"{server.url}/api/v1/session", headers=cookie) as answer:
        assert answer.status == 204
    async with server.http.get(f"{server.url}/api/v1/session", headers=cookie) as answer:
        assert answer.status == 401
    assert [entry.act for entry in server.app[keys.RECORDS].audit(10)] == ["delete_session", "post_session"]
