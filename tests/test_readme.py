"""What the README says is true: its files exist and its Python runs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "README.md").read_text()
LINK = re.compile(r"""\]\(([^)#]+)\)|src="([^"]+)\"""")


def test_every_link_leads_to_a_file() -> None:
    links = [a or b for a, b in LINK.findall(TEXT)]
    assert len(links) > 10
    assert [link for link in links if "://" not in link and not (ROOT / link).exists()] == []


def test_the_python_example_runs_as_it_stands_and_records() -> None:
    block = re.search(r"```python\n(.*?)```", TEXT, re.DOTALL)
    assert block is not None
    program = (
        "from types import SimpleNamespace\n"
        "pool = SimpleNamespace(size=3)\n"
        f"{re.sub(r'argus.init.*', 'argus.init()', block[1])}\n"
        "window = argus.snapshot()\n"
        "print(*sorted(window.counters.keys), *window.gauges.keys, *sorted(window.timings.keys))\n"
    )
    answer = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    assert {"orders", "orders{shop=oslo}", "queue", "pay", "render"} <= set(answer.stdout.split())
