"""What a line says of its level, as loggers and languages write it."""

from __future__ import annotations

import pytest

from argus.run import levels


@pytest.mark.parametrize(
    ("level", "line"),
    [
        ("ERROR", "ERROR:root:no such order"),
        ("WARN", "WARNING:shop:slow"),
        ("ERROR", "2026-01-02 03:04:05,678 - shop.orders - ERROR - card refused"),
        ("DEBUG", "2026-01-02 03:04:05,678 DEBUG shop: nothing"),
        ("INFO", "INFO:     Uvicorn running on http://127.0.0.1:8000"),
        ("ERROR", "[2026-01-02 03:04:05 +0000] [123] [ERROR] Worker (pid:124) was sent SIGKILL!"),
        ("ERROR", "2026/01/02 03:04:05 [error] 123#0: *1 open() failed"),
        ("ERROR", "[Fri Jan 02 03:04:05.678901 2026] [core:error] [pid 1] AH00037"),
        ("WARN", "[warn] the pool is full"),
        ("WARN", "1234:M 02 Jan 2026 03:04:05.678 # Memory overcommit must be enabled"),
        ("INFO", "1234:M 02 Jan 2026 03:04:05.678 * Ready to accept connections"),
        ("DEBUG", "1234:M 02 Jan 2026 03:04:05.678 - Accepted 127.0.0.1:5000"),
        ("ERROR", "2026-01-02 03:04:05.678 UTC [99] FATAL:  role does not exist"),
        ("INFO", "2026-01-02 03:04:05.678 UTC [99] LOG:  database system is ready"),
        ("ERROR", "E0102 03:04:05.678901       1 controller.go:114] failed"),
        ("WARN", "W, [2026-01-02T03:04:05.678901 #1]  WARN -- : slow query"),
        ("ERROR", "[2026-01-02T03:04:05Z ERROR shop::orders] refused"),
        ("WARN", "2026-01-02T03:04:05.678901Z  WARN shop: slow"),
        ("ERROR", 'time=2026-01-02T03:04:05.678Z level=ERROR msg="card refused" order=7'),
        ("ERROR", "2026-01-02T03:04:05.678+0100\tERROR\tmain.go:12\tcard refused"),
        ("WARN", "2026-01-02 03:04:05.678  WARN 4711 --- [main] com.example.Shop : slow"),
        ("ERROR", "03:04:05.678 [main] ERROR com.example.Shop - refused"),
        ("ERROR", "SEVERE: refused"),
        ("ERROR", "Jan  2 03:04:05 web-1 shop[42]: ERROR refused"),
        ("ERROR", "shop.c:12:3: error: expected ';'"),
        ("WARN", "shop.c:12:3: warning: unused variable"),
        ("ERROR", "error[E0308]: mismatched types"),
        ("ERROR", "fatal: not a git repository"),
        ("WARN", "npm WARN deprecated left-pad"),
        ("ERROR", "npm ERR! missing script"),
        ("ERROR", "Traceback (most recent call last):"),
        ("ERROR", "panic: runtime error: index out of range"),
        ("ERROR", "thread 'main' panicked at src/main.rs:2:5:"),
        ("ERROR", 'Exception in thread "main" java.lang.NullPointerException'),
        ("ERROR", "java.lang.IllegalStateException: closed"),
        ("ERROR", "shop: shop.c:12: pay: Assertion `amount > 0' failed."),
        ("ERROR", "ValueError: not a number"),
    ],
)
def test_a_level_is_found_where_loggers_and_languages_put_it(level: str, line: str) -> None:
    assert levels.read(line).level == level
    assert levels.read(line).message == line


@pytest.mark.parametrize(
    "line",
    [
        "",
        "ready",
        "Set LOG_LEVEL to DEBUG to see more",
        "12:00:00 you may set the level to DEBUG",
        "no errors were found",
        "informational text",
        "DEBUG-1 is a product",
        "usage: shop [--debug] FILE",
        "the error is mine",
        '127.0.0.1 - - [02/Jan/2026:03:04:05 +0000] "GET /errors HTTP/1.1" 200 7',
        "{not json}",
        "[1, 2]",
    ],
)
def test_a_line_that_names_no_level_has_none(line: str) -> None:
    assert levels.read(line) == levels.Said(None, line)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            '{"level":"warning","msg":"slow","order":7,"logger":"shop.pay"}',
            levels.Said("WARN", "slow", "shop.pay", {"order": 7}),
        ),
        ('{"level":50,"time":1,"msg":"pino"}', levels.Said("ERROR", "pino", None, {"time": 1})),
        ('{"severity":"CRITICAL","message":"gone"}', levels.Said("ERROR", "gone", None, {})),
        ('{"message":"no level"}', levels.Said(None, "no level", None, {})),
        ('{"level":"info"}', levels.Said(None, '{"level":"info"}')),
        ("<3>disk is full", levels.Said("ERROR", "disk is full")),
        ("<30>daemon started", levels.Said("INFO", "daemon started")),
    ],
)
def test_structured_lines_are_taken_apart(line: str, said: levels.Said) -> None:
    assert levels.read(line) == said
