"""What the registries answer is read right: a vulnerability is one, and silence is not its absence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import dependency_audit
import pytest

RECORDED = Path(__file__).parent / "support" / "recorded"

KNOWN = {
    "dependencies": [
        {"name": "old", "version": "1.0", "vulns": [{"id": "CVE-1", "fix_versions": ["1.1"]}]},
        {"name": "good", "version": "2.0", "vulns": []},
        {"name": "argus-monitor", "skip_reason": "distribution marked as editable"},
    ]
}
SILENT = {"dependencies": [{"name": "good", "skip_reason": "Dependency not found on PyPI"}]}
NPM = {
    "metadata": {"dependencies": {"total": 278}},
    "vulnerabilities": {"left": {"severity": "high", "range": "<2"}},
}


WELL = {"dependencies": [{"name": "good", "version": "1", "vulns": []}]}
PARTLY = {"dependencies": [*WELL["dependencies"], *SILENT["dependencies"]]}
NPM_WELL = {**NPM, "vulnerabilities": {}}


def recorded(name: str) -> dict[str, Any]:
    """Return what a program printed; see ``support/recorded/README.md``."""
    report: dict[str, Any] = json.loads((RECORDED / f"{name}.json").read_text())
    return report


def test_what_the_programs_print_of_a_vulnerability_is_read_right() -> None:
    python = dependency_audit.judged_python(recorded("pip-audit"))
    assert python == (2, [], ["jinja2 3.1.0: PYSEC-0000-1, mended in 3.1.6"])
    assert dependency_audit.judged_npm(recorded("npm-audit")) == (1, [], ["left-pad: high, 1.3.0"])


def test_a_known_vulnerability_is_named_with_its_remedy() -> None:
    assert dependency_audit.judged_python(KNOWN) == (2, [], ["old 1.0: CVE-1, mended in 1.1"])
    assert dependency_audit.judged_npm(NPM) == (278, [], ["left: high, <2"])


@pytest.mark.parametrize(
    ("reports", "status", "said"),
    [
        ((WELL, NPM_WELL), 0, "PyPI: 1 packages, none"),
        ((KNOWN, NPM_WELL), 1, "old 1.0: CVE-1"),
        ((SILENT, NPM_WELL), dependency_audit.UNKNOWN, "PyPI: NOT CHECKED, nothing is known of any package"),
        ((PARTLY, NPM_WELL), dependency_audit.UNKNOWN, "PyPI: 1 packages are well; NOT CHECKED: good"),
        (
            (WELL, {"message": "405"}),
            dependency_audit.UNKNOWN,
            "npm: NOT CHECKED, nothing is known of any package: 405",
        ),
        ((SILENT, NPM), 1, "left: high"),
        ((KNOWN, {}), 1, "npm: NOT CHECKED"),
    ],
)
def test_who_cannot_be_asked_has_not_said_that_all_is_well(reports, status, said, monkeypatch, capsys) -> None:
    python, npm = reports
    monkeypatch.setattr(dependency_audit, "answer_of", lambda *command: npm if "audit" in command else python)
    assert dependency_audit.main() == status
    assert said in capsys.readouterr().out


def test_a_command_that_answers_nothing_says_why() -> None:
    assert dependency_audit.answer_of("sh", "-c", "echo first >&2; echo no route >&2; exit 1") == {
        "message": "no route"
    }
    assert "not understood" in dependency_audit.answer_of("sh", "-c", "echo [1]")["message"]
