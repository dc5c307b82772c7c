"""How an attempt to deliver ended, as the outbox keeps it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

LONGEST_DETAIL = 500
SECRET = re.compile(r"[^/?&=#@:,\s]{6,}")
"""What in an address may be a token: its longer words."""


class Result(StrEnum):
    """What to do next: nothing, give up at once, or try again later."""

    SENT = "sent"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One attempt's end. ``detail`` is the other side's answer or our error, in one bounded line, without secrets."""

    result: Result
    detail: str
    retry_after: float | None = None
    """Seconds the other side asked us to wait."""


def sent(detail: str) -> Outcome:
    """Return the outcome of a message that the other side took over."""
    return Outcome(Result.SENT, one_line(detail))


def refused(detail: str) -> Outcome:
    """Return the outcome of a refusal that the same message would meet again."""
    return Outcome(Result.REFUSED, one_line(detail))


def failed(detail: str, retry_after: float | None = None) -> Outcome:
    """Return the outcome of a failure that may pass."""
    return Outcome(Result.FAILED, one_line(detail), retry_after)


def one_line(text: str) -> str:
    """Return text from the other side as it may be shown: bounded, in one line, nothing that moves a cursor."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text[: 4 * LONGEST_DETAIL])
    words = " ".join(printable.split())
    return words if len(words) <= LONGEST_DETAIL else f"{words[: LONGEST_DETAIL - 1]}…"


def without_secrets(text: str, address: str) -> str:
    """Return text from the other side, which may repeat what it was asked, without the words of an address."""
    for word in sorted(set(SECRET.findall(address)), key=len, reverse=True):
        text = text.replace(word, "…")
    return text
