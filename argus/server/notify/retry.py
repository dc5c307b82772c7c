"""What becomes of a message after an attempt: done, given up, or tried again, and when."""

from __future__ import annotations

from typing import NamedTuple

from argus.server.alerts.values import Delivery, DeliveryState
from argus.server.notify.outcome import Outcome, Result

FIRST_WAIT, LONGEST_WAIT = 30.0, 3_600.0
GIVE_UP_SECONDS = 86_400.0
"""After a day an alert is history, which the dashboard tells better."""
SPREAD = 0.2
"""Waits differ by up to this share, so that what failed together does not come back together."""


class Verdict(NamedTuple):
    """As :meth:`argus.server.stores.alerts.base.Outbox.attempted` keeps it."""

    state: DeliveryState
    next_at: float
    reason: str


def verdict(delivery: Delivery, outcome: Outcome, now: float, chance: float) -> Verdict:
    """Judge an attempt that ended ``now``. ``chance`` is from 0 to 1."""
    if outcome.result is Result.SENT:
        return Verdict(DeliveryState.SENT, now, "")
    if outcome.result is Result.REFUSED:
        return Verdict(DeliveryState.FAILED, now, outcome.detail)
    wait = wait_after(delivery.attempts, chance)
    if outcome.retry_after is not None:
        wait = max(wait, outcome.retry_after)
    if now + wait > delivery.created_at + GIVE_UP_SECONDS:
        return Verdict(DeliveryState.FAILED, now, f"given up after {delivery.attempts + 1} attempts: {outcome.detail}")
    return Verdict(DeliveryState.PENDING, now + wait, "")


def wait_after(attempts: int, chance: float) -> float:
    """Return the seconds to wait when so many attempts had failed before this one."""
    wait = min(FIRST_WAIT * 2.0 ** min(attempts, 30), LONGEST_WAIT)
    return wait * (1.0 + SPREAD * (2.0 * chance - 1.0))
