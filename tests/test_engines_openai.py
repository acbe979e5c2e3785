"""The OpenAI engine against a real HTTP server on loopback that answers well, badly or not."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from email.utils import formatdate

import pytest
from pydantic import BaseModel

from agent.engine import Abilities, Identity, Message, Request, TokenChoice, Usage
from agent.engines.openai import PLAIN, THINKING_TOKENS, OpenAIEngine
from agent.errors import BadReply, ConfigError, CutOff, EngineError, Refused, TimedOut, Unavailable
from lying_server import (
    Answer,
    Handler,
    LyingServer,
    answer_bytes,
    answer_json,
    api_error,
    chat,
    completion,
    cut_short,
    drip_body,
    drip_head,
    hang,
    reset,
    tool_call,
)

KEY = "sk-very-secret-0123456789"
GOOD = '{"city":"Paris","size":2}'
BAD = '{"city":"Paris","size":"two"}'
MESSAGES = (Message("system", "Name the {{city}}."), Message("user", "“Paris” has 2\nrivers."))
ABLE = Abilities(grammar=True, logprobs=True, context_tokens=4096)


class City(BaseModel):
    """A city."""

    city: str
    size: int


FREE = Request(MESSAGES)
FORMED = Request(MESSAGES, schema=City)


@contextmanager
def engine_of(
    *answers: Answer,
    abilities: Abilities = ABLE,
    identity: Identity | None = None,
    timeout_s: float = 5.0,
    deadline_s: float = 5.0,
) -> Iterator[tuple[OpenAIEngine, LyingServer]]:
    """Yield an engine and the server that gives it these answers."""
    with LyingServer(*answers) as server:
        engine = OpenAIEngine(
            "m",
            server.base_url,
            KEY,
            identity=identity,
            abilities=abilities,
            timeout_s=timeout_s,
            deadline_s=deadline_s,
        )
        try:
            yield engine, server
        finally:
            engine.close()


def on_the_wire(messages: tuple[Message, ...]) -> list[dict[str, str]]:
    """Return messages as the API wants them."""
    return [{"role": message.role, "content": message.content} for message in messages]


# ---- good answers ---------------------------------------------------------------------------


def test_plain_request_sends_messages_and_reads_reply() -> None:
    """A request without a schema goes out as it is, and its answer comes back with its cost."""
    with engine_of(completion("Hello.")) as (engine, server):
        reply = engine.ask(Request(MESSAGES, max_tokens=7, temperature=0.5))
    expected = {
        "model": "m",
        "messages": on_the_wire(MESSAGES),
        "max_tokens": 7,
        "temperature": 0.5,
    }
    assert [expected] == [request.body for request in server.requests]
    assert f"Bearer {KEY}" == server.requests[0].headers["authorization"]
    assert ("Hello.", "served-model", "text", "stop") == (
        reply.text,
        reply.model,
        reply.mode,
        reply.finish_reason,
    )
    assert (1, 11, 3, 4, None) == (
        reply.usage.calls,
        reply.usage.input_tokens,
        reply.usage.output_tokens,
        reply.usage.cached_tokens,
        reply.usage.cost_usd,
    )
    assert ["ok"] == [attempt.outcome for attempt in reply.attempts]
    assert 0 < reply.usage.seconds < 5


def test_grammar_request_sends_grammar_and_reads_tokens() -> None:
    """A grammar and the wish for log-probabilities go out, tokens and llama.cpp's cache come in."""
    body = chat("{}") | {"timings": {"cache_n": 9}}
    del body["usage"]["prompt_tokens_details"]
    top = [{"token": "{}", "logprob": -0.1, "bytes": None}, {"token": "[]", "logprob": -3.0}]
    token = {"token": "{}", "logprob": -0.1, "bytes": None, "top_logprobs": top}
    body["choices"][0]["logprobs"] = {"content": [token]}
    with engine_of(answer_json(body)) as (engine, server):
        reply = engine.ask(Request(MESSAGES, grammar="root ::= x", top_logprobs=2))
    sent = server.requests[0].body
    assert ("root ::= x", True, True, 2) == (
        sent["grammar"],
        sent["cache_prompt"],
        sent["logprobs"],
        sent["top_logprobs"],
    )
    assert (TokenChoice("{}", -0.1, (("{}", -0.1), ("[]", -3.0))),) == reply.tokens
    assert ("grammar", 9) == (reply.mode, reply.usage.cached_tokens)


