"""The machine: Python and packages, the compiled core, the data folder, disk, limits."""

from __future__ import annotations

import os
import re
import shutil
import stat
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from pathlib import Path

from argus import __version__
from argus.aggregate.choose import choose_backend
from argus.doctor.result import Result, failure, ok, skipped, warning
from argus.errors import ConfigError

MIB, GIB = 1024**2, 1024**3
ROOT = 0
OLDEST_PYTHON = (3, 11)
DISTRIBUTION = "argus-monitor"

LEAST_FREE, LITTLE_FREE = 200 * MIB, 2 * GIB
LEAST_INODES, LITTLE_INODES = 1_000, 20_000
LEAST_FILES, FEW_FILES = 256, 4_096
LEAST_MEMORY = 512 * MIB

_REQUIREMENT = re.compile(r"([\w.-]+)(?:\[[\w,.-]+\])?\s*\(?([^;)]*)\)?\s*(?:;(.*))?")
_BOUND = re.compile(r"(>=|<=|==|<|>|~=)\s*([\d.]+)")


def python(version: tuple[int, ...] = sys.version_info[:3]) -> Result:
    """Look at the version of Python."""
    told = ".".join(map(str, version))
    if version < OLDEST_PYTHON:
        return failure("python", f"{told} is too old", "install Python 3.11 or newer and Argus into it")
    return ok("python", f"{told}, argus {__version__}")


def packages(extras: Sequence[str] = ("server",), installed: Callable[[str], str | None] | None = None) -> Result:
    """Look at the packages that Argus needs, with the extras' own."""
    needed = metadata.requires(DISTRIBUTION) or []
    wrong = unmet(needed, extras, installed or _installed)
    if wrong:
        extra = f"[{','.join(extras)}]" if extras else ""
        return failure("packages", "; ".join(wrong), f"pip install --upgrade '{DISTRIBUTION}{extra}'")
    return ok("packages", "every package that is needed is there, in a version that fits")


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def unmet(needed: Sequence[str], extras: Sequence[str], installed: Callable[[str], str | None]) -> list[str]:
    """Return what is missing or does not fit, of requirements as a distribution's metadata write them."""
    wrong = []
    for requirement in needed:
        found = _REQUIREMENT.fullmatch(requirement.strip())
        if found is None:
            continue
        name, bounds, marker = found[1], found[2], found[3] or ""
        if "extra" in marker and not any(re.search(rf"extra\s*==\s*['\"]{extra}['\"]", marker) for extra in extras):
            continue
        version = installed(name)
        if version is None:
            wrong.append(f"{name} is missing")
        elif not all(_fits(version, sign, bound) for sign, bound in _BOUND.findall(bounds)):
            wrong.append(f"{name} is {version}, needed is {bounds.strip()}")
    return wrong


def _fits(version: str, sign: str, bound: str) -> bool:
    have, want = _numbers(version), _numbers(bound)
    size = max(len(have), len(want))
    a, b = have + [0] * (size - len(have)), want + [0] * (size - len(want))
    if sign == "~=":
        return a >= b and a[: len(want) - 1] == b[: len(want) - 1]
    return {">=": a >= b, "<=": a <= b, "==": a == b, "<": a < b, ">": a > b}[sign]


def _numbers(version: str) -> list[int]:
    found = re.match(r"\d+(\.\d+)*", version)
    return [int(number) for number in found[0].split(".")] if found else [0]


def native(choose: Callable[[], Callable[..., object]] = choose_backend) -> Result:
    """Look at which backend adds up what is recorded."""
    try:
        backend = choose()
    except ConfigError as error:
        return failure("native core", str(error), "pip install --force-reinstall argus-monitor")
    name = getattr(backend, "__name__", str(backend))
    if name == "NativeAggregator":
        return ok("native core", "the compiled extension is used")
    return warning(
        "native core",
        f"{name} stands in for the compiled extension: recording is several times slower",
        "install a C++ compiler and reinstall argus-monitor; is ARGUS_BACKEND set?",
    )


