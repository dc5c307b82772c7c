"""The command line, as a person and as a script use it; on a data folder whose server runs or not."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import argus
from argus.cli import main
from argus.cli.serve import greeting
from argus.server.settings import Settings
from argus.server.stores.records.store import SqliteRecordStore

PASSWORD = "correct horse"


class Answer(NamedTuple):
    status: int
    out: str
    err: str


class Shell:
    """Runs the command line in this process, in an empty working directory."""

    def __init__(self, capsys: pytest.CaptureFixture[str], data: Path) -> None:
        self._capsys = capsys
        self.data = data

    def __call__(self, *arguments: str) -> Answer:
        try:
            status = main(arguments)
        except SystemExit as ended:  # argparse ends --help, --version and wrong usage this way
            status = int(ended.code or 0)
        return Answer(status, *self._capsys.readouterr())

    def on_data(self, *arguments: str) -> Answer:
        return self(*arguments, "--data", str(self.data))

    def json(self, *arguments: str) -> Any:
        answer = self.on_data(*arguments, "--json")
        assert (answer.status, answer.err) == (0, "")
        return json.loads(answer.out)


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    for name in [name for name in os.environ if name.startswith("ARGUS_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return Shell(capsys, tmp_path / "data")


def created(shell: Shell, name: str = "My Shop") -> dict[str, str]:
    answer: dict[str, str] = shell.json("app", "create", name)
    return answer


def test_the_version_is_the_package_s(shell: Shell) -> None:
    assert shell("--version") == Answer(0, f"argus {argus.__version__}\n", "")


@pytest.mark.parametrize("arguments", [(), ("app",), ("admin",)])
def test_an_unfinished_command_shows_the_help(shell: Shell, arguments: tuple[str, ...]) -> None:
    answer = shell(*arguments)
    assert answer.status == 2
    assert answer.out.startswith(" ".join(["usage: argus", *arguments]))


def test_every_setting_is_a_documented_option_of_serve(shell: Shell) -> None:
    answer = shell("serve", "--help")
    assert answer.status == 0
    for flag in ("--host", "--port", "--data", "--log-retention-days"):
        assert flag in answer.out


def test_an_application_is_created_and_its_key_shown(shell: Shell) -> None:
    answer = shell.on_data("app", "create", "My Shop")
    assert answer.status == 0
    assert re.search(r"app_id +my-shop\napi_key +argus_\S+\n", answer.out)


def test_scripts_get_json(shell: Shell) -> None:
    made = created(shell)
    assert made["app_id"] == "my-shop"
    assert made["api_key"].startswith("argus_")
    (listed,) = shell.json("app", "list")
    assert (listed["app_id"], listed["name"]) == ("my-shop", "My Shop")
    assert made["api_key"].startswith(listed["key_prefixes"][0])
    assert made["api_key"] not in json.dumps(listed)


def test_an_application_is_created_once(shell: Shell) -> None:
    created(shell)
    answer = shell.on_data("app", "create", "my shop")
    assert (answer.status, answer.out) == (1, "")
    assert "my-shop" in answer.err


@pytest.mark.parametrize("name", ["", "  ", "!!!", "x" * 101])
def test_a_name_that_gives_no_id_is_refused(shell: Shell, name: str) -> None:
    answer = shell.on_data("app", "create", name)
    assert answer.status == 1
    assert one_line(answer.err)


def test_a_key_is_rotated(shell: Shell) -> None:
    first = created(shell)
    second = shell.json("app", "rotate-key", "my-shop")
    assert second["api_key"] != first["api_key"]
    (listed,) = shell.json("app", "list")
    assert len(listed["key_prefixes"]) == 2


@pytest.mark.parametrize("command", [("rotate-key", "nobody"), ("delete", "nobody", "--yes")])
def test_an_unknown_application_is_named_beside_those_there_are(shell: Shell, command: tuple[str, ...]) -> None:
    created(shell)
    answer = shell.on_data("app", *command)
    assert answer.status == 1
    assert one_line(answer.err)
    assert "'nobody'" in answer.err
    assert "my-shop" in answer.err


def test_an_application_is_deleted_with_yes(shell: Shell) -> None:
    created(shell)
    assert shell.on_data("app", "delete", "my-shop", "--yes").status == 0
    assert shell.json("app", "list") == []


@pytest.mark.parametrize(("typed", "left"), [("my-shop\n", 0), ("yes\n", 1)])
def test_deleting_asks_for_the_id(shell: Shell, monkeypatch: pytest.MonkeyPatch, typed: str, left: int) -> None:
    created(shell)
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    assert shell.on_data("app", "delete", "my-shop").status == left
    assert len(shell.json("app", "list")) == left


def test_without_an_answer_nothing_is_deleted_and_the_remedy_named(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    created(shell)
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    answer = shell.on_data("app", "delete", "my-shop")
    assert answer.status == 1
    assert "--yes" in answer.err
    assert len(shell.json("app", "list")) == 1


def test_a_short_password_is_refused(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("short\n"))
    answer = shell.on_data("admin", "set-password", "--stdin")
    assert answer.status == 1
    assert one_line(answer.err)


def test_a_wrong_setting_is_one_line_and_status_one(shell: Shell) -> None:
    answer = shell.on_data("serve", "--port", "http")
    assert answer.status == 1
    assert one_line(answer.err)
    assert "--port is 'http'" in answer.err


def test_an_unknown_option_is_wrong_usage(shell: Shell) -> None:
    assert shell("serve", "--prot", "1").status == 2
    answer = shell("run", "--prot", "true")
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.startswith("usage: argus run")
    assert answer.err.endswith("argus run: error: there is no --prot\n")


def one_line(text: str) -> bool:
    return text.startswith("argus: ") and text.count("\n") == 1 and "Traceback" not in text


class Server(NamedTuple):
    process: subprocess.Popen[str]
    url: str
    greeting: str


@contextmanager
def running(data: Path, **environment: str) -> Iterator[Server]:
    process = subprocess.Popen(
        [sys.executable, "-m", "argus", "serve", "--port", "0", "--data", str(data)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(argus.__file__).parents[1]), **environment},
    )
    assert process.stdout is not None
    try:
        greeting = ""
        while "Ctrl-C" not in greeting:
            line = process.stdout.readline()
            assert line, f"the server ended: {greeting}"
            greeting += line
        found = re.search(r"http://\S+", greeting)
        assert found is not None
        yield Server(process, found[0].rstrip("/"), greeting)
    finally:
        process.send_signal(signal.SIGTERM)
        process.stdout.close()
        process.wait(timeout=30)


def ask(url: str, body: object = None, **headers: str) -> int:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", **headers})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code


def test_the_password_of_the_first_start_opens_the_door_and_is_shown_once(shell: Shell) -> None:
    with running(shell.data) as server:
        shown = re.search(r"Password of admin: +(\S+)", server.greeting)
        assert shown is not None
        assert ask(f"{server.url}/api/v1/session", {"password": shown[1]}) == 200
        assert ask(f"{server.url}/api/v1/session", {"password": "made up"}) == 401
    with running(shell.data) as server:
        assert "Password" not in server.greeting
        assert ask(f"{server.url}/api/v1/session", {"password": shown[1]}) == 200


def test_a_password_from_the_environment_is_not_shown(shell: Shell) -> None:
    with running(shell.data, ARGUS_ADMIN_PASSWORD=PASSWORD) as server:
        assert PASSWORD not in server.greeting
        assert ask(f"{server.url}/api/v1/session", {"password": PASSWORD}) == 200


def test_commands_work_on_the_folder_of_a_running_server(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    line = {"logs": [{"timestamp": time.time(), "level": "INFO", "message": "hello"}]}
    with running(shell.data) as server:
        made = created(shell)
        assert wait_for(200, f"{server.url}/api/v1/logs", line, made["api_key"])
        monkeypatch.setattr(sys, "stdin", io.StringIO(f"{PASSWORD}\n"))
        assert shell.on_data("admin", "set-password", "--stdin").status == 0
        assert ask(f"{server.url}/api/v1/session", {"password": PASSWORD}) == 200
        assert shell.on_data("app", "delete", "my-shop", "--yes").status == 0
        assert wait_for(401, f"{server.url}/api/v1/logs", line, made["api_key"])


def wait_for(status: int, url: str, body: object, key: str) -> bool:
    """Ask until the answer has this status: the server looks for new keys a few times a second."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if ask(url, body, **{"X-API-Key": key}) == status:
            return True
    return False