def test_grammar_is_refused_where_the_engine_has_none() -> None:
    """Without the ability nothing is sent: an answer that no grammar held would pass as one."""
    with engine_of(completion("x"), abilities=Abilities(False, False, 9)) as (engine, server):
        with pytest.raises(Refused, match="grammar"):
            engine.ask(Request(MESSAGES, grammar="root ::= x"))
    assert [] == server.requests


def test_logprobs_are_not_asked_of_an_engine_without_them() -> None:
    """top_logprobs stays off the wire where abilities say that there are none."""
    with engine_of(completion("x"), abilities=Abilities(False, False, 9)) as (engine, server):
        assert () == engine.ask(Request(MESSAGES, top_logprobs=5)).tokens
    assert {"model", "messages", "max_tokens", "temperature"} == set(server.requests[0].body)


@pytest.mark.parametrize(
    ("mode", "answer"),
    [
        ("json_schema", completion('{ "size": 2, "city": "Paris" }')),
        ("tools", tool_call("City", '{ "size": 2, "city": "Paris" }')),
        ("json", completion('{ "size": 2, "city": "Paris" }')),
        ("md_json", completion('```json\n{ "size": 2, "city": "Paris" }\n```')),
    ],
)
def test_schema_request_gives_canonical_json_in_every_mode(mode: str, answer: Answer) -> None:
    """Whatever the model's layout, the text is the schema's own JSON, and the mode is told."""
    with engine_of(answer, identity=Identity("local", "abc", "b1", mode)) as (engine, _):
        reply = engine.ask(FORMED)
        assert Identity("local", "abc", "b1", mode) == engine.identity
    assert (GOOD, mode, 1) == (reply.text, reply.mode, reply.usage.calls)


@pytest.mark.parametrize(
    ("mode", "answer"), [("json_schema", completion(GOOD)), ("tools", tool_call("City", GOOD))]
)
def test_schema_request_adds_no_prose_of_its_own(mode: str, answer: Answer) -> None:
    """In the two upper modes the messages on the wire are the request's, to the letter."""
    with engine_of(answer, identity=Identity("openai", "m", mode=mode)) as (engine, server):
        engine.ask(FORMED)
    assert on_the_wire(MESSAGES) == server.requests[0].body["messages"]
    assert City.model_json_schema()["properties"].keys() == (
        server.requests[0].body["response_format"]["json_schema"]["schema"]["properties"].keys()
        if mode == "json_schema"
        else server.requests[0].body["tools"][0]["function"]["parameters"]["properties"].keys()
    )


def test_wrong_content_type_is_read_all_the_same() -> None:
    """JSON that calls itself text is JSON."""
    body = json.dumps(chat("Hello.")).encode()
    with engine_of(answer_bytes(body, content_type="text/plain")) as (engine, _):
        assert "Hello." == engine.ask(FREE).text


def test_missing_usage_counts_as_zero_tokens() -> None:
    """A server that doesn't count costs a call and no tokens."""
    with engine_of(answer_json(chat("x") | {"usage": None})) as (engine, _):
        usage = engine.ask(FREE).usage
    assert Usage(calls=1, seconds=usage.seconds) == usage


def test_empty_key_sends_a_dummy() -> None:
    """Local servers want no key, and the SDK wants one."""
    with LyingServer(completion("x")) as server:
        engine = OpenAIEngine("m", server.base_url, "")
        engine.ask(FREE)
        engine.close()
    assert "Bearer none" == server.requests[0].headers["authorization"]


