"""Runs over many articles: complete, in order, resumed, never paid twice."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from agent.batch.run import Totals
from agent.batch.work import rules_of
from agent.extract import Resources
from agent.schema import Extraction
from agent.store import Store
from batch_runs import Bench, only, without_cost
from listing_server import ListingServer, article, articles
from postgresql_server import PostgresqlServer

GERMAN = "Der Bürgermeister sagte gestern, dass die Brücke am Montag wieder geöffnet wird. " * 3


@pytest.fixture
def bench(tmp_path: Path, resources: Resources) -> Bench:
    """Return an empty place for runs."""
    return Bench(tmp_path, resources)


def ids(lines: list[str]) -> list[str]:
    """Return the ids of the records."""
    return [json.loads(line)["document"]["id"] for line in lines]


# ---- complete, in order -----------------------------------------------------------------------


def test_run_writes_a_record_for_each_article_in_order(bench: Bench) -> None:
    """Whatever the order in which answers come, the records have that of the input."""

    def slow_first(number: int, shown: str) -> None:
        if "bridge 0 would" in shown:
            server.inner.latency_s = 0.3
        else:
            server.inner.latency_s = 0.0

    with ListingServer(fault=slow_first) as server:
        ran = bench.run(server, articles(12))
    assert [f"doc-{number}" for number in range(12)] == ids(ran.lines)
    assert "doc-0" != ran.told[0].name
    assert (12, 0, 24) == (ran.totals.read, ran.totals.failed, ran.totals.claims)
    assert not list(bench.folder.glob("*.part"))


def test_record_is_the_contract_with_the_fields_of_the_input(bench: Bench) -> None:
    """A line is a record of form sayso/1; fields that aren't ours are kept in document.extra."""
    with ListingServer() as server:
        (line,) = bench.run(server, articles(1, start=7)).lines
    record = Extraction.model_validate_json(line)
    assert (("doc-7", "2024-05-01", {"desk": 2}), 1) == (
        (record.document.id, record.document.date, record.document.extra),
        record.provenance.usage.calls,
    )
    assert article(7)["text"] == record.document.text
    assert 1.05 == record.provenance.usage.cost_usd


def test_same_article_twice_is_asked_once_and_written_twice(bench: Bench) -> None:
    """Both lines get their record, and one call pays for both."""
    with ListingServer(latency_s=0.05) as server:
        ran = bench.run(server, articles(1) * 2 + articles(1, start=5))
    assert (["doc-0", "doc-0", "doc-5"], 2) == (ids(ran.lines), server.calls)


def test_run_over_nothing_writes_an_empty_file(bench: Bench) -> None:
    """No articles, no records, and no failure."""
    with ListingServer() as server:
        assert (0, []) == ((ran := bench.run(server, "\n")).totals.documents, ran.lines)
    assert bench.targets.records.exists()


# ---- failures ---------------------------------------------------------------------------------


def test_failures_never_stop_the_rest(bench: Bench) -> None:
    """What can't be read is told with place, reason and advice; all others are read."""
    lines = articles(2) + "{\n" + json.dumps({"id": "g", "text": GERMAN}) + "\n" + articles(1, 5)
    with ListingServer(fault=only(1, 401)) as server:
        ran = bench.run(server, lines)
    assert ["doc-0", "doc-5"] == ids(ran.lines)
    assert [
        (2, "doc-1", "Refused", 1),
        (3, "", "InputError", 0),
        (4, "g", "InputError", 0),
    ] == [(row["position"], row["id"], row["kind"], row["attempts"]) for row in ran.failures]
    first = ran.failures[0]
    assert first["where"].endswith("in.jsonl:2")
    assert "check the API key" in first["reason"]
    assert "--retry-failed" in first["advice"]


def test_failed_documents_are_asked_again_only_on_request(bench: Bench) -> None:
    """The same command leaves a refusal as it is; --retry-failed asks, and takes the answer."""
    with ListingServer(fault=only(1, 403)) as server:
        bench.run(server, articles(3))
        again = bench.run(server, articles(3))
        assert (3, [2]) == (server.calls, [row["position"] for row in again.failures])
        retried = bench.run(server, articles(3), retry_failed=True)
    assert (4, 3, []) == (server.calls, len(retried.lines), retried.failures)
    assert not bench.targets.failures.exists()


