"""The record in forms for people: table and Markdown. Returns values, prints nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from agent.schema import Extraction, Provenance
from agent.wording import OWN, Line, counted, lines, plain

NOTHING = "No claims were found."
SCORE = "Score: how likely it is that we read the claim right; not how likely it is to be true"


def summary(extraction: Extraction) -> list[str]:
    """Return the closing lines: counts, what was rejected and why, flags, how it was read."""
    attributed, own = lines(extraction)
    names = {link.entity for claim in extraction.claims for link in claim.attribution.chain}
    found = f"{counted(len(extraction.claims), 'claim')}: {len(attributed)} from "
    found += f"{counted(len(names), 'source')}, {len(own)} the article's own"
    reasons = Counter(plain(rejected.reason) for rejected in extraction.rejected)
    rejected = f"{len(extraction.rejected):,} rejected" if reasons else "nothing rejected"
    parts = [f"{found}; {rejected}"]
    if reasons:
        told = "; ".join(f"{reason} ({number})" for reason, number in reasons.most_common())
        parts.append(f"Rejected: {told}")
    if extraction.flags:
        parts.append(f"About the text: {'; '.join(map(plain, extraction.flags))}")
    if any(claim.score is not None for claim in extraction.claims):
        parts.append(SCORE)
    return [*parts, _how_read(extraction.provenance)]


def _how_read(how: Provenance) -> str:
    """Return by whom and how a text was read, and what it took."""
    used = how.usage
    if how.reading == "passage" and not used.calls + used.cache_hits:
        return "Read by parser and rules; no model had to be asked"
    took = f"{counted(used.calls, 'call')}, {how.seconds:.0f} s"
    cost = f", ${used.cost_usd:.4f}" if used.cost_usd else ""
    return f"Read by {plain(how.model)}, {how.reading} way: {took}{cost}"


def _about(extraction: Extraction) -> tuple[str, str]:
    """Return the title and the line below it."""
    document = extraction.document
    below = [part for part in (document.date, document.origin) if part]
    return plain(document.title or document.id), plain(" · ".join(below))


# ---- table ------------------------------------------------------------------------------------


def table(extraction: Extraction) -> RenderableType:
    """Return the record as a renderable for a terminal of 60 columns or more."""
    attributed, own = lines(extraction)
    title, below = _about(extraction)
    head = Text(title, style="bold")
    if below:
        head.append(f"\n{below}", style="dim")
    parts: list[RenderableType] = [Panel(head, box=box.ROUNDED, border_style="dim")]
    if attributed:
        parts += [Text(), _attributed_table(attributed)]
    if own:
        parts += [Text(), _own_table(own)]
    if not attributed and not own:
        parts += [Text(), Text(NOTHING)]
    parts += [Text(), *(Text(line, style="dim") for line in summary(extraction))]
    return Group(*parts)


def _attributed_table(rows: Sequence[Line]) -> Table:
    shown = _table("Attributed: who says what")
    shown.add_column("", style="dim", no_wrap=True)
    shown.add_column("Who says it", ratio=20)
    shown.add_column("What is claimed", ratio=34)
    shown.add_column("How, and how sure", ratio=25)
    for row in rows:
        who = Text(row.sources, style="bold")
        if row.basis:
            who.append(f"\n({row.basis})", style="not bold dim")
        shown.add_row(Text(row.id), who, Text(row.content), _manner(row))
    if any("←" in row.sources for row in rows):
        shown.caption = Text("A ← B: A passes on what B says", style="dim")
        shown.caption_justify = "left"
    return shown


def _own_table(rows: Sequence[Line]) -> Table:
    shown = _table(f"{OWN}: no source is named")
    shown.show_lines = False
    shown.add_column("", style="dim", no_wrap=True)
    shown.add_column("What is claimed", ratio=54)
    shown.add_column("How sure it sounds", ratio=25)
    for row in rows:
        shown.add_row(Text(row.id), Text(row.content), _manner(row))
    return shown


def _table(title: str) -> Table:
    return Table(
        title=Text(title, style="bold"),
        title_justify="left",
        box=box.ROUNDED,
        border_style="dim",
        header_style="bold",
        show_lines=True,
        expand=True,
    )


def _manner(row: Line) -> Text:
    """Return how a claim is put: the label of each line plain, what it rests on dim."""
    text = Text()
    review = f"reviewed: {row.review}" if row.review else ""
    for part, style in ((row.how, ""), (row.sure, ""), (row.notes, "dim"), (review, "")):
        if part:
            label, colon, words = part.partition(":")
            text.append("\n" if text else "").append(label, style=style)
            text.append(colon + words, style="dim")
    return text


# ---- Markdown ---------------------------------------------------------------------------------

_MARKUP = re.compile(r"([\\`*_{}\[\]<>|~$&])")


def markdown(extraction: Extraction) -> str:
    """Return the record as a page in Markdown (tables as GitHub has them).

    Verdicts have a column where there are some.
    """
    attributed, own = lines(extraction)
    title, below = _about(extraction)
    page = [f"# {_md(title)}", ""] + ([_md(below), ""] if below else [])
    reviewed = any(row.review for row in (*attributed, *own))
    if attributed:
        page += ["## Attributed: who says what", ""]
        page += _md_table(_ATTRIBUTED, map(_attributed_cells, attributed), reviewed=reviewed)
    if own:
        page += [f"## {OWN}", ""]
        page += _md_table(_OWN, map(_own_cells, own), reviewed=reviewed)
    if not attributed and not own:
        page += [NOTHING, ""]
    page += [f"- {_md(line)}" for line in summary(extraction)]
    return "\n".join(page) + "\n"


_ATTRIBUTED = (
    "",
    "Who says it",
    "What is claimed",
    "How it is put",
    "How sure it sounds",
    "Review",
)
_OWN = ("", "What is claimed", "How sure it sounds", "Review")


def _attributed_cells(row: Line) -> list[str]:
    who = f"{row.sources} ({row.basis})" if row.basis else row.sources
    sure = _joined(row.sure, row.notes, row.differs)
    return [row.id, who, row.content, row.how, sure, row.review]


def _own_cells(row: Line) -> list[str]:
    return [row.id, row.content, _joined(row.sure, row.notes, row.differs), row.review]


def _md_table(
    head: Sequence[str], rows: Iterable[Sequence[str]], *, reviewed: bool
) -> Iterator[str]:
    """Yield the lines of a table and an empty one. reviewed: the last column is shown."""
    width = len(head) if reviewed else len(head) - 1
    yield f"| {' | '.join(head[:width])} |".replace("|  |", "| |")
    yield "|" + "---|" * width
    for cells in rows:
        yield f"| {' | '.join(map(_md, cells[:width]))} |"
    yield ""


def _joined(*parts: str) -> str:
    return "; ".join(part for part in parts if part)


def _md(text: str) -> str:
    return _MARKUP.sub(r"\\\1", text)