def test_dummy_key_is_left_in_words() -> None:
    """Only a real key is struck out of a message."""
    with LyingServer(api_error(400, "none of these")) as server:
        engine = OpenAIEngine("m", server.base_url)
        with pytest.raises(Refused, match="none of these"):
            engine.ask(FREE)
        engine.close()


def test_loopback_takes_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy in the environment doesn't carry a text off the machine."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with engine_of(completion("x")) as (engine, _):
        assert "x" == engine.ask(FREE).text


# ---- the ladder -----------------------------------------------------------------------------

NO_SCHEMA = api_error(
    400,
    "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.",
    param="response_format",
)
NO_TOOLS = api_error(500, "tools param requires --jinja flag")
NO_JSON = api_error(400, "'response_format.type' must be 'text'")


@pytest.mark.parametrize(
    ("answers", "mode"),
    [
        ((completion(GOOD),), "json_schema"),
        ((NO_SCHEMA, tool_call("City", GOOD)), "tools"),
        ((NO_SCHEMA, NO_TOOLS, completion(GOOD)), "json"),
        ((NO_SCHEMA, NO_TOOLS, NO_JSON, completion(f"```json\n{GOOD}\n```")), "md_json"),
    ],
)
def test_ladder_ends_at_the_first_mode_that_the_server_takes(
    answers: tuple[Answer, ...], mode: str
) -> None:
    """Modes are tried best first, once each, and the one that works is remembered."""
    with engine_of(*answers) as (engine, server):
        first = engine.ask(FORMED)
        second = engine.ask(FORMED)
        assert mode == engine.identity.mode
    assert (GOOD, mode) == (first.text, first.mode) == (second.text, second.mode)
    assert len(answers) + 1 == len(server.requests)
    assert len(answers) == len(first.attempts) == first.usage.calls
    assert [True] * (len(answers) - 1) + [False] == [
        attempt.outcome != "ok" for attempt in first.attempts
    ]


def test_ladder_ends_where_no_mode_is_taken() -> None:
    """A server that takes no mode at all is asked four times and refused with its own words."""
    answers = (NO_SCHEMA, NO_TOOLS, NO_JSON, api_error(400, "no response_format, no tools"))
    with engine_of(*answers) as (engine, server):
        with pytest.raises(Refused, match="no response_format, no tools") as caught:
            engine.ask(FORMED)
    assert 4 == len(server.requests) == len(caught.value.attempts)


def test_ladder_does_not_move_for_a_text_that_is_too_long() -> None:
    """A complaint about length that counts the tools isn't one about tools."""
    words = (
        "maximum context length is 10 tokens, you sent 20 (12 in messages, 8 in response_format)"
    )
    answer = api_error(400, words, code="context_length_exceeded")
    with engine_of(answer) as (engine, server):
        with pytest.raises(Refused, match="longer context"):
            engine.ask(FORMED)
        assert "json_schema" == engine.identity.mode
    assert 1 == len(server.requests)


def test_parameters_that_a_model_does_not_take_are_adapted_once() -> None:
    """max_tokens gets its newer name, with room to think; a fixed temperature is left out."""
    answers = (
        api_error(400, "Use 'max_completion_tokens' instead.", param="max_tokens"),
        api_error(400, "Only the default (1) value is supported.", param="temperature"),
        completion("x"),
    )
    with engine_of(*answers) as (engine, server):
        engine.ask(FREE)
        engine.ask(FREE)
    sent = [request.body for request in server.requests]
    assert [1024, 1024 + THINKING_TOKENS] == [
        sent[0]["max_tokens"],
        sent[1]["max_completion_tokens"],
    ]
    assert [
        {"max_tokens", "temperature"},
        {"max_completion_tokens", "temperature"},
        {"max_completion_tokens"},
        {"max_completion_tokens"},
    ] == [set(body) - {"model", "messages"} for body in sent]


