"""How a run came about: hashes of all that its figures depend on, versions, the commit."""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from agent.engine import Identity
from agent.money import find_price
from agent.prompt import Prompt
from agent.schema import DocumentDraft, extraction_json_schema
from agent.settings import VERSION, Settings
from evals.form import Call, EngineRef, Hashes, PromptUse, Spent
from evals.gold import Case

ROOT = Path(__file__).parents[1]
PACKAGES = (
    "instructor numpy openai pydantic rapidfuzz scikit-learn scipy spacy typer xllamacpp"
).split()
METRICS = (
    "align baselines calibration checks entities figures gold_form intervals items labels "
    "relations score slices summary"
).split()


def hash_gold(cases: Sequence[Case]) -> str:
    """Return the SHA-256 of all gold files together, whatever their order."""
    return _sha256(f"{case.id} {case.sha256}" for case in sorted(cases, key=lambda case: case.id))


def hash_metrics() -> str:
    """Return the SHA-256 of the code that scores."""
    return _sha256((ROOT / "evals" / f"{name}.py").read_text("utf-8") for name in METRICS)


def find_hashes(cases: Sequence[Case], recording: str) -> Hashes:
    """Return the hashes of a run. recording: the text that is replayed, "" for none."""
    agent = ROOT / "agent"
    schemas = [extraction_json_schema(), DocumentDraft.model_json_schema()]
    return Hashes(
        reader=_sha256(path.read_text("utf-8") for path in sorted(agent.rglob("*.py"))),
        output_schema=_sha256(json.dumps(schema, sort_keys=True) for schema in schemas),
        lexicon=_sha256([(agent / "data" / "lexicon.toml").read_text("utf-8")]),
        calibration=_sha256([(agent / "data" / "calibration.json").read_text("utf-8")]),
        metrics=hash_metrics(),
        gold=hash_gold(cases),
        recording=_sha256([recording]) if recording else "",
    )


def _sha256(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def list_prompts(prompts: Iterable[Prompt]) -> list[PromptUse]:
    """Return the prompts that may be used, with their parameters."""
    return [
        PromptUse(
            name=prompt.name,
            version=prompt.version,
            hash=prompt.hash,
            max_tokens=prompt.max_tokens,
            temperature=prompt.temperature,
        )
        for prompt in prompts
    ]


def name_engine(identity: Identity, base_url: str) -> EngineRef:
    """Return who answers, and the host that the text goes to."""
    host = ""
    if base_url:
        from agent.engines.http import host_of  # noqa: PLC0415  (it loads the HTTP client)

        host = host_of(base_url)
    return EngineRef(
        kind=identity.kind,
        model=identity.model,
        build=identity.build,
        mode=identity.mode,
        host=host,
    )


def name_prices(settings: Settings) -> str:
    """Return whose prices the calls are reckoned by and of which day, "" where none is known."""
    price = find_price(settings.model, settings.base_url)
    return price.table if price else ""


def find_versions() -> dict[str, str]:
    """Return the versions of what takes part, by name; what isn't installed is left out."""
    found = {"python": platform.python_version(), "sayso": VERSION}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def find_commit() -> tuple[str | None, bool | None]:
    """Return the commit of the code and whether files differ from it; None without a checkout."""
    if _git("ls-files", "--error-unmatch", "evals/form.py") is None:
        return None, None
    status = _git("status", "--porcelain", "--untracked-files=no")
    return _git("rev-parse", "HEAD"), None if status is None else bool(status)


def _git(*arguments: str) -> str | None:
    """Return what git says of the checkout, None where it can't."""
    try:
        done = subprocess.run(  # noqa: S603  (fixed words)
            ["git", "-C", str(ROOT), *arguments],  # noqa: S607  (wherever it is)
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def add_up(calls: Iterable[Call]) -> Spent:
    """Return the sum over some calls; the cost is None as soon as one part is unknown."""
    calls = list(calls)
    known = [call.cost_usd for call in calls if call.cost_usd is not None]
    return Spent(
        calls=sum(not call.hit for call in calls),
        cache_hits=sum(call.hit for call in calls),
        input_tokens=sum(call.input_tokens for call in calls),
        output_tokens=sum(call.output_tokens for call in calls),
        cached_tokens=sum(call.cached_tokens for call in calls),
        cost_usd=sum(known) if len(known) == len(calls) else None,
        seconds=round(sum(call.seconds for call in calls), 3),
    )
