"""What only the inside of a native program can tell: frames, the graphics card's memory, the heap.

On Linux a small library is preloaded into the program (``native/libargus/preload``). It keeps plain totals in a file of
the run folder (``cells.py``); here differences are taken and handed to the parent's client:

``frames`` (counter), ``frame_time`` (timing), ``texture_bytes``, ``graphics_bytes`` and ``heap_bytes`` (gauges: what
all live processes of a program hold), each with the tag ``program``. ``argus.inside.untracked`` counts what the library
had no room for, ``argus.inside.unreadable`` files that are not as they should be.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from argus.aggregate.series import format_key
from argus.aggregate.sketch import merge
from argus.aggregate.summary import Counters, Gauges, Timings, Window
from argus.run.cells import NOTHING, SIZE, CellFile, Cells, Frames, Unreadable, frames_between
from argus.run.executable import why_not

if TYPE_CHECKING:
    from argus.client.client import Client

LIBRARY = Path(__file__).with_name("libargus_preload.so")
PRELOAD = "LD_PRELOAD"
SANITIZER, BEHIND_US = "ASAN_OPTIONS", "verify_asan_link_order=0"
"""A program under AddressSanitizer would refuse to start with a library before it."""
SEPARATORS = " :"
"""What parts the names in :data:`PRELOAD`: none can hold one of these."""

HEAP_SECONDS = 10.0
"""How often a program is asked for its heap."""
HEAP_BUDGET = 0.001
"""Seconds that an answer may take; a program whose answers take longer is asked less often."""
HEAP_PAUSE = 300.0
"""Seconds for which a slow answer lasts."""


CLOCK_SECONDS = 2.0
"""What a process's age may be off: the system keeps its own start in whole seconds."""


class _Process:
    """One preloaded program, and what was told of it already."""

    def __init__(self, file: CellFile) -> None:
        self.file = file
        self.told: Cells = NOTHING
        self.questions = 0
        self.ask_at = 0.0

    def ask(self, now: float) -> None:
        """Ask for the heap where it is time."""
        if self.file.heap_known and now >= self.ask_at:
            self.questions += 1
            self.file.ask_for_heap(self.questions)
            slow = self.told.heap_nanoseconds / 1e9 > HEAP_BUDGET
            self.ask_at = now + (HEAP_PAUSE if slow else HEAP_SECONDS)


class _Held(NamedTuple):
    """What the live processes of one program hold; ``None``: nobody told."""

    texture_bytes: int | None = None
    graphics_bytes: int | None = None
    heap_bytes: int | None = None

    def and_that(self, cells: Cells) -> _Held:
        """Return the sum of this and what another process holds."""
        heap = cells.heap_bytes if cells.heap_answered else None
        return _Held(
            _sum(self.texture_bytes, max(0, cells.texture_bytes) or None),
            _sum(self.graphics_bytes, max(0, cells.graphics_bytes) or None),
            _sum(self.heap_bytes, heap),
        )


