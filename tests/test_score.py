"""How likely a claim is read right (agent/score.py)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agent.errors import ConfigError
from agent.extract import Resources
from agent.files import load_calibration
from agent.score import FORMAT, TRAITS, Calibration, all_traits, read_calibration, scored
from agent.steadiness import EXCHANGES, Key, readings
from readings import by_tree, document

SHAKEN = dict.fromkeys(EXCHANGES, frozenset[Key]())
TEXT = "Marta Voss said that the dam is safe. It was reported that it rained."


def data(**changes: Any) -> dict[str, Any]:
    """Return a calibration as it lies in its file."""
    weights = dict.fromkeys(TRAITS, 0.0) | {"unnamed": -2.0}
    whole = {"format": FORMAT, "reading": "passage", "intercept": 1.0, "weights": weights}
    return whole | changes


def test_traits_are_of_offsets_and_labels(resources: Resources) -> None:
    """Each trait of a named source's claim, and of one that nobody is named for."""
    named, unnamed = all_traits(by_tree(resources, TEXT).claims, SHAKEN)
    assert list(TRAITS) == list(named)
    assert (0.0, 1.0) == (named["unnamed"], unnamed["unnamed"])
    assert (0.0, 0.0) == (named["depth"], named["headline"])
    assert named["distance"] > unnamed["distance"] == 0.0


def test_score_is_a_probability_that_falls_with_a_bad_trait(resources: Resources) -> None:
    """A trait of negative weight makes a claim less likely to be right."""
    claims = by_tree(resources, TEXT).claims
    assert [0.73, 0.27] == [c.score for c in scored(claims, read_calibration(data()), SHAKEN)]


@pytest.mark.parametrize("calibration", [None, Calibration("document", 1.0, {})])
def test_score_is_null_for_another_reading(
    resources: Resources, calibration: Calibration | None
) -> None:
    """No calibration, or one for another way of reading, gives no score at all."""
    claims = by_tree(replace(resources, calibration=calibration), TEXT).claims
    assert [None, None] == [claim.score for claim in claims]


def test_claim_is_steady_where_small_words_do_not_matter(resources: Resources) -> None:
    """Found again after an exchange: 1; found otherwise, or not at all: 0."""
    claims = by_tree(resources, TEXT).claims
    found = readings(document(TEXT), resources.parse, resources.lexicon)
    assert [1.0, 1.0] == [t["articles"] for t in all_traits(claims, found)]
    nothing = dict.fromkeys(EXCHANGES, frozenset[Key]())
    assert [0.0, 0.0] == [t["articles"] for t in all_traits(claims, nothing)]


def test_reading_gives_each_claim_its_score(resources: Resources) -> None:
    """The calibration that we ship holds for the embedded reading; its scores differ."""
    weighed = replace(resources, calibration=load_calibration())
    scores = [claim.score for claim in by_tree(weighed, TEXT).claims]
    assert all(score is not None and 0 < score < 1 for score in scores)
    assert len(scores) == len(set(scores))


def test_shipped_calibration_weighs_every_trait() -> None:
    """The file that we ship is of this form."""
    assert (set(TRAITS), "passage") == (
        set(load_calibration().weights),
        load_calibration().reading,
    )


@pytest.mark.parametrize(
    ("message", "wrong"),
    [
        ("must be", data(format="other/1")),
        ("can't be read", {"format": FORMAT}),
        ("can't be read", data(intercept="much")),
        ("aren't traits", data(weights={"moon": 1.0})),
    ],
)
def test_bad_calibration_is_told(message: str, wrong: dict[str, Any]) -> None:
    """Another form, a missing part, a word for a number, an unknown trait."""
    with pytest.raises(ConfigError, match=message):
        read_calibration(wrong)
