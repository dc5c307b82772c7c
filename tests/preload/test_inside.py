"""The parent's side: what it puts into the environment, what it says of closed programs, how it reads files."""

from __future__ import annotations

import os
import shutil
import struct
import sys
import time
from pathlib import Path

import preload
import pytest
import server_double

import argus
from argus.aggregate.choose import BACKENDS
from argus.aggregate.summary import Counters, Gauges, Timings, Window
from argus.run.cells import MAGIC, SIZE
from argus.run.inside import Inside


@pytest.fixture
def inside(run) -> Inside:
    return run.inside


def test_the_library_is_preloaded_last_and_once(inside: Inside, run) -> None:
    library = str(preload.LIBRARY)
    alone = {"ASAN_OPTIONS": "verify_asan_link_order=0", "ARGUS_RUN_DIR": str(run.folder)}
    assert inside.environment({}) == {"LD_PRELOAD": library, **alone}
    own = inside.environment({"ASAN_OPTIONS": "halt_on_error=0"})["ASAN_OPTIONS"]
    assert own == "verify_asan_link_order=0:halt_on_error=0", "what is said last holds"
    for present, expected in (
        ("/lib/a.so", f"/lib/a.so:{library}"),
        ("/lib/a.so /lib/b.so", f"/lib/a.so /lib/b.so:{library}"),
        (f"/lib/a.so:{library}:/lib/b.so", f"/lib/a.so:{library}:/lib/b.so"),
    ):
        assert inside.environment({"LD_PRELOAD": present})["LD_PRELOAD"] == expected


def test_where_nothing_can_be_preloaded_it_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    preload.build()
    absent = Inside(tmp_path, library=tmp_path / "absent.so")
    assert "absent.so was not built: that takes a C compiler" in (absent.why_not() or "")
    spaced = tmp_path / "a folder" / "library.so"
    spaced.parent.mkdir()
    shutil.copy(preload.LIBRARY, spaced)
    assert "holds a space or a colon" in (Inside(tmp_path, library=spaced).why_not() or "")
    gone = Inside(tmp_path / "gone", library=preload.LIBRARY)
    assert f"nothing can be kept in the run folder {tmp_path / 'gone'}" in (gone.why_not() or "")
    for one in (absent, gone):
        assert one.environment({"LD_PRELOAD": "/lib/a.so"}) == {}
    monkeypatch.setattr(sys, "platform", "darwin")
    assert "on Linux only, not on darwin" in (Inside(tmp_path).why_not() or "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device")
