"""What an executable file is, as far as preloading a library into it is concerned."""

from __future__ import annotations

import mmap
import os
import shutil
import stat
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ELF = b"\x7fELF"
SCRIPT = b"#!"
CLASS_64 = 2
INTERPRETER = 3
"""The kind of the segment that names the loader."""

_IDENTITY = struct.Struct("=4sBBBBB7xHHI")
_LOCATIONS = struct.Struct("=QQQIHHHHHH")
_SEGMENT = struct.Struct("=IIQQQQQQ")
_LONGEST_LINE = 256

GLIBC_LOADERS = ("ld-linux", "ld64.so", "ld.so")


class Segment(NamedTuple):
    """A part of the file."""

    kind: int
    offset: int


class Elf:
    """A 64-bit executable or library of this machine's byte order. Raises ``ValueError`` where the file is none."""

    def __init__(self, content: bytes | mmap.mmap) -> None:
        if len(content) < _IDENTITY.size + _LOCATIONS.size or content[:4] != ELF:
            raise ValueError("no program of this machine's kind")
        identity = _IDENTITY.unpack_from(content)
        self.wide = identity[1] == CLASS_64
        self.machine: int = identity[7]
        self._content = content
        self.segments = list(self._read_segments()) if self.wide else []

    def _read_segments(self) -> Iterator[Segment]:
        _, start, _, _, _, size, count, *_ = _LOCATIONS.unpack_from(self._content, _IDENTITY.size)
        for i in range(count):
            kind, _, offset, *_ = _SEGMENT.unpack_from(self._content, start + i * size)
            yield Segment(kind, offset)

    @property
    def loader(self) -> str | None:
        """The program that loads this one and its libraries; ``None`` where it is linked statically."""
        found = next((segment for segment in self.segments if segment.kind == INTERPRETER), None)
        return None if found is None else self._text(found.offset)

    def _text(self, offset: int) -> str:
        return self._content[offset : self._content.find(b"\0", offset)].decode("utf-8", "replace")


def why_not(command: str, library: Path) -> str | None:
    """Return why ``library`` cannot be preloaded into a command, ``None`` where it can or there is no such command."""
    found = shutil.which(command)
    if found is None:
        return None
    try:
        program = _behind_scripts(Path(found))
        return _why_not(program, Elf(_content(program)), Elf(_content(library)))
    except (OSError, ValueError, struct.error) as error:
        return f"{found} cannot be looked into: {error}"


def _why_not(path: Path, program: Elf, library: Elf) -> str | None:
    if (program.wide, program.machine) != (library.wide, library.machine):
        return f"{path} is built for another kind of processor than Argus' library" + (
            "" if program.wide else " (32 bits)"
        )
    if program.loader is None:
        return f"{path} is linked statically"
    if not Path(program.loader).name.startswith(GLIBC_LOADERS):
        return f"{path} is not linked with glibc but loaded by {program.loader}"
    if privileged(path):
        return f"{path} gets other rights than its caller's (setuid, setgid or capabilities)"
    return None


def privileged(path: Path) -> bool:
    """Return whether the loader ignores what is to be preloaded, for the program may do more than its caller."""
    if path.stat().st_mode & (stat.S_ISUID | stat.S_ISGID):
        return True
    try:
        return bool(os.getxattr(path, "security.capability"))
    except OSError:  # none, or a file system without
        return False


def _content(path: Path) -> mmap.mmap:
    """Return the file, of which only what is asked for is read."""
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _behind_scripts(path: Path) -> Path:
    """Return the program that runs a script; a script of a script at most, as the kernel allows few."""
    for _ in range(4):
        with path.open("rb") as file:
            line = file.read(_LONGEST_LINE).partition(b"\n")[0]
        if not line.startswith(SCRIPT):
            return path
        words = line[len(SCRIPT) :].decode("utf-8", "replace").split()
        if not words:
            return path
        path = Path(words[0])
    return path
