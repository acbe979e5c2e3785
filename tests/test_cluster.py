"""A run over several processes: `sayso batch --cluster`, and what a worker does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import agent
from agent import cli
from agent.batch import worker
from agent.batch.documents import Item
from agent.batch.kit import Plan
from agent.batch.worker import Job, look, read_there
from agent.cluster import TOLD, Cluster
from agent.engines.flow import Flow, Limits
from agent.errors import ClusterError, ConfigError, StoreError
from agent.settings import Settings
from agent.store import Store
from batch_runs import without_cost
from listing_server import Fault, ListingServer, article, articles
from postgresql_server import PASSWORD, PostgresqlServer

PRICE = "1000,1000"  # $1.05 a call
LIMIT_S = 120.0  # of what takes seconds on a machine that does nothing else


@pytest.fixture(autouse=True)
def _no_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, weights_cache: Path) -> None:
    """Run in an empty folder, with a store of its own and without other settings."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "SAYSO_MODEL", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SAYSO_CACHE", str(weights_cache))
    monkeypatch.setenv("SAYSO_STORE", str(tmp_path / "store.db"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(Path(agent.__file__).parents[1]))
    monkeypatch.chdir(tmp_path)


def batch(server: ListingServer, *more: str, lines: str = "") -> list[str]:
    """Return the arguments of a run over these lines."""
    if lines:
        Path("in.jsonl").write_text(lines, encoding="utf-8")
    endpoint = ("-m", "served", "--base-url", server.base_url, "--price", PRICE)
    return ["batch", "in.jsonl", "-o", "out.jsonl", *endpoint, *more]


def start(arguments: list[str]) -> subprocess.Popen[str]:
    """Start the command in a process and a process group of its own."""
    command = [sys.executable, "-m", "agent.cli", *arguments]
    return subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, encoding="utf-8", start_new_session=True
    )


def until(met: Callable[[], bool], limit_s: float = LIMIT_S) -> None:
    """Wait until something is so."""
    give_up_s = time.monotonic() + limit_s
    while not met():
        assert time.monotonic() < give_up_s
        time.sleep(0.01)


def output(name: str = "out.jsonl") -> list[str]:
    """Return the records that were written."""
    return Path(name).read_text(encoding="utf-8").splitlines()


def workers_of(process: subprocess.Popen[str]) -> list[int]:
    """Return the processes that a run started as workers."""
    threads = Path(f"/proc/{process.pid}/task").glob("*/children")
    children = [int(pid) for file in threads for pid in file.read_text().split()]
    return [pid for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


class Hold:
    """Holds answers back until as many requests are under way as are wanted, once."""

    def __init__(self, wanted: int) -> None:
        self.wanted = wanted
        self.server: ListingServer | None = None
        self.open = False

    def __call__(self, number: int, shown: str) -> None:
        """Wait, and then answer as usual."""
        server = self.server
        assert server is not None
        until(lambda: self.open or server.inner.most_at_once >= self.wanted)


# ---- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "more"),
    [
        ("write how many processes, as local:4", ("--cluster", "local:0")),
        ("write how many processes, as local:4", ("--cluster", "local:many")),
        ("or the address of a scheduler", ("--cluster", "host:8786")),
        ("share a store of PostgreSQL", ("--cluster", "tcp://127.0.0.1:8786")),
        ("--offline forbids", ("--cluster", "tcp://192.0.2.1:8786", "--offline")),
        ("are kept within one process", ("--cluster", "local:2", "--max-cost", "5")),
        ("are kept within one process", ("--cluster", "local:2", "--rpm", "5")),
        (
            "the base URL holds a password",
            ("--cluster", "local:2", "--base-url", "http://a:b@127.0.0.1:9/v1"),
        ),
    ],
)
def test_cluster_that_cannot_work_is_refused(
    capfd: pytest.CaptureFixture[str], message: str, more: tuple[str, ...]
) -> None:
    """A wrong wish ends with 2 before anything is started, with what to do."""
    with ListingServer() as server:
        with pytest.raises(SystemExit) as ended:
            cli.main(batch(server, *more, lines=articles(1)))
        assert (2, 0) == (ended.value.code, server.calls)
    assert message in capfd.readouterr().err


