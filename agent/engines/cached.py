"""Takes from the store what was answered before; the rest is asked, or in a replay refused."""

from __future__ import annotations

from dataclasses import replace

from agent.engine import (
    Abilities,
    Attempt,
    Engine,
    Identity,
    Reply,
    Request,
    request_key,
)
from agent.errors import ReplayMiss, StoreError
from agent.store import Store


class CachedEngine:
    """Answers from the store, else from the engine inside, whose answer is then kept.

    The usage of a reply from the store is what it cost now: cache_hits=1, calls, money and seconds
    0, tokens as recorded. Its attempts hold what it cost when it was recorded.

    engine: None replays without a model, as whoever gave the recorded replies. replay: nobody is
    asked; what isn't in the store is a ReplayMiss. keys: of all replies given so far.

    Raises:
        StoreError: engine is None, and the store holds no replies, or those of several engines.
    """

    def __init__(self, engine: Engine | None, store: Store, *, replay: bool = False) -> None:
        self._engine = engine
        self._store = store
        self._replay = replay or engine is None
        self._known = store.engines() if self._replay else []
        self._first = _only_one(self._known) if engine is None else None
        self.keys: set[str] = set()

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
        for recorded in self._candidates(identity):
            key = request_key(recorded, request)
            reply = self._store.get(key)
            if reply is not None:
                self.keys.add(key)
                return _from_store(reply)
        key = request_key(identity, request)
        if self._replay or self._engine is None:
            raise ReplayMiss(self._missing(key, request))
        reply = self._engine.ask(request)
        self._store.put(key, reply, identity, self._engine.abilities)
        self.keys.add(key)
        return reply

    def _missing(self, key: str, request: Request) -> str:
        start = request.messages[-1].content[:60] if request.messages else ""
        damaged = f"; {self._store.damaged} of its replies are damaged" * bool(self._store.damaged)
        return (
            f"the recording holds no reply to request {key[:12]} ({start!r} ...){damaged}: record "
            "anew, since prompt, text, model or code changed"
        )

    def _candidates(self, identity: Identity) -> list[Identity]:
        """Return under whom the reply may lie: in a replay, in any reply mode on record."""
        others = [
            known
            for known, _ in self._known
            if known != identity and replace(known, mode="") == replace(identity, mode="")
        ]
        return [identity, *others]


def _from_store(reply: Reply) -> Reply:
    usage = replace(reply.usage, calls=0, cost_usd=0.0, cache_hits=1, seconds=0.0)
    attempts = reply.attempts or (Attempt("ok", reply.usage),)
    return replace(reply, usage=usage, attempts=attempts)


def _only_one(known: list[tuple[Identity, Abilities]]) -> tuple[Identity, Abilities]:
    """Return the one engine whose replies these are; it may have used several reply modes."""
    if not known:
        raise StoreError("the recording is empty: there's nothing to replay")
    if len({replace(identity, mode="") for identity, _ in known}) > 1:
        names = ", ".join(sorted({f"{one.kind} {one.model[:16]}" for one, _ in known}))
        raise StoreError(f"the recording holds replies of several engines ({names}): record anew")
    return known[0]
