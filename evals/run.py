"""Generates: reads every gold article, and writes a run file that can be scored again.

A run that was interrupted goes on: after each document all that is done is in RUN.json.part, and
the replies so far in RECORDING.part.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from agent.api import open_document
from agent.document import Article
from agent.engine import Engine
from agent.engines import build_engine
from agent.engines.cached import CachedEngine
from agent.errors import AgentError, ConfigError, ReplayMiss
from agent.extract import Reading as Way
from agent.extract import Resources, extract
from agent.files import write_report
from agent.settings import Settings
from agent.store import Store
from evals.form import Manifest, Reading, RunDocument, RunFile
from evals.gold import Case
from evals.manifest import (
    add_up,
    find_commit,
    find_hashes,
    find_versions,
    list_prompts,
    name_engine,
    name_prices,
)
from evals.observed import ObservedEngine
from evals.run_file import blank_run, load_run, save_run, score_run

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done. gold: the paths as given. output: the run file, None to keep nothing.

    recording: where replies are kept; what it holds isn't asked again, unless `anew`. replay:
    nothing is asked at all.
    """

    cases: list[Case]
    gold: list[str]
    resources: Resources
    settings: Settings
    way: Way = "auto"
    epochs: int = 1
    figures_only: bool = False
    output: Path | None = None
    recording: Path | None = None
    replay: bool = False
    anew: bool = False


# ---- generate ---------------------------------------------------------------------------------


def run(plan: Plan, tell: Tell) -> RunFile:
    """Return the run over all cases; written to plan.output if that is set. tell: progress.

    A document whose reading fails is kept with its error and counts as empty.

    Raises:
        ReplayMiss: in a replay, a reply isn't in the recording.
        StoreError, ConfigError: a file can't be read or written.
        WeightsError: the model isn't here.
    """
    started_s = time.monotonic()
    with _open_store(plan) as store, _open_engine(plan, store) as engine:
        begun = _begin(plan, engine, tell)
        done = {document.id: document for document in begun.documents}
        for number, case in enumerate(plan.cases, 1):
            if case.id not in done:
                done[case.id] = _read(plan, case, engine)
                _keep(plan, begun, list(done.values()))
                tell(f"{number}/{len(plan.cases)} {case.id}: {_say(done[case.id])}")
        documents = [done[case.id] for case in plan.cases]
        if plan.recording and not plan.replay:
            used = engine.keys | {c.key for d in documents for r in d.readings for c in r.calls}
            write_report(plan.recording, store.recording(used))
    manifest = _finish(begun.manifest, documents, time.monotonic() - started_s)
    finished = score_run(RunFile(manifest=manifest, documents=documents), plan.cases)
    if plan.figures_only:
        finished = blank_run(finished)
    if plan.output:
        save_run(finished, plan.output)
    for part in (part_of(plan.output), part_of(plan.recording)):
        if part:
            part.unlink(missing_ok=True)
    return finished


def _read(plan: Plan, case: Case, engine: Engine) -> RunDocument:
    return RunDocument(
        id=case.id,
        gold_sha256=case.sha256,
        text_sha256=case.gold.document.sha256,
        readings=[_read_once(plan, case, engine, epoch) for epoch in range(plan.epochs)],
    )


def _read_once(plan: Plan, case: Case, engine: Engine, epoch: int) -> Reading:
    """Return one reading of one article; an error is data."""
    observed = ObservedEngine(engine, epoch)
    started_s = time.monotonic()
    record, error = None, ""
    try:
        document = open_document(Article(case.text, id=case.id))
        workers = plan.settings.workers
        record = extract(document, plan.resources, observed, None, workers, plan.way)
    except ReplayMiss:
        raise
    except AgentError as failure:
        error = f"{type(failure).__name__}: {failure}"
    else:
        kept = record.document.model_copy(update={"text": None, "origin": None})
        record = record.model_copy(update={"document": kept})
    seconds = round(time.monotonic() - started_s, 3)
    return Reading(record=record, error=error, seconds=seconds, calls=observed.calls)


def _say(document: RunDocument) -> str:
    """Return in a line how the reading of a document went."""
    seconds = sum(reading.seconds for reading in document.readings)
    asked = sum(not call.hit for reading in document.readings for call in reading.calls)
    errors = [reading.error for reading in document.readings if reading.error]
    claims = sum(len(r.record.claims) for r in document.readings if r.record)
    said = f"{claims} claims, {asked} calls, {seconds:.1f} s"
    return f"failed, {errors[0]}" if errors else said


