"""The systemd unit, read by systemd itself."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tools import missing

ROOT = Path(__file__).resolve().parents[2]


def test_systemd_has_nothing_to_say_against_the_unit(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        missing("systemd-analyze is missing; on Debian: apt-get install systemd")
    unit = tmp_path / "argus.service"
    program = tmp_path / "argus"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    unit.write_text((ROOT / "deploy/argus.service").read_text().replace("/opt/argus/bin/argus", str(program)))
    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
