"""A run as one HTML file that opens from disk: figures, plots, and each article with its errors.

The page loads nothing: its Content-Security-Policy lets only its own style and script in, by
hash. Every string of an article or a model is escaped by the templates.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from agent.errors import ConfigError
from agent.wording import plain
from evals.faults import CLASSES, count_classes
from evals.figures import Counts
from evals.form import KAPPA, Estimate, Figures, RunDocument, RunFigures, RunFile
from evals.gold import Case
from evals.layers import Article, reveal, show_article
from evals.plots import lay_grid, lay_points
from evals.words import GLYPHS, NAMES, figure, interval, name_rate, spread


def page(
    run: RunFile, cases: Sequence[Case], ceiling: Mapping[str, float | None] | None = None
) -> str:
    """Return the page of a finished run.

    cases: the gold articles that the run is about; one that's missing, or of another text, shows
    its figures only. ceiling: how far two annotators agree, by figure name.

    Raises:
        ConfigError: the run isn't finished, so that there are no figures.
    """
    if run.figures is None:
        raise ConfigError(
            f"run {run.manifest.run_id} has no figures to show: `sayso eval score` makes them"
        )
    environment = _environment()
    style, script = _read("page.css"), _read("page.js")
    known = {case.id: case for case in cases}
    documents = [
        _show_document(n, document, known.get(document.id), run)
        for n, document in enumerate(run.documents, start=1)
    ]
    return environment.get_template("page.html").render(
        style=style,
        script=script,
        policy=_say_policy(style, script),
        manifest=run.manifest,
        facts=list(_flatten(run.manifest.model_dump(mode="json"))),
        documents=documents,
        ceiling=ceiling,
        outcomes=list(GLYPHS),
        **_show_figures(run.figures, ceiling or {}),
        **_show_classes([d["article"] for d in documents if d["article"]]),
    )


# ---- what the templates get -------------------------------------------------------------------


def _show_figures(figures: RunFigures, ceiling: Mapping[str, float | None]) -> dict[str, Any]:
    """Return everything above the articles."""
    strict, lenient = figures.strict, figures.lenient
    judged = [check for check in figures.checks if check.passed is not None]
    columns = list(figures.baselines)
    wanted = [name for name in (*strict.counts, KAPPA) if _is_beside(name, figures, ceiling)]
    return {
        "tiles": [
            {"name": NAMES[name], "estimate": _estimate(strict, name)}
            for name in ("claim", "attributed", "tuple", KAPPA)
        ],
        "baselines": columns,
        "beside": [
            {
                "name": NAMES.get(name, name),
                "estimate": _estimate(strict, name),
                "baselines": [figures.baselines[column].get(name) for column in columns],
                "ceiling": ceiling.get(name),
            }
            for name in wanted
        ],
        "counts": [
            {
                "name": NAMES.get(name, name),
                "count": count,
                "lenient": lenient.counts[name].f1.value,
            }
            for name, count in strict.counts.items()
        ],
        "rates": [
            {"name": name_rate(name), "estimate": rate, "lenient": lenient.rates[name].value}
            for name, rate in strict.rates.items()
        ],
        "events": list(strict.events.items()),
        "ratio": strict.ratio,
        "judged": len(judged),
        "failed": [check for check in judged if not check.passed],
        "slices": strict.slices,
        "fields": [
            {"name": name, "figure": field, "grid": lay_grid(field.labels, field.matrix)}
            for name, field in strict.fields.items()
        ],
        "calibration": strict.calibration,
        "points": lay_points(strict.calibration.bins),
    }


def _is_beside(name: str, figures: RunFigures, ceiling: Mapping[str, float | None]) -> bool:
    """Tell whether anything stands beside this figure of the run."""
    return name in ceiling or any(name in values for values in figures.baselines.values())


def _estimate(figures: Figures, name: str) -> Estimate:
    """Return an F1, or the kappa of confidence."""
    return figures.fields["confidence"].kappa if name == KAPPA else figures.counts[name].f1


def _show_document(
    number: int, document: RunDocument, case: Case | None, run: RunFile
) -> dict[str, Any]:
    """Return a row of the table with the article, or why it can't be shown."""
    why = _say_missing(document, case, run)
    figures, calls = document.figures, [c for r in document.readings for c in r.calls]
    counts = {n: Counts(*x) for n, x in figures.counts.items()} if figures else {}
    claim = counts.get("claim", Counts())
    checks = run.figures.checks if run.figures else []
    return {
        "id": document.id,
        "anchor": f"d{number}",
        "counts": counts,
        "gold": claim.tp + claim.fn,
        "predicted": claim.tp + claim.fp,
        "errors": [reading.error for reading in document.readings if reading.error],
        "rejected": figures.events.get("rejected", 0) if figures else 0,
        "failed": sum(c.document == document.id and c.passed is False for c in checks),
        "calls": len(calls),
        "tokens_in": sum(call.input_tokens for call in calls),
        "tokens_out": sum(call.output_tokens for call in calls),
        "seconds": sum(reading.seconds for reading in document.readings),
        "article": None if why or case is None else show_article(case, _first_record(document)),
        "why": why,
    }


