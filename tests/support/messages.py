"""Messages as tests need them."""

from __future__ import annotations

from typing import Any

import msgspec

from argus.server.alerts.values import Notice
from argus.server.notify.message import Message, made_up

AT = 1_795_000_000.0


def fired(**notice: Any) -> Message:
    """Return the message that the CPU of the application shop is too high."""
    made = made_up("x", AT, "https://argus.example.org/metrics")
    return changed(made, **{"rule_name": "CPU too high", "app_id": "shop", **notice})


def changed(message: Message, **notice: Any) -> Message:
    """Return the message with another notice."""
    made: Notice = msgspec.structs.replace(message.notice, **notice)
    return msgspec.structs.replace(message, notice=made, test=False)
