"""The same claims in two articles: which stand in both, and what became of source and certainty.

Two claims are taken for the same by their words, rarer words counting more; a source of both
articles counts as one word, whatever it's called. Nothing is asked of a model, so what is told in
quite other words isn't found.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from agent.repl.namesakes import is_same, shared_sources
from agent.repl.numerals import NUMBER, number_value
from agent.schema import Claim, Entity, Extraction, Polarity
from agent.wording import DENIED, SURE, sources_of

ALIKE = 0.4  # of the weight of the words of both; the lowest at which pairs read as the same claim
SAME_SOURCE = 0.1  # of likeness: what the same source counts where several claims are alike
LEVELS = ("uncommitted", "possible", "probable", "certain")
KINDS = (  # of changes, the weightiest first
    "turned round",
    "source lost",
    "another source",
    "source added",
    "firmer",
    "weaker",
    "passed on otherwise",
    "another act of speech",
    "other numbers",
    "no longer a quotation",
    "now a quotation",
)
SO: dict[Polarity, str] = {"positive": "it is so", "negative": "it is not so", "unknown": "open"}
_WORD = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+")
_ENDINGS = re.compile(r"(?:ing|ed|es|s|ly)\Z")
_Forms = list[tuple[re.Pattern[str], str]]
_EMPTY = frozenset(
    """a an the and or but of to in on at by for from with as that this these those it its he she
    they his her their is are was were be been being has have had do does did will would may might
    could can shall should not no said says told according who whom which what there""".split()
)


@dataclass(frozen=True, slots=True)
class Change:
    """What is otherwise in the second article: one of KINDS, and in words from what to what."""

    kind: str
    told: str = ""

    def __str__(self) -> str:
        return f"{self.kind}: {self.told}" if self.told else self.kind


@dataclass(frozen=True, slots=True)
class Pair:
    """A claim of the first article and its like in the second. changes: the weightiest first."""

    first: Claim
    second: Claim
    likeness: float
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Pairs in the order of the first article, and what stands in one article only."""

    pairs: tuple[Pair, ...]
    only_first: tuple[Claim, ...]
    only_second: tuple[Claim, ...]


def compare(first: Extraction, second: Extraction) -> Comparison:
    """Return which claims stand in both records, each at most once, the likest first."""
    shared = shared_sources(first, second)
    names = [_forms(first, {a: a for a in shared}), _forms(second, {shared[a]: a for a in shared})]
    bags = [
        {claim.id: words_of(claim, record, forms) for claim in _distinct(record)}
        for record, forms in zip((first, second), names, strict=True)
    ]
    rarity = _rarity([bag for one in bags for bag in one.values()])
    partner: dict[str, tuple[str, float]] = {}
    taken: set[str] = set()
    for _, _, id_a, id_b, value in sorted(_likely(first, second, bags, rarity)):
        if id_a not in partner and id_b not in taken:
            partner[id_a] = (id_b, value)
            taken.add(id_b)
    theirs = {claim.id: claim for claim in second.claims}
    pairs = [
        Pair(claim, theirs[id_], value, changes(claim, theirs[id_], first, second))
        for claim in first.claims
        if claim.id in partner
        for id_, value in [partner[claim.id]]
    ]
    return Comparison(
        tuple(pairs),
        tuple(c for c in _distinct(first) if c.id not in partner),
        tuple(c for c in _distinct(second) if c.id not in taken),
    )


def _likely(
    first: Extraction,
    second: Extraction,
    bags: Sequence[Mapping[str, Counter[str]]],
    rarity: Mapping[str, float],
) -> Iterator[tuple[float, int, str, str, float]]:
    """Yield the pairs that are alike enough, with what they're taken by, and their likeness.

    Of pairs about as alike, the one with the same source comes first.
    """
    chains = [{c.id: _chain(c, record)[-1:] for c in record.claims} for record in (first, second)]
    for i, (id_a, a) in enumerate(bags[0].items()):
        for j, (id_b, b) in enumerate(bags[1].items()):
            value = likeness(a, b, rarity)
            here, there = chains[0][id_a], chains[1][id_b]
            same = is_same(here[0], there[0]) if here and there else not (here or there)
            if value >= ALIKE:
                yield -value - SAME_SOURCE * same, i + j, id_a, id_b, value


def _distinct(record: Extraction) -> list[Claim]:
    """Return the claims but for headings and pull quotes that repeat another one."""
    return [claim for claim in record.claims if claim.duplicate_of is None]


# ---- likeness ---------------------------------------------------------------------------------


def _forms(record: Extraction, keys: Mapping[str, str]) -> _Forms:
    """Return what the sources are called that both articles have, with what stands for each."""
    found = {
        form: f"@{keys[entity.id]}"
        for entity in record.entities
        if entity.id in keys
        for form in (entity.name, *entity.aliases)
    }
    longest = sorted(found, key=lambda form: (-len(form), form))
    pattern = r"(?<!\w){}(?!\w)"
    return [
        (re.compile(pattern.format(re.escape(form)), re.IGNORECASE), found[form])
        for form in longest
    ]


