"""Programs that fork, become others, close everything, lock themselves in, or are killed."""

from __future__ import annotations

import signal
import subprocess

import preload
import pytest


def test_a_forked_child_that_draws_has_a_file_of_its_own(run) -> None:
    assert run.program("preload_linked", "forked").stdout == "10\n"
    assert len(run.files()) == 2, "and one that draws nothing has none"
    assert run.collect().frames("preload_linked") == 15


def test_a_program_that_becomes_another_leaves_its_frames(run) -> None:
    program = preload.PARTS / "tests/preload_linked"
    assert run(program, "executed", program).stdout == "100\n"
    assert len(run.files()) == 2
    assert run.collect().frames("preload_linked") == 110


def test_a_program_that_closes_everything_is_seen_to_its_end(run) -> None:
    assert run.program("preload_linked", "without-descriptors").stdout == "100\n"
    assert run.collect().frames("preload_linked") == 100


def test_a_program_that_locks_itself_in_is_not_killed_by_us(run) -> None:
    answer = run.program("preload_linked", "locked-in")
    if answer.returncode == 77:
        pytest.skip("no seccomp here")
    assert (answer.returncode, answer.stdout) == (0, "0\n100\n")
    assert run.collect().frames("preload_linked") == 100


def test_nothing_is_lost_of_a_program_that_is_killed(run) -> None:
    script = f"{preload.PARTS / 'tests/preload_linked'} frames; kill -KILL $$"
    assert run("/bin/sh", "-c", script).returncode == -signal.SIGKILL
    assert run.collect().frames("preload_linked") == 100


def test_shells_and_launchers_leave_nothing_and_their_children_are_seen(run) -> None:
    program = preload.PARTS / "tests/preload_linked"
    chain = ("env", "timeout", "20", "nice", "sh", "-c", f"ls / >/dev/null; {program} frames | cat")
    answer = run(*chain)
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "100\n", "")
    assert len(run.files()) == 1
    assert run.collect().frames("preload_linked") == 100


def test_a_program_with_neither_frames_nor_events_leaves_nothing(run) -> None:
    assert run.program("preload_loaded", "nothing").returncode == 0
    assert run.files() == []


def test_the_answers_of_dlsym_stay_the_same(run) -> None:
    plain = subprocess.run(
        [preload.PARTS / "tests/preload_loaded", "questions"], capture_output=True, text=True, check=True
    )
    assert plain.stdout == "1 1 1 1 0\n"
    assert run.program("preload_loaded", "questions").stdout == plain.stdout


def test_without_a_run_folder_every_function_is_called_through(run, tmp_path) -> None:
    gone = tmp_path / "gone"
    for folder in ("", "relative", str(gone)):
        environment = {**run.environment(), "ARGUS_RUN_DIR": folder}
        for name, scenario, output in (
            ("preload_linked", "frames", "100\n"),
            ("preload_loaded", "by-plugin", "100\n"),
            ("preload_loaded", "one-above-the-other", "100 110\n"),
        ):
            program = [str(preload.PARTS / "tests" / name), scenario]
            answer = subprocess.run(program, env=environment, capture_output=True, text=True, check=False)
            assert (answer.returncode, answer.stdout, answer.stderr) == (0, output, "")
    assert run.files() == []
