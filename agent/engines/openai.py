"""The engine for endpoints that speak OpenAI's API; only user of openai and instructor.

A request with a schema goes through instructor, in the first reply mode that the server takes;
what the server can't do is remembered while the engine lives. Other requests go through plain.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from json import JSONDecodeError
from typing import Any, cast

import instructor
import openai
from instructor.core import exceptions as from_instructor
from instructor.core.hooks import Hooks
from openai.types.chat import ChatCompletion, ChatCompletionMessage
from openai.types.chat.chat_completion import Choice
from pydantic import BaseModel, ValidationError

from agent.engine import Abilities, Attempt, Identity, Reply, Request, TokenChoice, Usage
from agent.engines.http import build_client, deadline, host_of, left_s, limit_s, retry_after_s
from agent.errors import BadReply, ConfigError, EngineError, Refused, Unavailable

# The ladder: how the form of an answer is enforced, best first. JSON and MD_JSON come last since
# instructor adds prose of its own to the prompt there.
MODES = {
    "json_schema": instructor.Mode.JSON_SCHEMA,
    "tools": instructor.Mode.TOOLS,
    "json": instructor.Mode.JSON,
    "md_json": instructor.Mode.MD_JSON,
}
REASKS = 1
PLAIN = Abilities(grammar=False, logprobs=False, context_tokens=32_768)
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


class OpenAIEngine:
    """Answers requests over HTTP. Threads may share it.

    timeout_s: the longest silence of the server. deadline_s: the longest that one ask() takes,
    re-asks and fallbacks included. identity: who answers, where that isn't simply `model`; its
    mode, if any, is where the ladder of reply modes starts.
    """

    def __init__(
        self,
        model: str,
        base_url: str,
        api_key: str = "",
        *,
        identity: Identity | None = None,
        abilities: Abilities = PLAIN,
        timeout_s: float = 120.0,
        deadline_s: float = 300.0,
    ) -> None:
        self._host = host_of(base_url)
        self._api_key = _checked_key(api_key)
        self._model = model
        self._identity = identity or Identity("openai", model)
        self._abilities = abilities
        self._deadline_s = deadline_s
        self._dialect = Dialect(mode=self._identity.mode or "json_schema")
        self._client = openai.OpenAI(
            api_key=self._api_key,
            base_url=base_url,
            max_retries=0,
            http_client=build_client(base_url, timeout_s),
        )
        # The SDK loads the code for this on first use, which takes longer than a short deadline.
        self._create = cast(Callable[..., object], self._client.chat.completions.create)

    @property
    def identity(self) -> Identity:
        """Who answers; its mode is the one that the next request with a schema will use."""
        return replace(self._identity, mode=self._dialect.mode)

    @property
    def abilities(self) -> Abilities:
        """What the endpoint can do, as it was told to the constructor."""
        return self._abilities

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
        if request.grammar and not self._abilities.grammar:
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
            text=text,
            model=completion.model or self._model,
            mode=mode,
            usage=sum((attempt.usage for attempt in attempts), Usage()),
            finish_reason=completion.choices[0].finish_reason or "stop",
            tokens=_tokens(completion.choices[0]),
            attempts=tuple(attempts),
        )

    def _parameters(self, dialect: Dialect, request: Request) -> dict[str, Any]:
        """Return the arguments of the SDK's call, but for the schema."""
        sent: dict[str, Any] = {
            "model": self._model,
            "messages": [{"role": m.role, "content": m.content} for m in request.messages],
            dialect.max_tokens: request.max_tokens,
        }
        if dialect.temperature:
            sent["temperature"] = request.temperature
        if request.top_logprobs and self._abilities.logprobs:
            sent |= {"logprobs": True, "top_logprobs": request.top_logprobs}
        if request.grammar:
            sent["extra_body"] = {"grammar": request.grammar, "cache_prompt": True}
        return sent

    def _structured(
        self, schema: type[BaseModel], mode: str, sent: dict[str, Any], attempts: list[Attempt]
    ) -> tuple[str, ChatCompletion]:
        """Return JSON that the schema accepts, and the completion that it came in."""
        completions: list[ChatCompletion] = []

        def complete(**parameters: Any) -> ChatCompletion:
            completions.append(self._complete(parameters, attempts))
            return completions[-1]

        def spoil(error: Exception) -> None:
            attempts[-1] = replace(attempts[-1], outcome=f"BadReply: {_complaint(error)}")

        hooks = Hooks()
        hooks.on("parse:error", spoil)
        # A function of this call is patched, never the client: modes can't get into each other.
        create = cast(Callable[..., BaseModel], instructor.patch(create=complete, mode=MODES[mode]))
        try:
            value = create(response_model=schema, max_retries=REASKS, hooks=hooks, **sent)
        except from_instructor.InstructorError as error:
            cause = _unwrapped(error)
            if isinstance(cause, EngineError):  # from _complete
                raise cause from cause.__cause__
            failure = self._failure(cause)
            if isinstance(failure, BadReply) and completions:
                failure.raw = _written(completions[-1].choices[0].message)
            raise failure from cause
        return value.model_dump_json(by_alias=True), completions[-1]

    def _complete(self, parameters: dict[str, Any], attempts: list[Attempt]) -> ChatCompletion:
        """Return the completion of one HTTP call, checked as far as no schema is needed."""
        started_s = time.monotonic()
        response: object = None
        try:
            response = self._create(**parameters)
            completion = _usable(response, self._host)
        except _CAUGHT as error:
            failure = self._failure(error)
            outcome = f"{type(failure).__name__}: {failure}"
            attempts.append(Attempt(outcome, _usage(response, started_s)))
            if failure is error:
                raise
            raise failure from error
        attempts.append(Attempt("ok", _usage(response, started_s)))
        return completion

    def _failure(self, error: Exception) -> EngineError:
        """Return our error for the SDK's, the key struck out; one of ours comes back itself."""
        failure = error if isinstance(error, EngineError) else translate(error, self._host)
        if len(self._api_key) >= SHORTEST_SECRET:
            failure.args = (str(failure).replace(self._api_key, "***"),)
        return failure


