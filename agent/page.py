"""Records as HTML that opens from disk: a page for each article, an index for a batch.

A page loads nothing: its Content-Security-Policy lets only its own style and script in, by hash.
Every word of an article or a model is escaped by the templates, and what could turn the page
around or hide words in it is shown as its code.
"""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import islice
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from agent.audit import UNNAMED, Audit, audit, named_sources, unnamed_sources
from agent.links import text_link, web_address
from agent.schema import Claim, Entity, EntityType, Extraction, Kind, Link, Sourcing
from agent.segments import Segment, cut_article
from agent.wording import BASIS, HOW, SIGNS, SURE, Line, lines, plain

KINDS: dict[Kind, str] = {**HOW, "none": "the article’s own words"}
TYPES: dict[EntityType, str] = {
    "person": "person",
    "organization": "organisation",
    "group": "group, not named",
    "anonymous": "not named",
    "document": "document",
    "place": "place",
    "other": "other, not named",
}
BASES: dict[Sourcing, str] = {
    "named_on_record": "a named person",
    "named_institution": "a named organisation",
    "official_document": "a document",
    "anonymous": "somebody not named",
    "anonymous_via_outlet": "somebody not named, passed on by another",
    "unspecified": "nobody in particular (“it was reported”)",
    "article_voice": "the article itself",
}
INDEX = "index.html"


@dataclass(frozen=True, slots=True)
class ShownLink:
    """A source in a chain, as it's drawn. number: of the entity in the filter."""

    number: int
    name: str
    type: str
    unnamed: bool
    link: Link


@dataclass(frozen=True, slots=True)
class ShownClaim:
    """A claim in the list. same: the number of the claim that it repeats. address: on the web."""

    number: int
    claim: Claim
    line: Line
    chain: list[ShownLink]
    same: int | None
    address: str | None


@dataclass(frozen=True, slots=True)
class Neighbours:
    """File names of the pages that a page leads to, None where there's none."""

    before: str | None = None
    after: str | None = None
    index: str | None = None


def page(extraction: Extraction, around: Neighbours | None = None) -> str:
    """Return the page of one record. around: the pages of its batch, if it's in one."""
    document = extraction.document
    claims = _show_claims(extraction)
    blocks = cut_article(document, extraction.claims)
    title = plain(document.title or document.id)
    # The headline is the heading of the page, unless the title is another one.
    first = next((b for b in blocks if b.zone == "headline"), None)
    headed = first is not None and plain(first.text) == title
    return _render(
        "page.html",
        "page.js",
        title=title,
        headed=headed,
        around=around or Neighbours(),
        extraction=extraction,
        address=web_address(document.origin),
        blocks=blocks,
        claims=claims,
        lengths={c.number: sum(len(s.text) for s in c.claim.content) for c in claims},
        sources=[(n, s) for n, s in enumerate(audit(extraction).sources.values(), 1)],
        own=sum(not c.chain for c in claims),
        kinds=_count(KINDS, [c.claim.attribution.kind for c in claims]),
        sures=_count(SURE, [c.claim.confidence for c in claims]),
    )


def pages(records: Iterable[Extraction]) -> Iterator[tuple[str, str]]:
    """Yield file name and HTML of each page of a batch, the index last.

    Records are taken one by one, so that a batch may be larger than the memory.
    """
    audits: list[Audit] = []
    names: dict[int, str] = {}
    ahead = iter(records)
    before, now = None, next(ahead, None)
    number = 0
    while now is not None:
        number += 1
        names[number] = file_name(number, now)
        after = next(ahead, None)
        audits.append(audit(now, number))
        following = file_name(number + 1, after) if after else None
        yield names[number], page(now, Neighbours(before, following, INDEX))
        before, now = names[number], after
    yield INDEX, index(audits, names)


def index(audits: Sequence[Audit], names: dict[int, str]) -> str:
    """Return the index of a batch. names: the file of each page, by its number."""
    return _render(
        "index.html",
        "index.js",
        title=f"{len(audits):,} article{'' if len(audits) == 1 else 's'}",
        audits=audits,
        names=names,
        twice={title for title, number in Counter(a.title for a in audits).items() if number > 1},
        bases=[(text, [sum(a.table[basis, sure] for a in audits) for sure in SURE])
               for basis, text in BASES.items()],
        named=named_sources(audits),
        unnamed=list(unnamed_sources(audits)),
    )  # fmt: skip


