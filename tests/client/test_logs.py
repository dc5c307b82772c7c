"""Log lines: what is taken of a record, what a flood does, and that the program's own logging stays as it was."""

from __future__ import annotations

import json
import logging
import textwrap
import time

import pytest
from program import run_program

from argus.client import logs


@pytest.fixture
def buffer() -> logs.LogBuffer:
    return logs.LogBuffer()


@pytest.fixture
def woken() -> list[int]:
    """One entry for each time the flusher was woken."""
    return []


@pytest.fixture
def logger(buffer, woken):
    made = logging.Logger("shop.pay", logging.DEBUG)
    made.addHandler(logs.ArgusHandler(buffer, lambda: woken.append(1), logging.DEBUG))
    return made


class TestLogs:
    def test_a_line_carries_everything_that_was_logged(self, buffer, logger) -> None:
        try:
            raise KeyError("card")
        except KeyError:
            logger.exception("order %d failed", 7, extra={"order": 7, "cart": {"items": [1, {2}]}, "odd": object})
        (line,) = buffer.take(10)
        assert (line.level, line.message, line.logger) == ("ERROR", "order 7 failed", "shop.pay")
        assert line.metadata["order"] == 7
        assert line.metadata["cart"] == {"items": [1, [2]]}
        assert "class 'object'" in line.metadata["odd"]
        assert "KeyError: 'card'" in line.metadata["exception"]
        json.dumps(line.metadata)

    @pytest.mark.parametrize(
        ("level", "name"), [(10, "DEBUG"), (20, "INFO"), (30, "WARN"), (40, "ERROR"), (50, "ERROR")]
    )
    def test_levels_have_the_names_of_the_wire(self, buffer, logger, level: int, name: str) -> None:
        logger.log(level, "x")
        (line,) = buffer.take(1)
        assert line.level == name
        assert line.metadata.get("level") == ("CRITICAL" if level == 50 else None)

    def test_only_errors_wake_the_flusher(self, logger, woken) -> None:
        logger.warning("x")
        assert woken == []
        logger.error("x")
        assert woken == [1]

    def test_wrong_arguments_of_a_template_keep_both(self, buffer, logger) -> None:
        logger.info("%d apples", "three")
        (line,) = buffer.take(1)
        assert line.message == "%d apples"
        assert "TypeError" in line.metadata["format_error"]

    def test_an_object_that_cannot_be_shown_is_reported_not_raised(self, buffer, logger) -> None:
        class Broken:
            def __repr__(self) -> str:
                raise RuntimeError("no")

        logger.info("x", extra={"broken": Broken()})
        (line,) = buffer.take(1)
        assert "could not be read" in line.message

    def test_logging_while_a_line_is_formatted_does_not_recurse(self, buffer, logger) -> None:
        class Chatty:
            def __str__(self) -> str:
                logger.info("inside")
                return "chatty"

        logger.info("%s", Chatty())
        assert [line.message for line in buffer.take(10)] == ["chatty"]

    def test_the_oldest_lines_go_when_the_buffer_is_full_and_are_counted(self) -> None:
        small = logs.LogBuffer(capacity=3)
        for number in range(5):
            small.put(logs.event_line(f"e{number}", "", None))
        assert small.dropped == 2
        assert [line.metadata["event"] for line in small.take(9)] == ["e2", "e3", "e4"]

    def test_a_flood_of_one_template_is_summed_up(self, buffer, logger) -> None:
        for number in range(logs.FLOOD_LINES + 50):
            logger.info("tick %d", number)
        logger.info("another")
        buffer.end_window(time.time())
        lines = buffer.take(10_000)
        assert len(lines) == logs.FLOOD_LINES + 2
        assert buffer.suppressed == 50
        assert lines[-1].message == "50 more lines like 'tick %d' were suppressed"
        logger.info("tick %d", 1)
        assert len(buffer.take(10)) == 1

    def test_over_long_text_is_cut_and_marked(self, buffer, logger) -> None:
        logger.info("x" * (logs.MAX_TEXT + 10))
        assert buffer.take(1)[0].message.endswith("… (10 more characters)")

    def test_what_could_not_be_sent_stands_before_what_came_since(self, buffer, logger) -> None:
        logger.info("first")
        taken = buffer.take(1)
        logger.info("second")
        buffer.put_back(taken)
        assert [line.message for line in buffer.take(9)] == ["first", "second"]


class TestListening:
    """In processes of their own: here the test runner has handlers on the root logger."""

    def test_the_programs_own_logging_is_as_it_was(self, server) -> None:
        program = """
            INIT
            logging.getLogger('shop').warning('nobody configured logging')
            logging.basicConfig(level='INFO', format='mine: %(message)s')
            logging.getLogger('shop').info('configured after init')
            logging.config.dictConfig({'version': 1, 'root': {'level': 'INFO', 'handlers': []}})
            quiet = logging.getLogger('uvicorn')
            quiet.propagate = False
            quiet.error('kept to itself')
            argus.close()
            assert logging.Logger.callHandlers.__module__ == 'logging'
        """
        answer = run_program("import logging, logging.config\n" + textwrap.dedent(program), server.url)
        assert answer.returncode == 0, answer.stderr
        assert answer.stderr.splitlines() == [
            "nobody configured logging",
            "mine: configured after init",
            "kept to itself",
        ]
        assert [line["message"] for line in server.lines()] == [
            "nobody configured logging",
            "configured after init",
            "kept to itself",
        ]

    def test_a_wrong_key_is_said_where_nobody_configured_logging(self, server) -> None:
        server.behave = lambda number, path: 401
        answer = run_program("INIT\nargus.increment('n')\nargus.flush()", server.url)
        assert answer.stderr.count("the server refuses the key") == 1
