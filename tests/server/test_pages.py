"""Whatever the API can do can be done on the pages: each operation is called by a file, or says why not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from argus.server.routes import table

SOURCE = Path(__file__).resolve().parents[2] / "dashboard" / "src"

CALLED = {
    # operation: the function of src/api/ that does it, and the file whose control calls it
    "get_metrics": ("getMetrics", "charts/useMetrics.ts"),
    "get_series": ("getSeries", "pages/useSeries.ts"),
    "get_distribution": ("getDistribution", "charts/useDistribution.ts"),
    "get_logs": ("getLogs", "pages/useLogs.ts"),
    "get_histogram": ("getHistogram", "pages/useHistogram.ts"),
    "get_annotations": ("getAnnotations", "charts/useMarks.ts"),
    "get_alerts": ("getRules", "components/useAlerts.ts"),
    "post_alert": ("addRule", "pages/alerts/RuleDialog.tsx"),
    "post_alert_preview": ("previewRule", "pages/alerts/usePreview.ts"),
    "get_alert_history": ("getAlertHistory", "pages/alerts/useHistory.ts"),
    "put_alert": ("replaceRule", "pages/alerts/RuleDialog.tsx"),
    "patch_alert": ("enableRule", "pages/alerts/RuleList.tsx"),
    "delete_alert": ("deleteRule", "pages/alerts/RuleList.tsx"),
    "post_alert_acknowledge": ("acknowledge", "pages/alerts/IncidentCard.tsx"),
    "get_silences": ("getSilences", "components/useAlerts.ts"),
    "post_silence": ("addSilence", "pages/alerts/SilenceDialog.tsx"),
    "put_silence": ("changeSilence", "pages/alerts/SilenceDialog.tsx"),
    "delete_silence": ("endSilence", "pages/alerts/SilenceList.tsx"),
    "get_channels": ("getChannels", "pages/ChannelSettings.tsx"),
    "post_channel": ("createChannel", "pages/ChannelDialogs.tsx"),
    "patch_channel": ("changeChannel", "pages/ChannelDialogs.tsx"),
    "delete_channel": ("deleteChannel", "pages/ChannelSettings.tsx"),
    "post_test_message": ("testChannel", "pages/ChannelSettings.tsx"),
    "post_test_mail": ("testMail", "pages/MailServer.tsx"),
    "get_applications": ("getApplications", "components/useApplications.ts"),
    "post_application": ("createApplication", "components/Connect.tsx"),
    "get_application": ("getApplication", "pages/ApplicationPage.tsx"),
    "patch_application": ("changeApplication", "pages/ApplicationLimits.tsx"),
    "delete_application": ("deleteApplication", "pages/DeleteApplication.tsx"),
    "post_key": ("createKey", "pages/KeyDialogs.tsx"),
    "post_key_rotation": ("rotateKey", "pages/KeyDialogs.tsx"),
    "delete_key": ("revokeKey", "pages/KeyDialogs.tsx"),
    "get_session": ("getSession", "App.tsx"),
    "post_session": ("logIn", "pages/Login.tsx"),
    "post_password": ("changePassword", "pages/AccountSettings.tsx"),
    "delete_session": ("logOutEverywhere", "pages/AccountSettings.tsx"),
    "get_audit": ("getAudit", "pages/AuditLog.tsx"),
    "get_status": ("getStatus", "pages/useStatus.ts"),
    "get_settings": ("getSettings", "pages/ServerSettings.tsx"),
    "get_backups": ("getBackups", "pages/BackupSettings.tsx"),
    "post_backup": ("startBackup", "pages/BackupSettings.tsx"),
    "delete_backup": ("deleteBackup", "pages/BackupSettings.tsx"),
}
ELSEWHERE = {
    "post_metrics": "programs send these; the page shows the line to paste (lib/snippets.ts)",
    "post_logs": "programs send these; the page shows the line to paste (lib/snippets.ts)",
    "post_rotate_key": "for scripts that know no key's id; the page replaces a key by it (post_key_rotation)",
    "get_alert": "the list has the same of all of them (get_alerts)",
    "get_channel": "the list has the same of all of them (get_channels)",
    "get_backup": "a link that the browser downloads by (backupPath)",
    "get_live": "the live connection (api/live.ts)",
    "get_healthz": "for probes; what people want to know of it is in get_status",
    "get_readyz": "for probes; what people want to know of it is in get_status",
    "get_openapi": "for generators of clients; its page is linked from the user menu",
    "get_docs": "a page of its own, linked from the user menu",
    "get_docs_style": "a part of that page",
}
ENDPOINTS = {endpoint.handler.__name__: endpoint for routes in table.TABLE for endpoint in routes.endpoints}

CONSTANT = re.compile(r'const (\w+) = (?:\([^)]*\): string => )?(?:"([^"]+)"|`([^`]+)`);')
CALL = re.compile(r"export const (\w+) = (?:(?!export const).)*?request(?:<\w+>)?\(\{(.*?)\}\);", re.DOTALL)
PATH = re.compile(r'\bpath(?:: ("[^"]*"|`[^`]*`|\w+\([^)]*\)))?')


def calls() -> dict[str, tuple[str, str]]:
    """Return what each function of the dashboard's API asks for: method and path, with {} for its changing parts."""
    text = "\n".join(file.read_text(encoding="utf-8") for file in sorted((SOURCE / "api").glob("*.ts")))
    found = {}
    for file in (SOURCE / "api").glob("*.ts"):
        own = file.read_text(encoding="utf-8")
        names = {name: plain or template for name, plain, template in CONSTANT.findall(f"{text}\n{own}")}
        for function, asked in CALL.findall(own):
            method = re.search(r'method: "(\w+)"', asked)
            path = PATH.search(asked)
            assert path is not None, f"{function} has no path"
            found[function] = (method[1] if method else "GET", whole(path[1] or "path", names))
    return found


def whole(expression: str, names: dict[str, str]) -> str:
    """Return a path without its names: constants in full, and {} for what changes."""
    name = re.match(r"\w+", expression)
    if name and name[0] in names:
        return whole(f"`{names[name[0]]}`", names)
    parts = re.split(r"\$\{((?:[^{}]|\{[^}]*\})*)\}", expression.strip('`" '))
    inner = [re.match(r"\w+", part) for part in parts[1::2]]
    filled = [whole(found[0], names) if found and found[0] in names else "{}" for found in inner]
    return "".join(part for pair in zip(parts[::2], [*filled, ""], strict=True) for part in pair)


@pytest.mark.parametrize("operation", ENDPOINTS)
def test_each_operation_can_be_done_on_a_page_or_says_why_not(operation: str) -> None:
    assert (operation in CALLED) != (operation in ELSEWHERE), "name the file that calls it, or the reason why none does"
    if operation in CALLED:
        function, file = CALLED[operation]
        endpoint = ENDPOINTS[operation]
        path = re.sub(r"\{\w+\}", "{}", endpoint.path).removeprefix("/")
        assert calls()[function] == (endpoint.method, path)
        assert re.search(rf"\b{function}\b(?!.* from )", (SOURCE / file).read_text(encoding="utf-8")), file


def test_nothing_is_said_of_operations_that_are_gone() -> None:
    assert CALLED.keys() | ELSEWHERE.keys() == ENDPOINTS.keys()
