"""The README's table: from a run file, between its marks, and checked."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.errors import ConfigError
from agent.extract import Resources
from eval_samples import GOOD, answer, make_plan, make_run, read_denied, write_gold
from evals import docs
from evals.run import run
from gold_samples import make_case
from lying_server import LyingServer

BEGIN, END = "<!-- quality:begin -->", "<!-- quality:end -->"
LIMITS = "<!-- mistakes:begin -->\nold\n<!-- mistakes:end -->\n"
README = f"# sayso\n\n{BEGIN}\nold\n{END}\n\nmore\n"


@pytest.fixture
def _checkout(tmp_path: Path, resources: Resources, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in for the checkout: a README, and a run that got everything right."""
    gold = write_gold(tmp_path / "gold", "a", "b")
    with LyingServer(answer(GOOD)) as server:
        run(make_plan(gold, resources, server, output=tmp_path / "main.json"), lambda _: None)
    (tmp_path / "docs").mkdir()
    (tmp_path / "README.md").write_text(README, encoding="utf-8")
    (tmp_path / "docs" / "limits.md").write_text(LIMITS, encoding="utf-8")
    monkeypatch.setattr(docs, "ROOT", tmp_path)
    monkeypatch.setattr(docs, "RUN", "main.json")


@pytest.mark.usefixtures("_checkout")
def test_docs_writes_the_table_and_checks_it() -> None:
    """An old table is a failure; it is written between the marks, and then it's right."""
    assert 2 == docs.main(["--check"])
    assert (0, 0) == (docs.main([]), docs.main(["--check"]))
    written = (docs.ROOT / "README.md").read_text("utf-8")
    assert "| claims found (F1) | 1.000 [1.000, 1.000] |" in written
    assert "2 articles with 8 claims, read with served-model" in written
    assert ("# sayso\n\n", "\n\nmore\n") == (written[:9], written[-7:])


def test_docs_tell_what_went_wrong() -> None:
    """Claims are counted by how they went wrong; the label's shift tells firmer from weaker."""
    run = make_run([read_denied(make_case())])
    assert "| found with the right source, another label wrong | 1 |" in docs.mistakes(run)
    assert "| found, the source made to sound firmer than it does | 1 |" in docs.mistakes(run)
    assert "| found, the source made to sound less firm | 0 |" in docs.mistakes(run)
    none = docs.mistakes(make_run([None]))
    assert "| claims of the gold | 4 |\n| not found | 4 |" in none


@pytest.mark.parametrize("readme", ["", BEGIN, END, f"{END} {BEGIN}"])
def test_docs_needs_both_marks(readme: str) -> None:
    """A README without the marks is refused, not appended to."""
    with pytest.raises(ConfigError, match="lacks the marks"):
        docs.with_part(readme, "quality", "table")
