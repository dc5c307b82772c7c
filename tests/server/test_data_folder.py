"""The data folder is private, checked, and owned by one server at a time."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from argus.errors import ConfigError, StoreLocked
from argus.server import data_folder

HOLD = """
import sys
from pathlib import Path
from argus.server import data_folder
data_folder.lock(Path(sys.argv[1]))
print("locked", flush=True)
sys.stdin.read()
"""


def test_a_new_folder_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "data"
    data_folder.prepare(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_preparing_twice_changes_nothing(tmp_path: Path) -> None:
    data_folder.prepare(tmp_path / "data")
    (tmp_path / "data" / "kept").touch()
    data_folder.prepare(tmp_path / "data")
    assert (tmp_path / "data" / "kept").exists()


def test_a_file_in_the_way_is_named_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with pytest.raises(ConfigError, match=r"data.*--data"):
        data_folder.prepare(tmp_path / "data")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_says_how_to_mend_it(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(ConfigError, match="chown"):
        data_folder.prepare(tmp_path)


def test_a_second_server_is_refused_and_told_who_holds_the_folder(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == "locked\n"
        with pytest.raises(StoreLocked, match=rf"process {owner.pid}\b.*--data"):
            data_folder.lock(tmp_path)
        owner.kill()
    os.close(data_folder.lock(tmp_path))  # the lock died with its owner


def test_closing_the_descriptor_frees_the_folder(tmp_path: Path) -> None:
    os.close(data_folder.lock(tmp_path))
    os.close(data_folder.lock(tmp_path))
