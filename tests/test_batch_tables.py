"""Claims of many documents as CSV and Parquet."""

from __future__ import annotations

import csv
from pathlib import Path

from pyarrow import parquet

from agent.rows import csv_rows
from agent.tables import COLUMNS, CsvTable, ParquetTable
from sample_records import sample


def named(name: str) -> list[list[str]]:
    """Return the rows that are wanted for the sample with this id."""
    return [[name, *row] for row in csv_rows(sample())[1:]]


def test_csv_has_a_row_for_each_claim(tmp_path: Path) -> None:
    """One head, then the claims of each document behind its id."""
    table = CsvTable(tmp_path / "claims.csv")
    for name in ("a", 'b "c"'):
        document = sample().document.model_copy(update={"id": name})
        table.add(sample().model_copy(update={"document": document}))
    table.close()
    with (tmp_path / "claims.csv").open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    assert COLUMNS == head
    assert [*named("a"), *named('b "c"')] == [[c.removeprefix("'") for c in row] for row in rows]


def test_parquet_holds_the_same_rows(tmp_path: Path) -> None:
    """Numbers are numbers, what is empty is null, all else as in CSV."""
    table = ParquetTable(tmp_path / "claims.parquet")
    table.add(sample())
    table.close()
    rows = parquet.read_table(tmp_path / "claims.parquet").to_pylist()
    wanted = named(sample().document.id)
    assert wanted == [["" if v is None else str(v) for v in row.values()] for row in rows]
    assert (int, str) == (type(rows[0]["start"]), type(rows[0]["content"]))
    assert {None, 0.61} == {row["score"] for row in rows}


def test_parquet_without_claims_is_a_table(tmp_path: Path) -> None:
    """A run that finds nothing writes a file that can be opened."""
    ParquetTable(tmp_path / "claims.parquet").close()
    assert COLUMNS == parquet.read_table(tmp_path / "claims.parquet").column_names
