"""The record `sayso/1` and what models return (agent/schema.py)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic import ValidationError

from agent.extract import Resources
from agent.rows import json_text
from agent.schema import DocumentDraft, Extraction, extraction_json_schema
from readings import by_list, by_tree, draft
from sample_records import sample

COMMITTED = Path(__file__).parents[1] / "docs" / "sayso-1.schema.json"
NEWS = """Ferry may stop in May

HALVIK, 4 March 2024: The ferry to Halvik may stop in May. “Nobody asked us,” said Ines Duarte, \
who runs the kiosk. The council declined to comment on the plan, and it was reported that the \
ferry is for sale.
"""


def validator() -> jsonschema.Draft202012Validator:
    """Return a validator of the committed schema."""
    return jsonschema.Draft202012Validator(json.loads(COMMITTED.read_text(encoding="utf-8")))


def test_committed_schema_is_current() -> None:
    """docs/sayso-1.schema.json is extraction_json_schema(); a changed one is written like this."""
    current = json.dumps(extraction_json_schema(), indent=2, ensure_ascii=False) + "\n"
    assert current == COMMITTED.read_text(encoding="utf-8")


def test_committed_schema_is_a_json_schema() -> None:
    """The committed schema is itself valid, by the draft that pydantic writes."""
    jsonschema.Draft202012Validator.check_schema(extraction_json_schema())


def test_records_fit_the_committed_schema(resources: Resources) -> None:
    """What either way of reading writes as JSON is valid, and so is the sample of all kinds."""
    said = draft("The ferry to Halvik may stop", confidence="possible", hedge="may")
    made_up = draft("The ferry sank")
    records = [by_tree(resources, NEWS), by_list(resources, NEWS, said, made_up), sample()]
    for record in records:
        validator().validate(json.loads(json_text(record)))
    assert [True, True, True] == [bool(record.claims) for record in records]
    assert 1 == len(records[1].rejected)


@pytest.mark.parametrize(
    ("change", "value"),
    [("format", "sayso/2"), ("claims", None), ("entities", [{"id": "x"}]), ("provenance", {})],
)
def test_committed_schema_refuses_what_is_no_record(change: str, value: Any) -> None:
    """Another format, or parts that are missing, aren't valid."""
    broken = {**json.loads(json_text(sample())), change: value}
    assert not validator().is_valid(broken)


def test_record_comes_back_from_json() -> None:
    """A record that is written as JSON and read again is the same record."""
    written = json_text(sample())
    assert sample() == Extraction.model_validate_json(written)
    assert "sayso/1" == json.loads(written)["provenance"]["schema"]


def test_reader_tolerates_unknown_fields() -> None:
    """A field of a later version, at any level, is passed over."""

    def grown(value: Any) -> Any:
        if isinstance(value, dict):
            return {**{key: grown(inner) for key, inner in value.items()}, "later": [1]}
        return [grown(inner) for inner in value] if isinstance(value, list) else value

    raw = grown(json.loads(json_text(sample())))
    read = Extraction.model_validate(raw)
    assert sample().claims == read.claims
    assert sample().provenance == read.provenance
    assert validator().is_valid(raw)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"score": 0.9}, id="unknown key"),
        pytest.param({"act": "shout"}, id="unknown act"),
        pytest.param({"sources": [{"name": "Ann"}]}, id="no cue"),
        pytest.param({"confidence": None}, id="no confidence"),
    ],
)
def test_draft_refuses_what_was_not_asked_for(change: dict[str, Any]) -> None:
    """A model's answer with an unknown or missing key or label is an error."""
    with pytest.raises(ValidationError):
        DocumentDraft.model_validate({"claims": [{**draft("It rained"), **change}]})
