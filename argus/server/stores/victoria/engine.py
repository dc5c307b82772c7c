"""VictoriaMetrics as an engine: line protocol in, exported series out.

It keeps a series per field, milliseconds, and numbers only. So a point's sender is a label, as is usual there; a sketch
is packed into numbers; and since nothing is overwritten, what is sent again is told apart when it is read. Rows are
always merged here, by the embedded store's code: a sum over time by the engine would count repetitions twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import urllib3
from influxdb_client.domain.write_precision import WritePrecision

from argus.errors import StoreUnavailable
from argus.server.stores.remote import lines, names
from argus.server.stores.remote.engine import COLUMNS, Engine, Fact, Found, Reading, Tier, Wanted
from argus.server.stores.remote.http import Http, Params, Refused
from argus.server.stores.remote.lines import Block
from argus.server.stores.remote.pipeline import Pipeline
from argus.server.stores.remote.writer import Writer
from argus.server.stores.victoria import export, native, promql
from argus.server.stores.victoria.recent import Recent
from argus.server.stores.victoria.routes import routes

ENGINE = "VictoriaMetrics"
PAIRS_PER_QUESTION = 200
DAY = 86_400
LONGEST = 400 * DAY
"""Seconds that facts are looked back for; the engine's retention ends it earlier."""

AHEAD = DAY
"""Seconds from now on that are asked for, too: another server's clock, or a program's, may be ahead of ours."""

MOMENT = 60
"""Seconds for which a series is new."""


class _Sample(msgspec.Struct):
    metric: dict[str, str]
    value: tuple[float, str]


class _Data(msgspec.Struct):
    result: list[_Sample]


class _Answer(msgspec.Struct):
    data: _Data


class _Series(msgspec.Struct):
    data: list[dict[str, str]]


