"""Gold in the making: the claims of a record, judged and put right one by one.

Every step returns new work; nothing is written here. goldfix.py sets single fields, goldfile.py
makes a gold file of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from agent.document import Document, Extent
from agent.errors import ConfigError
from agent.repl.goldplaces import cut, joined, locate, with_content
from agent.repl.parse import check_value
from agent.schema import Attribution, Claim, ClaimZone, Entity, Extraction, ZoneName


class Item(BaseModel):
    """A claim with what was decided about it. optional: it isn't core (rules 2 and 10 of gold)."""

    model_config = ConfigDict(frozen=True)

    claim: Claim
    state: Literal["open", "accepted", "rejected"] = "open"
    optional: bool = False
    note: str = ""
    reason: str = ""


class Work(BaseModel):
    """The walk: the claims in text order, the entities, and where it stands."""

    model_config = ConfigDict(frozen=True)

    items: tuple[Item, ...] = ()
    entities: tuple[Entity, ...] = ()
    at: int = 0

    @property
    def item(self) -> Item:
        """The claim at which the walk stands.

        Raises:
            ConfigError: there's none.
        """
        if not self.items:
            raise ConfigError("there's no claim here: add one with + and its words")
        return self.items[self.at]

    @property
    def undecided(self) -> int:
        """How many claims are neither accepted nor rejected."""
        return sum(item.state == "open" for item in self.items)

    def changed(self, **changes: Any) -> Work:
        """Return the work with other values in the present item."""
        return self.replaced(self.item.model_copy(update=changes))

    def with_claim(self, **changes: Any) -> Work:
        """Return the work with other values in the present claim."""
        return self.changed(claim=self.item.claim.model_copy(update=changes))

    def replaced(self, *items: Item, drop: int | None = None) -> Work:
        """Return the work with items in place of the present one. drop: a place to leave out."""
        kept: list[Item] = []
        for place, item in enumerate(self.items):
            if place == self.at:
                kept += items
            elif place != drop:
                kept.append(item)
        return self.sorted(kept, items[0].claim.id)

    def sorted(self, items: Sequence[Item], id_: str) -> Work:
        """Return the work with these items in text order, standing at a claim."""
        ordered = sorted(items, key=lambda item: item.claim.content[0].start)
        at = next(place for place, item in enumerate(ordered) if item.claim.id == id_)
        return self.model_copy(update={"items": tuple(ordered), "at": at})


def begin(record: Extraction) -> Work:
    """Return the work on a record: nothing is decided."""
    items = [
        Item(claim=c, optional=c.zone != "body" or c.duplicate_of is not None)
        for c in record.claims
    ]
    items.sort(key=lambda item: item.claim.content[0].start)
    return Work(items=tuple(items), entities=tuple(record.entities))


# ---- going and deciding -----------------------------------------------------------------------


def go(work: Work, at: int) -> Work:
    """Return the work at another claim, kept within the list."""
    return work.model_copy(update={"at": min(max(at, 0), max(len(work.items) - 1, 0))})


def go_on(work: Work) -> Work:
    """Return the work at the next claim that isn't decided; after the last comes the first."""
    size = len(work.items)
    ahead = [(work.at + step) % size for step in range(1, size + 1)]
    return go(work, next((i for i in ahead if work.items[i].state == "open"), work.at))


def place_of(work: Work, word: str) -> int:
    """Return where the claim with an id or number stands.

    Raises:
        ConfigError: there's no such claim.
    """
    wanted = word.casefold().removeprefix("c").lstrip("0")
    for place, item in enumerate(work.items):
        id_ = item.claim.id.casefold()
        if id_ == word.casefold() or id_.removeprefix("c").lstrip("0") == wanted:
            return place
    raise ConfigError(f"there's no claim {word!r} in this walk; l lists them")


def accept(work: Work, status: str = "") -> Work:
    """Return the work with the present claim accepted. status: core, optional, or as it is.

    Raises:
        ConfigError: there's no such status, or no claim.
    """
    changes: dict[str, Any] = {"state": "accepted", "reason": ""}
    if status:
        changes["optional"] = check_value("status", status) == "optional"
    return go_on(work.changed(**changes))


