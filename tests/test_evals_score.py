"""Tests of scoring a document: a worked example by hand, and what any metric must hold to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score, f1_score

from agent.schema import Claim, Extraction, Span
from evals.baselines import read_all_certain, read_oracle
from evals.figures import average, macro_f1, pool
from evals.gold import Case, load_case, load_cases
from evals.labels import LABELS, LEVELS, count_pairs, kappa, mean_error
from evals.labels import macro_f1 as macro_over_labels
from evals.score import DocumentScore, score_document
from gold_samples import SENTENCES, TEXT, claim, make_case, place, raw_gold, record

GOLD = Path(__file__).parents[1] / "evals" / "gold"
REOPEN = "the bridge will reopen on Monday"
WINTER = "The bridge may close again in winter"
COST = "The repair cost 4 million euros"
PAY = "who would pay for it"


def worked_claims() -> list[Claim]:
    """Return a right claim, one without its outer source, a denial, and a double of the first."""
    return [
        claim("a", REOPEN, [("ruiz", "Mayor Ana Ruiz")]),
        claim("b", WINTER, [("engineers", "engineers")], confidence="possible"),
        claim("c", PAY, [("ruiz", "She")], act="deny", polarity="negative"),
        claim("d", REOPEN, [("ruiz", "Mayor Ana Ruiz")]),
    ]


def worked(*, lenient: bool = False) -> DocumentScore:
    """Return the score of the worked example: four claims and a rejected one, one gold missed."""
    return score_document(make_case(), record(*worked_claims(), rejected=1), lenient=lenient)


@pytest.mark.parametrize(
    ("expected", "name"),
    [
        ((3, 2, 1), "claim"),
        ((3, 2, 1), "span"),
        ((3, 2, 1), "attributed"),
        ((1, 4, 3), "tuple"),
        ((3, 1, 0), "relation"),
        ((3, 1, 0), "relation_full"),
        ((0, 4, 3), "relation_strict"),
    ],
)
def test_score_counts_the_worked_example(expected: tuple[int, int, int], name: str) -> None:
    """Right, spurious and missed are what a person counts by hand."""
    counts = worked().counts[name]
    assert expected == (counts.tp, counts.fp, counts.fn)


@pytest.mark.parametrize(
    ("expected", "name"),
    [
        (4 / 5, "grounded"),
        (4 / 5, "verbatim"),
        (1 / 5, "duplicate"),
        (6 / 9, "soft"),
        (6 / 9, "strict"),
        (1.0, "innermost"),
        (2 / 3, "chain_exact"),
        ((1 + 2 / 3 + 1) / 3, "chain"),
        (2 / 3, "chain_nested"),
        (1.0, "kind"),
        (2 / 3, "act"),
        (2 / 3, "confidence"),
        (2 / 4, "confidence_all"),
        (0.0, "cue_soft"),
        (1.0, "source_strict"),
        (3 / 3, "signed_mae"),
    ],
)
def test_score_gives_the_rates_of_the_worked_example(expected: float, name: str) -> None:
    """Rates are what a person computes by hand."""
    assert expected == pytest.approx(worked().rates[name].value)


def test_score_gives_precision_recall_and_f1() -> None:
    """P = 3/5, R = 3/4, F1 = 6/9."""
    counts = worked().counts["claim"]
    assert (3 / 5, 3 / 4, 6 / 9) == pytest.approx((counts.precision, counts.recall, counts.f1))


def test_lenient_score_takes_accepted_readings() -> None:
    """A chain that gold's accept list names makes a full tuple, in the lenient score only."""
    assert (1, 2) == (worked().counts["tuple"].tp, worked(lenient=True).counts["tuple"].tp)


def test_denied_non_answer_fails_its_check_though_the_claim_counts() -> None:
    """A refusal to answer turned into a denial is a critical error, whatever the averages say."""
    failed = [(c.name, c.claim) for c in worked().checks if c.passed is False]
    assert failed == [("non_answer_not_denied", "c4")]


