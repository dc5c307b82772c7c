"""From the bytes of a stream to the client's log lines."""

from __future__ import annotations

import logging

import pytest

from argus.aggregate.choose import choose_backend
from argus.client.logs import FLOOD_LINES, LogBuffer
from argus.run.lines import LINES_PER_WINDOW, MOST_BYTES, Lines


class Taken:
    """Lines whose clock a test turns, and what became of them."""

    def __init__(self) -> None:
        self.now = 100.0
        self.silent = False
        self.woken = 0
        self.buffer = LogBuffer()
        self.aggregator = choose_backend()()
        self.lines = Lines(
            "stdout", self.buffer, self.wake, logging.INFO, silent=lambda: self.silent, clock=lambda: self.now
        )

    def wake(self) -> None:
        self.woken += 1

    def feed(self, *chunks: bytes) -> list[tuple[str, str]]:
        for chunk in chunks:
            self.lines.feed(chunk)
        self.lines.close()
        return self.found()

    def found(self) -> list[tuple[str, str]]:
        return [(line.level, line.message) for line in self.buffer.take(10**6)]

    def end_window(self) -> dict[str, float]:
        self.lines.end_window(self.aggregator)
        counters = self.aggregator.drain(0.0, 1.0).counters
        return dict(zip(counters.keys, counters.sum, strict=True))


@pytest.fixture
def taken() -> Taken:
    return Taken()


def test_lines_are_found_however_they_are_cut_into_chunks(taken: Taken) -> None:
    text = "one\r\ntwø\nERROR: three\nfour".encode()
    chunks = [text[at : at + 1] for at in range(len(text))]
    assert taken.feed(*chunks) == [("INFO", "one"), ("INFO", "twø"), ("ERROR", "ERROR: three"), ("INFO", "four")]
    assert taken.woken == 1


def test_colours_and_what_was_painted_over_are_left_out(taken: Taken) -> None:
    given = b"\x1b[1;31mERROR\x1b[0m: \x1b]0;title\x07red\n 10%\r 50%\r100%\n\x1b(Bplain\n"
    assert taken.feed(given) == [("ERROR", "ERROR: red"), ("INFO", "100%"), ("INFO", "plain")]


def test_what_a_full_screen_program_paints_is_no_line(taken: Taken) -> None:
    assert taken.feed(b"a\n\x1b[?1049hpainted\n", b"more\n", b"x\x1b[?1049lb\n") == [("INFO", "a"), ("INFO", "b")]


def test_a_level_below_the_least_is_not_sent(taken: Taken) -> None:
    assert taken.feed(b"DEBUG: a\nINFO: b\n") == [("INFO", "INFO: b")]


def test_an_endless_line_is_cut_and_says_so(taken: Taken) -> None:
    (line,) = taken.feed(*[b"x" * 10_000] * 5, b"\n")
    assert line == ("INFO", "x" * MOST_BYTES + f"… ({50_000 - MOST_BYTES} more bytes)")


def test_a_long_line_in_one_chunk_is_cut_as_well_and_the_next_is_whole(taken: Taken) -> None:
    first, second = taken.feed(b"x" * 50_000 + b"\nnext\n")
    assert first[1].endswith(f"… ({50_000 - MOST_BYTES} more bytes)")
    assert second == ("INFO", "next")


def test_binary_data_are_counted_and_not_sent(taken: Taken) -> None:
    assert taken.feed(b"\x00\x01\x02\nok\n\xff\xfe not utf-8\n") == [("INFO", "ok"), ("INFO", "\ufffd\ufffd not utf-8")]
    assert taken.end_window() == {"argus.run.lines_skipped{reason=binary,stream=stdout}": 1}


def test_only_so_many_lines_are_looked_at_in_a_window_and_the_rest_is_counted(taken: Taken) -> None:
    taken.lines.feed(b"".join(b"line %c%d\n" % (97 + at % 26, at) for at in range(LINES_PER_WINDOW + 500)))
    assert taken.end_window() == {"argus.run.lines_skipped{reason=rate,stream=stdout}": 500}
    taken.buffer.clear()
    taken.lines.feed(b"the next window\n")
    taken.lines.close()
    assert taken.found()[-1] == ("INFO", "the next window")


def test_a_flood_of_one_kind_is_summed_up_by_the_client(taken: Taken) -> None:
    found = taken.feed(b"".join(b"took %d ms\n" % at for at in range(FLOOD_LINES + 50)))
    assert (len(found), taken.buffer.suppressed) == (FLOOD_LINES, 50)


def test_an_entry_that_has_settled_goes_with_its_window(taken: Taken) -> None:
    taken.lines.feed(b"alone\n")
    taken.end_window()
    assert taken.found() == []
    taken.now += 5
    taken.end_window()
    assert taken.found() == [("INFO", "alone")]


def test_nothing_is_taken_while_somebody_else_reports_it_but_the_last_lines_are_known(taken: Taken) -> None:
    taken.silent = True
    assert taken.feed(b"one\n\x1b[1mtwo\x1b[0m\n", b"three") == []
    assert taken.lines.last() == ["one", "two", "three"]
