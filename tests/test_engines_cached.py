"""CachedEngine: asked once, taken from the store for ever; a replay asks nobody."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from agent.engine import (
    Abilities,
    Attempt,
    Engine,
    Identity,
    Message,
    Reply,
    Request,
    Usage,
)
from agent.engines.cached import CachedEngine
from agent.engines.scripted import ABLE, SCRIPT, Answer, ScriptedEngine
from agent.errors import BadReply, EngineError, Refused, ReplayMiss, StoreError, Unavailable
from agent.store import Failure, Store

HI = Request((Message("user", "hi"),))
COST = Usage(calls=1, input_tokens=11, output_tokens=3, cost_usd=0.5, seconds=2.0)
DEAR = Reply("a", "m", "text", COST, attempts=(Attempt("ok", COST),))


class MovingEngine:
    """Learns with its first answer that the server takes another reply mode only."""

    abilities = ABLE

    def __init__(self) -> None:
        self.identity = Identity("openai", "m", mode="json_schema")
        self.asked = 0

    def ask(self, request: Request) -> Reply:
        """Return an answer in the mode of a server that knows tools only."""
        self.identity = replace(self.identity, mode="tools")
        self.asked += 1
        return Reply(f"answer {self.asked}", "m", "tools")


def test_cached_engine_asks_once() -> None:
    """The second answer is the first, without a call."""
    inner = ScriptedEngine(["a"])
    with Store() as store:
        engine = CachedEngine(inner, store)
        assert ["a", "a"] == [engine.ask(HI).text, engine.ask(HI).text]
    assert [HI] == inner.requests


def test_cached_engine_tells_what_a_hit_costs() -> None:
    """A hit costs nothing now; its tokens and its attempts are as recorded."""
    with Store() as store:
        engine = CachedEngine(ScriptedEngine([DEAR]), store)
        assert DEAR == engine.ask(HI)
        hit = engine.ask(HI)
    assert Usage(0, 11, 3, cost_usd=0.0, cache_hits=1, seconds=0.0) == hit.usage
    assert DEAR.attempts == hit.attempts


def test_cached_engine_tells_epochs_apart() -> None:
    """The same question in another epoch is another question."""
    with Store() as store:
        engine = CachedEngine(ScriptedEngine(["a", "b"]), store)
        answers = [engine.ask(replace(HI, epoch=n)).text for n in (0, 1, 0)]
    assert ["a", "b", "a"] == answers


@pytest.mark.parametrize("error", [Unavailable("503"), Refused("no"), BadReply("cut")])
def test_cached_engine_keeps_no_errors(error: EngineError) -> None:
    """An error is raised as it is and asked again the next time."""
    with Store() as store:
        engine = CachedEngine(ScriptedEngine([error, "a"]), store)
        with pytest.raises(type(error)):
            engine.ask(HI)
        assert ("a", 1) == (engine.ask(HI).text, len(engine.keys))


def test_cached_engine_forwards_identity_and_abilities() -> None:
    """It is who the engine inside is."""
    inner: Engine = ScriptedEngine([])
    with Store() as store:
        engine = CachedEngine(inner, store)
        assert (SCRIPT, ABLE) == (engine.identity, engine.abilities)


# ---- several threads --------------------------------------------------------------------------

MANY = 8


def slowly(answers: Callable[[Request], Answer]) -> ScriptedEngine:
    """Return an engine that answers so late that all the threads of a test are waiting."""

    def answer(request: Request) -> Answer:
        time.sleep(0.3)
        return answers(request)

    return ScriptedEngine(answer)


def ask_at_once(engine: Engine, request: Request = HI) -> list[Reply | EngineError]:
    """Return what many threads get that ask the same at the same time."""
    start = threading.Barrier(MANY)

    def ask() -> Reply | EngineError:
        start.wait()
        try:
            return engine.ask(request)
        except EngineError as error:
            return error

    with ThreadPoolExecutor(MANY) as pool:
        return [future.result() for future in [pool.submit(ask) for _ in range(MANY)]]


def test_requests_under_way_are_sent_once(store_place: str) -> None:
    """Many threads that ask the same get one answer, which is paid for once and counts as hits."""
    inner = slowly(lambda _: DEAR)
    with Store(store_place) as store:
        told = ask_at_once(CachedEngine(inner, store))
    replies = [reply for reply in told if isinstance(reply, Reply)]
    assert ([HI], ["a"] * MANY) == (inner.requests, [reply.text for reply in replies])
    assert [0] * (MANY - 1) + [1] == sorted(reply.usage.calls for reply in replies)
    assert MANY - 1 == sum(reply.usage.cache_hits for reply in replies)


def test_requests_that_differ_do_not_wait_for_each_other() -> None:
    """Other requests go out meanwhile."""
    inner = slowly(lambda request: str(request.epoch))
    with Store() as store, ThreadPoolExecutor(MANY) as pool:
        engine = CachedEngine(inner, store)
        started = time.monotonic()
        asked = [pool.submit(engine.ask, replace(HI, epoch=number)) for number in range(MANY)]
        assert [str(number) for number in range(MANY)] == [one.result().text for one in asked]
        assert time.monotonic() - started < MANY * 0.3 / 2


@pytest.mark.parametrize("error", [Unavailable("503", retry_after_s=2.0), BadReply("x", raw="y")])
def test_error_under_way_is_everybodys(error: EngineError) -> None:
    """Who waits gets the error too, without the attempts, and the next one asks again."""
    error.attempts = (Attempt("Unavailable: 503", COST),)
    answers: list[Answer] = [error, "a"]
    inner = slowly(lambda _: answers.pop(0))
    with Store() as store:
        engine = CachedEngine(inner, store)
        told = ask_at_once(engine)
        assert "a" == engine.ask(HI).text
    errors = [one for one in told if isinstance(one, EngineError)]
    assert {(type(error), str(error))} == {(type(one), str(one)) for one in errors}
    assert (MANY, 1) == (len(errors), sum(len(one.attempts) for one in errors))
    assert 2 == len(inner.requests)


def test_error_keeps_its_attempts_beside_a_scheduler() -> None:
    """With distributed loaded a copy of an error shares its __dict__: who paid still knows it."""
    pytest.importorskip("distributed")
    error = Unavailable("503")
    error.attempts = (Attempt("Unavailable: 503", COST),)
    with Store() as store:
        told = ask_at_once(CachedEngine(slowly(lambda _: error), store))
    attempts = [len(one.attempts) for one in told if isinstance(one, EngineError)]
    assert [*[0] * (MANY - 1), 1] == sorted(attempts)


def test_bug_under_way_leaves_nobody_waiting() -> None:
    """Whatever ends the one who asks is told to those who wait, too."""
    answers: list[Answer] = [KeyError("bug"), "a"]
    inner = slowly(lambda _: answers.pop(0))
    with Store() as store, ThreadPoolExecutor(2) as pool:
        engine = CachedEngine(inner, store)
        asked = [pool.submit(engine.ask, HI) for _ in range(2)]
        assert [KeyError, KeyError] == [type(one.exception(timeout=10)) for one in asked]
        assert "a" == engine.ask(HI).text


def test_engines_of_documents_share_what_is_under_way() -> None:
    """Documents that ask the same send it once; each knows its replies, and they're erased."""
    inner = slowly(lambda request: str(request.epoch))
    other = replace(HI, epoch=1)
    with Store() as store:
        engine = CachedEngine(inner, store)
        one, two = engine.for_document("one"), engine.for_document("two")
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda mine: mine.ask(HI), (one, two)))
        two.ask(other)
        assert (2, 1, 2) == (len(inner.requests), len(one.keys), len(two.keys))
        store.note_failure("w", Failure("two", "", "", 1, ""), reply_keys=two.keys)
        assert (2, 0) == (store.forget("two").replies, store.forget("one").replies)


