"""One document of a run: its key, and reading it unless the store has it finished.

The key is the hash of all that the record depends on, so that a change of text, prompt, model or
rules makes another one, and what stays the same is never read twice. The reply mode isn't in it:
it's found out anew in each process, and how an answer was asked for doesn't make it another one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Literal

from agent.api import open_document
from agent.batch.documents import Item, read_item
from agent.document import Article
from agent.engine import Abilities, Identity
from agent.engines.cached import CachedEngine
from agent.engines.weights import CATALOGUE, PARSER
from agent.errors import (
    AgentError,
    Away,
    BadReply,
    EngineError,
    InputError,
    OverBudget,
    Refused,
    ReplayMiss,
    StoreError,
    Unavailable,
)
from agent.extract import Reading, Resources, extract
from agent.rows import json_text
from agent.schema import FORMAT
from agent.store import Failure, Store

Way = Literal["document", "passage"]

PROMPTS: Mapping[Way, tuple[str, ...]] = {
    "document": ("claims",),
    "passage": ("attribution", "speaker"),
}
PACKAGE = Path(__file__).parents[1]
DATA = ("lexicon.toml", "calibration.json")

AGAIN = "run the same command again with --retry-failed"
ADVICE: tuple[tuple[type[Exception], str], ...] = (
    (InputError, "mend the input, and run the same command again"),
    (ReplayMiss, "run the same command without --replay to ask for it"),
    (Unavailable, f"when the server answers again, {AGAIN}"),
    (Refused, f"do what the reason says, and {AGAIN}; or take another model (-m)"),
    (EngineError, f"{AGAIN}, or take another model (-m)"),
    (AgentError, f"do what the reason says, and {AGAIN}"),
    (Exception, "a bug in sayso: `sayso extract --debug` on this text alone shows where"),
)


@dataclass(frozen=True, slots=True)
class Done:
    """What came of an item: `line`, its record as JSON, or `failure`. name: the document's id.

    before: an earlier run finished it. cache_hits: replies that were taken from the store now.
    again: the failure may pass, so one more try at the end of the run is worth it.
    """

    position: int
    where: str
    name: str
    line: str = ""
    failure: Failure | None = None
    claims: int = 0
    before: bool = False
    cache_hits: int = 0
    again: bool = False


@dataclass(frozen=True, slots=True)
class Kit:
    """What reading an item needs.

    basis: from basis_of(). max_chars: of an article. known: failures of earlier runs by key, which
    aren't tried again.
    """

    resources: Resources
    engine: CachedEngine
    store: Store
    way: Way
    basis: str
    max_chars: int
    force: bool = False
    known: Mapping[str, Failure] = field(default_factory=dict)


def do(item: Item, kit: Kit) -> Done:
    """Return the record of an article, which is in the store by then, or why there is none.

    Raises:
        StoreError: the store can't be used, so there's no use in going on.
        OverBudget: asking for it might cost more than is left.
        Away: nobody answers any more.
    """
    try:
        article = read_item(item, kit.max_chars)
    except InputError as error:
        return Done(item.position, item.where, item.name, failure=_failure(item.name, error))
    done = Done(item.position, item.where, article.id)
    key = work_key(article, kit.basis)
    if line := kit.store.record_of(key):
        return replace(done, line=line, claims=len(json.loads(line)["claims"]), before=True)
    if key in kit.known and not item.earlier:
        return replace(done, failure=kit.known[key], before=True)
    engine = kit.engine.for_document(article.id)
    try:
        document = open_document(article, force=kit.force)
        record = extract(document, kit.resources, engine, reading=kit.way)
        kit.store.keep(key, record, reply_keys=engine.keys)
    except (StoreError, OverBudget, Away):
        raise
    except Exception as error:  # noqa: BLE001  (one document never stops the rest)
        failure = _failure(article.id, error, item.earlier)
        if not isinstance(error, InputError | ReplayMiss):  # those are found again at no cost
            kit.store.note_failure(key, failure, reply_keys=engine.keys)
        return replace(done, failure=failure, again=_may_pass(error) and not item.earlier)
    return replace(
        done,
        line=json_text(record, indent=None).rstrip("\n"),
        claims=len(record.claims),
        cache_hits=record.provenance.usage.cache_hits,
    )


def _may_pass(error: Exception) -> bool:
    """Tell whether the same request may be answered at the end of the run.

    Not what tells a reason that stays: key, quota, context, content. A bare 400 tells none.
    """
    if isinstance(error, Refused):
        return error.unexplained
    return isinstance(error, Unavailable | BadReply)


def _failure(name: str, error: Exception, earlier: Failure | None = None) -> Failure:
    ours = isinstance(error, AgentError)
    attempts = len(error.attempts) if isinstance(error, EngineError) else 0
    return Failure(
        document_id=name,
        reason=str(error) if ours else f"unexpected {type(error).__name__}: {error}",
        kind=type(error).__name__,
        attempts=attempts + (earlier.attempts if earlier else 0),
        advice=next(advice for class_, advice in ADVICE if isinstance(error, class_)),
    )


# ---- keys -------------------------------------------------------------------------------------


def way_of(reading: Reading, abilities: Abilities) -> Way:
    """Return how documents are read by an engine with these abilities.

    Raises:
        InputError: the engine can't read in the way asked for.
    """
    if reading == "auto":
        return "passage" if abilities.grammar else "document"
    if reading == "passage" and not abilities.grammar:
        raise InputError("this engine can't hold its answers to a grammar: use --reading document")
    return reading


def basis_of(identity: Identity, resources: Resources, way: Way, *, force: bool) -> str:
    """Return the hash of all that a record depends on besides its article."""
    return _sha256(
        {
            "v": 2,
            "rules": rules_of(PACKAGE),
            "format": FORMAT,
            "engine": asdict(replace(identity, mode="")),
            "prompts": [resources.prompts[name].hash for name in PROMPTS[way]],
            "parser": CATALOGUE[PARSER].sha256,
            "way": way,
            "force": force,
        }
    )


@cache
def rules_of(package: Path) -> str:
    """Return the hash of the rules by which a package reads: its modules, lexicon, calibration.

    The modules right below it, that is; how the text came and where the record goes is no matter.
    """
    rules = hashlib.sha256()
    for path in (*sorted(package.glob("*.py")), *(package / "data" / name for name in DATA)):
        content = path.read_bytes().replace(b"\r\n", b"\n")  # as git may write them on Windows
        rules.update(b"%s %d\n%s" % (path.name.encode(), len(content), content))
    return rules.hexdigest()


def work_key(article: Article, basis: str) -> str:
    """Return the key of an article's record: 64 hex digits, the SHA-256 of canonical JSON.

    >>> work_key(Article("It rained."), "")[:12]
    'c4e5e8e4ca2a'
    """
    return _sha256({"basis": basis, **asdict(article)})


def _sha256(value: Mapping[str, object]) -> str:
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
