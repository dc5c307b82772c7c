"""Runs a few lines as a program of its own, monitored by a server: for what cannot be tested inside the test runner."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INIT = "argus.init(url=os.environ['URL'], api_key='k', flush_interval=3600, system_metrics=False)"


def run_program(program: str, url: str, *, timeout: float = 30, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the lines with ``INIT`` in them replaced by the call that starts monitoring; ``more`` are variables."""
    code = "import os, sys, time, argus\n" + textwrap.dedent(program).replace("INIT", INIT)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "URL": url, **more}
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=timeout, check=False
    )
