"""Gold, answers and plans for the tests of the harness: the bridge article under several ids."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from agent.extract import Resources
from agent.settings import Settings
from evals.gold import load_cases
from evals.run import Plan
from gold_samples import TEXT, raw_gold
from lying_server import Answer, LyingServer, completion

GOOD: list[dict[str, Any]] = [
    {"content": "the bridge will reopen on Monday", "sources": [("Mayor Ana Ruiz", "said")]},
    {
        "content": "The bridge may close again in winter",
        "sources": [("the Harbour Post", "cited by"), ("engineers", "according to")],
        "confidence": "possible",
        "hedge": "may",
    },
    {"content": "The repair cost 4 million euros", "sources": []},
    {
        "content": "who would pay for it",
        "sources": [("She", "declined to say")],
        "act": "decline",
        "polarity": "unknown",
        "confidence": "uncommitted",
    },
]
DENIED = [*GOOD[:3], {**GOOD[3], "act": "deny", "polarity": "negative", "confidence": "certain"}]
UNSOURCED = [{**claim, "sources": []} for claim in GOOD]


def answer(claims: list[dict[str, Any]]) -> Answer:
    """Return a server's answer that lists some claims."""
    plain = {"act": "assert", "polarity": "positive", "confidence": "certain", "hedge": ""}
    drafts = [
        plain | claim | {"sources": [{"name": n, "cue": c} for n, c in claim["sources"]]}
        for claim in claims
    ]
    return completion(json.dumps({"claims": drafts}))


def write_gold(folder: Path, *ids: str, **changes: Any) -> Path:
    """Return a folder with gold for some ids: the bridge article, each with another end."""
    folder.mkdir(exist_ok=True)
    for name in ids:
        data = f"{TEXT}\nThe ferry {name} runs as usual today.\n".encode()
        (folder / f"{name}.txt").write_bytes(data)
        document = {"id": name, "file": f"{name}.txt", "sha256": hashlib.sha256(data).hexdigest()}
        raw = raw_gold() | {"document": document} | changes
        (folder / f"{name}.json").write_text(json.dumps(raw), encoding="utf-8")
    return folder


def make_plan(gold: Path, resources: Resources, server: LyingServer | None, **more: Any) -> Plan:
    """Return a plan that reads some gold with a server."""
    settings = Settings("served", server.base_url if server else "", attempts=1)
    return Plan(load_cases([gold]), [str(gold)], resources, settings, **more)
