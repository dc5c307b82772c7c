"""What the settings page reads: every setting, where it was given, and no secret."""

from __future__ import annotations

import json

from argus.server.settings import known

SECRET = "peacock"


async def test_every_setting_is_told_with_where_it_was_given(make_server) -> None:
    server = await make_server(log_retention_days=2.5, given={"log_retention_days": "ARGUS_LOG_RETENTION_DAYS"})
    status, answer = await server.get("/api/v1/settings")
    assert status == 200
    shown = {one["name"]: one for one in answer["settings"]}
    assert list(shown) == [setting.name for setting in known()]
    assert shown["log_retention_days"] == {
        "name": "log_retention_days",
        "flag": "--log-retention-days",
        "variable": "ARGUS_LOG_RETENTION_DAYS",
        "kind": "number",
        "value": "2.5",
        "default": "30.0",
        "source": "ARGUS_LOG_RETENTION_DAYS",
        "least": 0.05,
        "most": 3650,
        "doc": "days that log lines are kept",
    }
    kinds = [shown[name]["kind"] for name in ("host", "port", "past", "self_monitoring", "data")]
    assert kinds == ["text", "whole", "number", "switch", "text"]
    assert shown["max_logs"]["source"] is None


async def test_no_secret_is_told(make_server) -> None:
    server = await make_server(
        smtp_url=f"smtp://ops:{SECRET}@mail.example.org:587?starttls=1",
        mail_from="argus@example.org",
        heartbeat_url=f"https://beat.example.org/{SECRET}",
    )
    _, answer = await server.get("/api/v1/settings")
    shown = {one["name"]: one["value"] for one in answer["settings"]}
    assert (shown["smtp_url"], shown["heartbeat_url"]) == ("smtp://mail.example.org:587", "https://beat.example.org/…")
    assert SECRET not in json.dumps(answer)
