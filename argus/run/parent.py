"""The parent of a program, from its start to its end. POSIX; ``windows.py`` is its twin.

The order matters: what the program inherits is settled, and the program started, while this process has one thread;
then its streams are passed on, and only then what looks at them is loaded. When the program has ended, its output is
passed on to the last byte before this process ends as the program did.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from argus.client import config
from argus.run import abandoned, environment, folder, launch, relay
from argus.run.inside import Inside
from argus.run.pump import Pump
from argus.run.tail import Tail
from argus.run.voice import Voice
from argus.run.wiring import Stream, wire
from argus.run.witness import Witness

if TYPE_CHECKING:
    import psutil

    from argus.run.watch import Watch

Follower = Pump | Tail
"""What follows one stream of the program."""

STAY_SECONDS = 1.0
"""Pause between two looks at processes that have outlived the program."""


def run(command: Sequence[str], given: config.Options, environ: Mapping[str, str]) -> int:
    """Run a command, monitored where that is possible, and return the exit status to end with.

    Raises :class:`NotStarted` where there is no such command. Where nothing can be reported this process becomes
    the command.
    """
    if folder.watched(environ):  # a parent of this parent watches
        launch.replace(command, environ)
    voice = Voice()
    voice.listen()
    settings = config.load(given)
    reason = environment.why_not(settings)
    if reason is None:
        try:
            parent = Parent(command, settings, environ, voice)
        except OSError as error:  # no room for a folder, no more descriptors
            reason = f"{error}; {environment.UNMONITORED}"
        else:
            return parent.run()
    voice.say(reason)
    return launch.replace(command, environ)


class Parent:
    """One program, and what this process does for it."""

    def __init__(
        self, command: Sequence[str], settings: config.Config, environ: Mapping[str, str], voice: Voice
    ) -> None:
        self._command = command
        self._settings = settings
        self._environ = environ
        self._voice = voice
        self._wiring = wire()
        self._folder = folder.RunFolder(environ)
        self._lock = abandoned.hold(self._folder.path)
        self._inside = Inside(self._folder.path)
        self._signals = relay.block()

    def run(self) -> int:
        """Start the program, serve it to its end, and return the exit status to end with."""
        stays = False
        at_keyboard = self._wiring.own_session is not None
        try:
            witness = None if at_keyboard else Witness()  # before the program: it shall miss nothing
            started = self._start()
            pumps = self._pumps(self._wiring.streams)
            self._open(pumps)
            watch = self._watch(started)
            followers = list(self._followers(self._wiring.streams, pumps, watch))
            ended = self._serve(started, witness, followers)
            abandoned.sweep(self._folder.path, folder.PREFIX)
            if watch is not None:
                stays = self._finish(watch, ended, followers)
        finally:
            if not stays:
                self._folder.remove()
        lost = any(isinstance(follower, Pump) and follower.lost for follower in followers)
        return relay.end_like(ended.status or int(lost))  # who prints into nowhere does not succeed

    def _start(self) -> launch.Started:
        given = environment.of_program(self._environ, self._settings, self._folder, self._inside)
        wiring = self._wiring
        program = launch.Program(self._command, given, wiring.descriptors, wiring.closed, wiring.own_session)
        started = launch.start(program, self._signals)
        wiring.started()
        launch.close_inherited()  # who waits to see them closed must not wait for us
        return started

    def _watch(self, started: launch.Started) -> Watch | None:
        """Begin to watch; whatever fails in it, the program goes on."""
        try:
            import psutil  # noqa: PLC0415  # the program does not wait for these imports

            from argus.run.watch import Watch  # noqa: PLC0415  # see above

            roots, helpers = [psutil.Process(started.waited_for)], {started.waited_for} - {started.pid}
            watch = Watch(
                Path(self._command[0]).name, self._folder, self._inside, self._settings, roots, helpers=helpers
            )
            watch.started(self._command[0], started.pid)
        except Exception as error:  # noqa: BLE001  # see above
            self._voice.say(f"monitoring could not start: {error!r}; {environment.UNMONITORED}")
            return None
        return watch

    def _pumps(self, streams: Iterable[Stream]) -> list[Pump]:
        return [Pump(stream, self._voice.say) for stream in streams if stream.destination is not None]

    def _open(self, pumps: Iterable[Pump]) -> None:
        """Begin to pass on what is printed and typed."""
        terminal = self._wiring.terminal
        if terminal is not None:
            terminal.open()
            self._voice.line_end = terminal.line_end
        for pump in pumps:
            pump.start()

    def _followers(self, streams: Iterable[Stream], pumps: Iterable[Pump], watch: Watch | None) -> Iterator[Follower]:
        """Have the streams looked at: those that are passed on, and those that go to a file by themselves."""
        passing_on = iter(pumps)
        for stream in streams:
            taken = watch.lines(stream.name).feed if watch is not None else None
            if stream.destination is not None:
                pump = next(passing_on)
                pump.look(taken)
                yield pump
            elif taken is not None:
                tail = Tail(stream, taken, self._voice.say)
                tail.start()
                yield tail

    def _serve(self, started: launch.Started, witness: Witness | None, followers: Sequence[Follower]) -> relay.Ended:
        """Pass on what is printed, typed and signalled, until the program has ended and all it printed is passed on."""
        terminal = self._wiring.terminal
        stop, resized = relay.stop_like, None
        if terminal is not None:
            stop, resized = partial(terminal.stop, started.waited_for), terminal.resized
        ended = relay.pass_on(started.waited_for, self._signals, stop, witness, resized)
        if terminal is not None:
            terminal.program_ended()
        for follower in followers:
            follower.finish()
        if witness is not None:
            witness.dismiss()
        if terminal is not None:
            terminal.close()
        return ended

    def _finish(self, watch: Watch, ended: relay.Ended, followers: Sequence[Follower]) -> bool:
        """Report the end; return whether a process of ours stays for those that the program has left behind."""
        try:
            watch.ended(ended.status, ended.usage)
            survivors = watch.survivors()
            watch.close()
        except Exception as error:  # noqa: BLE001  # the program has ended, and so shall we as it did
            self._voice.say(f"the end could not be reported: {error!r}")
            return False
        streams = [follower.stream for follower in followers if not follower.at_end]
        awaited = survivors or any(stream.destination is not None for stream in streams)
        if not awaited or os.getpid() == relay.INIT:  # with whom all others end
            return False
        if os.fork() == 0:
            self._stay(survivors, streams)
        return True

    def _stay(self, survivors: Sequence[psutil.Process], streams: Sequence[Stream]) -> NoReturn:
        """Pass on and watch what the program has left behind, a daemon say, in a process that nobody waits for."""
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_SETMASK, self._signals.mask)
        try:
            from argus.run.watch import Watch  # noqa: PLC0415  # imported already

            watch = Watch(Path(self._command[0]).name, self._folder, self._inside, self._settings, survivors)
            pumps = self._pumps(streams)
            followers = list(self._followers(streams, pumps, watch))
            for pump in pumps:
                pump.start()
            while any(pump.is_alive() for pump in pumps) or any(process.is_running() for process in survivors):
                time.sleep(STAY_SECONDS)
            for follower in set(followers).difference(pumps):
                follower.finish()
            watch.close()
        finally:
            self._folder.remove()
            os._exit(0)
