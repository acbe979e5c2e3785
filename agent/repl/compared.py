"""A comparison of two articles, as it's shown."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from agent.repl.article import label
from agent.repl.compare import KINDS, Comparison, Pair
from agent.repl.views import claims, rows, said
from agent.schema import Extraction
from agent.wording import Line, counted, lines, plain

SOURCES = frozenset({"source lost", "source added", "another source"})  # changes


def comparison(first: Extraction, second: Extraction, found: Comparison) -> RenderableType:
    """Return the pairs by their weightiest change, those told alike, and what only one has."""
    told = [
        {line.id: line for part in lines(record) for line in part} for record in (first, second)
    ]
    parts: list[RenderableType] = []
    for kind in KINDS:
        here = [pair for pair in found.pairs if pair.changes and pair.changes[0].kind == kind]
        if here:
            heading = Text(f"{kind[:1].upper()}{kind[1:]} ({len(here)})", style="bold")
            entries = ((_labels(pair), _pair(pair, told[0], told[1])) for pair in here)
            parts += [heading, rows(entries), ""]
    same = [pair for pair in found.pairs if not pair.changes]
    if same:
        pairs = ", ".join(map(_labels, same))
        parts += [
            Text("Told alike (here = there)", style="bold").append(f": {pairs}", "not bold"),
            "",
        ]
    for where, record, only in (
        ("here", first, found.only_first),
        ("there", second, found.only_second),
    ):
        if only:
            heading = Text(f"Only {where} ({len(only)})", style="bold")
            parts += [heading, claims(record, only), ""]
    counts = f"{counted(len(found.pairs) - len(same), 'claim')} changed, {len(same)} told alike, "
    counts += f"{len(found.only_first)} only here, {len(found.only_second)} only there"
    return Group(*parts, Text(counts, style="dim"))


def _labels(pair: Pair) -> str:
    return f"{label(pair.first)} = {label(pair.second)}"


def _pair(pair: Pair, here: dict[str, Line], there: dict[str, Line]) -> RenderableType:
    """Return both claims of a pair, and what changed; the two show whose source is another."""
    first, *more = pair.changes
    told = [] if first.kind in SOURCES else [first.told]
    told += map(str, more)
    return rows(
        [
            ("here", said(pair.first, here[plain(pair.first.id)])),
            ("there", said(pair.second, there[plain(pair.second.id)])),
            *(("→", plain(change)) for change in told if change),
        ]
    )
