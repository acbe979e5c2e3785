"""The same claims in two articles: which stand in both, and what became of source and certainty.

Two claims are taken for the same by their words, rarer words counting more; nothing is asked of a
model, so what is told in quite other words isn't found.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from agent.report import DENIED, SURE
from agent.schema import Claim, Entity, Extraction

ALIKE = 0.4  # of the weight of the words of both; the lowest at which pairs read as the same claim
LEVELS = ("uncommitted", "possible", "probable", "certain")
_WORD = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+")
_ENDINGS = re.compile(r"(?:ing|ed|es|s|ly)\Z")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_EMPTY = frozenset(
    """a an the and or but of to in on at by for from with as that this these those it its he she
    they his her their is are was were be been being has have had do does did will would may might
    could can shall should not no said says told according who whom which what there""".split()
)


@dataclass(frozen=True, slots=True)
class Pair:
    """A claim of the first article and its like in the second. changes: in words, maybe none."""

    first: Claim
    second: Claim
    likeness: float
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Pairs in the order of the first article, and what stands in one article only."""

    pairs: tuple[Pair, ...]
    only_first: tuple[Claim, ...]
    only_second: tuple[Claim, ...]


def compare(first: Extraction, second: Extraction) -> Comparison:
    """Return which claims stand in both records, each at most once, the likest first."""
    bags = [{c.id: words_of(c, record) for c in _distinct(record)} for record in (first, second)]
    rarity = _rarity([bag for one in bags for bag in one.values()])
    ranked = sorted(
        (
            (likeness(a, b, rarity), -i, -j, id_a, id_b)
            for i, (id_a, a) in enumerate(bags[0].items())
            for j, (id_b, b) in enumerate(bags[1].items())
        ),
        reverse=True,
    )
    partner: dict[str, tuple[str, float]] = {}
    taken: set[str] = set()
    for value, _, _, id_a, id_b in ranked:
        if value >= ALIKE and id_a not in partner and id_b not in taken:
            partner[id_a] = (id_b, value)
            taken.add(id_b)
    theirs = {claim.id: claim for claim in second.claims}
    pairs = [
        Pair(claim, theirs[id_], value, tuple(changes(claim, theirs[id_], first, second)))
        for claim in first.claims
        if claim.id in partner
        for id_, value in [partner[claim.id]]
    ]
    return Comparison(
        tuple(pairs),
        tuple(c for c in _distinct(first) if c.id not in partner),
        tuple(c for c in _distinct(second) if c.id not in taken),
    )


def _distinct(record: Extraction) -> list[Claim]:
    """Return the claims but for headings and pull quotes that repeat another one."""
    return [claim for claim in record.claims if claim.duplicate_of is None]


# ---- likeness ---------------------------------------------------------------------------------


def words_of(claim: Claim, record: Extraction) -> Counter[str]:
    """Return the words of a claim that tell it from others, without endings and its sources' names.

    The stand-alone text says what pronouns stand for; the source is compared apart.
    """
    names = {
        word
        for link in claim.attribution.chain
        for entity in record.entities
        if entity.id == link.entity
        for word in _stems(entity.name)
    }
    content = _stems(" ".join(span.text for span in claim.content))
    told = [word for word in _stems(claim.text) if word not in names]
    return Counter(dict.fromkeys([*content, *told], 1))


def _stems(text: str) -> list[str]:
    found = _WORD.findall(text.casefold().replace("’", "'"))
    return [_ENDINGS.sub("", word) if len(word) > 4 else word for word in found if _tells(word)]


def _tells(word: str) -> bool:
    return word not in _EMPTY and (len(word) > 1 or word.isdigit())


def _rarity(bags: Sequence[Mapping[str, int]]) -> dict[str, float]:
    """Return the weight of each word: the fewer claims hold it, the greater."""
    held = Counter(word for bag in bags for word in bag)
    return {word: math.log(1 + len(bags) / number) for word, number in held.items()}


def likeness(a: Mapping[str, int], b: Mapping[str, int], rarity: Mapping[str, float]) -> float:
    """Return the shared weight of two bags of words, by the mean of both: 0 to 1.

    >>> likeness({"dam": 1, "leak": 1}, {"dam": 1, "hold": 1}, {"dam": 2, "leak": 1, "hold": 1})
    0.6666666666666666
    """
    whole = sum(rarity[word] for word in a) + sum(rarity[word] for word in b)
    return 2 * sum(rarity[word] for word in a.keys() & b.keys()) / whole if whole else 0.0


# ---- what changed -----------------------------------------------------------------------------


def changes(a: Claim, b: Claim, first: Extraction, second: Extraction) -> Iterator[str]:
    """Yield in words what is otherwise in the second article."""
    yield from _source_changes(_chain(a, first), _chain(b, second))
    if a.confidence != b.confidence:
        step = LEVELS.index(b.confidence) - LEVELS.index(a.confidence)
        how = "firmer" if step > 0 else "weaker"
        yield f"{how}: {_sure(a)} → {_sure(b)}{_because(a, b)}"
    if a.polarity != b.polarity and "unknown" not in (a.polarity, b.polarity):
        yield f"turned round: {a.polarity} → {b.polarity}"
    if a.act != b.act:
        yield f"another act of speech: {a.act} → {b.act}"
    kinds = [a.attribution.kind, b.attribution.kind]
    if kinds[0] != kinds[1] and "direct" in kinds:
        yield "no longer a quotation" if kinds[0] == "direct" else "now a quotation"
    numbers = [_numbers(claim) for claim in (a, b)]
    if all(numbers) and numbers[0] != numbers[1]:
        told = [", ".join(sorted(found)) for found in numbers]
        yield f"other numbers: {told[0]} → {told[1]}"


def _numbers(claim: Claim) -> set[str]:
    return set(_NUMBER.findall(" ".join(span.text for span in claim.content)))


def _chain(claim: Claim, record: Extraction) -> list[Entity]:
    by_id = {entity.id: entity for entity in record.entities}
    return [by_id[link.entity] for link in claim.attribution.chain if link.entity in by_id]


def _source_changes(a: Sequence[Entity], b: Sequence[Entity]) -> Iterator[str]:
    told = [" ← ".join(entity.name for entity in chain) for chain in (a, b)]
    if a and not b:
        yield f"source lost: was {told[0]}, is the article's own words"
    elif b and not a:
        yield f"source added: was the article's own words, is {told[1]}"
    elif a and b and not _same(a[-1], b[-1]):
        yield f"another source: {told[0]} → {told[1]}"
    elif len(a) > len(b):
        lost = [e.name for e in a[:-1] if not any(_same(e, other) for other in b)]
        yield f"passed on without {', '.join(lost) or 'its go-between'}"
    elif len(b) > len(a):
        new = [e.name for e in b[:-1] if not any(_same(e, other) for other in a)]
        yield f"passed on by {', '.join(new) or 'a go-between'} as well"


def _same(a: Entity, b: Entity) -> bool:
    """Tell whether two articles name the same source: the words of one name stand in the other."""
    names = [[set(_stems(n)) for n in (e.name, *e.aliases)] for e in (a, b)]
    return any(x and y and (x <= y or y <= x) for x in names[0] for y in names[1])


def _sure(claim: Claim) -> str:
    return (DENIED if claim.act == "deny" else SURE)[claim.confidence]


def _because(a: Claim, b: Claim) -> str:
    """Return the words on which two levels rest, where there are any."""
    told = [", ".join(f"“{span.text}”" for span in claim.confidence_cues) for claim in (a, b)]
    return f" ({told[0] or 'no hedge'} → {told[1] or 'no hedge'})" if any(told) else ""
