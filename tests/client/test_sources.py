"""Logs, decorators, callbacks, collectors, sinks, capture, configuration: everything that feeds the flush thread."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import sys
import textwrap
import time
from pathlib import Path

import pytest
from program import run_program

import argus
import argus.testing
from argus.aggregate.choose import choose_backend
from argus.client import config, logs, sinks
from argus.client.callbacks import BUDGET_SECONDS, Callbacks
from argus.client.runtime import LoopLag, RuntimeCollector
from argus.client.system import SystemCollector
from argus.client.timing import decorate


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


class TestTimed:
    @pytest.fixture
    def recorder(self):
        return choose_backend()()

    def timings(self, recorder):
        window = recorder.drain(0, 1).timings
        return (window.count, window.max) if window.keys else ([0], [0.0])

    def test_functions_keep_their_name_result_and_exception(self, recorder) -> None:
        @decorate(recorder.timer("f"))
        def divide(a: int, b: int) -> float:
            """Divide."""
            return a / b

        assert (divide.__name__, divide.__doc__, divide(4, 2)) == ("divide", "Divide.", 2)
        with pytest.raises(ZeroDivisionError):
            divide(1, 0)
        assert self.timings(recorder)[0] == [2]

    def test_a_coroutine_is_timed_until_it_is_done(self, recorder) -> None:
        @decorate(recorder.timer("f"))
        async def slow() -> str:
            await asyncio.sleep(0.03)
            return "done"

        assert asyncio.run(slow()) == "done"
        (count,), (longest,) = self.timings(recorder)
        assert (count, longest > 0.02) == (1, True)

    def test_a_generator_is_timed_over_its_whole_iteration(self, recorder) -> None:
        @decorate(recorder.timer("f"))
        def numbers():
            got = yield 1
            yield got
            return "end"

        generator = numbers()
        assert (next(generator), generator.send("sent")) == (1, "sent")
        assert self.timings(recorder)[0] == [0]
        with pytest.raises(StopIteration, match="end"):
            next(generator)
        assert self.timings(recorder)[0] == [1]

    def test_an_async_generator_is_timed_and_hears_what_is_thrown_in(self, recorder) -> None:
        @decorate(recorder.timer("f"))
        async def numbers():
            try:
                yield 1
            except KeyError:
                yield "caught"

        async def main() -> list[object]:
            generator = numbers()
            seen = [await anext(generator), await generator.athrow(KeyError)]
            await generator.aclose()
            return seen

        assert asyncio.run(main()) == [1, "caught"]
        assert self.timings(recorder)[0] == [1]

    def test_methods_of_all_kinds_stay_what_they_are(self, recorder) -> None:
        timed = decorate(recorder.timer("f"))

        class Shop:
            @timed
            def method(self) -> str:
                return "m"

            @timed
            @staticmethod
            def static() -> str:
                return "s"

            @timed
            @classmethod
            def klass(cls) -> str:
                return cls.__name__

        assert (Shop().method(), Shop.static(), Shop.klass()) == ("m", "s", "Shop")
        assert self.timings(recorder)[0] == [3]


class TestCollectors:
    def test_system_gauges_have_their_names_and_sane_values(self) -> None:
        recorder = choose_backend()()
        SystemCollector().collect(recorder)
        gauges = dict(zip(*recorder.drain(0, 1).gauges[:2], strict=True))
        assert set(gauges) == {
            "cpu_percent",
            "memory_used",
            "memory_available",
            "memory_percent",
            "disk_used",
            "disk_percent",
        }
        assert 0 <= gauges["cpu_percent"] <= 100
        assert gauges["memory_used"] > 1_000_000

    def test_process_and_runtime_are_measured(self) -> None:
        recorder = choose_backend()()
        collector = RuntimeCollector(recorder)
        try:
            gc.collect()
            collector.collect(recorder)
        finally:
            collector.close()
        window = recorder.drain(0, 1)
        assert {"process.memory_rss", "process.threads", "process.open_files", "runtime.threads"} <= set(
            window.gauges.keys
        )
        assert "runtime.gc_pause{generation=2}" in window.timings.keys  # a column called keys
        gc.collect()
        assert recorder.drain(1, 2).timings.keys == []

    def test_the_lag_of_a_running_loop_is_measured_and_the_wrapper_leaves_no_trace(self) -> None:
        recorder = choose_backend()()
        original = asyncio.base_events.BaseEventLoop.run_forever
        lag = LoopLag(recorder)

        async def main() -> None:
            lag.measure()
            await asyncio.sleep(0)
            time.sleep(0.01)
            await asyncio.sleep(0)

        asyncio.run(main())
        lag.close()
        assert asyncio.base_events.BaseEventLoop.run_forever is original
        assert recorder.drain(0, 1).timings.count == [1]

    def test_callbacks_are_asked_and_one_that_fails_spoils_nothing(self, caplog) -> None:
        def slow() -> float:
            time.sleep(BUDGET_SECONDS * 1.2)
            return 1

        recorder, callbacks = choose_backend()(), Callbacks()
        callbacks.add("pool", lambda: 3)
        callbacks.add("bad", lambda: 1 / 0)
        callbacks.add("slow", slow)
        for _ in range(3):
            callbacks.collect(recorder)
        window = recorder.drain(0, 1)
        assert dict(zip(window.gauges.keys, window.gauges.count, strict=True)) == {"pool": 3, "slow": 1}
        assert window.counters.sum == [4.0]
        assert caplog.text.count("ZeroDivisionError") == 1
        with pytest.raises(TypeError, match="must be callable"):
            callbacks.add("x", 5)  # type: ignore[arg-type]  # the mistake is the point


class TestSinks:
    def window(self):
        recorder = choose_backend()()
        recorder.increment("orders", 20, {"shop": "oslo"})
        recorder.gauge("queue", 7)
        recorder.timing("pay", 0.02)
        return recorder.drain(0.0, 10.0)

    def test_the_console_shows_a_table(self, capsys) -> None:
        sinks.console(self.window(), [logs.event_line("deploy", "v1", None)])
        out = capsys.readouterr().out
        assert "orders{shop=oslo}" in out
        assert "2/s" in out
        assert "20 ms" in out
        assert "argus.event: v1" in out

    def test_jsonl_appends_one_object_per_window(self, tmp_path: Path) -> None:
        sink = sinks.make_sink(f"jsonl:{tmp_path / 'out.jsonl'}")
        sink(self.window(), [])
        sink(self.window(), [])
        first, second = map(json.loads, (tmp_path / "out.jsonl").read_text().splitlines())
        assert first["counters"] == second["counters"] == {"keys": ["orders{shop=oslo}"], "sum": [20.0], "count": [1]}

    def test_a_client_without_a_server_feeds_its_sink(self, make_python_client) -> None:
        seen = []
        client = make_python_client(
            sink=lambda window, lines: seen.append((window.counters.sum, [x.message for x in lines]))
        )
        client.increment("n", 4)
        client.event("deploy", "v1")
        client.flush()
        assert seen == [([4.0], ["v1"])]


class TestCapture:
    def test_a_block_shows_what_it_recorded_and_nothing_else(self) -> None:
        argus.increment("outside", 5)
        with argus.testing.capture() as seen:
            argus.increment("orders", tags={"shop": "oslo"})
            argus.gauge("queue", 3)
            argus.timing("pay", 0.5)
            argus.event("deploy", "v2")
            logging.getLogger("shop").warning("slow")
        assert seen.counters == {"orders{shop=oslo}": 1.0}
        assert seen.gauges == {"queue": 3.0}
        assert seen.timings["pay"].sum == 0.5
        assert [line.message for line in seen.logs] == ["slow"]
        assert seen.events[0].metadata["event"] == "deploy"
        with argus.testing.capture():
            argus.increment("inner")
        window = argus.snapshot()
        assert "outside" in window.counters.keys  # a column called keys
        assert "inner" not in window.counters.keys  # a column called keys

    def test_nothing_captured_is_sent_and_nothing_else_lost(self, server, monkeypatch, tmp_path) -> None:
        monkeypatch.chdir(tmp_path)
        argus.init(url=server.url, api_key="k", flush_interval=3600, system_metrics=False)
        try:
            argus.increment("real", 2)
            with argus.testing.capture():
                argus.increment("fake", 9)
                logging.getLogger("shop").error("fake")
            argus.increment("real", 1)
            assert argus.flush(5)
        finally:
            argus.close()
        assert (server.counter("real"), server.counter("fake")) == (3, 0)
        assert "fake" not in [line["message"] for line in server.lines()]


class TestConfig:
    @pytest.fixture(autouse=True)
    def _elsewhere(self, tmp_path, monkeypatch) -> None:
        monkeypatch.chdir(tmp_path)

    def test_arguments_win_over_variables_and_those_over_the_file(self, tmp_path, monkeypatch) -> None:
        (tmp_path / "argus.toml").write_text('[client]\nurl = "http://file:1"\nhost = "file"\napp_id = "file"\n')
        monkeypatch.setenv("ARGUS_URL", "http://variable:1")
        monkeypatch.setenv("ARGUS_HOST", "variable")
        monkeypatch.setenv("ARGUS_TAGS", "env=prod, zone=a")
        loaded = config.load({"url": "http://argument:1", "api_key": "k"})
        assert (loaded.url, loaded.host, loaded.app_id) == ("http://argument:1", "variable", "file")
        assert loaded.tags == {"env": "prod", "zone": "a"}

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("url", "127.0.0.1:8000"),
            ("url", "http://127.0.0.1:99999"),
            ("url", "http://[::1"),
            ("url", "http://my host"),
            ("flush_interval", "soon"),
            ("flush_interval", -1),
            ("tags", "env"),
            ("tags", {"": "x"}),
            ("sink", "kafka"),
            ("sink", "jsonl:"),
            ("log_level", "LOUD"),
            ("capture_logs", "maybe"),
        ],
    )
    def test_a_wrong_value_is_one_log_line_and_the_default_takes_its_place(self, caplog, name, value) -> None:
        loaded = config.load({name: value, "api_key": "k"})
        assert getattr(loaded, name) == config.SETTINGS[name].default
        assert len(caplog.records) == 1
        assert repr(value) in caplog.text
        assert f"argument {name}" in caplog.text

    def test_a_file_that_cannot_be_read_and_an_unknown_key_are_said(self, tmp_path, caplog) -> None:
        (tmp_path / "argus.toml").write_text("[client\n")
        config.load({})
        assert "argus.toml cannot be read" in caplog.text
        (tmp_path / "argus.toml").write_text('[client]\nulr = "x"\n')
        config.load({})
        assert "no setting client.ulr" in caplog.text

    @pytest.mark.parametrize("key", ["argus_…", "argus_ab cd", "argus_\x00"])
    def test_a_key_that_cannot_be_one_is_said_and_not_shown(self, caplog, key) -> None:
        assert config.load({"api_key": key}).api_key is None
        assert "argument api_key must be the key as the server showed it" in caplog.text
        assert key not in caplog.text

    @pytest.mark.parametrize("text", ["client = 3", "[[client]]\nhost = 'a'"])
    def test_a_file_whose_client_is_no_table_is_ignored(self, tmp_path, caplog, text) -> None:
        (tmp_path / "argus.toml").write_text(text)
        assert config.load({}).host is None
        assert "it must be a table: [client]" in caplog.text

    def test_an_unknown_argument_raises_at_the_call(self) -> None:
        with pytest.raises(TypeError, match="no setting 'adress'"):
            argus.Client(adress="x")

    def test_an_unreachable_server_never_raises_into_the_program(self, make_python_client) -> None:
        client = make_python_client("http://127.0.0.1:9", flush_interval=3600)
        client.increment("n")
        assert client.flush(2) is False


def test_the_settings_page_lists_every_setting_of_a_client() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "settings.md").read_text()
    for name, setting in config.SETTINGS.items():
        assert f"| `{name}` | `ARGUS_{name.upper()}` |" in page
        assert setting.doc in page


def test_the_public_names_are_sorted_and_exist() -> None:
    assert argus.__all__ == sorted(argus.__all__, key=lambda name: (name.islower(), name))
    assert all(getattr(argus, name) is not None for name in argus.__all__)
    assert argus.AMSClient is argus.Client
    assert sys.modules["argus"].increment == argus.increment