class VictoriaEngine(Engine):
    """One node or cluster."""

    kind = "victoriametrics"
    parts = (promql.FACTS_PART, promql.SUMMARIES_PART)
    most_tags = 30 - 2
    """Labels of ``-maxLabelsPerTimeseries``, less the metric's name and the sender."""

    lag = 2.0
    """It shows rows, and the names of new series, when it has flushed them: each once a second."""

    def __init__(self, url: str) -> None:
        self._routes = routes(url)
        insert = self._routes.insert
        basic = f"{insert.user}:{insert.password}" if insert.user else ""
        authorization = urllib3.make_headers(basic_auth=basic)["authorization"] if basic else None
        self._http = Http(ENGINE, self._routes.select, authorization)
        self._importing = Http(ENGINE, insert, authorization)
        self._writer = Writer(ENGINE, insert, token=basic, org="-", basic=bool(basic))
        self._recent = Recent()
        self._pipeline = Pipeline()
        self._settled = False
        self._rewritten = 0.0

    @property
    def root(self) -> str:
        """The beginning of every question's address, without secrets."""
        return self._routes.select.root

    def write(self, tier: Tier, blocks: Sequence[tuple[str, Block]]) -> None:
        self._make_good()
        with self._recent.writing():
            self._send(_lines(tier, sender, block) for sender, block in blocks)
            for sender, block in blocks:
                self._recent.add(tier, sender, block)

    def _make_good(self) -> None:
        """Write once more what the engine may have lost while it was away."""
        blocks, facts, failures = self._recent.to_write_again()
        self._send(_lines(tier, sender, block) for _, tier, sender, block in blocks)
        self._send([facts])
        self._rewritten += sum(len(written.block.time) for written in blocks)
        self._recent.engine_is_back(failures)

    def _send(self, made: Iterable[Iterable[bytes]]) -> None:
        try:
            self._pipeline.run(lines.bodies(made), lambda body: self._writer.write("-", body, WritePrecision.MS))
        except Refused:
            raise
        except StoreUnavailable:
            self._recent.engine_is_away()
            raise

    def rewrite(self, blocks: Sequence[Block]) -> None:
        start, end = min(int(block.time.min()) for block in blocks), max(int(block.time.max()) for block in blocks) + 1
        apps = tuple(dict.fromkeys(block.series[0].app for block in blocks))
        present: dict[tuple[str, str], list[Found]] = {}
        for found in self._ask_rows(Tier.ROLLUP, Reading(apps, start, end, COLUMNS, 0))():
            present.setdefault((found.tags["app_id"], found.tags["kind"]), []).append(found)
        new: list[tuple[str, Block]] = []
        for block in blocks:
            kinds = {series.kind.name.lower() for series in block.series}
            app = names.stored(block.series[0].app)
            same = [found for kind in kinds for found in present.get((app, kind), ())]
            part = max((export.part_of(found.tags) for found in same), default=-1) + 1
            changed = np.flatnonzero(_differs(block, export.newest_parts(same)))
            if len(changed):
                new.append((str(part), block.take(changed)))
        self.write(Tier.ROLLUP, new)

    def ask(self, tier: Tier, reading: Reading) -> Callable[[], list[Found]]:
        rows = self._ask_rows(tier, reading)
        return (lambda: export.newest_parts(rows())) if tier is Tier.ROLLUP else rows

    def _ask_rows(self, tier: Tier, reading: Reading) -> Callable[[], list[Found]]:
        """Ask for the engine's rows, and those that it does not show yet in place of its own."""
        recent = list(self._recent.rows(tier, reading))
        anew = tier is Tier.RAW and reading.end / 1000 > time.time() - MOMENT
        form = [("match[]", selector) for selector in promql.selectors(tier, reading, anew=anew)]
        # A millisecond more at the beginning, for the engine reads seconds as a double and cuts.
        form += [("start", f"{(reading.start - 1) / 1000:.3f}"), ("end", f"{reading.end / 1000:.3f}")]
        body = self._get("/api/v1/export", form)
        return lambda: _joined(export.rows(body, f"{promql.SUMMARIES[tier]}_", reading), recent)

    def write_facts(self, facts: Sequence[Fact]) -> None:
        now = time.time_ns() // 1_000_000
        made = []
        for topic, app, key, number in facts:
            tags = {"topic": topic, "app_id": names.stored(app), "key": names.stored(key)}
            made.append(b"%b%b number=%d %d" % (promql.FACTS.encode(), lines.encoded_tags(tags), number, now))
        with self._recent.writing():
            self._send([made])
            self._recent.add_facts(made)

    def read_facts(self, topic: str, wanted: Iterable[Wanted] | None, within: int | None = None) -> list[Fact]:
        pairs = list(wanted or ())
        groups = [pairs[begin : begin + PAIRS_PER_QUESTION] for begin in range(0, len(pairs), PAIRS_PER_QUESTION)]
        seconds = AHEAD + (LONGEST if within is None else within)
        facts = [
            Fact(topic, names.original(found["app_id"]), names.original(found["key"]), int(number))
            for group in ([None] if wanted is None else groups)
            for found, number in self._ask(promql.facts(topic, group, seconds))
        ]
        asked = frozenset(pairs)
        return [f for f in facts if wanted is None or (f.app, f.key) in asked or (f.app, None) in asked]

    def _ask(self, question: str) -> list[tuple[dict[str, str], float]]:
        # Without nocache the engine answers as of half a minute ago.
        form = [("query", question), ("time", f"{time.time() + AHEAD:.3f}"), ("nocache", "1")]
        answer = msgspec.json.decode(self._get("/api/v1/query", form), type=_Answer)
        return [(sample.metric, float(sample.value[1])) for sample in answer.data.result]

    def settle(self) -> None:
        """Ask a node to show what it has; wait until a cluster does so, which listens to nobody."""
        if self._routes.is_cluster:
            time.sleep(self.lag)
        else:
            self._http.get(f"{self._routes.read_path}/internal/force_flush")
        self._settled = True

    def _get(self, path: str, form: Params) -> bytes:
        """Ask the reading side; the first time, what the process before this one wrote last is to be seen."""
        if not self._settled:
            self.settle()
        return self._http.ask(self._routes.read_path + path, form)

    def check(self) -> None:
        try:
            self._writer.write("-", b"%b %d" % (lines.CHECK, time.time() * 1000), WritePrecision.MS)
        except Refused:
            raise
        except StoreUnavailable:
            self._recent.engine_is_away()  # the next commit may find it back, and without its last rows
            raise

    def last_times(self, app: str) -> list[tuple[Mapping[str, str], int]]:
        found = [*self._last(Tier.RAW, app, DAY), *self._last(Tier.ROLLUP, app, LONGEST)]
        known = {frozenset(tags.items()) for tags, _ in found}
        form = [
            ("match[]", f"{promql.SUMMARIES[Tier.RAW]}_count{promql.of_app(app)}"),
            ("start", f"{time.time() - LONGEST:.0f}"),
        ]
        body = self._get("/api/v1/series", form)
        for labels in msgspec.json.decode(body, type=_Series).data:
            del labels["__name__"]
            if frozenset(export.without_instance(labels).items()) not in known:
                found += self._last(Tier.RAW, app, LONGEST)  # rare: older than a day, and not rolled up
                break
        for tier in Tier:
            whole = Reading((app,), 0, 2**53, (), 0)
            found += [
                (export.without_instance(one.tags), int(one.time.max())) for one in self._recent.rows(tier, whole)
            ]
        return found

    def _last(self, tier: Tier, app: str, seconds: int) -> list[tuple[Mapping[str, str], int]]:
        answered = self._ask(promql.last_times(tier, app, AHEAD + seconds))
        return [(export.without_instance(tags), round(at * 1000)) for tags, at in answered]

    def apps(self) -> list[str]:
        self.settle()
        return sorted(names.original(found["app_id"]) for found, _ in self._ask(promql.apps(AHEAD + LONGEST)))

    def export(self, part: str, counts: dict[str, dict[str, int]]) -> Iterator[bytes]:
        self.settle()
        form = [("match[]", promql.part(part)), ("start", "0"), ("end", f"{time.time() + DAY:.0f}")]
        return native.counted(self._http.stream(f"{self._routes.read_path}/api/v1/export/native", form), counts)

    def load(self, part: str, pieces: Iterable[bytes]) -> None:
        del part  # every series brings its name
        self._importing.send(f"{self._routes.import_path}/api/v1/import/native", pieces)

    def delete_app(self, app: str) -> None:
        self.settle()  # only what is shown can be deleted
        self._http.ask(f"{self._routes.delete_path}/api/v1/admin/tsdb/delete_series", [("match[]", promql.of_app(app))])
        self.forget(app)

    def forget(self, app: str) -> None:
        self._recent.forget(app)

    def forget_all(self) -> None:
        self._recent.forget_all()

    def stats(self) -> Mapping[str, float]:
        return {"rewritten_rows": self._rewritten}

    def close(self) -> None:
        self._pipeline.close()
        self._writer.close()
        self._http.close()
        self._importing.close()


