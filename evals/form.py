"""The form `sayso-run/1`: all that a run leaves behind, so that it can be read and scored again.

A figures-only run is about texts that mustn't be copied: its records keep offsets and labels, and
every string of the article is empty (`evals/outline.py`).
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from agent.schema import Extraction
from evals.calibration import Calibration

HEADLINES = ("claim", "attributed", "tuple")  # the F1 figures that the gate looks at
KAPPA = "confidence_kappa"


class Form(BaseModel):
    """Base of the run file: readers tolerate unknown fields, so that it can grow."""

    model_config = ConfigDict(extra="ignore", frozen=True)


# ---- where it comes from ----------------------------------------------------------------------


class EngineRef(Form):
    """Who answered, as agent.engine.Identity has it; host: where the text went, "" for nowhere."""

    kind: str
    model: str
    build: str = ""
    mode: str = ""
    host: str = ""


class PromptUse(Form):
    """One prompt with its decoding parameters."""

    name: str
    version: int
    hash: str
    max_tokens: int
    temperature: float


class Hashes(Form):
    """SHA-256 of what the figures depend on, 64 hex digits each.

    reader: the source of agent/. metrics: the source of the scoring code. gold: of all gold files
    together. recording: of the recording that was replayed, "" for a live run.
    """

    reader: str
    output_schema: str
    lexicon: str
    calibration: str = ""
    metrics: str
    gold: str
    recording: str = ""


class Spent(Form):
    """Calls, tokens, money and seconds; cost_usd None where no price is known."""

    calls: int = 0
    cache_hits: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    cost_usd: float | None = None
    seconds: float = 0.0


class Manifest(Form):
    """How a run came about.

    created: UTC, ISO 8601. commit: None outside of a git checkout; dirty: files differed from it.
    models: as the server named them. asked_reading: as the
    option said; reading: what was done. gold: the paths as given. prices: whose prices the cost is
    by and of which day, "" where none is known. spent: what this run cost.
    recorded: what the replies cost that came from a recording. seconds: of the whole run.
    """

    run_id: str
    created: str
    commit: str | None
    dirty: bool | None
    versions: dict[str, str]
    engine: EngineRef
    models: list[str]
    asked_reading: Literal["auto", "document", "passage"]
    reading: Literal["document", "passage"] | None
    epochs: int
    prompts: list[PromptUse]
    hashes: Hashes
    gold: list[str]
    figures_only: bool = False
    replayed: bool = False
    prices: str = ""
    spent: Spent = Spent()
    recorded: Spent = Spent()
    seconds: float = 0.0


# ---- one document -----------------------------------------------------------------------------


class Call(Form):
    """One request. key: its reply's in the recording. outcomes: of every try, "ok" or an error."""

    key: str
    hit: bool
    mode: str
    finish_reason: str
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    cost_usd: float | None
    seconds: float
    outcomes: list[str]


class Reading(Form):
    """One epoch of one document: its record, or the error (its name and message)."""

    record: Extraction | None = None
    error: str = ""
    seconds: float = 0.0
    calls: list[Call] = []


class ClaimOutcome(Form):
    """How a core gold claim fared: shares of the epochs, 0 to 1."""

    id: str
    found: float
    attributed: float
    full: float


class CheckOutcome(Form):
    """A hard assertion. passed: None where there was nothing to judge."""

    document: str
    epoch: int
    name: str
    claim: str
    passed: bool | None
    detail: str = ""


class DocumentFigures(Form):
    """Additive counts of a document, averaged over epochs; by figure name.

    counts: [tp, fp, fn]. rates: [sum, what it's divided by]. confusion: rows are gold.
    """

    counts: dict[str, tuple[float, float, float]]
    rates: dict[str, tuple[float, float]]
    confusion: dict[str, list[list[float]]]
    events: dict[str, float]
    claims: list[ClaimOutcome]


class RunDocument(Form):
    """One article: gold and text by their SHA-256, a reading for each epoch, and its figures."""

    id: str
    gold_sha256: str
    text_sha256: str
    readings: list[Reading]
    figures: DocumentFigures | None = None


# ---- all together -----------------------------------------------------------------------------


class Estimate(Form):
    """A figure with its 95 % interval; None is undefined.

    n: what it is divided by. documents: how many it rests on. se, low, high: linearised, the
    document as the unit. boot_low, boot_high: by document bootstrap.
    """

    value: float | None
    n: float
    documents: int
    se: float | None = None
    low: float | None = None
    high: float | None = None
    boot_low: float | None = None
    boot_high: float | None = None


class CountFigure(Form):
    """What was found, invented and missed. macro: mean F1 over documents.

    epochs: the pooled F1 of each epoch. names: claim (located tier), span, attributed, tuple,
    relation, relation_full, relation_partial, relation_strict.
    """

    tp: float
    fp: float
    fn: float
    precision: float | None
    recall: float | None
    f1: Estimate
    macro: float | None
    epochs: list[float | None] = []


class FieldFigure(Form):
    """A label over matched pairs. matrix: rows are gold, columns predicted, in order of labels.

    kappa: linear-weighted for confidence. mae, bias: in levels, only for confidence.
    class_f1: None for a class that gold doesn't have.
    """

    labels: list[str]
    matrix: list[list[float]]
    kappa: Estimate
    macro_f1: float | None
    class_f1: dict[str, float | None]
    mae: float | None = None
    bias: float | None = None


class SliceFigure(Form):
    """Claims with one value of one facet: [share, out of] of each, share None for none."""

    facet: str
    value: str
    recall: tuple[float | None, float]
    precision: tuple[float | None, float]
    source: tuple[float | None, float]


class Figures(Form):
    """The figures of a run, once by the strict label and once with accepted readings.

    ratio: predicted over gold content length, median over matched pairs.
    """

    counts: dict[str, CountFigure]
    rates: dict[str, Estimate]
    fields: dict[str, FieldFigure]
    events: dict[str, float]
    ratio: float | None
    calibration: Calibration
    slices: list[SliceFigure]


class RunFigures(Form):
    """What a run amounts to. baselines: by name, the F1 of each count and kappa of confidence."""

    strict: Figures
    lenient: Figures
    checks: list[CheckOutcome]
    baselines: dict[str, dict[str, float | None]]


class RunFile(Form):
    """The whole run file. figures: None only while a run is under way."""

    format: Literal["sayso-run/1"] = "sayso-run/1"
    manifest: Manifest
    documents: list[RunDocument]
    figures: RunFigures | None = None
