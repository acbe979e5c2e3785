"""The claims of many documents as one table: CSV, or Parquet (only user of pyarrow).

Rows are those of report.csv_rows() with the document's id in front.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from agent.errors import ConfigError
from agent.rows import CSV_COLUMNS, csv_line, csv_rows
from agent.schema import Extraction
from agent.wording import plain

COLUMNS = ["document", *CSV_COLUMNS]
WHOLE_NUMBERS = frozenset({"start", "end"})
FRACTIONS = frozenset({"score"})
GROUP = 5000  # rows that are held in memory until they're written


class Table(Protocol):
    """A file with a row for each claim."""

    def add(self, extraction: Extraction) -> None:
        """Write the claims of a document."""

    def close(self) -> None:
        """Write what is held, and close the file."""


def rows_of(extraction: Extraction) -> Iterator[list[str]]:
    """Yield a row for each claim, in text order; empty where a column has no value."""
    name = plain(extraction.document.id)
    for row in csv_rows(extraction)[1:]:
        yield [name, *row]


class CsvTable:
    """Claims as CSV (RFC 4180, but lines end in one newline)."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._file.write(csv_line(COLUMNS))

    def add(self, extraction: Extraction) -> None:
        """Write the claims of a document."""
        self._file.writelines(map(csv_line, rows_of(extraction)))

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class ParquetTable:
    """Claims as Parquet; numbers are numbers there, and what has no value is null.

    Raises:
        ConfigError: pyarrow isn't installed.
    """

    def __init__(self, path: Path) -> None:
        check_parquet()
        from pyarrow.parquet import ParquetWriter  # noqa: PLC0415

        self._schema = _schema()
        self._writer = ParquetWriter(path, self._schema)
        self._rows: list[dict[str, Any]] = []

    def add(self, extraction: Extraction) -> None:
        """Write the claims of a document, or hold them until there are enough."""
        self._rows += (_typed(row) for row in rows_of(extraction))
        if len(self._rows) >= GROUP:
            self._flush()

    def close(self) -> None:
        """Write what is held, and close the file."""
        if self._rows:
            self._flush()
        self._writer.close()

    def _flush(self) -> None:
        from pyarrow import Table as Rows  # noqa: PLC0415

        self._writer.write_table(Rows.from_pylist(self._rows, schema=self._schema))
        self._rows = []


def check_parquet() -> None:
    """Check that Parquet can be written here.

    Raises:
        ConfigError: pyarrow isn't installed.
    """
    try:
        import pyarrow.parquet  # noqa: F401, PLC0415
    except ImportError as error:
        raise ConfigError(
            "Parquet needs pyarrow: pip install 'sayso[parquet]', or leave --parquet out"
        ) from error


def _schema() -> Any:
    import pyarrow as pa  # noqa: PLC0415

    types = {
        **dict.fromkeys(WHOLE_NUMBERS, pa.int64()),
        **dict.fromkeys(FRACTIONS, pa.float64()),
    }
    return pa.schema([(name, types.get(name, pa.string())) for name in COLUMNS])


def _typed(row: list[str]) -> dict[str, Any]:
    """Return a row with numbers as such and empty cells as None.

    >>> _typed(["3"] * len(COLUMNS))["start"]
    3
    """
    return {
        name: None if cell == "" else _value(name, cell)
        for name, cell in zip(COLUMNS, row, strict=True)
    }


def _value(name: str, cell: str) -> str | int | float:
    if name in WHOLE_NUMBERS:
        return int(cell)
    return float(cell) if name in FRACTIONS else cell
