"""`sayso page`: records as pages to look at, with an index."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.errors import ConfigError, InputError
from agent.terminal import note

if TYPE_CHECKING:
    from agent.schema import Extraction

LINES = frozenset({".jsonl", ".ndjson"})


def page_command(
    records: Annotated[
        list[Path],
        typer.Argument(metavar="RECORDS", help="Files of records: .jsonl (one a line) or .json."),
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FOLDER", help="Where the pages go.")
    ],
) -> None:
    """Write a page for each record, and an index that counts and audits their sources."""
    from agent.files import write_report  # noqa: PLC0415
    from agent.page import INDEX, pages  # noqa: PLC0415

    found = _read(records)
    first = next(found, None)  # before a folder is made
    if first is None:
        raise InputError(f"there's no record in {', '.join(map(str, records))}")
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"can't make the folder {output}: {error.strerror}") from error
    count = 0
    for name, html in pages(_chain(first, found)):
        write_report(output / name, html)
        count += name != INDEX
    note(f"{count:,} page{'' if count == 1 else 's'}; open {output / INDEX}")


def _chain(first: Extraction, rest: Iterator[Extraction]) -> Iterator[Extraction]:
    yield first
    yield from rest


def _read(paths: Sequence[Path]) -> Iterator[Extraction]:
    """Yield the records of the files, one by one.

    Raises:
        InputError: a file can't be read, or holds something else.
    """
    for path in paths:
        try:
            with path.open(encoding="utf-8") as file:
                if path.suffix.lower() not in LINES:
                    yield _parse(file.read(), str(path))
                    continue
                for number, line in enumerate(file, start=1):
                    if line.strip():
                        yield _parse(line, f"{path}, line {number}")
        except OSError as error:
            raise InputError(f"can't read {path}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise InputError(f"{path} isn't UTF-8 text, as records are") from error


def _parse(text: str, where: str) -> Extraction:
    from pydantic import ValidationError  # noqa: PLC0415

    from agent.schema import Extraction  # noqa: PLC0415

    try:
        return Extraction.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise InputError(
            f"{where} is no record of form sayso/1 ({place + ': ' if place else ''}"
            f"{first['msg']}); `sayso extract -f jsonl` and `sayso batch` write such records"
        ) from error
