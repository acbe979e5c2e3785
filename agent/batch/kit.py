"""What reading documents needs, opened as the settings say: store, engine, parser, prompts."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from agent.batch.replay import replaying
from agent.batch.work import Kit, basis_of, way_of
from agent.engines import build_engine
from agent.engines.cached import CachedEngine
from agent.engines.flow import Flow
from agent.extract import Reading
from agent.files import load_resources
from agent.settings import Settings
from agent.store import Store

COLLECT_AFTER = 20_000, 20, 20  # as for gc.set_threshold; Python's own 700 costs a tenth of a run


@dataclass(frozen=True, slots=True)
class Plan:
    """How to read. retry_failed: what failed in earlier runs too. replay: nobody is asked."""

    reading: Reading = "auto"
    force: bool = False
    retry_failed: bool = False
    replay: bool = False


@contextmanager
def open_kit(settings: Settings, plan: Plan, store: Store, flow: Flow) -> Iterator[Kit]:
    """Yield what reading needs, and close the engine afterwards.

    Raises:
        WeightsError: model or parser aren't here.
        ReplayMiss: in a replay, the store holds no reply of that engine.
        InputError: the engine can't read in the way asked for.
    """
    resources = load_resources(settings)
    with _engine(settings, plan, store, flow) as engine, _seldom_collected():
        way = way_of(plan.reading, engine.abilities)
        basis = basis_of(engine.identity, resources, way, force=plan.force)
        yield Kit(
            resources,
            engine,
            store,
            way,
            basis,
            settings.max_chars,
            force=plan.force,
            known={} if plan.retry_failed else store.failures(),
        )


@contextmanager
def _engine(settings: Settings, plan: Plan, store: Store, flow: Flow) -> Iterator[CachedEngine]:
    if plan.replay:
        yield replaying(settings, store)
        return
    with build_engine(settings, flow) as engine:
        yield CachedEngine(engine, store)


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Let the collector of cycles come seldom while the block lasts, and leave what is loaded."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
