"""Which backend serves: native, else cffi, else numpy, else plain Python; ``ARGUS_BACKEND`` decides otherwise."""

from __future__ import annotations

import os
from collections.abc import Callable

from argus.aggregate.base import Aggregator
from argus.errors import ConfigError

Backend = Callable[..., Aggregator]

REMEDY = "install a C++ compiler and reinstall, or: pip install 'argus-monitor[fallback]'"


def _native() -> Backend:
    from argus.aggregate._native import NativeAggregator  # noqa: PLC0415  # only the chosen backend is loaded

    return NativeAggregator


def _cffi() -> Backend:
    from argus.aggregate.cffi import CffiAggregator  # noqa: PLC0415  # only the chosen backend is loaded

    return CffiAggregator


def _numpy() -> Backend:
    from argus.aggregate.with_numpy import NumpyAggregator  # noqa: PLC0415  # only the chosen backend is loaded

    return NumpyAggregator


def _python() -> Backend:
    from argus.aggregate.with_python import PythonAggregator  # noqa: PLC0415  # only the chosen backend is loaded

    return PythonAggregator


BACKENDS: dict[str, Callable[[], Backend]] = {"native": _native, "cffi": _cffi, "numpy": _numpy, "python": _python}
"""In order of preference."""


def choose_backend(wanted: str | None = None) -> Backend:
    """Return the wanted backend, or the best that is installed.

    Raises :class:`ConfigError` for an unknown name, and when the wanted one cannot be loaded.
    """
    wanted = wanted or os.environ.get("ARGUS_BACKEND") or None
    if wanted is not None and wanted not in BACKENDS:
        raise ConfigError(f"ARGUS_BACKEND is {wanted!r}; it can be {', '.join(BACKENDS)}")
    reasons = []
    for name, load in BACKENDS.items():
        if wanted not in {None, name}:
            continue
        try:
            return load()
        except ImportError as error:
            reasons.append(f"{name}: {error}")
    raise ConfigError(f"no aggregation backend can be loaded ({'; '.join(reasons)}); {REMEDY}")
