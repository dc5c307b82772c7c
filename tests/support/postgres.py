"""A real PostgreSQL of the tests' own: made in a temporary folder, stopped, killed and started as a test likes."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

PASSWORD = "peacock:feather@7"
"""Of the superuser ``argus``; it needs escaping in a URL."""

ESCAPED = "peacock%3Afeather%407"
MISSING = "PostgreSQL's initdb is missing; on Debian: apt-get install postgresql"


def binaries() -> Path | None:
    """Return the folder of the server's programs: on the PATH, or where Debian puts the newest."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).parent
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return debian[-1].parent if debian else None


def hand_over(folder: Path) -> None:
    """Give a folder to the user that PostgreSQL runs as."""
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)


class Postgres:
    """One cluster on a free port of 127.0.0.1, with fsync on if not told otherwise.

    PostgreSQL refuses root: then it runs as ``postgres``.
    """

    def __init__(self, folder: Path, **settings: str) -> None:
        found = binaries()
        if found is None:
            pytest.skip(MISSING)
        self._binaries = found
        self._data = folder / "data"
        self._log = folder / "log"
        self._names = (f"t{number}" for number in itertools.count())
        self._user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []
        hand_over(folder)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        secret = folder / "password"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        options = ("--username=argus", f"--pwfile={secret}", "--auth=scram-sha-256", "--encoding=UTF8")
        self._run("initdb", "--no-sync", *options)
        chosen = {
            "port": str(self.port),
            "unix_socket_directories": "''",
            "listen_addresses": "'127.0.0.1'",
            **settings,
        }
        with (self._data / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = {value}\n" for name, value in chosen.items())
        self.start()

    def start(self) -> None:
        """Start it, and return when it answers."""
        self._run("pg_ctl", "start", "--wait", f"--log={self._log}")

    def stop(self, mode: str = "fast") -> None:
        """Stop it; connections end."""
        self._run("pg_ctl", "stop", "--wait", f"--mode={mode}")

    def pid(self) -> int:
        """Return the main process, whose children the others are."""
        return int((self._data / "postmaster.pid").read_text().split()[0])

    def kill(self) -> None:
        """Kill every process of it at once, as when the machine loses power."""
        main = self.pid()
        os.kill(main, signal.SIGSTOP)  # so that it starts no other in the place of one that is killed
        children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
        for process in (*map(int, children), main):
            os.kill(process, signal.SIGKILL)
        while Path(f"/proc/{main}").exists():
            time.sleep(0.01)

    def url(self, database: str = "postgres", *, schema: str = "", user: str = "argus", password: str = ESCAPED) -> str:
        """Return the address of a database, or of one schema in it."""
        options = f"?options=-csearch_path%3D{schema}" if schema else ""
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}{options}"

    def new_schema(self) -> str:
        """Return the address of an empty place: a schema that nobody else uses."""
        name = next(self._names)
        with self.connect() as connection:
            connection.execute(f"CREATE SCHEMA {name}")
        return self.url(schema=name)

    def new_database(self) -> str:
        """Return the address of an empty database."""
        name = next(self._names)
        with self.connect() as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    @contextmanager
    def connect(self) -> Iterator[psycopg.Connection]:
        """Connect as the superuser; every statement is its own transaction."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            yield connection

    def _run(self, program: str, *options: str) -> None:
        command = [*self._user, str(self._binaries / program), f"--pgdata={self._data}", *options]
        # Not captured: the server that pg_ctl starts would hold the pipe open.
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(command, cwd="/", stdout=output, stderr=output, check=False, timeout=60)
            output.seek(0)
            assert done.returncode == 0, output.read().decode()


@contextmanager
def running(**settings: str) -> Iterator[Postgres]:
    """Run a cluster of its own; nothing of it stays."""
    with tempfile.TemporaryDirectory(prefix="argus-postgres-") as folder:
        made = Postgres(Path(folder), **settings)
        try:
            yield made
        finally:
            made.stop("immediate")