# ---- what must hold for any record ------------------------------------------------------------


def figures(score: DocumentScore) -> dict[str, Any]:
    """Return all figures of a score in a form that compares."""
    return {
        "counts": score.counts,
        "rates": {name: (round(r.num, 9), r.den) for name, r in score.rates.items()},
        "confusion": {name: matrix.tolist() for name, matrix in score.confusion.items()},
        "events": score.events,
        "outcomes": sorted(score.outcomes),
    }


def varied_claims() -> list[Claim]:
    """Return claims with many ties: the same spans with other labels, sources and texts."""
    return [
        *worked_claims(),
        claim("e", REOPEN, [("ruiz", "Mayor Ana Ruiz")], confidence="probable", score=0.9),
        claim("f", REOPEN, [("ruiz", "Mayor Ana Ruiz")], confidence="possible", score=0.2),
        claim("g", COST, act="other", score=0.5),
        claim("h", COST, polarity="negative"),
        claim("i", "Bridge to reopen Monday"),
    ]


@settings(max_examples=40, deadline=None)
@given(st.permutations(varied_claims()))
def test_score_does_not_depend_on_the_order_of_claims(claims: list[Claim]) -> None:
    """Shuffled predictions give the same figures, ties included."""
    case = make_case()
    expected = figures(score_document(case, record(*varied_claims())))
    assert expected == figures(score_document(case, record(*claims)))


def test_gold_against_itself_is_perfect() -> None:
    """The oracle scores 1.0 in every count and rate, and no check fails."""
    case = make_case()
    score = score_document(case, read_oracle(case))
    assert {1.0} == {counts.f1 for counts in score.counts.values()}
    errors = {"duplicate": 0.0, "signed_mae": 0.0}
    assert {name: errors.get(name, 1.0) for name in score.rates} == {
        name: rate.value for name, rate in score.rates.items()
    }
    assert [] == [check for check in score.checks if check.passed is False]


@pytest.mark.parametrize("case", load_cases([GOLD]), ids=lambda case: case.id)
def test_committed_gold_against_itself_is_perfect(case: Case) -> None:
    """No article of ours holds a claim that the metrics couldn't count as right."""
    score = score_document(case, read_oracle(case))
    assert 1.0 == score.counts["tuple"].f1
    assert {1.0, None} >= {counts.f1 for counts in score.counts.values()}  # None: no relation
    assert {1.0} == {score.rates[name].value for name in ("innermost", "chain", "act", "kind")}
    assert [] == [check for check in score.checks if check.passed is False]


def test_doubling_every_claim_halves_precision() -> None:
    """Doubles are spurious: P .5 and F1 2/3, and the duplicate rate says why."""
    case = make_case()
    gold = read_oracle(case)
    core = [c for c in gold.claims if c.id != "c0"]
    twice = [*core, *(c.model_copy(update={"id": c.id + "x"}) for c in core)]
    score = score_document(case, gold.model_copy(update={"claims": twice}))
    counts = score.counts["claim"]
    assert (0.5, 2 / 3, 0.5) == (counts.precision, counts.f1, score.rates["duplicate"].value)


def test_all_certain_keeps_the_claims_and_loses_kappa() -> None:
    """A reading that calls all certain has every claim right and a kappa of zero."""
    case = make_case()
    score = score_document(case, read_all_certain(case))
    assert (1.0, 0.0) == (score.counts["claim"].f1, kappa(score.confusion["confidence"]))


# ---- edge cases -------------------------------------------------------------------------------


def test_no_prediction_has_no_precision_and_no_recall() -> None:
    """An empty record: precision undefined, recall and F1 zero."""
    counts = score_document(make_case(), record()).counts["claim"]
    assert (None, 0.0, 0.0) == (counts.precision, counts.recall, counts.f1)


