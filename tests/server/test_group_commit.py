"""Group commit over a store that is in the test's hands: which batches are in which commit, and what runs at once."""

from __future__ import annotations

import asyncio
import queue
from collections.abc import Sequence
from concurrent.futures import Future

import pytest

from argus.errors import StoreUnavailable
from argus.server.ingest import GroupCommit
from argus.server.stores.base import Appended, MetricBatch


def batch(instance: str | None, seq: int | None = 1, app: str = "shop") -> MetricBatch:
    return MetricBatch(app, "h", 0.0, 10.0, (), instance, seq)


class HeldStore:
    """Each commit ends when the test says so."""

    def __init__(self) -> None:
        self.begun: queue.Queue[tuple[Sequence[MetricBatch], Future[None]]] = queue.Queue()

    def append(self, batches: Sequence[MetricBatch]) -> list[Appended]:
        ended: Future[None] = Future()
        self.begun.put((batches, ended))
        ended.result(60)
        return [Appended.STORED] * len(batches)

    async def next(self) -> tuple[Sequence[MetricBatch], Future[None]]:
        return await asyncio.to_thread(self.begun.get, timeout=60)


@pytest.fixture
def store() -> HeldStore:
    return HeldStore()


async def started(store: HeldStore, at_once: int) -> GroupCommit[MetricBatch]:
    commit = GroupCommit[MetricBatch](store.append, lambda _: None, at_once)
    commit.start()
    return commit


async def test_a_single_writer_has_one_commit_and_what_comes_meanwhile_shares_the_next(store: HeldStore) -> None:
    commit = await started(store, 1)
    sent = [asyncio.create_task(commit.submit(batch("a")))]
    first, ended = await store.next()
    sent += [asyncio.create_task(commit.submit(batch(name))) for name in "bc"]
    await asyncio.sleep(0)
    assert (len(first), commit.waiting, store.begun.empty()) == (1, 2, True)
    ended.set_result(None)
    together, ended = await store.next()
    assert [one.instance for one in together] == ["b", "c"]
    ended.set_result(None)
    assert await asyncio.gather(*sent) == [Appended.STORED] * 3
    await commit.stop()


async def test_commits_of_different_senders_run_at_once_and_end_in_any_order(store: HeldStore) -> None:
    commit = await started(store, 2)
    first = asyncio.create_task(commit.submit(batch("a")))
    _, first_ended = await store.next()
    second = asyncio.create_task(commit.submit(batch("b")))
    _, second_ended = await store.next()  # while the first one runs
    second_ended.set_result(None)
    assert await second is Appended.STORED
    assert not first.done()
    first_ended.set_result(None)
    assert await first is Appended.STORED
    await commit.stop()


@pytest.mark.parametrize("instance", ["a", None], ids=["instance", "script"])
async def test_a_sender_is_in_one_commit_at_most_and_keeps_its_order(store: HeldStore, instance: str | None) -> None:
    commit = await started(store, 2)
    seqs = [1, 1, 2] if instance else [None] * 3
    sent = [asyncio.create_task(commit.submit(batch(instance, seqs[0])))]
    _, ended = await store.next()
    sent += [asyncio.create_task(commit.submit(batch(instance, seq))) for seq in seqs[1:]]  # one is sent again
    sent.append(asyncio.create_task(commit.submit(batch(instance, 1, app="other"))))
    beside, beside_ended = await store.next()
    assert [one.app for one in beside] == ["other"]
    beside_ended.set_result(None)
    assert await sent[-1] is Appended.STORED
    assert (commit.waiting, store.begun.empty()) == (2, True)
    ended.set_exception(StoreUnavailable("away"))
    with pytest.raises(StoreUnavailable):
        await sent[0]
    after, ended = await store.next()
    assert [one.seq for one in after] == seqs[1:]
    ended.set_result(None)
    assert await asyncio.gather(*sent[1:]) == [Appended.STORED] * 3
    await commit.stop()


async def test_what_runs_when_the_server_stops_is_answered(store: HeldStore) -> None:
    commit = await started(store, 2)
    sent = [asyncio.create_task(commit.submit(batch(name))) for name in "ab"]
    _, ended = await store.next()
    stopping = asyncio.create_task(commit.stop())
    ended.set_result(None)
    assert await asyncio.gather(*sent) == [Appended.STORED] * 2
    await stopping
