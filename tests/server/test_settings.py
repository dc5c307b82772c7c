"""Where settings come from, which source wins, and what is said of a wrong one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from argus.errors import ConfigError
from argus.server.settings import Settings, admin_password, flag, known, load, variable

PAGE = Path(__file__).resolve().parents[2] / "docs" / "settings.md"


def in_file(folder: Path, text: str) -> Path:
    (folder / "argus.toml").write_text(text, encoding="utf-8")
    return folder


def test_without_any_source_the_defaults_hold(tmp_path: Path) -> None:
    assert load({}, {}, tmp_path) == Settings()


def test_an_empty_variable_counts_as_none(tmp_path: Path) -> None:
    folder = in_file(tmp_path, "[server]\nport = 1")
    assert load({}, {variable(setting.name): "" for setting in known()}, folder).port == 1
    assert load({}, {"ARGUS_PORT": "", "ARGUS_TRUSTED_PROXIES": ""}, tmp_path / "empty").trusted_proxies


def test_a_flag_beats_a_variable_beats_the_file(tmp_path: Path) -> None:
    folder = in_file(tmp_path, "[server]\nport = 1\nmax_logs = 3\nmax_batch = 5")
    chosen = load({"port": "7"}, {"ARGUS_PORT": "2", "ARGUS_MAX_LOGS": "4"}, folder)
    assert (chosen.port, chosen.max_logs, chosen.max_batch) == (7, 4, 5)
    assert chosen.given == {
        "port": "--port",
        "max_batch": f"{folder / 'argus.toml'}: server.max_batch",
        "max_logs": "ARGUS_MAX_LOGS",
    }


def test_values_take_the_type_of_their_setting(tmp_path: Path) -> None:
    chosen = load(
        {}, {"ARGUS_DATA": "~/argus", "ARGUS_LOG_RETENTION_DAYS": "2.5", "ARGUS_SELF_MONITORING": "no"}, tmp_path
    )
    assert (chosen.data, chosen.log_retention_days, chosen.self_monitoring) == (Path.home() / "argus", 2.5, False)


def test_a_secret_may_lie_in_a_file_that_a_variable_names(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("postgresql://argus:peacock@db/argus\n")
    assert (
        load({}, {"ARGUS_RECORDS_URL_FILE": str(secret)}, tmp_path).records_url == "postgresql://argus:peacock@db/argus"
    )
    both = {"ARGUS_SMTP_URL": "", "ARGUS_SMTP_URL_FILE": str(secret)}  # as Compose passes a variable that nobody set
    assert load({}, both, tmp_path).smtp_url == "postgresql://argus:peacock@db/argus"
    with pytest.raises(ConfigError, match="ARGUS_SMTP_URL and ARGUS_SMTP_URL_FILE are both set") as refusal:
        load({}, {**both, "ARGUS_SMTP_URL": "smtp://feather@host"}, tmp_path)
    assert not {"peacock", "feather"} & set(re.split(r"\W", str(refusal.value)))
    with pytest.raises(ConfigError, match=r"ARGUS_RECORDS_URL_FILE is '/no/such'.*cannot be read"):
        load({}, {"ARGUS_RECORDS_URL_FILE": "/no/such"}, tmp_path)
    assert admin_password({"ARGUS_ADMIN_PASSWORD_FILE": str(secret)}) == "postgresql://argus:peacock@db/argus"
    assert admin_password({}) is None


@pytest.mark.parametrize(
    ("arguments", "environment", "file", "said"),
    [
        ({"port": "http"}, {}, "", r"--port is 'http': it must be a whole number"),
        ({"port": "70000"}, {}, "", r"--port is '70000'.*from 0 to 65,535"),
        ({}, {"ARGUS_MAX_BODY": "lots"}, "", r"ARGUS_MAX_BODY is 'lots'"),
        ({}, {"ARGUS_QUERY_TIMEOUT": "nan"}, "", r"ARGUS_QUERY_TIMEOUT is 'nan'.*from"),
        ({}, {"ARGUS_SELF_MONITORING": "maybe"}, "", r"ARGUS_SELF_MONITORING is 'maybe'.*true or false"),
        ({}, {"ARGUS_LOG_LEVEL": "LOUD"}, "", r"ARGUS_LOG_LEVEL is 'LOUD'.*DEBUG"),
        ({}, {"ARGUS_PUBLIC_URL": "argus.example.org"}, "", r"ARGUS_PUBLIC_URL.*https://"),
        ({}, {}, "[server]\nport = 'x'", r"argus\.toml: server\.port is 'x'"),
        ({}, {}, "[server]\nprot = 1", r"server\.prot; did you mean port\?"),
        ({}, {}, "[server\nport = 1", r"argus\.toml cannot be read"),
        ({}, {}, "server = 1", r"argus\.toml: server is 1; it must be a table"),
        ({}, {}, "[server]\nport = 80.5", r"server\.port is 80\.5"),
        ({}, {}, "[server]\nport = true", r"server\.port is True"),
    ],
)
def test_a_wrong_value_is_refused_with_its_source_and_remedy(
    tmp_path: Path, arguments: dict[str, str], environment: dict[str, str], file: str, said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        load(arguments, environment, in_file(tmp_path, file))


def test_the_page_describes_every_setting_as_it_is() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `--")]
    assert rows == [page_row(setting.name, setting.default, setting.metadata["doc"]) for setting in known()]


def page_row(name: str, default: object, doc: str) -> str:
    shown = f"`{default}`" if default != "" else ""
    return f"| `{flag(name)}` | `{variable(name)}` | `{name}` | {shown} | {doc} |"
