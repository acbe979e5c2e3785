"""`sayso claims`: the claims that are kept, as table, JSON lines and CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

from agent import cli
from agent.commands.claims import SHOWN, How, Sure
from agent.schema import Confidence, Extraction, Kind
from agent.store import Store
from sample_records import claim, sample

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def sayso(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Run:
    """Return a function that runs the command over a store with the sample's claims."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("SAYSO_STORE", str(tmp_path / "store.db"))
    monkeypatch.setenv("COLUMNS", "100")
    with Store(tmp_path / "store.db") as store:
        store.keep("w", sample())

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            cli.main(["claims", *arguments])
        assert isinstance(ended.value.code, int)
        return ended.value.code, *capfd.readouterr()

    return run


def with_texts(*texts: str) -> Extraction:
    """Return a record with claims of these texts."""
    claims = [claim(n, "opened in 1974", [], text=text) for n, text in enumerate(texts, 1)]
    return sample().model_copy(update={"claims": claims})


def test_table_tells_who_says_what(sayso: Run) -> None:
    """A row has document, date, chain of sources, claim, and how sure it sounds."""
    code, out, err = sayso("--contains", "take months")
    assert (0, "1 claim\n") == (code, err)
    for words in ("tunnel", "2024-03-04", "Tarnholm", "engineers", "raised as possible"):
        assert words in out


def test_jsonl_has_a_claim_in_each_line(sayso: Run) -> None:
    """Each line is an object with the claim's fields and its document."""
    code, out, err = sayso("-f", "jsonl", "--source", "Lind", "--kind", "direct")
    (row,) = map(json.loads, out.splitlines())
    assert (0, "") == (code, err)
    assert ("tunnel", ["Asta Lind"], "We will not gamble with lives") == (
        *(row["document"], row["sources"]),
        row["content"],
    )


def test_csv_has_a_row_for_each_claim(sayso: Run) -> None:
    """The rows below the names of the columns are as many as there are claims."""
    code, out, err = sayso("-f", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert (0, "", 10) == (code, err, len(rows))
    assert "Tarnholm Courier ← city engineers" == rows[3]["sources"]
    assert "" == rows[3]["duplicate_of"]


@pytest.mark.parametrize(
    ("number", "options"),
    [
        (3, ["--confidence", "possible", "--confidence", "probable"]),
        (0, ["--since", "2030-01-01"]),
        (10, ["--since", "2024-03-04"]),
        (2, ["--limit", "2"]),
        (0, ["--contains", "'); DROP TABLE claims; --"]),
        (0, ["--contains", '"']),
    ],
)
def test_options_narrow_the_search(sayso: Run, number: int, options: list[str]) -> None:
    """Each option does what its name says."""
    code, out, err = sayso("-f", "jsonl", *options)
    assert (0, number, "") == (code, len(out.splitlines()), err)


@pytest.mark.parametrize(
    "options", [["--kind", "x"], ["--confidence", "x"], ["--since", "x"], ["--limit", "0"]]
)
def test_wrong_value_ends_with_2(sayso: Run, options: list[str]) -> None:
    """A value that isn't known is a usage error that names the option."""
    code, out, err = sayso(*options)
    assert (2, "", True) == (code, out, options[0] in err)


def test_table_tells_that_there_is_more(sayso: Run, tmp_path: Path) -> None:
    """A table stops at a number of claims and says so; the other forms don't stop."""
    with Store(tmp_path / "store.db") as store:
        store.keep("w", with_texts(*(f"sentence {number}" for number in range(SHOWN + 1))))
    assert f"{SHOWN} claims, and more: --limit N shows them\n" == sayso()[2]
    assert f"{SHOWN + 1} claims\n" == sayso("--limit", "1000")[2]
    assert SHOWN + 1 == len(sayso("-f", "jsonl")[1].splitlines())


def test_nothing_found_is_no_error(sayso: Run) -> None:
    """No claims make no table, but a word on where claims come from."""
    code, out, err = sayso("--source", "nobody")
    assert (0, "") == (code, out)
    assert err.startswith("no claims: `sayso batch` keeps those")


@pytest.mark.parametrize("form", ["table", "jsonl", "csv"])
def test_output_steers_no_terminal_and_no_spreadsheet(
    sayso: Run, tmp_path: Path, form: str
) -> None:
    """Escape sequences, markup and formulas of an article come out harmless."""
    with Store(tmp_path / "store.db") as store:
        store.keep("w", with_texts("=1+1 \x1b[31m\u202e [red]x[/red]"))
    code, out, _ = sayso("-f", form)
    assert (0, False, False) == (code, "\x1b" in out, "\u202e" in out)
    assert "[red]x[/red]" in out
    assert form != "csv" or ",'=1+1" in out


def test_choices_are_those_of_the_record() -> None:
    """The values of the options are the values of the record."""
    assert (get_args(Confidence), get_args(Kind)) == (tuple(Sure), tuple(How))
