"""Tests of the aligner: normalised spans, resolved sources, one assignment."""

from __future__ import annotations

from itertools import permutations
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.schema import Span
from evals.align import align, assign, weigh_located, weigh_span
from evals.entities import make_resolver, normalise_name
from evals.items import find_content, gold_items, predicted_items
from gold_samples import TEXT, claim, make_case, place, raw_gold, record


def span(words: str) -> Span:
    """Return the span of some words of the sample."""
    return Span(**place(words))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“Yes, he may.”", "Yeshemay"),
        ("that he may", "hemay"),
        ("To go", "go"),
        ("“whether it rains”", "itrains"),
        ("tomorrow", "tomorrow"),
        ("that", "that"),
    ],
)
def test_content_ignores_what_conventions_differ_in(text: str, expected: str) -> None:
    """Quotation marks, punctuation and a leading that, to or whether don't count."""
    whole = Span(start=0, end=len(text), text=text)
    assert expected == "".join(text[i] for i in sorted(find_content(text, [whole])))


@pytest.mark.parametrize(
    ("expected", "name"),
    [
        ("harbour post", "The Harbour Post’s"),
        ("officials", "the officials'"),
        ("un", "U.N."),
        ("ana ruiz", "  Ana  RUIZ, "),
        ("dolphins", "Dolphins"),
    ],
)
def test_normalise_name_drops_form(expected: str, name: str) -> None:
    """Case, articles, possessives and punctuation don't tell names apart."""
    assert expected == normalise_name(name)


@pytest.mark.parametrize(
    ("expected", "mention", "name"),
    [
        ("ruiz", "Ana Ruiz", "somebody"),
        ("ruiz", "She", "somebody"),
        ("post", "the Harbour Post", ""),
        ("ruiz", None, "the mayor"),
        ("ruiz", None, "Ruiz"),
        ("ruiz", None, "Mayor Ana Ruiz of Harbour"),
        ("post", None, "Harbour Post newspaper"),
        ("?post", None, "the Post"),
        ("?ana", None, "Ana"),
        ("?", None, "she"),
    ],
)
def test_resolver_goes_by_place_then_name_then_likeness(
    expected: str, mention: str | None, name: str
) -> None:
    """A source is resolved by its place, else its name; a pronoun only by its place."""
    resolve = make_resolver(make_case())
    assert expected == resolve(span(mention) if mention else None, name)


def test_resolver_prefers_the_mention_that_fits_best() -> None:
    """A phrase that holds two gold mentions is the one that it covers best."""
    resolve = make_resolver(make_case())
    assert resolve(span("according to engineers cited by the Harbour Post"), "") == "post"
    assert resolve(span("to engineers"), "") == "engineers"


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 4), st.integers(1, 4), st.randoms(use_true_random=False))
def test_assign_finds_the_greatest_total(rows: int, columns: int, random: Random) -> None:
    """The assignment weighs as much as the best of all one-to-one assignments."""
    values = [[float(random.randint(0, 9)) for _ in range(columns)] for _ in range(rows)]
    weights = np.array(values)
    wide = weights if rows <= columns else weights.T
    best = max(
        sum(wide[i, j] for i, j in enumerate(order))
        for order in permutations(range(wide.shape[1]), wide.shape[0])
    )
    assert best == pytest.approx(sum(weights[i, j] for i, j in assign(weights)))


def test_assign_drops_pairs_that_are_not_allowed() -> None:
    """A pair of weight 0 is no pair, even where nothing else is left."""
    assert assign(np.array([[0.9, 0.0], [0.5, 0.0]])) == [(0, 0)]
    assert assign(np.zeros((0, 2))) == []


WHOLE = "The bridge may close again in winter, according to engineers cited by the Harbour Post"


def test_located_tier_takes_a_whole_sentence_and_the_span_tier_does_not() -> None:
    """A prediction of the whole sentence is located, but its span is not right."""
    raw = raw_gold()
    raw["claims"][2]["content"] = [place("close again in winter")]
    case = make_case(raw)
    predicted = predicted_items(case, record(claim("p", WHOLE)))
    assert [g.id for _, g in align(predicted, gold_items(case), weigh_located).pairs] == ["c2"]
    assert align(predicted, gold_items(case), weigh_span).pairs == []


def test_located_tier_refuses_other_words_for_the_same_place() -> None:
    """A claim text that says something else isn't located by its place alone."""
    case = make_case()
    p = claim("p", "The repair cost 4 million euros").model_copy(update={"text": "Fish swim."})
    assert align(predicted_items(case, record(p)), gold_items(case), weigh_located).pairs == []


def test_located_tier_refuses_a_prediction_that_leaves_the_sentence() -> None:
    """A prediction over two sentences is located in neither."""
    case = make_case()
    words = TEXT[TEXT.index("The repair") : TEXT.index(" for it")]
    predicted = predicted_items(case, record(claim("p", words)))
    assert align(predicted, gold_items(case), weigh_located).pairs == []


def test_align_ignores_a_prediction_on_optional_gold() -> None:
    """The headline, optional in gold, is neither right nor wrong."""
    case = make_case()
    found = align(
        predicted_items(case, record(claim("p", "Bridge to reopen Monday"))),
        gold_items(case),
        weigh_located,
    )
    assert ([], ["p"], []) == (found.pairs, [p.id for p in found.ignored], found.spurious)


def test_align_tells_two_claims_on_one_span_apart_by_source() -> None:
    """Of two gold claims on the same words each gets the prediction with its source."""
    raw = raw_gold()
    words = "The repair cost 4 million euros"
    other = {**raw["claims"][3], "id": "c5", "attribution": raw["claims"][1]["attribution"]}
    raw["claims"].append(other)
    case = make_case(raw)
    predicted = predicted_items(
        case, record(claim("a", words, [("ruiz", "Mayor Ana Ruiz")]), claim("b", words))
    )
    pairs = align(predicted, gold_items(case), weigh_located).pairs
    assert {("a", "c5"), ("b", "c3")} == {(p.id, g.id) for p, g in pairs}
