"""Ask the registries whether a dependency of ours has a known vulnerability.

Exit status: 0 every package was judged and none has one, 1 one has, 75 some could not be judged. A mirror without such
knowledge answers as if there were no such package: that is no answer.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
UNKNOWN = 75
SECONDS = 180
OWN = "argus-monitor"


class Verdict(NamedTuple):
    """What a registry knows of our packages."""

    judged: int
    unknown: list[str]
    """Packages of which it says nothing."""
    found: list[str]
    """A line per vulnerability."""


def answer_of(*command: str) -> dict[str, Any]:
    """Return what a command prints as JSON, whatever its exit status; where that is none, why."""
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return {"message": f"no answer within {SECONDS} s"}
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        return {"message": (done.stderr.strip() or "no answer").splitlines()[-1]}
    return answer if isinstance(answer, dict) else {"message": f"not understood: {done.stdout[:100]}"}


def judged_python(report: dict[str, Any]) -> Verdict:
    """Return what pip-audit found."""
    packages = [one for one in report.get("dependencies", []) if one["name"] != OWN]
    judged = [one for one in packages if "skip_reason" not in one]
    found = [
        f"{one['name']} {one['version']}: {bug['id']}, mended in {', '.join(bug['fix_versions']) or 'no version yet'}"
        for one in judged
        for bug in one["vulns"]
    ]
    return Verdict(len(judged), [one["name"] for one in packages if "skip_reason" in one], found)


def judged_npm(report: dict[str, Any]) -> Verdict:
    """Return what npm found; it judges all packages or none."""
    total = report.get("metadata", {}).get("dependencies", {}).get("total", 0)
    found = [f"{name}: {one['severity']}, {one['range']}" for name, one in report.get("vulnerabilities", {}).items()]
    return Verdict(total, [], found)


def status_of(name: str, verdict: Verdict, report: dict[str, Any]) -> int:
    """Say what is known, and what is not; return the exit status for this registry."""
    if verdict.found:
        print(
            f"  {name}: {verdict.judged} packages, {len(verdict.found)} known vulnerabilities",
            *verdict.found,
            sep="\n    ",
        )
        return 1
    if verdict.judged == 0:
        print(
            f"  {name}: NOT CHECKED, nothing is known of any package: {report.get('message', 'it knows none of them')}"
        )
        return UNKNOWN
    if verdict.unknown:
        print(f"  {name}: {verdict.judged} packages are well; NOT CHECKED: {', '.join(verdict.unknown)}")
        return UNKNOWN
    print(f"  {name}: {verdict.judged} packages, none with a known vulnerability")
    return 0


def main() -> int:
    """Ask both registries; return the exit status."""
    python = answer_of(sys.executable, "-m", "pip_audit", "--format", "json", "--skip-editable")
    npm = answer_of(sys.executable, "dashboard/npm.py", "audit", "--json")
    statuses = [status_of("PyPI", judged_python(python), python), status_of("npm", judged_npm(npm), npm)]
    return 1 if 1 in statuses else max(statuses)


if __name__ == "__main__":
    sys.exit(main())
