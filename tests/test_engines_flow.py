"""Flow: how many requests go out at once, how many a minute, and for how much money."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from agent.engine import Attempt, Message, Reply, Request, Usage
from agent.engines.flow import START, Flow, FlowEngine, Limits, most_used
from agent.engines.openai import THINKING_TOKENS, OpenAIEngine
from agent.engines.retrying import RetryingEngine
from agent.engines.scripted import Answer, ScriptedEngine
from agent.errors import BadReply, EngineError, OverBudget, TimedOut, Unavailable
from agent.money import told_price
from agent.schema import DocumentDraft
from listing_server import ListingServer
from lying_server import LyingServer, api_error, completion

HI = Request((Message("user", "hi"),), max_tokens=100)
NOTHING = Usage()
DOWN = Unavailable("503")
DOLLAR = told_price("1000000,1000000")  # a dollar for each token


def send(flow: Flow, error: EngineError | None = None, usage: Usage = NOTHING) -> float:
    """Let one request through, and return the seconds that it waited."""
    started_s = time.monotonic()
    ticket = flow.enter(NOTHING)
    flow.leave(ticket, flow.priced([Attempt("x", usage)]), error)
    return ticket.sent_s - started_s


def many(limits: Limits, count: int, server: ListingServer) -> Flow:
    """Ask a server so often, by more threads than may be under way."""
    flow = Flow(limits)
    inner = OpenAIEngine("m", server.base_url)
    engine = FlowEngine(inner, flow)
    with ThreadPoolExecutor(limits.workers + 4) as pool:
        list(pool.map(engine.ask, [HI] * count))
    inner.close()
    return flow


# ---- how many at once -------------------------------------------------------------------------


def test_flow_never_lets_out_more_than_the_workers() -> None:
    """Twelve threads over a limit of eight: the server sees eight at most, and it sees eight."""
    with ListingServer(latency_s=0.03) as server:
        many(Limits(workers=8), 60, server)
    assert (60, 8) == (server.calls, server.inner.most_at_once)


def test_flow_grows_with_each_answer_at_first() -> None:
    """It begins with a few, and each answer lets one more out, up to the workers."""
    flow = Flow(Limits(workers=6))
    seen = [flow.allowed]
    for _ in range(4):
        send(flow)
        seen.append(flow.allowed)
    assert [START, 5, 6, 6, 6] == seen


def test_flow_shrinks_once_for_all_that_were_under_way() -> None:
    """Errors of one round shrink it by a quarter, however many there are."""
    flow = Flow(Limits(workers=4))
    for ticket in [flow.enter(NOTHING) for _ in range(4)]:
        flow.leave(ticket, [], DOWN)
    assert 3 == flow.allowed


def test_flow_shrinks_to_one_and_grows_again() -> None:
    """Round after round of errors leaves one request at a time; answers bring the others back."""
    flow = Flow(Limits(workers=4))
    for _ in range(6):
        flow._not_before_s = 0.0  # the pauses have a test of their own
        send(flow, DOWN)
    flow._not_before_s = 0.0
    assert 1 == flow.allowed
    for _ in range(8):
        send(flow)
    assert 4 == flow.allowed


@pytest.mark.parametrize("error", [BadReply("odd"), None])
def test_flow_takes_an_answer_for_an_answer(error: EngineError | None) -> None:
    """A reply that can't be used came from a server that works: it doesn't shrink."""
    flow = Flow(Limits(workers=9))
    send(flow, error)
    assert START + 1 == flow.allowed


# ---- when -------------------------------------------------------------------------------------


def test_flow_waits_as_long_as_the_server_asks() -> None:
    """After a Retry-After nobody asks before it's over."""
    flow = Flow(Limits(workers=4))
    send(flow, Unavailable("429", retry_after_s=0.3))
    assert 0.25 <= send(flow) <= 0.6


def test_flow_pauses_longer_while_nothing_comes_back() -> None:
    """One error is no outage; each further round without an answer doubles the pause."""
    flow = Flow(Limits(workers=4))
    pauses_s = []
    for _ in range(4):
        flow._not_before_s = 0.0
        send(flow, DOWN)
        pauses_s.append(round(flow.pause_s, 1))
    assert [0.0, 1.0, 2.0, 4.0] == pauses_s
    flow._not_before_s = 0.0
    send(flow)
    send(flow, DOWN)
    assert 0.0 == flow.pause_s


def test_flow_keeps_to_requests_a_minute() -> None:
    """At 1,200 a minute five requests take four times 50 ms, however many could go at once."""
    with ListingServer() as server:
        many(Limits(workers=8, rpm=1200), 5, server)
    sent_s = server.inner.sent_s
    assert 0.19 <= sent_s[-1] - sent_s[0] <= 0.5


def test_flow_keeps_to_tokens_a_minute() -> None:
    """Each answer's real tokens count: 500 tokens at 60,000 a minute make the next wait 0.5 s."""
    flow = Flow(Limits(tpm=60_000))
    send(flow, usage=Usage(calls=1, input_tokens=400, output_tokens=100))
    assert 0.45 <= send(flow) <= 0.8