def test_a_second_server_on_the_folder_is_refused_in_one_line(shell: Shell) -> None:
    with running(shell.data) as server:
        answer = shell.on_data("serve", "--port", "0")
        assert answer.status == 1
        assert one_line(answer.err)
        assert f"process {server.process.pid}" in answer.err


def test_a_taken_port_is_one_line_with_the_remedy(shell: Shell) -> None:
    with running(shell.data) as server:
        port = server.url.rpartition(":")[2]
        answer = shell("serve", "--port", port, "--data", str(shell.data.with_name("other")))
        assert answer.status == 1
        assert one_line(answer.err)
        assert port in answer.err


def test_the_greeting_leads_to_the_stores_that_the_server_uses_and_shows_no_password(tmp_path: Path) -> None:
    url = "http://127.0.0.1:8000"
    assert f"app create shop --data {tmp_path}\n" in greeting(url, Settings(data=tmp_path), None)
    engines = Settings(records_url="postgresql://u:peacock@db/a", metrics_url="influxdb://h/b?token=feather")
    said = greeting(url, engines, None)
    assert "app create shop  (with the server's ARGUS_RECORDS_URL)\n" in said
    assert "postgresql://db/a\n" in said
    assert "influxdb://h/b\n" in said
    assert not re.search("peacock|feather|--data|Data folder", said)


def test_what_the_command_line_does_is_in_the_audit_log(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.on_data("app", "create", "shop")
    shell.on_data("app", "rotate-key", "shop")
    shell.on_data("app", "delete", "nothing", "--yes")
    monkeypatch.setattr("sys.stdin", io.StringIO("peacock feathers\n"))
    shell.on_data("admin", "set-password", "--stdin")
    shell.on_data("app", "delete", "shop", "--yes")
    store = SqliteRecordStore(shell.data / "records.db")
    entries = store.audit(10)
    store.close()
    assert [(entry.act, entry.subject) for entry in entries] == [
        ("argus app delete", "shop"),
        ("argus admin set-password", "admin"),
        ("argus app rotate-key", "shop"),
        ("argus app create", "shop"),
    ]
    assert {entry.who for entry in entries} == {"command line"}
    assert all(entry.origin.endswith(f"@{socket.gethostname()}") for entry in entries)
