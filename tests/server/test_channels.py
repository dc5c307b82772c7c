"""Channels by the API: made, shown without their secrets, changed, tried out and deleted."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import hook_receiver
import mail_server
import pytest
from hook_receiver import Receiver

PATH = "/api/v1/channels"
ADMIN = {"Authorization": f"Basic {base64.b64encode(b'admin:correct horse').decode()}"}

Ask = Callable[..., Awaitable[tuple[int, Any]]]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with hook_receiver.running() as made:
        yield made


def asking(server: Any) -> Ask:
    async def ask(method: str, path: str = "", body: Any = None) -> tuple[int, Any]:
        async with server.http.request(method, server.url + PATH + path, json=body, headers=ADMIN) as answer:
            return answer.status, await answer.json() if answer.status != 204 else None

    return ask


@pytest.fixture
def ask(server: Any) -> Ask:
    return asking(server)


async def test_a_webhook_lives_from_its_making_to_its_deletion(ask: Ask, receiver: Receiver) -> None:
    status, made = await ask("POST", "", {"name": " ops hook ", "kind": "webhook", "target": receiver.url})
    number, secret = made["channel"]["id"], made["secret"]
    assert (status, made["channel"]["name"]) == (201, "ops hook")
    assert made["channel"]["target"] == "http://127.0.0.1/…"
    assert await ask("POST", f"/{number}/test") == (200, {"result": "sent", "detail": "200 thanks"})
    headers, body = receiver.came[0]
    assert json.loads(body)["test"] is True
    assert headers["Argus-Signature"].startswith("v1=")
    for answer in (await ask("GET"), await ask("GET", f"/{number}")):
        assert answer[0] == 200
        assert secret not in str(answer)
        assert "hunter22" not in str(answer)
    status, changed = await ask("PATCH", f"/{number}", {"name": "hook", "new_secret": True})
    assert (status, changed["channel"]["name"]) == (200, "hook")
    assert changed["secret"] not in {None, secret}
    assert (await ask("PATCH", f"/{number}", {"target": receiver.url + "2"}))[1]["secret"] is None
    receiver.answer = {"status": 410}
    assert (await ask("POST", f"/{number}/test"))[1]["result"] == "refused"
    assert await ask("DELETE", f"/{number}") == (204, None)
    assert (await ask("POST", f"/{number}/test"))[0] == 404


async def test_a_test_mail_goes_to_an_address(make_server: Any) -> None:
    async with mail_server.running() as smtp:
        server = await make_server(
            smtp_url=f"smtp://127.0.0.1:{smtp.port}", mail_from="argus@example.org", public_url="https://argus.test"
        )
        ask = asking(server)
        assert (await ask("POST", "/../test-mail", {"email": "ops@example.org"}))[1]["result"] == "sent"
        assert smtp.mails[0]["Subject"] == "Test: This is how an alert looks on example (93.2 > 80)"
        assert (await ask("POST", "/../test-mail", {"email": "ops"}))[1]["error"]["where"] == "$.email"
        _, made = await ask("POST", "", {"name": "ops", "kind": "email", "target": "ops@example.org"})
        assert (made["channel"]["target"], made["secret"]) == ("ops@example.org", None)
        assert (await ask("POST", f"/{made['channel']['id']}/test"))[1]["result"] == "sent"


async def test_without_a_mail_server_a_test_says_what_to_set(ask: Ask) -> None:
    _, tried = await ask("POST", "/../test-mail", {"email": "ops@example.org"})
    assert tried["result"] == "failed"
    assert "ARGUS_SMTP_URL" in tried["detail"]


WRONG = [
    ({"name": "", "kind": "email", "target": "ops@example.org"}, "$.name"),
    ({"name": "a\nb", "kind": "email", "target": "ops@example.org"}, "$.name"),
    ({"name": "x", "kind": "email", "target": "ops"}, "$.target"),
    ({"name": "x", "kind": "webhook", "target": "file:///etc/passwd"}, "$.target"),
    ({"name": "x", "kind": "webhook", "target": "http://169.254.169.254/"}, "$.target"),
    ({"name": "x", "kind": "webhook", "target": "https://example.org/…"}, "$.target"),
    ({"name": "x", "kind": "apprise", "target": "no address"}, "$.target"),
    ({"name": "x", "kind": "pigeon", "target": "coop"}, "$.kind"),
    ({"name": "x", "kind": "email", "target": "ops@example.org", "secret": "mine"}, "$"),
]


async def test_what_could_carry_nothing_is_refused(ask: Ask) -> None:
    for body, where in WRONG:
        status, answer = await ask("POST", "", body)
        assert (status, answer["error"]["where"]) == (400, where), body
        assert "passwd" not in answer["error"]["message"]
    assert (await ask("GET"))[1] == {"channels": []}


async def test_names_are_taken_once_and_only_webhooks_have_secrets(ask: Ask) -> None:
    body = {"name": "ops", "kind": "email", "target": "ops@example.org"}
    _, first = await ask("POST", "", body)
    assert (await ask("POST", "", body))[0] == 409
    await ask("POST", "", {**body, "name": "other"})
    number = first["channel"]["id"]
    assert (await ask("PATCH", f"/{number}", {"name": "other"}))[0] == 409
    assert (await ask("PATCH", f"/{number}", {"new_secret": True}))[1]["error"]["where"] == "$.new_secret"
    assert (await ask("PATCH", "/seven", {}))[0] == 404


async def test_a_rule_names_channels_that_exist_and_they_stay(ask: Ask) -> None:
    _, made = await ask("POST", "", {"name": "ops", "kind": "email", "target": "ops@example.org"})
    number = made["channel"]["id"]
    rule = {"metric_name": "n", "threshold": 1, "channels": [number, 99]}
    status, answer = await ask("POST", "/../alerts", rule)
    assert (status, answer["error"]["where"]) == (400, "$.channels[1]")
    status, stored = await ask("POST", "/../alerts", {**rule, "channels": [number]})
    assert (status, stored["channels"]) == (201, [number])
    status, answer = await ask("DELETE", f"/{number}")
    assert (status, "rules tell this channel: " in answer["error"]["message"]) == (409, True)
    await ask("PATCH", f"/../alerts/{stored['id']}", {"channels": []})
    assert (await ask("DELETE", f"/{number}"))[0] == 204
