"""The engine for endpoints that speak OpenAI's API; with openai_replies the SDKs' only user.

A request with a schema goes through instructor, in the first reply mode that the server takes;
what the server can't do is remembered while the engine lives. Other requests go through plain.
"""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, cast

import instructor
import openai
from instructor.core import exceptions as from_instructor
from instructor.core.hooks import Hooks
from openai.types.chat import ChatCompletion
from pydantic import BaseModel

from agent.engine import Abilities, Attempt, Identity, Reply, Request, Usage, json_schema
from agent.engines.flow import most_used
from agent.engines.http import build_client, deadline, host_of, secrets_of, without_user
from agent.engines.openai_replies import (
    CAUGHT,
    TOO_LONG_WORDS,
    complaint,
    context_in,
    said,
    tokens,
    translate,
    unwrapped,
    usable,
    usage,
    written,
)
from agent.errors import BadReply, ConfigError, EngineError, Refused

# The ladder: how the form of an answer is enforced, best first. JSON and MD_JSON come last since
# instructor adds prose of its own to the prompt there.
MODES = {
    "json_schema": instructor.Mode.JSON_SCHEMA,
    "tools": instructor.Mode.TOOLS,
    "json": instructor.Mode.JSON,
    "md_json": instructor.Mode.MD_JSON,
}
REASKS = 1
PLAIN = Abilities(grammar=False, logprobs=False, context_tokens=32_768)  # where none is told
LOOK_LIMIT_S = 5.0  # for the list of models, without which it goes too
THINKING_TOKENS = 16_000  # models that want max_completion_tokens count their thoughts in it
SHORTEST_SECRET = 8  # a shorter key ("none", "test") hides nothing and would be found in words
NO_KEY = "none"  # the SDK wants a key; local servers take any