def words_of(claim: Claim, record: Extraction, forms: _Forms) -> Counter[str]:
    """Return the words of a claim that tell it from others, without endings and its own source.

    The stand-alone text says what pronouns stand for; the source is compared apart. forms: of
    sources, whose names count as one word each.
    """
    content, named = _without(" ".join(span.text for span in claim.content), forms)
    text, also_named = _without(claim.text, forms)
    chain = {link.entity for link in claim.attribution.chain}
    sources = [entity for entity in record.entities if entity.id in chain]
    own = {word for e in sources for form in (e.name, *e.aliases) for word in _stems(form)}
    own |= {key for e in sources for pattern, key in forms if pattern.fullmatch(e.name)}
    told = [word for word in [*_stems(text), *also_named] if word not in own]
    return Counter(dict.fromkeys([*_stems(content), *named, *told], 1))


def _without(text: str, forms: _Forms) -> tuple[str, list[str]]:
    """Return a text without the names of sources, and what stands for those that were in it."""
    found = []
    for pattern, key in forms:
        text, number = pattern.subn(" ", text)
        found += [key] * bool(number)
    return text, found


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


def changes(a: Claim, b: Claim, first: Extraction, second: Extraction) -> tuple[Change, ...]:
    """Return what is otherwise in the second article, the weightiest first."""
    found = [*_source_changes(a, b, first, second), *_label_changes(a, b)]
    return tuple(sorted(found, key=lambda change: KINDS.index(change.kind)))


def _label_changes(a: Claim, b: Claim) -> Iterator[Change]:
    if a.confidence != b.confidence:
        step = LEVELS.index(b.confidence) - LEVELS.index(a.confidence)
        told = f"{_sure(a)} → {_sure(b)}{_because(a, b)}"
        yield Change("firmer" if step > 0 else "weaker", told)
    if {a.polarity, b.polarity} == {"positive", "negative"}:
        yield Change("turned round", f"{SO[a.polarity]} → {SO[b.polarity]}")
    if a.act != b.act:
        yield Change("another act of speech", f"{a.act} → {b.act}")
    kinds = [a.attribution.kind, b.attribution.kind]
    if kinds[0] != kinds[1] and "direct" in kinds:
        yield Change("no longer a quotation" if kinds[0] == "direct" else "now a quotation")
    numbers = [_numbers(claim) for claim in (a, b)]
    if all(numbers) and numbers[0].keys() != numbers[1].keys():
        here, there = (", ".join(sorted(found.values())) for found in numbers)
        yield Change("other numbers", f"{here} → {there}")


def _numbers(claim: Claim) -> dict[str, str]:
    """Return the numbers in a claim's words, by their value, as they stand there."""
    text = " ".join(span.text for span in claim.content)
    found = {number_value(match[0]): match[0] for match in NUMBER.finditer(text)}
    return {value: shown for value, shown in found.items() if shown.casefold() != "one"}


def _source_changes(a: Claim, b: Claim, first: Extraction, second: Extraction) -> Iterator[Change]:
    told = [sources_of(c, {e.id: e.name for e in r.entities}) for c, r in ((a, first), (b, second))]
    here, there = _chain(a, first), _chain(b, second)
    if here and not there:
        yield Change("source lost", f"was {told[0]}, is the article's own words")
    elif there and not here:
        yield Change("source added", f"was the article's own words, is {told[1]}")
    elif here and there and not is_same(here[-1], there[-1]):
        yield Change("another source", f"{told[0]} → {told[1]}")
    elif len(here) > len(there):
        lost = [e.name for e in here[:-1] if not any(is_same(e, other) for other in there)]
        yield Change("passed on otherwise", f"without {', '.join(lost) or 'its go-between'}")
    elif len(there) > len(here):
        new = [e.name for e in there[:-1] if not any(is_same(e, other) for other in here)]
        yield Change("passed on otherwise", f"by {', '.join(new) or 'a go-between'} as well")


def _chain(claim: Claim, record: Extraction) -> list[Entity]:
    by_id = {entity.id: entity for entity in record.entities}
    return [by_id[link.entity] for link in claim.attribution.chain if link.entity in by_id]


def _sure(claim: Claim) -> str:
    return (DENIED if claim.act == "deny" else SURE)[claim.confidence]


def _because(a: Claim, b: Claim) -> str:
    """Return the words on which two levels rest, where there are any."""
    told = [", ".join(f"“{span.text}”" for span in claim.confidence_cues) for claim in (a, b)]
    return f" ({told[0] or 'no hedge'} → {told[1] or 'no hedge'})" if any(told) else ""
