"""Predicted sources matched to gold entities: by place, then by name, then by likeness.

Source: docs/metrics.md 2.2, entity resolution.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable

from rapidfuzz import fuzz

from agent.schema import Span
from evals.gold import Case
from evals.gold_form import GoldFile

Resolve = Callable[[Span | None, str], str]
LIKENESS = 90  # rapidfuzz token_set_ratio, 0 to 100

_PRONOUN = re.compile(
    r"i|me|my|mine|we|us|ours?|yours?|you|he|him|his|she|hers?|its?|they|them|theirs?"
    r"|who|whom|whose|this|that|these|those|one"
)
_DROP = re.compile(r"^(?:the|a|an|his|her|its|their|our|my|your)\s+")


def normalise_name(name: str) -> str:
    """Return a name without case, article, possessive and punctuation.

    >>> normalise_name("The U.N.’s")
    'un'
    """
    folded = unicodedata.normalize("NFKC", name).casefold().replace("’", "'").strip()
    folded = re.sub(r"'s\b|(?<=s)'(?=\s|$)", "", folded)
    folded = re.sub(r"[^\w\s]", "", folded.replace("-", " "))
    return _DROP.sub("", " ".join(folded.split()))


def make_resolver(case: Case) -> Resolve:
    """Return a function from a predicted mention and name to a gold entity's id.

    A source that isn't in the gold gets an id of its own, "?name", which equals no gold id.
    """
    places = _mentions(case.gold)
    table = _aliases(case.gold)
    likes = _fuzzy_names(case.gold)

    def resolve(mention: Span | None, name: str) -> str:
        if mention is not None:
            found = _by_place(mention, places)
            if found is not None:
                return found
        text = mention.text if mention is not None else ""
        strings = [normalise_name(part) for part in (text, name)]
        strings = [part for part in strings if part and not _PRONOUN.fullmatch(part)]
        for part in strings:
            if part in table:
                return table[part]
        for part in strings:
            alike = _by_likeness(part, likes)
            if alike is not None:
                return alike
        return "?" + (strings[0] if strings else "")

    return resolve


def _mentions(gold: GoldFile) -> list[tuple[int, int, str]]:
    """Return every place where gold names an entity, as (start, end, id)."""
    listed = [(m.start, m.end, entity.id) for entity in gold.entities for m in entity.mentions]
    linked = [
        (link.mention.start, link.mention.end, link.entity)
        for claim in gold.claims
        for link in claim.attribution.chain
        if link.mention is not None
    ]
    return sorted({*listed, *linked})


def _by_place(mention: Span, places: list[tuple[int, int, str]]) -> str | None:
    """Return the entity whose mention overlaps most: a long phrase may hold two names."""
    best: tuple[float, str] | None = None
    for start, end, name in places:
        shared = min(end, mention.end) - max(start, mention.start)
        if shared > 0:
            overlap = 2 * shared / (end - start + mention.end - mention.start)
            if best is None or overlap > best[0]:
                best = (overlap, name)
    return best[1] if best else None


def _aliases(gold: GoldFile) -> dict[str, str]:
    """Return normalised name -> id, without names that two entities share."""
    owners: dict[str, set[str]] = {}
    for entity in gold.entities:
        for name in (entity.name, *entity.aliases):
            owners.setdefault(normalise_name(name), set()).add(entity.id)
    return {name: ids.pop() for name, ids in owners.items() if len(ids) == 1}


def _fuzzy_names(gold: GoldFile) -> list[tuple[str, str]]:
    """Return (name, id) for names of two or more words and for surnames that one person has."""
    names = [
        (normalise_name(name), entity.id)
        for entity in gold.entities
        for name in (entity.name, *entity.aliases)
    ]
    surnames = {e.id: normalise_name(e.name).split() for e in gold.entities if e.type == "person"}
    count = Counter(words[-1] for words in surnames.values() if words)
    alone = [(words[-1], id_) for id_, words in surnames.items() if words and count[words[-1]] == 1]
    return [(name, id_) for name, id_ in names if " " in name] + alone


def _by_likeness(name: str, likes: list[tuple[str, str]]) -> str | None:
    """Return the one entity whose name is alike enough; two candidates are none.

    The likeness counts a subset as equal, so a lone word is compared with surnames only and a
    surname with the last word only: "Stanford" isn't "Stanford University".
    """
    found = {
        id_
        for other, id_ in likes
        if (name.rsplit(maxsplit=1)[-1] == other if " " not in other else " " in name)
        and fuzz.token_set_ratio(name, other) >= LIKENESS
    }
    return found.pop() if len(found) == 1 else None
