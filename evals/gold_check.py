"""What is wrong in a gold file against its text.

evals/gold/README.md, rules 4 to 7, say what holds between fields.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from evals.gold_form import GoldClaim, GoldFile, GoldSpan


def find_problems(gold: GoldFile, text: str) -> Iterator[str]:
    """Yield what is wrong in a gold file against its text, each line with the claim's id."""
    yield from _find_bad_ids(gold)
    for name, span in _spans(gold):
        if not span.start < span.end <= len(text):
            yield f"{name}: offsets {span.start}..{span.end} don't fit a text of {len(text)}"
        elif text[span.start : span.end] != span.text:
            yield (
                f"{name}: the text at {span.start}..{span.end} is "
                f"{text[span.start : span.end]!r:.80}, not {span.text!r:.80}"
            )
    for claim in gold.claims:
        yield from _find_bad_content(claim)


def _find_bad_ids(gold: GoldFile) -> Iterator[str]:
    """Yield double ids and references that lead nowhere."""
    entities = [entity.id for entity in gold.entities]
    claims = [claim.id for claim in gold.claims]
    for kind, ids in (("entity", entities), ("claim", claims)):
        for double in sorted({name for name in ids if ids.count(name) > 1}):
            yield f"{kind} {double}: this id is used more than once"
    for entity in gold.entities:
        if entity.speaks_for is not None and entity.speaks_for not in entities:
            yield f"entity {entity.id}: speaks_for {entity.speaks_for!r} isn't an entity"
    for claim in gold.claims:
        chains = [[link.entity for link in claim.attribution.chain], *claim.accept.chain]
        for name in sorted({name for chain in chains for name in chain} - set(entities)):
            yield f"claim {claim.id}: chain names {name!r}, which isn't an entity"
        for other in [claim.duplicate_of, *claim.accept.duplicate_of]:
            if other is not None and (other not in claims or other == claim.id):
                yield f"claim {claim.id}: duplicate_of {other!r} isn't another claim"
    for check in gold.critical:
        if check.claim not in claims:
            yield f"critical: {check.claim!r} isn't a claim"
        for name in sorted(set(check.chain or []) - set(entities)):
            yield f"critical {check.claim}: chain names {name!r}, which isn't an entity"


def _find_bad_content(claim: GoldClaim) -> Iterator[str]:
    """Yield content that is out of order, overlapping, outside its sentence, or without a word."""
    for content in (claim.content, *claim.accept.content):
        if any(a.end > b.start for a, b in pairwise(content)):
            yield f"claim {claim.id}: content spans overlap or aren't in text order"
        if not any(char.isalnum() for span in content for char in span.text):
            yield f"claim {claim.id}: content has no letter or digit"
    for span in claim.content:
        if not claim.sentence.start <= span.start <= span.end <= claim.sentence.end:
            yield f"claim {claim.id}: content {span.start}..{span.end} is outside its sentence"
    if (claim.attribution.kind == "none") != (not claim.attribution.chain):
        yield f"claim {claim.id}: kind 'none' goes with an empty chain and only with it"


def _spans(gold: GoldFile) -> Iterator[tuple[str, GoldSpan]]:
    """Yield every span of the file with the name of its place."""
    for entity in gold.entities:
        yield from ((f"entity {entity.id} / mention", span) for span in entity.mentions)
    for claim in gold.claims:
        here = f"claim {claim.id}"
        yield f"{here} / sentence", claim.sentence
        yield from ((f"{here} / content", span) for span in claim.content)
        yield from ((f"{here} / confidence_cues", span) for span in claim.confidence_cues)
        for link in claim.attribution.chain:
            yield from ((f"{here} / mention", span) for span in [link.mention] if span)
            yield from ((f"{here} / cue", span) for span in [link.cue] if span)
        yield from ((f"{here} / topic", span) for span in [claim.topic] if span)
        for content in claim.accept.content:
            yield from ((f"{here} / accept / content", span) for span in content)
    yield from ((f"zone {zone.type}", zone.span) for zone in gold.zones or [])
    yield from (("non_claims", item.span) for item in gold.non_claims or [])
