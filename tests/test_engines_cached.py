"""CachedEngine: asked once, taken from the store for ever; a replay asks nobody."""

from __future__ import annotations

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
from agent.engines.scripted import ABLE, SCRIPT, ScriptedEngine
from agent.errors import BadReply, EngineError, Refused, ReplayMiss, StoreError, Unavailable
from agent.store import Store

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
