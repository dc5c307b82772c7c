"""A message to carry, and who takes it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import hook_receiver
import messages
import pytest
from hook_receiver import Receiver

from argus.server.notify.message import Message


@pytest.fixture
def message() -> Message:
    return messages.fired()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with hook_receiver.running() as made:
        yield made
