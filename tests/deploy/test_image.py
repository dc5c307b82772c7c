"""The image's Dockerfile, its steps run for real: what it makes serves, without root, without writing anywhere else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHECK = """
test "$(id -un)" = argus
if touch /hello 2>/dev/null; then echo "the root file system can be written"; exit 1; fi
ARGUS_ADMIN_PASSWORD='peacock feathers' argus serve --port 8000 > /tmp/said 2>&1 &
server=$!
for attempt in $(seq 1200); do grep -q 'Argus is watching' /tmp/said && break; sleep 0.1; done
eval "$HEALTHCHECK"
python -c "import urllib.request as u; assert b'id=\\"root\\"' in u.urlopen('http://127.0.0.1:8000/').read()"
python -c "import argus; print('backend', type(argus.counter('x')).__module__)"
argus app create shop --json
kill -TERM $server
wait $server
"""


@pytest.mark.timeout(1200)
def test_every_step_builds_and_the_image_serves_as_a_user_without_rights(tmp_path: Path) -> None:
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("needs root and unshare: mounts an overlay over this machine's system")
    context = tmp_path / "context"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(context)], check=True)
    command = [sys.executable, str(Path(__file__).parent / "rehearse.py"), str(context / "Dockerfile"), CHECK]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    assert "backend argus.aggregate._native" in done.stdout
    assert '"app_id": "shop"' in done.stdout
