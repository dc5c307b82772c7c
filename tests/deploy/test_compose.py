"""``docker-compose.yml`` against Compose's own schema, and what it says of Argus against Argus."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from tools import missing

from argus.server.settings import Settings, load

ROOT = Path(__file__).resolve().parents[2]
CHOSEN = {"ARGUS_ADMIN_PASSWORD": "peacock", "INFLUXDB_PASSWORD": "feather", "POSTGRES_PASSWORD": "eye"}


def compose(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run Compose's own reading of the file; version 1 needs no engine for that."""
    if shutil.which("docker-compose") is None:
        missing("docker-compose is missing; on Debian: apt-get install docker-compose")
    return subprocess.run(
        ["docker-compose", "--file", ROOT / "docker-compose.yml", *words],
        env={"PATH": os.environ["PATH"], "COMPOSE_PROFILES": "https", **variables},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def services() -> dict[str, Any]:
    done = compose("config", **CHOSEN)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = yaml.safe_load(done.stdout)["services"]
    return found


def test_the_file_fits_the_schema_with_every_profile() -> None:
    assert compose("config", "--quiet", **CHOSEN).returncode == 0
    assert compose("config", "--services", **CHOSEN).stdout.split() == ["influxdb", "postgres", "argus", "caddy"]


@pytest.mark.parametrize("missing", CHOSEN)
def test_a_password_that_nobody_chose_is_asked_for(missing: str) -> None:
    done = compose("config", "--quiet", **{name: word for name, word in CHOSEN.items() if name != missing})
    assert done.returncode != 0
    assert "choose it in .env" in done.stderr


def test_the_server_gets_settings_that_exist(tmp_path: Path) -> None:
    variables = {name: value or "" for name, value in services()["argus"]["environment"].items()}
    settings = load({}, {name: value for name, value in variables.items() if value}, tmp_path)
    assert settings.metrics_url == "influxdb://argus:feather@influxdb:8086/argus"
    assert settings.records_url == "postgresql://argus:eye@postgres/argus"
    known = {f"ARGUS_{name.upper()}" for name in Settings.__dataclass_fields__}
    assert set(variables) - known == {"ARGUS_ADMIN_PASSWORD"}


def test_only_the_server_and_the_proxy_can_be_reached_and_memory_fits_four_gigabytes() -> None:
    found = services()
    assert {name for name, service in found.items() if service.get("ports")} == {"argus", "caddy"}
    assert "127.0.0.1" in str(found["argus"]["ports"])
    assert found["argus"]["read_only"] is True
    assert found["argus"]["cap_drop"] == ["ALL"]
    assert sum(int(service["mem_limit"].removesuffix("m")) for service in found.values()) <= 3072
    checked = {name for name, service in found.items() if "healthcheck" in service}
    assert checked == {"influxdb", "postgres"}, "the server's own check is in its image"


def test_the_example_of_an_env_file_names_what_must_be_chosen() -> None:
    example = (ROOT / "deploy/env.example").read_text()
    assert set(re.findall(r"^(\w+)=$", example, re.MULTILINE)) == set(CHOSEN)
    text = (ROOT / "docker-compose.yml").read_text()
    named = set(re.findall(r"\$\{(\w+)", text))
    assert named == set(re.findall(r"^#?(\w+)=", example, re.MULTILINE))
