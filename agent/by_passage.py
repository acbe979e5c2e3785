"""Reading sentence by sentence: the tree settles what it can see, the model is asked for the rest.

Two questions are put to the model, each held by a grammar to substrings of what it was shown:
who speaks a quotation whose own sentence doesn't tell, and, of a sentence in which the lexicon
and the tree find nobody, whether it reports somebody all the same: source, cue, content.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from agent.addressed import ADDRESSED, is_addressed_to_machine
from agent.cue import ASSERT, Cue
from agent.document import Document, Extent, Quotation
from agent.engine import Reply, Request
from agent.errors import BadReply
from agent.grammar import NONE, choice_of_strings, plain, substring
from agent.passages import Passage, Voice, with_cues
from agent.prompt import Prompt
from agent.sources import Source, noun_phrase
from agent.syntax import VERBAL

MAX_SHOWN = 1200  # characters of one question; a longer sentence is shown from its start
MIN_WORDS = 5
SURE = 0.5  # log-odds; below it a named speaker is a coin's toss (decisions/001)
PARTS = 3  # source, cue, content


@dataclass(frozen=True, slots=True)
class Question:
    """One question to the model. at: offset of `shown` in the text; passage: its index."""

    task: str
    passage: int
    at: int
    shown: str
    request: Request
    run: Quotation | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model said, as extents of the text. margin: log-odds of an answer against none."""

    question: Question
    extents: tuple[Extent, ...]
    margin: float


def open_questions(
    document: Document,
    passages: Sequence[Passage],
    speakers: dict[Quotation, Voice],
    prompts: dict[str, Prompt],
) -> list[Question]:
    """Return what the tree leaves open, in text order.

    What addresses a machine is read from the tree only: no model is asked about it, or shown it.
    """
    asked: list[Question] = []
    orders = _orders(document)
    for number, passage in enumerate(passages):
        for run in passage.speech:
            begins = run.extent.start >= passage.sentence.extent.start
            if begins and run not in speakers and passage.sentence.zone in {"body", "pull_quote"}:
                asked.append(_who(document, number, run, prompts["speaker"], orders))
        if _silent(passage) and passage.sentence.extent not in orders:
            asked.append(_whether(document, number, passage, prompts["attribution"]))
    return asked


def _orders(document: Document) -> frozenset[Extent]:
    """Return the sentences of the blocks that address a machine."""
    if ADDRESSED not in document.flags:
        return frozenset()
    blocks = {
        number
        for number, block in enumerate(document.blocks)
        if is_addressed_to_machine(block.extent.of(document.text))
    }
    return frozenset(s.extent for s in document.sentences if s.block in blocks)


def read_answer(question: Question, reply: Reply) -> Answer:
    """Return the answer with its places.

    Raises:
        BadReply: the answer isn't of the form that the grammar holds it to.
    """
    margin = _margin(reply)
    said = reply.text.strip()
    if said == NONE:
        return Answer(question, (), margin)
    strings = _triple(said) if question.task == "attribution" else [said]
    return Answer(question, tuple(_place(question, s) for s in strings), margin)


def _triple(said: str) -> list[str]:
    """Return source, cue and content of an answer."""
    message = "the answer was cut off or isn't the array that was asked for"
    try:
        found = json.loads(said)
    except (ValueError, RecursionError) as error:
        raise BadReply(message, raw=said) from error
    if (
        not isinstance(found, list)
        or len(found) != PARTS
        or not all(isinstance(f, str) for f in found)
    ):
        raise BadReply(message, raw=said)
    return found


def _place(question: Question, string: str) -> Extent:
    wanted = string.strip()
    at = question.shown.find(wanted)
    if at < 0 or not any(ch.isalnum() for ch in wanted):
        message = "the answer holds words that weren't in the text shown"
        raise BadReply(message, raw=string)
    start = question.at + at
    return Extent(start, start + len(wanted))


def _silent(passage: Passage) -> bool:
    """Tell whether a body sentence shows no cue at all."""
    if passage.sentence.zone not in {"body", "pull_quote"} or passage.speech:
        return False
    words = sum(t.pos not in {"PUNCT", "SPACE"} for t in passage.tree.tokens)
    return words >= MIN_WORDS and not any(cue.content for cue in passage.cues)


def _whether(document: Document, number: int, passage: Passage, prompt: Prompt) -> Question:
    extent = passage.sentence.extent
    shown = plain(extent.of(document.text)[:MAX_SHOWN])
    request = Request(
        messages=prompt.render({"passage": shown}),
        grammar=choice_of_strings(shown, PARTS),
        max_tokens=prompt.max_tokens,
        temperature=prompt.temperature,
        top_logprobs=5,
    )
    return Question("attribution", number, extent.start, shown, request)