def folder(path: Path, user: int | None = None) -> Result:
    """Look at who owns the data folder and who may enter it."""
    name, user = "data folder", os.geteuid() if user is None else user
    if not path.exists():
        above = next(parent for parent in path.absolute().parents if parent.exists())
        if os.access(above, os.W_OK | os.X_OK):
            return ok(name, f"{path} is made at the first start")
        return failure(name, f"{path} is missing and cannot be made in {above}", _hand_over(above, user))
    if not path.is_dir():
        return failure(name, f"{path} is no folder", "choose another with --data or ARGUS_DATA")
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        return failure(name, f"{path} cannot be read and written by {_user(user)}", _hand_over(path, user))
    return _privacy(name, path, path.stat(), user)


def _privacy(name: str, path: Path, status: os.stat_result, user: int) -> Result:
    if user not in {status.st_uid, ROOT}:
        told = f"{path} belongs to {_user(status.st_uid)}, and this is {_user(user)}"
        return warning(name, told, f"run argus as {_user(status.st_uid)}, or: {_hand_over(path, user)}")
    if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        mode = stat.S_IMODE(status.st_mode)
        return warning(name, f"others of this machine may enter {path} (mode {mode:o})", f"chmod 700 {path}")
    return ok(name, f"{path} is {_user(status.st_uid)}'s alone")


def _user(number: int) -> str:
    import pwd  # noqa: PLC0415  # of POSIX, and clients run elsewhere too

    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"


def _hand_over(path: Path, user: int) -> str:
    return f"chown -R {_user(user)} {path}"


def disk(path: Path) -> Result:
    """Look at the room on the data folder's file system."""
    there = next(one for one in (path.absolute(), *path.absolute().parents) if one.exists())
    usage, system = shutil.disk_usage(there), os.statvfs(there)
    return room(there, usage.free, usage.total, system.f_favail if system.f_files else None)


def room(path: Path, free: int, total: int, inodes: int | None) -> Result:
    """Judge the free bytes and files; ``inodes`` is ``None`` for a file system that has no fixed number."""
    files = "" if inodes is None else f", {inodes:,} files"
    told = f"{free / GIB:.1f} GiB of {total / GIB:.1f} GiB{files} free at {path}"
    fix = "make room, or shorten retention (--raw-retention-days and the others)"
    many = inodes is None
    if free < LEAST_FREE or not (many or (inodes or 0) >= LEAST_INODES):
        return failure("disk", told, fix)
    if free < LITTLE_FREE or not (many or (inodes or 0) >= LITTLE_INODES):
        return warning("disk", told, fix)
    return ok("disk", told)


def open_files(limit: int | None = None) -> Result:
    """Look at how many files and sockets a process may have open; -1 means any number."""
    if limit is None:
        try:
            import resource  # noqa: PLC0415  # of POSIX, and clients run elsewhere too
        except ImportError:
            return skipped("open files", "this system has no limit to ask for")
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if limit < 0:
        return ok("open files", "no limit")
    told, fix = f"at most {limit:,} at once", "ulimit -n 65536, or LimitNOFILE=65536 in the service's unit"
    if limit < LEAST_FILES:
        return failure("open files", f"{told}: a few dashboards use them up", fix)
    if limit < FEW_FILES:
        return warning("open files", f"{told}: enough for some hundred senders and dashboards", fix)
    return ok("open files", told)


LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def memory(read: Callable[[str], str | None] | None = None) -> Result:
    """Look at how much memory this process may take: its control group's limit, or the machine's."""
    read = read or _content
    told: dict[str, int] = {}
    for path in LIMITS:
        text = (read(path) or "").strip()
        if text.isdigit():
            told["its control group"] = int(text)
    found = re.search(r"MemTotal:\s+(\d+) kB", read("/proc/meminfo") or "")
    if found:
        told["the machine"] = int(found[1]) * 1024
    return least_memory(told)


def _content(path: str) -> str | None:
    try:
        return Path(path).read_text(encoding="ascii")
    except OSError:
        return None  # another system, or another version of control groups


def least_memory(limits: Mapping[str, int]) -> Result:
    """Judge the memory limits, by what sets them."""
    if not limits:
        return skipped("memory", "this system does not tell how much there is")
    who = min(limits, key=lambda name: limits[name])
    told = f"{limits[who] / GIB:.1f} GiB, by {who}"
    if limits[who] < LEAST_MEMORY:
        return warning("memory", told, "give the server 512 MiB or more (mem_limit, MemoryMax=)")
    return ok("memory", told)