# ---- what a server takes --------------------------------------------------------------------

# Words in which a server says that it doesn't take a mode.
_MODE_WORDS = {
    "json_schema": re.compile(r"response.?format|json.?schema|structured.?output", re.IGNORECASE),
    "tools": re.compile(r"\btools?\b|tool.?(choice|call|use)|function.?call", re.IGNORECASE),
    "json": re.compile(r"response.?format|json.?(object|mode)", re.IGNORECASE),
}
# Some servers count the schema in the message that says that the text is too long.
_TOO_LONG_WORDS = re.compile(
    r"context.?(length|window|size)|too long|too many tokens", re.IGNORECASE
)
_STATUSES_OF_COMPLAINTS = {400, 404, 422, 500, 501}


def adapted(dialect: Dialect, error: BaseException | None, *, with_schema: bool) -> Dialect | None:
    """Return the dialect to try next after this error, None where the error isn't about that.

    It only ever moves one way, so asking ends.
    """
    if not isinstance(error, openai.APIStatusError):
        return None
    said = _said(error)
    if error.status_code not in _STATUSES_OF_COMPLAINTS or _TOO_LONG_WORDS.search(said):
        return None
    if dialect.max_tokens == "max_tokens" and "max_completion_tokens" in said:
        return replace(dialect, max_tokens="max_completion_tokens")
    if dialect.temperature and error.param == "temperature":
        return replace(dialect, temperature=False)
    words = _MODE_WORDS.get(dialect.mode)
    if with_schema and words and words.search(f"{error.param} {said}"):
        ladder = list(MODES)
        return replace(dialect, mode=ladder[ladder.index(dialect.mode) + 1])
    return None


def _checked_key(api_key: str) -> str:
    """Return the key to send; without one a dummy, which local servers take."""
    key = api_key.strip()
    if not (key.isascii() and key.isprintable()):
        raise ConfigError("the API key holds characters that no key has; copy it again")
    return key or NO_KEY


# ---- what came back -------------------------------------------------------------------------


