"""How likely a claim of the record is read right: our own figure, never the source's confidence.

A logistic model over a few traits of the claim as it stands in the record. Its weights are fitted
on gold (`evals/calibrate.py`) and lie in agent/data/calibration.json with their provenance.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log1p
from typing import Any

from agent.errors import ConfigError
from agent.schema import Claim
from agent.steadiness import EXCHANGES, Key, key_of

FORMAT = "sayso-calibration/1"
PRONOUN_CHARS = 4  # of a source's mention; a name is rarely as short


@dataclass(frozen=True, slots=True)
class Calibration:
    """The weights of the traits, for records that were read in one way.

    reading: the way that they hold for, "passage" or "document".
    """

    reading: str
    intercept: float
    weights: Mapping[str, float]

    def score(self, traits: Mapping[str, float]) -> float:
        """Return the probability in [0, 1] that a claim with these traits is right.

        >>> Calibration("passage", 1.0, {"length": 0.5}).score({"length": 0.0})
        0.73
        """
        logit = self.intercept + sum(self.weights[name] * traits[name] for name in self.weights)
        return round(1 / (1 + exp(-logit)), 2)


def read_calibration(data: Mapping[str, Any]) -> Calibration:
    """Return the calibration that the parsed JSON file holds.

    Raises:
        ConfigError: it has another form, or weighs what isn't a trait.
    """
    try:
        if data["format"] != FORMAT:
            raise ConfigError(f"the calibration is {data['format']!r} and must be {FORMAT!r}")
        weights = {name: float(weight) for name, weight in data["weights"].items()}
        calibration = Calibration(str(data["reading"]), float(data["intercept"]), weights)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigError(f"the calibration can't be read ({error!r}): fit it again") from error
    unknown = weights.keys() - set(TRAITS)
    if unknown:
        raise ConfigError(f"the calibration weighs {sorted(unknown)}, which aren't traits")
    return calibration


def scored(
    claims: Sequence[Claim], calibration: Calibration, shaken: Mapping[str, frozenset[Key]]
) -> list[Claim]:
    """Return the claims with their scores; shaken: the readings after each exchange."""
    return [
        claim.model_copy(update={"score": calibration.score(traits)})
        for claim, traits in zip(claims, all_traits(claims, shaken), strict=True)
    ]


TRAITS = (
    "length", "sentence", "crowd", "parts", "depth", "unnamed", "pronoun", "distance", "headline",
    "mention", "beside", *EXCHANGES,
)  # fmt: skip


def all_traits(
    claims: Sequence[Claim], shaken: Mapping[str, frozenset[Key]]
) -> list[dict[str, float]]:
    """Return the traits of a document's claims, in their order.

    length, sentence, mention, distance: log(1 + characters), of the content, its sentence, the
    source's mention, and the way to it. crowd: claims in the same sentence. The others are 0 or 1:
    content in several parts, a chain of two and more, a source that isn't mentioned, one that is
    mentioned by a pronoun, a headline, the article's own claim beside others in its sentence; and
    for each exchange, whether the claim is found after it too.
    """
    crowd = Counter(claim.sentence.start for claim in claims)
    return [
        _traits(claim, crowd[claim.sentence.start])
        | {name: float(key_of(claim) in found) for name, found in shaken.items()}
        for claim in claims
    ]


def _traits(claim: Claim, crowd: int) -> dict[str, float]:
    first, last = claim.content[0].start, claim.content[-1].end
    chain = claim.attribution.chain
    mention = chain[-1].mention if chain else None
    away, name = 0, 0
    if mention is not None:
        away = max(0, first - mention.end, mention.start - last)
        name = mention.end - mention.start
    return {
        "length": log1p(sum(span.end - span.start for span in claim.content)),
        "sentence": log1p(claim.sentence.end - claim.sentence.start),
        "crowd": float(crowd),
        "parts": float(len(claim.content) > 1),
        "depth": float(len(chain) > 1),
        "unnamed": float(bool(chain) and mention is None),
        "pronoun": float(0 < name <= PRONOUN_CHARS),
        "distance": log1p(away),
        "headline": float(claim.zone == "headline"),
        "mention": log1p(name),
        "beside": float(not chain and crowd > 1),
    }
