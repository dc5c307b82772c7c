"""Patches: all or nothing, once, and taken back; a library that is not known is left alone and told of."""

from __future__ import annotations

import inspect
import sys
from types import ModuleType
from typing import Any

import pytest

import argus
from argus import instrument
from argus.instrument import Library
from argus.instrument.patching import Patch, UnknownVersionError
from argus.instrument.recorder import Recorder


class Base:
    def inherited(self, a: int) -> int:
        return a


class Thing(Base):
    def double(self, a: int, b: int = 2) -> int:
        """Multiply."""
        return a * b

    async def later(self) -> None:
        """Wait."""


def tripled(original: Any) -> Any:
    def replacement(self: Any, *args: Any, **kwargs: Any) -> Any:
        return 3 * original(self, *args, **kwargs)

    return replacement


def alone(original: Any) -> Any:
    def replacement(self: Any) -> Any:
        return original(self)

    return replacement


def test_a_replacement_looks_like_what_it_replaces_and_goes_again() -> None:
    before = Thing.double
    patch = Patch()
    patch.wrap(Thing, "double", tripled, "self", "a")
    assert Thing.double is before
    patch.apply()
    assert Thing().double(5) == 30
    assert inspect.signature(Thing.double) == inspect.signature(before)
    assert (Thing.double.__doc__, inspect.unwrap(Thing.double)) == ("Multiply.", before)
    patch.remove()
    assert Thing.double is before


def test_what_is_replaced_already_is_replaced_no_second_time() -> None:
    first, second = Patch(), Patch()
    for patch in (first, second):
        patch.wrap(Thing, "double", tripled)
        patch.apply()
    assert Thing().double(5) == 30
    second.remove()
    assert Thing().double(5) == 30
    first.remove()
    assert Thing().double(5) == 10


def test_an_inherited_function_is_replaced_in_the_class_alone() -> None:
    patch = Patch()
    patch.wrap(Thing, "inherited", tripled)
    patch.apply()
    assert (Thing().inherited(1), Base().inherited(1)) == (3, 1)
    patch.remove()
    assert "inherited" not in vars(Thing)


def test_what_somebody_else_replaced_since_stays() -> None:
    own = type("Own", (Thing,), {})
    patch = Patch()
    patch.wrap(own, "double", tripled)
    patch.apply()
    setattr(own, "double", "something else")  # noqa: B010  # the class has no such attribute for a type checker
    patch.remove()
    assert vars(own)["double"] == "something else"


@pytest.mark.parametrize(
    ("name", "parameters", "says"),
    [
        ("treble", (), r"Thing has no function treble"),
        ("double", ("self", "x"), r"Thing\.double has the parameters \('self', 'a', 'b'\), not \('self', 'x'\)"),
        ("double", ("self", "a"), r"Thing\.double has the parameters"),
        ("later", ("self",), r"Thing\.later is a coroutine function, not a function"),
    ],
)
def test_what_is_not_as_expected_is_told(name, parameters, says) -> None:
    with pytest.raises(UnknownVersionError, match=says):
        Patch().wrap(Thing, name, alone, *parameters)


@pytest.fixture
def flask_from_the_future(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A library that has one of the two functions that Flask's patch needs."""
    library = ModuleType("flask_from_the_future")
    library.Flask = type("Flask", (), {"__call__": lambda self, environ, start_response: [], "__module__": "flask"})  # type: ignore[attr-defined]  # made for this test
    monkeypatch.setitem(sys.modules, library.__name__, library)
    return library


def test_a_version_that_is_not_known_is_left_untouched_and_said_once(flask_from_the_future, caplog) -> None:
    untouched = dict(vars(flask_from_the_future.Flask))
    client = argus.Client(system_metrics=False, capture_logs=False)
    installed = instrument.Instrumentation(client)
    libraries = [Library("requests_in", "flask_from_the_future", "flask:patch")]
    installed.watch(libraries)
    installed.watch(libraries)
    assert dict(vars(flask_from_the_future.Flask)) == untouched
    counters = client.snapshot().counters
    assert dict(zip(counters.keys, counters.sum, strict=True)) == {
        "argus.client.libraries_unknown{library=flask_from_the_future}": 2
    }
    (said,) = (record.getMessage() for record in caplog.records)
    assert said.startswith("flask_from_the_future is not measured, for this version is not known: ")
    assert said.endswith("flask.Flask has no function full_dispatch_request")


def test_what_cannot_be_measured_is_counted_said_once_and_kept_from_the_application(caplog) -> None:
    client = argus.Client(system_metrics=False, capture_logs=False)
    recorder = Recorder(client)
    for _ in range(3):
        recorder.attempt("flask", lambda: 1 / 0)
    counters = client.snapshot().counters
    assert dict(zip(counters.keys, counters.sum, strict=True)) == {"argus.client.instrument_problems{library=flask}": 3}
    assert len(caplog.records) == 1


def test_a_part_that_is_left_out_is_not_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    watched: list[str] = []
    monkeypatch.setattr(instrument, "_installed", None)
    monkeypatch.setattr(instrument._hook, "when_imported", lambda name, _callback: watched.append(name))
    client = argus.Client(system_metrics=False, capture_logs=False)
    instrument.install(client, without={"requests_in", "databases", "logging"})
    assert watched == ["urllib3.connectionpool", "httpx", "aiohttp.client", "uvloop"]
