"""``make demo``: the server, and a snake game on autopilot that reports to it.

Uses the server that already answers on the port, or starts one. Ctrl-C ends everything this program started.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

START_SECONDS = 30
APP = "snake"


def answers(url: str) -> bool:
    """Return whether an Argus server is alive at ``url``."""
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=1) as answer:  # noqa: S310  # loopback
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@contextlib.contextmanager
def server(url: str, port: int, data: Path) -> Iterator[None]:
    """Keep a server running for the length of the block, unless one already is."""
    if answers(url):
        print(f"using the server at {url}")
        yield
        return
    command = [sys.executable, "-m", "argus", "serve", "--port", str(port), "--data", str(data)]
    process = subprocess.Popen(command)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not answers(url):
            if process.poll() is not None:
                sys.exit(f"argus serve ended with status {process.returncode}")
            if time.monotonic() > deadline:
                sys.exit(f"argus serve did not answer on {url} within {START_SECONDS} s")
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(timeout=10)


def api_key(data: Path) -> str:
    """Return a key of the application ``snake``, registering it the first time."""
    argus = [sys.executable, "-m", "argus", "app"]
    listed = subprocess.run([*argus, "list", "--json", "--data", str(data)], check=True, capture_output=True, text=True)
    known = {app["app_id"] for app in json.loads(listed.stdout)}
    verb = ["rotate-key", APP] if APP in known else ["create", APP]
    made = subprocess.run([*argus, *verb, "--json", "--data", str(data)], check=True, capture_output=True, text=True)
    return str(json.loads(made.stdout)["api_key"])


def main() -> int:
    """Run the demo until it is interrupted."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--data", type=Path, default=Path("argus-data"))
    options = parser.parse_args()
    url = f"http://127.0.0.1:{options.port}"
    with server(url, options.port, options.data):
        print(f"\nThe snake plays by itself. Watch its score: {url}/metrics?app={APP}\nCtrl-C ends the demo.\n")
        environment = os.environ | {
            "ARGUS_URL": url,
            "ARGUS_APP_ID": APP,
            "ARGUS_API_KEY": api_key(options.data),
        }
        with contextlib.suppress(KeyboardInterrupt):
            return subprocess.run(
                [sys.executable, "-m", "examples.snake", "--autopilot"], env=environment, check=False
            ).returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
