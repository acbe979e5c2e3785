"""`sayso batch`: what it says, how it ends, and that it goes on after whatever ended it."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from agent.batch.output import Output, Targets
from batch_runs import without_cost
from command_runs import Sayso
from listing_server import ListingServer, article, articles

PRICE = ("--price", "1000,1000")  # $1.05 a call
MANY = 200


@pytest.fixture(autouse=True)
def _own_place(bare_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in an empty folder, with a store of its own."""
    monkeypatch.setenv("SAYSO_STORE", str(bare_home / "store.db"))


def batch(server: ListingServer, *more: str, lines: str = "") -> list[str]:
    """Return the arguments of a run over these lines."""
    if lines:
        Path("in.jsonl").write_text(lines, encoding="utf-8")
    endpoint = ("-m", "served", "--base-url", server.base_url)
    return ["batch", "in.jsonl", "-o", "out.jsonl", *endpoint, *more]


def start(arguments: list[str]) -> subprocess.Popen[str]:
    """Start the command in a process of its own."""
    command = [sys.executable, "-m", "agent.cli", *arguments]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, encoding="utf-8")


def until(met: Callable[[], bool], limit_s: float = 60.0) -> None:
    """Wait until something is so."""
    give_up_s = time.monotonic() + limit_s
    while not met():
        assert time.monotonic() < give_up_s
        time.sleep(0.005)


def output() -> list[str]:
    """Return the records that were written."""
    return Path("out.jsonl").read_text(encoding="utf-8").splitlines()


# ---- what it says -----------------------------------------------------------------------------


def test_batch_reads_all_and_says_what_it_took(sayso: Sayso) -> None:
    """Exit 0; the last lines tell documents, claims, tokens and money; stdout stays empty."""
    with ListingServer() as server:
        ran = sayso(*batch(server, *PRICE, lines=articles(3)))
    assert (0, "", 3) == (ran.code, ran.out, len(output()))
    assert "sending the text to 127.0.0.1" in ran.err
    assert "3 read now, 0 before, 0 failed" in ran.err
    assert "6 claims" in ran.err
    assert "$3.1500 by $1000 and $1000 for a million tokens" in ran.err


def test_batch_ends_with_3_when_some_failed(sayso: Sayso) -> None:
    """The failure is told at once, and where all of them are told."""
    with ListingServer() as server:
        ran = sayso(*batch(server, lines=articles(1) + "{}\n"))
    assert (3, 1) == (ran.code, len(output()))
    assert 'in.jsonl:2: the line has no "text"' in ran.err
    assert "out.failed.jsonl tells why" in ran.err
    failed = json.loads(Path("out.failed.jsonl").read_text(encoding="utf-8"))
    assert {"position", "where", "id", "reason", "kind", "attempts", "advice"} == failed.keys()


def test_batch_writes_claims_as_tables(sayso: Sayso) -> None:
    """A row for each claim of all documents, in both kinds of file."""
    with ListingServer() as server:
        tables = ("--claims-csv", "claims.csv", "--parquet", "claims.parquet")
        assert 0 == sayso(*batch(server, *tables, lines=articles(3))).code
    assert 1 + 6 == len(Path("claims.csv").read_text(encoding="utf-8").splitlines())
    assert Path("claims.parquet").read_bytes().startswith(b"PAR1")


def test_batch_tells_all_as_json_lines(sayso: Sayso) -> None:
    """With --log-json each line of stderr is an object; the last one has the figures."""
    with ListingServer() as server:
        ran = sayso(*batch(server, "--log-json", *PRICE, lines=articles(2) + "{\n"))
    events: list[dict[str, Any]] = [json.loads(line) for line in ran.err.splitlines()]
    assert ["note", "document", "document", "document", "end"] == [e["event"] for e in events]
    assert [1, 2, 3] == sorted(event["position"] for event in events[1:4])
    end = events[-1]
    assert (3, 3, 1, 4, 2, "") == tuple(
        end[name] for name in ("documents", "of", "failed", "claims", "calls", "stopped")
    )
    assert 2.1 == pytest.approx(end["cost_usd"])


