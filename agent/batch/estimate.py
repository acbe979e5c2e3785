"""What a run will take, reckoned before anything is asked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from agent import by_document, by_passage
from agent.api import open_document
from agent.batch.documents import Item, read_item
from agent.batch.work import Kit, work_key
from agent.document import Document
from agent.engine import Request, Usage, json_schema, request_key
from agent.errors import InputError
from agent.passages import prepare, voices

SHORT_ANSWER = 4  # tokens of an answer in the passage way: most are "none"


@dataclass(slots=True)
class Seen:
    """What was walked over. before: finished or failed in earlier runs."""

    documents: int = 0
    before: int = 0
    unreadable: int = 0


def unread(items: Iterable[Item], kit: Kit, seen: Seen) -> Iterator[Document]:
    """Yield the documents that are still to be read, and count all others in `seen`."""
    for item in items:
        seen.documents += 1
        try:
            article = read_item(item, kit.max_chars)
            key = work_key(article, kit.basis)
            if key in kit.known or kit.store.record_of(key):
                seen.before += 1
                continue
            document = open_document(article, force=kit.force)
        except InputError:
            seen.unreadable += 1
            continue
        yield document


@dataclass(slots=True)
class Estimate(Seen):
    """What is to be done. usage: an estimate."""

    chars: int = 0  # to be read
    cached: int = 0  # requests that the store answers
    usage: Usage = field(default_factory=Usage)


def estimate(items: Iterable[Item], kit: Kit) -> Estimate:
    """Return what it takes to read the items, without asking anybody.

    Tokens are reckoned from characters, answers in the document way from the length of the text.
    """
    found = Estimate()
    modes = _modes(kit)
    for document in unread(items, kit, found):
        found.chars += len(document.text)
        for request, answer in requests_of(document, kit):
            if any(kit.store.get(_key(kit, request, mode)) for mode in modes):
                found.cached += 1
            else:
                found.usage += _usage(request, answer)
    return found


def _modes(kit: Kit) -> set[str]:
    """Return the reply modes in which this engine's replies may lie in the store."""
    identity = kit.engine.identity
    same = [who for who, _ in kit.store.engines() if replace(who, mode=identity.mode) == identity]
    return {identity.mode, *(who.mode for who in same)}


def _key(kit: Kit, request: Request, mode: str) -> str:
    return request_key(replace(kit.engine.identity, mode=mode), request)


def requests_of(document: Document, kit: Kit) -> Sequence[tuple[Request, int]]:
    """Return what will be asked about a document, with the tokens of the answer."""
    prompts = dict(kit.resources.prompts)
    if kit.way == "passage":
        passages = prepare(document, kit.resources.parse, kit.resources.lexicon)
        questions = by_passage.open_questions(
            document, passages, voices(document, passages), prompts
        )
        return [(question.request, SHORT_ANSWER) for question in questions]
    room, prompt = kit.engine.abilities.context_tokens, prompts["claims"]
    found = []
    for chunk in by_document.chunks(document, room, prompt.max_tokens):
        request = by_document.request(document, chunk, prompt, room)
        tokens = (chunk.end - chunk.start) / by_document.CHARS_PER_TOKEN
        answer = min(request.max_tokens, int(tokens * by_document.ANSWER_PER_TEXT))
        found.append((request, answer))
    return found


def _usage(request: Request, answer: int) -> Usage:
    shown = sum(len(message.content) for message in request.messages)
    if request.schema:
        shown += len(json.dumps(json_schema(request.schema)))
    tokens = int(shown / by_document.CHARS_PER_TOKEN)
    return Usage(calls=1, input_tokens=tokens, output_tokens=answer)