def file_name(number: int, extraction: Extraction) -> str:
    """Return the name of a page's file: its number, and as much of the id as is safe anywhere."""
    folded = unicodedata.normalize("NFKD", extraction.document.id).encode("ascii", "ignore")
    slug = re.sub("[^a-z0-9]+", "-", folded.decode().lower()).strip("-")[:60].strip("-")
    return f"{number:04}{'-' if slug else ''}{slug}.html"


# ---- what the templates get -------------------------------------------------------------------


def _show_claims(extraction: Extraction) -> list[ShownClaim]:
    entities = {entity.id: entity for entity in extraction.entities}
    order = {id_: n for n, id_ in enumerate(audit(extraction).sources, 1)}
    numbers: dict[str, int] = {}
    for n, claim in enumerate(extraction.claims, 1):
        numbers.setdefault(claim.id, n)
    attributed, own = map(iter, lines(extraction))
    document = extraction.document
    return [
        ShownClaim(
            number=n,
            claim=claim,
            line=next(attributed if claim.attribution.chain else own),
            chain=[
                _show_link(link, order[link.entity], entities.get(link.entity))
                for link in claim.attribution.chain
            ],
            same=numbers.get(claim.duplicate_of or ""),
            address=text_link(document.origin, document.text, claim.content),
        )
        for n, claim in enumerate(extraction.claims, 1)
    ]


def _show_link(link: Link, number: int, entity: Entity | None) -> ShownLink:
    if entity is None:
        return ShownLink(number, link.entity, "", True, link)
    unnamed = entity.type in UNNAMED
    return ShownLink(number, entity.name, TYPES[entity.type], unnamed, link)


def _count(labels: dict[Any, str], found: Sequence[str]) -> list[tuple[str, str, int]]:
    """Return value, label and number of each label."""
    return [(value, label, found.count(value)) for value, label in labels.items()]


def _classes(segment: Segment, lengths: dict[int, int], claims: Sequence[ShownClaim]) -> str:
    """Return the classes of a segment: those of the shortest claim that lies on it."""
    if not segment.content:
        return ""
    shortest = claims[min(segment.content, key=lambda n: (lengths[n], -n)) - 1]
    names = [shortest.claim.confidence, "said" if shortest.chain else "own"]
    return " ".join(["on", *names, *(["several"] if len(segment.content) > 1 else [])])


_BIDI = "\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_UNSEEN = re.compile(f"[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\ufeff{_BIDI}\ud800-\udfff]"
                     "|[\U000e0000-\U000e007f]")  # fmt: skip


def reveal(text: str) -> str:
    r"""Return a text in which control characters and direction marks are seen, not obeyed.

    >>> reveal("a\u202eb\n")
    'a\\u202eb\n'
    """
    return _UNSEEN.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


# ---- the templates ----------------------------------------------------------------------------


def _render(template: str, script_name: str, **values: Any) -> str:
    """Return a template filled in, with style, script and the policy that lets only them in."""
    style, script = _read("page.css"), _read(script_name)
    policy = (
        "default-src 'none'; "
        f"style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return _environment().get_template(template).render(
        style=style, script=script, policy=policy, **values
    )  # fmt: skip


def _hash(code: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()


@cache
def _read(name: str) -> str:
    folder = resources.files("agent") / "data" / "page"
    return (folder / name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    """Return the environment of the templates; an unknown name is an error."""
    environment = Environment(
        loader=PackageLoader("agent", "data/page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(reveal=reveal, plain=plain, classes=_classes, head=_head)
    environment.globals.update(
        SIGNS=SIGNS, SURE=SURE, BASIS=BASIS, BASES=BASES, TYPES=TYPES,
        UNNAMED=UNNAMED,
    )  # fmt: skip
    return environment


def _head(values: Iterable[Any], number: int) -> list[Any]:
    """Return the first values."""
    return list(islice(values, number))
