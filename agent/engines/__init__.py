"""The engines: everything that answers a Request in this process, over a wire or from a script.

Wrapped from the inside out: who answers, FlowEngine (when a request may go out, and what it cost),
RetryingEngine (another try; while it waits, it takes nobody's place), CachedEngine (what the store
holds isn't asked), which whoever has a store adds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.engine import Engine
    from agent.engines.flow import Flow
    from agent.settings import Settings

PATIENCE_S = 900.0  # the longest wait that a server may ask of a run with a flow of its own


@contextmanager
def build_engine(settings: Settings, flow: Flow | None = None) -> Iterator[Engine]:
    """Yield the engine that the settings name, and close it afterwards.

    flow: limits and counts the requests; None lets out settings.workers, and counts for nobody.

    Raises:
        WeightsError: the model isn't here, isn't GGUF or can't be loaded.
        ConfigError: the base URL or the key can't be right.
    """
    build = _build_remote if settings.base_url else _build_local
    engine, close = build(settings, flow)
    try:
        yield engine
    except KeyboardInterrupt:
        raise  # closing would wait for the answer under way, and who interrupts wants to go
    except BaseException:
        close()
        raise
    close()


def _build_remote(settings: Settings, flow: Flow | None) -> tuple[Engine, Callable[[], None]]:
    from agent.engines.flow import Flow, FlowEngine, Limits  # noqa: PLC0415  (as are the SDKs: slow)
    from agent.engines.openai import OpenAIEngine  # noqa: PLC0415
    from agent.engines.retrying import RetryingEngine  # noqa: PLC0415
    from agent.money import find_price  # noqa: PLC0415

    engine = OpenAIEngine(
        settings.model,
        settings.base_url,
        settings.api_key,
        timeout_s=settings.timeout_s,
        deadline_s=settings.deadline_s,
    )
    patience_s = PATIENCE_S if flow else 60.0
    own = flow or Flow(Limits(settings.workers), find_price(settings.model, settings.base_url))
    limited = FlowEngine(
        engine, own, lambda request: engine.most_used(request, sure=own.spent.output_tokens > 0)
    )
    retrying = RetryingEngine(limited, attempts=settings.attempts, max_wait_s=patience_s)
    return retrying, engine.close


def _build_local(settings: Settings, flow: Flow | None) -> tuple[Engine, Callable[[], None]]:
    from agent.engines.weights import CATALOGUE, find  # noqa: PLC0415
    from agent.errors import WeightsError  # noqa: PLC0415

    path, sha256 = settings.model_path, None
    if path is None:
        path, sha256 = find(settings.model, settings.cache_dir), CATALOGUE[settings.model].sha256
    if path is None:
        raise WeightsError(
            f"{settings.model} isn't in {settings.cache_dir}: run "
            f"`sayso models fetch {settings.model}`"
        )
    from agent.engines.flow import FlowEngine  # noqa: PLC0415
    from agent.engines.local import LocalEngine  # noqa: PLC0415

    engine = LocalEngine(
        path,
        sha256=sha256,
        threads=settings.threads,
        slots=settings.workers,
        deadline_s=settings.deadline_s,
    )
    return FlowEngine(engine, flow) if flow else engine, engine.close
