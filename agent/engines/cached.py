"""Takes from the store what was answered before; the rest is asked, or in a replay refused."""

from __future__ import annotations

import copy
import threading
from concurrent.futures import Future
from dataclasses import replace
from typing import Self

from agent.engine import (
    Abilities,
    Attempt,
    Engine,
    Identity,
    Reply,
    Request,
    request_key,
)
from agent.errors import EngineError, ReplayMiss, StoreError
from agent.store import Store


class CachedEngine:
    """Answers from the store, else from the engine inside, whose answer is then kept.

    The usage of a reply from the store is what it cost now: cache_hits=1, calls, money and seconds
    0, tokens as recorded. Its attempts hold what it cost when it was recorded.

    A request that is asked while the same one is under way isn't sent: it gets that one's answer
    as from the store, or its error, without the attempts, which were made once. It isn't tried
    again for each who waits, since the engine inside has tried as often as is worth it.

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
        self._lock = threading.Lock()
        self._under_way: dict[str, Future[Reply]] = {}
        self._document_id: str | None = None
        self.keys: set[str] = set()

    def for_document(self, document_id: str) -> Self:
        """Return the same for one document: `keys` are its own, and forget() finds its replies."""
        own = copy.copy(self)
        own._document_id = document_id  # noqa: SLF001  (its own)
        own.keys = set()
        return own

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
        if self._replay or self._engine is None:
            return self._recorded(identity, request)
        key = request_key(identity, request)
        with self._lock:
            leads = key not in self._under_way
            answer = self._under_way.setdefault(key, Future())
        reply = (
            self._lead(answer, key, self._engine, identity, request) if leads else _follow(answer)
        )
        self.keys.add(key)
        return reply

    def _recorded(self, identity: Identity, request: Request) -> Reply:
        for recorded in self._candidates(identity):
            key = request_key(recorded, request)
            reply = self._store.get(key)
            if reply is not None:
                self.keys.add(key)
                return _from_store(reply)
        raise ReplayMiss(self._missing(request_key(identity, request), request))

    def _lead(
        self,
        answer: Future[Reply],
        key: str,
        engine: Engine,
        identity: Identity,
        request: Request,
    ) -> Reply:
        """Return the answer to a request that isn't under way, and tell it to all who wait."""
        try:
            reply = self._store.get(key)
            if reply is None:
                reply = engine.ask(request)
                self._store.put(key, reply, identity, engine.abilities, self._document_id)
            else:
                reply = _from_store(reply)
            answer.set_result(reply)
        except BaseException as error:
            answer.set_exception(error)
            raise
        finally:
            with self._lock:
                del self._under_way[key]
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


def _follow(answer: Future[Reply]) -> Reply:
    """Return the answer to a request that is under way for somebody else."""
    try:
        return _from_store(answer.result())
    except EngineError as error:
        mine = copy.copy(error)
        # tblib, which distributed loads, makes copies of errors that share their __dict__.
        mine.__dict__ = {**vars(error), "attempts": ()}
        raise mine from error


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
