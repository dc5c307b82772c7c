"""The delivery worker over a real store, a real mail server and a real HTTP server."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import mail_server
import pytest
from alerts import NOW, delivery
from hook_receiver import Receiver
from mail_server import MailServer
from msgspec.structs import replace
from post import Post, open_post

from argus.errors import StoreUnavailable
from argus.server.alerts.values import DeliveryState, State
from argus.server.notify import worker
from argus.server.notify.carrier import Carrier
from argus.server.notify.worker import PAGE

PENDING, SENT, FAILED, SUPPRESSED = DeliveryState


@pytest.fixture
async def smtp() -> AsyncIterator[MailServer]:
    async with mail_server.running() as server:
        yield server


@pytest.fixture
async def post(tmp_path: Path, smtp: MailServer) -> AsyncIterator[Post]:
    async with open_post(tmp_path, smtp.port, mail_per_hour=5) as opened:
        yield opened


def states(post: Post) -> list[DeliveryState]:
    return [row.state for row in post.kept().values()]


async def test_what_is_due_is_delivered_and_the_answer_kept(post: Post, smtp: MailServer, receiver: Receiver) -> None:
    hook = post.channel("webhook", receiver.url, "s3cret")
    mail, hooked = post.put(delivery(post.rule), delivery(post.rule, kind="channel", target=str(hook.id)))
    await post.worker.deliver()
    assert states(post) == [SENT, SENT]
    assert smtp.recipients == ["ops@example.org"]
    assert json.loads(receiver.came[0][1])["alert"]["rule_name"] == "cpu is busy"
    assert [(a.at, a.ok, a.answer) for a in post.attempts(mail)] == [(NOW, True, "250 OK queued as 4711")]
    assert [(a.at, a.ok, a.answer) for a in post.attempts(hooked)] == [(NOW, True, "200 thanks")]
    await post.worker.deliver()
    assert (len(smtp.raw), len(receiver.came)) == (1, 1)


async def test_a_failure_is_tried_again_when_its_time_has_come(post: Post, smtp: MailServer) -> None:
    (number,) = post.mails(1)
    smtp.answers_to_recipients = ["451 greylisted", "451 greylisted"]
    await post.worker.deliver()
    for moment, mails in ((NOW + 29, 0), (NOW + 30, 0), (NOW + 89, 0), (NOW + 90, 1)):
        post.now = moment
        await post.worker.deliver()
        assert len(smtp.raw) == mails
    assert [attempt.ok for attempt in post.attempts(number)] == [False, False, True]


async def test_a_refusal_ends_it_and_is_seen_in_the_history(post: Post, smtp: MailServer) -> None:
    (number,) = post.mails(1)
    smtp.answers_to_recipients = ["550 no such user"]
    await post.worker.deliver()
    kept = post.kept()[number]
    assert (kept.state, kept.reason) == (FAILED, "the recipient was refused: 550 no such user")


async def test_a_message_that_nobody_takes_for_a_day_is_given_up(tmp_path: Path) -> None:
    async with open_post(tmp_path, 0) as post:
        (number,) = post.mails(1)
        passes = 0
        while states(post) == [PENDING]:
            await post.worker.deliver()
            post.now = max(post.now, post.kept()[number].next_at)
            passes += 1
        kept = post.kept()[number]
        assert kept.state is FAILED
        assert kept.reason.startswith(f"given up after {passes} attempts: no mail server is set: ARGUS_SMTP_URL")
        assert NOW + 82_000 < post.now <= NOW + 86_400
        assert passes == len(post.attempts(number)) == 30


async def test_a_recipient_that_is_away_does_not_hold_up_others_or_a_pass(post: Post, receiver: Receiver) -> None:
    dead = post.channel("webhook", "http://127.0.0.1:9/")
    hook = post.channel("webhook", receiver.url)
    post.put(*[delivery(post.rule, kind="channel", target=str(dead.id)) for _ in range(PAGE + 5)])
    (last,) = post.put(delivery(post.rule, kind="channel", target=str(hook.id)))
    await post.worker.deliver()
    assert post.kept()[last].state is SENT
    tried = [row for row in post.kept().values() if row.attempts]
    assert len(tried) == 3  # one of each page for the dead, and the living
    post.now += 31
    await post.worker.deliver()
    assert sum(row.attempts for row in post.kept().values()) == 5


async def test_messages_to_one_recipient_keep_their_order(post: Post, smtp: MailServer) -> None:
    post.mails(1)
    row = delivery(post.rule, next_at=NOW - 5)
    post.put(replace(row, content=replace(row.content, rule_name="the later")))
    await post.worker.deliver()
    assert ["the later" in mail["Subject"] for mail in smtp.mails] == [False, True]


async def test_a_channel_is_used_as_it_is_when_the_message_goes(post: Post, receiver: Receiver) -> None:
    hook = post.channel("webhook", "http://127.0.0.1:9/")
    (number,) = post.put(delivery(post.rule, kind="channel", target=str(hook.id)))
    await post.worker.deliver()
    post.records.channels().replace_channel(replace(hook, target=receiver.url))
    post.now += 30
    await post.worker.deliver()
    assert post.kept()[number].state is SENT
    (gone,) = post.put(delivery(post.rule, kind="channel", target=str(hook.id), created_at=post.now, next_at=post.now))
    post.records.channels().delete_channel(hook.id)
    await post.worker.deliver()
    assert (post.kept()[gone].state, post.kept()[gone].reason) == (FAILED, "the channel was deleted")


async def test_a_storm_becomes_one_mail_and_the_next_comes_ten_minutes_later(post: Post, smtp: MailServer) -> None:
    numbers = post.mails(6)
    await post.worker.deliver()
    assert [mail["Subject"] for mail in smtp.mails] == ["6 alerts in one mail"]
    assert states(post) == [SENT, *[SUPPRESSED] * 5]
    assert post.attempts(numbers[0])[0].answer == "one mail for 6: 250 OK queued as 4711"
    assert post.kept()[numbers[1]].reason == f"told in one mail with 5 more, over 5 an hour: delivery {numbers[0]}"
    post.now += 1
    post.mails(5)
    await post.worker.deliver()
    assert len(smtp.raw) == 1
    post.now = NOW + 600
    await post.worker.deliver()
    assert [mail["Subject"] for mail in smtp.mails] == ["6 alerts in one mail", "5 alerts in one mail"]


async def test_a_storm_of_many_pages_is_one_mail_too(post: Post, smtp: MailServer) -> None:
    post.mails(PAGE + 50)
    await post.worker.deliver()
    assert [mail["Subject"] for mail in smtp.mails] == [f"{PAGE + 50} alerts in one mail"]
    assert states(post) == [SENT, *[SUPPRESSED] * (PAGE + 49)]


async def test_under_the_cap_each_message_has_its_mail_and_the_hour_moves_on(post: Post, smtp: MailServer) -> None:
    post.mails(5)
    await post.worker.deliver()
    assert len(smtp.raw) == 5
    post.now += 10
    post.mails(1)
    await post.worker.deliver()
    assert smtp.mails[-1]["Subject"] == "Firing: rule 0 on shop (93.5 > 80)"  # over the cap, and alone
    post.now += 10
    post.mails(1)
    await post.worker.deliver()
    assert len(smtp.raw) == 6
    post.now = NOW + 3_620
    await post.worker.deliver()
    assert len(smtp.raw) == 7


async def test_a_digest_that_fails_is_tried_again_whole_and_one_that_is_refused_ends_all(
    post: Post, smtp: MailServer
) -> None:
    post.mails(6)
    smtp.answers_to_recipients = ["451 later", "550 never"]
    await post.worker.deliver()
    assert states(post) == [PENDING] * 6
    post.now += 30
    await post.worker.deliver()
    assert states(post) == [FAILED] * 6
    assert smtp.raw == []


async def test_a_message_that_nobody_foresaw_does_not_stand_before_others(
    post: Post, smtp: MailServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (number,) = post.mails(1)
    with monkeypatch.context() as broken:
        broken.setattr(Carrier, "_mail", lambda *_: 1 // 0)
        await post.worker.deliver()
    assert "not foreseen" in caplog.text
    (attempt,) = post.attempts(number)
    assert attempt.answer == "ZeroDivisionError here; the server's log says more"
    post.mails(1)
    await post.worker.deliver()
    assert (len(smtp.raw), states(post)) == (1, [PENDING, SENT])


async def test_the_mails_of_one_incident_are_shown_together(post: Post, smtp: MailServer) -> None:
    post.mails(1)
    post.mails(1, state=State.RESOLVED, at=NOW + 60)
    await post.worker.deliver()
    first, second = smtp.mails
    assert second["References"] == first["Message-ID"]
    assert second["Message-ID"] != first["Message-ID"]


async def test_a_store_that_is_away_is_said_and_tried_when_woken_again(
    post: Post, smtp: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    said, mailed = asyncio.Event(), asyncio.Event()
    smtp.before_answering = mailed.set
    post.mails(1)
    with monkeypatch.context() as patched:
        patched.setattr(type(post.records.outbox()), "due", away)
        patched.setattr(worker.log, "warning", lambda *words: said.set())
        post.worker.start()
        post.worker.wake()
        await said.wait()
        assert post.worker.trouble == "the database is away"
    post.worker.wake()
    await mailed.wait()


async def test_a_full_disk_makes_no_flood(post: Post, smtp: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    (number,) = post.mails(1)
    with monkeypatch.context() as full:
        full.setattr(type(post.records._database), "write", away)
        for _ in range(3):
            with pytest.raises(StoreUnavailable):
                await post.worker.deliver()
    assert len(smtp.raw) == 1
    await post.worker.deliver()
    assert len(smtp.raw) == 1
    assert (post.kept()[number].state, len(post.attempts(number))) == (SENT, 1)


def away(*_: object) -> None:
    raise StoreUnavailable("the database is away")


KILLED = """
import asyncio, sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from post import open_post

async def main():
    async with open_post(Path(sys.argv[1]), int(sys.argv[2])) as post:
        await post.worker.deliver()

asyncio.run(main())
"""


async def test_killed_between_sending_and_noting_it_sends_again_with_the_same_id(
    tmp_path: Path, smtp: MailServer
) -> None:
    async with open_post(tmp_path, smtp.port) as before:
        (number,) = before.mails(1)
    support = Path(mail_server.__file__).parent
    program = [sys.executable, "-c", KILLED, str(tmp_path), str(smtp.port), str(support)]
    killed = await asyncio.create_subprocess_exec(*program)
    smtp.before_answering = lambda: os.kill(killed.pid, signal.SIGKILL)
    assert await killed.wait() == -signal.SIGKILL
    smtp.before_answering = lambda: None
    async with open_post(tmp_path, smtp.port) as after:
        assert after.kept()[number].state is PENDING
        await after.worker.deliver()
        assert after.kept()[number].state is SENT
        assert len(after.attempts(number)) == 1
    first, second = smtp.mails
    assert first["Message-ID"] == second["Message-ID"]
