"""Takes from the store what was answered before; the rest is asked, or in a replay refused."""

from __future__ import annotations

import threading
from dataclasses import replace

from agent.engine import (
    Abilities,
    Attempt,
    Engine,
    Identity,
    Reply,
    Request,
    Usage,
    request_key,
)
from agent.errors import EngineError, ReplayMiss, StoreError
from agent.store import Store


class CachedEngine:
    """Answers from the store, else from the engine inside, whose answer is then kept.

    A reply from the store has calls=0, cost_usd=0, seconds=0 and cache_hits=1 in its usage; tokens
    and attempts are as recorded. engine: None replays without a model, as whoever gave the
    recorded replies. replay: nobody is asked; what isn't in the store is a ReplayMiss.

    spent: usage of all that was asked. recorded: usage, as recorded, of all that wasn't.

    Raises:
        StoreError: engine is None, and the store holds no replies, or those of several engines.
    """

    def __init__(self, engine: Engine | None, store: Store, *, replay: bool = False) -> None:
        self._engine = engine
        self._store = store
        self._replay = replay or engine is None
        self._known = store.engines() if self._replay else []
        self._first = _only_one(self._known) if engine is None else None
        self._lock = threading.Lock()
        self.spent = Usage(cost_usd=0.0)
        self.recorded = Usage(cost_usd=0.0)

    @property
    def identity(self) -> Identity:
        """Who answers: the engine inside, or whoever gave the recorded replies."""
        if self._engine is not None:
            return self._engine.identity
        assert self._first is not None  # noqa: S101  (for the type checker)
        return self._first[0]

    @property
    def abilities(self) -> Abilities:
        """What it can do."""
        if self._engine is not None:
            return self._engine.abilities
        assert self._first is not None  # noqa: S101  (for the type checker)
        return self._first[1]

    def ask(self, request: Request) -> Reply:
        """Return the recorded answer, else that of the engine inside.

        Raises:
            ReplayMiss: in a replay, the store doesn't hold the answer.
            EngineError: as the engine inside raised it; errors aren't kept.
        """
        # The engine may change its reply mode while it answers: the key is of the mode before.
        identity = self.identity
        for asked in self._candidates(identity):
            reply = self._store.get(request_key(asked, request))
            if reply is not None:
                return self._taken(reply)
        key = request_key(identity, request)
        if self._replay or self._engine is None:
            damaged = self._store.damaged
            raise ReplayMiss(
                f"the recording holds no reply to request {key[:12]}, which begins "
                f"{_start(request)!r}" + (f" ({damaged} of its replies are damaged)" * bool(damaged))
            )
        return self._asked(self._engine, key, identity, request)

    def _candidates(self, identity: Identity) -> list[Identity]:
        """Return under whom the reply may lie: in a replay, in any reply mode on record."""
        modes = [replace(identity, mode=known.mode) for known, _ in self._known]
        recorded = {known for known, _ in self._known}
        return [identity, *(one for one in modes if one in recorded and one != identity)]

    def _taken(self, reply: Reply) -> Reply:
        with self._lock:
            self.recorded += reply.usage
        usage = replace(reply.usage, calls=0, cost_usd=0.0, cache_hits=1, seconds=0.0)
        return replace(reply, usage=usage)

    def _asked(self, engine: Engine, key: str, identity: Identity, request: Request) -> Reply:
        try:
            reply = engine.ask(request)
        except EngineError as error:
            with self._lock:
                self.spent = _sum(error.attempts, self.spent)
            raise
        with self._lock:
            self.spent += reply.usage
        self._store.put(key, reply, identity, engine.abilities)
        return reply


def _sum(attempts: tuple[Attempt, ...], start: Usage) -> Usage:
    return sum((attempt.usage for attempt in attempts), start)


def _only_one(known: list[tuple[Identity, Abilities]]) -> tuple[Identity, Abilities]:
    """Return the one engine whose replies these are; it may have used several reply modes."""
    if not known:
        raise StoreError("the recording is empty: there's nothing to replay")
    if len({replace(identity, mode="") for identity, _ in known}) > 1:
        names = ", ".join(sorted({f"{one.kind} {one.model[:16]}" for one, _ in known}))
        raise StoreError(f"the recording holds replies of several engines ({names}): record anew")
    return known[0]


def _start(request: Request) -> str:
    return request.messages[-1].content[:60] if request.messages else ""
