"""The contract of the channels' store, over every record store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import record_backends
from msgspec.structs import replace

from argus.errors import Conflict
from argus.server.notify.channels import Channel
from argus.server.stores.alerts.channels import ChannelStore

MOST = 100
CHAT = Channel(name="ops chat", kind="apprise", target="slack://a/b/c", created_at=1.0, updated_at=1.0)


@pytest.fixture(params=record_backends.NAMES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ChannelStore]:
    opened = record_backends.backend(request.param, tmp_path, request).open()
    yield opened.channels()
    opened.close()


def test_channels_come_back_as_they_were_stored_until_they_are_deleted(store: ChannelStore) -> None:
    chat = store.add_channel(CHAT, MOST)
    hook = store.add_channel(replace(CHAT, name="hook 🦚", kind="webhook", secret="s"), MOST)
    assert store.channels() == [chat, hook]
    assert store.replace_channel(replace(hook, name="hook", target="https://example.org", updated_at=2.0))
    assert store.channels()[1] == replace(hook, name="hook", target="https://example.org", updated_at=2.0)
    assert store.delete_channel(chat.id)
    assert not store.delete_channel(chat.id)
    assert not store.replace_channel(chat)
    assert [channel.name for channel in store.channels()] == ["hook"]


def test_no_two_channels_have_the_same_name_and_there_is_a_most(store: ChannelStore) -> None:
    chat = store.add_channel(CHAT, MOST)
    other = store.add_channel(replace(CHAT, name="other"), MOST)
    with pytest.raises(Conflict, match="'ops chat' already"):
        store.add_channel(CHAT, MOST)
    with pytest.raises(Conflict, match="'ops chat' already"):
        store.replace_channel(replace(other, name="ops chat"))
    assert store.replace_channel(replace(chat, target="slack://d/e/f"))
    with pytest.raises(Conflict, match="2 channels already"):
        store.add_channel(replace(CHAT, name="third"), 2)


def test_a_channel_does_not_show_its_secrets_by_accident() -> None:
    assert (
        repr(replace(CHAT, target="slack://TOKEN", secret="SECRET")) == "Channel(0, 'ops chat', apprise, 'slack://…')"
    )
