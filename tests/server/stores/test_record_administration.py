"""What every record store keeps of administration: several keys, limits, the audit log."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import record_backends
from alerts import rule
from record_backends import Backend

from argus.errors import Conflict
from argus.server.notify.channels import Channel
from argus.server.stores.base import App, AppLimits, AuditEntry, Key, RecordStore, Session

NOW = 1_763_900_000.0


@pytest.fixture(params=record_backends.NAMES)
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Backend:
    return record_backends.backend(request.param, tmp_path, request)


@pytest.fixture
def store(backend: Backend) -> Iterator[RecordStore]:
    opened = backend.open(audit_retention=100.0, clock=lambda: NOW)
    yield opened
    opened.close()


def kept(store: RecordStore) -> list[Key]:
    stored = store.keys()
    return list(stored)


def test_a_label_limits_and_a_new_name_are_kept(store: RecordStore) -> None:
    store.create_app(App("shop", "Shop", NOW), Key(b"1" * 32, "argus_1", "shop", NOW, label="web"))
    before = store.version()
    renamed = App("shop", "The Shop", NOW, AppLimits(max_series=7, max_lines_per_second=2.5))
    assert store.change_app(renamed)
    assert not store.change_app(App("nothing", "Nothing", NOW))
    assert list(store.apps()) == [renamed]
    assert [key.label for key in kept(store)] == ["web"]
    assert store.version() > before


def test_of_several_keys_one_is_rotated_and_one_revoked(store: RecordStore) -> None:
    first, second, third = (Key(bytes([i]) * 32, f"argus_{i}", "shop", NOW + i) for i in range(3))
    store.create_app(App("shop", "Shop", NOW), first)
    assert store.rotate_key(second, NOW, NOW, ())
    assert store.rotate_key(third, NOW, NOW + 60, [second.sha256])
    assert {key.prefix: key.expires_at for key in kept(store)} == {
        "argus_0": None,
        "argus_1": NOW + 60,
        "argus_2": None,
    }
    assert not store.revoke_key("other", first.sha256)
    assert store.revoke_key("shop", first.sha256)
    assert [key.prefix for key in kept(store)] == ["argus_1", "argus_2"]


def test_the_last_use_of_a_key_only_grows(store: RecordStore) -> None:
    store.create_app(App("shop", "Shop", NOW), Key(b"1" * 32, "argus_1", "shop", NOW))
    for at in (NOW + 60, NOW + 30):
        store.use_keys({b"1" * 32: at, b"unknown" * 4: at})
    assert [key.last_used for key in kept(store)] == [NOW + 60]


def test_the_audit_log_is_read_from_its_end_and_expires(store: RecordStore) -> None:
    for i in range(5):
        store.add_audit(AuditEntry(NOW + i, "admin", "192.0.2.1", f"act_{i}", "/api", "nul \0 is no text"))
    newest = store.audit(2)
    assert [entry.act for entry in newest] == ["act_4", "act_3"]
    assert [entry.act for entry in store.audit(10, newest[-1].id)] == ["act_2", "act_1", "act_0"]
    store.maintain(NOW + 102.5)
    assert [entry.act for entry in store.audit(10)] == ["act_4", "act_3"]


def test_all_sessions_end_at_once(store: RecordStore) -> None:
    store.set_admin_hash("hash")
    for i in range(2):
        store.add_session(Session(bytes([i]) * 32, NOW, NOW))
    store.end_sessions()
    assert [store.session(bytes([i]) * 32) for i in range(2)] == [None, None]


ENTRY = AuditEntry(NOW, "admin", "192.0.2.1", "post_application", "/api/v1/applications")


def test_a_transaction_stores_all_of_it_or_nothing(store: RecordStore) -> None:
    def make(number: int, fails: bool) -> None:
        with store.transaction():
            store.create_app(
                App(f"shop{number}", "Shop", NOW), Key(bytes([number]) * 32, "argus_1", f"shop{number}", NOW)
            )
            store.alerts().add_rule(rule(app_id=None), 10)
            store.channels().add_channel(
                Channel(name=f"ops{number}", kind="email", target="a@b.c", created_at=NOW, updated_at=NOW), 10
            )
            store.add_audit(ENTRY)
            if fails:
                raise ConnectionError

    def counts() -> list[int]:
        kinds = (store.apps(), kept(store), store.alerts().rules(), store.channels().channels(), store.audit(10))
        return [len(kind) for kind in kinds]

    with pytest.raises(ConnectionError):
        make(1, fails=True)
    assert counts() == [0, 0, 0, 0, 0]
    make(2, fails=False)
    assert counts() == [1, 1, 1, 1, 1]
    with pytest.raises(Conflict):
        make(2, fails=False)
    assert counts() == [1, 1, 1, 1, 1]


def test_what_another_thread_stores_is_not_a_part_of_a_transaction(store: RecordStore) -> None:
    begun = threading.Event()

    def elsewhere() -> None:
        begun.wait(10)
        store.add_audit(ENTRY)

    def undone() -> None:
        with store.transaction():
            store.add_audit(replace(ENTRY, act="undone"))
            begun.set()
            raise ConnectionError

    with ThreadPoolExecutor(1) as other:
        other.submit(elsewhere)
        with pytest.raises(ConnectionError):
            undone()
    assert [entry.act for entry in store.audit(10)] == ["post_application"]