# instructor logs each failure at ERROR, which Python prints where no logging is set up. We raise.
logging.getLogger("instructor").addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a server was found to take: a reply mode, a name for max_tokens, a temperature."""

    mode: str = "json_schema"
    max_tokens: str = "max_tokens"
    temperature: bool = True

    @property
    def thinks(self) -> bool:
        """Whether what it thinks counts as tokens of its answer."""
        return self.max_tokens == "max_completion_tokens"


class OpenAIEngine:
    """Answers requests over HTTP. Threads may share it.

    timeout_s: the longest silence of the server. deadline_s: the longest that one ask() takes,
    re-asks and fallbacks included. identity: who answers, where that isn't simply `model`; its
    mode, if any, is where the ladder of reply modes starts. abilities: None for an endpoint that
    is asked for the length of its context.
    """

    def __init__(
        self,
        model: str,
        base_url: str,
        api_key: str = "",
        *,
        identity: Identity | None = None,
        abilities: Abilities | None = None,
        timeout_s: float = 120.0,
        deadline_s: float = 300.0,
    ) -> None:
        self._host = host_of(base_url)
        self._api_key = _checked_key(api_key)
        secrets = (self._api_key, *secrets_of(base_url))
        self._secrets = [secret for secret in secrets if len(secret) >= SHORTEST_SECRET]
        self._model = model
        self._identity = identity or Identity("openai", model)
        self._abilities = abilities
        self._looking = threading.Lock()
        self._deadline_s = deadline_s
        self._dialect = Dialect(mode=self._identity.mode or "json_schema")
        self._client = openai.OpenAI(
            api_key=self._api_key,
            base_url=without_user(base_url),
            max_retries=0,
            http_client=build_client(base_url, timeout_s),
        )
        self._create: Callable[..., object] = self._post

    @property
    def identity(self) -> Identity:
        """Who answers; its mode is the one that the next request with a schema will use."""
        return replace(self._identity, mode=self._dialect.mode)

    @property
    def abilities(self) -> Abilities:
        """What the endpoint can do; the first look asks for its list of models, if need be."""
        with self._looking:
            if self._abilities is None:
                context_tokens = self._told_context_tokens() or PLAIN.context_tokens
                self._abilities = replace(PLAIN, context_tokens=context_tokens)
            return self._abilities

    def most_used(self, request: Request, *, sure: bool = True) -> Usage:
        """Return the most that ask() can use: schema, re-ask and thoughts included.

        sure: False reckons with thoughts though nothing has told of them yet.
        """
        once = most_used(request)
        if request.schema is None:
            calls, shown = 1, 0
        else:
            schema = json.dumps(json_schema(request.schema))
            calls, shown = 1 + REASKS, len(schema) // 2
        thoughts = THINKING_TOKENS if self._dialect.thinks or not sure else 0
        output_tokens = once.output_tokens + thoughts
        # A re-ask shows the answer before it, and what is wrong with that.
        input_tokens = once.input_tokens + shown + (calls - 1) * once.output_tokens
        return Usage(
            calls=calls, input_tokens=calls * input_tokens, output_tokens=calls * output_tokens
        )

    def close(self) -> None:
        """Close the connections; the engine can't be used after that."""
        self._client.close()

    def ask(self, request: Request) -> Reply:
        """Return the answer; for a request with a schema, the schema's own canonical JSON.

        Reply.tokens belong to the text as the model wrote it.

        Raises:
            Unavailable: timeout, deadline, 429, 5xx, no connection.
            Refused: key, quota, content filter, a refusal of the model, a grammar not supported.
            BadReply: cut off, not a chat completion, or twice not what the schema wants.
        """
        if request.grammar and not self.abilities.grammar:
            raise Refused(f"{self._host} can't hold its answers to a grammar; send a schema")
        attempts: list[Attempt] = []
        with deadline(self._deadline_s):
            while True:
                dialect = self._dialect
                try:
                    return self._ask_in(dialect, request, attempts)
                except EngineError as error:
                    further = adapted(dialect, error.__cause__, with_schema=bool(request.schema))
                    if further is None:
                        error.attempts = tuple(attempts)
                        raise
                    self._dialect = further

    def _ask_in(self, dialect: Dialect, request: Request, attempts: list[Attempt]) -> Reply:
        """Return the answer to a request put in this dialect; every call is added to attempts."""
        sent = self._parameters(dialect, request)
        if request.schema is not None:
            mode = dialect.mode
            text, completion = self._structured(request.schema, mode, sent, attempts)
        else:
            mode = "grammar" if request.grammar else "text"
            completion = self._complete(sent, attempts)
            text = completion.choices[0].message.content or ""
        return Reply(
            text=self._without_secrets(text),
            model=self._without_secrets(completion.model or self._model),
            mode=mode,
            usage=sum((attempt.usage for attempt in attempts), Usage()),
            finish_reason=completion.choices[0].finish_reason or "stop",
            tokens=tokens(completion.choices[0]),
            attempts=tuple(attempts),
        )

    def _parameters(self, dialect: Dialect, request: Request) -> dict[str, Any]:
        """Return the arguments of the SDK's call, but for the schema."""
        sent: dict[str, Any] = {
            "model": self._model,
            "messages": [{"role": m.role, "content": m.content} for m in request.messages],
            dialect.max_tokens: request.max_tokens + THINKING_TOKENS * dialect.thinks,
        }
        if dialect.temperature:
            sent["temperature"] = request.temperature
        if request.top_logprobs and self.abilities.logprobs:
            sent |= {"logprobs": True, "top_logprobs": request.top_logprobs}
        if request.grammar:
            sent |= {"grammar": request.grammar, "cache_prompt": True}
        return sent

    def _post(self, **body: Any) -> object:
        """Return what the endpoint answers.

        The SDK's own create() walks over the whole body first, the schema included: most of its
        time.
        """
        return self._client.post("/chat/completions", cast_to=ChatCompletion, body=body)

    def _structured(
        self, schema: type[BaseModel], mode: str, sent: dict[str, Any], attempts: list[Attempt]
    ) -> tuple[str, ChatCompletion]:
        """Return JSON that the schema accepts, and the completion that it came in."""
        completions: list[ChatCompletion] = []

        def complete(**parameters: Any) -> ChatCompletion:
            completions.append(self._complete(parameters, attempts))
            return completions[-1]

        def spoil(error: Exception) -> None:
            attempts[-1] = replace(attempts[-1], outcome=f"BadReply: {complaint(error)}")

        hooks = Hooks()
        hooks.on("parse:error", spoil)
        # A function of this call is patched, never the client: modes can't get into each other.
        create = cast(Callable[..., BaseModel], instructor.patch(create=complete, mode=MODES[mode]))
        try:
            value = create(
                response_model=_prepared(schema), max_retries=REASKS, hooks=hooks, **sent
            )
        except from_instructor.InstructorError as error:
            cause = unwrapped(error)
            if isinstance(cause, EngineError):  # from _complete
                raise cause from cause.__cause__
            failure = self._failure(cause)
            if isinstance(failure, BadReply) and completions:
                failure.raw = self._without_secrets(written(completions[-1].choices[0].message))
            raise failure from cause
        return value.model_dump_json(by_alias=True), completions[-1]

    def _complete(self, parameters: dict[str, Any], attempts: list[Attempt]) -> ChatCompletion:
        """Return the completion of one HTTP call, checked as far as no schema is needed."""
        started_s = time.monotonic()
        response: object = None
        try:
            response = self._create(**parameters)
            completion = usable(response, self._host)
        except CAUGHT as error:
            failure = self._failure(error)
            outcome = f"{type(failure).__name__}: {failure}"
            attempts.append(Attempt(outcome, usage(response, started_s)))
            if failure is error:
                raise
            raise failure from error
        attempts.append(Attempt("ok", usage(response, started_s)))
        return completion

    def _told_context_tokens(self) -> int | None:
        """Return the context that the endpoint's list of models tells, None where it tells none."""
        try:
            with deadline(LOOK_LIMIT_S):
                listed = self._client.models.with_raw_response.list().http_response.json()
        except CAUGHT:  # asking goes without, or fails with a message of its own
            return None
        return context_in(listed, self._model)

    def _failure(self, error: Exception) -> EngineError:
        """Return our error for the SDK's, secrets struck out; one of ours comes back itself."""
        failure = error if isinstance(error, EngineError) else translate(error, self._host)
        failure.args = (self._without_secrets(str(failure)),)
        if isinstance(failure, BadReply):
            failure.raw = self._without_secrets(failure.raw)
        return failure

    def _without_secrets(self, text: str) -> str:
        """Return a server's words with what it was sent in confidence struck out."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text


@cache
def _prepared(schema: type[BaseModel]) -> type[BaseModel]:
    """Return a schema as instructor wants it, which else makes class and JSON Schema each time."""
    prepared = instructor.openai_schema(schema)
    told = prepared.model_json_schema()
    cast(Any, prepared).model_json_schema = lambda: told
    return prepared


# ---- what a server takes --------------------------------------------------------------------

# Words in which a server says that it doesn't take a mode.
_MODE_WORDS = {
    "json_schema": re.compile(r"response.?format|json.?schema|structured.?output", re.IGNORECASE),
    "tools": re.compile(r"\btools?\b|tool.?(choice|call|use)|function.?call", re.IGNORECASE),
    "json": re.compile(r"response.?format|json.?(object|mode)", re.IGNORECASE),
}
_STATUSES_OF_COMPLAINTS = {400, 404, 422, 500, 501}


def adapted(dialect: Dialect, error: BaseException | None, *, with_schema: bool) -> Dialect | None:
    """Return the dialect to try next after this error, None where the error isn't about that.

    It only ever moves one way, so asking ends.
    """
    if not isinstance(error, openai.APIStatusError):
        return None
    words = said(error)
    if error.status_code not in _STATUSES_OF_COMPLAINTS or TOO_LONG_WORDS.search(words):
        return None
    if dialect.max_tokens == "max_tokens" and "max_completion_tokens" in words:
        return replace(dialect, max_tokens="max_completion_tokens")
    if dialect.temperature and error.param == "temperature":
        return replace(dialect, temperature=False)
    of_mode = _MODE_WORDS.get(dialect.mode)
    if with_schema and of_mode and of_mode.search(f"{error.param} {words}"):
        ladder = list(MODES)
        return replace(dialect, mode=ladder[ladder.index(dialect.mode) + 1])
    return None


def _checked_key(api_key: str) -> str:
    """Return the key to send; without one a dummy, which local servers take."""
    key = api_key.strip()
    if not (key.isascii() and key.isprintable()):
        raise ConfigError("the API key holds characters that no key has; copy it again")
    return key or NO_KEY
