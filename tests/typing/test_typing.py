"""The public interface as a strict type checker sees it."""

from __future__ import annotations

import re
from pathlib import Path

from mypy import api

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def test_right_uses_are_accepted() -> None:
    out, errors, status = api.run(["--strict", "--config-file", str(ROOT / "setup.cfg"), str(HERE / "accepted.py")])
    assert (status, errors) == (0, ""), out


def test_wrong_uses_are_refused_each_for_its_reason() -> None:
    path = HERE / "rejected" / "uses.py"
    out, _, _ = api.run(["--strict", "--config-file", str(ROOT / "setup.cfg"), str(path)])
    found = {int(line): code for line, code in re.findall(r"uses\.py:(\d+): error: .*\[([\w-]+)\]", out)}
    wanted = {
        number: match[1]
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if (match := re.search(r"# expect: ([\w-]+)", line))
    }
    assert found == wanted
