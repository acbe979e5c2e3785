"""From a document to its record: the file to read first.

passages = prepare(document)                    sentences with tree, cues, claim units
speakers = voices(document, passages)           who speaks each quotation
answers  = engine.ask(what they leave open)     short questions, held by a grammar
findings = Reader(...).findings()               claims as strings and labels
ground() -> resolve() -> Extraction             places, entities, the record

In the document way the model lists the claims itself, in one call for each chunk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from agent import by_document, by_passage
from agent.document import Document
from agent.engine import Engine, Reply, Request, Usage
from agent.errors import BadReply, InputError
from agent.findings import Reader
from agent.ground import Finder, Finding, ground
from agent.lexicon import Lexicon
from agent.passages import Passage, prepare, voices
from agent.prompt import Prompt
from agent.record import assemble
from agent.schema import Extraction, PromptRef, Provenance, Rejected, Span, UsageRecord
from agent.score import Calibration, scored
from agent.steadiness import Key, readings
from agent.syntax import Parser

Reading = Literal["auto", "document", "passage"]


@dataclass(frozen=True, slots=True)
class Resources:
    """What a reading needs besides the text and the engine."""

    prompts: Mapping[str, Prompt]
    parse: Parser
    lexicon: Lexicon
    calibration: Calibration | None = None


def _no_record() -> Extraction | None:
    return None


@dataclass(frozen=True, slots=True)
class Event:
    """Progress: what is being done, how many steps are done, of how many.

    so_far: makes the record of what is settled, without its usage; for the listener to call, at
    once or not at all. A later part of the text may still give a source a fuller name.
    """

    stage: str
    done: int
    total: int
    so_far: Callable[[], Extraction | None] = field(default=_no_record, repr=False, compare=False)


Listener = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a way of reading brings back."""

    findings: list[Finding]
    rejected: list[Rejected]
    replies: list[Reply]
    prompts: tuple[Prompt, ...]


_Asked = Callable[[int, int, Callable[[], _Outcome]], None]  # done, of how many, what is settled


def extract(
    document: Document,
    resources: Resources,
    engine: Engine,
    on_event: Listener | None = None,
    workers: int = 1,
    reading: Reading = "auto",
) -> Extraction:
    """Return the record of one document.

    workers: requests under way at the same time. reading: "auto" takes the passage way where the
    engine can hold its output to a grammar, else the document way.

    Raises:
        InputError: the document has no text to read, or the engine can't read in the way asked for.
        EngineError: the engine failed; nothing partial is returned.
    """
    _check_readable(document)
    way = _way(reading, engine)
    tell = on_event or (lambda _: None)
    tell(Event("parsing", 0, 1))
    passages = prepare(document, resources.parse, resources.lexicon)
    read = _by_passage if way == "passage" else _by_document

    @cache
    def shaken() -> dict[str, frozenset[Key]]:
        return readings(document, resources.parse, resources.lexicon)

    def record(outcome: _Outcome) -> Extraction:
        grounded, lost = ground(outcome.findings, document)
        rejected = [*outcome.rejected, *lost]
        how = _provenance(engine, way, outcome)
        whole = assemble(document, passages, resources.lexicon, grounded, rejected, how)
        calibration = resources.calibration
        if calibration is None or calibration.reading != way:
            return whole
        claims = scored(whole.claims, calibration, shaken())
        return whole.model_copy(update={"claims": claims})

    def asked(done: int, total: int, settled: Callable[[], _Outcome]) -> None:
        tell(Event("asking", done, total, lambda: record(settled())))

    return record(read(document, passages, resources, engine, asked, workers))


def _provenance(
    engine: Engine, way: Literal["document", "passage"], outcome: _Outcome
) -> Provenance:
    replies = outcome.replies
    usage = sum((r.usage for r in replies), Usage(cost_usd=0.0 if replies else None))
    return Provenance(
        engine=engine.identity.kind,
        model=replies[-1].model if replies else engine.identity.model,
        prompts=[PromptRef(name=p.name, version=p.version, hash=p.hash) for p in outcome.prompts],
        reading=way,
        reply_mode=replies[-1].mode if replies else "",
        usage=UsageRecord(
            calls=usage.calls,
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cached_tokens=usage.cached_tokens,
            cost_usd=usage.cost_usd,
            cache_hits=usage.cache_hits,
        ),
        seconds=round(usage.seconds, 3),
    )


