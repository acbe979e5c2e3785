"""The same claims in two articles (agent/repl/compare.py)."""

from __future__ import annotations

import pytest

from agent.extract import Resources
from agent.repl.compare import compare
from agent.schema import Extraction
from readings import by_tree

BEFORE = (
    "Port chief Ada Holm said the quay may open in 14 weeks. “The cranes are old,” Holm said. "
    "According to dock workers quoted by the Bay Herald, two cranes could fall. "
    "The union denied that its members had stopped work."
)


def changes(resources: Resources, before: str, after: str) -> list[tuple[str, ...]]:
    """Return what changed in each pair of claims."""
    found = compare(by_tree(resources, before), by_tree(resources, after))
    return [pair.changes for pair in found.pairs]


def test_article_compared_with_itself_is_told_alike(resources: Resources) -> None:
    """Every claim has its like, and nothing changed."""
    record = by_tree(resources, BEFORE)
    found = compare(record, record)
    assert [(claim.id, claim.id, ()) for claim in record.claims] == [
        (pair.first.id, pair.second.id, pair.changes) for pair in found.pairs
    ]
    assert ((), ()) == (found.only_first, found.only_second)


@pytest.mark.parametrize(
    ("change", "before", "after"),
    [
        (
            "source lost: was Ada Holm, is the article's own words",
            "Ada Holm said the quay is cracked.",
            "The quay is cracked.",
        ),
        (
            "source added: was the article's own words, is Ada Holm",
            "The quay is cracked.",
            "Ada Holm said the quay is cracked.",
        ),
        (
            "another source: Ada Holm → Per Lund",
            "Ada Holm said the quay is cracked.",
            "Per Lund said the quay is cracked.",
        ),
        (
            "passed on without Bay Herald",
            "The quay is cracked, according to divers quoted by the Bay Herald.",
            "The quay is cracked, according to divers.",
        ),
        (
            "firmer: raised as possible → stated as fact (“may” → “will”)",
            "Ada Holm said the quay may open on Monday.",
            "Ada Holm said the quay will open on Monday.",
        ),
        (
            "weaker: stated as fact → raised as possible (no hedge → “might”)",
            "Ada Holm said the quay opened on Monday.",
            "Ada Holm said the quay might open on Monday.",
        ),
        (
            "other numbers: 14 → 41",
            "Ada Holm said 14 cranes at the quay failed.",
            "Ada Holm said 41 cranes at the quay failed.",
        ),
        (
            "no longer a quotation",
            "“The cranes at the quay are old,” Ada Holm said.",
            "Ada Holm said the cranes at the quay are old.",
        ),
    ],
)
def test_change_between_articles_is_told(
    resources: Resources, change: str, before: str, after: str
) -> None:
    """Who says it, how surely, in whose words, and which numbers."""
    assert [(change,)] == changes(resources, before, after)


def test_source_named_in_short_is_the_same(resources: Resources) -> None:
    """A name that holds the other's words stands for the same source."""
    before = "Port chief Ada Holm said the quay is cracked."
    assert [()] == changes(resources, before, "Holm said the quay is cracked.")


def test_claims_of_one_article_only_are_listed(resources: Resources) -> None:
    """What has no like is told apart, for each article."""
    first = by_tree(resources, "Ada Holm said the quay is cracked. The ferry sank.")
    second = by_tree(resources, "Ada Holm said the quay is cracked. Bread costs more in winter.")
    found = compare(first, second)
    assert (["The ferry sank"], ["Bread costs more in winter"]) == (
        words(found.only_first, first),
        words(found.only_second, second),
    )


def words(claims: tuple[object, ...], record: Extraction) -> list[str]:
    """Return the contents of some of a record's claims."""
    return [claim.content[0].text for claim in record.claims if claim in claims]
