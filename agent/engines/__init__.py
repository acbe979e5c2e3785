"""The engines: everything that answers a Request in this process, over a wire or from a script."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.engine import Engine
    from agent.engines.local import LocalEngine
    from agent.engines.openai import OpenAIEngine
    from agent.settings import Settings


@contextmanager
def build_engine(settings: Settings) -> Iterator[Engine]:
    """Yield the engine that the settings name, and close it afterwards.

    Raises:
        WeightsError: the model isn't here, isn't GGUF or can't be loaded.
        ConfigError: the base URL or the key can't be right.
    """
    engine = _remote(settings) if settings.base_url else _local(settings)
    try:
        yield _retrying(engine, settings) if settings.base_url else engine
    except KeyboardInterrupt:
        raise  # closing would wait for the answer under way, and who interrupts wants to go
    except BaseException:
        engine.close()
        raise
    engine.close()


def _retrying(engine: Engine, settings: Settings) -> Engine:
    from agent.engines.retrying import RetryingEngine  # noqa: PLC0415  (as are the SDKs: slow)

    return RetryingEngine(engine, attempts=settings.attempts)


def _remote(settings: Settings) -> OpenAIEngine:
    from agent.engines.openai import OpenAIEngine  # noqa: PLC0415

    return OpenAIEngine(
        settings.model,
        settings.base_url,
        settings.api_key,
        timeout_s=settings.timeout_s,
        deadline_s=settings.deadline_s,
    )


def _local(settings: Settings) -> LocalEngine:
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
    from agent.engines.local import LocalEngine  # noqa: PLC0415

    return LocalEngine(
        path,
        sha256=sha256,
        threads=settings.threads,
        slots=settings.workers,
        deadline_s=settings.deadline_s,
    )
