"""Figures in words for people: their names, three digits, intervals."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from evals.calibration import Bin
from evals.form import KAPPA, Estimate

NAMES = {
    "claim": "claims (located)",
    "span": "claims by span",
    "attributed": "attributed claims",
    "tuple": "full tuples",
    "relation": "attribution relations",
    "relation_full": "relations, source right",
    "relation_partial": "relations, partial",
    "relation_strict": "relations, strict",
    KAPPA: "confidence, kappa",
    "grounded": "grounded",
    "verbatim": "verbatim",
    "duplicate": "duplicates",
    "cover": "gold characters covered",
    "soft": "span F1, soft",
    "strict": "span F1, strict",
    "innermost": "innermost source",
    "innermost_soft": "innermost source, spokesmen half",
    "chain_exact": "whole chain",
    "chain": "chain F1",
    "chain_nested": "chain F1, two sources or more",
    "dice": "Dice of matched spans",
    "signed_mae": "commitment, mean error (0 is best)",
    "cue_soft": "cue, Dice",
    "cue_strict": "cue, exact",
    "source_soft": "source words, Dice",
    "source_strict": "source words, exact",
}
GLYPHS = {
    "right": "✓",
    "differs": "≠",
    "missed": "−",
    "spurious": "+",
    "optional": "○",
    "rejected": "!",
}


def name_rate(name: str) -> str:
    """Return the words for a rate; fields over all gold are named after their field.

    >>> name_rate("act_all"), name_rate("chain")
    ('act, missed claims wrong', 'chain F1')
    """
    if name.endswith("_all"):
        return f"{name.removesuffix('_all')}, missed claims wrong"
    return NAMES.get(name, name.replace("_", " "))


def figure(value: float | None, digits: int = 3) -> str:
    """Return a figure in three digits, n/a where it is undefined.

    >>> figure(0.5), figure(1.0), figure(-0.25), figure(None)
    ('.500', '1.000', '−.250', 'n/a')
    """
    if value is None:
        return "n/a"
    written = f"{abs(value):.{digits}f}"
    sign = "−" if value < 0 and float(written) else ""
    return sign + (written.removeprefix("0") if float(written) < 1 else written)


def with_interval(estimate: Estimate) -> str:
    """Return a figure with its interval, the linearised one where there is one."""
    ends = interval(estimate, join=", ")
    return figure(estimate.value) + (f" [{ends}]" if ends != "n/a" else "")


def interval(estimate: Estimate | Bin, kind: str = "", join: str = " to ") -> str:
    """Return the two ends of an interval. kind: "boot" for that of the bootstrap.

    Kappa has no other than that of the bootstrap.
    """
    if isinstance(estimate, Estimate) and (kind == "boot" or estimate.low is None):
        low, high = estimate.boot_low, estimate.boot_high
    else:
        low, high = estimate.low, estimate.high
    return "n/a" if low is None or high is None else f"{figure(low)}{join}{figure(high)}"


def spread(values: Sequence[float | None]) -> str:
    """Return the standard deviation over epochs; there is none for one epoch.

    >>> spread([0.5, 0.7]), spread([0.5])
    ('.141', 'n/a')
    """
    known = [value for value in values if value is not None]
    return figure(statistics.stdev(known) if len(known) > 1 else None)
