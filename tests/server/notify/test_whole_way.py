"""From a value that a program sends to the mail that tells of it: the whole server, with nothing replaced."""

from __future__ import annotations

import asyncio
import base64
import time
from typing import Any

import mail_server
from hook_receiver import Receiver

from argus.server import keys

ADMIN = {"Authorization": f"Basic {base64.b64encode(b'admin:correct horse').decode()}"}


async def test_a_value_over_the_threshold_becomes_a_mail_a_webhook_and_a_heartbeat(
    make_server: Any, receiver: Receiver
) -> None:
    async with mail_server.running() as smtp:
        mailed = asyncio.Event()
        smtp.before_answering = mailed.set
        server = await make_server(
            smtp_url=f"smtp://127.0.0.1:{smtp.port}",
            mail_from="argus@example.org",
            public_url="https://argus.test",
            heartbeat_url=receiver.url,
            alert_delay=0.0,
        )
        hook = {"name": "ops hook", "kind": "webhook", "target": receiver.url}
        _, made = await server.post("/api/v1/channels", hook, headers=ADMIN)
        rule = {
            "app_id": "shop",
            "metric_name": "cpu_percent",
            "condition": ">",
            "threshold": 80,
            "window": 60,
            "notification_email": "ops@example.org",
            "channels": [made["channel"]["id"]],
        }
        window = time.time() // 60 * 60 - 30  # in the last window that has ended, whatever the second
        value = {"name": "cpu_percent", "value": 93.5, "timestamp": window}
        assert (await server.post("/api/v1/metrics", {"metrics": [value]}))[0] == 200
        assert (await server.post("/api/v1/alerts", rule, headers=ADMIN))[0] == 201  # a pass may come at any moment
        await server.app[keys.JOBS].run("check_alerts")
        await mailed.wait()
        await receiver.until(lambda bodies: any(bodies) and not all(bodies))  # the message, and a heartbeat
    mail = smtp.mails[0]
    assert mail["Subject"] == "Firing: avg of cpu_percent over 1 min > 80 on shop (93.5 > 80)"
    assert "image/png" in [part.get_content_type() for part in mail.walk()]
    _, history = await server.get("/api/v1/alerts/history")
    told = history["events"][0]["deliveries"]
    assert [(one["kind"], one["name"]) for one in told] == [("email", "ops@example.org"), ("channel", hook["name"])]
    assert "hunter22" not in str(history)
