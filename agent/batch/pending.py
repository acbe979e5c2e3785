"""What a run would have to ask, put into a provider's batches; and the replies brought home.

A submission asks nothing but its first request: that shows in which form the endpoint takes it,
which else the whole batch would fail on. The replies go into the store under the keys that an
ordinary run looks for first, so that it finishes from there.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO

from agent.batch.documents import Item
from agent.batch.estimate import Seen, requests_of, unread
from agent.batch.submitted import Submitted
from agent.batch.work import Kit
from agent.engine import Abilities, Identity, Request, request_key
from agent.engines.openai_batch import MAX_BYTES, MAX_REQUESTS, BatchEngine
from agent.errors import BadReply, Refused
from agent.schema import DocumentDraft
from agent.store import Store

TRIES = 3  # requests that may be refused for what they say before the endpoint is to blame


@dataclass(frozen=True, slots=True)
class Open:
    """A request that the store can't answer. key: what an ordinary run looks for."""

    key: str
    document_id: str
    request: Request


@dataclass(slots=True)
class Counts(Seen):
    """What there is to do. cached: requests in the store. waiting: requests in batches."""

    cached: int = 0
    waiting: int = 0


def open_requests(
    items: Iterable[Item], kit: Kit, waiting: set[str], counts: Counts
) -> Iterator[Open]:
    """Yield what isn't in the store, each request once. waiting: keys of those under way."""
    identity = kit.engine.identity  # before anything is asked: its reply mode may change then
    seen: set[str] = set()
    for document in unread(items, kit, counts):
        for request, _ in requests_of(document, kit):
            key = request_key(identity, request)
            if key in seen:
                continue
            seen.add(key)
            if key in waiting:
                counts.waiting += 1
            elif kit.store.get(key):
                counts.cached += 1
            else:
                yield Open(key, document.article.id, request)


def ask_first(requests: Iterator[Open], kit: Kit) -> int:
    """Ask until one of the requests is answered, and return how many were asked.

    Raises:
        EngineError: nothing can be had from the endpoint.
    """
    asked, refused = 0, None
    for one in requests:
        asked += 1
        try:
            kit.engine.for_document(one.document_id).ask(one.request)
        except BadReply:
            return asked  # an answer all the same
        except Refused as error:
            refused = error
        else:
            return asked
        if asked == TRIES:
            break
    if refused:
        raise refused
    return asked


@dataclass(slots=True)
class Part:
    """A file of requests for one batch. documents: their ids by request key."""

    file: IO[bytes]
    documents: dict[str, str] = field(default_factory=dict)


def parts(
    requests: Iterable[Open],
    engine: BatchEngine,
    *,
    max_requests: int = MAX_REQUESTS,
    max_bytes: int = MAX_BYTES,
) -> Iterator[Part]:
    """Yield files of requests, none longer than the provider takes; each is closed after use."""
    part: Part | None = None
    try:
        for one in requests:
            line = engine.line(one.key, one.request)
            if part and (
                len(part.documents) >= max_requests or part.file.tell() + len(line) > max_bytes
            ):
                yield part
                part.file.close()
                part = None
            part = part or Part(tempfile.TemporaryFile())  # noqa: SIM115  (closed above, below)
            part.file.write(line)
            part.documents[one.key] = one.document_id
        if part:
            yield part
    finally:
        if part:
            part.file.close()


# ---- what came back -----------------------------------------------------------------------------


@dataclass(slots=True)
class Collected:
    """What a batch brought. lost: ids of documents by the reason why a request has no reply."""

    kept: int = 0
    lost: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


def collect(batch: Submitted, files: Iterable[str], engine: BatchEngine, store: Store) -> Collected:
    """Put the replies in a batch's files into the store; doing it again changes nothing.

    Raises:
        EngineError: a file can't be fetched; what came before is in the store.
    """
    found = Collected()
    who = Identity("openai", batch.model, mode=batch.mode)
    can = Abilities(grammar=False, logprobs=False, context_tokens=batch.context_tokens)
    stands_for_all = Request((), schema=DocumentDraft)
    for file_id in files:
        for answer in engine.answers(file_id, stands_for_all):
            document_id = batch.documents.get(answer.key)
            if answer.reply is None:
                found.lost[answer.reason].append(document_id or answer.key)
                continue
            store.put(answer.key, answer.reply, who, can, document_id)
            found.kept += 1
    return found
