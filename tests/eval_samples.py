"""Gold, answers, runs and plans for the tests of the harness: the bridge under several ids.

What a server answers goes through the whole reading, which mends a good deal of it; so where a
test is about scores, its run is made of records (`make_run`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from agent.extract import Resources
from agent.schema import Attribution, Claim, Extraction
from agent.settings import Settings
from command_runs import Ran, Sayso
from evals.baselines import read_oracle
from evals.form import EngineRef, Hashes, Manifest, Reading, RunDocument, RunFile
from evals.gold import Case, load_cases
from evals.run import Plan
from evals.run_file import save_run
from evals.summary import describe_document, score_records, summarise
from gold_samples import TEXT, gold_claim, make_case, raw_gold
from lying_server import Answer, LyingServer, completion

Claims = list[dict[str, Any]]

GOOD: Claims = [
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
INVENTED: Claims = [
    *GOOD,
    *({"content": f"words that stand nowhere, {i}", "sources": []} for i in range(4)),
]


def answer(claims: Claims) -> Answer:
    """Return a server's answer that lists some claims."""
    plain = {"act": "assert", "polarity": "positive", "confidence": "certain", "hedge": ""}
    drafts = [
        plain | claim | {"sources": [{"name": n, "cue": c} for n, c in claim["sources"]]}
        for claim in claims
    ]
    return completion(json.dumps({"claims": drafts}))


def write_gold(folder: Path, *ids: str) -> Path:
    """Return a folder with gold for some ids: the bridge article, each with another end."""
    folder.mkdir(exist_ok=True)
    for name in ids:
        end = f"The ferry {name} runs as usual today"
        text = f"{TEXT}\n{end}.\n"
        start = text.index(end)
        span = {"start": start, "end": start + len(end), "text": end}
        last = gold_claim("c5", TEXT[:1], status="optional")
        last |= {"text": end, "content": [span], "sentence": span}
        (folder / f"{name}.txt").write_bytes(text.encode())
        raw = raw_gold()
        raw["document"] = {"id": name, "file": f"{name}.txt"}
        raw["document"]["sha256"] = hashlib.sha256(text.encode()).hexdigest()
        raw["claims"].append(last)
        (folder / f"{name}.json").write_text(json.dumps(raw), encoding="utf-8")
    return folder


def make_plan(gold: Path, resources: Resources, server: LyingServer | None, **more: Any) -> Plan:
    """Return a plan that reads some gold with a server."""
    settings = Settings("served", server.base_url if server else "", attempts=1)
    return Plan(load_cases([gold]), [str(gold)], resources, settings, **more)


def read_with(sayso_eval: Sayso, claims: Claims, *more: str) -> Ran:
    """Run `sayso eval run` over the gold with a server that gives these claims."""
    with LyingServer(answer(claims)) as server:
        return sayso_eval("run", "gold", "-m", "served", "--base-url", server.base_url, *more)


# ---- runs of records --------------------------------------------------------------------------

Record = Extraction | None


def read_right(case: Case) -> Extraction:
    """Return the gold as it would be read without a fault."""
    return read_oracle(case)


def read_denied(case: Case) -> Extraction:
    """Return the gold with its non-answer made a denial."""
    denied = {"act": "deny", "polarity": "negative", "confidence": "certain"}
    return _change(case, lambda claim: denied if claim.act == "decline" else {})


def read_unsourced(case: Case) -> Extraction:
    """Return the gold as if nobody in it had said anything."""
    return _change(case, lambda _: {"attribution": Attribution(kind="none")})


def read_partly(case: Case, most: int = 0) -> Extraction:
    """Return the first claims of the gold, the headline counted."""
    gold = read_oracle(case)
    return gold.model_copy(update={"claims": gold.claims[:most]})


def _change(case: Case, change: Callable[[Claim], dict[str, Any]]) -> Extraction:
    gold = read_oracle(case)
    claims = [claim.model_copy(update=change(claim)) for claim in gold.claims]
    return gold.model_copy(update={"claims": claims})


def make_run(
    records: Sequence[Record | list[Record]], cases: Sequence[Case] | None = None, **more: Any
) -> RunFile:
    """Return a finished run over the bridge, or over other cases.

    records: one for each case, or a list of them, by epoch.
    """
    cases = cases or [make_case()]
    epochs = [each if isinstance(each, list) else [each] for each in records]
    scored = [score_records(case, each) for case, each in zip(cases, epochs, strict=True)]
    manifest: dict[str, Any] = {
        "run_id": "r1",
        "created": "2025-01-02T03:04:05+00:00",
        "commit": None,
        "dirty": None,
        "versions": {},
        "engine": EngineRef(kind="local", model="weights"),
        "models": ["small"],
        "asked_reading": "auto",
        "reading": "passage",
        "epochs": len(epochs[0]),
        "prompts": [],
        "hashes": Hashes(reader="", output_schema="", lexicon="", metrics="", gold=""),
        "gold": ["gold"],
    }
    documents = [
        RunDocument(
            id=one.case.id,
            gold_sha256="",
            text_sha256=one.case.gold.document.sha256,
            readings=[
                Reading(record=read, error="" if read else "BadReply: <b>no</b>") for read in each
            ],
            figures=describe_document(one),
        )
        for one, each in zip(scored, epochs, strict=True)
    ]
    return RunFile(
        manifest=Manifest.model_validate({**manifest, **more}),
        documents=documents,
        figures=summarise(scored),
    )


def write_run(name: str, *reads: Callable[[Case], Record], **more: Any) -> None:
    """Write a run over ./gold. reads: how each article is read, the last one for the rest."""
    cases = load_cases([Path("gold")])
    records = [reads[min(i, len(reads) - 1)](case) for i, case in enumerate(cases)]
    save_run(make_run(records, cases, **more), Path(name))
