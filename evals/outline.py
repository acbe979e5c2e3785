"""Records without the words of the article: offsets and labels only, for texts that aren't ours."""

from __future__ import annotations

from typing import Any

from agent.schema import Extraction


def outline(record: Extraction) -> Extraction:
    """Return the record with every string of the article empty: spans, claims, names, reasons.

    Entities are numbered, as their ids are made from their names.
    """
    raw = record.model_dump(by_alias=True)
    number = {entity.id: f"e{i}" for i, entity in enumerate(record.entities, 1)}
    raw["document"] |= {"title": None, "origin": None, "text": None, "extra": {}}
    raw["flags"] = []
    raw["rejected"] = [{**item, "reason": "", "strings": []} for item in raw["rejected"]]
    raw["claims"] = [{**claim, "text": "", "review": None} for claim in raw["claims"]]
    for claim in raw["claims"]:
        for link in claim["attribution"]["chain"]:
            link["entity"] = number.get(link["entity"], "")
    raw["entities"] = [
        {**entity, "id": number[entity["id"]], "name": "", "aliases": []}
        for entity in raw["entities"]
    ]
    return Extraction.model_validate(_blank(raw))


def _blank(value: Any) -> Any:
    """Return the value with the text of every span empty."""
    if isinstance(value, list):
        return [_blank(item) for item in value]
    if not isinstance(value, dict):
        return value
    if {"start", "end", "text", "match"} <= value.keys():
        return {**value, "text": ""}
    return {key: _blank(item) for key, item in value.items()}
