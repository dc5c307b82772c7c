"""Lines that belong together are one entry."""

from __future__ import annotations

import textwrap

import pytest

from argus.run import entries


def texts(lines: str) -> list[str]:
    assembly = entries.Assembly()
    ended = [assembly.add(line, 0.0) for line in textwrap.dedent(lines).strip("\n").split("\n")]
    return [entry.said().message for entry in [*ended, assembly.take(1.0)] if entry is not None]


PYTHON = """\
Traceback (most recent call last):
  File "app.py", line 3, in pay
    charge()
KeyError: 'card'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "app.py", line 5, in pay
    raise Refused
Refused: no card"""
JAVA = """\
Exception in thread "main" java.lang.IllegalStateException: closed
\tat com.example.Shop.pay(Shop.java:12)
Caused by: java.io.IOException: reset
\tat com.example.Net.read(Net.java:3)
\t... 3 more"""
GO = """\
panic: runtime error: index out of range [3] with length 3

goroutine 1 [running]:
main.pay(...)
\t/src/main.go:8
main.main()
\t/src/main.go:4 +0x18
exit status 2"""
RUST = """\
thread 'main' panicked at src/main.rs:2:5:
no card
stack backtrace:
   0: rust_begin_unwind
             at /rustc/lib.rs:1:1
note: Some details are omitted"""
NODE = """\
Error: no card
    at pay (/app/index.js:3:9)

Node.js v18.19.0"""


@pytest.mark.parametrize("trace", [PYTHON, JAVA, GO, RUST, NODE], ids=["Python", "Java", "Go", "Rust", "Node"])
def test_a_stack_trace_is_one_entry(trace: str) -> None:
    assert texts(f"before\n{trace}\nafter") == ["before", trace, "after"]


def test_a_trace_below_an_error_belongs_to_it() -> None:
    whole = f"ERROR:shop:not paid\n{PYTHON}"
    assert texts(f"{whole}\nERROR:shop:again") == [whole, "ERROR:shop:again"]


def test_what_is_indented_belongs_to_the_line_above() -> None:
    assert texts("settings:\n  a: 1\n  b: 2\ndone") == ["settings:\n  a: 1\n  b: 2", "done"]


def test_blank_lines_are_no_entries() -> None:
    assert texts("\n\na\n\nb\n\n") == ["a", "b"]


def test_an_entry_has_its_bounds_and_says_what_is_beyond() -> None:
    (text,) = texts("Traceback (most recent call last):\n" + "  frame\n" * 600 + "  last")
    assert text.count("\n") == entries.MOST_LINES
    assert text.endswith("… (102 more lines)")


def test_an_entry_in_the_making_can_be_taken_when_it_has_settled() -> None:
    assembly = entries.Assembly()
    assembly.add("first", 10.0)
    assembly.add("  more", 12.0)
    assert assembly.take(11.0) is None
    entry = assembly.take(12.0)
    assert entry is not None
    assert (entry.said().message, entry.time) == ("first\n  more", 10.0)
    assert assembly.take(99.0) is None
