"""Tags take a bounded number of values, whatever an application is asked or asks."""

from __future__ import annotations

import pytest

from argus.instrument.recorder import HOSTS, ROUTES, TIMERS, Queries, Recorder, host_name, method_name, status_class


def test_hosts_and_routes_beyond_the_bound_share_a_name(client, counted) -> None:
    recorder = Recorder(client)
    for number in range(HOSTS + 5):
        recorder.call(f"h{number}", "GET", "2xx", 0.1)
    found = counted("http.client")
    assert (len(found), found["(other) GET 2xx"], found["h99 GET 2xx"]) == (HOSTS + 1, 5, 1)
    for number in range(ROUTES + 3):
        recorder.requests[f"/{number}", "GET", 200].record(0.1)
    assert counted("http.request")["GET (other) 2xx"] == 3


def test_what_clients_choose_does_not_make_the_memory_of_timers_grow(client, counted) -> None:
    requests = Recorder(client).requests
    for number in range(3):
        requests["/", f"METHOD{number}", 200].record(0.1)
    assert (counted("http.request"), len(requests)) == ({"OTHER / 2xx": 3}, 0)
    for status in range(TIMERS + 3):
        requests["/", "GET", status].record(0.1)
    assert (counted("http.request")["GET / 4xx"], len(requests)) == (100, 3)


def test_a_request_whose_like_was_there_has_the_timer_that_was_there(client) -> None:
    requests = Recorder(client).requests
    assert requests["/", "GET", 200] is requests["/", "GET", 200]
    assert requests["/", "GET", 200] is not requests["/", "GET", 404]


def test_a_route_longer_than_a_tag_may_be_is_cut(client, counted) -> None:
    recorder = Recorder(client)
    recorder.requests["/" + "ø" * 300, "GET", 200].record(0.1)
    recorder.requests["/\udcff", "GET", 200].record(0.1)
    assert counted("http.request") == {f"GET /{'ø' * 127} 2xx": 1, "GET /? 2xx": 1}


@pytest.mark.parametrize(
    ("statement", "operation"),
    [
        ("SELECT 1", "SELECT"),
        ("  select 1", "SELECT"),
        ("(SELECT 1) UNION (SELECT 2)", "SELECT"),
        ("-- why\n/* what\nfor */ insert into t values (1)", "INSERT"),
        ("/*+ hint */WITH a AS (SELECT 1) SELECT * FROM a", "WITH"),
        (";;delete from t", "DELETE"),
        ("secret_procedure('x')", "OTHER"),
        ("-- only a comment", "OTHER"),
        ("", "OTHER"),
        (None, "OTHER"),
        ("/**/" * 50_000 + "1", "OTHER"),
        ("/*" * 50_000, "OTHER"),
    ],
)
def test_the_operation_is_the_first_word_of_a_statement_if_it_is_one_of_sql(
    client, counted, statement, operation
) -> None:
    with Queries(client, "sqlite").timer(statement):
        pass
    assert counted("db.query") == {f"{operation} sqlite": 1}


@pytest.mark.parametrize(
    ("host", "port", "name"),
    [
        ("Api.Example.org", None, "api.example.org"),
        ("127.0.0.1", 8000, "127.0.0.1:8000"),
        ("::1", 80, "[::1]:80"),
        ("[::1]", None, "[::1]"),
        ("", 80, "(none)"),
        (None, None, "(none)"),
    ],
)
def test_a_host_is_named_with_its_port_where_that_is_not_the_usual_one(host, port, name) -> None:
    assert host_name(host, port) == name


def test_methods_and_statuses_become_one_of_a_few_words() -> None:
    assert [method_name(method) for method in ("GET", "patch", "BREW", "")] == ["GET", "PATCH", "OTHER", "OTHER"]
    assert [status_class(status) for status in (101, 204, 404, 599, 0, 999)] == [
        "1xx",
        "2xx",
        "4xx",
        "5xx",
        "(none)",
        "(none)",
    ]