def _usable(response: object, host: str) -> ChatCompletion:
    """Return the response if it is a whole answer. The SDK itself checks next to nothing."""
    if not isinstance(response, ChatCompletion):
        raise BadReply(
            f"{host} sent no chat completion but {_excerpt(str(response))!r}; check that the base "
            "URL is that of an OpenAI-compatible API (it often ends in /v1)",
            raw=str(response),
        )
    choices = cast(object, response.choices)
    choice = choices[0] if isinstance(choices, list) and choices else None
    if not isinstance(choice, Choice) or not isinstance(choice.message, ChatCompletionMessage):
        raw = response.model_dump_json(exclude_unset=True, warnings=False)
        raise BadReply(f"{host} sent an empty answer: {_excerpt(raw)}; try again", raw=raw)
    message = choice.message
    if message.refusal or choice.finish_reason == "content_filter":
        said = _excerpt(message.refusal or "content filter")
        raise Refused(f"{host}: the model refuses this text ({said}); try another model")
    raw = _written(message)
    if choice.finish_reason == "length":
        raise BadReply(
            f"{host}: the answer was cut off at its limit; send less text or raise max_tokens",
            raw=raw,
        )
    return response


def _written(message: ChatCompletionMessage) -> str:
    """Return what the model wrote, as content or as arguments of a tool call."""
    if message.content:
        return message.content
    return "".join(
        call.function.arguments for call in message.tool_calls or () if call.type == "function"
    )


def _usage(response: object, started_s: float) -> Usage:
    """Return the cost of one call; zeros where the server doesn't say."""
    seconds = time.monotonic() - started_s
    told = response.usage if isinstance(response, ChatCompletion) else None
    if not told:
        return Usage(calls=1, seconds=seconds)
    timings = getattr(response, "timings", None)  # llama.cpp's own
    cached = getattr(told.prompt_tokens_details, "cached_tokens", None)
    if cached is None and isinstance(timings, dict):
        cached = timings.get("cache_n")
    return Usage(
        calls=1,
        input_tokens=told.prompt_tokens or 0,
        output_tokens=told.completion_tokens or 0,
        cached_tokens=cached or 0,
        seconds=seconds,
    )


def _tokens(choice: Choice) -> tuple[TokenChoice, ...]:
    """Return the tokens with their log-probabilities; () where none were asked for or sent."""
    if choice.logprobs is None:
        return ()
    return tuple(
        TokenChoice(one.token, one.logprob, tuple((t.token, t.logprob) for t in one.top_logprobs))
        for one in choice.logprobs.content or ()
    )


# ---- errors: the SDK's into ours ------------------------------------------------------------

