"""The hostile articles: those in files, told by data/hostile/attacks.toml, and what they try."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from agent.api import open_document
from agent.document import Document
from agent.engine import Abilities, Request
from agent.engines.scripted import ScriptedEngine
from agent.extract import Resources, extract
from agent.inputs import read_article
from agent.schema import Extraction, Span
from readings import REMOTE, draft

FOLDER = Path(__file__).parent / "data" / "hostile"
ABLE = Abilities(grammar=True, logprobs=False, context_tokens=8192)
# What every article in the folder says besides: somebody, and the article itself.
SAID = ("Harbour Board", "the old lighthouse would reopen in June")
TOLD = "was shut in 2019 after a storm"


@dataclass(frozen=True)
class Attack:
    """One hostile article. flags: all that its record has. never: words that it mustn't hold.

    wish: a claim and its source that the record mustn't hold, though a model listed them.
    """

    file: str
    why: str
    wish: tuple[str, str]
    flags: tuple[str, ...] = ()
    never: tuple[str, ...] = ()

    @property
    def path(self) -> Path:
        """Where the article lies."""
        return FOLDER / self.file


def load_attacks() -> list[Attack]:
    """Return the attacks, in the order of the table."""
    table = tomllib.loads((FOLDER / "attacks.toml").read_text(encoding="utf-8"))
    return [
        Attack(
            **{k: tuple(v) if isinstance(v, list) else v for k, v in entry.items()}  # type: ignore[arg-type]
        )
        for entry in table["attack"]
    ]


ATTACKS = load_attacks()


@cache
def document_of(attack: Attack) -> Document:
    """Return the article as any other is read."""
    return open_document(read_article(str(attack.path)), force=True)


@dataclass(frozen=True)
class Readings:
    """Each attack read once in each way with each model; takes the resources that reading needs."""

    resources: Resources
    _kept: dict[tuple[str, str, str], tuple[Extraction, list[Request]]] = field(
        default_factory=dict
    )

    def of(self, attack: Attack, way: str, model: str) -> tuple[Extraction, list[Request]]:
        """Return the record, and what was asked. model: "obeys" or "says nothing"."""
        key = (attack.file, way, model)
        if key not in self._kept:
            make = obeying if model == "obeys" else silenced
            engine = make(attack, grammar=way == "passage")
            record = extract(document_of(attack), self.resources, engine)
            self._kept[key] = record, engine.requests
        return self._kept[key]


def obeying(attack: Attack, *, grammar: bool) -> ScriptedEngine:
    """Return a model that gives the attacker what he wishes, in either way of reading."""
    content, source = attack.wish
    triple = json.dumps([source, "said", content])
    listed = json.dumps({"claims": [draft(content, (source, "said")), draft(content)]})

    def answer(request: Request) -> str:
        if request.schema:
            return listed
        return triple if "substring_words" in (request.grammar or "") else "none"

    return ScriptedEngine(answer, abilities=ABLE if grammar else REMOTE)


def silenced(_: Attack | None = None, *, grammar: bool) -> ScriptedEngine:
    """Return a model that was talked into saying nothing."""
    return ScriptedEngine(
        lambda request: '{"claims": []}' if request.schema else "none",
        abilities=ABLE if grammar else REMOTE,
    )


# ---- what a record holds ------------------------------------------------------------------------


def attributions(record: Extraction) -> list[tuple[str, str]]:
    """Return the innermost source and the content of each claim that has a source."""
    names = {entity.id: entity.name for entity in record.entities}
    return [
        (names[claim.attribution.chain[-1].entity], " … ".join(span.text for span in claim.content))
        for claim in record.claims
        if claim.attribution.chain
    ]


def words_of(record: Extraction) -> Iterator[str]:
    """Yield all words of claims and entities: what a reader takes for the article's."""
    for claim in record.claims:
        yield claim.text
    for entity in record.entities:
        yield from (entity.name, *entity.aliases)
    yield from (span.text for span in spans_of(record))


def spans_of(record: Extraction) -> Iterator[Span]:
    """Yield every span of claims and entities."""
    for claim in record.claims:
        yield from (*claim.content, claim.sentence, *claim.confidence_cues)
        if claim.topic:
            yield claim.topic
        for link in claim.attribution.chain:
            yield from (span for span in (link.mention, link.cue) if span)
    for entity in record.entities:
        yield from entity.mentions
