"""``argus run`` as the first process of a container: it does what is expected of that one."""

from __future__ import annotations

import subprocess
import sys

import outside
import pytest
from tools import missing

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="containers of this kind are Linux's")

CONTAINER = ("unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc")


@pytest.fixture(autouse=True, scope="module")
def _containers() -> None:
    try:
        subprocess.run([*CONTAINER, "true"], check=True, capture_output=True)
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        missing(f"this system makes no namespaces for us: {error}")


def test_it_waits_for_those_who_have_lost_their_parents(server) -> None:
    """A process that nobody waited for would stay in ``/proc`` when it has ended."""
    orphan = 'n=$(sh -c "sleep 0 >&- & echo \\$!")'
    awaited = f"{orphan}; for i in $(seq 1200); do [ -d /proc/$n ] || exit 7; sleep 0.05; done; exit 1"
    command = [*CONTAINER, *outside.ARGUS_RUN, "sh", "-c", awaited]
    answer = subprocess.run(command, check=False, capture_output=True, env=outside.environment(server.url))
    assert (answer.returncode, answer.stdout, answer.stderr) == (7, b"", b"")