def test_scheduler_that_does_not_answer_is_told(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, postgresql: PostgresqlServer
) -> None:
    """Where nobody listens, the run ends with 2 and says how to start a scheduler."""
    monkeypatch.setenv("SAYSO_STORE", postgresql.make_schema(f"t{uuid.uuid4().hex}"))
    monkeypatch.setattr("agent.cluster.CONNECT_S", 1)
    with ListingServer() as server, pytest.raises(SystemExit) as ended:
        cli.main(batch(server, "--cluster", "tcp://127.0.0.1:1", lines=articles(1)))
    err = capfd.readouterr().err
    assert (2, True) == (ended.value.code, "no scheduler answers at tcp://127.0.0.1:1" in err)
    assert PASSWORD not in err


def test_missing_library_is_named() -> None:
    """Without Dask, --cluster says what to install."""
    code = (
        "import sys; sys.modules['distributed'] = None\n"
        "from agent.cli import main\n"
        "main(['batch', 'in.jsonl', '-o', 'o.jsonl', '--cluster', 'local:2'])\n"
    )
    Path("in.jsonl").write_text(articles(1), encoding="utf-8")
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (2, True) == (ran.returncode, "pip install 'sayso[cluster]'" in ran.stderr)


# ---- what a worker does -----------------------------------------------------------------------


@pytest.fixture
def make_job() -> Iterator[Callable[..., Job]]:
    """Return a function that makes jobs for this process's store; what they opened is closed."""

    def make(server: ListingServer, **changes: Any) -> Job:
        options = {"model": "served", "base_url": server.base_url, "workers": 4}
        with Store(os.environ["SAYSO_STORE"]) as store:
            name = store.name
        job = Job(uuid.uuid4().hex, tuple(options.items()), Plan(), PRICE, name)
        return replace(job, **changes)

    yield make
    worker._leave()


def item(number: int) -> Item:
    """Return a made-up article as it comes from the input."""
    return Item(number, f"in.jsonl:{number}", json.dumps(article(number)).encode())


def test_worker_tells_the_record_and_what_it_used(make_job: Callable[..., Job]) -> None:
    """Of each document the record, the use since the last one, and how this process reads."""
    with ListingServer() as server:
        job = make_job(server)
        basis = look(job)
        told = [read_there(item(number), job) for number in (1, 2, 1)]
    assert ["doc-1", "doc-2", "doc-1"] == [one.done.name for one in told]
    assert [False, False, True] == [one.done.before for one in told]
    assert [(1, 1050), (1, 1050), (0, 0)] == [
        (one.used.calls, one.used.input_tokens + one.used.output_tokens) for one in told
    ]
    assert [1.05, 1.05, 0.0] == [pytest.approx(one.used.cost_usd) for one in told]
    assert {basis} == {one.basis for one in told}


def test_worker_with_another_store_refuses(make_job: Callable[..., Job]) -> None:
    """What it wrote would be lost to the run, so it says which setting differs."""
    with ListingServer() as server:
        job = make_job(server, store="postgresql://elsewhere/sayso")
        with pytest.raises(ConfigError, match="set SAYSO_STORE for the workers too"):
            read_there(item(1), job)
        assert 0 == server.calls


def test_worker_closes_what_an_earlier_run_left(make_job: Callable[..., Job]) -> None:
    """One run's engine is open at a time, and a new run sees the failures of the one before."""
    refuse: Fault = lambda number, _: (401, {}) if number == 1 else None  # noqa: E731
    with ListingServer(fault=refuse) as server:
        first, second = make_job(server), make_job(server)
        assert "Refused" == getattr(read_there(item(1), first).done.failure, "kind", None)
        assert read_there(item(1), second).done.before
        assert {second} == worker._posts.keys()
        third = make_job(server, plan=Plan(retry_failed=True))
        assert read_there(item(1), third).done.line
    assert 2 == server.calls


def test_no_secret_is_told_to_workers() -> None:
    """Of the settings neither the key nor the store's address, with its password, travels."""
    assert set() == {"api_key", "store"} & set(TOLD)
    assert set(TOLD) < set(Settings.__dataclass_fields__)


# ---- workers that are threads of this process -------------------------------------------------


@pytest.fixture
def client() -> Iterator[Any]:
    """Return a client of a scheduler with one worker, all in this process."""
    distributed: Any = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            processes=False,
            protocol="tcp",  # what "inproc" would do first is to ask for this machine's address
            host="127.0.0.1",
            n_workers=1,
            threads_per_worker=2,
            dashboard_address=None,
        ) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        yield client


