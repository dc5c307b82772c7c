"""The import direction of the house, and that every module imports alone."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted((ROOT / "argus").rglob("*.py"))

FORBIDDEN = {
    "argus/errors.py": ("argus.client", "argus.server", "argus.aggregate", "argus.wire"),
    "argus/wire": ("argus.client", "argus.server"),
    "argus/aggregate": ("argus.client", "argus.server"),
    "argus/client": (
        "argus.server",
        "argus.run",
        "argus.instrument",
        *("numpy", "aiohttp", "urllib3", "sqlite3", "psycopg"),
    ),
    "argus/instrument": ("argus.server", "numpy", "flask", "django", "aiohttp", "urllib3", "sqlite3", "psycopg"),
    "argus/run": ("argus.server", "numpy", "aiohttp", "urllib3", "sqlite3", "psycopg"),
    "argus/bootstrap": ("argus.server", "argus.run", "numpy", "aiohttp", "urllib3", "sqlite3", "psycopg"),
    "argus/server": ("argus.client", "argus.run"),
}
"""Room → what no file in it may import."""


def imported_names(path: Path) -> Iterator[tuple[int, str]]:
    """Yield every module a file imports, wherever in the file, with its line."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


@pytest.mark.parametrize("room", FORBIDDEN)
def test_no_room_imports_what_stands_above_it(room: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in MODULES
        if str(path.relative_to(ROOT)).startswith(room)
        for line, name in imported_names(path)
        if any(name == banned or name.startswith(f"{banned}.") for banned in FORBIDDEN[room])
    ]
    assert wrong == []


def module_name(path: Path) -> str:
    """``argus/client/client.py`` → ``argus.client.client``."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


IMPORTED = {module_name(path): path for path in MODULES if path.stem not in {"__main__", "cffi_build", "sitecustomize"}}


@cache
def needed_by(name: str) -> set[str]:
    """Return the modules of the house that a module may import, with the packages that they and it are in."""
    wanted = [found.split(".") for found in (name, *(found for _, found in imported_names(IMPORTED[name])))]
    with_packages = {".".join(parts[:count]) for parts in wanted for count in range(1, len(parts) + 1)}
    return (with_packages & IMPORTED.keys()) - {name}


def imports_itself(name: str) -> bool:
    """Return whether a module is needed by one that it needs: only then does it matter which is imported first."""
    seen: set[str] = set()
    left = [name]
    while left:
        new = needed_by(left.pop()) - seen
        seen |= new
        left += new
    return name in seen


def test_every_module_imports_alone_whatever_came_before() -> None:
    first = [name for name in IMPORTED if imports_itself(name)]
    assert first, "the packages at least: they import what is in them"
    program = (
        "import importlib, sys\n"
        "for name in sys.argv[1].split():\n"
        "    for loaded in [m for m in sys.modules if m.split('.')[0] == 'argus' and '._' not in m]:\n"
        "        del sys.modules[loaded]\n"
        "    importlib.import_module(name)\n"
        "for name in sys.argv[2].split():\n"
        "    importlib.import_module(name)\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program, " ".join(first), " ".join(IMPORTED)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