def _first_record(document: RunDocument) -> Any:
    """Return the record of the first epoch."""
    return document.readings[0].record if document.readings else None


def _say_missing(document: RunDocument, case: Case | None, run: RunFile) -> str:
    """Return why an article can't be shown, "" if it can."""
    if run.manifest.figures_only:
        return "The run holds figures, offsets and labels only: the text isn't in it."
    if case is None:
        return "The gold of this article wasn't at hand when this page was made."
    if case.gold.document.sha256 != document.text_sha256:
        return "The gold at hand is about another text than the one that was read."
    return ""


def _show_classes(articles: Sequence[Article]) -> dict[str, Any]:
    """Return the error classes with their number in all articles shown."""
    findings = [entry.finding for article in articles for entry in article.entries]
    counts = count_classes(findings)
    return {
        "classes": [(name, counts[name], meaning) for name, meaning in CLASSES.items()],
        "faulty": sum(bool(finding.faults) for finding in findings),
    }


def _flatten(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield the leaves of nested values with their path.

    >>> list(_flatten({"a": {"b": 1}, "c": [2, 3], "d": None}))
    [('a, b', '1'), ('c', '2, 3'), ('d', 'n/a')]
    """
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _flatten(part, f"{name}, {key}" if name else key)
    elif isinstance(value, list) and any(isinstance(part, dict) for part in value):
        for n, part in enumerate(value, start=1):
            yield from _flatten(part, f"{name} {n}")
    elif isinstance(value, list):
        yield name, ", ".join(map(str, value)) or "none"
    else:
        yield name, "n/a" if value is None else str(value)


# ---- the environment --------------------------------------------------------------------------


def _environment() -> Environment:
    """Return the environment of the templates; an unknown name is an error."""
    environment = Environment(
        loader=PackageLoader("evals"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        figure=figure,
        interval=interval,
        spread=spread,
        number=lambda value: f"{round(value, 2):g}",
        glyph=GLYPHS.__getitem__,
        plain=plain,
        reveal=reveal,
    )
    return environment


def _read(name: str) -> str:
    """Return a file that lies beside the templates."""
    return (resources.files("evals") / "templates" / name).read_text(encoding="utf-8")


def _say_policy(style: str, script: str) -> str:
    """Return the policy: nothing from anywhere, but this style and this script.

    Source: Content Security Policy Level 3, W3C, 2.3.1 (hash sources).
    """
    kinds = {"style-src": style, "script-src": script}
    hashes = {kind: hashlib.sha256(text.encode()).digest() for kind, text in kinds.items()}
    allowed = [f"{k} 'sha256-{base64.b64encode(d).decode()}'" for k, d in hashes.items()]
    return "; ".join(["default-src 'none'", *allowed, "base-uri 'none'", "form-action 'none'"])