def test_cluster_reads_and_counts_what_workers_use(
    client: Any, make_job: Callable[..., Job]
) -> None:
    """A document is read by a worker; calls, tokens and money add up here."""
    with ListingServer() as server:
        flow = Flow(Limits())
        cluster = Cluster(client, make_job(server), flow)
        with ThreadPoolExecutor(4) as pool:
            done = list(pool.map(cluster.read, map(item, range(4))))
    assert [f"doc-{number}" for number in range(4)] == [one.name for one in done]
    assert [2] * 4 == [one.claims for one in done]
    assert (4, 4000, 200) == (flow.spent.calls, flow.spent.input_tokens, flow.spent.output_tokens)
    assert 4.2 == pytest.approx(flow.spent.cost_usd)


def test_cluster_whose_first_worker_cannot_read_is_refused(
    client: Any, make_job: Callable[..., Job]
) -> None:
    """What is wrong with a worker's settings is told before any document goes there."""
    with ListingServer() as server, pytest.raises(ConfigError, match="set SAYSO_STORE"):
        Cluster(client, make_job(server, store="postgresql://elsewhere/sayso"), Flow(Limits()))


def test_cluster_stops_where_workers_read_differently(
    client: Any, make_job: Callable[..., Job]
) -> None:
    """A worker with another model or version isn't mixed with the rest."""
    with ListingServer() as server:
        cluster = Cluster(client, make_job(server), Flow(Limits()))
        cluster._basis = "that of another version"
        with pytest.raises(ClusterError, match="install the same sayso"):
            cluster.read(item(1))


def test_broken_store_of_a_worker_is_an_error_of_the_store(
    client: Any, make_job: Callable[..., Job]
) -> None:
    """It stops the run with the advice that the store gives."""
    with ListingServer() as server:
        cluster = Cluster(client, make_job(server), Flow(Limits()))
        with Store(os.environ["SAYSO_STORE"]) as store:
            store._database.write(lambda db: db.exec_driver_sql("DROP TABLE uses"))
        with pytest.raises(StoreError, match="the store can't be used"):
            cluster.read(item(1))


# ---- processes on this machine ----------------------------------------------------------------


@pytest.mark.slow
def test_cluster_of_processes_reads_as_one_process_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes share the documents; the files, the counts and the calls are the same."""
    Path("alone.txt").write_text(article(50)["text"], encoding="utf-8")
    lines = articles(10) + "{\n" + articles(10, start=10)
    hold = Hold(2)  # a process has one request under way: the second one is another's
    with ListingServer(fault=hold) as server:
        hold.server = server
        arguments = batch(server, "--workers", "1", lines=lines)
        arguments.insert(2, "alone.txt")
        process = start([*arguments, "--cluster", "local:2"])
        _, err = process.communicate(timeout=2 * LIMIT_S)
        assert (3, 21) == (process.returncode, server.calls), err
        assert "the articles go to the workers of local:2" in err
        assert "22 documents" in err
        assert "21 read now, 0 before, 1 failed" in err
        assert "$22.0500" in err
        assert "distributed" not in err
        (failure,) = map(json.loads, output("out.failed.jsonl"))
        assert (11, "in.jsonl:11") == (failure["position"], failure["where"])
        together = output()
        monkeypatch.setenv("SAYSO_STORE", "other.db")
        start(arguments).communicate(timeout=LIMIT_S)
    assert list(map(without_cost, output())) == list(map(without_cost, together))


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_each_worker_holds_a_model_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two processes load the embedded model, and together read what one process reads."""
    config = tmp_path / ".config" / "sayso" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text("threads = 1\n", encoding="utf-8")  # the sums of others round otherwise
    Path("in.jsonl").write_text(articles(4), encoding="utf-8")
    command = ["batch", "in.jsonl", "-o", "out.jsonl"]
    process = start([*command, "--cluster", "local:2"])

    def have_models() -> list[int]:
        maps = {pid: Path(f"/proc/{pid}/maps") for pid in workers_of(process)}
        return [pid for pid, path in maps.items() if ".gguf" in path.read_text(encoding="utf-8")]

    until(lambda: len(have_models()) == 2 or process.poll() is not None)
    assert 2 == len(have_models())
    _, err = process.communicate(timeout=5 * LIMIT_S)
    assert (0, 4) == (process.returncode, len(together := output())), err
    monkeypatch.setenv("SAYSO_STORE", "other.db")
    start(command).communicate(timeout=5 * LIMIT_S)
    assert list(map(without_cost, output())) == list(map(without_cost, together))


