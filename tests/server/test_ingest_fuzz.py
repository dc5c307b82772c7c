"""Bodies that are almost right: whatever comes in, the answer is an acknowledgement or a reason, and never half a body.

A fixed number of cases from a fixed seed: a failure comes back in the next run, and its case is in the message.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from argus.errors import WireError
from argus.server import keys
from argus.wire import decode
from argus.wire.sections import KeyCache

GOLDEN = Path(__file__).resolve().parents[1] / "contract" / "golden"
SEED = 20_261_125
DECODED_CASES = 4_000
SENT_CASES = 250

NUMBERS: list[Any] = [True, -1, 0, 0.1, 1e308, -1e308, 2**63, 2**64, -(2**63), 10**40]
TEXTS: list[Any] = ["", "\0", "\ud83d", "x" * 300, "{", "a{b", "a{b=c}", "a{=}", "\\"]
NESTED: list[Any] = [[], [[]], {}, [None], ["a"] * 40, {"a": "b"}, {"": ""}, [1, 2, 3], [[1]], [[65058, -1]], [[0, 0]]]
ODD = [None, *NUMBERS, *TEXTS, *NESTED]


def now_like(body: Any, now: float) -> Any:
    """A golden body at the present time."""
    text = json.dumps(body)
    return json.loads(text.replace("17639000", f"{int(now) // 100}"))


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in inner:
        yield from places(item, (*path, name))


def changed(value: Any, path: tuple[Any, ...], change: Callable[[Any], Any]) -> Any:
    if not path:
        return change(value)
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = changed(copy[path[0]], path[1:], change)
    return copy


def mutated(random_: random.Random, body: Any) -> bytes:
    """One body with a few members replaced, repeated or removed, and now and then with broken bytes."""
    for _ in range(random_.randint(1, 3)):
        body = with_one_change(random_, body)
    data = bytearray(json.dumps(body).encode())
    if random_.random() < 0.2:
        for _ in range(random_.randint(1, 4)):
            at = random_.randint(0, len(data))
            data[at : at + random_.randint(0, 2)] = random_.randbytes(random_.randint(0, 3))
    return bytes(data)


def with_one_change(random_: random.Random, body: Any) -> Any:
    path, odd, kind = random_.choice(list(places(body))), random_.choice(ODD), random_.randrange(4)
    if kind == 0 and path:
        return changed(body, path[:-1], lambda parent: without(parent, path[-1]))
    if kind == 1:
        return changed(body, path, lambda old: old * 2 if isinstance(old, list) else odd)
    return changed(body, path, lambda _: odd)


def without(parent: Any, last: Any) -> Any:
    if isinstance(parent, dict):
        return {name: value for name, value in parent.items() if name != last}
    return [value for i, value in enumerate(parent) if i != last]


def cases(number: int, now: float, *names: str) -> Iterator[bytes]:
    random_ = random.Random(SEED)
    bodies = [now_like(json.loads((GOLDEN / f"{name}.json").read_text()), now) for name in names]
    for _ in range(number):
        yield mutated(random_, random_.choice(bodies))


def test_the_decoder_says_what_is_wrong_and_never_breaks() -> None:
    now, cache, limits = 1_763_900_010.0, KeyCache(), decode.Limits()
    found: list[str | None] = []
    for body in cases(DECODED_CASES, now, "ingest_batch", "ingest_points", "ingest_logs"):
        found.append(place_of_error(body, lambda: decode.metrics(body, cache, now, limits)))  # noqa: B023  # called at once
        found.append(place_of_error(body, lambda: decode.logs(body, now, limits)))  # noqa: B023  # called at once
    assert all(place is None or place.startswith("$") for place in found)
    assert found.count(None) > DECODED_CASES / 20, "some of the bodies are right, or nothing is proven of them"


def place_of_error(body: bytes, decoder: Callable[[], object]) -> str | None:
    try:
        decoder()
    except WireError as error:
        return error.where
    except Exception as error:
        raise AssertionError(f"not decoded, not refused: {body!r}") from error
    return None


async def test_a_refused_body_leaves_nothing_behind_and_none_is_answered_with_500(server) -> None:
    metrics, records = server.app[keys.METRIC_COMMIT], server.app[keys.LOG_COMMIT]
    statuses = set()
    for path, commit, names in (
        ("/api/v1/metrics", metrics, ("ingest_batch", "ingest_points")),
        ("/api/v1/logs", records, ("ingest_logs",)),
    ):
        for body in cases(SENT_CASES, time.time(), *names):
            before = commit.commits
            status, answer = await server.post(path, body)
            statuses.add(status)
            assert status in {200, 400}, (body, answer)
            assert commit.commits == before or status == 200, body
    assert statuses == {200, 400}