def _lines(tier: Tier, sender: str, block: Block) -> Iterable[bytes]:
    measurement = promql.SUMMARIES[tier].encode() + lines.encoded_tags({"instance": names.stored(sender)})
    return lines.encode(measurement, block, block.time, export.sketch_fields)


def _joined(stored: list[Found], recent: Sequence[Found]) -> list[Found]:
    """Return stored rows and recent ones, these in place of those."""
    held: dict[frozenset[tuple[str, str]], list[Any]] = {}
    for one in recent:
        held.setdefault(frozenset(one.tags.items()), []).append(one.time)
    for number, one in enumerate(stored):
        times = held.get(frozenset(one.tags.items()))
        if times is not None:
            stored[number] = export.only(one, ~np.isin(one.time, np.concatenate(times)))
    return [*stored, *recent]


def _differs(block: Block, present: Sequence[Found]) -> Any:
    """Return which rows of a block are not there already, as they are."""
    if not present:
        return np.ones(len(block.time), bool)
    known = {}
    for found in present:
        columns = [found.columns[column] for column in COLUMNS]
        for place, at in enumerate(found.time.tolist()):
            known[frozenset(export.without_instance(found.tags).items()), at] = [c[place] for c in columns]
    same = []
    for place, series in enumerate(block.series):
        mine = [float(getattr(block, column)[place]) for column in COLUMNS]
        theirs = known.get((frozenset(names.tags_of(series).items()), int(block.time[place])))
        same.append(theirs is not None and np.allclose(mine, theirs, rtol=1e-9, atol=0))
    return ~np.array(same, bool)