def test_no_usable_reply_counts_as_empty_and_as_an_error() -> None:
    """A failed document is scored as empty and counted, never dropped."""
    score = score_document(make_case(), None)
    assert ((0, 0, 4), 1) == (
        (score.counts["claim"].tp, score.counts["claim"].fp, score.counts["claim"].fn),
        score.events["errors"],
    )


def test_nothing_to_find_and_nothing_found_is_one_in_macro_only() -> None:
    """A document without gold and prediction adds nothing to micro and 1.0 to macro."""
    raw = raw_gold()
    raw["claims"] = []
    empty = score_document(make_case(raw), record())
    assert (None, 1.0) == (empty.counts["claim"].f1, macro_f1([empty], "claim"))
    assert pool([empty, worked()]).counts["claim"] == worked().counts["claim"]


def test_words_that_are_not_in_the_text_are_never_right() -> None:
    """A claim whose span says other words than the text is spurious and fails its check."""
    right = claim("a", COST)
    wrong = right.model_copy(update={"content": [Span(**{**place(COST), "text": "x" * len(COST)})]})
    score = score_document(make_case(), record(wrong))
    assert (0, 1) == (score.counts["claim"].tp, score.counts["claim"].fp)
    assert ["quotes_verbatim"] == [c.name for c in score.checks if c.passed is False]


def test_source_outside_the_text_fails_its_check() -> None:
    """A source span past the end of the text is a critical error, and doesn't stop the scoring."""
    right = claim("a", REOPEN, [("ruiz", "Mayor Ana Ruiz")])
    raw = right.model_dump()
    raw["attribution"]["chain"][0]["mention"] = {"start": 9000, "end": 9008, "text": "Somebody"}
    score = score_document(make_case(), record(Claim.model_validate(raw)))
    assert ["sources_in_text"] == [c.name for c in score.checks if c.passed is False]


def test_claim_from_boilerplate_fails_its_check() -> None:
    """Share buttons hold no claim: one from there is spurious and critical."""
    score = score_document(make_case(), record(claim("a", "Share this page")))
    assert (1, ["nothing_from_boilerplate"]) == (
        score.counts["claim"].fp,
        [c.name for c in score.checks if c.passed is False],
    )


def test_boilerplate_check_is_not_available_without_zones() -> None:
    """Gold without zones can't judge boilerplate: n/a, not passed."""
    raw = raw_gold()
    del raw["zones"]
    checks = score_document(make_case(raw), record()).checks
    assert [None] == [c.passed for c in checks if c.name == "nothing_from_boilerplate"]


@pytest.mark.parametrize(
    ("expected", "rule"),
    [
        (False, {"claim": "c2", "chain": ["post", "engineers"]}),
        (True, {"claim": "c2", "chain": ["engineers"]}),
        (True, {"claim": "c2", "never": {"confidence": "certain"}}),
        (False, {"claim": "c4", "never": {"act": "deny"}}),
        (None, {"claim": "c3", "never": {"act": "deny"}}),
    ],
)
def test_rules_of_the_gold_file_are_checked(expected: bool | None, rule: dict[str, Any]) -> None:
    """A gold file's own hard assertions are judged on whatever lies on the claim."""
    score = score_document(make_case({**raw_gold(), "critical": [rule]}), record(*worked_claims()))
    assert [expected] == [c.passed for c in score.checks if c.name == "gold_rule"]


def test_rule_on_an_optional_claim_is_judged() -> None:
    """A claim that nobody must find still mustn't be found with a source that it hasn't."""
    case = make_case({**raw_gold(), "critical": [{"claim": "c0", "chain": []}]})
    sourced = claim("a", SENTENCES[0], [("ruiz", "Mayor Ana Ruiz")])
    found = [score_document(case, record(p)).checks for p in (claim("a", SENTENCES[0]), sourced)]
    assert [True, False] == [c.passed for checks in found for c in checks if c.name == "gold_rule"]


