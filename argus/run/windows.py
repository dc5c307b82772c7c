"""The parent of a program on Windows: no signals to pass on, and no pseudo-terminal.

A stream that goes to a console is inherited, so that the program finds a console there: its lines are not taken. One
that goes elsewhere goes through a pipe. Ctrl-C reaches every process at the console; the program decides what it does.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil

from argus.client import config
from argus.run import environment
from argus.run.folder import RunFolder, watched
from argus.run.inside import Inside
from argus.run.not_started import NotStarted
from argus.run.voice import Voice
from argus.run.watch import Watch

CHUNK = 65_536
OUTPUTS = {"stdout": 1, "stderr": 2}


def run(command: Sequence[str], given: config.Options, environ: Mapping[str, str]) -> int:
    """Run a command, monitored where that is possible, and return its exit status.

    Raises :class:`NotStarted` where there is no such command.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    voice = Voice()
    voice.listen()
    settings = config.load(given)
    reason = environment.why_not(settings)
    if reason is not None:
        voice.say(reason)
    if reason is not None or watched(environ):
        return _started(command, environ, {}).wait()
    folder = RunFolder(environ)
    try:
        return _watched(command, settings, environ, folder)
    finally:
        folder.remove()


def _watched(command: Sequence[str], settings: config.Config, environ: Mapping[str, str], folder: RunFolder) -> int:
    inside = Inside(folder.path)
    pipes = {name: subprocess.PIPE for name, number in OUTPUTS.items() if not os.isatty(number)}
    process = _started(command, environment.of_program(environ, settings, folder, inside), pipes)
    watch = Watch(Path(command[0]).name, folder, inside, settings, [psutil.Process(process.pid)])
    watch.started(command[0], process.pid)
    threads = []
    for name in pipes:
        source = process.stdout if name == "stdout" else process.stderr
        assert source is not None
        work = (source.fileno(), OUTPUTS[name], watch.lines(name).feed)
        threads.append(threading.Thread(target=_pass_on, args=work, daemon=True))
        threads[-1].start()
    status = process.wait()
    for thread in threads:
        thread.join()
    watch.ended(status, None)
    watch.close()
    return status


def _started(command: Sequence[str], environ: Mapping[str, str], pipes: Mapping[str, int]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            list(command), env=dict(environ), bufsize=0, stdout=pipes.get("stdout"), stderr=pipes.get("stderr")
        )
    except OSError as error:
        raise NotStarted(command[0], error.errno or 0) from error


def _pass_on(source: int, destination: int, taken: Callable[[bytes], None]) -> None:
    """Pass a stream on until its end; a reader who is gone ends it."""
    while data := os.read(source, CHUNK):
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(destination, rest) :]
        except OSError:
            os.close(source)
            return
        taken(data)
