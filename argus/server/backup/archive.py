"""The file: a tar of parts, the manifest, and the manifest's checksum, written in one pass.

A part's size is known only after it is written, so its header is filled in afterwards. While it is written the file has
another name, so one that was cut short is never taken for a backup.
"""

from __future__ import annotations

import errno
import hashlib
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import msgspec
import zstandard

from argus.errors import StoreError, StoreUnavailable
from argus.server import data_folder
from argus.server.backup.manifest import FORMAT, Manifest, Part, Progress

UNFINISHED = ".unfinished"
MANIFEST = "manifest.json"
CHECKSUM = "manifest.json.sha256"
BLOCK = tarfile.BLOCKSIZE
PIECE = 1 << 20
LEVEL = 3
"""Of zstd: a quarter of the size of log lines, faster than most disks."""

PRIVATE = 0o600

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class PartWriter:
    """Takes the bytes of one part."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        """Add bytes."""
        self._hash.update(data)
        self.size += len(data)
        return self._file.write(data)

    @property
    def sha256(self) -> str:
        """The checksum of what was written."""
        return self._hash.hexdigest()


class Writing:
    """A backup that is being written. Without :meth:`finish` nothing of it stays."""

    def __init__(self, folder: Path, name: str, created_at: float) -> None:
        self._folder = folder
        self._path = folder / name
        self._created_at = created_at
        self._unfinished = folder / f"{name}{UNFINISHED}"
        descriptor = os.open(self._unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
        self._file = os.fdopen(descriptor, "wb")
        data_folder.hand_over(self._unfinished, folder)
        self._parts: list[Part] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            self._file.close()  # writes what is left, for which there may be no room
        finally:
            self._unfinished.unlink(missing_ok=True)

    def scratch(self, name: str) -> Path:
        """Return a path for a file that is needed for a while; who makes it removes it."""
        return self._folder / f"{self._path.name}.{name}{UNFINISHED}"

    @contextmanager
    def part(self, name: str) -> Iterator[PartWriter]:
        """Add a part as it is."""
        begin = self._file.tell()
        self._file.write(bytes(BLOCK))
        writer = PartWriter(self._file)
        yield writer
        self._file.write(bytes(-writer.size % BLOCK))
        end = self._file.tell()
        header = tarfile.TarInfo(name)
        header.size, header.mode, header.mtime = writer.size, PRIVATE, int(self._created_at)
        self._file.seek(begin)
        self._file.write(header.tobuf(tarfile.GNU_FORMAT))
        self._file.seek(end)
        self._parts.append(Part(name, writer.size, writer.sha256))

    @contextmanager
    def compressed(self, name: str) -> Iterator[IO[bytes]]:
        """Add a part compressed by zstd."""
        compressor = zstandard.ZstdCompressor(level=LEVEL)
        with self.part(name) as part, compressor.stream_writer(part, closefd=False) as stream:  # type: ignore[arg-type]  # it needs write alone
            yield stream

    def taken_parts(self) -> list[Part]:
        """Return the parts that were added since this was last asked."""
        taken, self._parts = self._parts, []
        return taken

    def finish(self, manifest: Manifest) -> Path:
        """Add the manifest, and let the file appear under its name when it is on the disk."""
        text = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
        for name, body in ((MANIFEST, text), (CHECKSUM, f"{hashlib.sha256(text).hexdigest()}  {MANIFEST}\n".encode())):
            with self.part(name) as part:
                part.write(body)
        self._file.write(bytes(2 * BLOCK))
        self._file.flush()
        os.fsync(self._file.fileno())
        self._unfinished.rename(self._path)
        flush_folder(self._folder)
        return self._path


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Say in our words that a disk is full or fails."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StoreUnavailable(f"the disk of {folder} is full; make room: what was begun is given up") from error
        raise StoreError(f"{folder} could not be read or written: {error}") from error


def flush_folder(folder: Path) -> None:
    """Return when the folder's names are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Archive:
    """A backup that is read. Opening it reads the manifest and checks that; :meth:`verify` checks the rest."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._tar = tarfile.open(path, "r:")  # noqa: SIM115  # closed by close()
        except FileNotFoundError:
            raise StoreError(f"there is no file {path}") from None
        except (OSError, tarfile.TarError) as error:
            raise StoreError(f"{path} cannot be read as a backup of Argus: {error}") from error
        try:
            self.manifest = self._manifest()
        except BaseException:
            self._tar.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._tar.close()

    def _manifest(self) -> Manifest:
        try:
            names = self._tar.getnames()
            if names[-2:] != [MANIFEST, CHECKSUM]:
                raise StoreError(f"{self.path} is no whole backup of Argus: it does not end with its manifest")
            text, said = self._bytes(MANIFEST), self._bytes(CHECKSUM).decode("ascii", "replace").partition(" ")[0]
        except (OSError, tarfile.TarError) as error:
            raise StoreError(f"{self.path} is damaged: {error}; nothing was changed") from error
        if hashlib.sha256(text).hexdigest() != said:
            raise StoreError(f"{self.path} is damaged: {MANIFEST} does not match its checksum; nothing was changed")
        version = msgspec.json.decode(text).get("format")
        if version != FORMAT:
            raise StoreError(
                f"{self.path} has format {version}; this Argus reads {FORMAT}: use the Argus that wrote it"
            )
        manifest = msgspec.json.decode(text, type=Manifest)
        parts = [part.name for facts in manifest.stores.values() for part in facts.parts]
        if names != [*parts, MANIFEST, CHECKSUM]:
            raise StoreError(f"{self.path} does not hold what its manifest lists; nothing was changed")
        return manifest

    def _bytes(self, name: str) -> bytes:
        with self._open(name) as file:
            return file.read()

    def _open(self, name: str) -> IO[bytes]:
        file = self._tar.extractfile(name)
        if file is None:
            raise tarfile.ReadError(f"{name} is no file")
        return file

    def verify(self, progress: Progress) -> None:
        """Read everything and compare the checksums. Raises :class:`StoreError`."""
        done = 0
        for part in (part for facts in self.manifest.stores.values() for part in facts.parts):
            found = hashlib.sha256()
            for piece in self.pieces(part.name):
                found.update(piece)
                done += len(piece)
                progress("checking the file", done, self.manifest.size)
            if found.hexdigest() != part.sha256:
                raise StoreError(
                    f"{self.path} is damaged: {part.name} does not match its checksum; nothing was changed"
                )

    def pieces(self, name: str) -> Iterator[bytes]:
        """Yield a part as it is."""
        try:
            with self._open(name) as file:
                while piece := file.read(PIECE):
                    yield piece
        except (OSError, tarfile.TarError) as error:
            raise StoreError(f"{self.path} is damaged at {name}: {error}") from error

    def decompressed(self, name: str) -> Iterator[bytes]:
        """Yield what a compressed part holds."""
        try:
            with self._open(name) as file:
                yield from zstandard.ZstdDecompressor().read_to_iter(file, write_size=PIECE)
        except (OSError, tarfile.TarError, zstandard.ZstdError) as error:
            raise StoreError(f"{self.path} is damaged at {name}: {error}") from error
