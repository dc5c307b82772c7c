"""Other services by apprise: against a local endpoint that takes its JSON."""

from __future__ import annotations

import asyncio
import json

import pytest
from hook_receiver import Receiver

from argus.errors import ConfigError
from argus.server.notify.message import Message
from argus.server.notify.outcome import Result
from argus.server.notify.services import Services

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # apprise's own imports


@pytest.fixture
def by_apprise() -> Services:
    return Services()


def address(receiver: Receiver) -> str:
    return receiver.url.replace("http://", "json://user:hunter22@")


async def test_a_message_arrives(by_apprise: Services, receiver: Receiver, message: Message) -> None:
    await by_apprise.check(address(receiver))
    assert (await by_apprise.send(address(receiver), message)).result is Result.SENT
    told = json.loads(receiver.came[0][1])
    assert told["title"] == "Firing: CPU too high on shop (93.2 > 80)"
    assert told["type"] == "failure"
    assert told["message"].startswith("cpu_percent is 93.2; the threshold is 80\n\nValue: 93.2 (threshold 80)\n")


async def test_a_refusal_is_told_with_its_reason_and_without_the_token(
    by_apprise: Services, receiver: Receiver, message: Message
) -> None:
    receiver.answer = {"status": 500, "text": "no, hunter22"}
    outcome = await by_apprise.send(address(receiver), message)
    assert outcome.result is Result.FAILED
    assert "500" in outcome.detail
    assert "hunter22" not in outcome.detail


async def test_two_messages_at_once_do_not_hear_each_other_s_reasons(
    by_apprise: Services, receiver: Receiver, message: Message
) -> None:
    receiver.answer = {"status": 500}
    alone = await by_apprise.send(address(receiver), message)
    both = await asyncio.gather(*(by_apprise.send(address(receiver), message) for _ in range(2)))
    assert list(both) == [alone, alone]


async def test_an_unknown_service_is_refused_without_showing_its_address(by_apprise: Services) -> None:
    with pytest.raises(ConfigError, match="knows no such address") as refusal:
        await by_apprise.check("nonesuch://hunter22")
    assert "hunter22" not in str(refusal.value)


async def test_without_the_library_it_is_said_what_to_install(
    by_apprise: Services, message: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"pip install 'argus-monitor\[notify\]'"):
        await by_apprise.check("slack://a/b/c")
    assert (await by_apprise.send("slack://a/b/c", message)).result is Result.FAILED
