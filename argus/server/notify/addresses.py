"""Mail addresses: which are taken, and in what form they are sent to."""

from __future__ import annotations

import re

from argus.errors import ConfigError

LONGEST, LONGEST_LOCAL = 254, 64
LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


def checked(text: str) -> str:
    """Return the address ready for SMTP: an international domain in its ASCII form. Raises :class:`ConfigError`.

    Quoted local parts and those outside of ASCII are not taken: few servers deliver to them, and what is refused here
    cannot end a header or begin a command.
    """
    local, at, domain = text.strip().rpartition("@")
    if not at or not LOCAL.fullmatch(local) or len(local) > LONGEST_LOCAL:
        raise ConfigError(f"{text[:LONGEST]!r} is no mail address; it must be like ops@example.org")
    try:
        ascii_domain = domain.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise ConfigError(f"{text[:LONGEST]!r} is no mail address: the part after @ names no host") from error
    if not all(LABEL.fullmatch(label) for label in ascii_domain.split(".")):
        raise ConfigError(f"{text[:LONGEST]!r} is no mail address: the part after @ names no host")
    address = f"{local}@{ascii_domain}"
    if len(address) > LONGEST:
        raise ConfigError(f"a mail address has at most {LONGEST} characters, got {len(address)}")
    return address