@pytest.mark.soak
def test_documents_of_a_lost_worker_are_done_by_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """After kill -9 of one of two nothing is lost or double; what it had asked is re-sent."""
    hold = Hold(99)
    with ListingServer(fault=hold) as server:
        hold.server = server
        arguments = batch(server, "--workers", "1", lines=articles(20))
        process = start([*arguments, "--cluster", "local:2"])
        until(lambda: server.inner.at_once == 2)
        os.kill(workers_of(process)[0], signal.SIGKILL)
        time.sleep(1)
        hold.open = True
        _, err = process.communicate(timeout=2 * LIMIT_S)
        assert (0, 21) == (process.returncode, server.calls), err
        assert [f"doc-{number}" for number in range(20)] == [
            json.loads(line)["document"]["id"] for line in output()
        ]
        together = output()
        monkeypatch.setenv("SAYSO_STORE", "other.db")
        start(arguments).communicate(timeout=LIMIT_S)
    assert list(map(without_cost, output())) == list(map(without_cost, together))


@pytest.mark.soak
def test_interrupted_cluster_ends_at_once_with_its_workers() -> None:
    """Ctrl-C ends it within 2 s, workers included, and the same command goes on without them."""
    hold = Hold(99)
    with ListingServer(fault=hold) as server:
        hold.server = server
        arguments = batch(server, "--workers", "1", lines=articles(6))
        process = start([*arguments, "--cluster", "local:2"])
        until(lambda: server.inner.at_once == 2)
        workers = workers_of(process)
        os.killpg(process.pid, signal.SIGINT)
        began_s = time.monotonic()
        _, err = process.communicate(timeout=30)
        assert 2.0 > time.monotonic() - began_s
        assert (130, 2) == (process.returncode, len(workers))
        assert "the same command goes on" in err
        assert "Traceback" not in err
        until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers), 30)
        hold.open = True
        again = start(arguments)
        again.communicate(timeout=LIMIT_S)
    assert (0, 6) == (again.returncode, len(output()))


# ---- a scheduler ------------------------------------------------------------------------------


@contextmanager
def dask(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program of Dask while the block lasts."""
    command = [sys.executable, "-m", "dask", *arguments]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def free_port() -> int:
    """Return a port of loopback that nobody uses."""
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@pytest.mark.soak
def test_run_by_a_scheduler_survives_worker_and_scheduler(
    monkeypatch: pytest.MonkeyPatch, postgresql: PostgresqlServer
) -> None:
    """Over PostgreSQL: a killed worker loses nothing, a killed scheduler stops the run cleanly.

    The same command goes on with another scheduler, and nothing that was answered is asked again.
    """
    monkeypatch.setenv("SAYSO_STORE", postgresql.make_schema(f"t{uuid.uuid4().hex}"))
    address = f"tcp://127.0.0.1:{free_port()}"
    scheduler = ("scheduler", "--host", "127.0.0.1", "--port", address.rpartition(":")[2])
    crew = ("worker", address, "--no-nanny", "--nthreads", "3", "--host", "127.0.0.1")
    quiet = ("--no-dashboard",)
    hold = Hold(99)
    with ListingServer(fault=hold) as server:
        hold.server = server
        arguments = batch(server, "--workers", "1", "--cluster", address, lines=articles(20))
        with ExitStack() as stack:
            first = stack.enter_context(dask(*scheduler, *quiet))
            lost, _ = (stack.enter_context(dask(*crew, *quiet)) for _ in range(2))
            process = start(arguments)
            until(lambda: server.inner.at_once == 2)
            lost.kill()
            time.sleep(1)
            hold.open = True
            server.inner.latency_s = 0.3
            until(lambda: server.calls >= 8)
            first.kill()
            _, err = process.communicate(timeout=LIMIT_S)
            assert 1 == process.returncode, err
            assert "the scheduler went away" in err
            assert "the same command goes on" in err
            assert not Path("out.jsonl").exists()
        before = server.calls
        server.inner.latency_s = 0.0
        with dask(*scheduler, *quiet), dask(*crew, *quiet):
            process = start(arguments)
            _, err = process.communicate(timeout=LIMIT_S)
            assert 0 == process.returncode, err
    assert 20 + 1 <= server.calls <= 20 + 1 + 2  # what the lost ones had under way is sent again
    assert before < server.calls
    assert [f"doc-{number}" for number in range(20)] == [
        json.loads(line)["document"]["id"] for line in output()
    ]
    assert PASSWORD not in err
