"""`sayso batch` through a proxy that spoils what passes: nothing lost, nothing double, an end."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from agent.engines import flow
from agent.engines.local import LocalEngine
from agent.engines.weights import CATALOGUE, MODEL, find
from command_runs import Sayso
from faulty_proxy import FAULTS, FaultyProxy, Plan, outage, some
from listing_server import ListingServer, articles
from peak_memory import PeakMemory

FEW, MANY = 40, 1000
WORKERS = 16
DEADLINE_S = 3.0  # of a call; the slowest reply that is meant to arrive takes it
SHARE_LOST = 0.05  # of the documents at most, where a fault strikes one reply in five
MOST_MB = 600  # of memory; 320 where nothing goes wrong: mostly parser and SDKs
MOST_MORE_MB = 400  # in a process that may have some of that already
MINUTE_S = 60.0


@dataclass(frozen=True)
class Outcome:
    """What a run of the command left behind.

    peak_mb: of memory; of what it took in addition, where it ran in this process. That of another
    process is at least what this one held, since the kernel counts what it was forked from.
    """

    code: int
    seconds: float
    records: list[dict[str, Any]]
    failures: list[dict[str, Any]]
    peak_mb: float


Batch = Callable[..., Outcome]


def arguments(base_url: str, *more: str) -> list[str]:
    """Return the arguments of a run over in.jsonl."""
    to = ("-m", "served", "--base-url", base_url, "--workers", str(WORKERS))
    return ["batch", "in.jsonl", "-o", "out.jsonl", *to, *more]


def run_alone(base_url: str, *more: str) -> Outcome:
    """Run the command in a process of its own, in this folder."""
    began_s = time.monotonic()
    command = [sys.executable, "-m", "agent.cli", *arguments(base_url, *more)]
    with Path("err.txt").open("w", encoding="utf-8") as err:
        process = subprocess.Popen(command, stderr=err)
        _, status, used = os.wait4(process.pid, 0)  # it tells the peak of this process alone
    process.returncode = os.waitstatus_to_exitcode(status)
    peak_mb = used.ru_maxrss / (1024 if sys.platform == "linux" else 1024**2)
    if process.returncode not in (0, 3):
        sys.stdout.write(Path("err.txt").read_text(encoding="utf-8")[-2000:])
    return _outcome(process.returncode, time.monotonic() - began_s, peak_mb)


@pytest.fixture
def run_here(sayso: Sayso) -> Batch:
    """Return a function that runs the command in this process: seconds less for each run."""

    def run_here(base_url: str, *more: str) -> Outcome:
        began_s = time.monotonic()
        with PeakMemory() as memory:
            ran = sayso(*arguments(base_url, *more))
        return _outcome(ran.code, time.monotonic() - began_s, memory.more_mb)

    return run_here


def _outcome(code: int, seconds: float, peak_mb: float) -> Outcome:
    records, failures = _rows(Path("out.jsonl")), _rows(Path("out.failed.jsonl"))
    return Outcome(code, seconds, records, failures, peak_mb)


def _rows(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(autouse=True)
def _own_place(bare_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in an empty folder, with a store of its own."""
    monkeypatch.setenv("SAYSO_STORE", str(bare_home / "store.db"))


# ---- each fault -----------------------------------------------------------------------------


def check(outcome: Outcome, count: int, most_lost: int, limit_s: float) -> None:
    """Check that each document is done, with its own claims, or failed, with a reason; in time."""
    numbers = [int(row["document"]["id"].removeprefix("doc-")) for row in outcome.records]
    failed = [int(row["id"].removeprefix("doc-")) for row in outcome.failures]
    assert list(range(count)) == sorted(numbers + failed)
    assert sorted(numbers) == numbers
    assert [] == [
        number
        for number, row in zip(numbers, outcome.records, strict=True)
        if f"bridge {number} would close on Monday" not in _contents(row)
    ]
    assert [] == [row for row in outcome.failures if not (row["reason"] and row["advice"])]
    assert most_lost >= len(failed)
    assert (3 if failed else 0) == outcome.code
    assert limit_s > outcome.seconds


def _contents(record: dict[str, Any]) -> list[str]:
    return [span["text"] for claim in record["claims"] for span in claim["content"]]