# ---- replay -----------------------------------------------------------------------------------


def test_replay_needs_no_engine() -> None:
    """A recording answers for the engine that made it, as who it was and with what it said."""
    with Store() as made, Store() as store:
        CachedEngine(ScriptedEngine([DEAR]), made).ask(HI)
        store.load_recording(made.recording())
        engine = CachedEngine(None, store)
        assert (SCRIPT, ABLE) == (engine.identity, engine.abilities)
        assert "a" == engine.ask(HI).text


def test_replay_fails_closed() -> None:
    """What the recording doesn't hold is a ReplayMiss; the engine isn't asked though it's there."""
    inner = ScriptedEngine(["a", "b"])
    with Store() as store:
        CachedEngine(inner, store).ask(HI)
        engine = CachedEngine(inner, store, replay=True)
        with pytest.raises(ReplayMiss, match=r"no reply to request .* record anew"):
            engine.ask(replace(HI, epoch=1))
    assert 1 == len(inner.requests)


def test_replay_follows_a_reply_mode_that_changed() -> None:
    """Questions are keyed by the mode before they're asked; a replay finds them in any mode."""
    live = MovingEngine()
    questions = [replace(HI, epoch=n) for n in range(3)]
    with Store() as store:
        engine = CachedEngine(live, store)
        said = [engine.ask(question).text for question in questions]
        assert ["json_schema", "tools"] == [who.mode for who, _ in store.engines()]
        for again in (CachedEngine(None, store), CachedEngine(MovingEngine(), store, replay=True)):
            assert said == [again.ask(question).text for question in questions]


def test_replay_of_nothing_is_refused() -> None:
    """An empty recording can't answer for anybody."""
    with Store() as store, pytest.raises(StoreError, match="empty"):
        CachedEngine(None, store)


def test_replay_of_several_engines_is_refused() -> None:
    """A recording of two models doesn't tell which one to be."""
    other = Abilities(grammar=False, logprobs=False, context_tokens=1)
    with Store() as store:
        store.put("a", DEAR, SCRIPT, ABLE)
        store.put("b", DEAR, Identity("openai", "gpt"), other)
        with pytest.raises(StoreError, match="several engines"):
            CachedEngine(None, store)


def test_replay_names_damaged_replies() -> None:
    """A miss tells when the recording is damaged."""
    with Store() as made, Store() as store:
        CachedEngine(ScriptedEngine(["a"]), made).ask(HI)
        head, line = made.recording().splitlines()
        store.load_recording(f"{head}\n{line[:-9]}\n")
        store.put("other", DEAR, SCRIPT, ABLE)
        with pytest.raises(ReplayMiss, match="1 of its replies are damaged"):
            CachedEngine(None, store).ask(HI)
