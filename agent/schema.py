"""The shapes of what the model returns (Draft) and of what we keep (the record `sayso/1`).

Docstrings and field descriptions of the *Draft models go over the wire with their JSON Schema:
they are prompt text. The other models are the contract of the output; evals/gold/README.md
defines the values.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

FORMAT = "sayso/1"

Kind = Literal["direct", "mixed", "indirect", "paraphrase", "none"]
Act = Literal[
    "assert",
    "deny",
    "decline",
    "disclaim",
    "question",
    "wish",
    "request",
    "congratulate",
    "commit",
    "other",
]
Polarity = Literal["positive", "negative", "unknown"]
Confidence = Literal["certain", "probable", "possible", "uncommitted"]
Match = Literal["exact", "normalised", "elided", "edited"]
ZoneName = Literal[
    "headline", "dateline", "subheading", "body", "pull_quote", "caption", "boilerplate"
]
ClaimZone = Literal["headline", "subheading", "body", "pull_quote", "caption"]
EntityType = Literal["person", "organization", "group", "anonymous", "document", "place", "other"]
SourceRole = Literal["speaker", "relay"]
Sourcing = Literal[
    "named_on_record",
    "named_institution",
    "official_document",
    "anonymous",
    "anonymous_via_outlet",
    "unspecified",
    "article_voice",
]


# ---- what the model returns ---------------------------------------------------------------


class Draft(BaseModel):
    """Base of what a model returns: unknown keys are an error."""

    model_config = ConfigDict(extra="forbid")


class SourceDraft(Draft):
    """One source in the chain that leads to the claim."""

    name: str = Field(description="the source's full noun phrase, copied from the article")
    cue: str = Field(description="the shortest words that attribute to it, copied; may be empty")


class ClaimDraft(Draft):
    """One claim: a proposition that the article states itself or attributes to a source."""

    content: str = Field(
        description="the words of the claim, copied exactly; ' ... ' joins parts that are apart"
    )
    sources: list[SourceDraft] = Field(
        description="outermost first (newspaper, then official); empty for the article's own words"
    )
    act: Act = Field(description="the speech act of the innermost source")
    polarity: Polarity
    confidence: Confidence = Field(
        description="how firmly the innermost source commits to the content"
    )
    hedge: str = Field(description="the words that decided the confidence, copied; may be empty")


class DocumentDraft(Draft):
    """All claims of a text, in the order of the text."""

    claims: list[ClaimDraft]


# ---- what we keep ---------------------------------------------------------------------------


class Record(BaseModel):
    """Base of the record: readers tolerate unknown fields, so that it can grow."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Span(Record):
    """A place in document.text: code points, half-open, `text[start:end] == span.text` always.

    match: how the model's string was found. exact; normalised (quotation marks of one kind, dashes,
    white space, composed letters, ligatures, the ellipsis sign; characters without width: soft
    hyphens, zero-width ones, marks of direction, variation selectors, Unicode's tags; the first
    letter's case, marks around what is quoted, a full stop at the end); elided (one of several
    parts around an explicit ellipsis); edited (bracketed words left out).
    """

    start: int = Field(ge=0)
    end: int = Field(ge=0)
    text: str
    match: Match = "exact"


class Difference(Record):
    """One place where the string that a reading returned differs from the article's words.

    match: normalised (as of a span), elided (left out), edited (brackets).
    returned: in the string. stands: in the text, from `at` on; either may be empty.
    """

    match: Match
    returned: str
    stands: str
    at: int = Field(ge=0)


class Entity(Record):
    """Somebody or something that says things, with every mention that was found."""

    id: str
    name: str
    type: EntityType
    aliases: list[str] = []
    mentions: list[Span] = []


class Link(Record):
    """One source in a chain. mention is null for an agentless passive, cue where none stands."""

    entity: str
    role: SourceRole = "speaker"
    implicit: bool = False
    mention: Span | None = None
    cue: Span | None = None


class Attribution(Record):
    """Who the claim is attributed to: outermost source first; [] is the article's own voice."""

    kind: Kind
    chain: list[Link] = []


class Review(Record):
    """A person's verdict on a claim; at is a time in ISO 8601."""

    status: Literal["ok", "wrong"]
    by: str = ""
    at: str = ""
    note: str = ""


class Claim(Record):
    """One claim with its source and how sure that source sounds.

    confidence is the innermost source's commitment; score in [0, 1] is how likely this record is
    right, null until a calibration for the engine is loaded. They are never mixed. differences:
    between what the reading returned and the article's words, [] where it copied them exactly.
    """

    id: str
    text: str
    content: list[Span] = Field(min_length=1)
    sentence: Span
    zone: ClaimZone = "body"
    attribution: Attribution
    act: Act = "assert"
    polarity: Polarity = "positive"
    confidence: Confidence = "certain"
    confidence_cues: list[Span] = []
    topic: Span | None = None
    differences: list[Difference] = []
    sourcing: Sourcing
    duplicate_of: str | None = None
    split_group: str | None = None
    score: float | None = Field(default=None, ge=0, le=1)
    review: Review | None = None


class Rejected(Record):
    """Something that the model returned and that we don't stand by, with the reason."""

    stage: Literal["reply", "ground", "resolve", "check"]
    reason: str
    strings: list[str] = []
    passage: Span | None = None


class DocumentRecord(Record):
    """The text that offsets point into, and where it came from."""

    id: str
    title: str | None = None
    date: str | None = None
    sha256: str
    origin: str | None = None
    language: str = "en"
    text: str | None = None
    extra: dict[str, Any] = {}


class PromptRef(Record):
    """Which prompt was used."""

    name: str
    version: int
    hash: str


class UsageRecord(Record):
    """Tokens and money of the whole reading; cost in US dollars, null where unknown."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    cost_usd: float | None = None
    cache_hits: int = 0


class Provenance(Record):
    """How the record came about."""

    engine: str
    model: str
    prompts: list[PromptRef] = []
    schema_version: str = Field(default=FORMAT, alias="schema", serialization_alias="schema")
    reading: Literal["document", "passage"]
    reply_mode: str = ""
    usage: UsageRecord = UsageRecord()
    seconds: float = 0.0

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


class Extraction(Record):
    """The whole record of one document, form `sayso/1`."""

    format: Literal["sayso/1"] = "sayso/1"
    document: DocumentRecord
    entities: list[Entity] = []
    claims: list[Claim] = []
    rejected: list[Rejected] = []
    flags: list[str] = []
    provenance: Provenance


def extraction_json_schema() -> dict[str, Any]:
    """Return the JSON Schema of the record, as committed in docs/sayso-1.schema.json."""
    return Extraction.model_json_schema(by_alias=True, mode="serialization")