def check_paid(outcome: Outcome, proxy: FaultyProxy, calls: int) -> None:
    """Check that a document is paid for once, and again only for each answer that was spoilt."""
    spoilt = proxy.told["answered"] - proxy.told["delivered"]
    assert proxy.told["answered"] == calls
    assert len(outcome.records) <= calls <= len(outcome.records) + len(outcome.failures) + spoilt


def run_through(name: str, plan: Plan, batch: Batch, count: int, limit_s: float) -> Outcome:
    """Return what came of so many articles under the fault, checked, with its figures noted."""
    Path("in.jsonl").write_text(articles(count), encoding="utf-8")
    with ListingServer() as server, FaultyProxy(server.base_url, plan) as proxy:
        outcome = batch(proxy.base_url, "--deadline", str(DEADLINE_S))
        calls = server.calls
    note(name, outcome, proxy.told["asked"], calls)
    check(outcome, count, int(count * SHARE_LOST), limit_s)
    check_paid(outcome, proxy, calls)
    return outcome


def note(name: str, outcome: Outcome, asked: int, calls: int) -> None:
    """Print a row of the table in docs/reliability.md; `pytest -rP -p no:logging` shows it."""
    done, failed = len(outcome.records), len(outcome.failures)
    figures = " | ".join(f"{number:,}" for number in (done + failed, done, failed, asked, calls))
    used = f"{outcome.seconds:.0f} s | {outcome.peak_mb:.0f} MB"
    sys.stdout.write(f"| {name} | {figures} | {used} |\n")


@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells the memory")
def test_peak_of_memory_is_told() -> None:
    """What was taken for a moment counts, so that the limits on memory can be missed."""
    with PeakMemory() as memory:
        taken = b"x" * (64 * 1024**2)
        del taken
    assert 60 < memory.more_mb < 80


@pytest.mark.parametrize("name", FAULTS)
def test_batch_survives(run_here: Batch, name: str) -> None:
    """Under each fault all is done or told as failed, nothing double, paid once, in its time."""
    outcome = run_through(name, FAULTS[name], run_here, FEW, limit_s=60)
    assert MOST_MORE_MB > outcome.peak_mb


def test_batch_survives_500_for_a_while(run_here: Batch) -> None:
    """A server that fails for two seconds costs no document."""
    run_through("500 for 2 s", outage(2), run_here, FEW, limit_s=60)


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", FAULTS)
def test_batch_of_a_thousand_survives(name: str) -> None:
    """The same for 1,000 documents, in bounded memory."""
    outcome = run_through(name, FAULTS[name], run_alone, MANY, limit_s=600)
    assert MOST_MB > outcome.peak_mb


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_batch_of_a_thousand_survives_500_for_a_minute() -> None:
    """A server that fails for a minute costs no document."""
    outcome = run_through("500 for a minute", outage(MINUTE_S), run_alone, MANY, limit_s=600)
    assert MOST_MB > outcome.peak_mb


# ---- a server that stays away ----------------------------------------------------------------