def test_a_full_disk_is_said_by_the_parent(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    assert "No space left on device" in (inside.why_not() or "")
    assert list(inside._folder.iterdir()) == []


def test_programs_that_cannot_be_entered_are_told_apart(inside: Inside, tmp_path: Path) -> None:
    assert inside.why_not("/bin/sh") is None
    assert inside.why_not("no-such-command") is None, "that it cannot be started is said by who starts it"
    setuid = tmp_path / "setuid"
    shutil.copy("/bin/true", setuid)
    setuid.chmod(0o4755)
    assert "setuid" in (inside.why_not(str(setuid)) or "")
    narrow = tmp_path / "narrow"
    content = bytearray(Path("/bin/true").read_bytes())
    content[4] = 1
    narrow.write_bytes(content)
    narrow.chmod(0o755)
    assert "32 bits" in (inside.why_not(str(narrow)) or "")
    odd = tmp_path / "odd"
    odd.write_bytes(b"\x7fELF\x02")
    odd.chmod(0o755)
    assert "cannot be looked into" in (inside.why_not(str(odd)) or "")
    script = tmp_path / "script"
    script.write_text(f"#! {setuid} -x\n")
    script.chmod(0o755)
    assert f"{setuid} gets other rights" in (inside.why_not(str(script)) or "")


def test_files_of_another_version_are_counted_once(run) -> None:
    (run.folder / "1.2.inside").write_bytes(struct.pack("=QII", MAGIC, 99, SIZE).ljust(SIZE, b"\0"))
    (run.folder / "3.4.inside").write_bytes(bytes(SIZE))  # not ready
    (run.folder / "5.6.inside").write_bytes(b"")  # not even that
    for _ in range(2):
        assert run.collect().counts == {"argus.inside.unreadable": 1}


def header(pid: int, started: float, namespace: int = 0, program: bytes = b"game") -> bytes:
    return struct.pack("=QIIQiIQ88s", MAGIC, 1, SIZE, int(started * 1e9), pid, 0, namespace, program)


def test_a_process_number_that_means_nothing_here_is_taken_to_live(run) -> None:
    content = header(999_999_999, 1e9, namespace=12345).ljust(SIZE, b"\0")
    (run.folder / "999999999.1.inside").write_bytes(content)
    run.collect()
    assert len(run.files()) == 1


def test_a_number_that_was_given_to_another_process_is_a_dead_one_s(run) -> None:
    (run.folder / "1.1.inside").write_bytes(header(os.getpid(), 1e9).ljust(SIZE, b"\0"))
    run.collect()
    assert run.files() == []


@pytest.mark.parametrize("backend", list(BACKENDS))
def test_summaries_made_elsewhere_join_the_window_that_ends_next(backend: str) -> None:
    windows: list[Window] = []
    client = argus.Client(
        aggregator=BACKENDS[backend]()(),
        sink=lambda window, _: windows.append(window),
        flush_interval=3600,
        system_metrics=False,
        tags={"env": "ci"},
    )
    client.timing("frame_time", 0.02, {"program": "game"})
    client.gauge("last", 3)
    found = client.snapshot().timings
    for last in (1.0, 2.0):
        client.carry(
            Window(
                0,
                0,
                Counters(["frames{program=game}"], [5.0], [5]),
                Gauges(["other"], [last], [last], [last], [last], [1]),
                Timings(["frame_time{program=game}"], [1], [0.02], [0.02], [0.02], found.bins),
            )
        )
    client.flush()
    client.close()
    window = windows[0]
    assert dict(zip(window.counters.keys, window.counters.sum, strict=True))["frames{env=ci,program=game}"] == 10
    gauges = dict(zip(window.gauges.keys, window.gauges.last, strict=True))
    assert (gauges["last{env=ci}"], gauges["other{env=ci}"]) == (3, 2)
    row = window.timings.keys.index("frame_time{env=ci,program=game}")
    assert window.timings.count[row] == 3
    assert window.timings.bins[row] == [(found.bins[0][0][0], 3)]
    assert window.start < window.end == pytest.approx(time.time(), abs=60)


def test_what_is_collected_in_the_last_window_is_sent(run) -> None:
    double = server_double.Server()
    client = argus.Client(url=double.url, api_key="k", flush_interval=3600, system_metrics=False)

    def collect() -> float:
        run.inside.collect(client)
        return 1.0

    client.gauge_callback("collected", collect)
    run.program("preload_linked", "frames")
    client.increment("orders")
    assert client.close(10)
    assert double.counter("frames") == 100
    run.program("preload_linked", "frames")
    run.inside.collect(client)  # a client that is closed sends nothing, and does not mind
    double.close()


def test_nobody_waits_to_carry_while_a_batch_is_sent(run) -> None:
    double = server_double.Server()
    double.behave = lambda number, path: "hang"
    client = argus.Client(url=double.url, api_key="k", flush_interval=3600, system_metrics=False)
    flusher = client.flusher()
    assert flusher is not None
    client.increment("orders")
    flusher.ask(30)
    double.wait_for(lambda: len(double.requests) == 1)
    run.program("preload_linked", "frames")
    run.inside.collect(client)  # the flush thread hangs now
    double.behave = lambda number, path: None
    double.release.set()
    assert client.flush(10)
    client.close()
    double.close()
    assert double.counter("frames") == 100
