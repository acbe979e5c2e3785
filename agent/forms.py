"""A record in the form that was asked for, as text."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from agent.errors import ConfigError

if TYPE_CHECKING:
    from agent.schema import Extraction

Form = Literal["table", "json", "jsonl", "md", "csv", "html", "annotation", "claim"]

FILE_COLUMNS = 100  # of a table that goes into a file
BY_SUFFIX: dict[str, Form] = {
    "": "table",
    ".txt": "table",
    ".json": "json",
    ".jsonl": "jsonl",
    ".md": "md",
    ".csv": "csv",
    ".html": "html",
    ".htm": "html",
    ".jsonld": "annotation",
}


def form_of(path: Path | None) -> Form:
    """Return the form that the name of a file asks for, a table where it asks for none.

    >>> form_of(Path("claims.CSV")), form_of(None)
    ('csv', 'table')

    Raises:
        ConfigError: it asks for one that there isn't.
    """
    suffix = path.suffix.lower() if path else ""
    if suffix not in BY_SUFFIX:
        known = ", ".join(name for name in BY_SUFFIX if name)
        raise ConfigError(
            f"{path}: there's no form {suffix}; end the name in {known}, or name the form: "
            f"{', '.join(get_args(Form))}"
        )
    return BY_SUFFIX[suffix]


def render(extraction: Extraction, form: Form, *, with_text: bool) -> str:
    """Return a record as text. with_text: JSON and HTML hold the article's text."""
    from agent import report, rows  # noqa: PLC0415

    if form in ("html", "annotation", "claim"):
        return _for_the_web(extraction, form, with_text=with_text)
    if form == "md":
        return report.markdown(extraction)
    if form == "csv":
        return rows.csv_text(extraction)
    if form in ("json", "jsonl"):
        indent = 2 if form == "json" else None
        return rows.json_text(extraction, with_text=with_text, indent=indent)
    from rich.console import Console  # noqa: PLC0415

    page = io.StringIO()
    Console(file=page, width=FILE_COLUMNS, color_system=None).print(report.table(extraction))
    return "".join(f"{line.rstrip()}\n" for line in page.getvalue().splitlines())


def _for_the_web(
    extraction: Extraction, form: Literal["html", "annotation", "claim"], *, with_text: bool
) -> str:
    from agent import exports  # noqa: PLC0415

    if not with_text:
        document = extraction.document.model_copy(update={"text": None})
        extraction = extraction.model_copy(update={"document": document})
    if form == "annotation":
        return exports.as_text(exports.web_annotations(extraction))
    if form == "claim":
        return exports.as_text(exports.schema_claims(extraction))
    from agent.page import page  # noqa: PLC0415

    return page(extraction)
