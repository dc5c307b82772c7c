"""Which store a URL opens, and what is said of one that names none."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from postgres import Postgres

from argus.errors import ConfigError
from argus.server.settings import Settings
from argus.server.stores import opening


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path)


def test_without_urls_the_stores_lie_in_the_data_folder(settings: Settings, tmp_path: Path) -> None:
    opening.open_metrics(settings).close()
    opening.open_records(settings).close()
    assert {path.name for path in tmp_path.glob("*.db")} == {"metrics.db", "records.db"}
    assert opening.is_embedded(settings)


def test_drivers_of_engines_are_imported_only_where_one_is_opened() -> None:
    program = "import sys, argus.server.app; sys.exit(len({'influxdb_client', 'urllib3'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize("slashes", ["sqlite://", "sqlite:///"])
def test_a_sqlite_url_names_a_file_from_the_root(settings: Settings, tmp_path: Path, slashes: str) -> None:
    opening.open_metrics(replace(settings, metrics_url=f"{slashes}{tmp_path}/elsewhere.db")).close()
    assert (tmp_path / "elsewhere.db").exists()


@pytest.mark.parametrize("url", ["mysql://argus:peacock@db/argus", "metrics.db", "//x"])
def test_an_unknown_scheme_is_refused_with_those_there_are_and_no_secret(settings: Settings, url: str) -> None:
    with pytest.raises(ConfigError, match=r"--records-url begins with .*sqlite://") as refusal:
        opening.open_records(replace(settings, records_url=url))
    assert "peacock" not in str(refusal.value)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite://argus:peacock@host/x.db"])
def test_a_sqlite_url_without_a_file_is_refused_with_an_example(settings: Settings, url: str) -> None:
    with pytest.raises(ConfigError, match=r"sqlite:///var/lib/argus/metrics\.db") as refusal:
        opening.open_metrics(replace(settings, metrics_url=url))
    assert "peacock" not in str(refusal.value)


def test_a_url_is_shown_without_user_password_and_query() -> None:
    assert opening.without_secrets("postgresql://argus:peacock@db:5432/argus?x=y") == "postgresql://db:5432/argus"
    assert opening.without_secrets("influxdb://h:8086/b?token=feather") == "influxdb://h:8086/b"


@pytest.mark.parametrize("scheme", ["influxdb", "victoriametrics", "postgresql"])
@pytest.mark.parametrize("password", ["12/peacock", "12?peacock", "12#peacock", "[peacock", "peacock\u2100"])
def test_what_a_password_cut_short_leaves_is_shown_nowhere(settings: Settings, scheme: str, password: str) -> None:
    url = f"{scheme}://argus:{password}@h:1/argus"
    chosen = replace(settings, metrics_url=url, records_url=url)
    is_records = scheme == "postgresql"
    for use in (
        lambda: opening.shown("records" if is_records else "metrics", url, settings),
        lambda: opening.open_records(chosen) if is_records else opening.open_metrics(chosen),
    ):
        with pytest.raises(ConfigError, match=r"%2F for /") as refusal:
            use()
        assert "peacock" not in str(refusal.value)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres"])
def test_a_postgresql_url_opens_a_database(settings: Settings, postgres: Postgres, scheme: str) -> None:
    url = postgres.new_schema().replace("postgresql", scheme, 1)
    chosen = replace(settings, records_url=url)
    store = opening.open_records(chosen)
    assert list(store.apps()) == []
    store.close()
    assert not opening.is_embedded(replace(chosen, metrics_url="victoriametrics://h:8428"))


def test_drivers_are_imported_by_those_who_use_them_only() -> None:
    program = "import sys, argus.server.app; sys.exit('psycopg' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
