"""What an engine is: one method, `ask`, from a Request to a Reply.

Pure: no engine lives here. `agent/engines/` holds the real ones.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, Protocol

from pydantic import BaseModel

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of the conversation that is put to the model."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Abilities:
    """What an engine can do; extract() chooses the way to read by it.

    grammar: holds its output to an llguidance grammar.
    logprobs: gives log-probabilities of the tokens that it wrote.
    context_tokens: tokens that fit into one request, prompt and answer together.
    """

    grammar: bool
    logprobs: bool
    context_tokens: int


@dataclass(frozen=True, slots=True)
class Request:
    """One question to the model. At most one of `schema` and `grammar` is set."""

    messages: tuple[Message, ...]
    schema: type[BaseModel] | None = None
    grammar: str | None = None
    max_tokens: int = 1024
    temperature: float = 0.0
    top_logprobs: int = 0
    epoch: int = 0


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens and money of one or more calls.

    cached_tokens: the part of input_tokens that the server had already evaluated.
    cost_usd: None where the price isn't known.
    """

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    cost_usd: float | None = None
    cache_hits: int = 0
    seconds: float = 0.0

    def __add__(self, other: Usage) -> Usage:
        """Return the sum; the cost is None as soon as one part of it is unknown.

        >>> Usage(calls=1, input_tokens=5) + Usage(calls=1, output_tokens=2)
        Usage(calls=2, input_tokens=5, output_tokens=2, cached_tokens=0, cost_usd=None, \
cache_hits=0, seconds=0.0)
        """
        known = self.cost_usd is not None and other.cost_usd is not None
        return Usage(
            self.calls + other.calls,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cached_tokens + other.cached_tokens,
            (self.cost_usd or 0.0) + (other.cost_usd or 0.0) if known else None,
            self.cache_hits + other.cache_hits,
            self.seconds + other.seconds,
        )


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at a request: what came of it ("ok", or the error's name and words) and its cost."""

    outcome: str
    usage: Usage = Usage()


@dataclass(frozen=True, slots=True)
class TokenChoice:
    """One token of the answer and the likeliest tokens at its place.

    logprob: natural logarithm. alternatives: (token, logprob), likeliest first.
    """

    token: str
    logprob: float
    alternatives: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """The engine's answer.

    text: the answer as it came; for a request with a schema, JSON that the schema accepts.
    model: the model as the server named it. mode: how the form of the answer was enforced
    ("grammar", "json_schema", "tools", "json", "text").
    attempts: every try with its usage, failed ones and the re-ask included, in order.
    """

    text: str
    model: str
    mode: str
    usage: Usage = Usage()
    finish_reason: str = "stop"
    tokens: tuple[TokenChoice, ...] = ()
    attempts: tuple[Attempt, ...] = field(default=())


class Engine(Protocol):
    """Anything that answers requests. Wrappers forward `identity` and `abilities`."""

    @property
    def identity(self) -> Identity:
        """Who answers: what request_key() and the provenance need."""

    @property
    def abilities(self) -> Abilities:
        """What it can do."""

    def ask(self, request: Request) -> Reply:
        """Return the answer.

        Raises:
            Unavailable: no answer now; worth another try.
            Refused: no answer ever.
            BadReply: an answer that can't be used.
        """


@dataclass(frozen=True, slots=True)
class Identity:
    """Who answers, as far as it changes the answer; no address, no secret.

    kind: "openai", "local" or "scripted". model: the model's name, or for a local model the
    sha256 of its weights. build: version of the local runtime, else "". mode: reply mode.
    """

    kind: str
    model: str
    build: str = ""
    mode: str = ""


@cache
def json_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON Schema of a model, which takes a millisecond to make; don't change it."""
    return model.model_json_schema()


def request_key(identity: Identity, request: Request) -> str:
    """Return the content address of a request: 64 hex digits.

    The SHA-256 of the UTF-8 bytes of canonical JSON (keys sorted, no blanks, non-ASCII kept) of
    {build, epoch, grammar, kind, messages, model, params: {max_tokens, mode, temperature,
    top_logprobs}, schema, v}. Timeouts, retries, addresses and secrets aren't in it. `v` is 1 and
    changes with this rule.

    >>> request_key(Identity("scripted", "m"), Request((Message("user", "hi"),)))[:12]
    '676c305d406e'
    """
    value: dict[str, Any] = {
        "v": 1,
        "kind": identity.kind,
        "model": identity.model,
        "build": identity.build,
        "messages": [[message.role, message.content] for message in request.messages],
        "schema": json_schema(request.schema) if request.schema else None,
        "grammar": request.grammar,
        "params": {
            "max_tokens": request.max_tokens,
            "mode": identity.mode,
            "temperature": request.temperature,
            "top_logprobs": request.top_logprobs,
        },
        "epoch": request.epoch,
    }
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
