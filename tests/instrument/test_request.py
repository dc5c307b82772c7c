"""One request's account of itself: the native class and its twin in plain Python, held to one suite."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from argus.aggregate import choose
from argus.instrument import plain_request
from argus.instrument.recorder import Recorder
from argus.instrument.request import Request

TWINS: dict[str, Any] = {"native": Request, "plain": plain_request.Request}


@pytest.fixture(params=TWINS)
def make(request: pytest.FixtureRequest, client: Any) -> Any:
    """Open a request, with the method that is given."""
    kind, timers = TWINS[request.param], Recorder(client).requests
    return lambda method="GET": kind(timers, method)


def test_here_the_native_one_serves() -> None:
    assert Request.__module__ == "argus.aggregate._native"


def test_a_request_is_recorded_once_at_its_end(make, counted) -> None:
    measured = make("POST")
    assert measured.open
    measured.matched("/orders/{number}")
    measured.answered(201)
    assert counted("http.request") == {}
    measured.end()
    assert not measured.open
    measured.end()
    assert counted("http.request") == {"POST /orders/{number} 2xx": 1}


def test_a_request_of_which_nothing_was_heard_has_no_route_and_no_status(make, counted) -> None:
    make().end()
    assert counted("http.request") == {"GET (none) (none)": 1}


def test_what_is_known_last_of_a_route_counts_behind_its_mounts(make, counted) -> None:
    for deepest in ("/api/v1/{path}", "/api/v1/users/{number}"):
        measured = make()
        measured.matched("/replaced")
        measured.mounted("/api")
        measured.mounted("/v1")
        if deepest.endswith("{number}"):
            measured.matched("/users/{number}")
        measured.end()
        assert counted("http.request") == {f"GET {deepest} (none)": 1}


@pytest.mark.parametrize(
    ("error", "status"), [(ValueError(), "5xx"), (KeyboardInterrupt(), "2xx"), (GeneratorExit(), "2xx")]
)
def test_an_error_of_the_application_is_a_5xx_and_ends_the_request(make, counted, error, status) -> None:
    measured = make()
    measured.answered(200)
    measured.failed(error)
    assert not measured.open
    assert counted("http.request") == {f"GET (none) {status}": 1}


def test_a_switch_to_another_protocol_is_not_recorded(make, counted) -> None:
    measured = make()
    measured.answered(101)
    assert not measured.open
    measured.end()
    assert counted("http.request") == {}


@pytest.mark.parametrize(
    ("verb", "value", "says"),
    [("matched", b"/", "a route must be str"), ("mounted", None, "a route must be str"), ("answered", "200", "int")],
)
def test_what_no_library_should_say_is_refused_and_changes_nothing(make, counted, verb, value, says) -> None:
    measured = make()
    with pytest.raises(TypeError, match=says):
        getattr(measured, verb)(value)
    measured.end()
    assert counted("http.request") == {"GET (none) (none)": 1}


@pytest.mark.parametrize("backend", choose.BACKENDS)
def test_the_timers_may_be_those_of_any_backend(backend) -> None:
    aggregator = choose.choose_backend(backend)()
    timers = {("(none)", "GET", 0): aggregator.timer("http.request")}
    for kind in TWINS.values():
        kind(timers, "GET").end()
    assert aggregator.drain(0, 1).timings.count == [2]


def test_an_error_in_finding_the_timer_is_raised() -> None:
    for kind in TWINS.values():
        with pytest.raises(KeyError):
            kind({}, "GET").end()


@pytest.mark.parametrize("kind", TWINS.values(), ids=TWINS)
def test_what_a_request_held_is_let_go(kind, client) -> None:
    timers, method, route = Recorder(client).requests, "GE" + chr(84), "/" + "x" * 40

    def serve() -> None:
        measured = kind(timers, method)
        measured.mounted(route)
        measured.matched(route)
        measured.answered(1000)
        measured.end()
        kind(timers, method)  # never ends

    serve()
    timers.clear()
    before = [sys.getrefcount(thing) for thing in (timers, method, route)]
    for _ in range(100):
        serve()
    timers.clear()
    assert [sys.getrefcount(thing) for thing in (timers, method, route)] == before
