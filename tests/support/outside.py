"""``argus run`` as a user starts it, with a server that listens; and the program that does what is asked of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "tests" / "run" / "program.c"
ARGUS_RUN = (sys.executable, "-m", "argus", "run")


def environment(url: str | None = None, **more: str) -> dict[str, str]:
    """Return an environment in which a server is known, or none."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("ARGUS_", "PYTHON"))}
    known = {"ARGUS_URL": url, "ARGUS_API_KEY": "k"} if url is not None else {}
    return {**bare, "PYTHONPATH": str(ROOT), **known, **more}


def run(url: str | None, *command: str, **more: Any) -> subprocess.CompletedProcess[bytes]:
    """Run a command under ``argus run`` and return what it printed."""
    options = {"capture_output": True, "timeout": 60, "env": environment(url), **more}
    return subprocess.run([*ARGUS_RUN, *command], check=False, **options)


def build(folder: Path) -> str:
    """Compile the program and return its path."""
    program = folder / "program"
    subprocess.run(["cc", "-o", program, SOURCE], check=True)
    return str(program)


def gauges(server: Any, name: str) -> list[float]:
    """Return the last values of a gauge, in the order in which they were stored."""
    return [
        last
        for path, content in server.stored
        if path.endswith("metrics") and "gauges" in content
        for key, last in zip(content["gauges"]["keys"], content["gauges"]["last"], strict=True)
        if key.partition("{")[0] == name
    ]
