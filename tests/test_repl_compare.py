"""The same claims in two articles (agent/repl/compare.py)."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from agent.extract import Resources
from agent.repl.compare import compare
from agent.repl.compared import comparison
from agent.repl.namesakes import is_same
from agent.schema import Entity, EntityType, Extraction
from readings import by_tree

BEFORE = (
    "Port chief Ada Holm said the quay may open in 14 weeks. “The cranes are old,” Holm said. "
    "According to dock workers quoted by the Bay Herald, two cranes could fall. "
    "The union denied that its members had stopped work."
)


def changes(resources: Resources, before: str, after: str) -> list[tuple[str, ...]]:
    """Return what changed in each pair of claims."""
    found = compare(by_tree(resources, before), by_tree(resources, after))
    return [tuple(map(str, pair.changes)) for pair in found.pairs]


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
            "passed on otherwise: without Bay Herald",
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
            "other numbers: eleven thousand → 14,000",
            "Ada Holm said eleven thousand cranes at the quay failed.",
            "Ada Holm said 14,000 cranes at the quay failed.",
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


@pytest.mark.parametrize(
    ("expected", "one", "other"),
    [
        (True, ("Ada Holm", "person"), ("Holm", "person")),
        (False, ("Ada Holm", "person"), ("Ben Holm", "person")),
        (True, ("Elena Marsh", "person", "President Elena Marsh"), ("president", "anonymous")),
        (False, ("Elena Marsh", "person", "the mayor"), ("president", "anonymous")),
        (False, ("Elena Marsh", "person", "the mayor"), ("Jon Vik", "person", "the mayor")),
        (False, ("Max Orr", "person", "dock union leader Max Orr"), ("union", "organization")),
        (True, ("World Dam Council", "organization"), ("WDC", "organization")),
        (True, ("two engineers", "anonymous"), ("engineers", "anonymous")),
        (False, ("police", "organization"), ("police union", "organization")),
    ],
)
def test_source_of_two_articles_is_the_same_or_not(
    expected: bool, one: tuple[str, EntityType, str], other: tuple[str, EntityType, str]
) -> None:
    """A name in short, an office that one article gives a name, and no more than that."""
    a, b = (
        Entity(id="x", name=name, type=type_, aliases=list(aliases))
        for name, type_, *aliases in (one, other)
    )
    assert [expected, expected] == [is_same(a, b), is_same(b, a)]


MARSH = (
    "President Elena Marsh said on Monday that the dam may be drained before the summer. "
    "According to engineers quoted by the Corvale Gazette, the north wall has moved by 14 "
    "centimetres. The water authority denied that the turbines had been stopped. "
    "Villagers fear that Marsh will forget them."
)
OFFICE = (
    "The dam will be drained before the summer, the president said. The north wall has moved by "
    "41 centimetres. The water authority said the turbines had been stopped. The dam was built "
    "in 1962. Villagers fear that the president will forget them."
)


def test_two_articles_are_compared_as_a_whole(resources: Resources) -> None:
    """What lost its source, grew firmer or was turned round is paired, under another name too."""
    first, second = by_tree(resources, MARSH), by_tree(resources, OFFICE)
    found = compare(first, second)
    assert [
        ("firmer: raised as possible → stated as fact (“may” → “will”)",),
        (
            "source lost: was Corvale Gazette ← engineers, is the article's own words",
            "other numbers: 14 → 41",
        ),
        (
            "turned round: it is not so → it is so",
            "another act of speech: deny → assert",
        ),
        (),
    ] == [tuple(map(str, pair.changes)) for pair in found.pairs]
    assert ([], ["The dam was built in 1962"]) == (
        words(found.only_first, first),
        words(found.only_second, second),
    )


def test_comparison_is_told_by_its_weightiest_change(resources: Resources) -> None:
    """Each pair stands once, under what matters most, with both sides and their sources."""
    first, second = by_tree(resources, MARSH), by_tree(resources, OFFICE)
    file = io.StringIO()
    console = Console(file=file, width=100, markup=False, highlight=False)
    console.print(comparison(first, second, compare(first, second)))
    told = [line.rstrip() for line in file.getvalue().splitlines()]
    headings = [line for line in told if line and not line.startswith(" ") and line[-1] == ")"]
    assert ["Turned round (1)", "Source lost (1)", "Firmer (1)", "Only there (1)"] == [
        line for line in headings if line[0].isupper()
    ]
    assert "1 = 1  here   Elena Marsh: the dam may be drained before the summer" in told
    assert "       there  president (unnamed): The dam will be drained before the summer" in told
    assert "       →      raised as possible → stated as fact (“may” → “will”)" in told
    assert "3 claims changed, 1 told alike, 0 only here, 1 only there" == told[-1]


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


def test_number_in_words_is_that_in_figures(resources: Resources) -> None:
    """Nothing changed where one article writes the number out, nor for "one of" many."""
    first = by_tree(resources, "Ada Holm said eleven thousand of the cranes failed on one quay.")
    second = by_tree(resources, "Ada Holm said 11,000 of the cranes failed on one quay.")
    assert [()] == [pair.changes for pair in compare(first, second).pairs]
