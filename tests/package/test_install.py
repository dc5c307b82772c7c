"""Installed the way a user installs it, Argus brings what it says and works."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import urllib.request
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest
from tools import missing

ROOT = Path(__file__).resolve().parents[2]
BASE = {"argus-monitor", "psutil", "ujson"}

pytestmark = pytest.mark.timeout(600)
"""Seconds: an environment is made, and packages are fetched and built, beside everything else that is tested."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``pip install`` makes of a checkout before it installs that; once for both environments."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    tracked = (
        subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    )
    for name in filter(None, tracked):
        if (ROOT / name).exists() and not name.startswith("tests/"):
            target = source / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)
    pip("wheel", "--no-deps", "--wheel-dir", folder, source)
    (made,) = folder.glob("*.whl")
    return made


def pip(*words: str | Path) -> str:
    # Compiled is what is imported: most of what is installed never is.
    environment = {**os.environ, "PIP_COMPILE": "0"}
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *map(str, words)]
    return subprocess.run(command, check=True, env=environment, stdout=subprocess.PIPE, text=True).stdout


def make_environment(folder: Path, requirement: str) -> Path:
    """Return the ``bin`` of a new virtual environment with the project in it."""
    venv.create(folder, with_pip=False)
    tools = folder / "bin"
    pip("--python", tools / "python", "install", "--quiet", requirement)
    return tools


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Path:
    return make_environment(tmp_path_factory.mktemp("base"), str(wheel))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Path:
    return make_environment(tmp_path_factory.mktemp("server"), f"{wheel}[server]")


@pytest.fixture
def running(server: Path, tmp_path: Path) -> Iterator[str]:
    """The address of an ``argus serve`` of the installed package."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [server / "argus", "serve", "--port", str(port), "--data", tmp_path / "data"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if str(port) in line:
            break
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.communicate(timeout=60)
    assert process.returncode == 0


def test_the_base_install_brings_only_what_the_sdk_needs(base: Path) -> None:
    listed = json.loads(pip("--python", base / "python", "list", "--format=json"))
    assert {package["name"].lower() for package in listed} == BASE


def test_the_base_install_records_with_the_native_extension(base: Path, tmp_path: Path) -> None:
    program = (
        "import argus\n"
        "argus.increment('orders', 2)\n"
        "window = argus.snapshot()\n"
        "print(type(argus.counter('orders')).__module__, window.counters.sum)\n"
    )
    answer = subprocess.run([base / "python", "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert answer.stdout.split() == ["argus.aggregate._native", "[2.0]"]


def test_the_base_install_brings_what_python_programs_start_with(base: Path, tmp_path: Path) -> None:
    program = "from argus import bootstrap; print(bootstrap.environment({})['PYTHONPATH'])"
    answer = subprocess.run([base / "python", "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert (Path(answer.stdout.strip()) / "sitecustomize.py").is_file()


def test_the_base_install_brings_the_library_that_is_preloaded(base: Path, tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from argus.run.inside import Inside\n"
        "inside = Inside(Path(sys.argv[1]))\n"
        "print(inside.why_not('/bin/sh'), *inside.environment({}))\n"
    )
    command = [str(base / "python"), "-c", program, str(tmp_path)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert answer.stdout.split() == ["None", "LD_PRELOAD", "ASAN_OPTIONS", "ARGUS_RUN_DIR"]


def test_serving_without_the_server_extra_names_the_remedy(base: Path, tmp_path: Path) -> None:
    answer = subprocess.run([base / "argus", "serve"], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert answer.returncode != 0
    assert "argus-monitor[server]" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_the_server_extra_serves_with_its_dashboard(running: str) -> None:
    with urllib.request.urlopen(f"{running}/healthz", timeout=60) as answer:
        assert answer.status == 200
    if shutil.which("npm") is None:
        missing("no npm on this system: the package was built without the dashboard")
    with urllib.request.urlopen(running, timeout=60) as answer:
        assert '<div id="root">' in answer.read().decode()
