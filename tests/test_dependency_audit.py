"""What the registries answer is read right: a vulnerability is one, and silence is not its absence."""

from __future__ import annotations

import dependency_audit
import pytest

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


def test_a_known_vulnerability_is_named_with_its_remedy() -> None:
    assert dependency_audit.judged_python(KNOWN) == (2, ["old 1.0: CVE-1, mended in 1.1"])
    assert dependency_audit.judged_npm(NPM) == (278, ["left: high, <2"])


@pytest.mark.parametrize(
    ("python", "npm", "status"),
    [
        ({"dependencies": [{"name": "good", "version": "1", "vulns": []}]}, {**NPM, "vulnerabilities": {}}, 0),
        (KNOWN, {**NPM, "vulnerabilities": {}}, 1),
        (SILENT, {**NPM, "vulnerabilities": {}}, dependency_audit.UNKNOWN),
        (SILENT, {"error": {"code": "E405"}}, dependency_audit.UNKNOWN),
        (SILENT, NPM, 1),
        (KNOWN, {}, 1),
    ],
)
def test_who_cannot_be_asked_has_not_said_that_all_is_well(python, npm, status, monkeypatch) -> None:
    monkeypatch.setattr(dependency_audit, "answer_of", lambda *command: npm if "audit" in command else python)
    assert dependency_audit.main() == status
