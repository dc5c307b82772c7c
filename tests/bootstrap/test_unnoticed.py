"""What a program finds is what it would have found: path, modules, its own sitecustomize; nothing of ours fails it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from argus import bootstrap

PATHS = [os.environ.get("PATH", ""), *(str(path) for path in Path.home().glob(".pyenv/versions/*/bin"))]

LOOK = """
import gc, json, signal, sys, threading, warnings
def found(name):
    try:
        return __import__(name).__name__
    except ImportError:
        return None
hooks = (sys.excepthook is sys.__excepthook__, threading.excepthook is threading.__excepthook__)
mask = [int(number) for number in signal.pthread_sigmask(signal.SIG_BLOCK, [])]
strangers = sorted(name for name in sys.modules if name.split(".")[0] in
                   {"argus", "psutil", "ujson", "numpy", "sitecustomize", "usercustomize"})
print(json.dumps({
    "path": sys.path, "argv": sys.argv, "flags": str(sys.flags), "hooks": hooks, "mask": mask, "strangers": strangers,
    "filters": [str(each) for each in warnings.filters], "handlers": len(__import__("logging").root.handlers),
    "found": [found(name) for name in ("argus", "psutil", "ujson", "numpy", "sitecustomize", "usercustomize")],
}))
"""


def plainly(watched, python: Path, *words: str, **more: str) -> dict[str, object]:
    """What the program finds without us."""
    ours = watched.environment(**more)
    environment = {name: value for name, value in ours.items() if not name.startswith("ARGUS_")}
    path = [part for part in ours["PYTHONPATH"].split(os.pathsep) if part != bootstrap.FOLDER]
    environment["PYTHONPATH"] = os.pathsep.join(path)
    out = subprocess.run(
        [python, *words], cwd=watched.folder, env=environment, capture_output=True, text=True, check=True
    )
    return json.loads(out.stdout)


@pytest.mark.parametrize(
    "words",
    [
        ["look.py", "a", "-m"],
        ["-m", "look", "a"],
        ["-c", LOOK, "a"],
        ["tool"],
        ["-P", "look.py"],
        ["-s", "look.py"],
        ["app.pyz"],
    ],
    ids=["script", "module", "command", "console script", "safe path", "no user site", "zipapp"],
)
def test_a_program_without_argus_finds_what_it_would_have_found(watched, bare, words) -> None:
    watched.write("look.py", LOOK)
    watched.write("tool", f"#!{bare}\n{LOOK}").chmod(0o755)
    watched.write("packed/__main__.py", LOOK)
    shutil.make_archive(str(watched.folder / "app"), "zip", watched.folder / "packed")
    (watched.folder / "app.zip").rename(watched.folder / "app.pyz")
    answer = watched.run(bare, *words)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert json.loads(answer.stdout) == plainly(watched, bare, *words)


@pytest.mark.parametrize("flag", ["-I", "-E", "-S"])
def test_where_python_takes_no_path_or_no_site_the_program_runs_as_ever(watched, bare, flag) -> None:
    watched.write("plain.py", "print('here')")
    answer = watched.run(bare, flag, "plain.py")
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "here\n", "")


def test_a_program_without_argus_is_monitored(watched, bare) -> None:
    answer = watched.run(bare, "-c", "import logging; logging.warning('from afar')")
    assert (answer.returncode, answer.stderr) == (0, "WARNING:root:from afar\n")
    assert watched.messages() == ["from afar"]
    assert {"process.memory_rss", "argus.client.series"} <= watched.series()
    assert "cpu_percent" not in watched.series()  # the machine is the parent's


def test_the_programs_own_sitecustomize_runs_and_its_own_argus_is_its_own(watched, bare) -> None:
    watched.write("lib/sitecustomize.py", "import sys; sys.was_here = True; print('custom')")
    watched.write("argus.py", "answer = 42")
    watched.write("psutil.py", "raise ImportError('this one is broken')")
    watched.write("look.py", """
        import logging, sys, argus
        assert sys.was_here and sys.modules["sitecustomize"].__file__.endswith("lib/sitecustomize.py")
        try:
            import psutil
        except ImportError as error:
            print(error, argus.answer)
        logging.error("both")
    """)  # fmt: skip
    answer = watched.run(bare, "look.py", PYTHONPATH="lib")
    assert (answer.returncode, answer.stdout) == (0, "custom\nthis one is broken 42\n")
    assert watched.messages() == ["both"]


def test_a_sitecustomize_that_fails_fails_as_ever(watched, bare) -> None:
    watched.write("lib/sitecustomize.py", "1 / 0")
    answer = watched.run(bare, "-c", "print('runs')", PYTHONPATH="lib")
    assert (answer.returncode, answer.stdout) == (0, "runs\n")
    assert answer.stderr.startswith("Error in sitecustomize; set PYTHONVERBOSE for traceback:\nZeroDivisionError")


def test_scripts_named_like_the_standard_library_are_not_run_by_us(watched, bare) -> None:
    watched.write("email.py", "print('mail sent')")
    watched.write("random.py", "print('another script')")
    answer = watched.run(bare, watched.write("hello.py", "import logging; logging.error('hello')"))
    assert (answer.returncode, answer.stdout) == (0, "")
    assert watched.messages() == ["hello"]


@pytest.mark.parametrize("version", ["2.7", "3.8", "3.12", "3.13"])
def test_other_pythons_are_monitored_or_say_once_that_they_are_not(watched, version) -> None:
    python = shutil.which(f"python{version}", path=os.pathsep.join(PATHS[1:]))
    if python is None:
        pytest.skip(f"no Python {version} here")
    program = "import logging; logging.warning('hello'); print('end')"
    first, second = (watched.run(python, "-c", program, ARGUS_LOG_LEVEL="WARNING") for _ in range(2))
    assert (first.returncode, first.stdout) == (0, "end\n")
    if version in {"2.7", "3.8"}:
        assert f"argus: Argus needs Python 3.11 or newer; this one, {version}, runs unmonitored\n" in first.stderr
        assert "argus" not in second.stderr
        return
    assert first.stderr == "WARNING:root:hello\n"
    assert watched.messages() == ["hello", "hello"]
    assert "process.memory_rss" in watched.series()


def test_a_fork_is_warned_about_only_for_threads_of_the_program(watched) -> None:
    python = shutil.which("python3.12", path=os.pathsep.join(PATHS[1:]))
    if python is None:
        pytest.skip("no Python 3.12 here")
    fork = "import os\nchild = os.fork()\nif not child: os._exit(0)\nos.waitpid(child, 0)\n"
    thread = "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n"
    assert watched.run(python, "-c", fork).stderr == ""
    assert "multi-threaded" in watched.run(python, "-c", thread + fork).stderr


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (
            {"ARGUS_RUN_PACKAGES": "/nowhere"},
            "argus: the program runs unmonitored: ModuleNotFoundError: No module named",
        ),
        ({"ARGUS_URL": ""}, "argus: no server: ARGUS_URL is not set; the program runs unmonitored"),
        ({"ARGUS_API_KEY": "a key"}, "argus: ARGUS_API_KEY must be the key as the server showed it"),
    ],
    ids=["packages gone", "no server", "wrong key"],
)
def test_what_fails_is_one_line_and_the_program_runs(watched, bare, broken, said) -> None:
    environment = {**watched.environment(), **broken}
    answer = subprocess.run(
        [bare, "-c", "print('runs')"], env=environment, capture_output=True, text=True, check=False, timeout=30
    )
    assert (answer.returncode, answer.stdout, answer.stderr.count("\n")) == (0, "runs\n", 1)
    assert answer.stderr.startswith(said)


def test_what_is_wrong_for_all_processes_is_said_once(watched, bare) -> None:
    first, second = (watched.run(bare, "-c", "pass", ARGUS_TAGS="no pair") for _ in range(2))
    assert first.stderr.startswith("argus: ARGUS_TAGS must look like env=prod,zone=a")
    assert (first.stderr.count("\n"), second.stderr) == (1, "")


def test_what_monitoring_starts_and_tools_are_left_alone(watched, bare) -> None:
    look = "import sys; print('_argus_run' in sys.modules)"
    assert watched.run(bare, "-c", look).stdout == "True\n"
    assert watched.run(bare, "-c", look, ARGUS_RUN_STARTING="yes").stdout == "False\n"
    assert watched.run(bare, "-c", look, ARGUS_RUN_ONLY="gunicorn").stdout == "False\n"
    tool = watched.write("bin/black", f"#!{bare}\n{look}")
    assert watched.run(bare, tool).stdout == "False\n"


def test_argus_run_inside_argus_run_monitors_once(watched, bare, tmp_path) -> None:
    other = tmp_path / "other" / "argus" / "bootstrap"  # another installation, around ours
    shutil.copytree(Path(bootstrap.FOLDER).parent, other)
    program = "import logging, sys, threading; logging.error('once'); print(threading.active_count(), sys.path)"
    answer = watched.run(bare, "-c", program, PYTHONPATH=str(other / "on_path"))
    assert (answer.returncode, answer.stdout[:2], "on_path" in answer.stdout) == (0, "2 ", False)
    assert watched.messages() == ["once"]


def test_a_program_with_argus_of_its_own_goes_on_with_one_client(watched) -> None:
    program = """
        import argus, logging, sys, threading
        from argus.client import default
        found = default.state.client
        client = argus.init(app_id="shop") if sys.argv[1:] else argus.init()
        argus.increment("orders", 2)
        logging.error("one line")
        print(client is found, [thread.name for thread in threading.enumerate()].count("argus-flush"))
        assert sys.modules["argus"].__file__ == argus.__file__ and "_argus_run" not in sys.modules
    """
    for arguments, is_found in (([], "True"), (["another application"], "False")):
        answer = watched.python(program, *arguments)
        assert (answer.returncode, answer.stdout) == (0, f"{is_found} 1\n"), answer.stderr
    assert watched.messages() == ["one line", "one line"]
    assert "cpu_percent" not in watched.series()


def test_a_short_program_that_records_nothing_loads_no_network(watched, bare) -> None:
    program = """
        import sys
        heavy = {"ssl", "http.client", "json", "asyncio", "subprocess", "_argus_run.psutil", "_argus_run.ujson"}
        print(sorted(heavy & set(sys.modules)))
    """
    assert watched.run(bare, watched.write("short.py", program)).stdout == "[]\n"
    assert watched.series() == set()


def test_signals_that_the_program_waits_for_reach_it(watched, bare) -> None:
    program = """
        import os, signal, sys
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        os.kill(os.getpid(), signal.SIGTERM)
        print(signal.sigwait({signal.SIGTERM}).name)
    """
    answer = watched.run(bare, watched.write("waits.py", program))
    assert (answer.returncode, answer.stdout) == (0, "SIGTERM\n")
