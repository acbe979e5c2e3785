"""Which sources of two articles are the same, whatever each article calls them."""

from __future__ import annotations

import re

from agent.names import TITLES, fold_name
from agent.schema import Entity, Extraction

NAMED = frozenset({"person", "organization", "place", "document"})
BODIES = frozenset({"organization", "place", "document"})


def shared_sources(first: Extraction, second: Extraction) -> dict[str, str]:
    """Return which source of the second record each source of the first one is, by their ids."""
    found: dict[str, str] = {}
    for exactly in (True, False):
        for a in first.entities:
            for b in second.entities:
                if a.id in found or b.id in found.values():
                    continue
                if is_same(a, b) and (not exactly or fold_name(a.name) == fold_name(b.name)):
                    found[a.id] = b.id
    return found


def is_same(a: Entity, b: Entity) -> bool:
    """Tell whether two articles mean the same source: by name, or by an office that one gives it.

    "Holm" is Ada Holm, and "the president" is who is called President Lind in the other article;
    two names that say otherwise are two, whatever office both have.
    """
    names = [_name(a), _name(b)]
    if all(names):
        parts = names[0] <= names[1] or names[1] <= names[0]
        return (parts and _last(a) == _last(b)) or _abbreviates(a, b) or _abbreviates(b, a)
    types = {a.type, b.type}
    if "person" in types and types & BODIES:
        return False
    called = [[fold_name(form).split() for form in (e.name, *e.aliases)] for e in (a, b)]
    if any(names):
        unnamed, named = called if names[1] else reversed(called)
        return any(x and set(x) <= set(y) for x in unnamed for y in named)
    return any(
        x and y and x[-1] == y[-1] and (set(x) <= set(y) or set(y) <= set(x))
        for x in called[0]
        for y in called[1]
    )


def _name(entity: Entity) -> frozenset[str]:
    """Return the words of a source's own name, titles aside; none where it's only described."""
    words = re.findall(r"\w[\w.’'-]*", entity.name)
    proper = any(word[0].isupper() for word in words)
    if entity.type not in NAMED or not proper:
        return frozenset()
    return frozenset(fold_name(entity.name).split()) - TITLES


def _last(entity: Entity) -> str:
    return fold_name(entity.name).split()[-1]


def _abbreviates(a: Entity, b: Entity) -> bool:
    """Tell whether a name is made of the other one's initials."""
    initials = "".join(word[0] for word in re.findall(r"\w+", b.name) if word[0].isupper())
    return len(initials) > 1 and initials.casefold() == fold_name(a.name).replace(".", "")