def test_server_that_stays_away_ends_the_run(
    sayso: Sayso, run_here: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After half an hour without any answer it stops with 1; later the same command goes on."""
    monkeypatch.setattr(flow, "AWAY_S", 2.0)
    Path("in.jsonl").write_text(articles(FEW), encoding="utf-8")
    ran = sayso(*arguments("http://127.0.0.1:9/v1"))
    assert (1, False) == (ran.code, Path("out.jsonl").exists())
    assert "stopped: no request was answered for 0 minutes (no connection to 127" in ran.err
    assert "the same command goes on" in ran.err
    with ListingServer() as server:
        outcome = run_here(server.base_url)
        assert (0, FEW, FEW) == (outcome.code, len(outcome.records), server.calls)


# ---- certificates ---------------------------------------------------------------------------


def write_certificate(
    path: Path, *, host: str = "127.0.0.1", days: tuple[int, int] = (-1, 1)
) -> Path:
    """Write a key and a certificate that only this key has signed. days: valid, from today."""
    now = datetime.now(UTC)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    address = x509.IPAddress(ip_address(host))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path.write_bytes(key.private_bytes(pem, *plain) + certificate.public_bytes(pem))
    return path


@pytest.fixture
def own_certificate(tmp_path: Path) -> Path:
    """Return a file with a key and a certificate for 127.0.0.1 that nobody else vouches for."""
    return write_certificate(tmp_path / "own.pem")


def run_over_tls(certificate: Path, batch: Batch, count: int) -> tuple[Outcome, int]:
    """Return what a run against a server with this certificate brings, and the paid calls."""
    Path("in.jsonl").write_text(articles(count), encoding="utf-8")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    with ListingServer() as server, FaultyProxy(server.base_url, some({}), tls=tls) as proxy:
        outcome = batch(proxy.base_url)
        note("certificate", outcome, proxy.told["asked"], server.calls)
        return outcome, server.calls


def check_refused(outcome: Outcome, calls: int, count: int, reason: str) -> None:
    """Check that nothing was sent, and that each document says why and what to do."""
    assert (3, 0, [], count) == (outcome.code, calls, outcome.records, len(outcome.failures))
    assert {"Refused"} == {row["kind"] for row in outcome.failures}
    told = outcome.failures[0]["reason"]
    assert "shows a certificate that isn't to be trusted" in told
    assert reason in told
    assert "SSL_CERT_FILE" in told
    assert 120 > outcome.seconds


def test_certificate_that_nobody_vouches_for_is_refused(
    run_here: Batch, own_certificate: Path
) -> None:
    """No text is sent; all documents fail at once, with what the matter is."""
    outcome, calls = run_over_tls(own_certificate, run_here, FEW)
    check_refused(outcome, calls, FEW, "self-signed certificate")


@pytest.mark.parametrize(
    ("reason", "host", "days"),
    [
        ("certificate has expired", "127.0.0.1", (-9, -1)),
        ("certificate is not yet valid", "127.0.0.1", (1, 9)),
        ("IP address mismatch", "127.0.0.2", (-1, 1)),
    ],
)
def test_certificate_that_does_not_fit_is_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    reason: str,
    host: str,
    days: tuple[int, int],
) -> None:
    """One that is trusted but expired, not valid yet or another host's lets no text out either."""
    certificate = write_certificate(tmp_path / "own.pem", host=host, days=days)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    check_refused(*run_over_tls(certificate, run_alone, 3), 3, reason)


@pytest.mark.soak
def test_certificate_is_refused_for_a_thousand(own_certificate: Path) -> None:
    """A thousand documents don't wait for what won't change."""
    outcome, calls = run_over_tls(own_certificate, run_alone, MANY)
    check_refused(outcome, calls, MANY, "self-signed certificate")


def test_certificate_can_be_named(own_certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the refusal advises works: with SSL_CERT_FILE a server of one's own is trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(own_certificate))
    outcome, calls = run_over_tls(own_certificate, run_alone, 3)
    assert (0, 3, 3) == (outcome.code, len(outcome.records), calls)


# ---- the embedded engine for real -----------------------------------------------------------


@pytest.fixture(scope="module")
def embedded(weights_cache: Path) -> Iterator[tuple[str, str]]:
    """Yield address and key of the embedded engine's server, with the model."""
    path = find(MODEL, weights_cache)
    assert path is not None, f"no model in {weights_cache}: run `make setup` first"
    with LocalEngine(path, sha256=CATALOGUE[MODEL].sha256) as engine:
        client = engine._engine._client
        yield str(client.base_url), client.api_key


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", ["resets", "half replies", "duplicate replies"])
def test_embedded_server_survives(
    embedded: tuple[str, str], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten documents asked of the real model through faults: all are done, none is double."""
    base_url, key = embedded
    monkeypatch.setenv("OPENAI_API_KEY", key)
    Path("in.jsonl").write_text(articles(10), encoding="utf-8")
    with FaultyProxy(base_url, FAULTS[name]) as proxy:
        outcome = run_alone(proxy.base_url, "--workers", "1")
    note(f"embedded, {name}", outcome, proxy.told["asked"], proxy.told["answered"])
    assert [f"doc-{number}" for number in range(10)] == [
        row["document"]["id"] for row in outcome.records
    ]
    assert ([], 0) == (outcome.failures, outcome.code)
    assert 850 > outcome.seconds  # its peak of memory is this process's, model and all
