"""Ask the registries whether a dependency of ours has a known vulnerability.

Exit status: 0 none is known, 1 one is, 75 nobody could be asked. A mirror without such knowledge answers as if there
were no such package; that counts as nobody.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
UNKNOWN = 75
SECONDS = 180
OWN = "argus-monitor"


def answer_of(*command: str) -> dict[str, Any]:
    """Return what a command prints as JSON, whatever its exit status; empty where it is none."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=SECONDS)
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def judged_python(report: dict[str, Any]) -> tuple[int, list[str]]:
    """Return how many packages pip-audit could judge, and a line per vulnerability."""
    packages = [one for one in report.get("dependencies", []) if one["name"] != OWN and "skip_reason" not in one]
    found = [
        f"{one['name']} {one['version']}: {bug['id']}, mended in {', '.join(bug['fix_versions']) or 'no version yet'}"
        for one in packages
        for bug in one["vulns"]
    ]
    return len(packages), found


def judged_npm(report: dict[str, Any]) -> tuple[int, list[str]]:
    """Return how many packages npm could judge, and a line per vulnerable one."""
    total = report.get("metadata", {}).get("dependencies", {}).get("total", 0)
    found = [f"{name}: {one['severity']}, {one['range']}" for name, one in report.get("vulnerabilities", {}).items()]
    return total, found


def main() -> int:
    """Ask both registries; return the exit status."""
    status = 0
    for name, (judged, found) in {
        "PyPI": judged_python(answer_of(sys.executable, "-m", "pip_audit", "--format", "json", "--skip-editable")),
        "npm": judged_npm(answer_of(sys.executable, "dashboard/npm.py", "audit", "--json")),
    }.items():
        if judged == 0:
            print(f"  {name}: cannot be asked from here; nothing is known of its packages")
            status = status or UNKNOWN
            continue
        print(f"  {name}: {judged} packages, {len(found)} known vulnerabilities", *found, sep="\n    ")
        status = 1 if found else status
    return status


if __name__ == "__main__":
    sys.exit(main())
