"""The form `sayso-gold/1`: fields and values of a gold file.

evals/gold/README.md defines the values. The fields are those of the record `sayso/1`, with
`status`, `split_group`, `duplicate_of`, `accept` and `note` added.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from agent.schema import (
    Act,
    ClaimZone,
    Confidence,
    EntityType,
    Kind,
    Polarity,
    SourceRole,
    Sourcing,
)

Share = Annotated[float, Field(ge=0, le=1)]


class Gold(BaseModel):
    """Base of the gold models: an unknown key is a typing error and is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class GoldSpan(Gold):
    """A place in the text: code points, half-open."""

    start: int = Field(ge=0)
    end: int = Field(ge=1)
    text: str


class GoldZone(Gold):
    """A part of the article that isn't plain body (optional layer)."""

    type: Literal[
        "headline", "date", "dateline", "subheading", "body", "pull_quote", "caption", "boilerplate"
    ]
    span: GoldSpan


class NonClaim(Gold):
    """Words that look like a claim and aren't, with the reason (optional layer)."""

    span: GoldSpan
    reason: str


class GoldEntity(Gold):
    """A source. speaks_for: the entity whose spokesman it is, worth half credit in soft scores."""

    id: str
    name: str
    type: EntityType
    aliases: list[str] = []
    mentions: list[GoldSpan] = []
    speaks_for: str | None = None


class GoldLink(Gold):
    """One source in a chain."""

    entity: str
    role: SourceRole = "speaker"
    implicit: bool = False
    mention: GoldSpan | None = None
    cue: GoldSpan | None = None


class GoldAttribution(Gold):
    """Outermost source first; an empty chain is the article's own voice."""

    kind: Kind
    chain: list[GoldLink] = []


class Accept(Gold):
    """Other readings that the adjudicator lets pass; only lenient scores use them."""

    kind: list[Kind] = []
    act: list[Act] = []
    polarity: list[Polarity] = []
    confidence: list[Confidence] = []
    article_confidence: list[Confidence] = []
    chain: list[list[str]] = []
    content: list[list[GoldSpan]] = []
    duplicate_of: list[str] = []


class GoldClaim(Gold):
    """One annotated claim."""

    id: str
    status: Literal["core", "optional"]
    zone: ClaimZone = "body"
    text: str
    content: list[GoldSpan] = Field(min_length=1)
    sentence: GoldSpan
    attribution: GoldAttribution
    act: Act
    polarity: Polarity
    confidence: Confidence
    confidence_cues: list[GoldSpan] = []
    topic: GoldSpan | None = None
    sourcing: Sourcing | None = None
    article_confidence: Confidence | None = None
    split_group: str | None = None
    duplicate_of: str | None = None
    p_range: tuple[Share, Share] | None = None
    accept: Accept = Accept()
    note: str = ""


class Critical(Gold):
    """A hard assertion on one claim, checked on whatever prediction lies on its content.

    never: labels that it mustn't have, by field. chain: entity ids that its chain must be.
    """

    claim: str
    never: dict[Literal["kind", "act", "polarity", "confidence"], str] = {}
    chain: list[str] | None = None


class GoldDocument(BaseModel):
    """Which text the labels belong to. file: relative to the gold file."""

    model_config = ConfigDict(extra="allow", frozen=True)

    id: str
    file: str
    sha256: str
    title: str | None = None
    date: str | None = None


class GoldFile(BaseModel):
    """A whole gold file. Other keys at this level (licence, history) are kept and not read."""

    model_config = ConfigDict(extra="allow", frozen=True)

    format: Literal["sayso-gold/1"]
    document: GoldDocument
    annotator: str = ""
    entities: list[GoldEntity] = []
    claims: list[GoldClaim] = []
    zones: list[GoldZone] | None = None
    non_claims: list[NonClaim] | None = None
    critical: list[Critical] = []
