"""What the REPL shows of a record, as renderables: lists that read line by line, without frames."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from agent.document import Document
from agent.repl.article import STYLES, label, piece
from agent.schema import Claim, Entity, Extraction, Link, Rejected
from agent.wording import ACTS, BASIS, DENIED, HOW, SIGNS, SURE, Line, counted, lines, plain

ARTICLE = "the article"
OPEN = frozenset({"question", "wish", "request", "decline", "disclaim"})  # acts without a position


def rows(pairs: Iterable[tuple[str, RenderableType | str]]) -> Table:
    """Return a list of entries behind their labels; an entry's further lines are indented."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True, style="bold")
    grid.add_column(overflow="fold")
    for head, body in pairs:
        grid.add_row(Text(head), Text(body) if isinstance(body, str) else body)
    return grid


# ---- lists of claims --------------------------------------------------------------------------


def claims(record: Extraction, shown: Sequence[Claim]) -> RenderableType:
    """Return claims as a list: who, what, and below it how and how sure."""
    told = {line.id: line for part in lines(record) for line in part}
    return rows((f"{label(c)}{SIGNS[c.confidence]}", entry(c, told[plain(c.id)])) for c in shown)


def entry(claim: Claim, line: Line) -> Text:
    """Return a claim in two lines."""
    text = said(claim, line)
    review = f"reviewed: {line.review}" if line.review else ""
    told = "; ".join(part for part in (line.how, line.sure, line.notes, review) if part)
    return text.append(f"\n{told}", style="not bold dim")


def said(claim: Claim, line: Line) -> Text:
    """Return who says what."""
    who = (line.sources or ARTICLE) + (f" ({line.basis})" if line.basis else "")
    text = Text(f"{who}: ", style="bold")
    return text.append(line.content, style=f"not bold {STYLES[claim.confidence]}")


def narrowed(record: Extraction, shown: Sequence[Claim], filters: dict[str, str]) -> str:
    """Return how many claims are shown, and by which filter."""
    if not filters:
        return counted(len(shown), "claim")
    told = " ".join(f"{key}={plain(value)}" for key, value in filters.items())
    of = counted(len(record.claims), "claim")
    return f"{len(shown)} of {of}: {told} (/filter off shows all)"


# ---- one claim --------------------------------------------------------------------------------


def claim(record: Extraction, document: Document, one: Claim) -> RenderableType:
    """Return a claim in full: context, chain, cues, why this confidence, what was rejected here."""
    told = next(line for part in lines(record) for line in part if line.id == plain(one.id))
    parts: list[tuple[str, RenderableType | str]] = [
        ("claim", said(one, told)),
        ("alone", plain(one.text)),
        ("context", context(document, one)),
        *chain(record, one),
        ("how", how(one)),
        ("why", why(one)),
    ]
    if one.topic:
        parts.append(("about", plain(one.topic.text)))
    parts.append(("basis", f"{one.sourcing.replace('_', ' ')}{_alike(record, one)}"))
    first, last = one.content[0], one.content[-1]
    matches = [*(span.match for span in one.content), *(d.match for d in one.differences)]
    found = ", ".join(dict.fromkeys(m for m in matches if m != "exact")) or "exact"
    zone = one.zone.replace("_", " ")
    parts.append(("place", f"characters {first.start} to {last.end}, {zone}, found {found}"))
    if told.differs:
        parts.append(("differs", told.differs))
    if one.score is not None:
        parts.append(("score", f"{one.score:.0%} likely to be read right"))
    if one.review:
        by = " ".join(part for part in (one.review.by, one.review.at) if part)
        note = f": {plain(one.review.note)}" if one.review.note else ""
        parts.append(("review", f"{one.review.status}{note}{f' ({plain(by)})' if by else ''}"))
    near = [r for r in record.rejected if r.passage and _overlap(r, one)]
    parts += [("rejected", _refusal(refused)) for refused in near]
    if not near:
        parts.append(("rejected", "nothing in this sentence (/rejected lists the whole text's)"))
    return rows(parts)


def context(document: Document, one: Claim) -> Text:
    """Return the sentence of a claim, its content in brackets, between its neighbours.

    A headline stands by itself: what goes before the first sentence of the body isn't its context.
    """
    sentences = document.sentences
    here = [
        place
        for place, sentence in enumerate(sentences)
        if sentence.extent.start < one.content[-1].end
        and one.content[0].start < sentence.extent.end
    ]
    if not here:
        return bracketed(document.text, one, one.sentence.start, one.sentence.end)
    beside = [sentences[max(here[0] - 1, 0)], sentences[min(here[-1] + 1, len(sentences) - 1)]]
    ends = [sentences[here[0]], sentences[here[-1]]]
    first, last = (
        other if other.zone == end.zone else end for other, end in zip(beside, ends, strict=True)
    )
    return bracketed(document.text, one, first.extent.start, last.extent.end)


def bracketed(text: str, one: Claim, start: int, end: int) -> Text:
    """Return a stretch of the text with the content of a claim in brackets."""
    out = Text(style="dim")
    at = start
    for span in one.content:
        out.append(piece(text[at : span.start]))
        out.append(f"[{piece(span.text)}]", style=f"not dim {STYLES[one.confidence]}")
        at = span.end
    return out.append(piece(text[at:end]))


def chain(record: Extraction, one: Claim) -> Iterator[tuple[str, str]]:
    """Yield the sources of a claim, outermost first."""
    entities = {entity.id: entity for entity in record.entities}
    if not one.attribution.chain:
        yield "source", f"{ARTICLE}: no source is named"
    for place, link in enumerate(one.attribution.chain):
        yield "source" if not place else "", _link(link, entities.get(link.entity), place)


