"""What is found by itself: logs, warnings, uncaught exceptions, pauses; each can be left out."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from argus.bootstrap.uncaught import Uncaught
from argus.client.logs import ArgusHandler, LogBuffer


def test_logs_come_however_often_logging_is_set_up_anew(watched, bare) -> None:
    program = """
        import logging, logging.config, sys
        logging.getLogger("early").warning("before any set-up")
        logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(message)s")
        logging.getLogger("shop").info("after basicConfig")
        logging.config.dictConfig({
            "version": 1, "disable_existing_loggers": False,
            "handlers": {"out": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout"}},
            "root": {"handlers": ["out"], "level": "DEBUG"},
            "loggers": {"quiet": {"propagate": False, "handlers": []}},
        })
        logging.getLogger("shop").info("after dictConfig")
        logging.getLogger("quiet").error("without a handler")
    """
    answer = watched.run(bare, watched.write("logs.py", program))
    assert (answer.returncode, answer.stderr) == (0, "before any set-up\nwithout a handler\n")
    assert answer.stdout == "after basicConfig\nafter dictConfig\n"
    assert watched.messages() == [
        "before any set-up",
        "after basicConfig",
        "after dictConfig",
        "without a handler",
    ]


def test_warnings_that_are_shown_are_lines_and_no_others(watched, bare) -> None:
    program = """
        import logging, warnings
        warnings.warn("shown", UserWarning)
        warnings.simplefilter("ignore", FutureWarning)
        warnings.warn("ignored", FutureWarning)
        with warnings.catch_warnings(record=True) as kept:
            warnings.warn("recorded", UserWarning)
        warnings.showwarning = lambda *_: print("mine")
        warnings.warn("shown by the program", UserWarning)
        logging.captureWarnings(True)
        warnings.warn("through logging", UserWarning)
    """
    answer = watched.run(bare, watched.write("warns.py", program))
    assert (answer.returncode, answer.stdout) == (0, "mine\n")
    shown, by_the_program, through_logging = watched.lines()
    assert (shown["level"], shown["logger"], shown["message"]) == ("WARN", "py.warnings", "UserWarning: shown")
    assert shown["metadata"]["place"].endswith("warns.py:3")
    assert by_the_program["message"] == "UserWarning: shown by the program"
    assert "UserWarning: through logging" in through_logging["message"]


def test_uncaught_exceptions_are_lines_and_the_programs_hooks_are_its_own(watched, bare) -> None:
    program = """
        import asyncio, logging, sys, threading
        logging.lastResort = None
        class Closing:
            def __del__(self): raise OSError("in __del__")
        def fail(what): raise ValueError(what)
        async def main():
            loop = asyncio.get_running_loop()
            loop.set_exception_handler(lambda loop, context: print("mine", context["exception"]))
            loop.call_soon(fail, "in a callback")
            task = loop.create_task(asyncio.sleep(0, fail))
            await asyncio.sleep(0.01)
            lost = loop.create_task(never_asked())
            await asyncio.sleep(0)
            del lost
        async def never_asked(): fail("in a task")
        Closing()
        threading.excepthook = lambda args: print("mine", args.exc_value)
        thread = threading.Thread(target=fail, args=("in a thread",), name="worker")
        thread.start()
        thread.join()
        asyncio.run(main())
        sys.excepthook = lambda kind, error, trace: print("mine", error)
        fail("at last")
    """
    answer = watched.run(bare, watched.write("fails.py", program))
    assert answer.returncode == 1
    assert sorted(answer.stdout.splitlines()) == [
        "mine at last",
        "mine in a callback",
        "mine in a task",
        "mine in a thread",
    ]
    lines = watched.lines("level:error logger:uncaught")
    assert sorted((line["message"], line["metadata"]["where"].split(":")[0]) for line in lines) == [
        ("OSError: in __del__", "where nothing can be raised"),
        ("ValueError: at last", "main thread"),
        ("ValueError: in a callback", "asyncio"),
        ("ValueError: in a task", "asyncio"),
        ("ValueError: in a thread", "thread worker"),
    ]
    assert all(line["metadata"]["exception"].startswith("Traceback") for line in lines)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_an_exception_that_ends_a_worker_process_is_a_line(watched, bare, method) -> None:
    program = f"""
        import multiprocessing, traceback
        def fail():
            try: 1 / 0
            except ZeroDivisionError: traceback.print_exc()
            raise ValueError("in a process")
        if __name__ == "__main__":
            child = multiprocessing.get_context("{method}").Process(target=fail, name="worker")
            child.start()
            child.join()
            print(child.exitcode)
    """
    answer = watched.run(bare, watched.write("works.py", program))
    assert (answer.stdout, answer.stderr.splitlines()[-1]) == ("1\n", "ValueError: in a process")
    assert "argus" not in answer.stderr
    (line,) = watched.lines()
    assert (line["message"], line["metadata"]["where"]) == ("ValueError: in a process", "process worker")


def test_without_hooks_of_the_program_everything_is_printed_as_ever(watched, bare) -> None:
    program = watched.write("ends.py", "def f(): raise ValueError('x')\nf()")
    answer = watched.run(bare, program)
    assert (answer.returncode, answer.stderr.splitlines()[-1]) == (1, "ValueError: x")
    assert "argus" not in answer.stderr
    assert watched.messages() == ["ValueError: x"]
    assert watched.run(bare, "-m", "ends").returncode == 1
    assert watched.messages() == ["ValueError: x"] * 2


@pytest.mark.parametrize("ending", ["sys.exit('sorry')", "raise KeyboardInterrupt"])
def test_an_end_on_purpose_is_no_exception(watched, bare, ending) -> None:
    watched.run(bare, "-c", f"import sys; {ending}")
    assert watched.messages() == []


def test_each_part_can_be_left_out(watched, bare) -> None:
    program = watched.write(
        "all.py",
        """
        import asyncio, gc, logging, sys, time, warnings
        async def main():
            await asyncio.sleep(0.3)
            gc.collect()
            await asyncio.sleep(0.3)
        asyncio.run(main())
        logging.error("line")
        warnings.warn("warning")
        raise ValueError("exception")
        """,
    )
    pauses = {"runtime.loop_lag", "runtime.gc_pause"}
    watched.run(bare, program, ARGUS_FLUSH_INTERVAL="0.1", without="gc,event_loop,logging,warnings,exceptions")
    assert (watched.messages(), watched.series() & pauses) == ([], set())
    assert list(watched.run_folder.iterdir()) == []  # the parent takes the lines of its output
    watched.run(bare, program, ARGUS_FLUSH_INTERVAL="0.1")
    assert watched.messages() == ["line", "UserWarning: warning", "ValueError: exception"]
    assert watched.series() >= pauses
    assert [path.suffix for path in watched.run_folder.iterdir()] == [".speaks"]


class TestOnce:
    """An exception that the program's own hook has logged is not told a second time."""

    @pytest.fixture
    def handler(self) -> ArgusHandler:
        return ArgusHandler(LogBuffer(), lambda: None)

    def raised(self, error: BaseException) -> BaseException:
        try:
            raise error
        except BaseException as caught:  # noqa: BLE001  # any of them is the test's
            return caught

    def messages(self, handler: ArgusHandler) -> list[Any]:
        return [line.message for line in handler.buffer.take(10)]

    def test_logged_by_the_hook(self, handler: ArgusHandler) -> None:
        error = self.raised(ValueError("x"))
        trace = (type(error), error, error.__traceback__)
        handler.handle(logging.LogRecord("shop", logging.ERROR, "", 0, "by the hook", (), trace))
        Uncaught(handler).tell(error, "main thread")
        assert self.messages(handler) == ["by the hook"]

    def test_not_logged(self, handler: ArgusHandler) -> None:
        Uncaught(handler).tell(self.raised(ValueError("x")), "main thread")
        Uncaught(handler).tell(self.raised(ValueError("y")), "main thread")
        assert self.messages(handler) == ["ValueError: x", "ValueError: y"]

    def test_an_exception_that_cannot_be_shown(self, handler: ArgusHandler) -> None:
        class Odd(Exception):
            def __str__(self) -> str:
                raise OSError("no text")

        Uncaught(handler).tell(self.raised(Odd()), "main thread")
        (message,) = self.messages(handler)
        assert message.endswith("Odd: (its text cannot be had: OSError('no text'))")
