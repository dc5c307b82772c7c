"""What a mail says, how it looks to a mail program, and that nothing in it can be made to do harm."""

from __future__ import annotations

import email
import io
import re
from email import policy
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any

import alerts
import msgspec
import pytest
from messages import AT, changed, fired
from PIL import Image

from argus.errors import ConfigError
from argus.server.alerts.values import Severity, State
from argus.server.notify.addresses import checked
from argus.server.notify.mail import compose, compose_digest
from argus.server.notify.message import Message, of

SENDER, RECIPIENT = "argus@example.org", "ops@example.org"


def received(mail: EmailMessage) -> EmailMessage:
    """Return the mail as a program on the other side reads it."""
    read = email.message_from_bytes(mail.as_bytes(), policy=policy.default)
    assert isinstance(read, EmailMessage)
    return read


def content(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


class Page(HTMLParser):
    """The elements and the words of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data


def test_the_mail_has_text_and_a_page_with_the_chart_inside(message: Message) -> None:
    mail = received(compose(message, SENDER, RECIPIENT))
    kinds = [part.get_content_type() for part in mail.walk()]
    assert kinds == ["multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"]
    picture = next(part for part in mail.walk() if part.get_content_type() == "image/png")
    assert picture["Content-ID"] == "<chart>"
    assert ("img", "cid:chart") in [(tag, given.get("src")) for tag, given in Page(content(mail, "html")).elements]
    opened = Image.open(io.BytesIO(picture.get_content()))
    opened.load()
    assert (opened.format, opened.size) == ("PNG", (1120, 340))


def test_text_and_page_tell_the_same(message: Message) -> None:
    firing = changed(message, condition_text="avg of cpu_percent over 5 min > 80", runbook_url="https://wiki.test/cpu")
    mail = received(compose(firing, SENDER, RECIPIENT))
    text = content(mail, "plain")
    assert text.startswith("Firing: CPU too high on shop (93.2 > 80)\n\nValue:        93.2 (threshold 80)\n")
    page = Page(content(mail, "html"))
    for told in ("CPU too high on shop", "93.2", "avg of cpu_percent over 5 min > 80", "18 Nov 2026, 11:06:40 UTC"):
        assert told in text
        assert told in page.words
    links = [given["href"] for tag, given in page.elements if tag == "a"]
    assert links == ["https://argus.example.org/metrics", "https://wiki.test/cpu"]


def test_headers_say_who_when_and_that_no_answer_is_wanted(message: Message) -> None:
    mail = received(compose(message, SENDER, RECIPIENT))
    assert mail["From"] == "Argus <argus@example.org>"
    assert mail["To"] == RECIPIENT
    assert mail["Date"].datetime.timestamp() == message.notice.at
    assert mail["Auto-Submitted"] == "auto-generated"


def test_a_repeat_has_the_same_id_and_a_resolution_is_shown_beside_its_beginning(message: Message) -> None:
    first = compose(message, SENDER, RECIPIENT)
    again = compose(message, SENDER, RECIPIENT)
    later = msgspec.structs.replace(changed(message, state=State.RESOLVED), key="later")
    resolved = compose(later, SENDER, RECIPIENT)
    assert first["Message-ID"] == again["Message-ID"]
    assert "References" not in first
    assert resolved["References"] == resolved["In-Reply-To"] == first["Message-ID"]
    assert resolved["Message-ID"] != first["Message-ID"]
    assert resolved["Subject"] == "Resolved: CPU too high on shop"


HOSTILE = '<img src=x onerror=alert(1)>"&\r\nBcc: everyone@example.org\r\n\r\n.\r\nQUIT\u202e\u0000ø'


def test_hostile_names_stay_text(message: Message) -> None:
    names = dict.fromkeys(("rule_name", "app_id", "metric_name", "condition_text"), HOSTILE)
    sent = compose(changed(message, **names, runbook_url="javascript:alert(1)"), SENDER, RECIPIENT)
    assert sent.as_bytes().isascii()
    mail = received(sent)
    assert "Bcc" not in mail
    assert "onerror" in mail["Subject"]
    page = Page(content(mail, "html"))
    assert [given.get("src") for tag, given in page.elements if tag == "img"] == ["cid:chart"]
    assert not [given for _, given in page.elements if "onerror" in given]
    assert "javascript" not in content(mail, "html") + content(mail, "plain")
    assert "\nBcc:" not in content(mail, "plain")
    assert HOSTILE.partition("\r")[0] in page.words


def test_nothing_in_a_mail_is_loaded_from_the_network(message: Message) -> None:
    page = content(received(compose(message, SENDER, RECIPIENT)), "html")
    assert not re.search(r"(src|background|url\()=?[\"']?https?:", page)
    assert "<script" not in page
    assert "<link" not in page


def test_without_data_there_is_no_chart_and_the_reason_is_told(message: Message) -> None:
    mail = received(compose(changed(message, state=State.NO_DATA, value=None, points=()), SENDER, RECIPIENT))
    assert mail["Subject"] == "No data: CPU too high on shop"
    assert "image/png" not in [part.get_content_type() for part in mail.walk()]
    assert "There were no data of cpu_percent within 5 min" in Page(content(mail, "html")).words


def test_a_rule_about_log_lines_tells_what_was_counted(message: Message) -> None:
    logs = changed(message, metric_name=None, query="level:error", value=12.0, threshold=10.0)
    page = Page(content(received(compose(logs, SENDER, RECIPIENT)), "html"))
    assert "There were 12 lines that match level:error; the threshold is 10" in page.words


def test_a_digest_lists_what_it_stands_for(message: Message) -> None:
    many = [
        msgspec.structs.replace(changed(message, rule_name=f"<rule {number}>"), key=str(number)) for number in range(60)
    ]
    mail = received(compose_digest(many, message.notice.at, SENDER, RECIPIENT))
    assert mail["Subject"] == "60 alerts in one mail"
    page = Page(content(mail, "html"))
    assert "<rule 0> on shop" in page.words
    assert "<rule 49> on shop" in page.words
    assert "and 10 more" in page.words
    assert "and 10 more" in content(mail, "plain")
    again = compose_digest(many, message.notice.at + 60, SENDER, RECIPIENT)
    assert again["Message-ID"] == mail["Message-ID"]


def test_a_digest_begins_with_what_is_worst(message: Message) -> None:
    over = changed(message, state=State.RESOLVED, severity=Severity.CRITICAL, rule_name="over")
    bad, worst = (changed(message, severity=one, rule_name=one) for one in (Severity.WARNING, Severity.CRITICAL))
    text = content(received(compose_digest([over, bad, worst], AT, SENDER, RECIPIENT)), "plain")
    assert [line.split("Firing: ")[1].split()[0] for line in text.splitlines() if "Firing" in line] == [
        "critical",
        "warning",
    ]
    assert text.index("warning on shop") < text.index("over on shop")


@pytest.mark.parametrize(
    ("written", "sent"),
    [(" ops@example.org ", "ops@example.org"), ("a.b+c@bücher.example", "a.b+c@xn--bcher-kva.example")],
)
def test_an_address_is_taken_in_the_form_it_is_sent_to(written: str, sent: str) -> None:
    assert checked(written) == sent


@pytest.mark.parametrize(
    "wrong",
    [
        *("", "ops", "@example.org", "ops@", "ops@-x.org", "ops@a..b", "a b@example.org", ".a@example.org"),
        *(
            "ops@example.org\r\nBcc: x@y.z",
            '"a b"@example.org',
            "ops@exa mple.org",
            "ops@[127.0.0.1]",
            "öps@example.org",
        ),
        *("a@b@example.org", f"{'a' * 65}@example.org", f"a@{'b' * 64}.org", f"a@{'b.' * 130}org", "<ops@example.org>"),
    ],
)
def test_what_is_no_address_is_refused(wrong: str) -> None:
    with pytest.raises(ConfigError, match="mail address"):
        checked(wrong)


def test_a_source_that_flaps_is_said_to_with_how_often_it_fired() -> None:
    mail = compose(fired(fired=12, since=AT - 3600.0), SENDER, RECIPIENT)
    assert mail["Subject"].startswith("Flapping: CPU too high on shop")
    assert "fired 12 times; one message at a time" in content(received(mail), "plain")
    over = compose(fired(fired=12, state=State.RESOLVED, ended_at=AT), SENDER, RECIPIENT)
    assert over["Subject"] == "Resolved: CPU too high on shop"
    assert "fired 12 times" in content(received(over), "html")


def test_an_end_that_is_told_late_says_when_it_was() -> None:
    late = fired(state=State.RESOLVED, since=AT - 600.0, ended_at=AT - 480.0)
    mail = received(compose(late, SENDER, RECIPIENT))
    assert "Lasted: 2 min, from 18 Nov 2026, 10:56:40 UTC Well since: 18 Nov 2026, 10:58:40 UTC" in " ".join(
        content(mail, "plain").split()
    )
    at_once = fired(state=State.RESOLVED, since=AT - 600.0, ended_at=AT)
    assert "10 min, from" in content(received(compose(at_once, SENDER, RECIPIENT)), "plain")


def test_the_same_news_again_is_said_to_be_that() -> None:
    assert (
        compose(fired(reminder=True), SENDER, RECIPIENT)["Subject"] == "Still firing: CPU too high on shop (93.2 > 80)"
    )
    assert compose(fired(reminder=True, fired=3), SENDER, RECIPIENT)["Subject"].startswith("Flapping: ")


CHANGES: list[dict[str, Any]] = [{}, {"reminder": True}, {"fired": 2}, {"state": State.RESOLVED}]


def test_the_message_of_a_beginning_opens_a_thread_also_where_it_is_told_late() -> None:
    late: dict[str, Any] = {"at": alerts.NOW + 600.0}
    beginning, again, turn, end = (
        of(alerts.delivery(alerts.rule(), id=number, content=alerts.notice(alerts.rule(), **late, **changes)))
        for number, changes in enumerate(CHANGES)
    )
    assert beginning.key == beginning.thread
    assert {one.thread for one in (again, turn, end)} == {beginning.thread}
    assert len({one.key for one in (beginning, again, turn, end)}) == 4
