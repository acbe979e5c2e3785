"""One run over many processes and machines: Dask gives each worker its documents.

What runs there is the function that runs here, batch.work.do(). Workers write to the store
themselves, so a lost worker loses nothing: its documents go to others, who find there what was
finished. No secret travels: a worker takes the API key and the address of the store from its own
environment. Only user of distributed.
"""

from __future__ import annotations

import logging
import os
import re
import uuid
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from agent.batch.documents import Item
from agent.batch.kit import Plan
from agent.batch.progress import Progress
from agent.batch.run import threads_for
from agent.batch.work import Done
from agent.batch.worker import Job, Told, look, read_there
from agent.engines.flow import Flow, Limits
from agent.engines.http import LOOPBACK_HOSTS
from agent.errors import AgentError, ClusterError, ConfigError, StoreError
from agent.settings import Settings
from agent.store import Failure

LOCAL = "local:"
FORM = "local:N, or the address of a scheduler: tcp://HOST:PORT"
CONNECT_S = 30
LEAST_AT_ONCE = 64  # documents that wait at the scheduler, so that workers who join find some
# Of the settings, what a worker is told; the rest is its own.
TOLD = (
    "model",
    "offline",
    "timeout_s",
    "deadline_s",
    "attempts",
    "threads",
    "workers",
    "max_chars",
)


def check_cluster(address: str, settings: Settings, limits: Limits) -> None:
    """Check that a run can be given to a cluster.

    Raises:
        ConfigError: it can't.
    """
    _dask()
    if limits.rpm or limits.tpm or limits.max_cost_usd is not None:
        raise ConfigError(
            "--rpm, --tpm and --max-cost are kept within one process: leave them out with "
            "--cluster, or leave that out"
        )
    if urlsplit(settings.base_url).password:
        raise ConfigError(
            "the base URL holds a password, which isn't sent to workers: put it into OPENAI_API_KEY"
        )
    if address.startswith(LOCAL):
        if not re.fullmatch("[1-9][0-9]{0,3}", address.removeprefix(LOCAL)):
            raise ConfigError(f"--cluster {address}: write how many processes, as local:4")
        return
    if not urlsplit(address).hostname:
        raise ConfigError(f"--cluster {address}: write {FORM}")
    if settings.offline and urlsplit(address).hostname not in LOOPBACK_HOSTS:
        raise ConfigError(f"--offline forbids to send the articles to {address}")
    if "://" not in settings.store:
        raise ConfigError(
            "the workers of a scheduler share a store of PostgreSQL: set SAYSO_STORE to "
            "postgresql+psycopg://…, here and for the workers; or use --cluster local:N"
        )


class Cluster:
    """Workers that read documents. Threads may share it.

    client: of the scheduler. flow: counts what the workers use. at_once: documents under way.

    Raises:
        AgentError: the first worker can't do the job.
    """

    def __init__(self, client: Any, job: Job, flow: Flow) -> None:
        self._client = client
        self._job = job
        self._flow = flow
        self._basis: str = self._result(client.submit(look, job, pure=False))
        self.at_once = max(2 * sum(client.nthreads().values()), LEAST_AT_ONCE)

    def read(self, item: Item) -> Done:
        """Return what came of an item, which a worker read.

        Raises:
            StoreError: the store can't be used.
            ClusterError: the workers can't.
        """
        job = self._job
        second = "-again" if item.earlier else ""  # the scheduler may still know the first
        key = f"sayso-{job.run}-{item.position}{second}"
        try:
            told: Told = self._result(
                self._client.submit(read_there, item, job, key=key, pure=False)
            )
        except _dask().KilledWorker as error:
            return Done(item.position, item.where, item.name, failure=_killed(item, error))
        except StoreError:
            raise
        except AgentError as error:
            raise ClusterError(str(error)) from error
        self._flow.add(told.used)
        if told.basis != self._basis:
            raise ClusterError(
                "the workers don't all read in the same way: install the same sayso, and the same "
                "model, on all of them"
            )
        return told.done

    def _result(self, future: Any) -> Any:
        """Return what a worker returns, or raise what it raises."""
        try:
            return future.result()
        except (CancelledError, TimeoutError, _dask().comm.CommClosedError) as error:
            raise ClusterError(
                "the scheduler went away: start it, and the same command goes on"
            ) from error
        except ImportError as error:
            raise ClusterError(
                f"a worker can't import what it needs ({error}): install the same sayso there"
            ) from error
        finally:
            future.release()


@contextmanager
def open_cluster(
    address: str, settings: Settings, plan: Plan, price: str | None, store: str, progress: Progress
) -> Iterator[Cluster]:
    """Yield the workers, once the first one is ready.

    price: "IN,OUT" as told, None for that of the list. store: its name.

    Raises:
        ConfigError: no scheduler answers, or a worker isn't set up as this process is.
        AgentError: a worker can't read.
    """
    here = address.startswith(LOCAL)
    options = {name: getattr(settings, name) for name in TOLD}
    options["base_url"] = settings.base_url or None
    if here and settings.threads is None:
        options["threads"] = max(1, _cores() // _processes(address))
    job = Job(uuid.uuid4().hex, tuple(sorted(options.items())), plan, price, store)
    with _local(_processes(address), settings) if here else _scheduler(address) as client:
        if not client.nthreads():
            progress.say(f"{address} has no worker yet: waiting for one")
        yield Cluster(client, job, progress.flow)


def _processes(address: str) -> int:
    return int(address.removeprefix(LOCAL))


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):  # not on macOS
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _dask() -> Any:
    """Return Dask's library, which takes a second to load.

    Raises:
        ConfigError: it isn't installed.
    """
    try:
        import cryptography  # noqa: F401, PLC0415  (for the certificates of local:N)
        import distributed  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError("--cluster needs Dask: pip install 'sayso[cluster]'") from error
    return distributed


@contextmanager
def _local(processes: int, settings: Settings) -> Iterator[Any]:
    """Yield a client of a scheduler and workers on this machine, which nobody else can use."""
    dask = _dask()
    os.environ.setdefault("PYTHONWARNINGS", "ignore")  # of what is started; an end at once warns
    with (
        dask.LocalCluster(
            n_workers=processes,
            threads_per_worker=threads_for(settings.workers),
            host="127.0.0.1",
            dashboard_address=None,
            memory_limit=0,  # else workers are killed that hold a model
            silence_logs=logging.CRITICAL,
            security=dask.Security.temporary(),  # a port takes code from whoever reaches it
        ) as cluster,
        dask.Client(cluster, set_as_default=False) as client,
    ):
        yield client


@contextmanager
def _scheduler(address: str) -> Iterator[Any]:
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        client = _dask().Client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"no scheduler answers at {address} ({error}): check that it runs (`dask scheduler`) "
            "and can be reached from here"
        ) from error
    with client:
        yield client


def _killed(item: Item, error: Exception) -> Failure:
    return Failure(
        item.name,
        f"every worker that read it died: {error}",
        type(error).__name__,
        attempts=0,
        advice="give the workers more memory, and run the same command again",
    )
