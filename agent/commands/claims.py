"""`sayso claims`: the claims of all records that are kept, searched."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from agent.settings import load_settings
from agent.terminal import note, open_console

if TYPE_CHECKING:
    from rich.table import Table

    from agent.store import ClaimRow

Form = Literal["table", "jsonl", "csv"]
# As in agent/schema.py, which takes too long to load for --help; a test compares.
Sure = StrEnum("Sure", "certain probable possible uncommitted")
How = StrEnum("How", "direct mixed indirect paraphrase none")

SHOWN = 100  # claims in a table, unless asked for more


def claims_command(
    source: Annotated[
        str, typer.Option(metavar="WORDS", help="Words of the name of who says it.")
    ] = "",
    contains: Annotated[
        str, typer.Option(metavar="WORDS", help="Words that stand side by side in the claim.")
    ] = "",
    confidence: Annotated[
        list[Sure] | None,
        typer.Option(metavar="|".join(Sure), help="How sure the source sounds; may be repeated."),
    ] = None,
    kind: Annotated[
        list[How] | None,
        typer.Option(
            metavar="|".join(How),
            help="How it's quoted; none is the article's own. May be repeated.",
        ),
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="Of the article, or later."),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(metavar="N", min=1, help=f"So many; a table shows {SHOWN}.")
    ] = None,
    form: Annotated[Form, typer.Option("-f", "--format", help="Of the result.")] = "table",
) -> None:
    """Search the claims of all documents that `sayso batch` has read."""
    from agent.store import Query, Store  # noqa: PLC0415

    query = Query(
        source=source,
        contains=contains,
        confidence=confidence or (),
        kind=kind or (),
        since=since.date().isoformat() if since else "",
    )
    with Store(load_settings().store) as store:
        found = islice(store.claims(query), limit)
        if form == "table":
            _show(found, limit or SHOWN)
        else:
            for line in _csv(found) if form == "csv" else _jsonl(found):
                sys.stdout.write(line)
            sys.stdout.flush()


def _jsonl(found: Iterable[ClaimRow]) -> Iterator[str]:
    from agent.rows import json_of  # noqa: PLC0415

    return (json_of(asdict(row)) for row in found)


def _csv(found: Iterable[ClaimRow]) -> Iterator[str]:
    from agent.rows import csv_line  # noqa: PLC0415
    from agent.store import ClaimRow  # noqa: PLC0415
    from agent.wording import plain  # noqa: PLC0415

    names = [field.name for field in fields(ClaimRow)]
    yield csv_line(names)
    for row in found:
        cells = asdict(row) | {"sources": " ← ".join(row.sources)}
        yield csv_line([plain(cells[name] or "") for name in names])


def _show(found: Iterator[ClaimRow], most: int) -> None:
    from agent.wording import counted  # noqa: PLC0415

    rows = list(islice(found, most))
    if rows:
        open_console().print(_table(rows))
    more = next(found, None) is not None
    if not rows:
        note("no claims: `sayso batch` keeps those that it reads here, `sayso extract` keeps none")
        return
    note(counted(len(rows), "claim") + (", and more: --limit N shows them" if more else ""))


def _table(rows: Iterable[ClaimRow]) -> Table:
    from rich import box  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    from agent.wording import ACTS, HOW, OWN, SURE, plain  # noqa: PLC0415

    shown = Table(box=box.ROUNDED, border_style="dim", show_lines=True, expand=True)
    for name, ratio in (("Where", 15), ("Who says it", 20), ("What is claimed", 40), ("How", 25)):
        shown.add_column(name, ratio=ratio, overflow="fold")
    for row in rows:
        how = (HOW[row.kind], ACTS[row.act], SURE[row.confidence])
        shown.add_row(
            "\n".join(plain(part) for part in (row.document, row.date) if part),
            " ← ".join(map(plain, row.sources)) or OWN,
            plain(row.text),
            "\n".join(part for part in how if part),
        )
    return shown
