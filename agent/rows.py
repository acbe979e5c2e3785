"""The record in forms for programs: rows of cells, CSV, JSON."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from agent.difference import in_words
from agent.schema import Claim, Extraction
from agent.wording import BIDI, plain, sources_of

CSV_COLUMNS = (
    "id zone sources kind act confidence polarity sourcing content text cues confidence_cues "
    "topic start end sentence differences duplicate_of score review review_note"
).split()
_JSON_ESCAPED = re.compile(f"[\x7f-\x9f\u2028\u2029{BIDI}\ud800-\udfff]")


def csv_rows(extraction: Extraction) -> list[list[str]]:
    """Return a row for each claim below the row of column names, in text order."""
    names = {entity.id: entity.name for entity in extraction.entities}
    return [CSV_COLUMNS, *(_csv_row(claim, names) for claim in extraction.claims)]


def _csv_row(claim: Claim, names: dict[str, str]) -> list[str]:
    cues = [link.cue.text for link in claim.attribution.chain if link.cue]
    cells: list[str | float | None] = [
        claim.id,
        claim.zone,
        sources_of(claim, names),
        claim.attribution.kind,
        claim.act,
        claim.confidence,
        claim.polarity,
        claim.sourcing,
        " ... ".join(span.text for span in claim.content),
        claim.text,
        " ... ".join(cues),
        " ... ".join(span.text for span in claim.confidence_cues),
        claim.topic.text if claim.topic else None,
        claim.content[0].start,
        claim.content[-1].end,
        claim.sentence.text,
        in_words(claim.differences),
        claim.duplicate_of,
        claim.score,
        claim.review.status if claim.review else None,
        claim.review.note if claim.review else None,
    ]
    return ["" if cell is None else plain(str(cell)) for cell in cells]


def csv_text(extraction: Extraction) -> str:
    """Return the claims as CSV (RFC 4180, but lines end in one newline).

    A cell that a spreadsheet would take for a formula gets a ' in front: one that begins with =, +,
    - or @, after any number of '. So the ' of such a cell can be taken off again for sure.
    """
    return "".join(map(csv_line, csv_rows(extraction)))


def csv_line(cells: Sequence[str]) -> str:
    """Return a row as a line of CSV with its newline."""
    return ",".join(map(_csv_cell, cells)) + "\n"


def _csv_cell(text: str) -> str:
    # Some spreadsheets take the full-width forms for formulas too.
    first = unicodedata.normalize("NFKC", text.lstrip("'")[:1])
    guarded = f"'{text}" if first in {*"=+-@"} else text
    quoted = guarded.replace('"', '""')
    return f'"{quoted}"' if re.search('[",;]', guarded) else guarded


def json_text(extraction: Extraction, *, with_text: bool = True, indent: int | None = 2) -> str:
    """Return the record as JSON with a newline at its end; indent None puts it into one line."""
    left_out = None if with_text else {"document": {"text"}}
    value = extraction.model_dump(mode="json", by_alias=True, exclude=left_out)
    return json_of(value, indent=indent)


def json_of(value: Any, *, indent: int | None = None) -> str:
    """Return a value as JSON that a terminal shows and doesn't obey, with a newline at its end."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _JSON_ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", text) + "\n"