SEED = load_case(GOLD / "seed.json")


def change_seed(**change: Any) -> Extraction:
    """Return the seed's gold as a record, with every claim changed."""
    gold = read_oracle(SEED)
    return gold.model_copy(update={"claims": [c.model_copy(update=change) for c in gold.claims]})


def reverse_chains() -> Extraction:
    """Return the seed's gold as a record, with outer and inner sources exchanged."""
    gold = read_oracle(SEED)
    claims = [
        c.model_copy(update={"attribution": c.attribution.model_copy(update={"chain": chain})})
        for c in gold.claims
        for chain in [c.attribution.chain[::-1]]
    ]
    return gold.model_copy(update={"claims": claims})


@pytest.mark.parametrize(
    ("expected", "read"),
    [
        ([], read_oracle(SEED)),
        (["c13", "c14"], change_seed(confidence="certain")),
        (["c18", "c19"], change_seed(act="deny")),
        (["c14"], reverse_chains()),
        (["c14", "c15", "c21"], change_seed(attribution=read_oracle(SEED).claims[0].attribution)),
    ],
    ids=["right", "certain", "denied", "reversed", "sourced"],
)
def test_hard_assertions_of_the_seed_catch_the_worst_errors(
    expected: list[str], read: Extraction
) -> None:
    """Certainty, denials, swapped and invented sources fail where docs/metrics.md 2.6 says."""
    checks = score_document(SEED, read).checks
    assert expected == sorted(check.claim for check in checks if check.passed is False)


def test_article_voice_given_a_source_keeps_the_claim_and_loses_the_source() -> None:
    """A source put on the article's own words: claim right, attributed claim wrong."""
    score = score_document(make_case(), record(claim("a", COST, [("ruiz", "Mayor Ana Ruiz")])))
    assert (1, 0) == (score.counts["claim"].tp, score.counts["attributed"].tp)


def test_spokesman_earns_half_in_the_soft_figure_only() -> None:
    """Naming the body that somebody speaks for is half right, softly."""
    raw = raw_gold()
    raw["entities"][0]["speaks_for"] = "post"
    p = claim("a", REOPEN, [("post", "the Harbour Post")])
    rates = score_document(make_case(raw), record(p)).rates
    assert (0.5, 0.0) == (rates["innermost_soft"].value, rates["innermost"].value)


def test_merged_claims_are_one_right_and_forgiven_in_a_split_group() -> None:
    """One prediction over two parts: one right, one missed; lenient forgives a split group."""
    raw = raw_gold()
    first, second = dict(raw["claims"][3]), dict(raw["claims"][3])
    first.update(content=[place("The repair cost")], split_group="g")
    second.update(id="c5", content=[place("4 million euros")], split_group="g")
    raw["claims"][3:4] = [first, second]
    case = make_case(raw)
    strict = score_document(case, record(claim("a", COST)))
    lenient = score_document(case, record(claim("a", COST)), lenient=True)
    assert (1, 1) == (strict.counts["claim"].tp, strict.events["merges"])
    assert (4, 3) == (strict.counts["claim"].fn, lenient.counts["claim"].fn)


def test_split_claim_has_one_right_piece() -> None:
    """Two pieces of one claim: the larger is right, the other spurious, and a split is counted."""
    pieces = [claim("a", "The repair cost 4"), claim("b", "million euros")]
    score = score_document(make_case(), record(*pieces))
    assert (1, 1, 1) == (
        score.counts["claim"].tp,
        score.counts["claim"].fp,
        score.events["splits"],
    )


