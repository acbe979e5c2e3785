"""The record in forms for people: table and Markdown. Prints nothing.

Words of an article, a model or a server may hold escape sequences, markup or formulas. All of
them pass through `plain` (and a form's own quoting) before they stand in a report.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from agent.difference import in_words
from agent.quotation import closed
from agent.schema import Act, Claim, Confidence, Extraction, Kind, Provenance, Sourcing, Span

HOW: dict[Kind, str] = {
    "direct": "direct quote",
    "mixed": "partly quoted",
    "indirect": "reported",
    "paraphrase": "paraphrased",
    "none": "",
}
ACTS: dict[Act, str] = {
    "assert": "",
    "deny": "denies",
    "decline": "declines to comment",
    "disclaim": "says they don't know",
    "question": "asks",
    "wish": "wishes",
    "request": "requests",
    "congratulate": "congratulates or thanks",
    "commit": "promises",
    "other": "other act of speech",
}
SURE: dict[Confidence, str] = {
    "certain": "stated as fact",
    "probable": "presented as likely",
    "possible": "raised as possible",
    "uncommitted": "no position taken",
}
# After a claim's number. ASCII: a terminal that lacks a character shows "?" in its place.
SIGNS: dict[Confidence, str] = {"certain": "", "probable": "~", "possible": "?", "uncommitted": "-"}
DENIED: dict[Confidence, str] = {
    "certain": "says it is not so",
    "probable": "says it is likely not so",
    "possible": "says it may not be so",
    "uncommitted": "no position taken",
}
BASIS: dict[Sourcing, str] = {
    "named_on_record": "",
    "named_institution": "",
    "official_document": "a document",
    "anonymous": "unnamed",
    "anonymous_via_outlet": "unnamed",
    "unspecified": "",
    "article_voice": "",
}
OWN = "The article's own claims"
NOTHING = "No claims were found."


@dataclass(frozen=True, slots=True)
class Line:
    """One claim in words for a person; every field is plain, and empty where there's nothing.

    sources: outermost first, with arrows. basis: what kind of source. notes: what else to know.
    differs: what the reading returned otherwise than the article has it. review: a person's
    verdict, with the note.
    """

    id: str
    sources: str
    basis: str
    content: str
    how: str
    sure: str
    notes: str
    differs: str
    review: str


# ---- plain text -------------------------------------------------------------------------------

BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_ESCAPED = re.compile(f"[\0-\x08\x0e-\x1f\x7f-\x84\x86-\x9f{BIDI}\ud800-\udfff]")
_DROPPED = re.compile("[\u00ad\ufeff\U000e0000-\U000e007f]")


def plain(text: str) -> str:
    r"""Return the text as one line that a terminal shows and doesn't obey.

    >>> plain("a\n b \x1b[31mred")
    'a b \\x1b[31mred'
    """
    kept = _ESCAPED.sub(_escape, _DROPPED.sub("", text))
    return " ".join(kept.split())


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


# ---- claims in words --------------------------------------------------------------------------


def lines(extraction: Extraction) -> tuple[list[Line], list[Line]]:
    """Return the attributed claims and the article's own, each in text order."""
    names = {entity.id: entity.name for entity in extraction.entities}
    attributed: list[Line] = []
    own: list[Line] = []
    for claim in extraction.claims:
        (attributed if claim.attribution.chain else own).append(_line(claim, names))
    return attributed, own


def _line(claim: Claim, names: dict[str, str]) -> Line:
    attribution = claim.attribution
    cues = [link.cue for link in attribution.chain[-1:] if link.cue]
    how = "; ".join(part for part in (HOW[attribution.kind], ACTS[claim.act]) if part)
    said = {cue.text for cue in cues}
    hedges = [cue for cue in claim.confidence_cues if cue.text not in said]
    return Line(
        id=plain(claim.id),
        sources=sources_of(claim, names),
        basis=BASIS[claim.sourcing],
        content=_content(claim),
        how=_with_words(how, cues),
        sure=_with_words(_sure(claim), [] if claim.confidence == "certain" else hedges),
        notes="; ".join(_notes(claim)),
        differs=plain(in_words(claim.differences)),
        review=_review(claim),
    )


def sources_of(claim: Claim, names: dict[str, str]) -> str:
    """Return the chain in names, outermost first. names: by entity id."""
    chain = claim.attribution.chain
    return " ← ".join(plain(names.get(link.entity, link.entity)) for link in chain)