def test_waiting_for_the_next_try_takes_nobodys_place() -> None:
    """While one request waits between two tries, another one passes through the one place."""
    waiting, passed = threading.Event(), threading.Event()

    def sleep(_: float) -> None:
        waiting.set()
        assert passed.wait(5)

    flow = Flow(Limits(workers=1))
    inner = FlowEngine(ScriptedEngine([DOWN, "second", "first"]), flow)
    patient = RetryingEngine(inner, sleep=sleep)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(patient.ask, HI)
        assert waiting.wait(5)
        assert "second" == inner.ask(HI).text
        passed.set()
        assert "first" == first.result(5).text


# ---- for how much -----------------------------------------------------------------------------


def engine_of(*answers: Answer, max_cost_usd: float | None = None) -> tuple[FlowEngine, Flow]:
    """Return an engine that costs a dollar for each token, and may use ten at most for a call."""
    flow = Flow(Limits(workers=4, max_cost_usd=max_cost_usd), DOLLAR)
    most = Usage(calls=1, input_tokens=5, output_tokens=5)
    return FlowEngine(ScriptedEngine(answers), flow, lambda _: most), flow


def paid(tokens: int) -> Reply:
    """Return an answer that cost so many tokens."""
    return Reply("x", "m", "text", Usage(calls=1, output_tokens=tokens))


def test_reply_tells_its_cost() -> None:
    """Usage and attempts come back with their price, and the flow adds them up."""
    engine, flow = engine_of(paid(3), paid(4))
    assert (3.0, 3.0) == (
        (reply := engine.ask(HI)).usage.cost_usd,
        reply.attempts[0].usage.cost_usd,
    )
    engine.ask(HI)
    assert (2, 7, 7.0) == (flow.spent.calls, flow.spent.output_tokens, flow.spent.cost_usd)


def test_failed_tries_cost_too() -> None:
    """What a server billed for an answer that can't be used is in the sum, and in the attempts."""
    bad = BadReply("cut off")
    bad.attempts = (Attempt("BadReply", Usage(calls=1, output_tokens=6)),)
    engine, flow = engine_of(bad)
    with pytest.raises(BadReply) as caught:
        engine.ask(HI)
    assert (6.0, 6.0) == (flow.spent.cost_usd, caught.value.attempts[0].usage.cost_usd)


def test_retries_are_in_the_cost_of_a_reply() -> None:
    """Through RetryingEngine a reply costs what all its tries cost."""
    engine, _ = engine_of(DOWN, paid(3))
    reply = RetryingEngine(engine, sleep=lambda _: None).ask(HI)
    assert (2, 3.0) == (reply.usage.calls, reply.usage.cost_usd)


def test_unknown_price_stays_unknown() -> None:
    """Without a price nothing is said of costs, neither 0 nor anything."""
    engine = FlowEngine(ScriptedEngine([paid(3)]), flow := Flow(Limits()))
    assert engine.ask(HI).usage.cost_usd is None
    assert flow.spent.cost_usd is None


def test_budget_is_never_passed() -> None:
    """What might pass the limit isn't sent, though others cost less than feared."""
    engine, flow = engine_of(*[paid(3)] * 10, max_cost_usd=16)
    for _ in range(3):
        engine.ask(HI)
    with pytest.raises(OverBudget, match=r"\$9\.0000 of \$16 .* raise --max-cost"):
        engine.ask(HI)
    assert 9.0 == flow.spent.cost_usd


def test_budget_puts_aside_what_is_under_way() -> None:
    """Two requests of ten dollars at most don't both go out for sixteen; the second one waits."""
    flow = Flow(Limits(workers=4, max_cost_usd=16), DOLLAR)
    ten = Usage(calls=1, output_tokens=10)
    ticket = flow.enter(ten)
    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(flow.enter, ten)
        time.sleep(0.1)
        assert not second.done()
        flow.leave(ticket, flow.priced([Attempt("ok", Usage(output_tokens=2))]))
        second.result(5)
    assert 2.0 == flow.spent.cost_usd


def test_budget_counts_what_a_timeout_may_have_cost() -> None:
    """Nobody knows what an answer cost that didn't come, so its money stays put aside."""
    engine, flow = engine_of(TimedOut("silent"), paid(1), max_cost_usd=16)
    with pytest.raises(TimedOut):
        engine.ask(HI)
    with pytest.raises(OverBudget):
        engine.ask(HI)
    assert 0.0 == flow.spent.cost_usd


def test_most_used_counts_answer_and_prompt() -> None:
    """A prompt has no more tokens than half its bytes, an answer no more than its limit."""
    asked = replace(HI, messages=(Message("user", "é" * 100),))
    assert (100, 100) == ((most := most_used(asked)).input_tokens, most.output_tokens)


def test_most_used_of_an_endpoint_counts_reask_and_thoughts() -> None:
    """With a schema a second call may follow; thoughts count until it's known there are none."""
    thinks = api_error(400, "use max_completion_tokens")
    good = completion('{"claims": []}')
    with LyingServer(thinks, good) as server:
        engine = OpenAIEngine("m", server.base_url)
        formed = replace(HI, schema=DocumentDraft)
        assert 100 == engine.most_used(HI).output_tokens
        assert (2, 200) == ((most := engine.most_used(formed)).calls, most.output_tokens)
        assert 100 + THINKING_TOKENS == engine.most_used(HI, sure=False).output_tokens
        engine.ask(formed)
        assert 100 + THINKING_TOKENS == engine.most_used(HI).output_tokens
        engine.close()
