"""What every record store keeps and promises: applications, keys, the administrator, delivery."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import record_backends
from record_backends import Backend

from argus.errors import Conflict, StoreUnavailable
from argus.server.stores.base import App, Appended, Key, LogBatch, LogQuery, RecordStore, Session
from argus.wire.columns import LogLine

NOW = 1_763_900_000.0
DAY = 86_400.0


@pytest.fixture(params=record_backends.NAMES)
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Backend:
    return record_backends.backend(request.param, tmp_path, request)


def open_store(backend: Backend) -> RecordStore:
    return backend.open(log_retention=3 * DAY, clock=lambda: NOW)


@pytest.fixture
def store(backend: Backend) -> Iterator[RecordStore]:
    opened = open_store(backend)
    yield opened
    opened.close()


def key(name: str, app_id: str = "shop") -> Key:
    return Key(name.encode().ljust(32, b"."), f"argus_{name}", app_id, NOW)


def expiries(store: RecordStore) -> dict[bytes, float | None]:
    stored = store.keys()
    return {kept.sha256: kept.expires_at for kept in stored}


def register(store: RecordStore, app_id: str = "shop") -> Key:
    first = key(f"first-{app_id}", app_id)
    store.create_app(App(app_id, app_id.title(), NOW), first)
    return first


def batch(*messages: str, seq: int | None = None, instance: str | None = "web:1", app: str = "shop") -> LogBatch:
    lines = [LogLine(NOW, "INFO", message) for message in messages]
    return LogBatch(app, "web-1", lines, instance if seq is not None else None, seq)


def messages(store: RecordStore, query: LogQuery | None = None) -> list[str]:
    return [found.line.message for found in store.search(query or LogQuery()).lines]


def test_a_new_store_is_empty(store: RecordStore) -> None:
    assert (list(store.apps()), list(store.keys()), store.admin_hash()) == ([], [], None)
    assert messages(store) == []


def test_an_application_is_registered_with_its_first_key(store: RecordStore) -> None:
    first = register(store)
    assert store.apps() == [App("shop", "Shop", NOW)]
    assert store.keys() == [first]


def test_applications_come_ordered_by_name(store: RecordStore) -> None:
    for app_id in ("pear", "apple", "fig"):
        register(store, app_id)
    assert [app.app_id for app in store.apps()] == ["apple", "fig", "pear"]


def test_a_taken_id_is_refused_and_changes_nothing(store: RecordStore) -> None:
    first = register(store)
    with pytest.raises(Conflict, match="shop"):
        store.create_app(App("shop", "Another", NOW), key("second"))
    assert [app.name for app in store.apps()] == ["Shop"]
    assert store.keys() == [first]


def test_a_rotation_adds_a_key_and_lets_the_others_expire(store: RecordStore) -> None:
    first, other = register(store), register(store, "other")
    assert store.rotate_key(key("second"), NOW, NOW + DAY)
    assert expiries(store) == {first.sha256: NOW + DAY, key("second").sha256: None, other.sha256: None}


def test_a_second_rotation_never_prolongs_an_old_key(store: RecordStore) -> None:
    first = register(store)
    store.rotate_key(key("second"), NOW, NOW + 10)
    store.rotate_key(key("third"), NOW + 5, NOW + 5 + DAY)
    assert expiries(store)[first.sha256] == NOW + 10


def test_rotating_a_key_of_no_application_is_refused(store: RecordStore) -> None:
    assert not store.rotate_key(key("stray", "nobody"), NOW, NOW)
    assert list(store.keys()) == []


def test_deleting_an_application_revokes_its_keys_and_leaves_its_data_to_be_purged(store: RecordStore) -> None:
    register(store)
    other = register(store, "other")
    store.append([batch("of the shop"), batch("of the other", app="other")])
    assert store.delete_app("shop", NOW)
    assert [app.app_id for app in store.apps()] == ["other"]
    assert store.keys() == [other]
    assert list(store.deleted_apps()) == ["shop"]
    store.purge("shop")
    assert list(store.deleted_apps()) == []
    assert messages(store) == ["of the other"]
    assert messages(store, LogQuery(q="shop")) == []


def test_a_purged_id_may_be_registered_again_and_its_instances_start_over(store: RecordStore) -> None:
    register(store)
    store.append([batch("old", seq=9)])
    store.delete_app("shop", NOW)
    store.purge("shop")
    register(store)
    assert store.append([batch("new", seq=1)]) == [Appended.STORED]


def test_an_unknown_application_cannot_be_deleted_nor_one_twice(store: RecordStore) -> None:
    register(store)
    assert not store.delete_app("nobody", NOW)
    assert store.delete_app("shop", NOW)
    assert not store.delete_app("shop", NOW)


def test_the_version_changes_with_applications_keys_and_the_password_only(store: RecordStore) -> None:
    versions = [store.version()]

    def changed() -> bool:
        versions.append(store.version())
        return versions[-1] != versions[-2]

    register(store)
    assert changed()
    store.rotate_key(key("second"), NOW, NOW + DAY)
    assert changed()
    store.set_admin_hash("hash")
    assert changed()
    store.append([batch("line")])
    assert not changed()
    store.delete_app("shop", NOW)
    assert changed()


def test_another_process_sees_the_change_and_the_version(backend: Backend) -> None:
    here, there = open_store(backend), open_store(backend)
    version = here.version()
    first = register(there)
    assert here.version() != version
    assert here.keys() == [first]
    here.close()
    there.close()


def test_a_new_password_ends_every_session(store: RecordStore) -> None:
    login = Session(b"s" * 32, NOW, NOW)
    store.set_admin_hash("one")
    store.add_session(login)
    assert store.session(login.sha256) == login
    store.set_admin_hash("two")
    assert store.admin_hash() == "two"
    assert store.session(login.sha256) is None


def test_the_first_password_is_set_once(store: RecordStore) -> None:
    assert store.first_admin_hash("one")
    assert not store.first_admin_hash("two")
    assert store.admin_hash() == "one"


def test_a_store_that_can_be_written_passes_the_check_and_stays_as_it_is(store: RecordStore) -> None:
    store.append([batch("line")])
    version = store.version()
    store.check()
    assert (messages(store), store.version()) == (["line"], version)


def test_sessions_are_touched_and_ended(store: RecordStore) -> None:
    first, second = Session(b"1" * 32, NOW, NOW), Session(b"2" * 32, NOW, NOW)
    store.add_session(first)
    store.add_session(second)
    store.touch_session(first.sha256, NOW + 60)
    store.end_sessions([second.sha256])
    assert store.session(first.sha256) == Session(first.sha256, NOW, NOW + 60)
    assert store.session(second.sha256) is None


def test_a_repeat_is_acknowledged_and_not_stored_again(store: RecordStore) -> None:
    assert store.append([batch("one", seq=1), batch("two", seq=2)]) == [Appended.STORED] * 2
    assert store.append([batch("one", seq=1), batch("three", seq=3)]) == [Appended.DUPLICATE, Appended.STORED]
    assert sorted(messages(store)) == ["one", "three", "two"]


def test_a_repeat_within_one_call_is_seen(store: RecordStore) -> None:
    assert store.append([batch("one", seq=1), batch("one", seq=1)]) == [Appended.STORED, Appended.DUPLICATE]
    assert messages(store) == ["one"]


def test_instances_and_applications_number_their_batches_independently(store: RecordStore) -> None:
    batches = [batch("a", seq=5), batch("b", seq=5, instance="web:2"), batch("c", seq=5, app="other")]
    assert store.append(batches) == [Appended.STORED] * 3


def test_without_instance_and_seq_nothing_is_deduplicated(store: RecordStore) -> None:
    assert store.append([batch("same"), batch("same")]) == [Appended.STORED] * 2
    assert messages(store) == ["same", "same"]


def test_marks_and_lines_survive_a_restart(backend: Backend) -> None:
    first = open_store(backend)
    first.append([batch("one", seq=1)])
    first.close()
    second = open_store(backend)
    assert second.append([batch("one", seq=1)]) == [Appended.DUPLICATE]
    assert messages(second) == ["one"]
    second.close()


def test_retention_drops_old_lines_and_keeps_the_others(backend: Backend) -> None:
    now = NOW
    store = backend.open(log_retention=3 * DAY, clock=lambda: now)
    for _ in range(5):
        store.append([LogBatch("shop", "web-1", [LogLine(now, "INFO", f"day {(now - NOW) / DAY:.0f}")])])
        now += DAY
    store.maintain(now)  # five days after the first line
    assert messages(store) == ["day 4", "day 3", "day 2"]
    store.close()


def test_ids_never_come_again_after_retention_dropped_everything(store: RecordStore) -> None:
    store.append([batch("one", "two")])
    highest = store.search(LogQuery()).lines[0].id
    store.maintain(NOW + 100 * DAY)
    store.append([batch("three")])
    assert [found.id for found in store.search(LogQuery()).lines] == [highest + 1]


def test_expired_keys_are_forgotten(store: RecordStore) -> None:
    register(store)
    store.rotate_key(key("second"), NOW, NOW + DAY)
    store.maintain(NOW + 2 * DAY)
    assert list(expiries(store)) == [key("second").sha256]


def test_readers_and_the_writer_work_at_once(store: RecordStore) -> None:
    """Nobody sees half a batch, and nobody is told that the store is locked."""
    stop = threading.Event()
    wrong: list[object] = []

    def read() -> None:
        while not stop.is_set():
            try:
                found = len(store.search(LogQuery(limit=1000)).lines)
                if found % 10:
                    wrong.append(found)
            except StoreUnavailable as error:
                wrong.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for seq in range(1, 51):
        store.append([batch(*(f"line {i}" for i in range(10)), seq=seq)])
    stop.set()
    for reader in readers:
        reader.join()
    assert wrong == []


def test_the_sizes_are_told(store: RecordStore) -> None:
    before = store.stats()
    store.append([batch("one", "two")])
    after = store.stats()
    assert after["store.records.log_lines"] - before["store.records.log_lines"] == 2
    assert after["store.records.bytes"] > 0


def test_a_closed_store_says_so(store: RecordStore) -> None:
    store.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        store.apps()
    with pytest.raises(StoreUnavailable, match="closed"):
        store.append([batch("late")])
    with pytest.raises(StoreUnavailable, match="closed"):
        store.check()