def _content(claim: Claim) -> str:
    """Return what is claimed: the article's words, or a sentence where they would say too little.

    That is so of the article's own claims, and of "to comment" in "declined to comment".
    """
    chain = claim.attribution.chain
    cue = chain[-1].cue if chain else None
    if not chain or (cue and cue.start <= claim.content[0].start < cue.end):
        return plain(claim.text)
    words = closed(plain(" … ".join(span.text for span in claim.content)))
    if claim.attribution.kind == "direct":
        words = f"“{words}”"
    about = plain(claim.topic.text) if claim.topic else ""
    return f"{words} (about {about})" if about and about not in words else words


def _sure(claim: Claim) -> str:
    """Return how sure the source sounds.

    What is denied stands there without its "not", so the "not" is said here; in other negative
    claims the words themselves hold it, and saying it again would turn them round.
    """
    if claim.act == "deny":
        return DENIED[claim.confidence]
    return SURE[claim.confidence] + (" (negative)" if claim.polarity == "negative" else "")


def _with_words(label: str, spans: Sequence[Span]) -> str:
    """Return the label with the words of the article that it rests on."""
    words = dict.fromkeys(plain(span.text) for span in spans)
    quoted = ", ".join(f"“{each}”" for each in words if any(map(str.isalnum, each)))
    return f"{label}: {quoted}" if label and quoted else label


def _notes(claim: Claim) -> Iterator[str]:
    if claim.zone != "body":
        yield f"in the {claim.zone.replace('_', ' ')}"
    changed = {each.match for each in claim.differences} - {"normalised"}
    if changed:
        yield f"found {' and '.join(sorted(changed))}"
    if claim.duplicate_of:
        yield f"same as {plain(claim.duplicate_of)}"
    if claim.score is not None:
        yield f"{claim.score:.0%} likely to be read right"


def _review(claim: Claim) -> str:
    if claim.review is None:
        return ""
    note = plain(claim.review.note)
    return f"{claim.review.status}: {note}" if note else claim.review.status


def summary(extraction: Extraction) -> list[str]:
    """Return the closing lines: counts, what was rejected and why, flags, how it was read."""
    attributed, own = lines(extraction)
    names = {link.entity for claim in extraction.claims for link in claim.attribution.chain}
    found = f"{counted(len(extraction.claims), 'claim')}: {len(attributed)} from "
    found += f"{counted(len(names), 'source')}, {len(own)} the article's own"
    reasons = Counter(plain(rejected.reason) for rejected in extraction.rejected)
    rejected = f"{len(extraction.rejected):,} rejected" if reasons else "nothing rejected"
    parts = [f"{found}; {rejected}"]
    if reasons:
        told = "; ".join(f"{reason} ({number})" for reason, number in reasons.most_common())
        parts.append(f"Rejected: {told}")
    if extraction.flags:
        parts.append(f"About the text: {'; '.join(map(plain, extraction.flags))}")
    return [*parts, _how_read(extraction.provenance)]


def _how_read(how: Provenance) -> str:
    """Return by whom and how a text was read, and what it took."""
    used = how.usage
    if how.reading == "passage" and not used.calls + used.cache_hits:
        return "Read by parser and rules; no model had to be asked"
    took = f"{counted(used.calls, 'call')}, {how.seconds:.0f} s"
    cost = "" if used.cost_usd is None else f", ${used.cost_usd:.4f}"
    return f"Read by {plain(how.model)}, {how.reading} way: {took}{cost}"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun.

    >>> counted(1, "claim"), counted(1200, "claim")
    ('1 claim', '1,200 claims')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _about(extraction: Extraction) -> tuple[str, str]:
    """Return the title and the line below it."""
    document = extraction.document
    below = [part for part in (document.date, document.origin) if part]
    return plain(document.title or document.id), plain(" · ".join(below))


# ---- table ------------------------------------------------------------------------------------


def table(extraction: Extraction) -> RenderableType:
    """Return the record as a renderable for a terminal of 60 columns or more."""
    attributed, own = lines(extraction)
    title, below = _about(extraction)
    head = Text(title, style="bold")
    if below:
        head.append(f"\n{below}", style="dim")
    parts: list[RenderableType] = [Panel(head, box=box.ROUNDED, border_style="dim")]
    if attributed:
        parts += [Text(), _attributed_table(attributed)]
    if own:
        parts += [Text(), _own_table(own)]
    if not attributed and not own:
        parts += [Text(), Text(NOTHING)]
    parts += [Text(), *(Text(line, style="dim") for line in summary(extraction))]
    return Group(*parts)


