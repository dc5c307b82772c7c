"""Decorators, callbacks, collectors, sinks, capture, configuration: what feeds the flush thread besides logs."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import sys
import threading
import time
from pathlib import Path

import pytest
from program import run_program

import argus
from argus.aggregate.choose import choose_backend
from argus.client import config, logs, sinks
from argus.client.callbacks import BUDGET_SECONDS, Callbacks
from argus.client.runtime import LoopLag, RuntimeCollector
from argus.client.system import SystemCollector
from argus.client.timing import decorate


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

    @pytest.mark.skipif(sys.platform == "win32", reason="there a working directory cannot be removed")
    def test_the_machine_is_measured_where_the_working_directory_is_gone(self, tmp_path, monkeypatch) -> None:
        gone = tmp_path / "gone"
        gone.mkdir()
        monkeypatch.chdir(gone)
        gone.rmdir()
        recorder = choose_backend()()
        SystemCollector().collect(recorder)
        assert "disk_used" in recorder.drain(0, 1).gauges.keys

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

    def test_the_lag_of_a_loop_in_any_thread_is_measured(self) -> None:
        recorder = choose_backend()()
        lag = LoopLag(recorder)
        running, measured = threading.Event(), threading.Event()

        async def main() -> None:
            running.set()
            measured.wait()  # the loop is held up for as long as it takes to be asked
            await asyncio.sleep(0)

        thread = threading.Thread(target=asyncio.run, args=(main(),))
        thread.start()
        running.wait()
        lag.measure()
        measured.set()
        thread.join()
        assert recorder.drain(0, 1).timings.count == [1]

    def test_a_loop_need_not_be_announced_whether_it_starts_before_or_after_init(self, server) -> None:
        program = """
            import asyncio
            async def main():
                if after: start()
                for _ in range(3):
                    argus.flush()
                    await asyncio.sleep(0)
            def start(): argus.init(url=os.environ['URL'], api_key='k', flush_interval=3600)
            after = os.environ['AFTER'] == 'yes'
            if not after: start()
            asyncio.run(main())
        """
        for after in ("yes", "no"):
            server.stored.clear()
            run_program(program, server.url, AFTER=after)
            keys = [key for _, content in server.stored for key in content.get("timings", {"keys": []})["keys"]]
            assert "runtime.loop_lag" in keys

    def test_a_collection_is_timed_once_in_a_forked_child(self, server) -> None:
        program = """
            import gc
            argus.init(url=os.environ['URL'], api_key='k', flush_interval=3600)
            argus.flush()
            child = os.fork()
            if child == 0:
                argus.flush()
                ours = [each for each in gc.callbacks if each.__module__.startswith('argus')]
                os._exit(len(ours))
            print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        """
        assert run_program(program, server.url).stdout.strip() == "1"

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

    def test_a_wrong_callback_raises_at_the_call_before_init_and_after(self, make_python_client) -> None:
        for gauge_callback in (argus.gauge_callback, make_python_client().gauge_callback):
            with pytest.raises(TypeError, match="must be callable"):
                gauge_callback("x", 5)  # type: ignore[arg-type]  # the mistake is the point
            with pytest.raises(ValueError, match="name is empty"):
                gauge_callback("", lambda: 1)
            with pytest.raises(TypeError, match="name must be str, not int: 3"):
                gauge_callback(3, lambda: 1)  # type: ignore[arg-type]  # the mistake is the point


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

    def test_an_empty_variable_counts_as_none(self, monkeypatch, caplog) -> None:
        for name in (*(name.upper() for name in config.SETTINGS), "BACKEND"):
            monkeypatch.setenv(f"ARGUS_{name}", "")
        assert config.load({}) == config.Config(**{name: setting.default for name, setting in config.SETTINGS.items()})
        assert choose_backend() is choose_backend("native")
        assert caplog.records == []

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

    def test_an_event_of_the_wrong_type_raises_at_the_call(self) -> None:
        with pytest.raises(TypeError, match="text of event 'deploy' must be str, not int: 14"):
            argus.event("deploy", 14)  # type: ignore[arg-type]  # the mistake is the point

    def test_an_unknown_argument_raises_at_the_call(self) -> None:
        with pytest.raises(TypeError, match="no setting 'adress'"):
            argus.Client(adress="x")  # type: ignore[call-arg]  # the mistake is the point

    def test_an_unreachable_server_never_raises_into_the_program(self, make_python_client) -> None:
        client = make_python_client("http://127.0.0.1:9", flush_interval=3600)
        client.increment("n")
        assert client.flush(2) is False


def test_the_settings_page_lists_every_setting_of_a_client() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "settings.md").read_text()
    for name, setting in config.SETTINGS.items():
        assert f"| `{name}` | `ARGUS_{name.upper()}` |" in page
        assert setting.doc in page


def test_the_options_that_type_checkers_know_are_the_settings() -> None:
    assert list(config.Options.__annotations__) == list(config.SETTINGS)


def test_the_public_names_are_sorted_and_exist() -> None:
    assert argus.__all__ == sorted(argus.__all__, key=lambda name: (name.islower(), name))
    assert all(getattr(argus, name) is not None for name in argus.__all__)
    assert argus.AMSClient is argus.Client
    assert sys.modules["argus"].increment == argus.increment
