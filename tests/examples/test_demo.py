"""The demo beside a server that runs already: it uses it, or keeps its hands off."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from examples import demo


@pytest.fixture
def port() -> Iterator[int]:
    """A port that this process listens on, as its server would."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_the_server_that_has_the_folder_is_used(port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "answers", lambda _: True)
    (tmp_path / "argus.lock").write_text(str(os.getpid()))
    with demo.server("http://127.0.0.1", port, tmp_path):
        pass


@pytest.mark.parametrize("owner", ["", "1", "nobody", "99999999"])
def test_a_server_with_another_folder_is_left_alone(
    owner: str, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "answers", lambda _: True)
    if owner:
        (tmp_path / "argus.lock").write_text(owner)
    with pytest.raises(SystemExit, match="another data folder"), demo.server("http://127.0.0.1", port, tmp_path):
        pass
