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

from argus.errors import ConfigError, StoreUnavailable
from argus.server.settings import Settings
from argus.server.stores.base import App, AppLimits, Key, RecordStore, Session
from argus.server.throttle import LoginRefused, Throttle

REFRESH_SECONDS = 0.5
"""Least time between two looks at whether another process changed the keys."""

TOUCH_SECONDS = 60.0
BASIC_SECONDS = 60.0
SHORTEST_PASSWORD = 8


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
        self._apps: dict[str, App] = {}
        self._used: dict[bytes, float] = {}
        self._own: Key | None = None
        self._version = -1
        self._looked = float("-inf")
        self._looking = threading.Lock()
        self._unread: StoreUnavailable | None = None
        self._throttle = Throttle(clock)
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
        sha256 = digest(key)
        known = self._keys.get(sha256)
        if known is None and self._unread is not None:
            raise StoreUnavailable(str(self._unread))
        if known is None or (known.expires_at is not None and known.expires_at <= self._clock()):
            return None
        self._used[sha256] = self._clock()
        return known.app_id

    def limits_of(self, app_id: str) -> AppLimits:
        """Return an application's own limits, as they were last read; asks nobody."""
        known = self._apps.get(app_id)
        return AppLimits() if known is None else known.limits

    def last_used(self, key: Key) -> float | None:
        """Return when a key was last used, here or, until a minute ago, by another server."""
        times = [at for at in (key.last_used, self._used.get(key.sha256)) if at is not None]
        return max(times, default=None)

    def keep_use(self) -> None:
        """Tell the store when keys were last used. Called by a scheduled job every minute."""
        used, self._used = self._used, {}
        if used:
            self._records.use_keys(used)

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
                found = {key.sha256: key for key in self._records.keys()}  # noqa: SIM118  # a store's keys, not a dictionary's
                self._apps = {app.app_id: app for app in self._records.apps()}
                if self._own is not None and self._own.app_id in self._apps:
                    found[self._own.sha256] = self._own
                self._keys = found
                self._version = version
            self._unread = None
        except StoreUnavailable as error:
            self._unread = error
        self._looked = self._clock()

    def new_key(self, app_id: str, label: str = "") -> tuple[str, Key]:
        """Return a new key to show once, and what to store of it."""
        prefix = f"argus_{secrets.token_hex(2)}"
        secret = f"{prefix}_{secrets.token_urlsafe(32)}"
        self.look_again()
        return secret, Key(digest(secret), prefix, app_id, self._clock(), label=label)

    def look_again(self) -> None:
        """Read keys and applications again before the next answer: they change."""
        self._looked = float("-inf")

    def own_key(self, app_id: str) -> str:
        """Return a key that only this process takes, while the application exists. It is stored nowhere."""
        with self._looking:  # whoever reads the keys just now would not see it
            secret, self._own = self.new_key(app_id)
            self._version = -1
        return secret

    def ensure_password(self, wanted: str | None = None) -> str | None:
        """Give the administrator a password at the first start; return it if it was made here and must be shown."""
        if self._records.admin_hash() is not None:
            return None
        made = None if wanted else secrets.token_urlsafe(12)
        first = self._records.first_admin_hash(self.hashed(wanted or made or ""))
        return made if first else None

    def set_password(self, password: str) -> None:
        """Set the password; every session ends. Raises :class:`ConfigError` for a short one."""
        self.set_hash(self.hashed(password))

    def set_hash(self, encoded: str) -> None:
        """Set the password that :meth:`hashed` was given; every session ends."""
        self._records.set_admin_hash(encoded)
        self._basic = None

    def hashed(self, password: str) -> str:
        """Return what is stored of a password. Raises :class:`ConfigError` for a short one."""
        if len(password) < SHORTEST_PASSWORD:
            raise ConfigError(f"a password has at least {SHORTEST_PASSWORD} characters, this one has {len(password)}")
        return self._hasher.hash(password)

    def check_password(self, password: str, address: str = "") -> str | None:
        """Return the hash that the password fits, ``None`` where it is wrong.

        A right answer is remembered for a minute, as a keyed digest. Raises :class:`LoginRefused` while the address has
        to wait after wrong ones, as :meth:`prove` does.
        """
        stored = self._records.admin_hash()
        if stored is None:
            return None
        mac = hmac.digest(self._basic_secret, password.encode(), "sha256")
        now = self._clock()
        known = self._basic
        if known is not None and known[1] == stored and now < known[2] and hmac.compare_digest(known[0], mac):
            return stored
        if not self._try(stored, password, address):
            return None
        self._basic = (mac, stored, now + BASIC_SECONDS)
        return stored

    def _try(self, stored: str, password: str, address: str) -> bool:
        """Verify a password, one at a time, and let an address wait that was wrong too often."""
        with self._verifying:
            self._throttle.check(address)
            try:
                self._hasher.verify(stored, password)
            except (VerificationError, InvalidHashError):
                self._throttle.wrong(address)
                return False
            self._throttle.right(address)
            return True

    def prove(self, password: str, address: str, what: str = "the password") -> None:
        """Raise :class:`LoginRefused` where the password is wrong, or the address has to wait."""
        stored = self._records.admin_hash()
        if stored is None or not self._try(stored, password, address):
            raise LoginRefused(f"{what} is wrong")

    def new_session(self) -> str:
        """Return the token of a new session; whoever asks has proved to be the administrator."""
        token = secrets.token_urlsafe(32)
        now = self._clock()
        self._records.add_session(Session(digest(token), now, now))
        return token

    def stands(self, token: str | None, admin_hash: str | None) -> bool:
        """Return whether what opened a live connection still holds: the session, or else the password."""
        if token is not None:
            return self.session_expiry(token) is not None
        return admin_hash is not None and admin_hash == self._records.admin_hash()

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

    def logout_everywhere(self) -> None:
        """End every session."""
        self._records.end_sessions()
        self._touched.clear()
