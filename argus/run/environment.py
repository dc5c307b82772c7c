"""What the parent's settings mean for the program: whether it is watched, and what it finds in its environment."""

from __future__ import annotations

from collections.abc import Mapping

from argus import bootstrap
from argus.client.config import Config
from argus.run.folder import VARIABLE, RunFolder
from argus.run.inside import Inside

UNMONITORED = "the program runs unmonitored"


def why_not(settings: Config) -> str | None:
    """Return why nothing can be reported, ``None`` where it can."""
    if settings.sink is not None:
        return None
    if settings.url is None:
        return f"there is no server to report to: give --url or set ARGUS_URL; {UNMONITORED}"
    if settings.api_key is None:
        return f"there is no key: set ARGUS_API_KEY or give --api-key; {UNMONITORED}"
    return None


def of_program(environ: Mapping[str, str], settings: Config, folder: RunFolder, inside: Inside) -> dict[str, str]:
    """Return the program's environment: this process's, and what the parent has found out for its children."""
    resolved = {
        "ARGUS_URL": settings.url,
        "ARGUS_APP_ID": settings.app_id,
        "ARGUS_API_KEY": settings.api_key,
        "ARGUS_WITHOUT": ",".join(sorted(settings.without)) or None,
        "ARGUS_FLIGHT_RECORDER": _recorder(settings),
    }
    given = {name: value for name, value in resolved.items() if value is not None}
    whole = bootstrap.environment({**environ, **given, VARIABLE: str(folder.path)})
    return {**whole, **inside.environment(whole)} if "inside" not in settings.without else whole


def recorded(settings: Config) -> Config:
    """Return the settings with the flight recorder that the program's processes have."""
    if settings.flight_recorder or "recorder" in settings.without:
        return settings
    return settings._replace(flight_recorder=True)


def _recorder(settings: Config) -> str | None:
    """Return the variable's value: a folder, or whether there is a recorder."""
    chosen = recorded(settings).flight_recorder
    return chosen if isinstance(chosen, str) else "true" if chosen else None
