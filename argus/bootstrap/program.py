"""Which Python program this is, and whether it is one to monitor. Pure; loaded from its file, before Argus is."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

SKIPPED = frozenset(
    {
        "argus",  # monitors itself
        "black",
        "compileall",
        "ensurepip",
        "flake8",
        "isort",
        "mypy",
        "pip",
        "__pip-runner__.py",  # pip's helpers
        "_in_process.py",
        "pipx",
        "py_compile",
        "pylint",
        "setup.py",
        "venv",
        "virtualenv",
    }
)
"""Tools that programs and people start beside the program that is watched."""

HELPER = ".resource_tracker"
"""What ``multiprocessing`` starts to clean up behind a program."""


def name(argv: Sequence[str], orig_argv: Sequence[str]) -> str:
    """Return what runs: ``manage.py``, ``gunicorn``, ``http.server`` (of ``-m``), ``-c``, or nothing for a terminal.

    Before the program runs ``argv`` begins with the script, ``-m`` or ``-c``; the word after that is in ``orig_argv``.
    """
    first = argv[0] if argv else ""
    if first not in {"-m", "-c"}:
        return os.path.basename(first.rstrip(os.sep)).removesuffix(".exe")
    word = orig_argv[len(orig_argv) - len(argv)]
    if word.startswith("-") and first[1] in word:  # -mpip, -Impip, -cpass
        word = word.partition(first[1])[2]
    if first == "-m":
        return word
    words = word.split(maxsplit=3)  # from multiprocessing.spawn import spawn_main; …
    return words[1] if len(words) > 3 and (words[0], words[2]) == ("from", "import") else "-c"  # noqa: PLR2004  # see above


def is_monitored(name: str, environ: Mapping[str, str]) -> bool:
    """Return whether a program is monitored, by its name: ``ARGUS_RUN_ONLY``, else ``ARGUS_RUN_SKIP`` and our list."""
    called = {name, name.rstrip("0123456789.")}  # pip3.11
    if not name.endswith(".py"):
        called.add(name.partition(".")[0])  # a module of a package
    only = _names(environ, "ARGUS_RUN_ONLY")
    if only:
        return not only.isdisjoint(called)
    return called.isdisjoint(SKIPPED | _names(environ, "ARGUS_RUN_SKIP")) and not name.endswith(HELPER)


def _names(environ: Mapping[str, str], variable: str) -> frozenset[str]:
    return frozenset(name.strip() for name in environ.get(variable, "").split(",") if name.strip())
