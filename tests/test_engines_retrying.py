"""RetryingEngine: what is asked again, how long it waits, what it tells."""

from __future__ import annotations

import pytest

from agent.engine import Attempt, Message, Reply, Request, Usage
from agent.engines.openai import OpenAIEngine
from agent.engines.retrying import RetryingEngine
from agent.engines.scripted import Answer, ScriptedEngine
from agent.errors import BadReply, CutOff, EngineError, Refused, TimedOut, Unavailable
from lying_server import LyingServer, api_error, completion, hang

REQUEST = Request((Message("user", "hi"),))
DOWN = Unavailable("host is down")
SLOW = TimedOut("host is silent")
HALF = CutOff("host: cut off", raw="half an ans")


def retrying(
    *answers: Answer, max_wait_s: float = 60.0
) -> tuple[RetryingEngine, ScriptedEngine, list[float]]:
    """Return an engine over a script, the script, and the list that its waits go to."""
    waits_s: list[float] = []
    script = ScriptedEngine(answers)
    return RetryingEngine(script, max_wait_s=max_wait_s, sleep=waits_s.append), script, waits_s


def test_answer_at_the_first_try_is_passed_on() -> None:
    """Without failure the reply is the inner engine's own, and nothing waits."""
    inner = Reply("x", "m", "text", Usage(calls=1, cost_usd=0.1), attempts=(Attempt("ok"),))
    engine, _, waits_s = retrying(inner)
    assert inner == engine.ask(REQUEST)
    assert [] == waits_s


def test_unavailable_is_tried_again_and_told() -> None:
    """The reply's attempts begin with the failed ones, and its usage counts them."""
    engine, script, waits_s = retrying(DOWN, DOWN, "x")
    reply = engine.ask(REQUEST)
    failed = Attempt("Unavailable: host is down", Usage(calls=1))
    assert (failed, failed, Attempt("ok", Usage(calls=1))) == reply.attempts
    assert ("x", 3) == (reply.text, reply.usage.calls)
    assert [REQUEST] * 3 == script.requests
    assert 2 == len(waits_s)


def test_tries_end_after_four() -> None:
    """The last error says how often it was tried, and holds all attempts."""
    engine, script, waits_s = retrying(DOWN, DOWN, DOWN, Unavailable("still down"))
    with pytest.raises(Unavailable, match=r"still down \(gave up after 4 attempts\)") as caught:
        engine.ask(REQUEST)
    assert 4 == len(script.requests) == len(caught.value.attempts)
    assert 3 == len(waits_s)


@pytest.mark.parametrize(
    ("tries", "answers"),
    [
        pytest.param(2, [SLOW, SLOW, "x"], id="twice in a row"),
        pytest.param(4, [DOWN, SLOW, DOWN, SLOW, "x"], id="between other errors"),
    ],
)
def test_timeout_is_tried_again_once_at_most(tries: int, answers: list[Answer]) -> None:
    """The second timeout of a request is its last try, though others would be left."""
    engine, script, _ = retrying(*answers)
    with pytest.raises(TimedOut, match=rf"silent \(gave up after {tries} attempts\)") as caught:
        engine.ask(REQUEST)
    assert tries == len(script.requests) == len(caught.value.attempts)


def test_answer_after_one_timeout_is_taken() -> None:
    """One timeout doesn't use up the tries that other errors have."""
    engine, script, _ = retrying(SLOW, DOWN, DOWN, "x")
    assert "x" == engine.ask(REQUEST).text
    assert 4 == len(script.requests)


def test_cut_off_answer_is_asked_for_once_more_at_once() -> None:
    """The whole answer is taken, nothing waits, and the paid half is among the attempts."""
    engine, script, waits_s = retrying(HALF, "x")
    reply = engine.ask(REQUEST)
    assert ("x", 2, [0.0]) == (reply.text, reply.usage.calls, waits_s)
    assert ["CutOff: host: cut off", "ok"] == [attempt.outcome for attempt in reply.attempts]
    assert 2 == len(script.requests)