# ---- the re-ask -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "bad", "good"),
    [
        ("json_schema", completion(BAD), completion(GOOD)),
        ("tools", tool_call("City", BAD), tool_call("City", GOOD)),
        ("tools", completion("Paris."), tool_call("City", GOOD)),
    ],
)
def test_reask_mends_an_answer_that_does_not_fit(mode: str, bad: Answer, good: Answer) -> None:
    """A bad answer is asked for again once; both calls are in attempts and usage."""
    with engine_of(bad, good, identity=Identity("openai", "m", mode=mode)) as (engine, server):
        reply = engine.ask(FORMED)
    assert GOOD == reply.text
    assert 2 == len(server.requests) == reply.usage.calls
    assert (22, 6, 8) == (
        reply.usage.input_tokens,
        reply.usage.output_tokens,
        reply.usage.cached_tokens,
    )
    assert "BadReply: " == reply.attempts[0].outcome[:10]
    assert "ok" == reply.attempts[1].outcome


def test_reask_happens_exactly_once() -> None:
    """A server that never learns costs two calls; the last answer is kept raw."""
    with engine_of(completion(BAD)) as (engine, server):
        with pytest.raises(BadReply, match="size: Input should be a valid integer") as caught:
            engine.ask(FORMED)
    assert 2 == len(server.requests)
    assert BAD == caught.value.raw
    assert ["BadReply: size: Input should be a valid integer"] * 2 == [
        attempt.outcome for attempt in caught.value.attempts
    ]
    assert 2 == sum(attempt.usage.calls for attempt in caught.value.attempts)


def test_reask_that_fails_otherwise_ends_as_that_failure() -> None:
    """A 503 at the re-ask is Unavailable, with both attempts told."""
    with engine_of(completion(BAD), api_error(503)) as (engine, server):
        with pytest.raises(Unavailable, match="503") as caught:
            engine.ask(FORMED)
    assert 2 == len(server.requests) == len(caught.value.attempts)


# ---- bad answers ----------------------------------------------------------------------------

CUT_OFF = "cut off at its limit"
HTML = b"<html><body>Welcome to nginx</body></html>"

FAILURES = [
    (api_error(400, "odd"), Refused, "400: odd"),
    (api_error(400, "filtered", code="content_filter"), Refused, "another model"),
    (api_error(401, "bad key"), Refused, "401: bad key; check the API key"),
    (api_error(402, "pay"), Refused, "add credit"),
    (api_error(403, "not yours"), Refused, "may use this model"),
    (api_error(404, "no such model"), Refused, "the model's name and the base URL"),
    (api_error(409), Unavailable, "409"),
    (api_error(413), Refused, "less text"),
    (api_error(422, "odd"), Refused, "422: odd"),
    (api_error(429, "slow down"), Unavailable, "429: slow down"),
    (api_error(429, "paid up?", code="insufficient_quota"), Refused, "billing"),
    (api_error(500), Unavailable, "500"),
    (api_error(503), Unavailable, "503"),
    (answer_json({"error": "plain words"}, status=500), Unavailable, "plain words"),
    (answer_json({"detail": "other words"}, status=500), Unavailable, "other words"),
    (answer_json(["odd"], status=500), Unavailable, "500"),
    (answer_bytes(HTML, status=502, content_type="text/html"), Unavailable, "nginx"),
    (answer_bytes(b"", status=307, location="http://example.org/"), Refused, "redirects"),
    (answer_bytes(HTML, content_type="text/html"), BadReply, "base URL"),
    (answer_bytes(HTML), BadReply, "can't be used"),
    (answer_bytes(b'{"choices": ['), BadReply, "can't be used"),
    (answer_bytes(b'"\xff"'), BadReply, "can't be used"),
    (answer_bytes(b"[" * 100_000), BadReply, "can't be used"),
    (answer_bytes(b""), BadReply, "can't be used"),
    (answer_json([]), BadReply, "base URL"),
    (answer_json(None), BadReply, "base URL"),
    (answer_json({}), BadReply, "empty answer"),
    (answer_json({"error": {"message": "overloaded"}}), BadReply, "overloaded"),
    (answer_json(chat("x") | {"choices": []}), BadReply, "empty answer"),
    (answer_json(chat("x") | {"choices": None}), BadReply, "empty answer"),
    (answer_json(chat("x") | {"choices": "odd"}), BadReply, "empty answer"),
    (answer_json(chat("x") | {"choices": [None]}), BadReply, "empty answer"),
    (answer_json(chat("x") | {"choices": [{"message": "odd"}]}), BadReply, "empty answer"),
    (completion(None, refusal="I can't help."), Refused, "I can't help."),
    (completion("half", finish_reason="content_filter"), Refused, "content filter"),
    (completion("half", finish_reason="length"), CutOff, CUT_OFF),
    (cut_short, Unavailable, "no connection"),
    (reset, Unavailable, "no connection"),
]