def _attributed_table(rows: Sequence[Line]) -> Table:
    shown = _table("Attributed: who says what")
    shown.add_column("", style="dim", no_wrap=True)
    shown.add_column("Who says it", ratio=20)
    shown.add_column("What is claimed", ratio=34)
    shown.add_column("How, and how sure", ratio=25)
    for row in rows:
        who = Text(row.sources, style="bold")
        if row.basis:
            who.append(f"\n({row.basis})", style="not bold dim")
        shown.add_row(Text(row.id), who, Text(row.content), _manner(row))
    if any("←" in row.sources for row in rows):
        shown.caption = Text("A ← B: A passes on what B says", style="dim")
        shown.caption_justify = "left"
    return shown


def _own_table(rows: Sequence[Line]) -> Table:
    shown = _table(f"{OWN}: no source is named")
    shown.show_lines = False
    shown.add_column("", style="dim", no_wrap=True)
    shown.add_column("What is claimed", ratio=54)
    shown.add_column("How sure it sounds", ratio=25)
    for row in rows:
        shown.add_row(Text(row.id), Text(row.content), _manner(row))
    return shown


def _table(title: str) -> Table:
    return Table(
        title=Text(title, style="bold"),
        title_justify="left",
        box=box.ROUNDED,
        border_style="dim",
        header_style="bold",
        show_lines=True,
        expand=True,
    )


def _manner(row: Line) -> Text:
    """Return how a claim is put: the label of each line plain, what it rests on dim."""
    text = Text()
    review = f"reviewed: {row.review}" if row.review else ""
    for part, style in ((row.how, ""), (row.sure, ""), (row.notes, "dim"), (review, "")):
        if part:
            label, colon, words = part.partition(":")
            text.append("\n" if text else "").append(label, style=style)
            text.append(colon + words, style="dim")
    return text


# ---- Markdown ---------------------------------------------------------------------------------

_MARKUP = re.compile(r"([\\`*_{}\[\]<>|~$&])")


def markdown(extraction: Extraction) -> str:
    """Return the record as a page in Markdown (tables as GitHub has them).

    Verdicts have a column where there are some.
    """
    attributed, own = lines(extraction)
    title, below = _about(extraction)
    page = [f"# {_md(title)}", ""] + ([_md(below), ""] if below else [])
    reviewed = any(row.review for row in (*attributed, *own))
    if attributed:
        page += ["## Attributed: who says what", ""]
        page += _md_table(_ATTRIBUTED, map(_attributed_cells, attributed), reviewed=reviewed)
    if own:
        page += [f"## {OWN}", ""]
        page += _md_table(_OWN, map(_own_cells, own), reviewed=reviewed)
    if not attributed and not own:
        page += [NOTHING, ""]
    page += [f"- {_md(line)}" for line in summary(extraction)]
    return "\n".join(page) + "\n"


_ATTRIBUTED = (
    "",
    "Who says it",
    "What is claimed",
    "How it is put",
    "How sure it sounds",
    "Review",
)
_OWN = ("", "What is claimed", "How sure it sounds", "Review")


def _attributed_cells(row: Line) -> list[str]:
    who = f"{row.sources} ({row.basis})" if row.basis else row.sources
    sure = _joined(row.sure, row.notes, row.differs)
    return [row.id, who, row.content, row.how, sure, row.review]


def _own_cells(row: Line) -> list[str]:
    return [row.id, row.content, _joined(row.sure, row.notes, row.differs), row.review]


def _md_table(
    head: Sequence[str], rows: Iterable[Sequence[str]], *, reviewed: bool
) -> Iterator[str]:
    """Yield the lines of a table and an empty one. reviewed: the last column is shown."""
    width = len(head) if reviewed else len(head) - 1
    yield f"| {' | '.join(head[:width])} |".replace("|  |", "| |")
    yield "|" + "---|" * width
    for cells in rows:
        yield f"| {' | '.join(map(_md, cells[:width]))} |"
    yield ""


def _joined(*parts: str) -> str:
    return "; ".join(part for part in parts if part)


def _md(text: str) -> str:
    return _MARKUP.sub(r"\\\1", text)