@contextmanager
def _open_engine(plan: Plan, store: Store) -> Iterator[CachedEngine]:
    if plan.replay:
        yield CachedEngine(None, store)
        return
    with build_engine(plan.settings) as engine:
        yield CachedEngine(engine, store)


# ---- resume -----------------------------------------------------------------------------------


def part_of(path: Path | None) -> Path | None:
    """Return where the unfinished part of a file lies."""
    return path.with_name(f"{path.name}.part") if path else None


@contextmanager
def _open_store(plan: Plan) -> Iterator[Store]:
    """Yield the replies to take: those of the recording, and those of an interrupted run."""
    text = _read_recording(plan)
    part = None if plan.replay else part_of(plan.recording)
    begun = part_of(plan.output)
    if part and plan.anew and not (begun and begun.exists()):
        part.unlink(missing_ok=True)
    with Store(part) if part else Store() as store:
        if text and not plan.anew:
            store.load_recording(text, str(plan.recording))
        yield store


def _read_recording(plan: Plan) -> str:
    if plan.recording is None:
        return ""
    try:
        return plan.recording.read_text("utf-8")
    except FileNotFoundError:
        if not plan.replay:
            return ""
        raise ReplayMiss(
            f"there's no recording {plan.recording}: make one with --recording, without --replay"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"can't read {plan.recording}: {error}") from error


def _begin(plan: Plan, engine: Engine, tell: Tell) -> RunFile:
    """Return the run to go on with: what was done before it was interrupted, or nothing yet."""
    manifest = _manifest(plan, engine)
    part = part_of(plan.output)
    if part is None or not part.exists():
        return RunFile(manifest=manifest, documents=[])
    try:
        old = load_run(part)
    except ConfigError:
        old = None
    if old is None or _basis(old.manifest) != _basis(manifest):
        tell(f"{part} is of another run: starting anew")
        return RunFile(manifest=manifest, documents=[])
    good = [d for d in old.documents if not any(reading.error for reading in d.readings)]
    tell(f"going on with {part}: {len(good)} of {len(plan.cases)} documents are done")
    return RunFile(manifest=old.manifest, documents=good)


def _basis(manifest: Manifest) -> tuple[object, ...]:
    """Return what must be equal for two halves to be one run."""
    m = manifest
    hashes = m.hashes.model_copy(update={"metrics": ""})
    engine = m.engine.model_copy(update={"mode": ""})
    return hashes, engine, m.prompts, m.epochs, m.asked_reading, m.figures_only, m.replayed


def _manifest(plan: Plan, engine: Engine) -> Manifest:
    """Return the manifest as far as it's known before anything is read."""
    commit, dirty = find_commit()
    return Manifest(
        run_id=uuid.uuid4().hex[:12],
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        commit=commit,
        dirty=dirty,
        versions=find_versions(),
        engine=name_engine(engine.identity, "" if plan.replay else plan.settings.base_url),
        models=[],
        asked_reading=plan.way,
        reading=None,
        epochs=plan.epochs,
        prompts=list_prompts(plan.resources.prompts.values()),
        hashes=find_hashes(plan.cases, _read_recording(plan) if plan.replay else ""),
        gold=plan.gold,
        figures_only=plan.figures_only,
        replayed=plan.replay,
        prices="" if plan.replay else name_prices(plan.settings),
    )


def _keep(plan: Plan, begun: RunFile, documents: list[RunDocument]) -> None:
    part = part_of(plan.output)
    if part:
        save_run(RunFile(manifest=begun.manifest, documents=documents), part)


def _finish(manifest: Manifest, documents: Sequence[RunDocument], seconds: float) -> Manifest:
    readings = [reading for document in documents for reading in document.readings]
    records = [reading.record for reading in readings if reading.record]
    calls = [call for reading in readings for call in reading.calls]
    return manifest.model_copy(
        update={
            "models": sorted({record.provenance.model for record in records}),
            "reading": records[0].provenance.reading if records else None,
            "spent": add_up(call for call in calls if not call.hit),
            "recorded": add_up(call for call in calls if call.hit),
            "seconds": round(seconds, 3),
        }
    )
