"""The second try that a run gives what failed in a way that may pass."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from agent.batch.documents import Item
from agent.batch.output import Output, Targets
from agent.batch.run import run
from agent.batch.work import Done
from agent.errors import OverBudget
from agent.extract import Resources
from agent.store import Failure
from batch_runs import Bench, Ran, only
from command_runs import Sayso
from listing_server import CUT_OFF, Fault, ListingServer, articles


@pytest.fixture
def bench(tmp_path: Path, resources: Resources) -> Bench:
    """Return an empty place for runs."""
    return Bench(tmp_path, resources)


def ids(ran: Ran) -> list[str]:
    """Return the ids of the records."""
    return [record["document"]["id"] for record in ran.records]


@pytest.mark.parametrize(
    "statuses",
    [
        pytest.param((400,), id="a bare 400"),
        pytest.param((CUT_OFF,), id="cut off"),
        pytest.param((CUT_OFF, CUT_OFF), id="cut off twice"),
        pytest.param((429, 503, 500, 429), id="overloaded for longer than it's tried"),
        pytest.param((429, 400), id="overloaded, then a bare 400"),
    ],
)
@pytest.mark.parametrize("number", [0, 2, 5], ids=["first", "middle", "last"])
def test_no_document_is_lost_that_a_second_try_answers(
    bench: Bench, statuses: tuple[int, ...], number: int
) -> None:
    """The record stands in its place, there's no failure, and each call is counted."""
    with ListingServer(fault=only(number, *statuses, retry_after="0.01")) as server:
        ran = bench.run(server, articles(6))
    assert ([f"doc-{n}" for n in range(6)], []) == (ids(ran), ran.failures)
    assert not bench.targets.failures.exists()
    assert (6, 0, 12) == (ran.totals.read, ran.totals.failed, ran.totals.claims)
    assert 6 + len(statuses) == server.calls == ran.flow.spent.calls


def test_half_an_answer_is_paid_for(bench: Bench) -> None:
    """The record's usage counts the tokens of the half too."""
    with ListingServer(fault=only(1, CUT_OFF)) as server:
        ran = bench.run(server, articles(3))
    usage = ran.records[1]["provenance"]["usage"]
    assert (2, 2000, 2.1) == (usage["calls"], usage["input_tokens"], usage["cost_usd"])
    assert 4.2 == pytest.approx(ran.flow.spent.cost_usd)


def test_second_try_is_the_last(bench: Bench) -> None:
    """What fails again is told with the attempts of both, and the next run leaves it alone."""
    with ListingServer(fault=only(1, 400, 400)) as server:
        ran = bench.run(server, articles(3))
        assert (4, 2, 0) == (server.calls, ran.totals.read, ran.totals.late)
        again = bench.run(server, articles(3))
        assert 4 == server.calls
    for row in (*ran.failures, *again.failures):
        assert (2, "Refused", 2) == (row["position"], row["kind"], row["attempts"])


@pytest.mark.parametrize("status", [401, 402, 403, 404, 413, 422])
def test_reasons_that_stay_get_no_second_try(bench: Bench, status: int) -> None:
    """Key, credit, model, length: another call would end the same way."""
    with ListingServer(fault=only(1, status)) as server:
        ran = bench.run(server, articles(3))
    assert (3, [2]) == (server.calls, [row["position"] for row in ran.failures])


def test_nothing_is_tried_again_where_nothing_was_read(bench: Bench) -> None:
    """An endpoint that refuses every document is asked once for each."""
    refuse: Fault = lambda _number, _shown: (400, {})  # noqa: E731
    with ListingServer(fault=refuse) as server:
        ran = bench.run(server, articles(5))
    assert (5, 5) == (server.calls, len(ran.failures))


def test_second_tries_end_where_the_server_is_away(bench: Bench) -> None:
    """One that still isn't reached isn't asked for all that failed: each waits as long."""
    busy = (503, {"retry-after": "0.01"})
    away: Fault = lambda _, shown: None if "bridge 0 would" in shown else busy  # noqa: E731
    with ListingServer(fault=away) as server:
        ran = bench.run(server, articles(20), workers=1, attempts=1)
    assert (1, 19) == (len(ran.lines), len(ran.failures))
    assert 20 + 3 <= server.calls <= 20 + 6  # three in a row, and the threads of one worker


def test_second_try_that_is_too_dear_leaves_the_failure(tmp_path: Path) -> None:
    """The budget holds, and the run is whole all the same."""
    failure = Failure("x", "no", "Refused", attempts=1, advice="wait")

    def read(item: Item) -> Done:
        if item.earlier:
            raise OverBudget("too dear")
        if item.position == 1:
            return Done(1, "in", "x", failure=failure, again=True)
        return Done(item.position, "in", "y", line="{}")

    with Output(Targets(tmp_path / "out.jsonl")) as output:
        items = (Item(position, "in") for position in (1, 2))
        totals = run(items, read, output, 1, lambda _done, _totals: None)
    assert ("", 1, 1) == (totals.stopped, totals.read, totals.failed)
    assert "{}\n" == (tmp_path / "out.jsonl").read_text(encoding="utf-8")
    assert (tmp_path / "out.failed.jsonl").exists()


def test_second_tries_are_told_and_in_the_tables(sayso: Sayso, bare_home: Path) -> None:
    """Exit 0; the rows of a late record stand among the others in the order of the input."""
    Path("in.jsonl").write_text(articles(4), encoding="utf-8")
    tables = ("--claims-csv", "claims.csv", "--parquet", "claims.parquet")
    with ListingServer(fault=only(1, 400)) as server:
        endpoint = ("-m", "served", "--base-url", server.base_url)
        ran = sayso("batch", "in.jsonl", "-o", "out.jsonl", *endpoint, *tables)
    assert (0, True) == (ran.code, "in.jsonl:2: " in ran.err)
    assert "asked once more at the end" in ran.err
    assert "4 read now (1 at a second try), 0 before, 0 failed" in ran.err
    with Path("claims.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    wanted = [f"doc-{number}" for number in range(4) for _ in range(2)]
    assert wanted == [row[0] for row in rows]
    from pyarrow.parquet import read_table

    assert wanted == read_table("claims.parquet").column(0).to_pylist()
    lines = Path("out.jsonl").read_text(encoding="utf-8").splitlines()
    assert [f"doc-{n}" for n in range(4)] == [json.loads(line)["document"]["id"] for line in lines]
