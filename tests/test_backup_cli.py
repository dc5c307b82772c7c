"""``argus backup``, ``restore`` and ``migrate-store``, as a person uses them; while a server runs, and not."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest
from server_process import Process

from argus.cli import main
from argus.cli.progress import size


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory without any settings."""
    for name in [name for name in os.environ if name.startswith("ARGUS_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_backup_of_a_running_server_is_restored_elsewhere(alone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = str(alone / "data")
    server = Process(alone / "data")
    server.start()
    try:
        assert main(["app", "create", "shop", "--data", data]) == 0
        capsys.readouterr()
        assert main(["backup", "--data", data]) == 0
        made = capsys.readouterr()
        path = made.out.split()[0]
        assert "apps 1" in made.out
        assert "packing records.db  100%" in made.err  # no bar where nobody looks
        assert main(["restore", path, "--data", data, "--force"]) == 1
        assert f"process {server.process.pid}" in capsys.readouterr().err
    finally:
        server.stop(signal.SIGTERM)
    assert main(["restore", path, "--data", "elsewhere"]) == 0
    assert "apps 1" in capsys.readouterr().out
    assert main(["app", "list", "--data", "elsewhere", "--json"]) == 0
    assert [app["app_id"] for app in json.loads(capsys.readouterr().out)] == ["shop"]
    assert main(["restore", path, "--data", "elsewhere"]) == 1
    assert capsys.readouterr().err.endswith("already; --force replaces it\n")


def test_backups_are_listed_and_kept_in_number(
    alone: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["app", "create", "shop"]) == 0
    assert main(["backup", "--metrics-url", f"sqlite://{alone}/none.db"]) == 1
    assert "there is no store at" in capsys.readouterr().err
    (alone / "argus-data" / "metrics.db").touch()
    monkeypatch.setenv("ARGUS_BACKUP_KEEP", "2")
    made = []
    for _ in range(3):
        assert main(["backup", "--json"]) == 0
        made.append(json.loads(capsys.readouterr().out)["file"])
    assert main(["backup", "--list", "--json"]) == 0
    assert [one["file"] for one in json.loads(capsys.readouterr().out)] == made[:0:-1]
    assert main(["backup", "--to", "usb"]) == 0
    assert main(["backup", "--to", "usb", "--list"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].endswith("sqlite, sqlite")


def test_what_cannot_be_moved_is_one_line(alone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (alone / "address").write_text(f"sqlite://{alone}/a.db\n")
    assert main(["migrate-store", "@address", f"sqlite://{alone}/b.db"]) == 1
    told = capsys.readouterr().err
    assert told.startswith("argus: these two cannot be moved")
    assert told.count("\n") == 1
    with pytest.raises(SystemExit):
        main(["migrate-store", "a", "b", "--resume", "--force"])
    assert "not allowed with argument --resume" in capsys.readouterr().err


@pytest.mark.parametrize(("number", "shown"), [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (3 << 40, "3.0 TiB")])
def test_bytes_are_shown_as_people_read_them(number: int, shown: str) -> None:
    assert size(number) == shown