def _who(
    document: Document,
    number: int,
    run: Quotation,
    prompt: Prompt,
    orders: Iterable[Extent],
) -> Question:
    """Ask with up to half of the characters before the quotation and a little after it."""
    before = max(0, run.extent.start - MAX_SHOWN // 2)
    before = next((s.extent.start for s in document.sentences if s.extent.start >= before), before)
    before = min(before, run.extent.start)
    after = min(len(document.text), run.extent.end + MAX_SHOWN // 4)
    end = max(
        (s.extent.end for s in document.sentences if s.extent.end <= after), default=run.extent.end
    )
    end = max(end, run.extent.end)
    shown = plain(document.text[before:end])
    for order in orders:
        if order.overlaps(Extent(before, end)) and not order.overlaps(run.extent):
            start, stop = max(order.start - before, 0), min(order.end, end) - before
            shown = shown[:start] + " " * (stop - start) + shown[stop:]
    first, last = run.inner[0].start - before, run.inner[-1].end - before
    quote = shown[first:last]
    if len(quote) > MAX_SHOWN // 2:
        quote = quote[: MAX_SHOWN // 2]
    marked = f"{shown[:first]}«{quote}»{shown[last:]}"
    around = shown[:first] + " " * (last - first) + shown[last:]
    request = Request(
        messages=prompt.render({"context": marked}),
        grammar=substring(around),
        max_tokens=prompt.max_tokens,
        temperature=prompt.temperature,
        top_logprobs=5,
    )
    return Question("speaker", number, before, around, request, run)


def _margin(reply: Reply) -> float:
    """Return the log-odds of an answer against none at the first token; infinite where unknown."""
    if not reply.tokens:
        return math.inf
    options = dict(reply.tokens[0].alternatives)
    none = max(
        (p for t, p in options.items() if NONE.startswith(t.strip().lower()) and t.strip()),
        default=-20.0,
    )
    other = max(
        (p for t, p in options.items() if not (t.strip() and NONE.startswith(t.strip().lower()))),
        default=-20.0,
    )
    return other - none


# ---- what the answers change -------------------------------------------------------------------


def settle(
    passages: Sequence[Passage], speakers: Mapping[Quotation, Voice], answers: Sequence[Answer]
) -> tuple[list[Passage], dict[Quotation, Voice]]:
    """Return the passages and speakers with what the answers add."""
    read, spoken = list(passages), dict(speakers)
    for answer in answers:
        question = answer.question
        sure = answer.margin >= SURE
        if question.task == "speaker" and question.run and answer.extents and sure:
            _name_speaker(read, spoken, question.run, answer.extents[0])
        elif question.task == "attribution" and len(answer.extents) == PARTS:
            read[question.passage] = _with_answer(read[question.passage], answer)
    return read, spoken


def _name_speaker(
    passages: Sequence[Passage], spoken: dict[Quotation, Voice], run: Quotation, name: Extent
) -> None:
    """Give the run the speaker that the model names, unless that can't be one.

    That is: words of the run itself, or words that go over the end of a sentence.
    """
    within = any(name in passage.sentence.extent for passage in passages)
    if name.overlaps(run.extent) or not within:
        return
    spoken[run] = Voice((Source(_whole(passages, name), None, None, implicit=True),))


def _with_answer(passage: Passage, answer: Answer) -> Passage:
    """Return the passage with the model's cue, source and content, widened by the tree."""
    named, cue, content = answer.extents
    tree = passage.tree
    tokens, cues = tree.within(content), tree.within(cue)
    if not tokens or not cues or content.overlaps(cue) or named.overlaps(content):
        return passage
    inside = {t.index for t in tokens}
    tops = [t for t in tokens if t.head not in inside or t.head == t.index]
    head = next((t for t in cues if t.pos == "VERB" or t.lemma == "be"), None)
    if head is None:
        return passage  # a cue without a verb: the model cut in the wrong place
    if any(
        t.index == head.index or head.index in {a.index for a in tree.ancestors(head)} & inside
        for t in tops
    ):
        return passage
    clausal = tops[0].pos in VERBAL
    source = Source(_whole([passage], named), None, cue)
    added = Cue(
        head.index,
        cue,
        ASSERT,
        "clause" if clausal else "object",
        source,
        tuple(t.index for t in tops),
    )
    return with_cues(passage, [*passage.cues, added])


def _whole(passages: Sequence[Passage], name: Extent) -> Extent:
    """Return the full noun phrase around a name."""
    for passage in passages:
        if name.overlaps(passage.sentence.extent):
            tokens = passage.tree.within(name)
            if tokens:
                inside = {t.index for t in tokens}
                head = next((t for t in tokens if t.head not in inside), tokens[-1])
                if head.pos in {"NOUN", "PROPN", "PRON"}:
                    return noun_phrase(passage.tree, head)
    return name