def _check_readable(document: Document) -> None:
    if not any(True for _ in document.readable()):
        message = "nothing to read: the text holds no sentence besides dates, links and buttons"
        raise InputError(message)
    try:
        document.text.encode()
    except UnicodeEncodeError as error:
        message = f"character {error.start} of the text is half a pair (a lone surrogate): drop it"
        raise InputError(message) from error


def _way(reading: Reading, engine: Engine) -> Literal["document", "passage"]:
    if reading == "auto":
        return "passage" if engine.abilities.grammar else "document"
    if reading == "passage" and not engine.abilities.grammar:
        message = "this engine can't hold its answers to a grammar: use --reading document"
        raise InputError(message)
    return reading


def _by_passage(
    document: Document,
    passages: Sequence[Passage],
    resources: Resources,
    engine: Engine,
    asked: _Asked,
    workers: int,
) -> _Outcome:
    speakers = voices(document, passages)
    prompts = dict(resources.prompts)
    questions = by_passage.open_questions(document, passages, speakers, prompts)
    used = tuple(prompts[name] for name in sorted({q.task for q in questions}))
    answers: list[by_passage.Answer] = []
    rejected: list[Rejected] = []
    replies: list[Reply] = []

    def settled() -> _Outcome:
        """Return what is found in the passages before that of the next question."""
        read, spoken = by_passage.settle(passages, speakers, answers)
        found = Reader(document, read, spoken, resources.lexicon).findings()
        if len(replies) < len(questions):
            border = passages[questions[len(replies)].passage].sentence.extent.start
            found = [finding for finding in found if finding.passage.end <= border]
        return _Outcome(found, list(rejected), list(replies), used)

    requests = [question.request for question in questions]
    for reply in _ask_all(engine, requests, workers, lambda n: asked(n, len(requests), settled)):
        question = questions[len(replies)]
        replies.append(reply)
        try:
            answers.append(by_passage.read_answer(question, reply))
        except BadReply as error:
            rejected.append(_bad(document, passages[question.passage], error))
    return settled()


def _by_document(
    document: Document,
    passages: Sequence[Passage],
    resources: Resources,
    engine: Engine,
    asked: _Asked,
    workers: int,
) -> _Outcome:
    prompt = resources.prompts["claims"]
    room = engine.abilities.context_tokens
    chunks = by_document.chunks(document, room, prompt.max_tokens)
    requests = [by_document.request(document, chunk, prompt, room) for chunk in chunks]
    finder = Finder(document)
    drawn = Reader(document, passages, voices(document, passages), resources.lexicon).findings()
    found: list[Finding] = []
    rejected: list[Rejected] = []
    replies: list[Reply] = []

    def settled() -> _Outcome:
        return _Outcome(list(found), list(rejected), list(replies), (prompt,))

    for reply in _ask_all(engine, requests, workers, lambda n: asked(n, len(requests), settled)):
        chunk = chunks[len(replies)]
        claims, strangers = by_document.findings(finder, passages, drawn, chunk, reply)
        replies.append(reply)
        found += claims
        rejected += strangers
    return settled()


def _ask_all(
    engine: Engine, requests: Sequence[Request], workers: int, asked: Callable[[int], None]
) -> Iterator[Reply]:
    """Yield the replies in the order of the requests, several under way at a time.

    asked: is told how many replies were taken in.
    """
    asked(0)
    if workers == 1:  # without a thread of its own, which would have to be waited for
        for done, request in enumerate(requests, 1):
            yield engine.ask(request)
            asked(done)
        return
    with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
        futures = [pool.submit(engine.ask, request) for request in requests]
        try:
            for done, future in enumerate(futures, 1):
                yield future.result()
                asked(done)
        finally:
            for future in futures:
                future.cancel()


def _bad(document: Document, passage: Passage, error: BadReply) -> Rejected:
    extent = passage.sentence.extent
    span = Span(start=extent.start, end=extent.end, text=extent.of(document.text))
    return Rejected(stage="reply", reason=str(error), strings=[error.raw], passage=span)