def test_claims_that_share_a_cue_are_one_relation() -> None:
    """Two claims under one cue are one attribution, in gold and prediction alike."""
    raw = raw_gold()
    link = raw["claims"][1]["attribution"]
    parts = [
        {**raw["claims"][1], "id": "c1", "content": [place("the bridge")], "attribution": link},
        {**raw["claims"][1], "id": "c5", "content": [place("will reopen on Monday")]},
    ]
    raw["claims"] = parts
    score = score_document(make_case(raw), record(claim("a", REOPEN, [("ruiz", "Mayor Ana Ruiz")])))
    assert (1, 0, 0) == (
        score.counts["relation_full"].tp,
        score.counts["relation_full"].fp,
        score.counts["relation_full"].fn,
    )


def test_optional_relation_is_neither_right_nor_wrong() -> None:
    """An attribution of optional gold isn't missed, and a prediction on it isn't spurious."""
    raw = raw_gold()
    raw["claims"][1]["status"] = "optional"
    p = claim("a", REOPEN, [("ruiz", "Mayor Ana Ruiz")])
    found = [score_document(make_case(raw), record(*ps)).counts["relation"] for ps in ((), (p,))]
    assert [(0, 0, 2)] * 2 == [(c.tp, c.fp, c.fn) for c in found]


def test_outcomes_are_of_scored_claims_that_are_not_ignored() -> None:
    """Calibration sees each scored prediction, right only with its source; ignored ones are out."""
    found = score_document(
        make_case(),
        record(
            claim("a", REOPEN, [("ruiz", "Mayor Ana Ruiz")], score=0.9),
            claim("b", COST, [("ruiz", "Mayor Ana Ruiz")], score=0.4),
            claim("c", "Bridge to reopen Monday", score=0.7),
            claim("d", PAY),
        ),
    ).outcomes
    assert [(0.4, False), (0.9, True)] == sorted(found)


def test_average_takes_the_mean_of_each_count_over_epochs() -> None:
    """Two readings of one document weigh as one document."""
    case = make_case()
    mean = average([worked(), score_document(case, read_oracle(case))])
    assert (3.5, 1.0, 0.5) == (
        mean.counts["claim"].tp,
        mean.counts["claim"].fp,
        mean.counts["claim"].fn,
    )


# ---- label figures ----------------------------------------------------------------------------

LABEL_PAIRS = st.lists(
    st.tuples(st.sampled_from(LEVELS), st.sampled_from(LEVELS)), min_size=1, max_size=30
)


@settings(max_examples=60, deadline=None)
@given(LABEL_PAIRS)
def test_kappa_and_macro_f1_agree_with_sklearn(pairs: list[tuple[str, str]]) -> None:
    """Linear kappa and macro-F1 are scikit-learn's, and undefined where one class is all."""
    gold, predicted = zip(*pairs, strict=True)
    matrix = count_pairs(pairs, LEVELS)
    if len({*gold, *predicted}) == 1:
        assert kappa(matrix) is None
    else:
        expected = cohen_kappa_score(gold, predicted, labels=LEVELS, weights="linear")
        assert expected == pytest.approx(kappa(matrix))
    present = [level for level in LEVELS if level in gold]
    expected_f1 = f1_score(gold, predicted, labels=present, average="macro", zero_division=0)
    assert expected_f1 == pytest.approx(macro_over_labels(matrix))


def test_linear_kappa_of_one_step_too_high_is_stricter_than_quadratic_would_be() -> None:
    """Signed bias tells over-confidence: one level too high in half of the pairs is +.5."""
    pairs = [("possible", "probable"), ("certain", "certain")]
    matrix = count_pairs(pairs, LABELS["confidence"])
    assert (0.5, 0.5) == mean_error(matrix)


def test_kappa_is_undefined_without_pairs() -> None:
    """No matched pair, no kappa."""
    assert kappa(np.zeros((4, 4))) is None


def test_sample_is_what_the_tests_think() -> None:
    """The oracle reads the sample's text, so offsets in the tests are real."""
    gold: Extraction = read_oracle(make_case())
    assert all(TEXT[s.start : s.end] == s.text for c in gold.claims for s in c.content)
