"""Tests of scoring a folder of records: exit codes, and what is printed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from gold_samples import TEXT, claim, make_case, raw_gold, record

from evals.baselines import read_oracle
from evals.score_dir import main


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    """Return a folder with the sample's gold and text."""
    folder = tmp_path / "gold"
    folder.mkdir()
    (folder / "bridge.json").write_text(json.dumps(raw_gold()), encoding="utf-8")
    (folder / "bridge.txt").write_text(TEXT, encoding="utf-8", newline="")
    return folder


def write(folder: Path, content: str) -> Path:
    """Return a folder that holds one record."""
    folder.mkdir()
    (folder / "bridge.json").write_text(content, encoding="utf-8")
    return folder


def test_score_dir_prints_a_perfect_table_for_gold(
    tmp_path: Path, gold: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Gold as a record: exit 0 and 1.000 all along the last line of the table."""
    records = write(tmp_path / "records", read_oracle(make_case()).model_dump_json(by_alias=True))
    assert main([str(records), str(gold)]) == 0
    total = next(x for x in capsys.readouterr().out.splitlines() if x.startswith("all"))
    assert 10 == total.count("1.000")


def test_score_dir_lists_what_is_wrong(
    tmp_path: Path, gold: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --errors a person reads what is missed, spurious and different."""
    content = record(
        claim("a", "The repair cost 4 million euros", confidence="possible"),
        claim("b", "Share this page"),
    ).model_dump_json(by_alias=True)
    main([str(write(tmp_path / "records", content)), str(gold), "--errors"])
    printed = capsys.readouterr().out
    for expected in (
        "MISSED   c1 «the bridge will reopen on Monday»",
        "SPURIOUS b «Share this page»",
        "confidence: possible for certain",
        "CRITICAL nothing_from_boilerplate",
    ):
        assert expected in printed


@pytest.mark.parametrize("content", ["", "{", "[]", "{}"])
def test_score_dir_counts_an_unusable_record_as_an_error(
    tmp_path: Path, gold: Path, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    """A record that can't be read counts as empty and as an error; scoring goes on."""
    assert main([str(write(tmp_path / "records", content)), str(gold)]) == 0
    assert "errors 1" in capsys.readouterr().out


def test_score_dir_refuses_a_record_of_another_text(
    tmp_path: Path, gold: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Offsets into another text can't be scored: exit 2, with file and both hashes."""
    raw = json.loads(record().model_dump_json(by_alias=True))
    raw["document"]["sha256"] = "0" * 64
    assert main([str(write(tmp_path / "records", json.dumps(raw))), str(gold)]) == 2
    assert "made for another text" in capsys.readouterr().err


def test_score_dir_refuses_bad_gold(
    tmp_path: Path, gold: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A changed text makes its gold bad: exit 2 and nothing printed as a score."""
    (gold / "bridge.txt").write_text("Other words.", encoding="utf-8")
    assert main([str(write(tmp_path / "records", "{}")), str(gold)]) == 2
    assert "" == capsys.readouterr().out
