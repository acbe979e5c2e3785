"""An engine that is watched: every call of a run is noted, with what it cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agent.engine import Abilities, Attempt, Engine, Identity, Reply, Request, Usage, request_key
from agent.errors import EngineError
from evals.form import Call


class ObservedEngine:
    """Asks for one epoch, and notes every call."""

    def __init__(self, engine: Engine, epoch: int) -> None:
        self._engine = engine
        self._epoch = epoch
        self.calls: list[Call] = []

    @property
    def identity(self) -> Identity:
        """Who answers: the engine inside."""
        return self._engine.identity

    @property
    def abilities(self) -> Abilities:
        """What the engine inside can do."""
        return self._engine.abilities

    def ask(self, request: Request) -> Reply:
        """Return the answer of the engine inside; an error is noted too.

        Raises:
            EngineError: as the engine inside raised it.
        """
        request = replace(request, epoch=self._epoch)
        key = request_key(self.identity, request)
        try:
            reply = self._engine.ask(request)
        except EngineError as error:
            outcome = f"{type(error).__name__}: {error}"
            self._note(key, error.attempts or (Attempt(outcome, Usage(calls=1)),))
            raise
        attempts = reply.attempts or (Attempt("ok", reply.usage),)
        self._note(key, attempts, reply)
        return reply

    def _note(self, key: str, attempts: Sequence[Attempt], reply: Reply | None = None) -> None:
        usage = sum((attempt.usage for attempt in attempts), Usage(cost_usd=0.0))
        self.calls.append(
            Call(
                key=key,
                hit=bool(reply and reply.usage.cache_hits),
                mode=reply.mode if reply else "",
                finish_reason=reply.finish_reason if reply else "",
                input_tokens=usage.input_tokens,
                output_tokens=usage.output_tokens,
                cached_tokens=usage.cached_tokens,
                cost_usd=usage.cost_usd,
                seconds=round(usage.seconds, 3),
                outcomes=[attempt.outcome for attempt in attempts],
            )
        )
