"""Which program it is, which are left alone, and the environment that the parent gives."""

from __future__ import annotations

import ast
import os
from pathlib import Path

import pytest

from argus import bootstrap
from argus.bootstrap.program import is_monitored, name
from argus.client import config
from argus.errors import ConfigError

SPAWN = "from multiprocessing.spawn import spawn_main; spawn_main(tracker_fd=5)"
TRACKER = "from multiprocessing.resource_tracker import main;main(7)"


@pytest.mark.parametrize(
    ("argv", "orig_argv", "expected"),
    [
        (["manage.py", "runserver"], ["python", "-u", "manage.py", "runserver"], "manage.py"),
        (
            ["/srv/env/bin/gunicorn", "shop:app"],
            ["/srv/env/bin/python", "/srv/env/bin/gunicorn", "shop:app"],
            "gunicorn",
        ),
        (["-m", "8000"], ["python", "-m", "http.server", "8000"], "http.server"),
        (["-m"], ["python", "-Wm", "-mpip"], "pip"),
        (["-m", "a"], ["python", "-Im", "pip", "a"], "pip"),
        (["-c", "-m"], ["python", "-c", "import shop", "-m"], "-c"),
        (["-c"], ["python", "-cimport shop"], "-c"),
        (["-c", "--multiprocessing-fork"], ["python", "-c", SPAWN, "--multiprocessing-fork"], "multiprocessing.spawn"),
        (["shop/"], ["python", "shop/"], "shop"),
        ([""], ["python"], ""),
        ([], [], ""),
    ],
)
def test_a_program_has_the_name_that_it_was_started_by(argv: list[str], orig_argv: list[str], expected: str) -> None:
    assert name([word.replace("/", os.sep) for word in argv], orig_argv) == expected


def test_tools_are_left_alone_and_programs_are_not() -> None:
    left = ["pip", "pip3.11", "argus", "venv", "black", "setup.py", "__pip-runner__.py", "pip._internal"]
    assert [each for each in left if is_monitored(each, {})] == []
    assert not is_monitored(name(["-c"], ["python", "-c", TRACKER]), {})
    programs = ["", "-c", "-", "manage.py", "gunicorn", "http.server", "black.py", "multiprocessing.spawn", "shop.venv"]
    assert [each for each in programs if not is_monitored(each, {})] == []


def test_a_user_decides_by_name() -> None:
    assert not is_monitored("migrate.py", {"ARGUS_RUN_SKIP": "seed.py, migrate.py"})
    only = {"ARGUS_RUN_ONLY": "gunicorn,pip", "ARGUS_RUN_SKIP": "gunicorn"}
    assert [each for each in ("gunicorn", "pip", "pip3", "manage.py", "-c") if is_monitored(each, only)] == [
        "gunicorn",
        "pip",
        "pip3",
    ]


def test_the_folder_stands_first_and_once_before_what_was_there() -> None:
    folder = bootstrap.FOLDER
    for before, after in ((None, folder), ("", folder), ("a", f"{folder}{os.pathsep}a"), (f"{os.pathsep}a", None)):
        environ = {} if before is None else {"PYTHONPATH": before}
        once = bootstrap.environment(environ)
        assert once["PYTHONPATH"] == (after or f"{folder}{os.pathsep}{before}")
        assert bootstrap.environment(once) == once  # argus run inside argus run


def test_the_environment_keeps_what_it_had_and_names_where_the_packages_are() -> None:
    given = bootstrap.environment({"HOME": "/home/me", "ARGUS_WITHOUT": "gc"}, ["databases"])
    assert given["HOME"] == "/home/me"
    assert config.SETTINGS["without"].read(given["ARGUS_WITHOUT"]) == {"gc", "databases", "machine"}
    folders = [Path(folder) for folder in given["ARGUS_RUN_PACKAGES"].split(os.pathsep)]
    assert [any((folder / name).is_dir() for folder in folders) for name in ("argus", "psutil")] == [True, True]


def test_the_folder_holds_nothing_that_could_hide_a_module() -> None:
    assert {path.stem for path in Path(bootstrap.FOLDER).iterdir()} - {"__pycache__"} == {"sitecustomize"}


def test_an_unknown_part_is_named_with_those_there_are() -> None:
    with pytest.raises(ConfigError, match=r"has 'disk'.*there are .*machine.*gc"):
        config.SETTINGS["without"].read("gc,disk")


def test_any_python_can_read_what_runs_first() -> None:
    ast.parse(Path(bootstrap.FOLDER, "sitecustomize.py").read_text("ascii"), feature_version=(3, 7))