class Inside:
    """The inside of the programs that one run folder is about. :meth:`collect` may be called from any thread."""

    def __init__(
        self, run_folder: Path, *, library: Path = LIBRARY, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._folder = run_folder
        self._library = library
        self._clock = clock
        self._processes: dict[str, _Process] = {}
        self._unreadable: set[str] = set()
        self._gauges: set[tuple[str, str]] = set()
        self._pid_namespace = _pid_namespace()
        self._collecting = threading.Lock()

    def why_not(self, command: str | None = None) -> str | None:
        """Return in one line why a command is not seen from the inside, or why none is; ``None`` where all is well."""
        if sys.platform != "linux":
            return f"frames and the heap are seen on Linux only, not on {sys.platform}"
        if not self._library.exists():
            return f"{self._library} was not built: that takes a C compiler when Argus is installed"
        if any(separator in str(self._library) for separator in SEPARATORS):
            return f"the path {self._library} holds a space or a colon, which {PRELOAD} cannot carry"
        return self._no_room() or (why_not(command, self._library) if command is not None else None)

    def _no_room(self) -> str | None:
        """Try what the library will do: a file with all its blocks."""
        probe = self._folder / "probe"
        try:
            with probe.open("xb") as file:
                os.posix_fallocate(file.fileno(), 0, SIZE)
            probe.unlink()
        except OSError as error:
            probe.unlink(missing_ok=True)
            return f"nothing can be kept in the run folder {self._folder}: {error.strerror}"
        return None

    def environment(self, environ: Mapping[str, str]) -> dict[str, str]:
        """Return what the child's environment gets in addition: nothing where :meth:`why_not` has an answer.

        What is preloaded already stays, and stays before ours.
        """
        if self.why_not() is not None:
            return {}
        present = environ.get(PRELOAD, "")
        if str(self._library) not in present.replace(":", " ").split():
            present = f"{present}:{self._library}" if present else str(self._library)
        sanitizer = f"{BEHIND_US}:{environ[SANITIZER]}" if environ.get(SANITIZER) else BEHIND_US
        return {PRELOAD: present, SANITIZER: sanitizer, "ARGUS_RUN_DIR": str(self._folder)}

    def collect(self, client: Client) -> None:
        """Hand the client what happened since the last time; it joins the window that ends next."""
        with self._collecting:
            self._find(client)
            now = self._clock()
            shown: dict[str, Frames] = {}
            held: dict[str, _Held] = defaultdict(_Held)
            for name, process in list(self._processes.items()):
                alive = self._is_alive(process.file)  # before the reading: what it does until its death is in it
                cells = process.file.read()
                frames = frames_between(process.told, cells)
                if frames.count:
                    program = process.file.program
                    shown[program] = _together(shown[program], frames) if program in shown else frames
                if grown := cells.untracked - process.told.untracked:
                    client.increment("argus.inside.untracked", grown)
                process.told = cells
                if alive:
                    held[process.file.program] = held[process.file.program].and_that(cells)
                    process.ask(now)
                else:
                    process.file.close(remove=True)
                    del self._processes[name]
            if shown:
                client.carry(_window(shown))
            self._set_gauges(client, held)

    def _find(self, client: Client) -> None:
        """Map the files that are new."""
        for path in sorted(self._folder.glob("*.inside")):
            if path.name in self._processes or path.name in self._unreadable:
                continue
            try:
                file = CellFile.open(path)
            except (OSError, Unreadable):
                self._unreadable.add(path.name)
                client.increment("argus.inside.unreadable")
                continue
            if file is not None:
                self._processes[path.name] = _Process(file)

    def _is_alive(self, file: CellFile) -> bool:
        """Return whether the program still runs; where its number means nothing here, it is taken to."""
        if file.pid_namespace not in {0, self._pid_namespace}:
            return True
        if any(other.file.pid == file.pid and other.file.started > file.started for other in self._processes.values()):
            return False  # it has become another program
        import psutil  # noqa: PLC0415  # the program's start does not wait for it

        try:
            process = psutil.Process(file.pid)
            return process.create_time() <= file.started + CLOCK_SECONDS and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False

    def _set_gauges(self, client: Client, held: Mapping[str, _Held]) -> None:
        """Set what is held; once to zero where nothing is any more."""
        values = {
            (name, program): value
            for program, sums in held.items()
            for name, value in sums._asdict().items()
            if value is not None
        }
        for name, program in self._gauges - values.keys():
            client.gauge(name, 0, {"program": program})
        for (name, program), value in values.items():
            client.gauge(name, value, {"program": program})
        self._gauges = set(values)


def _sum(one: int | None, other: int | None) -> int | None:
    return other if one is None else one + (other or 0)


def _together(one: Frames, other: Frames) -> Frames:
    return Frames(one.count + other.count, one.seconds + other.seconds, merge(one.bins, other.bins))


def _window(shown: Mapping[str, Frames]) -> Window:
    """Return the frames of each program as an aggregator would have summed them up."""
    now = time.time()
    timed = {program: frames for program, frames in shown.items() if frames.bins}
    extremes = [frames.extremes for frames in timed.values()]
    return Window(
        now,
        now,
        Counters(
            [format_key("frames", (("program", program),)) for program in shown],
            [float(frames.count) for frames in shown.values()],
            [frames.count for frames in shown.values()],
        ),
        Gauges([], [], [], [], [], []),
        Timings(
            [format_key("frame_time", (("program", program),)) for program in timed],
            [sum(count for _, count in frames.bins) for frames in timed.values()],
            [frames.seconds for frames in timed.values()],
            [least for least, _ in extremes],
            [most for _, most in extremes],
            [frames.bins for frames in timed.values()],
        ),
    )


def _pid_namespace() -> int:
    """Return where our process numbers mean something."""
    try:
        return Path("/proc/self/ns/pid").stat().st_ino
    except OSError:  # no such thing here
        return 0