@pytest.mark.parametrize("request_", [FREE, FORMED], ids=["text", "schema"])
@pytest.mark.parametrize(("answer", "kind", "words"), FAILURES)
def test_failure_is_ours_and_is_not_asked_again(
    answer: Answer, kind: type[EngineError], words: str, request_: Request
) -> None:
    """Each way to fail has its error, costs one call, names the host and tells no key."""
    with engine_of(answer) as (engine, server), pytest.raises(EngineError) as caught:
        engine.ask(request_)
    assert kind is type(caught.value)
    assert words in str(caught.value)
    assert server.host in str(caught.value)
    assert 1 == len(server.requests)
    assert [f"{kind.__name__}: {caught.value}"] == [
        attempt.outcome for attempt in caught.value.attempts
    ]


@pytest.mark.parametrize("content", ["", None])
def test_empty_text_is_bad_where_a_schema_is_set(content: str | None) -> None:
    """No text at all is no JSON: re-asked once, then a bad reply."""
    with engine_of(completion(content)) as (engine, server), pytest.raises(BadReply):
        engine.ask(FORMED)
    assert 2 == len(server.requests)


def test_cut_off_answer_is_kept_with_its_cost() -> None:
    """What was paid for and what was written before the cut are in the error."""
    with engine_of(completion("half an ans", finish_reason="length")) as (engine, _):
        with pytest.raises(BadReply, match=CUT_OFF) as caught:
            engine.ask(FREE)
    assert "half an ans" == caught.value.raw
    assert 3 == caught.value.attempts[0].usage.output_tokens


@pytest.mark.parametrize(
    ("expected", "answer"),
    [
        pytest.param(True, api_error(400, "odd"), id="bare"),
        pytest.param(True, api_error(400, "odd", code=400), id="the status as its code"),
        pytest.param(False, api_error(400, "odd", code="invalid_prompt"), id="with a code"),
        pytest.param(False, api_error(400, "odd", param="messages"), id="with a parameter"),
        pytest.param(False, api_error(400, "the prompt is too long"), id="too long"),
        pytest.param(False, api_error(400, "x", code="content_filter"), id="content"),
        pytest.param(False, api_error(401), id="key"),
        pytest.param(False, api_error(403), id="not allowed"),
        pytest.param(False, api_error(404), id="no such model"),
    ],
)
def test_refusal_without_a_reason_is_told_from_others(expected: bool, answer: Answer) -> None:
    """Only a 400 that names neither code nor parameter may be answered later."""
    with engine_of(answer) as (engine, _), pytest.raises(Refused) as caught:
        engine.ask(FORMED)
    assert expected is caught.value.unexplained


def test_key_in_the_servers_words_is_struck_out() -> None:
    """A server that repeats the key doesn't get it into our message or attempts."""
    for request in (FREE, FORMED):
        with engine_of(api_error(401, f"wrong key {KEY}")) as (engine, _):
            with pytest.raises(Refused, match=r"wrong key \*\*\*") as caught:
                engine.ask(request)
        assert KEY not in f"{caught.value}{caught.value.attempts}"


