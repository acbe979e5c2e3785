"""What an endpoint sends, in our terms: answers checked, its context, errors translated.

With openai.py the only user of openai and instructor.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from json import JSONDecodeError
from typing import Any, cast

import openai
from instructor.core import exceptions as from_instructor
from openai.types.chat import ChatCompletion, ChatCompletionMessage
from openai.types.chat.chat_completion import Choice
from pydantic import ValidationError

from agent.engine import TokenChoice, Usage
from agent.engines.http import left_s, limit_s, retry_after_s
from agent.errors import BadReply, CutOff, EngineError, Refused, TimedOut, Unavailable

# Some servers count the schema in the message that says that the text is too long.
TOO_LONG_WORDS = re.compile(
    r"context.?(length|window|size)|too long|too many tokens", re.IGNORECASE
)
# Names for the length of the context in lists of models: llama.cpp (of one slot), vLLM, others.
_CONTEXTS = ("n_ctx", "max_model_len", "context_length", "context_window", "max_context_length")

# ---- what came back -------------------------------------------------------------------------


def usable(response: object, host: str) -> ChatCompletion:
    """Return the response if it is a whole answer. The SDK itself checks next to nothing."""
    if not isinstance(response, ChatCompletion):
        raise BadReply(
            f"{host} sent no chat completion but {excerpt(str(response))!r}; check that the base "
            "URL is that of an OpenAI-compatible API (it often ends in /v1)",
            raw=str(response),
        )
    choices = cast(object, response.choices)
    choice = choices[0] if isinstance(choices, list) and choices else None
    if not isinstance(choice, Choice) or not isinstance(choice.message, ChatCompletionMessage):
        raw = response.model_dump_json(exclude_unset=True, warnings=False)
        raise BadReply(f"{host} sent an empty answer: {excerpt(raw)}; try again", raw=raw)
    message = choice.message
    if message.refusal or choice.finish_reason == "content_filter":
        said = excerpt(message.refusal or "content filter")
        raise Refused(f"{host}: the model refuses this text ({said}); try another model")
    raw = written(message)
    if choice.finish_reason == "length":
        raise CutOff(
            f"{host}: the answer was cut off at its limit; take another model (a small one may "
            "repeat itself without end) or send less text",
            raw=raw,
        )
    return response


def written(message: ChatCompletionMessage) -> str:
    """Return what the model wrote, as content or as arguments of a tool call."""
    if message.content:
        return message.content
    return "".join(
        call.function.arguments for call in message.tool_calls or () if call.type == "function"
    )


def usage(response: object, started_s: float) -> Usage:
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


def tokens(choice: Choice) -> tuple[TokenChoice, ...]:
    """Return the tokens with their log-probabilities; () where none were asked for or sent."""
    if choice.logprobs is None:
        return ()
    return tuple(
        TokenChoice(one.token, one.logprob, tuple((t.token, t.logprob) for t in one.top_logprobs))
        for one in choice.logprobs.content or ()
    )


def context_in(listed: object, model: str) -> int | None:
    """Return the tokens of context that a list of models tells for the model, None for nothing.

    The one model of a server that has no other counts as meant, whatever it's called.

    >>> context_in({"data": [{"id": "a", "meta": {"n_ctx": 4096}}]}, "b")
    4096
    """
    data = listed.get("data") if isinstance(listed, dict) else None
    entries = [each for each in data if isinstance(each, dict)] if isinstance(data, list) else []
    meant = [each for each in entries if each.get("id") == model or len(entries) == 1]
    for entry in meant[:1]:
        meta = entry.get("meta")
        told = {**entry, **meta} if isinstance(meta, dict) else entry
        values = (told.get(key) for key in _CONTEXTS)
        return next((v for v in values if type(v) is int and v > 0), None)
    return None


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
    message = f"{host} answered {status}: {said(error)}"
    no_quota = {error.code, error.type} & _NO_QUOTA
    if no_quota:
        return Refused(f"{message}; no quota is left: check plan and billing")
    if status in (408, 409, 425, 429) or status >= 500:
        wait_s = retry_after_s(error.response.headers, time.time())
        return Unavailable(f"{message}; try again later", retry_after_s=wait_s)
    if 300 <= status < 400:
        status = 300
    # Servers name this one in many ways, llama.cpp in the message and with the status as its code.
    code = "context_length_exceeded" if TOO_LONG_WORDS.search(said(error)) else error.code
    advice = _ADVICE.get(code) or _ADVICE.get(status) or "check the model and its limits"
    bare = status == 400 and (not code or str(code) == "400") and not error.param
    return Refused(f"{message}; {advice}", unexplained=bare)


def _from_timeout(_: Exception, host: str) -> EngineError:
    if left_s() <= 0:
        return TimedOut(
            f"{host}: no whole answer within {limit_s():g} s; send less text, or raise deadline_s "
            "in the config file"
        )
    return TimedOut(
        f"{host} is silent; check that it works, or raise timeout_s in the config file: a slow "
        "server says nothing until its answer is whole"
    )


def _from_connection(error: Exception, host: str) -> EngineError:
    why = excerpt(str(error.__cause__ or error))
    if "CERTIFICATE_VERIFY_FAILED" in why:  # it doesn't pass, so asking again is of no use
        return Refused(
            f"{host} shows a certificate that isn't to be trusted ({why}); check the base URL, or "
            "for a server of your own let SSL_CERT_FILE name its certificate"
        )
    return Unavailable(
        f"no connection to {host} ({why}); check that the server runs and the base URL is right"
    )


def _bad_reply(error: Exception, host: str) -> EngineError:
    return BadReply(
        f"{host} sent an answer that can't be used ({complaint(error)}); try again, or another "
        "model"
    )


def _refused(error: Exception, host: str) -> EngineError:
    return Refused(
        f"{host} can't be asked ({type(error).__name__}: {excerpt(str(error))}); "
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
CAUGHT: tuple[type[Exception], ...] = (EngineError, *TRANSLATIONS)


def unwrapped(error: BaseException) -> Exception:
    """Return what instructor's error is about: the innermost cause, or the last failed attempt."""
    inner: BaseException | None = error
    while isinstance(inner, from_instructor.InstructorRetryException):
        failed = inner.failed_attempts
        inner = inner.__cause__ or (failed[-1].exception if failed else None)
    return inner if isinstance(inner, Exception) else cast(Exception, error)


def complaint(error: Exception) -> str:
    """Return what is wrong with an answer, in a line; pydantic's own text names its version."""
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        more = f", and {error.error_count() - 1} more" if error.error_count() > 1 else ""
        return f"{place}: {first['msg']}{more}" if place else f"{first['msg']}{more}"
    return excerpt(str(error) or type(error).__name__)


def said(error: openai.APIError) -> str:
    """Return the server's own words, in a line."""
    body = error.body
    words = body.get("message") or body.get("detail") if isinstance(body, dict) else body
    return excerpt(str(words or error.message))


def excerpt(text: str, longest: int = 200) -> str:
    """Return text as one printable line, cut to `longest` characters."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
