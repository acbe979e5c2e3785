"""Gold work as a gold file, and a record scored against it. `evals` is imported when needed."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.errors import ConfigError, GoldError
from agent.files import check_target, write_report
from agent.repl.goldwork import Item, Work
from agent.schema import Claim, Extraction, Span
from agent.wording import counted

if TYPE_CHECKING:
    from evals.gold import Case
    from evals.score import DocumentScore

NUMERIC = frozenset({"numpy", "rapidfuzz", "scipy", "sklearn"})


def write_gold(path: Path, work: Work, record: Extraction, annotator: str) -> Path:
    """Write the gold file and the text beside it; return the path of the text.

    Raises:
        ConfigError: the name isn't one of a JSON file, a claim isn't decided, or it can't be
            written.
        GoldError: `sayso eval check` wouldn't accept it.
    """
    if path.suffix != ".json":
        raise ConfigError(f"a gold file ends in .json: w {path.with_suffix('.json')}")
    if work.undecided:
        left = counted(work.undecided, "claim")
        raise ConfigError(f"{left} still to decide: a or r each, or A for all")
    text_path = path.with_suffix(".txt")
    text = record.document.text or ""
    for target in (path, text_path):
        check_target(target, "-")
    if text_path.exists() and text_path.read_bytes() != text.encode():
        raise ConfigError(f"{text_path} holds another text: give the gold file another name")
    value = gold_value(work, record, path.stem, annotator)
    make_case(value, text, path)
    write_report(text_path, text)
    write_report(path, json.dumps(value, ensure_ascii=False, indent=1) + "\n")
    return text_path


def gold_value(work: Work, record: Extraction, name: str, annotator: str) -> dict[str, Any]:
    """Return the accepted claims in the form `sayso-gold/1`. name: of the files, without suffix."""
    kept = [item for item in work.items if item.state == "accepted"]
    used = {link.entity for item in kept for link in item.claim.attribution.chain}
    text = record.document.text or ""
    about = {
        "id": name,
        "file": f"{name}.txt",
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "title": record.document.title,
        "date": record.document.date,
    }
    return {
        "format": "sayso-gold/1",
        "document": about,
        "annotator": annotator,
        "entities": [
            {
                "id": entity.id,
                "name": entity.name,
                "type": entity.type,
                "aliases": entity.aliases,
                "mentions": [_span(span) for span in entity.mentions],
            }
            for entity in work.entities
            if entity.id in used
        ],
        "claims": [_claim(item, kept, text) for item in kept],
        **_non_claims(work),
    }


def _claim(item: Item, kept: list[Item], text: str) -> dict[str, Any]:
    claim = item.claim
    groups = Counter(other.claim.split_group for other in kept)
    ids = {other.claim.id for other in kept}
    return {
        "id": claim.id,
        "status": "optional" if item.optional else "core",
        "zone": claim.zone,
        "text": claim.text,
        "content": [_span(span) for span in claim.content],
        "sentence": _sentence(claim, text),
        "attribution": {
            "kind": claim.attribution.kind,
            "chain": [
                {
                    "entity": link.entity,
                    "role": link.role,
                    "implicit": link.implicit,
                    "mention": _span(link.mention),
                    "cue": _span(link.cue),
                }
                for link in claim.attribution.chain
            ],
        },
        "act": claim.act,
        "polarity": claim.polarity,
        "confidence": claim.confidence,
        "confidence_cues": [_span(span) for span in claim.confidence_cues],
        "topic": _span(claim.topic),
        "split_group": claim.split_group if groups[claim.split_group] > 1 else None,
        "duplicate_of": claim.duplicate_of if claim.duplicate_of in ids else None,
        "note": item.note,
    }


def _sentence(claim: Claim, text: str) -> dict[str, Any]:
    """Return the sentence, stretched over a content that goes on in the next one."""
    start = min(claim.sentence.start, claim.content[0].start)
    end = max(claim.sentence.end, claim.content[-1].end)
    return {"start": start, "end": end, "text": text[start:end]}


def _span(span: Span | None) -> dict[str, Any] | None:
    return span.model_dump(exclude={"match"}) if span else None


def _non_claims(work: Work) -> dict[str, Any]:
    """Return what was rejected with a reason; without any, the layer isn't there."""
    told = [
        {"span": _span(span), "reason": item.reason}
        for item in work.items
        if item.state == "rejected" and item.reason
        for span in item.claim.content
    ]
    return {"non_claims": told} if told else {}


def make_case(value: dict[str, Any], text: str, path: Path) -> Case:
    """Return gold as a case, checked as `sayso eval check` does.

    Raises:
        GoldError: something in it doesn't hold.
    """
    from evals.gold import Case  # noqa: PLC0415
    from evals.gold_check import find_problems  # noqa: PLC0415
    from evals.gold_form import GoldFile  # noqa: PLC0415

    gold = GoldFile.model_validate(value)
    problems = list(find_problems(gold, text))
    if problems:
        raise GoldError("\n".join(problems))
    return Case(gold.document.id, gold, text, path, "")


def load(path: Path) -> Case:
    """Return the gold of a file.

    Raises:
        GoldError: it can't be read, or something in it doesn't hold.
    """
    from evals.gold import load_case  # noqa: PLC0415

    return load_case(path)


# ---- scoring ----------------------------------------------------------------------------------


def evaluate(record: Extraction, case: Case) -> Iterator[str]:
    """Yield how the record scores against gold, and every claim in which the two differ.

    Raises:
        ConfigError: what scores isn't installed.
        GoldError: the gold is of another text.
    """
    if case.text != record.document.text:
        raise GoldError(f"{case.path} is gold for another text: open that article first")
    try:
        from evals.score import score_document  # noqa: PLC0415
        from evals.show import list_errors  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] in NUMERIC:
            message = f"{error.name} isn't installed: pip install 'sayso[evals]'"
            raise ConfigError(message) from error
        raise
    strict, lenient = (score_document(case, record, lenient=soft) for soft in (False, True))
    yield "                          strict  lenient"
    for name, told in (
        ("claim", "claims found (F1)"),
        ("attributed", "with the right source"),
        ("tuple", "with every label right"),
    ):
        yield f"{told:24}{_figure(strict, name):>8}{_figure(lenient, name):>9}"
    for name in ("kind", "act", "polarity", "confidence"):
        cells = [_share(score, name) for score in (strict, lenient)]
        yield f"{f'{name} (accuracy)':24}{cells[0]:>8}{cells[1]:>9}"
    yield from list_errors(case, strict)


def _figure(score: DocumentScore, name: str) -> str:
    value = score.counts[name].f1
    return "n/a" if value is None else f"{value:.3f}"


def _share(score: DocumentScore, name: str) -> str:
    value = score.rates[name].value
    return "n/a" if value is None else f"{value:.3f}"
