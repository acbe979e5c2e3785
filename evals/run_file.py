"""Run files: loaded, saved, scored again, and emptied of the articles' words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from agent.errors import ConfigError, GoldError
from agent.files import write_report
from evals.form import Reading, RunDocument, RunFile
from evals.gold import Case
from evals.manifest import hash_gold, hash_metrics
from evals.outline import outline
from evals.summary import Scored, describe_document, score_records, summarise


def score_all(file: RunFile, cases: Sequence[Case]) -> list[Scored]:
    """Return the scores of a run's records against gold, in order of the gold.

    Raises:
        GoldError: gold and run aren't about the same articles and texts.
        ConfigError: the run holds figures only.
    """
    if file.manifest.figures_only and file.figures:
        raise ConfigError("this run holds figures only, no records to score: run it again")
    known = {case.id: case for case in cases}
    documents = {document.id: document for document in file.documents}
    for name in sorted(documents.keys() - known.keys()):
        raise GoldError(f"the run has a document {name!r} that isn't in the gold")
    for name in sorted(known.keys() - documents.keys()):
        raise GoldError(f"{known[name].path}: the run has no document {name!r}: run it again")
    for case in cases:
        if case.gold.document.sha256 != documents[case.id].text_sha256:
            raise GoldError(
                f"{case.path}: the gold is about another text than the run's document {case.id!r}"
            )
    return [
        score_records(case, [reading.record for reading in documents[case.id].readings])
        for case in cases
    ]


def score_run(file: RunFile, cases: Sequence[Case]) -> RunFile:
    """Return the run with its figures by the present gold and metrics; see score_all()."""
    scored = score_all(file, cases)
    documents = {document.id: document for document in file.documents}
    hashes = file.manifest.hashes.model_copy(
        update={"gold": hash_gold(cases), "metrics": hash_metrics()}
    )
    return RunFile(
        manifest=file.manifest.model_copy(update={"hashes": hashes}),
        documents=[
            documents[one.case.id].model_copy(
                update={"gold_sha256": one.case.sha256, "figures": describe_document(one)}
            )
            for one in scored
        ],
        figures=summarise(scored),
    )


def blank_run(file: RunFile) -> RunFile:
    """Return the run without any words of the articles."""

    def blank(reading: Reading) -> Reading:
        calls = [
            call.model_copy(update={"outcomes": [x.partition(":")[0] for x in call.outcomes]})
            for call in reading.calls
        ]
        record = outline(reading.record) if reading.record else None
        return Reading(
            record=record,
            error=reading.error.partition(":")[0],
            seconds=reading.seconds,
            calls=calls,
        )

    documents = [
        document.model_copy(update={"readings": [blank(r) for r in document.readings]})
        for document in file.documents
    ]
    figures = file.figures
    if figures:
        checks = [check.model_copy(update={"detail": ""}) for check in figures.checks]
        figures = figures.model_copy(update={"checks": checks})
    return file.model_copy(update={"documents": documents, "figures": figures})


def load_run(path: Path) -> RunFile:
    """Return a run file.

    Raises:
        ConfigError: it can't be read, is none, or nothing was read in it.
    """
    try:
        file = RunFile.model_validate_json(path.read_bytes())
    except OSError as error:
        raise ConfigError(f"can't read the run file {path}: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = " / ".join(str(step) for step in first["loc"])
        raise ConfigError(
            f"{path} is no run file (sayso-run/1): {place}: {first['msg']}"
        ) from error
    problem = _find_problem(file)
    if problem:
        raise ConfigError(f"{path}: {problem}: run it again")
    return file


def _find_problem(file: RunFile) -> str:
    """Return what makes a run unfit to be judged, "" for nothing."""
    if not file.documents:
        return "a run without documents"
    ids = [document.id for document in file.documents]
    for document in file.documents:
        if ids.count(document.id) > 1:
            return f"document {document.id!r} is there more than once"
        if not document.readings:
            return f"document {document.id!r} has no reading"
    return ""


def save_run(file: RunFile, path: Path) -> None:
    """Write a run file, whole or not at all: a document on a line, all else for people to read.

    Raises:
        ConfigError: it can't be written.
    """
    raw = file.model_dump(mode="json", by_alias=True, exclude={"documents"})
    documents = ",\n".join(json.dumps(_dump(d), ensure_ascii=False) for d in file.documents)
    parts = [f'"{name}": {json.dumps(value, indent=1)}' for name, value in raw.items()]
    parts.append(f'"documents": [\n{documents}\n]')
    write_report(path, "{\n" + ",\n".join(parts) + "\n}\n")


def _dump(document: RunDocument) -> dict[str, Any]:
    """Return a document as JSON values; of the records, only what isn't a default."""
    raw: dict[str, Any] = document.model_dump(mode="json", by_alias=True)
    for value, reading in zip(raw["readings"], document.readings, strict=True):
        if reading.record:
            value["record"] = reading.record.model_dump(
                mode="json", by_alias=True, exclude_defaults=True
            )
    return raw