def test_control_characters_of_a_server_do_not_reach_a_terminal() -> None:
    """Escape sequences and line breaks in the server's words become blanks."""
    with engine_of(api_error(401, "a\x1b[31m\nb")) as (engine, _):
        with pytest.raises(Refused, match=r"401: a \[31m b;"):
            engine.ask(FREE)


def test_server_that_is_down_is_unavailable() -> None:
    """Nothing listens: the message says where and what to check."""
    with LyingServer(hang) as server:
        pass
    engine = OpenAIEngine("m", server.base_url, KEY)
    with pytest.raises(Unavailable, match=f"no connection to {server.host}.*base URL"):
        engine.ask(FREE)
    engine.close()


@pytest.mark.parametrize(
    ("headers", "low_s", "high_s"),
    [
        ({"retry-after": "7"}, 7, 7),
        ({"retry-after": "0.5"}, 0.5, 0.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25, 0.25),
        ({"retry-after": formatdate(time.time() + 7200, usegmt=True)}, 3600, 7200),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0, 0),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_read(
    status: int, headers: dict[str, str], low_s: float, high_s: float
) -> None:
    """Seconds, milliseconds and dates all become seconds to wait, never negative."""
    with engine_of(api_error(status, headers=headers)) as (engine, _):
        with pytest.raises(Unavailable) as caught:
            engine.ask(FREE)
    assert caught.value.retry_after_s is not None
    assert low_s <= caught.value.retry_after_s <= high_s


@pytest.mark.parametrize("value", [None, "soon", "", "inf", "nan"])
def test_retry_after_that_says_nothing_is_none(value: str | None) -> None:
    """No header, or one that can't be read, is no wish."""
    headers = {} if value is None else {"retry-after": value}
    with engine_of(api_error(429, headers=headers)) as (engine, _):
        with pytest.raises(Unavailable) as caught:
            engine.ask(FREE)
    assert caught.value.retry_after_s is None


# ---- the deadline ---------------------------------------------------------------------------


@pytest.mark.parametrize("request_", [FREE, FORMED], ids=["text", "schema"])
@pytest.mark.parametrize("answer", [hang, drip_head, drip_body])
def test_deadline_holds_whatever_the_server_drips(answer: Answer, request_: Request) -> None:
    """A call ends at its deadline, leaves no thread, and the engine goes on working."""
    with engine_of(answer, completion(GOOD), deadline_s=0.3) as (engine, _):
        before, started_s = threading.active_count(), time.monotonic()
        with pytest.raises(TimedOut, match=r"within 0\.3 s"):
            engine.ask(request_)
        assert 0.25 <= time.monotonic() - started_s < 2.0
        assert threading.active_count() - before <= 1  # the server's own
        assert GOOD == engine.ask(request_).text


def test_deadline_covers_all_calls_of_one_ask() -> None:
    """The re-ask gets what the first call left over, not a deadline of its own."""

    def slow_and_bad(handler: Handler) -> None:
        time.sleep(0.4)
        completion(BAD)(handler)

    with engine_of(completion(GOOD), slow_and_bad, deadline_s=0.6) as (engine, server):
        engine.ask(FORMED)
        with pytest.raises(Unavailable, match=r"within 0\.6 s"):
            engine.ask(FORMED)
    assert 3 == len(server.requests)


def test_silence_ends_at_the_timeout_before_the_deadline() -> None:
    """A server that says nothing is given up after timeout_s."""
    with engine_of(hang, timeout_s=0.2) as (engine, _):
        with pytest.raises(TimedOut, match="silent"):
            engine.ask(FREE)


def test_engine_is_shared_by_threads() -> None:
    """One thread's deadline and answers are not another's."""
    with engine_of(hang, *[completion(GOOD)] * 4, deadline_s=0.4) as (engine, server):
        outcomes: list[str] = []

        def ask() -> None:
            try:
                outcomes.append(engine.ask(FORMED).text)
            except Unavailable:
                outcomes.append("late")

        threads = [threading.Thread(target=ask) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert ["late"] + [GOOD] * 4 == sorted(outcomes, key=lambda outcome: outcome == GOOD)
    assert 5 == len(server.requests)


# ---- set-up ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base_url", "key"),
    [
        ("localhost:8080", KEY),
        ("ftp://localhost/v1", KEY),
        ("", KEY),
        ("http://[::1/v1", KEY),
        ("http://h:x/v1", KEY),
        ("http://localhost:1/v1", "sk-\N{EURO SIGN}"),
        ("http://localhost:1/v1", "sk-a\nb"),
    ],
)
def test_wrong_settings_are_config_errors(base_url: str, key: str) -> None:
    """A base URL or key that can't work is told at once, without the key."""
    with pytest.raises(ConfigError) as caught:
        OpenAIEngine("m", base_url, key)
    assert key not in str(caught.value)


def test_password_in_the_base_url_stays_out_of_messages() -> None:
    """Of a base URL only host and port are told."""
    engine = OpenAIEngine("m", "http://user:hidden@127.0.0.1:9/v1", KEY)
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1:9") as caught:
        engine.ask(FREE)
    engine.close()
    assert "hidden" not in str(caught.value)


def test_default_identity_names_the_model() -> None:
    """The identity is the endpoint kind, the model and the first mode of the ladder."""
    engine = OpenAIEngine("m", "http://localhost:1/v1", KEY)
    assert Identity("openai", "m", "", "json_schema") == engine.identity
    engine.close()


# ---- what the endpoint tells about itself ---------------------------------------------------

LLAMA = {"id": "other.gguf", "meta": {"n_ctx": 4096, "n_ctx_train": 131072}}
VLLM = [{"id": "m", "max_model_len": 8192}, {"id": "n", "max_model_len": 2048}]


@pytest.mark.parametrize(
    ("context_tokens", "models"),
    [
        pytest.param(4096, answer_json({"data": [LLAMA]}), id="llama.cpp"),
        pytest.param(8192, answer_json({"data": VLLM}), id="vLLM"),
        pytest.param(PLAIN.context_tokens, answer_json({"data": [{"id": "m"}]}), id="OpenAI"),
        pytest.param(PLAIN.context_tokens, api_error(401), id="key refused"),
        pytest.param(PLAIN.context_tokens, api_error(404), id="no such list"),
        pytest.param(PLAIN.context_tokens, answer_bytes(b"<html>hi", content_type="text/html")),
        pytest.param(PLAIN.context_tokens, answer_bytes(b'{"data": [{"id'), id="half a JSON"),
        pytest.param(PLAIN.context_tokens, answer_bytes(b"[" * 100_000), id="too deep"),
        pytest.param(PLAIN.context_tokens, cut_short, id="cut short"),
        pytest.param(PLAIN.context_tokens, hang, id="silence"),
    ],
)
def test_context_is_what_the_endpoint_tells(context_tokens: int, models: Answer) -> None:
    """The list of models is asked once, at the first look; where it tells nothing, a default."""
    with LyingServer(completion("x"), models=models) as server:
        engine = OpenAIEngine("m", server.base_url, KEY, timeout_s=0.2)
        assert "x" == engine.ask(FREE).text
        assert [] == server.looks
        for _ in range(2):
            assert replace(PLAIN, context_tokens=context_tokens) == engine.abilities
        engine.close()
    assert ["/v1/models"] == server.looks


def test_context_of_a_server_that_is_down_is_the_default() -> None:
    """Nobody answers: a look at the abilities is no failure, the question will be."""
    with LyingServer(hang) as server:
        pass
    engine = OpenAIEngine("m", server.base_url, KEY)
    assert PLAIN == engine.abilities
    engine.close()


def test_abilities_that_were_told_are_not_asked_for() -> None:
    """An engine that knows its abilities, as the embedded one does, sends nothing for them."""
    with engine_of(completion("x")) as (engine, server):
        assert ABLE == engine.abilities
    assert [] == server.looks
