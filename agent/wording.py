"""A claim in words for a person: its labels, its sources, what it rests on; every text as one line.

Words of an article, a model or a server may hold escape sequences, markup or formulas. All of
them pass through `plain` (and a form's own quoting) before they're shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.difference import in_words
from agent.quotation import closed
from agent.schema import Act, Claim, Confidence, Extraction, Kind, Sourcing, Span

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
        yield f"score {claim.score:.0%}"


def _review(claim: Claim) -> str:
    if claim.review is None:
        return ""
    note = plain(claim.review.note)
    return f"{claim.review.status}: {note}" if note else claim.review.status


def counted(number: int, noun: str) -> str:
    """Return a number with its noun.

    >>> counted(1, "claim"), counted(1200, "claim")
    ('1 claim', '1,200 claims')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