def test_dry_run_asks_nobody(sayso: Sayso) -> None:
    """It tells documents, requests, tokens and cost of what isn't done, and writes no file."""
    with ListingServer() as server:
        sayso(*batch(server, lines=articles(2)))
        ran = sayso(*batch(server, "--dry-run", *PRICE, lines=articles(5) + "{\n"))
        assert 2 == server.calls
    assert 0 == ran.code
    assert "6 documents: 3 to read, 2 done before, 1 can't be read" in ran.out
    assert "3 requests, 0 more are answered from the store" in ran.out
    assert "an estimate" in ran.out
    assert "about $" in ran.out
    assert 2 == len(output())


def test_dry_run_counts_replies_of_the_store_as_free(sayso: Sayso) -> None:
    """What was asked before costs nothing, though the document is to be read anew."""
    with ListingServer() as server:
        sayso(*batch(server, lines=articles(1)))
        changed = json.dumps({**article(0), "desk": "new"})
        ran = sayso(*batch(server, "--dry-run", *PRICE, lines=f"{changed}\n"))
    assert "0 requests, 1 more are answered from the store" in ran.out
    assert "about $0.00" in ran.out


def test_batch_shows_a_bar_on_a_terminal() -> None:
    """On a terminal the figures stand beside a bar, a failure above it, and the end below."""
    control, terminal = pty.openpty()
    with ListingServer(latency_s=0.3) as server:
        lines = articles(8) + "{\n"
        arguments = batch(server, "--workers", "1", *PRICE, lines=lines)
        command = [sys.executable, "-m", "agent.cli", *arguments]
        process = subprocess.Popen(command, stderr=terminal, env={**os.environ, "COLUMNS": "200"})
        os.close(terminal)
        shown = ""
        with contextlib.suppress(OSError):  # the terminal's end, on Linux
            while part := os.read(control, 10_000):
                shown += part.decode(errors="replace")
    os.close(control)
    assert 3 == process.wait(60)
    shown = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", shown)
    assert re.search(r"[1-8]/9 \d+ claims, [\d.]+/s, .* to go, [\d.k ]+ tokens, \$[\d.]+", shown)
    assert "in.jsonl:9: the line isn't JSON" in shown
    assert "8 read now, 0 before, 1 failed" in shown.replace("\r\n", "")


# ---- what it refuses --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "message", "more"),
    [
        (2, "the price of served at 127.0.0.1:", ("--max-cost", "1")),
        (2, "must be two numbers", ("--price", "cheap")),
        (2, "isn't a file", ("-o", ".")),
        (2, "there's no folder", ("-o", "none/out.jsonl")),
        (2, "in.jsonl would be overwritten", ("-o", "in.jsonl")),
        (2, "need a file each", ("--claims-csv", "out.jsonl")),
        (1, "use --reading document", ("--reading", "passage")),
        (5, "holds no reply of served", ("--replay",)),
    ],
)
def test_batch_refuses_what_cannot_be_kept(
    sayso: Sayso, code: int, message: str, more: tuple[str, ...]
) -> None:
    """A wrong wish ends the run before anything is asked, with what to do."""
    with ListingServer() as server:
        ran = sayso(*batch(server, *more, lines=articles(1)))
        assert (code, 0) == (ran.code, server.calls)
    assert message in ran.err


def test_limits_of_an_endpoint_are_refused_on_this_machine(sayso: Sayso) -> None:
    """The embedded engine has no requests a minute."""
    Path("in.jsonl").write_text(articles(1), encoding="utf-8")
    ran = sayso("batch", "in.jsonl", "-o", "out.jsonl", "--rpm", "5")
    assert (2, True) == (ran.code, "--rpm and --tpm are for endpoints" in ran.err)