@pytest.mark.parametrize(
    "statuses", [(429,), (503, 503), (429, 500, 503)], ids=lambda statuses: str(len(statuses))
)
def test_no_document_is_lost_that_the_server_answers_in_the_end(
    bench: Bench, statuses: tuple[int, ...]
) -> None:
    """Overload is waited for, and costs no document."""
    with ListingServer(fault=only(2, *statuses, retry_after="0.1")) as server:
        ran = bench.run(server, articles(6))
    assert (6, 6 + len(statuses)) == (len(ran.lines), server.calls)
    assert 1 + len(statuses) == ran.records[2]["provenance"]["usage"]["calls"]


# ---- resumed ----------------------------------------------------------------------------------


def test_same_run_again_asks_nothing(bench: Bench) -> None:
    """All comes from the store, to the byte."""
    with ListingServer() as server:
        first = bench.run(server, articles(8))
        again = bench.run(server, articles(8))
        assert (8, first.lines) == (server.calls, again.lines)
    assert (0, 8, 0) == (again.totals.read, again.totals.before, again.flow.spent.calls)


def test_run_goes_on_where_one_ended(bench: Bench) -> None:
    """Of a longer input only what is new is read."""
    with ListingServer() as server:
        bench.run(server, articles(5))
        ran = bench.run(server, articles(9))
    assert (9, 4, 5) == (server.calls, ran.totals.read, ran.totals.before)
    assert 9 == len(ran.lines)


def test_what_changed_is_read_anew(bench: Bench) -> None:
    """Another text, title or field makes another record; the others stay."""
    with ListingServer() as server:
        bench.run(server, articles(3))
        rows = [article(number) for number in range(3)]
        rows[1]["desk"] = "new"
        ran = bench.run(server, "".join(f"{json.dumps(row)}\n" for row in rows))
    assert (1, 2) == (ran.totals.read, ran.totals.before)
    assert "new" == ran.records[1]["document"]["extra"]["desk"]
    assert 3 == server.calls  # the question about it was answered before


def test_prompt_that_is_not_used_changes_nothing(bench: Bench) -> None:
    """Another prompt of the passage way leaves what was read in the document way as it is."""
    prompts = dict(bench.resources.prompts)
    speaker = {**prompts, "speaker": replace(prompts["speaker"], hash="0" * 64)}
    claims = {**prompts, "claims": replace(prompts["claims"], hash="0" * 64)}
    with ListingServer() as server:
        bench.run(server, articles(2))
        other = replace(bench, resources=replace(bench.resources, prompts=speaker))
        assert 2 == other.run(server, articles(2)).totals.before
        other = replace(bench, resources=replace(bench.resources, prompts=claims))
        assert 2 == other.run(server, articles(2)).totals.read


@pytest.mark.parametrize(
    ("same", "file"),
    [
        pytest.param(False, "cues.py", id="a rule"),
        pytest.param(False, "new.py", id="a new module"),
        pytest.param(False, "data/lexicon.toml", id="the lexicon"),
        pytest.param(False, "data/calibration.json", id="the calibration"),
        pytest.param(True, "batch/run.py", id="what doesn't read"),
    ],
)
def test_rules_that_change_make_another_key(tmp_path: Path, same: bool, file: str) -> None:
    """Records of other rules aren't taken for those of these; other code is no matter."""
    for package in ("old", "new"):
        for name in ("cues.py", "data/lexicon.toml", "data/calibration.json", "batch/run.py"):
            path = tmp_path / package / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("as it was\n", encoding="utf-8")
    (tmp_path / "new" / file).write_text("changed\n", encoding="utf-8")
    assert same is (rules_of(tmp_path / "old") == rules_of(tmp_path / "new"))


def test_damaged_record_is_made_again(bench: Bench) -> None:
    """A record in the store that can't be read is noticed, and made anew from the replies."""
    with ListingServer() as server:
        first = bench.run(server, articles(2))
        with Store(bench.folder / "store.db") as store:
            store._database.write(
                lambda db: db.exec_driver_sql("UPDATE records SET record = substr(record, 9)")
            )
        again = bench.run(server, articles(2))
    assert (2, 2) == (server.calls, again.totals.read)
    assert list(map(without_cost, first.lines)) == list(map(without_cost, again.lines))