def test_second_cut_off_answer_is_the_last_try() -> None:
    """It's raised as it came, words included, with both attempts; others between don't count."""
    engine, script, _ = retrying(HALF, DOWN, HALF, "x")
    with pytest.raises(CutOff, match="cut off") as caught:
        engine.ask(REQUEST)
    assert (3, 3, "half an ans") == (
        len(script.requests),
        len(caught.value.attempts),
        caught.value.raw,
    )


def test_cut_off_answer_is_paid_for_over_http() -> None:
    """Tokens of the half and of the whole are both in the usage."""
    half = completion("half an ans", finish_reason="length")
    with LyingServer(half, completion("x")) as server:
        inner = OpenAIEngine("m", server.base_url)
        reply = RetryingEngine(inner).ask(REQUEST)
        inner.close()
    assert ("x", 2, 22, 6) == (
        reply.text,
        len(server.requests),
        reply.usage.input_tokens,
        reply.usage.output_tokens,
    )


def test_silent_server_is_asked_twice() -> None:
    """Over HTTP too: a server that never answers costs two timeouts, not four."""
    with LyingServer(hang) as server:
        inner = OpenAIEngine("m", server.base_url, timeout_s=0.2)
        with pytest.raises(TimedOut, match="silent"):
            RetryingEngine(inner, sleep=lambda _: None).ask(REQUEST)
        inner.close()
    assert 2 == len(server.requests)


@pytest.mark.parametrize("error", [Refused("no"), BadReply("odd"), KeyError("bug")])
def test_nothing_else_is_tried_again(error: Exception) -> None:
    """Refused, bad replies and bugs end at once, as themselves."""
    engine, script, _ = retrying(error)
    with pytest.raises(type(error)) as caught:
        engine.ask(REQUEST)
    assert error is caught.value
    assert 1 == len(script.requests)


def test_refusal_after_failures_holds_their_attempts() -> None:
    """What was tried before a refusal isn't lost."""
    refused = Refused("no")
    refused.attempts = (Attempt("Refused: no"),)
    engine, _, _ = retrying(DOWN, refused)
    with pytest.raises(EngineError) as caught:
        engine.ask(REQUEST)
    assert ["Unavailable: host is down", "Refused: no"] == [
        attempt.outcome for attempt in caught.value.attempts
    ]


def test_waits_grow_and_stay_below_the_limit() -> None:
    """Waits are random in a window that doubles: 1, 2, 4 s, or max_wait_s."""
    engine, _, waits_s = retrying(DOWN, DOWN, DOWN, "x", max_wait_s=3.0)
    engine.ask(REQUEST)
    assert all(0.5 <= wait_s <= top for wait_s, top in zip(waits_s, (1, 2, 3), strict=True))


def test_wait_is_what_the_server_asks() -> None:
    """Retry-After up to the limit is kept to the second."""
    engine, _, waits_s = retrying(
        Unavailable("busy", retry_after_s=7.0), Unavailable("busy", retry_after_s=60.0), "x"
    )
    engine.ask(REQUEST)
    assert [7.0, 60.0] == waits_s


def test_wait_beyond_the_limit_gives_up() -> None:
    """A server that asks for an hour isn't waited for, and the message says so."""
    engine, script, waits_s = retrying(Unavailable("busy", retry_after_s=3600.0))
    with pytest.raises(Unavailable, match="asks to wait 3600 s, more than 60 s") as caught:
        engine.ask(REQUEST)
    assert 3600.0 == caught.value.retry_after_s
    assert (1, []) == (len(script.requests), waits_s)


def test_identity_and_abilities_are_the_inner_engines() -> None:
    """The wrapper looks like what it wraps."""
    engine, script, _ = retrying()
    assert (script.identity, script.abilities) == (engine.identity, engine.abilities)


def test_retrying_over_http_costs_one_call_a_try() -> None:
    """SDK, instructor and wrapper don't multiply: 429, 503 and an answer are three calls."""
    waits_s: list[float] = []
    busy = api_error(429, headers={"retry-after": "2"})
    with LyingServer(busy, api_error(503), completion("x")) as server:
        inner = OpenAIEngine("m", server.base_url)
        reply = RetryingEngine(inner, sleep=waits_s.append).ask(REQUEST)
        inner.close()
    assert 3 == len(server.requests) == len(reply.attempts) == reply.usage.calls
    assert 2.0 == waits_s[0]
