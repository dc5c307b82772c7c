"""A message as a mail: plain text and HTML beside each other, and the chart inside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from argus.server.notify import chart, mail_page
from argus.server.notify.message import Message, digest_key
from argus.server.notify.outcome import one_line

POLICY = policy.SMTP.clone(cte_type="7bit")
"""Every server takes 7 bits."""
CHART = "chart"


def compose(message: Message, sender: str, recipient: str) -> EmailMessage:
    """Return the mail. Of the same message it has the same Message-ID, however often it is sent."""
    notice = message.notice
    mail = _envelope(sender, recipient, message.headline, message.key, notice.at)
    if message.thread != message.key:
        mail["In-Reply-To"] = mail["References"] = _message_id(message.thread, sender)
    picture = chart.draw(notice.points, notice.condition, notice.threshold)
    mail.set_content(mail_page.text(message))
    mail.add_alternative(mail_page.html(message, f"cid:{CHART}" if picture else None), subtype="html")
    if picture:
        page = mail.get_body(("html",))
        assert isinstance(page, EmailMessage)
        page.add_related(picture, "image", "png", cid=f"<{CHART}>", disposition="inline", filename="chart.png")
    return mail


def compose_digest(messages: Sequence[Message], at: float, sender: str, recipient: str) -> EmailMessage:
    """Return one mail that stands for many, so that a storm of alerts is no storm of mails."""
    mail = _envelope(sender, recipient, f"{len(messages)} alerts in one mail", digest_key(messages), at)
    mail.set_content(mail_page.digest_text(messages))
    mail.add_alternative(mail_page.digest_html(messages), subtype="html")
    return mail


def _envelope(sender: str, recipient: str, subject: str, key: str, at: float) -> EmailMessage:
    mail = EmailMessage(policy=POLICY)
    mail["From"] = Address("Argus", addr_spec=sender)
    mail["To"] = Address(addr_spec=recipient)
    mail["Subject"] = one_line(subject)
    mail["Date"] = format_datetime(datetime.fromtimestamp(at, UTC))
    mail["Message-ID"] = _message_id(key, sender)
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers to this
    return mail


def _message_id(key: str, sender: str) -> str:
    return f"<argus.{key}@{sender.rpartition('@')[2]}>"