def _link(link: Link, entity: Entity | None, place: int) -> str:
    name = plain(entity.name) if entity else plain(link.entity)
    parts: list[str] = [entity.type if entity else "unknown"]
    if link.role == "relay":
        parts.append("passes it on")
    if link.mention and entity and link.mention.text != entity.name:
        parts.append(f"here “{plain(link.mention.text)}”")
    if link.implicit:
        parts.append("not named in this sentence")
    parts.append(f"cue “{plain(link.cue.text)}”" if link.cue else "without a cue")
    return f"{'← ' * bool(place)}{name} ({', '.join(parts)})"


def how(one: Claim) -> str:
    """Return kind and speech act of a claim, in words and as the record has them."""
    kind, act = one.attribution.kind, one.act
    words = "; ".join(part for part in (HOW[kind], ACTS[act]) if part) or "states it itself"
    return f"{words} (kind {kind}, act {act}, polarity {one.polarity})"


def why(one: Claim) -> str:
    """Return on what the confidence of a claim rests."""
    told = DENIED if one.act == "deny" else SURE
    level = f"{one.confidence}: {told[one.confidence]}"
    if one.confidence_cues:
        words = ", ".join(f"“{plain(span.text)}”" for span in one.confidence_cues)
        return f"{level}, because of {words}"
    if one.act in OPEN and one.confidence == "uncommitted":
        return f"{level}, since the source {ACTS[one.act]}"
    if one.confidence == "certain":
        return f"{level}, since nothing softens it"
    return f"{level}; no words were marked for it"


def _alike(record: Extraction, one: Claim) -> str:
    """Return what else in the record belongs to a claim."""
    told = f"; repeats {label_of(record, one.duplicate_of)}" if one.duplicate_of else ""
    twins = [label(c) for c in record.claims if c.duplicate_of == one.id]
    if twins:
        told += f"; repeated by {', '.join(twins)}"
    group = one.split_group
    parts = [label(c) for c in record.claims if group and c.split_group == group and c is not one]
    return told + (f"; one sentence with {', '.join(parts)}" if parts else "")


def label_of(record: Extraction, id_: str) -> str:
    """Return the number of the claim with an id."""
    return next((label(c) for c in record.claims if c.id == id_), plain(id_))


# ---- what was rejected ------------------------------------------------------------------------


def rejected(record: Extraction) -> RenderableType:
    """Return what the reading didn't stand by, with the reasons."""
    return rows((str(n), _refusal(refused)) for n, refused in enumerate(record.rejected, 1))


def _refusal(refused: Rejected) -> str:
    words = ", ".join(f"“{plain(string)}”" for string in refused.strings)
    return f"{plain(refused.reason)}{f': {words}' if words else ''} (stage {refused.stage})"


def _overlap(refused: Rejected, one: Claim) -> bool:
    place = refused.passage
    return place is not None and place.start < one.sentence.end and one.sentence.start < place.end


# ---- sources ----------------------------------------------------------------------------------


def sources(record: Extraction) -> RenderableType:
    """Return everybody who says something, those with most claims first."""
    said = {
        entity.id: [c for c in record.claims if _speaks(c, entity)] for entity in record.entities
    }
    ranked = sorted(record.entities, key=lambda entity: -len(said[entity.id]))
    return rows(
        (plain(entity.name), f"{entity.type}{_tally(record, entity, said[entity.id])}")
        for entity in ranked
    )


def _speaks(claim: Claim, entity: Entity) -> bool:
    chain = claim.attribution.chain
    return bool(chain) and chain[-1].entity == entity.id


def _passed_on(record: Extraction, entity: Entity) -> list[Claim]:
    return [
        c for c in record.claims if any(x.entity == entity.id for x in c.attribution.chain[:-1])
    ]


def _tally(record: Extraction, entity: Entity, said: Sequence[Claim]) -> str:
    levels = Counter(claim.confidence for claim in said)
    told = ", ".join(f"{levels[level]} {SURE[level]}" for level in SURE if levels[level])
    parts = [f"{counted(len(said), 'claim')}: {told}"] if said else []
    passed = _passed_on(record, entity)
    if passed:
        parts.append(f"passes on {', '.join(map(label, passed))}")
    silent = [label(claim) for claim in said if claim.act in ("decline", "disclaim", "deny")]
    if silent:
        parts.append(f"declines, denies or doesn't know: {', '.join(silent)}")
    return "; ".join(["", *parts])


def who(record: Extraction, entity: Entity) -> RenderableType:
    """Return a source with its names and claims."""
    said = [c for c in record.claims if _speaks(c, entity)]
    names = ", ".join(f"“{plain(alias)}”" for alias in entity.aliases)
    basis = next((BASIS[c.sourcing] for c in said if BASIS[c.sourcing]), "")
    head = Text(plain(entity.name), style="bold")
    head.append(f" ({entity.type}{f', {basis}' if basis else ''})", style="not bold")
    head.append(_tally(record, entity, said).removeprefix(";"), style="not bold dim")
    parts: list[RenderableType] = [head]
    if names:
        parts.append(Text(f"also called {names}"))
    if said:
        parts.append(claims(record, said))
    passed = _passed_on(record, entity)
    if passed:
        parts += [Text("Passed on from others:"), claims(record, passed)]
    return Group(*parts)
