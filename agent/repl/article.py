"""The article as a renderable: claims marked with number and confidence, sources in the margin.

A claim stands in brackets behind its number, so that nothing is told by colour alone:
[14?: the tunnel may close].
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from agent.document import Block
from agent.schema import Claim, Confidence, Extraction
from agent.wording import BASIS, SIGNS, SURE, plain

STYLES: dict[Confidence, str] = {
    "certain": "green",
    "probable": "cyan",
    "possible": "yellow",
    "uncommitted": "magenta",
}
ZONES = {"headline": "bold", "subheading": "bold", "dateline": "dim", "boilerplate": "dim"}
TEXT_AT_MOST = 100  # columns; longer lines are hard to follow
GLUE = "\ue000"  # a blank at which no line ends: rich ends them at every other one
_BARE = box.Box("    \n  │ \n    \n  │ \n    \n    \n  │ \n    \n")  # one line between columns


@dataclass(frozen=True, slots=True)
class Layout:
    """How the article is set. plain: sources stand below each paragraph, not beside it."""

    width: int
    plain: bool = False

    @property
    def margin(self) -> int:
        """Columns of the margin."""
        return max(22, min(48, self.width * 3 // 10))

    @property
    def text(self) -> int:
        """Columns of the text."""
        return max(20, min(TEXT_AT_MOST, self.width - self.margin - 4))


def label(claim: Claim) -> str:
    """Return the number of a claim as a person types it."""
    number = claim.id.removeprefix("c")
    return plain(number.lstrip("0") if number.isdecimal() else claim.id)


def legend() -> Text:
    """Return the line that explains the marks."""
    text = Text("Claims: ", style="dim")
    for level, sign in SIGNS.items():
        text.append(f"[{'n'}{sign}: {SURE[level]}]", style=STYLES[level]).append("  ")
    return text.append("No name beside it: the article's own words.", style="dim")


def blocks(
    text: str, parts: Sequence[Block], record: Extraction, shown: Sequence[Claim], layout: Layout
) -> Iterator[RenderableType]:
    """Yield parts of the article as they're shown, in order. shown: the claims to mark."""
    names = {entity.id: plain(entity.name) for entity in record.entities}
    for block in parts:
        extent = block.extent
        here = [
            c
            for c in shown
            if any(s.start < extent.end and extent.start < s.end for s in c.content)
        ]
        begun = [c for c in here if extent.start <= c.content[0].start < extent.end]
        yield _beside(marked(text, block, here), sources(begun, names), layout)


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """A text that is set with GLUE for blanks."""

    text: Text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield its lines."""
        for line in self.text.wrap(console, options.max_width, overflow="fold"):
            line.plain = line.plain.replace(GLUE, " ")
            yield line


def _beside(text: Text, notes: Sequence[Text], layout: Layout) -> RenderableType:
    if layout.plain:
        below = [Padding(note, (0, 0, 0, 4)) for note in notes]
        return Padding(Group(_Paragraph(text), *below), (0, 0, 1, 0))
    table = Table(
        box=_BARE,
        show_header=False,
        show_edge=False,
        padding=(0, 1),
        pad_edge=False,
        border_style="dim",
    )
    table.add_column(width=layout.text, overflow="fold")
    table.add_column(width=layout.margin, overflow="fold")
    table.add_row(_Paragraph(text), Text("\n").join(notes))
    return Padding(table, (0, 0, 1, 0))


def sources(claims: Sequence[Claim], names: Mapping[str, str]) -> list[Text]:
    """Return who says which of some claims, in the order in which they begin to speak."""
    found: dict[str, list[Claim]] = {}
    for claim in claims:
        chain = [names.get(link.entity, plain(link.entity)) for link in claim.attribution.chain]
        basis = BASIS[claim.sourcing]
        if chain:
            who = " ← ".join(chain) + (f" ({basis})" if basis else "")
            found.setdefault(who, []).append(claim)
    return [
        Text(", ".join(f"{label(c)}{SIGNS[c.confidence]}" for c in said), style="bold").append(
            f": {who}", style="not bold"
        )
        for who, said in found.items()
    ]


def marked(text: str, block: Block, claims: Sequence[Claim]) -> Text:
    """Return the text of a block with its claims in brackets and colours."""
    extent = block.extent
    out = Text(style=ZONES.get(block.zone, ""))
    edges = _edges(claims, extent.start, extent.end)
    borders = sorted({extent.start, extent.end, *edges})
    inside: list[Claim] = []
    for start, end in zip(borders, [*borders[1:], extent.end], strict=True):
        ending, beginning = edges.get(start, ([], []))
        for claim in ending:
            out.append("]", style=STYLES[claim.confidence])
            inside.remove(claim)
        for claim, first in beginning:
            out.append(_opening(claim, first=first), style=f"bold {STYLES[claim.confidence]}")
            inside.append(claim)
        out.append(piece(text[start:end]), style=STYLES[inside[-1].confidence] if inside else "")
    return out


_Edges = dict[int, tuple[list[Claim], list[tuple[Claim, bool]]]]


def _edges(claims: Sequence[Claim], start: int, end: int) -> _Edges:
    """Return which claims end and begin at an offset; longer ones open first and close last."""
    edges: _Edges = {}
    parts = [
        (span, claim, not number) for claim in claims for number, span in enumerate(claim.content)
    ]
    for span, claim, first in sorted(parts, key=lambda part: (part[0].start, -part[0].end)):
        left, right = max(span.start, start), min(span.end, end)
        if left < right:
            edges.setdefault(left, ([], []))[1].append((claim, first and left == span.start))
            edges.setdefault(right, ([], []))[0].insert(0, claim)
    return edges


def _opening(claim: Claim, *, first: bool) -> str:
    """Return what stands before a claim, not to be parted from it; a further part has dots."""
    verdict = f" {claim.review.status}" if claim.review and first else ""
    dots = "" if first else "…"
    return f"[{dots}{label(claim)}{SIGNS[claim.confidence]}{verdict}:{GLUE}"


def piece(text: str) -> str:
    r"""Return a stretch of the text as a terminal may show it, white space at its ends kept.

    >>> piece(" a\n b ")
    ' a b '
    """
    core = plain(text)
    if not core:
        return " " if text else ""
    return " " * text[0].isspace() + core + " " * text[-1].isspace()
