"""Real programs under ``argus run`` behave as without it, and a server hears of them."""

from __future__ import annotations

import os
import resource
import select
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import outside
import pytest
from tools import missing

from argus.run import abandoned

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="these programs are POSIX's")


@contextmanager
def start(url: str, *command: str, **more: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A command under ``argus run``; what goes wrong in the block ends it."""
    options: dict[str, Any] = {
        "stdin": subprocess.PIPE,
        "stdout": subprocess.PIPE,
        "env": outside.environment(url),
        **more,
    }
    with subprocess.Popen([*outside.ARGUS_RUN, *command], **options) as process:
        try:
            yield process
        except BaseException:
            process.kill()
            raise


def events(server) -> list[dict]:
    return [line["metadata"] for line in server.lines() if line["logger"] == "argus.event"]


def messages(server, logger: str) -> list[tuple[str, str]]:
    return [(line["level"], line["message"]) for line in server.lines() if line["logger"] == logger]


def test_a_program_finds_all_as_it_was_and_its_output_and_status_come_back(server, program, tmp_path) -> None:
    def inherit() -> None:
        os.umask(0o027)
        resource.setrlimit(resource.RLIMIT_NOFILE, (500, 600))
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})

    with (tmp_path / "kept").open("w") as kept:
        descriptor = kept.fileno()
        command = [program, "state", "--a", "b c", ""]
        options: dict[str, Any] = {
            "preexec_fn": inherit,
            "pass_fds": [descriptor],
            "capture_output": True,
            "env": outside.environment(server.url, CANARY="sings"),
        }
        alone = subprocess.run(command, check=False, **options)
        watched = subprocess.run([*outside.ARGUS_RUN, "--", *command], check=False, **options)
    assert alone.returncode == 42
    assert f"descriptor {descriptor} terminal 0".encode() in alone.stdout
    assert (watched.returncode, watched.stdout.decode(), watched.stderr) == (42, alone.stdout.decode(), b"")
    start, end = events(server)
    assert (start["event"], start["program"]) == ("run.start", "program")
    assert (end["event"], end["status"]) == ("run.end", "42")
    assert ("INFO", "word b c") in messages(server, "stdout")
    assert "b c" not in str(events(server))


def test_what_is_closed_stays_closed(server, program) -> None:
    shell = f'"$@" {program} state 0<&- 2>&-'
    alone = subprocess.run(["sh", "-c", shell, "-", "env"], capture_output=True, check=False)
    options: dict[str, Any] = {"capture_output": True, "env": outside.environment(server.url)}
    watched = subprocess.run(["sh", "-c", shell, "-", *outside.ARGUS_RUN], check=False, **options)
    descriptors = [line for line in alone.stdout.splitlines() if line.startswith(b"descriptor")]
    assert descriptors == [b"descriptor 1 terminal 0"]
    assert [line for line in watched.stdout.splitlines() if line.startswith(b"descriptor")] == descriptors


def test_a_crash_is_an_error_with_the_last_lines_and_a_shell_sees_the_signal(server, program, tmp_path) -> None:
    answer = outside.run(server.url, program, "crash")
    assert (answer.returncode, answer.stderr) == (-signal.SIGSEGV, b"about to fall\n")
    ((level, text),) = messages(server, "argus.run")
    assert level == "ERROR"
    assert text.splitlines() == ["program crashed by SIGSEGV (Segmentation fault)", "about to fall"]
    assert events(server)[-1]["signal"] == "SIGSEGV"
    assert list(tmp_path.iterdir()) == []  # no core of ours


@pytest.mark.parametrize(("mode", "status", "printed"), [("close", 7, b""), ("exec", 5, b"another\n")])
def test_a_program_may_close_its_streams_or_become_another(server, program, mode, status, printed) -> None:
    answer = outside.run(server.url, program, mode)
    assert (answer.returncode, answer.stdout, answer.stderr) == (status, printed, b"")


def test_signals_reach_the_program_once_and_it_may_ignore_them(server, program) -> None:
    with start(server.url, program, "signals") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2):
            process.send_signal(number)
            assert process.stdout.readline() == b"got %d\n" % number
        assert process.stdout.read() == b""
    assert process.returncode == 3


def test_what_is_sent_to_the_whole_group_reaches_the_program_once(server, program) -> None:
    with start(server.url, program, "signals", start_new_session=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        os.killpg(process.pid, signal.SIGINT)
        assert process.stdout.readline() == b"got %d\n" % signal.SIGINT
        process.send_signal(signal.SIGUSR1)  # to the parent alone: after what it would have passed on before
        assert process.stdout.readline() == b"got %d\n" % signal.SIGUSR1
        process.send_signal(signal.SIGUSR2)
        assert process.stdout.read() == b"got %d\n" % signal.SIGUSR2
    assert process.returncode == 3


def test_ended_by_a_signal_it_ends_by_that_signal(server) -> None:
    with start(server.url, "sh", "-c", "echo ready; exec sleep 60") as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.terminate()
    assert process.returncode == -signal.SIGTERM
    assert messages(server, "argus.run") == []  # somebody asked for it: no crash
    assert events(server)[-1]["signal"] == "SIGTERM"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_who_kills_the_parent_kills_the_program(server) -> None:
    with start(server.url, "sh", "-c", "echo $$; exec sleep 60") as process:
        assert process.stdout is not None
        end = os.pidfd_open(int(process.stdout.readline()))
        process.kill()
        assert select.select([end], [], [], 30)[0] == [end]
        os.close(end)


def test_a_reader_that_goes_ends_the_program_as_pipes_do(server) -> None:
    shell = f'{" ".join(outside.ARGUS_RUN)} yes | head -n 1; echo "${{PIPESTATUS[0]}}"'
    answer = subprocess.run(
        ["bash", "-c", shell], env=outside.environment(server.url), capture_output=True, check=False, timeout=60
    )
    assert answer.stdout.split() == [b"y", str(128 + signal.SIGPIPE).encode()]


def test_binary_output_of_any_amount_passes_unchanged_and_what_is_said_on_it_is_in_order(server, tmp_path) -> None:
    data = os.urandom(3_000_000)
    (tmp_path / "data").write_bytes(data)
    assert outside.run(server.url, "cat", "data").stdout == data
    shell = "for i in 1 2 3; do echo out $i; echo err $i >&2; done"
    options: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "capture_output": False}
    answer = outside.run(server.url, "sh", "-c", shell, **options)
    assert answer.stdout == b"out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\n"
    assert messages(server, "output")[:2] == [("INFO", "out 1"), ("INFO", "err 1")]


def test_input_is_the_program_s(server) -> None:
    assert outside.run(server.url, "tr", "a-z", "A-Z", input=b"hello\n").stdout == b"HELLO\n"


def test_what_a_daemon_prints_after_its_parent_s_end_still_arrives(server, program) -> None:
    with start(server.url, program, "daemon") as process:
        assert process.wait(60) == 0
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"!")
        process.stdin.close()
        assert process.stdout.read() == b"from the daemon\n"
    server.wait_for(lambda: messages(server, "stdout") == [("INFO", "from the daemon")])


@pytest.mark.parametrize(
    ("words", "status", "text"),
    [
        (("no-such-program",), 127, "argus: no-such-program: command not found\n"),
        (("",), 127, "argus: : command not found\n"),
        (("/etc/passwd",), 126, "argus: /etc/passwd: Permission denied\n"),
        ((), 2, "argus: there is no command to run; for example: argus run python app.py\n"),
    ],
)
def test_a_command_that_cannot_be_started_is_one_line_and_the_status_of_a_shell(server, words, status, text) -> None:
    answer = outside.run(server.url, *words)
    assert (answer.returncode, answer.stdout, answer.stderr.decode()) == (status, b"", text)


def test_a_script_without_a_first_line_is_the_shell_s(server, tmp_path) -> None:
    script = tmp_path / "script"
    script.write_text("echo $1; exit 4")
    script.chmod(0o755)
    answer = outside.run(server.url, "./script", "word")
    assert (answer.returncode, answer.stdout) == (4, b"word\n")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        (None, "there is no server to report to: give --url or set ARGUS_URL; the program runs unmonitored"),
        ("http://127.0.0.1:1", "the server does not answer"),
        ("http://127.0.0.1:2", "there is no key: set ARGUS_API_KEY or give --api-key; the program runs unmonitored"),
    ],
    ids=["no server is known", "the server is away", "no key is known"],
)
def test_without_a_server_the_program_runs_all_the_same_and_one_line_says_so(url, reason) -> None:
    environment = outside.environment(url, **({"ARGUS_API_KEY": ""} if "key" in reason else {}))
    answer = outside.run(url, "sh", "-c", "echo out; echo err >&2; kill -TERM $$", env=environment)
    assert (answer.returncode, answer.stdout) == (-signal.SIGTERM, b"out\n")
    (line,) = [line for line in answer.stderr.decode().splitlines() if line != "err"]
    assert line.startswith(f"argus: {reason}")


def test_settings_are_options_before_variables_and_the_program_has_them(server) -> None:
    environment = outside.environment("http://127.0.0.1:1", ARGUS_APP_ID="other")
    shell = "echo $ARGUS_URL $ARGUS_APP_ID $ARGUS_API_KEY; stat -c %a $ARGUS_RUN_DIR; echo $ARGUS_RUN_DIR"
    words = ("--url", server.url, "--app-id=shop", "--", "sh", "-c", shell)
    answer = outside.run(None, *words, env=environment)
    settings, mode, folder = answer.stdout.decode().splitlines()
    assert (settings, mode) == (f"{server.url} shop k", "700")
    assert not Path(folder).exists()
    assert events(server)[-1]["status"] == "0"


def test_what_is_left_out_is_not_sent(server) -> None:
    words = ("--without", "lines,tree,machine,inside,recorder", "sh", "-c", "echo $ARGUS_WITHOUT $LD_PRELOAD; exit 3")
    answer = outside.run(server.url, *words)
    assert (answer.returncode, answer.stdout) == (3, b"inside,lines,machine,recorder,tree\n")
    assert {line["logger"] for line in server.lines()} == {"argus.event"}
    assert outside.gauges(server, "tree.cpu_percent") + outside.gauges(server, "cpu_percent") == []


def test_a_part_that_does_not_exist_is_refused_before_anything_runs(server) -> None:
    answer = outside.run(server.url, "--without", "line", "echo", "ran")
    assert (answer.returncode, answer.stdout) == (2, b"")
    assert b"has 'line', and there is no such part; there are machine, tree, lines" in answer.stderr


def test_a_parent_within_a_parent_leaves_it_to_the_outer_one(server) -> None:
    answer = outside.run(server.url, *outside.ARGUS_RUN, "echo", "once")
    assert answer.stdout == b"once\n"
    assert [event["event"] for event in events(server)] == ["run.start", "run.end"]


def test_a_folder_whose_parent_was_killed_is_removed_by_the_next_and_others_are_not(tmp_path) -> None:
    own, held, left, young = (tmp_path / f"argus-run-{name}" for name in ("own", "held", "left", "young"))
    for folder in (own, held, left, young):
        folder.mkdir()
        os.utime(folder, (1.0, 1.0))
    os.utime(young)
    (left / "1.inside").write_bytes(b"cells")
    locks = [abandoned.hold(folder) for folder in (own, held)]
    os.utime(left, (1.0, 1.0))
    abandoned.sweep(own, "argus-run-")
    assert sorted(tmp_path.iterdir()) == sorted([own, held, young])
    for lock in locks:
        os.close(lock)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_redis_under_load_is_watched_from_outside(server, tmp_path) -> None:
    if shutil.which("redis-server") is None:
        missing("no redis-server on this system")
    port = str(free_port())
    words = ("redis-server", "--port", port, "--save", "", "--dir", str(tmp_path))
    environment = outside.environment(server.url, ARGUS_FLUSH_INTERVAL="0.5")
    with start(server.url, *words, env=environment) as process:
        assert process.stdout is not None
        assert any(b"Ready to accept" in line for line in process.stdout)
        load = ["redis-benchmark", "-p", port, "-q", "-n", "40000", "-t", "set,get"]
        subprocess.run(load, check=True, capture_output=True, timeout=60)
        server.wait_for(lambda: any(share > 1 for share in outside.gauges(server, "tree.cpu_percent")))
        process.send_signal(signal.SIGTERM)
        process.stdout.read()
    assert process.returncode == 0
    assert outside.gauges(server, "tree.processes")[0] == 1
    assert outside.gauges(server, "tree.threads")[0] > 1
    assert outside.gauges(server, "tree.descriptors")[0] > 5
    assert outside.gauges(server, "tree.memory_rss")[0] > 2_000_000
    assert max(outside.gauges(server, "cpu_percent")) > 0
    lines = messages(server, "stdout")
    assert any(level == "INFO" and "Ready to accept connections" in text for level, text in lines)
    assert any(level == "WARN" and "User requested shutdown" in text for level, text in lines)
