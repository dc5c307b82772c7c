"""Keys of applications, the administrator's password, sessions.

Keys and session tokens are random and long, so their SHA-256 is stored: it cannot be reversed, and looking it up in a
dictionary compares nothing that an attacker could time. The password is a person's, so it is hashed with argon2.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from argus.errors import ArgusError, ConfigError, StoreUnavailable
from argus.server.settings import Settings
from argus.server.stores.base import Key, RecordStore, Session

REFRESH_SECONDS = 0.5
"""Least time between two looks at whether another process changed the keys."""

TOUCH_SECONDS = 60.0
BASIC_SECONDS = 60.0
SHORTEST_PASSWORD = 8
FREE_TRIES = 3
LONGEST_DELAY = 300.0
MOST_ADDRESSES = 10_000


class LoginRefused(ArgusError):
    """The password is wrong, or was wrong too often: then ``retry_after`` says how many seconds to wait."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


def digest(secret: str) -> bytes:
    """Return what is stored of a key or token."""
    return hashlib.sha256(secret.encode(errors="surrogateescape")).digest()  # a header may hold any bytes


class Auth:
    """Answers who somebody is. Everything but ``knows_keys`` may block, and is called in threads.

    While the record store is away, keys that were read before work on; of others nobody can say that they are wrong.
    """

    def __init__(self, records: RecordStore, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        self._records = records
        self._settings = settings
        self._clock = clock
        self._hasher = PasswordHasher()
        self._keys: dict[bytes, Key] = {}
        self._version = -1
        self._looked = float("-inf")
        self._looking = threading.Lock()
        self._unread: StoreUnavailable | None = None
        self._failures: dict[str, tuple[int, float]] = {}
        self._lock = threading.Lock()
        self._verifying = threading.Lock()
        self._basic_secret = secrets.token_bytes(32)
        self._basic: tuple[bytes, str, float] | None = None
        self._touched: dict[bytes, float] = {}

    def app_of_key(self, key: str) -> str | None:
        """Return the application a key belongs to, ``None`` for an unknown, revoked or expired one.

        Raises :class:`StoreUnavailable` for a key that was not read before the store went away.
        """
        # A key that was read before waits for nobody, should the store take long to answer.
        if not self.knows_keys() and self._looking.acquire(blocking=digest(key) not in self._keys):
            try:
                self._refresh()
            finally:
                self._looking.release()
        known = self._keys.get(digest(key))
        if known is None and self._unread is not None:
            raise StoreUnavailable(str(self._unread))
        if known is None or (known.expires_at is not None and known.expires_at <= self._clock()):
            return None
        return known.app_id

    def knows_keys(self) -> bool:
        """Return whether :meth:`app_of_key` answers from memory, without asking the store."""
        return self._clock() - self._looked < REFRESH_SECONDS

    def _refresh(self) -> None:
        """Read the keys again if they changed, here or by another process; one caller does it for all."""
        if self.knows_keys():
            return
        try:
            version = self._records.version()
            if version != self._version:
                self._keys = {key.sha256: key for key in self._records.keys()}  # noqa: SIM118  # a store's keys, not a dictionary's
                self._version = version
            self._unread = None
        except StoreUnavailable as error:
            self._unread = error
        self._looked = self._clock()

    def new_key(self, app_id: str) -> tuple[str, Key]:
        """Return a new key to show once, and what to store of it."""
        prefix = f"argus_{secrets.token_hex(2)}"
        secret = f"{prefix}_{secrets.token_urlsafe(32)}"
        self._looked = float("-inf")
        return secret, Key(digest(secret), prefix, app_id, self._clock())

    def ensure_password(self, wanted: str | None = None) -> str | None:
        """Give the administrator a password at the first start; return it if it was made here and must be shown."""
        if self._records.admin_hash() is not None:
            return None
        made = None if wanted else secrets.token_urlsafe(12)
        first = self._records.first_admin_hash(self._hashed(wanted or made or ""))
        return made if first else None

    def set_password(self, password: str) -> None:
        """Set the password; every session ends. Raises :class:`ConfigError` for a short one."""
        self._records.set_admin_hash(self._hashed(password))
        self._basic = None

    def _hashed(self, password: str) -> str:
        if len(password) < SHORTEST_PASSWORD:
            raise ConfigError(f"a password has at least {SHORTEST_PASSWORD} characters, this one has {len(password)}")
        return self._hasher.hash(password)

    def check_password(self, password: str, address: str = "") -> bool:
        """Return whether it is the administrator's; a right answer is remembered for a minute, as a keyed digest.

        Raises :class:`LoginRefused` while the address has to wait after wrong ones, as :meth:`login` does.
        """
        stored = self._records.admin_hash()
        if stored is None:
            return False
        mac = hmac.digest(self._basic_secret, password.encode(), "sha256")
        now = self._clock()
        known = self._basic
        if known is not None and known[1] == stored and now < known[2] and hmac.compare_digest(known[0], mac):
            return True
        if not self._try(stored, password, address):
            return False
        self._basic = (mac, stored, now + BASIC_SECONDS)
        return True

    def _try(self, stored: str, password: str, address: str) -> bool:
        """Verify a password, one at a time, and let an address wait that was wrong too often."""
        with self._verifying:
            self._check_delay(address)
            right = self._verify(stored, password)
            with self._lock:
                if right:
                    self._failures.pop(address, None)
                    return True
            self._note_failure(address)
            return False

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    def login(self, password: str, address: str) -> str:
        """Return the token of a new session. Raises :class:`LoginRefused`."""
        stored = self._records.admin_hash()
        if stored is None or not self._try(stored, password, address):
            raise LoginRefused("the password is wrong")
        token = secrets.token_urlsafe(32)
        now = self._clock()
        self._records.add_session(Session(digest(token), now, now))
        return token

    def _check_delay(self, address: str) -> None:
        with self._lock:
            failures, since = self._failures.get(address, (0, 0.0))
        if failures >= FREE_TRIES:
            wait = since + min(2.0 ** (failures - FREE_TRIES), LONGEST_DELAY) - self._clock()
            if wait > 0:
                raise LoginRefused(f"too many wrong passwords; try again in {wait:.0f} s", wait)

    def _note_failure(self, address: str) -> None:
        with self._lock:
            if len(self._failures) >= MOST_ADDRESSES:
                self._failures.clear()
            self._failures[address] = (self._failures.get(address, (0, 0.0))[0] + 1, self._clock())

    def session_expiry(self, token: str) -> float | None:
        """Return when a session ends (Unix seconds), ``None`` if there is none; asking keeps it from going idle."""
        sha256 = digest(token)
        session = self._records.session(sha256)
        if session is None:
            return None
        now = self._clock()
        last_seen = max(session.last_seen, self._touched.get(sha256, 0.0))
        absolute = session.created_at + self._settings.session_absolute
        if now >= min(absolute, last_seen + self._settings.session_idle):
            self.logout(token)
            return None
        if now - last_seen >= TOUCH_SECONDS:
            self._records.touch_session(sha256, now)
            self._touched[sha256] = now
        return min(absolute, now + self._settings.session_idle)

    def logout(self, token: str) -> None:
        """End a session."""
        sha256 = digest(token)
        self._records.end_sessions([sha256])
        self._touched.pop(sha256, None)
