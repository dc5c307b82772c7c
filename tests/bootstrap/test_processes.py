"""Programs of many processes, each an instance of its own; proven on programs that nobody here wrote."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="these processes fork and are sent signals")
ROOT = Path(__file__).resolve().parents[2]


def end(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Have the process end in good order, and return what it wrote."""
    process.terminate()
    try:
        return process.communicate(timeout=30)
    finally:
        process.kill()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_pool_s_workers_report_for_themselves(watched, bare, method) -> None:
    program = f"""
        import logging, multiprocessing, os
        def work(number):
            logging.warning("%d in %d", number, os.getpid())
            return os.getpid()
        if __name__ == "__main__":
            pool = multiprocessing.get_context("{method}").Pool(2)
            pids = pool.map(work, range(6), chunksize=1)
            pool.close()
            pool.join()
            logging.warning("done")
            print(*pids)
    """
    answer = watched.run(bare, watched.write("pool.py", program))
    assert answer.returncode == 0, answer.stderr
    pids = answer.stdout.split()
    worked = [f"{number} in {pid}" for number, pid in enumerate(pids)]
    assert sorted(watched.messages()) == sorted([*worked, "done"])
    assert {path.stem for path in watched.run_folder.glob("*.speaks")} > set(pids)


def test_a_supervisor_that_starts_its_workers_anew(watched) -> None:
    """What uvicorn's ``--reload`` and Flask's reloader do: a child by ``sys.executable``, ended and replaced."""
    program = """
        import logging, os, signal, subprocess, sys, time
        if sys.argv[1:] == ["worker"]:
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
            logging.warning("worker up")
            print("up", flush=True)
            time.sleep(30)
        for _ in range(2):
            child = subprocess.Popen([sys.executable, __file__, "worker"], stdout=subprocess.PIPE)
            child.stdout.readline()
            child.terminate()
            assert child.wait() == 0
        logging.warning("supervisor ends")
    """
    answer = watched.python(program)
    assert answer.returncode == 0, answer.stderr
    assert watched.messages() == ["worker up", "worker up", "supervisor ends"]


def test_gunicorn_workers_are_instances_of_their_own(watched) -> None:
    watched.write("shop.py", """
        import logging, os
        logging.warning("loaded")
        def app(environ, start_response):
            logging.warning("asked %s", environ["PATH_INFO"])
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [str(os.getpid()).encode()]
    """)  # fmt: skip
    port = free_port()
    gunicorn = Path(sys.executable).parent / "gunicorn"
    process = watched.start(gunicorn, "--preload", "-w", "2", "-b", f"127.0.0.1:{port}", "shop:app")
    workers: set[str] = set()
    deadline = time.monotonic() + 30
    while len(workers) < 2 and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/cart", timeout=5) as answer:
                workers.add(answer.read().decode())
        except OSError:
            time.sleep(0.05)
    _, errors = end(process)
    assert len(workers) == 2, errors
    assert process.returncode == 0
    assert watched.messages().count("loaded") == 1
    assert watched.messages().count("asked /cart") >= 2
    assert {path.stem for path in watched.run_folder.glob("*.speaks")} >= workers
    assert {"gunicorn.error", "root"} <= {line["logger"] for line in watched.lines()}


@pytest.mark.parametrize("pause", ["0", "1.3"], ids=["at once", "once we have loaded everything"])
def test_gevent_patches_as_if_there_were_no_thread_of_ours(watched, pause) -> None:
    program = """
        import logging, sys, threading, time
        logging.error("before")
        time.sleep(float(sys.argv[1]))
        from gevent import monkey, sleep
        monkey.patch_all()
        print(type(threading._active_limbo_lock).__module__)  # replaced only where there is one thread
        logging.error("after")
        sleep(0.01)
    """
    answer = watched.run(
        sys.executable, "-W", "error", watched.write("greens.py", program), pause, ARGUS_FLUSH_INTERVAL="3600"
    )
    assert (answer.returncode, answer.stderr) == (0, "ERROR:root:before\nERROR:root:after\n")
    assert answer.stdout.startswith("gevent")
    assert watched.messages() == ["before", "after"]
    assert "argus.overhead_percent" not in watched.series()  # a greenlet's time cannot be told from the program's
    assert "argus.client.series" in watched.series()


