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
    return Extraction.model_validate(_set_words(raw, None))


def fill(record: Extraction, text: str) -> Extraction:
    """Return the record with its spans' words put back; a claim reads as its content then."""
    raw = _set_words(record.model_dump(by_alias=True), text)
    for claim in raw["claims"]:
        claim["text"] = claim["text"] or " ".join(span["text"] for span in claim["content"])
    for entity in raw["entities"]:
        mention = next((span["text"] for span in entity["mentions"]), entity["id"])
        entity["name"] = entity["name"] or mention
    return Extraction.model_validate(raw)


def _set_words(value: Any, text: str | None) -> Any:
    """Return the value with the text of every span cut out of `text`, or made empty."""
    if isinstance(value, list):
        return [_set_words(item, text) for item in value]
    if not isinstance(value, dict):
        return value
    if {"start", "end", "text", "match"} <= value.keys():
        return {**value, "text": "" if text is None else text[value["start"] : value["end"]]}
    return {key: _set_words(item, text) for key, item in value.items()}
