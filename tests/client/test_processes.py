"""Fork, exit, kill: real processes, a real endpoint."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
import urllib.request
from pathlib import Path

import pytest
from program import INIT, ROOT
from program import run_program as run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="these processes fork and are sent signals")


def test_what_a_short_script_recorded_is_sent_at_its_exit(server) -> None:
    answer = run("INIT\nargus.increment('orders', 3)", server.url)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert server.counter("orders") == 3


def test_an_exit_with_a_hanging_server_takes_two_seconds_at_most(server) -> None:
    server.behave = lambda number, path: "hang"
    began = time.monotonic()
    answer = run("INIT\nargus.increment('orders', 3)", server.url)
    assert answer.returncode == 0
    assert time.monotonic() - began < 4.5  # two seconds, and the interpreter's own start and end


@pytest.mark.parametrize("answered", [0, 1], ids=["new connection", "kept connection"])
@pytest.mark.parametrize("waiting", ["", "logging.error('x'); "], ids=["idle", "in the middle of a round"])
def test_at_an_exit_with_a_hanging_server_everything_lies_in_the_spool(server, tmp_path, answered, waiting) -> None:
    server.behave = lambda number, path: "hang" if number >= answered else None
    program = f"""
        import logging
        argus.init(url=os.environ['URL'], api_key='k', flush_interval=3600, system_metrics=False,
                   spool_dir={str(tmp_path)!r})
        if {answered}: argus.flush()
        argus.increment('orders', 3)
        {waiting}argus.event('last')
    """
    assert run(program, server.url).returncode == 0
    server.behave = lambda number, path: None
    run(f"argus.init(url=os.environ['URL'], api_key='k', spool_dir={str(tmp_path)!r})\nargus.flush()", server.url)
    assert server.counter("orders") == 3
    assert [line["metadata"].get("event") for line in server.lines()][-1:] == ["last"]


def test_several_clients_flush_at_exit_without_a_thread_more(server) -> None:
    program = """
        import threading
        clients = [argus.Client(url=os.environ['URL'], api_key='k', flush_interval=3600, system_metrics=False)
                   for _ in range(3)]
        for client in clients: client.increment('orders', 2)
        def refuse(*_): raise RuntimeError("can't create new thread at interpreter shutdown")  # as CPython 3.12 does
        threading._start_new_thread = refuse
    """
    answer = run(program, server.url)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert server.counter("orders") == 6


def test_records_before_init_are_sent_after_it(server) -> None:
    run("argus.increment('early')\nINIT\nargus.increment('late')", server.url)
    assert (server.counter("early"), server.counter("late")) == (1, 1)


def test_a_forked_child_sends_its_own_and_the_parent_its_own(server) -> None:
    program = """
        INIT
        argus.increment('orders', 5)
        child = os.fork()
        argus.increment('orders', 1 if child else 2)
        if child == 0:
            argus.flush()
            os._exit(0)
        os.waitpid(child, 0)
    """
    answer = run(program, server.url)
    assert answer.returncode == 0, answer.stderr
    assert server.counter("orders") == 8
    assert len(server.instances("orders")) == 2


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_multiprocessing_children_are_instances_of_their_own(server, method: str, tmp_path: Path) -> None:
    script = tmp_path / "work.py"
    script.write_text(
        textwrap.dedent(f"""
        import multiprocessing, os, argus
        def work(n):
            {INIT if method != "fork" else "pass"}
            argus.increment('work', n)
        if __name__ == '__main__':
            {INIT}
            argus.increment('work', 100)
            context = multiprocessing.get_context('{method}')
            children = [context.Process(target=work, args=(n,)) for n in (1, 2)]
            for child in children: child.start()
            for child in children: child.join()
        """)
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "URL": server.url}
    answer = subprocess.run(
        [sys.executable, script], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert answer.returncode == 0, answer.stderr
    assert server.counter("work") == 103
    assert len(server.instances("work")) == 3


def test_gunicorn_workers_forked_from_a_preloaded_master_count_once(server, tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(
        textwrap.dedent(f"""
        import os, argus
        {INIT}
        argus.increment('loaded')
        def app(environ, start_response):
            argus.increment('requests')
            start_response('200 OK', [('Content-Type', 'text/plain')])
            return [b'ok']
        """)
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--preload", "--workers", "2", "--bind", f"127.0.0.1:{port}", "shop:app"],
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}", "URL": server.url},
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        deadline = time.monotonic() + 20
        answered = 0
        while answered < 40 and time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
                    answered += answer.status == 200
            except OSError:
                time.sleep(0.05)
    finally:
        process.terminate()
        _, errors = process.communicate(timeout=20)
    assert answered == 40, errors
    assert server.counter("requests") == 40, errors
    assert server.counter("loaded") == 1


def test_after_a_kill_the_next_start_sends_what_lay_in_the_spool(server, tmp_path: Path) -> None:
    server.behave = lambda number, path: 503
    program = f"""
        argus.init(url=os.environ['URL'], api_key='k', flush_interval=3600, system_metrics=False,
                   spool_dir={str(tmp_path)!r})
        argus.increment('orders', 4)
        argus.flush()
        os.kill(os.getpid(), {int(signal.SIGKILL)})
    """
    assert run(program, server.url).returncode == -signal.SIGKILL
    assert server.counter("orders") == 0
    server.behave = lambda number, path: None
    run(f"argus.init(url=os.environ['URL'], api_key='k', spool_dir={str(tmp_path)!r})\nargus.flush()", server.url)
    assert server.counter("orders") == 4


def test_a_signal_handler_may_record_and_log_at_any_moment(server) -> None:
    program = """
        import logging, signal
        logging.getLogger().addHandler(logging.NullHandler())
        INIT
        def handler(*_):
            argus.increment('signals')
            logging.getLogger('s').error('signal')
        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
        end = time.monotonic() + 0.5
        while time.monotonic() < end:
            argus.increment('loop')
            argus.gauge(f'g{time.monotonic_ns() % 50}', 1)
            logging.getLogger('l').error('line')
        signal.setitimer(signal.ITIMER_REAL, 0)
    """
    answer = run(program, server.url)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert server.counter("signals") > 10


@pytest.mark.parametrize("first", ["monkey.patch_all()", "import argus.client.client; monkey.patch_all()"])
def test_under_gevent_waiting_for_the_window_holds_up_no_greenlet(server, first: str) -> None:
    program = f"""
        from gevent import monkey
        {first}
        import gevent, logging
        logging.getLogger().addHandler(logging.NullHandler())
        INIT
        argus.increment('orders')
        logging.getLogger('shop').error('line')
        for _ in range(20): gevent.sleep(0.001)
        print(argus.flush(), end='')
    """
    answer = run(program, server.url)
    assert (answer.returncode, answer.stderr, answer.stdout) == (0, "", "True")
    assert server.counter("orders") == 1
    assert [line["message"] for line in server.lines()] == ["line"]


def test_objects_that_die_with_the_interpreter_may_record(server) -> None:
    program = """
        class Connection:
            def __del__(self):
                argus.increment('closed')
                argus.event('closed')
        argus.event('opened')
        kept = Connection()
        kept.itself = kept
    """
    answer = run(program, server.url)
    assert (answer.returncode, answer.stderr) == (0, "")


def test_importing_argus_starts_no_thread_and_loads_no_network(server) -> None:
    program = """
        import threading
        assert threading.active_count() == 1
        heavy = {'asyncio', 'ssl', 'socket', 'http.client', 'json', 'numpy', 'psutil', 'ujson', 'aiohttp', 'inspect'}
        print(sorted(heavy & set(sys.modules)))
    """
    assert run(program, server.url).stdout.strip() == "[]"