def test_a_long_script_that_is_terminated_dies_at_once_as_ever(watched, bare) -> None:
    """What it had not sent is the flight recorder's; nothing in the program stands in the signal's way."""
    program = """
        import logging, signal, time
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
        logging.error("before")
        print("up", flush=True)
        time.sleep(60)
    """
    process = watched.start(bare, watched.write("long.py", program))
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    watched.wait_for(lambda: watched.messages() == ["before"])  # an error is sent at once
    end(process)
    assert process.returncode == -signal.SIGTERM


def test_a_program_that_ends_itself_by_a_signal_has_sent_everything(watched, bare) -> None:
    program = "import logging, signal; logging.warning('last'); signal.raise_signal(signal.SIGTERM)"
    assert watched.run(bare, "-c", program).returncode == -signal.SIGTERM
    assert watched.messages() == ["last"]


def test_a_program_that_becomes_another_is_that_other(watched) -> None:
    watched.write("second.py", "import logging; logging.error('second')")
    first = """
        import logging, os, sys
        logging.error("first")
        {end}
        os.{next}
    """
    wait = "import argus; argus.flush()"
    answer = watched.python(first.format(end=wait, next="execv(sys.executable, [sys.executable, 'second.py'])"))
    assert (answer.returncode, watched.messages()) == (0, ["first", "second"])
    (mark,) = watched.run_folder.iterdir()
    mark.unlink()
    watched.python(first.format(end="", next="execlp('ls', 'ls')"))
    assert list(watched.run_folder.iterdir()) == []  # a program of another kind does not speak for itself
    watched.python(first.format(end="", next="execlp('no-such-program', 'no-such-program')"))
    assert [path.suffix for path in watched.run_folder.iterdir()] == [".speaks"]  # it has stayed what it was


def test_a_game_that_nobody_prepared(watched) -> None:
    game = watched.write("play.py", f"""
        import sys, types
        sys.path.insert(0, {str(ROOT)!r})
        monitoring = types.ModuleType("examples.snake.monitoring")  # the lines that the example has for Argus
        for name in ("begin", "started", "moved", "ended"):
            setattr(monitoring, name, lambda *_, **__: None)
        class Nothing:
            def __enter__(self): return self
            def __exit__(self, *_): return None
            def __getattr__(self, name): return lambda *_, **__: None
        monitoring.frame = monitoring.food = Nothing()
        sys.modules["examples.snake.monitoring"] = monitoring
        from examples.snake.__main__ import main
        sys.argv[1:] = ["--autopilot", "--headless", "--duration", "1.5", "--seed", "7"]
        sys.exit(main())
    """)  # fmt: skip
    answer = watched.run(sys.executable, game, SDL_VIDEODRIVER="dummy")
    assert answer.returncode == 0, answer.stderr
    assert {"process.cpu_percent", "process.memory_rss", "runtime.threads"} <= watched.series()


def test_celery_workers_report_for_themselves(watched) -> None:
    (watched.folder / "queue").mkdir()
    watched.write("tasks.py", """
        import logging, os
        from celery import Celery
        app = Celery("tasks", broker="filesystem://", backend="file://" + os.path.abspath("queue"))
        app.conf.broker_transport_options = {
            "data_folder_in": "queue", "data_folder_out": "queue", "polling_interval": 0.05,
        }
        @app.task
        def work(number):
            logging.getLogger("shop").warning("task %d in %d", number, os.getpid())
            return os.getpid()
    """)  # fmt: skip
    options = ["--concurrency", "2", "--without-mingle", "--without-gossip", "--without-heartbeat"]
    ask = """
        from tasks import work
        asked = [work.delay(number) for number in range(4)]
        print("asked", flush=True)  # this broker may read a message that is still being written
        print(*{answer.get(timeout=60, interval=0.05) for answer in asked})
    """
    asking = watched.start(sys.executable, watched.write("ask.py", ask))
    assert asking.stdout is not None
    assert asking.stdout.readline() == "asked\n"
    process = watched.start(sys.executable, "-m", "celery", "-A", "tasks", "worker", "--loglevel", "WARNING", *options)
    answered, errors = asking.communicate(timeout=90)
    assert asking.returncode == 0, errors
    pids = answered.split()
    out, errors = end(process)
    assert process.returncode == 0, out + errors
    lines = watched.messages("logger:shop")
    assert sorted(line.split(" in ")[0] for line in lines) == [f"task {number}" for number in range(4)]
    assert {line.split()[-1] for line in lines} == set(pids)
    assert str(process.pid) not in pids