_NO_QUOTA = {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"}
_ADVICE = {
    "content_filter": "leave this text out or take another model",
    "context_length_exceeded": "take a model with a longer context, or send less text",
    300: "set the base URL to the address that it redirects to",
    401: "check the API key",
    402: "add credit to the account",
    403: "check that the key may use this model",
    404: "check the model's name and the base URL",
    413: "send less text",
}


def translate(error: Exception, host: str) -> EngineError:
    """Return our error for one of openai's or instructor's, by the nearest class in the table."""
    for class_ in type(error).__mro__:
        if class_ in TRANSLATIONS:
            return TRANSLATIONS[class_](error, host)
    return _bad_reply(error, host)


def _from_status(error: Any, host: str) -> EngineError:
    status: int = error.status_code
    message = f"{host} answered {status}: {_said(error)}"
    no_quota = {error.code, error.type} & _NO_QUOTA
    if no_quota:
        return Refused(f"{message}; no quota is left: check plan and billing")
    if status in (408, 409, 425, 429) or status >= 500:
        wait_s = retry_after_s(error.response.headers, time.time())
        return Unavailable(f"{message}; try again later", retry_after_s=wait_s)
    if 300 <= status < 400:
        status = 300
    # Servers name this one in many ways, llama.cpp in the message and with the status as its code.
    code = "context_length_exceeded" if _TOO_LONG_WORDS.search(_said(error)) else error.code
    advice = _ADVICE.get(code) or _ADVICE.get(status) or "check the model and its limits"
    return Refused(f"{message}; {advice}")


def _from_timeout(_: Exception, host: str) -> EngineError:
    if left_s() <= 0:
        return Unavailable(
            f"{host}: no whole answer within {limit_s():g} s; raise the deadline or send less text"
        )
    return Unavailable(
        f"{host} is silent; check that it works, or raise timeout_s in the config file: a slow "
        "server says nothing until its answer is whole"
    )


def _from_connection(error: Exception, host: str) -> EngineError:
    why = _excerpt(str(error.__cause__ or error))
    return Unavailable(
        f"no connection to {host} ({why}); check that the server runs and the base URL is right"
    )


def _bad_reply(error: Exception, host: str) -> EngineError:
    return BadReply(
        f"{host} sent an answer that can't be used ({_complaint(error)}); try again, or another "
        "model"
    )


def _refused(error: Exception, host: str) -> EngineError:
    return Refused(
        f"{host} can't be asked ({type(error).__name__}: {_excerpt(str(error))}); "
        "check the model and its settings"
    )


# Every public error of both SDKs by name, so that a new one is noticed; some of them (webhooks,
# web sockets, token budgets) can't come up here. The last four come from reading a body or a text.
_ROWS: tuple[tuple[Callable[[Any, str], EngineError], tuple[type[Exception], ...]], ...] = (
    (_from_timeout, (openai.APITimeoutError,)),
    (
        _from_connection,
        (
            openai.APIConnectionError,
            openai.WebSocketConnectionClosedError,
            openai.WebSocketQueueFullError,
        ),
    ),
    (
        _from_status,
        (
            openai.APIStatusError,
            openai.BadRequestError,
            openai.AuthenticationError,
            openai.OAuthError,
            openai.PermissionDeniedError,
            openai.NotFoundError,
            openai.ConflictError,
            openai.UnprocessableEntityError,
            openai.RateLimitError,
            openai.InternalServerError,
        ),
    ),
    (
        _refused,
        (
            openai.OpenAIError,
            openai.ContentFilterFinishReasonError,
            openai.InvalidWebhookSignatureError,
            from_instructor.ProviderError,
            from_instructor.ConfigurationError,
            from_instructor.ModeError,
            from_instructor.ClientError,
            from_instructor.MultimodalError,
            from_instructor.TokenBudgetError,
            from_instructor.TokenBudgetExceeded,
            from_instructor.TokenUsageUnavailableError,
        ),
    ),
    (
        _bad_reply,
        (
            openai.APIError,
            openai.APIResponseValidationError,
            openai.LengthFinishReasonError,
            from_instructor.InstructorError,
            from_instructor.InstructorRetryException,
            from_instructor.IncompleteOutputException,
            from_instructor.ValidationError,
            from_instructor.AsyncValidationError,
            from_instructor.ResponseParsingError,
            ValidationError,
            JSONDecodeError,
            UnicodeDecodeError,
            RecursionError,
        ),
    ),
)
TRANSLATIONS: dict[type[Exception], Callable[[Any, str], EngineError]] = {
    class_: to_ours for to_ours, classes in _ROWS for class_ in classes
}
_CAUGHT: tuple[type[Exception], ...] = (EngineError, *TRANSLATIONS)


def _unwrapped(error: BaseException) -> Exception:
    """Return what instructor's error is about: the innermost cause, or the last failed attempt."""
    inner: BaseException | None = error
    while isinstance(inner, from_instructor.InstructorRetryException):
        failed = inner.failed_attempts
        inner = inner.__cause__ or (failed[-1].exception if failed else None)
    return inner if isinstance(inner, Exception) else cast(Exception, error)


def _complaint(error: Exception) -> str:
    """Return what is wrong with an answer, in a line; pydantic's own text names its version."""
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        more = f", and {error.error_count() - 1} more" if error.error_count() > 1 else ""
        return f"{place}: {first['msg']}{more}" if place else f"{first['msg']}{more}"
    return _excerpt(str(error) or type(error).__name__)


def _said(error: openai.APIError) -> str:
    """Return the server's own words, in a line."""
    body = error.body
    words = body.get("message") or body.get("detail") if isinstance(body, dict) else body
    return _excerpt(str(words or error.message))


def _excerpt(text: str, longest: int = 200) -> str:
    """Return text as one printable line, cut to `longest` characters."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
