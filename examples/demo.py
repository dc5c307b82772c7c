"""``make demo``: the server, and two programs that report to it: a snake on autopilot, and a flight over a terrain.

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

import psutil

from examples.terrain import build as terrain

START_SECONDS = 30


def answers(url: str) -> bool:
    """Return whether an Argus server is alive at ``url``."""
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=1) as answer:  # noqa: S310  # loopback
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def listens(data: Path, port: int) -> bool:
    """Return whether the server that has the data folder is the one that listens on the port."""
    try:
        owner = psutil.Process(int((data / "argus.lock").read_text()))
        found = owner.net_connections("tcp")
    except (OSError, ValueError, psutil.Error):
        return False
    return any(one.status == psutil.CONN_LISTEN and one.laddr.port == port for one in found)


@contextlib.contextmanager
def server(url: str, port: int, data: Path) -> Iterator[None]:
    """Keep a server running for the length of the block, unless one already is."""
    if answers(url):
        if not listens(data, port):  # a key that is made there would be refused here, and one that is used would end
            sys.exit(f"the server at {url} has another data folder than {data}: name its own, or another port")
        print(f"using the server at {url}")
        yield
        return
    command = [sys.executable, "-m", "argus", "serve", "--port", str(port), "--data", str(data)]
    process = subprocess.Popen(command, start_new_session=True)  # Ctrl-C is not for it: the programs end first
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


def api_key(app_id: str, data: Path) -> str:
    """Return a key of the application, registering it the first time."""
    argus = [sys.executable, "-m", "argus", "app"]
    listed = subprocess.run([*argus, "list", "--json", "--data", str(data)], check=True, capture_output=True, text=True)
    known = {app["app_id"] for app in json.loads(listed.stdout)}
    verb = ["rotate-key", app_id] if app_id in known else ["create", app_id]
    made = subprocess.run([*argus, *verb, "--json", "--data", str(data)], check=True, capture_output=True, text=True)
    return str(json.loads(made.stdout)["api_key"])


def environment(app_id: str, url: str, data: Path) -> dict[str, str]:
    """Return what a program needs to report as ``app_id``."""
    return os.environ | {"ARGUS_URL": url, "ARGUS_APP_ID": app_id, "ARGUS_API_KEY": api_key(app_id, data)}


@contextlib.contextmanager
def flying(url: str, data: Path) -> Iterator[None]:
    """Keep the terrain flying for the length of the block, where it can be built."""
    print("building the terrain; the first time takes a minute")
    try:
        command = terrain.flight()
    except terrain.Missing as missing:
        print(f"no terrain: {missing}")
        yield
        return
    with subprocess.Popen(command, env=environment("terrain", url, data), start_new_session=True) as process:
        try:
            print(f"The terrain flies by itself. Watch its frames: {url}/metrics?app=terrain")
            yield
        finally:
            terrain.end(process)


def main() -> int:
    """Run the demo until it is interrupted."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--data", type=Path, default=Path("argus-data"))
    options = parser.parse_args()
    url = f"http://127.0.0.1:{options.port}"
    with server(url, options.port, options.data), flying(url, options.data):
        print(f"The snake plays by itself. Watch its score: {url}/metrics?app=snake\nCtrl-C ends the demo.\n")
        with contextlib.suppress(KeyboardInterrupt):
            return subprocess.run(
                [sys.executable, "-m", "examples.snake", "--autopilot"],
                env=environment("snake", url, options.data),
                check=False,
            ).returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
