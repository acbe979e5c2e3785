"""The embedded model for real, on the sample article: runs first and alone (`pytest -m model`)."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent import extract_text
from agent.schema import Claim, Extraction

pytestmark = pytest.mark.model

ARTICLE = Path(__file__).parents[1] / "examples" / "seed.txt"


@pytest.fixture(scope="module")
def record() -> Extraction:
    """The record of the sample article, read by the embedded model."""
    return extract_text(ARTICLE.read_text(encoding="utf-8"))


def chain_names(record: Extraction, claim: Claim) -> list[str]:
    """Return the names of the claim's chain, outermost first."""
    names = {entity.id: entity.name for entity in record.entities}
    return [names[link.entity] for link in claim.attribution.chain]


def containing(record: Extraction, words: str) -> Claim:
    """Return the first claim whose content holds the words."""
    return next(c for c in record.claims if any(words in span.text for span in c.content))


def test_model_reads_with_the_embedded_engine_and_the_passage_way(record: Extraction) -> None:
    """The model was asked, and the record says by whom and how."""
    provenance = record.provenance
    assert "local" == provenance.engine
    assert "passage" == provenance.reading
    assert "grammar" == provenance.reply_mode
    assert provenance.usage.calls >= 1


def test_model_record_holds_only_words_of_the_article(record: Extraction) -> None:
    """Every span of every claim and source is verbatim."""
    text = record.document.text or ""
    spans = [s for c in record.claims for s in (*c.content, c.sentence, *c.confidence_cues)]
    spans += [m for e in record.entities for m in e.mentions]
    spans += [
        s for c in record.claims for k in c.attribution.chain for s in (k.mention, k.cue) if s
    ]
    assert len(spans) > 40
    assert [] == [s for s in spans if text[s.start : s.end] != s.text]


@pytest.mark.parametrize(
    ("words", "chain", "act", "confidence"),
    [
        ("we will continue to strengthen", ["Kremlin", "Vladimir Putin"], "assert", "certain"),
        ("the Soviet Union was the first", ["Vladimir Putin"], "assert", "certain"),
        ("peace and prosperity", ["Vladimir Putin"], "wish", "uncommitted"),
        ("may travel", ["New York Times", "American officials"], "assert", "possible"),
        ("any meeting between", ["Kremlin"], "decline", "uncommitted"),
        ("I don’t know", ["Dmitry Peskov"], "disclaim", "uncommitted"),
        ("is set to host", [], "assert", "certain"),
    ],
)
def test_model_finds_who_says_what_and_how_sure(
    record: Extraction, words: str, chain: list[str], act: str, confidence: str
) -> None:
    """The claims that matter most have the right chain, act and confidence."""
    claim = containing(record, words)
    assert chain == chain_names(record, claim)
    assert (act, confidence) == (claim.act, claim.confidence)


def test_model_takes_no_claim_from_share_buttons_and_no_answer_for_a_denial(
    record: Extraction,
) -> None:
    """Boilerplate yields nothing, and declining or not knowing is never denying."""
    assert [] == [c.id for c in record.claims if any("icon-" in s.text for s in c.content)]
    assert [] == [c.id for c in record.claims if c.act == "deny"]


def test_model_runs_the_lines_of_the_readme(capsys: pytest.CaptureFixture[str]) -> None:
    """The three lines of Python that the README shows work as they stand."""
    readme = (ARTICLE.parents[1] / "README.md").read_text(encoding="utf-8")
    block = readme.split("```python\n", 1)[1].split("```", 1)[0]
    exec(block, {})  # noqa: S102
    assert "certain" in capsys.readouterr().out
