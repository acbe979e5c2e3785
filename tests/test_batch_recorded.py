"""Gold articles through a proxy that spoils what passes, with the embedded model's own replies.

The passage way, so several questions an article, and the server replays what was recorded for
them. Each document is asked about anew: the store keeps the replies of each apart from the others.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from agent.batch.documents import find_sources, list_items
from agent.batch.output import Output, Targets
from agent.batch.run import run
from agent.batch.work import Kit, basis_of, do
from agent.engine import Reply, Request
from agent.engines.cached import CachedEngine
from agent.engines.flow import Flow, FlowEngine, Limits
from agent.engines.retrying import RetryingEngine
from agent.extract import Resources
from agent.store import Store
from faulty_proxy import FAULTS, FaultyProxy, Plan, outage, some
from peak_memory import PeakMemory
from recorded_server import RECORDING, RecordedServer

TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in RECORDING.parent.glob("*.txt")}
MANY = 1000
WORKERS = 16
DEADLINE_S = 6.0  # of a call: server, proxy and readers share one interpreter
# Of the documents at most, each told with its reason. A web page with status 200 is an unusable
# answer, tried again only at the end of the run, and of twenty questions each may meet one.
MAY_FAIL = {"wrong content type": 0.2, "mix": 0.12}
MOST_MORE_MB = 300  # than at the start, store and records included
MINUTE_S = 60.0
PLANS: dict[str, Plan] = {
    "no fault": some({}),
    **FAULTS,
    "500 for a minute": outage(MINUTE_S),
}


class Apart(CachedEngine):
    """A cache that keeps the replies of documents apart, though they were asked the same."""

    def ask(self, request: Request) -> Reply:
        """Return the answer to the request of this document, which ends with its number."""
        assert self._document_id
        return super().ask(replace(request, epoch=int(self._document_id.rpartition("-")[2])))


@dataclass(frozen=True)
class Outcome:
    """What a run left behind. records: by the document's id, without id and cost."""

    seconds: float
    more_mb: float
    order: list[str]
    records: dict[str, Any]
    failures: list[dict[str, Any]]


def read(base_url: str, server: RecordedServer, resources: Resources, names: list[str]) -> Outcome:
    """Return what comes of these articles, in a store and a folder of their own."""
    folder = Path(f"run-{time.monotonic_ns()}")
    folder.mkdir()
    rows = [{"id": name, "text": TEXTS[name.rpartition("-")[0]]} for name in names]
    lines = "".join(f"{json.dumps(row)}\n" for row in rows)
    (folder / "in.jsonl").write_text(lines, encoding="utf-8")
    targets = Targets((folder / "out.jsonl").resolve())
    began_s = time.monotonic()
    with (
        PeakMemory() as memory,
        server.engine(base_url, DEADLINE_S) as asked,
        Store(folder / "store.db") as kept,
        Output(targets) as output,
    ):
        engine = Apart(RetryingEngine(FlowEngine(asked, Flow(Limits(WORKERS)))), kept)
        basis = basis_of(engine.identity, resources, "passage", force=False)
        kit = Kit(resources, engine, kept, "passage", basis, 200_000)
        items = list_items(find_sources([str(folder / "in.jsonl")]))
        run(items, partial(do, kit=kit), output, WORKERS, lambda _done, _totals: None)
    seconds = time.monotonic() - began_s
    found = list(_rows(targets.records))
    order = [row["document"].pop("id") for row in found]
    for row in found:
        del row["provenance"]["usage"], row["provenance"]["seconds"]
    failures = list(_rows(targets.failures))
    return Outcome(seconds, memory.more_mb, order, dict(zip(order, found, strict=True)), failures)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    if path.exists():
        yield from (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())


@dataclass(frozen=True)
class Plain:
    """The articles that the recording answers: their records and how many questions each takes."""

    server: RecordedServer
    records: dict[str, Any]
    questions: dict[str, int]


@pytest.fixture(autouse=True)
def _own_place(bare_home: Path) -> None:
    """Run in an empty folder."""


@pytest.fixture
def plain(resources: Resources) -> Iterator[Plain]:
    """Yield the articles as they're read without a fault."""
    with RecordedServer() as server:
        records, questions = {}, {}
        for name in TEXTS:
            with FaultyProxy(server.base_url, some({})) as proxy:
                outcome = read(proxy.base_url, server, resources, [f"{name}-0"])
            for record in outcome.records.values():
                records[name] = record
                questions[name] = proxy.told["answered"]
        assert 3 < len(records)  # all of them, where the recording is of this version
        yield Plain(server, records, questions)


def check(outcome: Outcome, names: list[str], plain: Plain) -> None:
    """Check that each document has its own record, in its place, or failed with a reason."""
    failed = [row["id"] for row in outcome.failures]
    assert sorted(names) == sorted(outcome.order + failed)
    assert [name for name in names if name in outcome.records] == outcome.order
    assert [] == [
        name
        for name, record in outcome.records.items()
        if record != plain.records[name.rpartition("-")[0]]
    ]
    assert [] == [row for row in outcome.failures if not (row["reason"] and row["advice"])]


def check_paid(outcome: Outcome, told: Counter[str], plain: Plain) -> None:
    """Check that each question is paid for once, and again only for an answer that was spoilt."""
    needed = sum(plain.questions[name.rpartition("-")[0]] for name in outcome.order)
    partly = sum(plain.questions[row["id"].rpartition("-")[0]] for row in outcome.failures)
    spoilt = told["answered"] - told["delivered"]
    assert needed <= told["answered"] <= needed + partly + spoilt


def run_through(name: str, plain: Plain, resources: Resources, count: int) -> Outcome:
    """Return what comes of so many documents under a fault, checked; print a row of the table."""
    articles = sorted(plain.records)
    names = [f"{articles[n % len(articles)]}-{n}" for n in range(count)]
    with FaultyProxy(plain.server.base_url, PLANS[name]) as proxy:
        outcome = read(proxy.base_url, plain.server, resources, names)
    done, failed = len(outcome.order), len(outcome.failures)
    counts = (count, done, failed, proxy.told["asked"], proxy.told["answered"])
    figures = " | ".join(f"{number:,}" for number in counts)
    used = f"{outcome.seconds:.0f} s | {outcome.more_mb:.0f} MB more"
    sys.stdout.write(f"| {name} | {figures} | {used} |  ({len(articles)} articles)\n")
    check(outcome, names, plain)
    assert count * MAY_FAIL.get(name, 0.05) >= failed
    check_paid(outcome, proxy.told, plain)
    return outcome


def test_recorded_replies_make_the_same_records_through_faults(
    plain: Plain, resources: Resources
) -> None:
    """Gold articles, read with the embedded model's replies, lose nothing on the way."""
    run_through("mix", plain, resources, 2 * len(plain.records))


@pytest.mark.soak
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", PLANS)
def test_thousand_documents_survive(plain: Plain, resources: Resources, name: str) -> None:
    """1,000 documents: all are read as without the fault, in bounded time and memory."""
    outcome = run_through(name, plain, resources, MANY)
    assert 900 > outcome.seconds
    assert MOST_MORE_MB > outcome.more_mb