def accept_rest(work: Work) -> Work:
    """Return the work with every claim accepted that isn't decided."""
    items = [
        item.model_copy(update={"state": "accepted"}) if item.state == "open" else item
        for item in work.items
    ]
    return work.model_copy(update={"items": tuple(items)})


def reject(work: Work, reason: str = "") -> Work:
    """Return the work with the present claim rejected."""
    return go_on(work.changed(state="rejected", reason=reason))


# ---- splitting, merging, adding ---------------------------------------------------------------


def split(work: Work, document: Document, words: str) -> Work:
    """Return the work with the present claim cut in two before some words of its content.

    The word that joins the parts belongs to neither.

    Raises:
        ConfigError: its content doesn't hold the words, or begins with them.
    """
    item = work.item
    claim, text = item.claim, document.text
    at = locate(document, words, claim.content[0].start, parts=False)[0].start
    left = [e for s in claim.content for e in cut(text, s.start, min(s.end, at))]
    right = [e for s in claim.content for e in cut(text, max(s.start, at), s.end)]
    if not (left and right):
        raise ConfigError(f"{words!r} doesn't stand within the content of {claim.id}")
    group = claim.split_group or claim.id
    ids = [claim.id, _new_id(work, claim.id)]
    halves = [
        item.model_copy(
            update={
                "claim": with_content(claim, document, spans).model_copy(
                    update={"id": id_, "split_group": group}
                ),
                "state": "open",
            }
        )
        for id_, spans in zip(ids, (left, right), strict=True)
    ]
    return work.replaced(*halves)


def merge(work: Work, document: Document, word: str = "") -> Work:
    """Return the work with the present claim and another one as one claim with its labels.

    word: the other's id or number; without it, the next claim is meant.

    Raises:
        ConfigError: there's no other claim.
    """
    item = work.item
    other = place_of(work, word) if word else work.at + 1
    if other == work.at or other >= len(work.items):
        raise ConfigError("there's no claim to merge with: name another one, as in m 12")
    taken = work.items[other].claim
    spans = joined(document.text, [*item.claim.content, *taken.content])
    claim = with_content(item.claim, document, spans)
    hedges = {(s.start, s.end): s for s in (*claim.confidence_cues, *taken.confidence_cues)}
    claim = claim.model_copy(update={"confidence_cues": [hedges[key] for key in sorted(hedges)]})
    return work.replaced(item.model_copy(update={"claim": claim, "state": "open"}), drop=other)


def add(work: Work, document: Document, words: str | Extent) -> Work:
    """Return the work with a claim more, at which it stands; its source is that of its sentence.

    words: of the text, or their place.

    Raises:
        ConfigError: they don't stand in a sentence of it.
    """
    near = work.item.claim.content[0].start if work.items else 0
    if isinstance(words, str):
        spans = locate(document, words, near)
    else:
        spans = cut(document.text, words.start, words.end)
    held = document.sentence_at(spans[0].start) if spans else None
    if held is None:
        raise ConfigError("these words stand in no sentence of the article: take others")
    same = [item.claim for item in work.items if _begins_in(item.claim, held.extent)]
    start = spans[0].start
    beside = min(same, key=lambda claim: abs(claim.content[0].start - start), default=None)
    claim = Claim(
        id=_new_id(work, "new"),
        text="-",
        content=spans,
        sentence=spans[0],
        zone=_claim_zone(held.zone),
        attribution=beside.attribution if beside else Attribution(kind="none"),
        sourcing=beside.sourcing if beside else "article_voice",
    )
    claim = with_content(claim, document, spans)
    item = Item(claim=claim, optional=claim.zone != "body")
    return work.sorted([*work.items, item], claim.id)


def _begins_in(claim: Claim, extent: Extent) -> bool:
    return extent.start <= claim.content[0].start < extent.end


def _claim_zone(zone: ZoneName) -> ClaimZone:
    return "body" if zone == "dateline" or zone == "boilerplate" else zone  # noqa: PLR1714  (mypy)


def _new_id(work: Work, stem: str) -> str:
    taken = {item.claim.id for item in work.items}
    return next(id_ for n in range(2, 10_000) if (id_ := f"{stem}-{n}") not in taken)