# ---- money ------------------------------------------------------------------------------------


def test_run_stops_before_the_cost_is_passed(bench: Bench) -> None:
    """It ends cleanly with what it has, tells why, and goes on with more money."""
    # A call costs $1.05 and is feared to cost ten times that: a long answer, and another try.
    with ListingServer(latency_s=0.01) as server:
        ran = bench.run(server, articles(40), max_cost_usd=50.0)
        assert 0 < server.calls < 40
        assert "raise --max-cost" in ran.totals.stopped
        assert (ran.flow.spent.cost_usd or 99) <= 50.0
        assert not bench.targets.records.exists()
        done = ran.totals.read
        more = bench.run(server, articles(40), max_cost_usd=200.0)
    assert (40, done, "") == (len(more.lines), more.totals.before, more.totals.stopped)
    assert 40 == server.calls


# ---- replay -----------------------------------------------------------------------------------


def test_replay_misses_are_failed_documents(bench: Bench) -> None:
    """What the store can't answer fails, nothing is asked, and a later run asks it."""
    with ListingServer() as server:
        bench.run(server, articles(2))
        replayed = bench.run(server, articles(3), replay=True)
        assert (2, ["ReplayMiss"]) == (server.calls, [row["kind"] for row in replayed.failures])
        assert "without --replay" in replayed.failures[0]["advice"]
        assert 3 == len(bench.run(server, articles(3)).lines)
    assert 3 == server.calls


# ---- on PostgreSQL ----------------------------------------------------------------------------


def test_run_goes_on_in_postgresql(bench: Bench, postgresql: PostgresqlServer) -> None:
    """A server as the store does what a file does."""
    shared = replace(bench, store=postgresql.make_schema("batch"))
    with ListingServer(fault=only(1, 403)) as server:
        first = shared.run(server, articles(4))
        again = shared.run(server, articles(6))
    assert (6, 3, [2]) == (
        server.calls,
        again.totals.before,
        [r["position"] for r in again.failures],
    )
    assert first.lines == again.lines[:3]


@pytest.mark.soak
def test_run_outlives_a_restart_of_postgresql(bench: Bench, postgresql: PostgresqlServer) -> None:
    """The database is stopped and started under a run: all is read, and paid once."""
    shared = replace(bench, store=postgresql.make_schema("restarted"))

    def restart() -> None:
        while server.calls < 40:
            time.sleep(0.005)
        postgresql.stop()
        time.sleep(1)
        postgresql.start()

    with ListingServer(latency_s=0.05) as server, ThreadPoolExecutor(1) as pool:
        restarted = pool.submit(restart)
        ran = shared.run(server, articles(120))
        restarted.result()
    assert (120, "", 120) == (len(ran.lines), ran.totals.stopped, server.calls)


# ---- two at once ------------------------------------------------------------------------------


def test_two_runs_of_the_same_job_share_the_store(bench: Bench, tmp_path: Path) -> None:
    """Each writes all records once; a document costs two calls at most, and few cost two."""

    def run(name: str) -> list[str]:
        return replace(bench, folder=tmp_path / name).run(server, articles(30)).lines

    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    (tmp_path / "one" / "store.db").touch()
    (tmp_path / "two" / "store.db").symlink_to(tmp_path / "one" / "store.db")
    with ListingServer(latency_s=0.02) as server, ThreadPoolExecutor(2) as pool:
        one, two = pool.map(run, ("one", "two"))
    assert [f"doc-{number}" for number in range(30)] == ids(one) == ids(two)
    assert 30 <= server.calls <= 60


# ---- ten thousand -----------------------------------------------------------------------------


def resident_mb() -> float:
    """Return the memory that this process holds now."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells the memory")
def test_memory_stays_flat_over_ten_thousand_documents(bench: Bench) -> None:
    """From the 1,000th document on it grows by 50 MB at most, whether read or from the store."""
    for _ in range(2):
        seen_mb: list[float] = []

        def watch(_: object, totals: Totals, seen_mb: list[float] = seen_mb) -> None:
            if totals.documents % 1000 == 0:
                seen_mb.append(resident_mb())

        with ListingServer() as server:
            bench.run(server, articles(10_000), workers=8, tell=watch)
        assert 10 == len(seen_mb)
        assert 50 > max(seen_mb[1:]) - seen_mb[0]
