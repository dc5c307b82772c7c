"""Who may ask: keys, the password, logins and their limits. The clock stands still unless a test moves it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from argus.errors import ConfigError, StoreUnavailable
from argus.server.auth import REFRESH_SECONDS, Auth
from argus.server.settings import Settings
from argus.server.stores.base import App
from argus.server.stores.records.store import SqliteRecordStore
from argus.server.throttle import FREE_TRIES, LONGEST_DELAY, LoginRefused

PASSWORD = "correct horse"
HOUR = 3_600.0


class Clock:
    def __init__(self) -> None:
        self.now = 1_763_900_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def records(tmp_path: Path, clock: Clock) -> Iterator[SqliteRecordStore]:
    store = SqliteRecordStore(tmp_path / "records.db", clock=clock)
    yield store
    store.close()


@pytest.fixture
def auth(records: SqliteRecordStore, clock: Clock) -> Auth:
    return Auth(records, Settings(session_idle=HOUR, session_absolute=10 * HOUR), clock)


def register(auth: Auth, records: SqliteRecordStore, app_id: str = "shop") -> str:
    secret, key = auth.new_key(app_id)
    records.create_app(App(app_id, app_id, key.created_at), key)
    return secret


def test_a_key_opens_its_own_application(auth: Auth, records: SqliteRecordStore) -> None:
    shop, bank = register(auth, records), register(auth, records, "bank")
    assert (auth.app_of_key(shop), auth.app_of_key(bank)) == ("shop", "bank")


@pytest.mark.parametrize("wrong", ["", "argus_", "x", "ключ", "\0", "\udcff"])
def test_any_other_text_opens_nothing(auth: Auth, records: SqliteRecordStore, wrong: str) -> None:
    secret = register(auth, records)
    assert auth.app_of_key(wrong) is None
    assert auth.app_of_key(secret + wrong) == ("shop" if wrong == "" else None)


def test_only_the_digest_of_a_key_is_stored(auth: Auth, records: SqliteRecordStore, tmp_path: Path) -> None:
    secret = register(auth, records)
    (stored,) = records.keys()
    assert stored.sha256 == hashlib.sha256(secret.encode()).digest()
    assert secret.startswith(stored.prefix)
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert secret.removeprefix(stored.prefix).encode() not in kept


def test_a_key_made_by_another_process_works_within_a_moment(auth: Auth, clock: Clock, tmp_path: Path) -> None:
    assert auth.app_of_key("unknown") is None
    other = SqliteRecordStore(tmp_path / "records.db", clock=clock)
    secret = register(Auth(other, Settings(), clock), other)
    clock.now += REFRESH_SECONDS
    assert auth.app_of_key(secret) == "shop"
    other.delete_app("shop", clock.now)
    clock.now += REFRESH_SECONDS
    assert auth.app_of_key(secret) is None
    other.close()


def test_the_servers_own_key_is_stored_nowhere_ends_no_other_and_lasts_as_long_as_its_application(
    auth: Auth, records: SqliteRecordStore, clock: Clock
) -> None:
    stored = register(auth, records, "argus")
    neighbour = Auth(records, Settings(), clock)
    own, theirs = auth.own_key("argus"), neighbour.own_key("argus")
    assert [auth.app_of_key(key) for key in (own, theirs, stored)] == ["argus", None, "argus"]
    assert [neighbour.app_of_key(key) for key in (own, theirs, stored)] == [None, "argus", "argus"]
    assert len(records.keys()) == 1
    records.delete_app("argus", clock.now)
    clock.now += REFRESH_SECONDS
    assert auth.app_of_key(own) is None


def test_a_rotated_key_works_until_its_time_is_over(auth: Auth, records: SqliteRecordStore, clock: Clock) -> None:
    old = register(auth, records)
    new, key = auth.new_key("shop")
    records.rotate_key(key, clock.now, clock.now + HOUR)
    clock.now += HOUR - 1
    assert (auth.app_of_key(old), auth.app_of_key(new)) == ("shop", "shop")
    clock.now += 1
    assert (auth.app_of_key(old), auth.app_of_key(new)) == (None, "shop")


def test_while_the_store_is_away_known_keys_work_and_unknown_ones_are_not_called_wrong(
    auth: Auth, records: SqliteRecordStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> int:
        raise StoreUnavailable("the cable is cut")

    secret = register(auth, records)
    assert auth.app_of_key(secret) == "shop"
    clock.now += REFRESH_SECONDS
    monkeypatch.setattr(records, "version", away)
    assert auth.app_of_key(secret) == "shop"
    with pytest.raises(StoreUnavailable, match="cable"):
        auth.app_of_key("unknown")
    monkeypatch.undo()
    clock.now += REFRESH_SECONDS
    assert auth.app_of_key("unknown") is None


def test_of_two_servers_that_start_at_once_one_makes_the_password(
    auth: Auth, records: SqliteRecordStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Auth(records, Settings(), clock)
    monkeypatch.setattr(records, "admin_hash", lambda: None)  # both look before either has set it
    made, nothing = auth.ensure_password(), other.ensure_password()
    monkeypatch.undo()
    assert nothing is None
    assert auth.check_password(made or "")


def test_the_first_start_makes_a_password_once(auth: Auth) -> None:
    made = auth.ensure_password()
    assert made is not None
    assert auth.check_password(made)
    assert auth.ensure_password() is None


def test_a_wished_password_is_taken_and_not_shown(auth: Auth) -> None:
    assert auth.ensure_password(PASSWORD) is None
    assert auth.check_password(PASSWORD)
    assert auth.ensure_password("another one") is None
    assert not auth.check_password("another one")


def test_of_a_password_only_its_argon2_hash_is_stored(auth: Auth, records: SqliteRecordStore) -> None:
    auth.set_password(PASSWORD)
    stored = records.admin_hash()
    assert stored is not None
    assert stored.startswith("$argon2id$")
    assert PASSWORD not in stored


def test_a_short_password_is_refused(auth: Auth) -> None:
    with pytest.raises(ConfigError, match="at least 8"):
        auth.set_password("short")


def test_before_there_is_a_password_nothing_opens(auth: Auth) -> None:
    assert not auth.check_password("")
    with pytest.raises(LoginRefused):
        login(auth, "", "host")


def test_a_remembered_password_is_forgotten_when_another_process_changes_it(
    auth: Auth, records: SqliteRecordStore, clock: Clock
) -> None:
    auth.set_password(PASSWORD)
    assert auth.check_password(PASSWORD)
    Auth(records, Settings(), clock).set_password("a new password")
    assert not auth.check_password(PASSWORD)


def login(auth: Auth, password: str, address: str) -> str:
    auth.prove(password, address)
    return auth.new_session()


def test_a_session_ends_when_it_is_not_used(auth: Auth, clock: Clock) -> None:
    auth.set_password(PASSWORD)
    token = login(auth, PASSWORD, "host")
    for _ in range(3):
        clock.now += HOUR - 1
        assert auth.session_expiry(token) == clock.now + HOUR
    clock.now += HOUR
    assert auth.session_expiry(token) is None


def test_a_session_ends_however_much_it_is_used(auth: Auth, clock: Clock) -> None:
    auth.set_password(PASSWORD)
    token = login(auth, PASSWORD, "host")
    end = clock.now + 10 * HOUR
    while clock.now < end - HOUR / 2:
        clock.now += HOUR / 2
        last = auth.session_expiry(token)
    assert last is None or last == end
    clock.now = end
    assert auth.session_expiry(token) is None


def test_logging_out_ends_this_session_only(auth: Auth) -> None:
    auth.set_password(PASSWORD)
    first, second = login(auth, PASSWORD, "host"), login(auth, PASSWORD, "host")
    auth.logout(first)
    assert auth.session_expiry(first) is None
    assert auth.session_expiry(second) is not None


def test_a_new_password_ends_every_session(auth: Auth) -> None:
    auth.set_password(PASSWORD)
    token = login(auth, PASSWORD, "host")
    auth.set_password("a new password")
    assert auth.session_expiry(token) is None


def test_a_token_nobody_gave_is_no_session(auth: Auth) -> None:
    assert auth.session_expiry("made up") is None


def refused(auth: Auth, password: str, address: str = "host") -> float | None:
    with pytest.raises(LoginRefused) as error:
        login(auth, password, address)
    return error.value.retry_after


def test_wrong_passwords_make_the_next_try_wait_longer_and_longer(auth: Auth, clock: Clock) -> None:
    auth.set_password(PASSWORD)
    for _ in range(FREE_TRIES):
        assert refused(auth, "wrong") is None
    waits = []
    for _ in range(3):
        wait = refused(auth, PASSWORD)  # even the right one has to wait
        assert wait is not None
        waits.append(wait)
        clock.now += wait
        assert refused(auth, "wrong") is None
    assert waits == sorted(waits)
    assert waits[0] < waits[-1] <= LONGEST_DELAY


def test_waiting_and_the_right_password_clear_the_record(auth: Auth, clock: Clock) -> None:
    auth.set_password(PASSWORD)
    for _ in range(FREE_TRIES):
        refused(auth, "wrong")
    clock.now += LONGEST_DELAY
    assert auth.session_expiry(login(auth, PASSWORD, "host")) is not None
    assert refused(auth, "wrong") is None


def test_another_address_does_not_have_to_wait(auth: Auth) -> None:
    auth.set_password(PASSWORD)
    for _ in range(FREE_TRIES):
        refused(auth, "wrong", "attacker")
    assert refused(auth, "wrong", "attacker") is not None
    assert auth.session_expiry(login(auth, PASSWORD, "home")) is not None