def test_second_run_into_the_same_file_is_refused(sayso: Sayso) -> None:
    """While one run writes, another one with the same output ends at once."""
    with ListingServer() as server, Output(Targets(Path("out.jsonl").resolve())):
        ran = sayso(*batch(server, lines=articles(1)))
        assert (2, 0) == (ran.code, server.calls)
    assert "another run is writing" in ran.err


# ---- what ends it, and how it goes on ---------------------------------------------------------


@pytest.mark.parametrize(
    "number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.soak)]
)
def test_interrupted_batch_ends_at_once_and_says_how_to_go_on(number: signal.Signals) -> None:
    """Ctrl-C ends it within 2 s though answers are under way, with a line that says what to do."""
    with ListingServer(latency_s=0.05) as server:
        process = start(batch(server, "--workers", "2", lines=articles(30)))
        until(lambda: server.calls >= 6)
        server.inner.latency_s = 20.0
        until(lambda: server.inner.at_once == 2)
        process.send_signal(number)
        began_s = time.monotonic()
        _, err = process.communicate(timeout=10)
        assert 2.0 > time.monotonic() - began_s
        assert 128 + number == process.returncode
        assert "documents are done and kept; the same command goes on:\n  sayso batch in" in err


def kill(server: ListingServer, moments: list[int]) -> None:
    """Run so often, each time killed when that many more calls have come in."""
    for moment in moments:
        target = server.calls + moment
        process = start(batch(server, "--workers", "4"))
        while server.calls < target and process.poll() is None:
            time.sleep(0.001)
        process.kill()
        process.communicate()


def check_killed(sayso: Sayso, monkeypatch: pytest.MonkeyPatch, count: int, *moments: int) -> None:
    """Check that a run over so many articles ends as an undisturbed one, though it's killed."""
    with ListingServer(latency_s=0.02) as server:
        arguments = batch(server, "--workers", "4", lines=articles(count))
        kill(server, list(moments))
        assert 0 == sayso(*arguments).code
        assert count <= server.calls <= count + 4 * len(moments)
        monkeypatch.setenv("SAYSO_STORE", "other.db")
        arguments[arguments.index("out.jsonl")] = "other.jsonl"
        assert 0 == sayso(*arguments).code
    wanted = Path("other.jsonl").read_text(encoding="utf-8").splitlines()
    assert list(map(without_cost, wanted)) == list(map(without_cost, output()))


def test_killed_batch_goes_on(sayso: Sayso, monkeypatch: pytest.MonkeyPatch) -> None:
    """After kill -9 nothing is lost, double, or paid twice but for what was under way."""
    check_killed(sayso, monkeypatch, 24, 9)


@pytest.mark.soak
def test_batch_survives_ten_kills(sayso: Sayso, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten kill -9 at random moments of 200 documents: the same output, no call for nothing."""
    random = Random(5)  # noqa: S311
    check_killed(sayso, monkeypatch, MANY, *(random.randint(0, 25) for _ in range(10)))


def test_full_disk_stops_the_batch_and_it_goes_on(sayso: Sayso) -> None:
    """When the output can't be written it ends with 1 and says so; then nothing is asked again."""
    Path("out.jsonl.part").symlink_to("/dev/full")
    with ListingServer() as server:
        full = sayso(*batch(server, lines=articles(3)))
        assert (1, False) == (full.code, Path("out.jsonl").exists())
        assert "No space left on device" in full.err
        assert "the same command goes on" in full.err
        Path("out.jsonl.part").unlink()
        assert 0 == sayso(*batch(server)).code
        assert 3 == server.calls
    assert 3 == len(output())


def test_batch_stops_at_its_budget(sayso: Sayso) -> None:
    """It ends with 1 and says what was spent; more money goes on from there."""
    with ListingServer() as server:
        stopped = sayso(*batch(server, *PRICE, "--max-cost", "46", lines=articles(40)))
        assert (1, True) == (stopped.code, 0 < server.calls < 40)
        assert "raise --max-cost" in stopped.err
        assert 0 == sayso(*batch(server, *PRICE, "--max-cost", "100")).code
        assert 40 == server.calls
    assert 40 == len(output())
