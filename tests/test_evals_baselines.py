"""Tests of the readings that need no model."""

from __future__ import annotations

import pytest

from agent.document import Article, read_document
from evals.baselines import BASELINES
from evals.score import score_document
from evals.slices import Slice, slice_scores
from gold_samples import TEXT, make_case


def read(name: str) -> list[tuple[str, list[str]]]:
    """Return content and sources of a baseline's claims on the sample."""
    case = make_case()
    record = BASELINES[name](case, read_document(Article(case.text, case.id)))
    return [
        (c.content[0].text, [x.mention.text for x in c.attribution.chain if x.mention])
        for c in record.claims
    ]


def test_empty_baseline_says_nothing() -> None:
    """The empty baseline has no claim."""
    assert [] == read("empty")


def test_headline_baseline_says_the_headline() -> None:
    """The headline is the only claim, in the article's own voice."""
    assert [(TEXT.splitlines()[0], [])] == read("headline")


def test_sentence_baseline_says_each_sentence_without_a_source() -> None:
    """Each sentence of the body is a claim, none with a source."""
    found = read("sentences")
    assert "The repair cost 4 million euros." in [words for words, _ in found]
    assert [] == [source for _, chain in found for source in chain]


def test_quotation_baseline_takes_the_nearest_name() -> None:
    """A quotation is given to whoever is named nearest in its paragraph."""
    text = "Council meets\n\nThe mayor left. “It is safe,” said Ana Ruiz, and Tom Bell nodded.\n"
    record = BASELINES["quotations"](make_case(), read_document(Article(text)))
    found = [(c.content[0].text, c.attribution.chain[0].mention) for c in record.claims]
    assert [("It is safe,", "Ana Ruiz")] == [(w, m.text) for w, m in found if m]


@pytest.mark.parametrize("name", sorted(BASELINES))
def test_baseline_spans_stand_in_the_text(name: str) -> None:
    """No baseline makes up words: all its claims are grounded."""
    case = make_case()
    record = BASELINES[name](case, read_document(Article(case.text, case.id)))
    assert score_document(case, record).rates["grounded"].value in (1.0, None)


def test_slices_add_up_to_the_whole() -> None:
    """The slices of a facet together hold every core claim and every counted prediction."""
    case = make_case()
    score = score_document(
        case, BASELINES["sentences"](case, read_document(Article(case.text, case.id)))
    )
    found = slice_scores([(case, score)])
    counts = score.counts["claim"]
    for facet in {facet for facet, _ in found}:
        total = sum((part for (name, _), part in found.items() if name == facet), Slice())
        assert (counts.tp + counts.fn, counts.tp + counts.fp) == (
            total.recall.den,
            total.precision.den,
        )
