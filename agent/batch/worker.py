"""What a worker of a cluster does: reads a document as this process would, with what it opened.

What is opened for a run (store, engine, parser) stays open in the process until another run comes.
The API key, the address of the store and the folder of the weights are the worker's own, from its
environment and config file; everything else comes with the job.
"""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from agent.batch.documents import Item
from agent.batch.kit import Plan, open_kit
from agent.batch.work import Done, Kit, do
from agent.engine import Usage
from agent.engines.flow import Flow, Limits
from agent.errors import ConfigError
from agent.money import find_price, told_price
from agent.settings import load_settings
from agent.store import Store


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker needs to know of a run.

    run: its name. options: as load_settings() takes them. price: as told, None for that of the
    list. store: the name of the store, which the worker's own must have.
    """

    run: str
    options: tuple[tuple[str, Any], ...]
    plan: Plan
    price: str | None
    store: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a worker tells: a document, what was used since it told last, and how it reads."""

    done: Done
    used: Usage
    basis: str


@dataclass(slots=True)
class _Post:
    """What is open for a run. busy: documents under way. told: the use that was told of before."""

    kit: Kit
    flow: Flow
    close: Callable[[], None]
    busy: int = 0
    told: Usage = field(default_factory=lambda: Usage(cost_usd=0.0))


_posts: dict[Job, _Post] = {}
_changing = threading.Lock()


def look(job: Job) -> str:
    """Return the basis of this process's records: it's ready for the job.

    Raises:
        AgentError: it can't do the job.
    """
    with _at_post(job) as post:
        return post.kit.basis


def read_there(item: Item, job: Job) -> Told:
    """Return what came of an item.

    Raises:
        AgentError: the store can't be used, or the job can't be done here.
    """
    with _at_post(job) as post:
        done = do(item, post.kit)
        with _changing:
            now = post.flow.spent
            used, post.told = _since(post.told, now), now
        return Told(done, used, post.kit.basis)


@contextmanager
def _at_post(job: Job) -> Iterator[_Post]:
    """Yield what is open for a job; what earlier runs left is closed."""
    with _changing:
        for other in [one for one, post in _posts.items() if one != job and not post.busy]:
            _posts.pop(other).close()
        if job not in _posts:
            _posts[job] = _open(job)
        post = _posts[job]
        post.busy += 1
    try:
        yield post
    finally:
        with _changing:
            post.busy -= 1


def _open(job: Job) -> _Post:
    settings = load_settings(dict(job.options))
    price = told_price(job.price) if job.price else find_price(settings.model, settings.base_url)
    flow = Flow(Limits(settings.workers), price)
    with ExitStack() as opened:
        store = opened.enter_context(Store(settings.store))
        _check_store(store, job)
        kit = opened.enter_context(open_kit(settings, job.plan, store, flow))
        return _Post(kit, flow, opened.pop_all().close)


def _check_store(store: Store, job: Job) -> None:
    if store.name != job.store:
        raise ConfigError(
            f"a worker's store is {store.name}, and that of the run {job.store}: set SAYSO_STORE "
            "for the workers too"
        )


@atexit.register
def _leave() -> None:
    """Close what is open, when the process ends in order."""
    for job in list(_posts):
        _posts.pop(job).close()


def _since(before: Usage, now: Usage) -> Usage:
    """Return what was used between two counts."""
    return Usage(
        now.calls - before.calls,
        now.input_tokens - before.input_tokens,
        now.output_tokens - before.output_tokens,
        now.cached_tokens - before.cached_tokens,
        None if now.cost_usd is None else now.cost_usd - (before.cost_usd or 0.0),
    )
